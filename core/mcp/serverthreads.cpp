#include "mcp/serverthreads.h"

#include "http/descriptors.h"

#include <QThread>
#include <QTimer>

#include <mutex>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// Events are told in bundles: waking this thread for each takes as long as a third of a request.
constexpr std::chrono::milliseconds eventDelay{10};

/// Where all listen, and among how many what they may use is divided.
struct Share
{
    QHostAddress address;
    quint16 port = 0;
    int threads = 1;
    int connections = 0; ///< that the process has descriptors for, in all
};

using TellEvent = std::function<void(const RequestEvent &)>;

/// One thread's share.
Http::ServerLimits shareOf(Http::ServerLimits limits, const Share &share)
{
    limits.connections = std::max(1, std::min(limits.connections, share.connections) / share.threads);
    limits.connectionsPerAddress = std::max(1, limits.connectionsPerAddress / share.threads);
    limits.bufferedBytes /= share.threads;
    limits.bufferedBytesPerAddress /= share.threads;
    return limits;
}

/// One thread, and the object on it that starts and ends what it serves.
class Worker
{
public:
    Worker()
    {
        m_anchor.moveToThread(&m_thread);
        m_thread.start();
    }
    ~Worker()
    {
        beginStop();
        m_thread.wait();
    }
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    Result<> listen(const Share &share, const ServerThreadFactory &make, const TellEvent &tell)
    {
        Result<> listening;
        const auto start = [&] { listening = startOn(share, make, tell); };
        QMetaObject::invokeMethod(&m_anchor, start, Qt::BlockingQueuedConnection);
        return listening;
    }

    /// Ends the thread, too.
    void beginStop()
    {
        if (!std::exchange(m_isStopping, true))
            QMetaObject::invokeMethod(&m_anchor, [this] { stop(); }, Qt::QueuedConnection);
    }

    /// Of the server while it listens, which changes nothing of the two.
    QString url;
    QString resource;
    QList<std::pair<QString, QJsonObject>> published;

private:
    Result<> startOn(const Share &share, const ServerThreadFactory &make, const TellEvent &tell)
    {
        Result<ServerThread> made = make();
        if (!made)
            return std::unexpected(made.error());
        m_served = *std::move(made);
        Http::ServerOptions &http = m_served.options.http;
        http.address = share.address;
        http.port = share.port;
        http.sharesPort = true;
        http.limits = shareOf(http.limits, share);
        QObject::connect(m_served.server.get(), &Server::requestAnswered, m_served.server.get(), tell);
        if (auto listening = m_served.server->listen(m_served.options); !listening)
            return listening;
        url = m_served.server->url();
        resource = m_served.server->resource();
        published = m_served.server->publishedMetadata();
        return {};
    }
    void stop()
    {
        if (m_served.server)
            QCoro::waitFor(m_served.server->stop());
        m_served.server.reset();
        m_served.options = {}; // keys that are fetched end on their thread
        m_served.client.reset();
        m_thread.quit();
    }

    bool m_isStopping = false;
    QThread m_thread;
    QObject m_anchor;
    ServerThread m_served;
};

/// The port, once nobody else listens there: who shares one is not told.
Result<quint16> freePort(const QHostAddress &address, quint16 port)
{
    Http::Server probe(std::make_shared<const Http::Router>());
    if (auto listening = probe.listen({.address = address, .port = port}); !listening)
        return std::unexpected(listening.error());
    return probe.port();
}

} // namespace

struct ServerThreads::Private
{
    std::vector<std::unique_ptr<Worker>> workers;
    std::mutex mutex; // guards:
    QList<RequestEvent> events;
};

ServerThreads::ServerThreads(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
}

ServerThreads::~ServerThreads()
{
    stop();
}

Result<> ServerThreads::listen(const QHostAddress &address, quint16 port, int threads, const ServerThreadFactory &make)
{
    if (threads < 1 || threads > maxServerThreads)
        return fail(u"invalid_threads"_s, u"There may be 1 to %1 threads."_s.arg(maxServerThreads));
    const Result<quint16> free = freePort(address, port);
    if (!free)
        return std::unexpected(free.error());
    const Share share{.address = address,
                      .port = *free,
                      .threads = threads,
                      .connections =
                          Http::freeDescriptors() - threads * (Http::descriptorsKeptBack + Http::turnedAwayAtOnce)};
    const auto tell = [this](const RequestEvent &event) {
        const std::lock_guard lock(d->mutex);
        if (d->events.isEmpty()) // else it will come to this one, too
            QMetaObject::invokeMethod(
                this, [this] { QTimer::singleShot(eventDelay, this, &ServerThreads::hear); }, Qt::QueuedConnection);
        if (d->events.size() < maxWaitingEvents)
            d->events.append(event);
    };
    for (int i = 0; i < threads; ++i) {
        d->workers.push_back(std::make_unique<Worker>());
        if (auto listening = d->workers.back()->listen(share, make, tell); !listening) {
            stop();
            return listening;
        }
    }
    return {};
}

void ServerThreads::hear()
{
    QList<RequestEvent> events;
    {
        const std::lock_guard lock(d->mutex);
        events.swap(d->events);
    }
    for (const RequestEvent &event : std::as_const(events))
        Q_EMIT requestAnswered(event);
}

void ServerThreads::stop()
{
    for (const auto &worker : d->workers) // all at once: each may take its time
        worker->beginStop();
    d->workers.clear();
    hear(); // what they have told last
}

QString ServerThreads::url() const
{
    return d->workers.empty() ? QString() : d->workers.front()->url;
}

QString ServerThreads::resource() const
{
    return d->workers.empty() ? QString() : d->workers.front()->resource;
}

QList<std::pair<QString, QJsonObject>> ServerThreads::publishedMetadata() const
{
    return d->workers.empty() ? QList<std::pair<QString, QJsonObject>>() : d->workers.front()->published;
}

} // namespace McpAuth::Mcp
