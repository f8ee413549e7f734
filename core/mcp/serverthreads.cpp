#include "mcp/serverthreads.h"

#include <QThread>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

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
        QMetaObject::invokeMethod(&m_anchor, [this] { stop(); }, Qt::BlockingQueuedConnection);
        m_thread.quit();
        m_thread.wait();
    }
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    Result<> listen(const QHostAddress &address, quint16 port, const ServerThreadFactory &make, ServerThreads *all)
    {
        Result<> listening;
        const auto start = [&] { listening = startOn(address, port, make, all); };
        QMetaObject::invokeMethod(&m_anchor, start, Qt::BlockingQueuedConnection);
        return listening;
    }

    /// Of the server while it listens, which changes nothing of the two.
    QString url;
    QString resource;
    QList<std::pair<QString, QJsonObject>> published;

private:
    Result<> startOn(const QHostAddress &address, quint16 port, const ServerThreadFactory &make, ServerThreads *all)
    {
        Result<ServerThread> made = make();
        if (!made)
            return std::unexpected(made.error());
        m_served = *std::move(made);
        m_served.options.http.address = address;
        m_served.options.http.port = port;
        m_served.options.http.sharesPort = true;
        QObject::connect(m_served.server.get(), &Server::requestAnswered, all, &ServerThreads::requestAnswered);
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
        m_served.client.reset();
    }

    QThread m_thread;
    QObject m_anchor;
    ServerThread m_served;
};

/// The port, once nobody else listens there: who shares one is not told.
Result<quint16> freePort(const QHostAddress &address, quint16 port)
{
    Http::Server probe([](const Http::Request &) -> QCoro::Task<Http::Response> { co_return {}; });
    if (auto listening = probe.listen({.address = address, .port = port}); !listening)
        return std::unexpected(listening.error());
    return probe.port();
}

} // namespace

struct ServerThreads::Private
{
    std::vector<std::unique_ptr<Worker>> workers;
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
    for (int i = 0; i < threads; ++i) {
        d->workers.push_back(std::make_unique<Worker>());
        if (auto listening = d->workers.back()->listen(address, *free, make, this); !listening) {
            stop();
            return listening;
        }
    }
    return {};
}

void ServerThreads::stop()
{
    d->workers.clear();
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
