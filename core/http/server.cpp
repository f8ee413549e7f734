#include "http/server.h"

#include "http/address.h"
#include "http/connection_p.h"
#include "http/descriptors.h"
#include "http/poller_p.h"
#include "http/router.h"
#include "http/sharedsocket_p.h"
#include "http/sparedescriptor_p.h"
#include "http/stream.h"

#include <QCoroFuture>
#include <QLoggingCategory>
#include <QPointer>
#include <QPromise>
#include <QTcpServer>
#include <QTimer>

#include <algorithm>
#include <unordered_set>
#include <vector>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

namespace {

constexpr int acceptBacklog = 4096;
constexpr auto acceptPause = 100ms; // when no connection can be accepted
constexpr qsizetype scratchBytes = 64 * 1024;

Q_LOGGING_CATEGORY(httpLog, "mcpauth.http")

class Listener final : public QTcpServer
{
public:
    /// `turnAway` takes and ends one connection of the listening socket when the process has no descriptor left; false:
    /// it cannot, and the listener pauses.
    Listener(std::function<void(qintptr)> accept, std::function<bool(int)> turnAway)
        : m_accept(std::move(accept))
        , m_turnAway(std::move(turnAway))
    {
        setListenBacklogSize(acceptBacklog);
        connect(this, &QTcpServer::acceptError, this, [this](QAbstractSocket::SocketError error) { heed(error); });
    }

private:
    void incomingConnection(qintptr descriptor) override { m_accept(descriptor); }
    void heed(QAbstractSocket::SocketError error)
    {
        const QPointer<Listener> self(this);
        const auto turnAway = m_turnAway; // a copy: whoever hears of it may end the server
        const bool noneLeft = error == QAbstractSocket::SocketResourceError;
        const bool goesOn = noneLeft && turnAway(int(socketDescriptor()));
        if (self)
            QTimer::singleShot(goesOn ? 0ms : acceptPause, this, [this] { acceptAgain(); });
    }
    void acceptAgain()
    {
        if (isListening()) // resumeAccepting() of a closed QTcpServer crashes
            resumeAccepting();
    }

    std::function<void(qintptr)> m_accept;
    std::function<bool(int)> m_turnAway;
};

struct ListenError
{
    QAbstractSocket::SocketError socketError;
    QString code;
    QString message; // %1 is the address, %2 the port
};

Error listenError(QAbstractSocket::SocketError error, const ServerOptions &options, const QString &reason)
{
    static const std::array table{
        ListenError{
            QAbstractSocket::AddressInUseError, u"port_in_use"_s,
            u"Port %2 on %1 is in use by another program: stop that one, or choose another port (0 takes any free one)."_s},
        ListenError{QAbstractSocket::SocketAddressNotAvailableError, u"address_unavailable"_s,
                    u"This machine has no address %1: choose 127.0.0.1, or an address of one of its interfaces."_s},
        ListenError{QAbstractSocket::SocketAccessError, u"permission_denied"_s,
                    u"Port %2 on %1 needs privileges that this program lacks: choose a port from 1024 on."_s},
    };
    const auto found = std::ranges::find(table, error, &ListenError::socketError);
    const bool known = found != table.end();
    QString message = known ? found->message : u"Cannot listen on %1, port %2: "_s + reason;
    message.replace("%1"_L1, options.address.toString()).replace("%2"_L1, QString::number(options.port));
    return {.code = known ? found->code : u"listen_failed"_s,
            .message = message,
            .details = {{u"address"_s, options.address.toString()}, {u"port"_s, int(options.port)}}};
}

/// No more connections than the process has descriptors for.
ServerLimits withinDescriptors(ServerLimits limits, const QString &origin)
{
    const int room = std::max(1, freeDescriptors() - descriptorsKeptBack - turnedAwayAtOnce);
    if (limits.connections <= room)
        return limits;
    limits.connections = room;
    limits.connectionsPerAddress = std::min(limits.connectionsPerAddress, std::max(1, room / 4));
    qCWarning(
        httpLog,
        "%s takes %d connections at most, %d of one address: this process may open no more files (RLIMIT_NOFILE).",
        qUtf8Printable(origin), limits.connections, limits.connectionsPerAddress);
    return limits;
}

Refusal noRoom()
{
    return {503, u"The server has no room for another connection."_s};
}

QString originOf(const ServerOptions &options, quint16 port)
{
    QHostAddress address = options.address;
    if (address == QHostAddress::Any || address == QHostAddress::AnyIPv4)
        address = QHostAddress::LocalHost;
    if (address == QHostAddress::AnyIPv6)
        address = QHostAddress::LocalHostIPv6;
    return u"%1://%2:%3"_s.arg(options.tls ? "https"_L1 : "http"_L1, hostText(address), QString::number(port));
}

/// A quarter of the shortest timeout, so that none is missed by more than that.
std::chrono::milliseconds sweepInterval(const ServerLimits &limits)
{
    const auto shortest = std::min({limits.headerTimeout, limits.idleTimeout, limits.bodyTimeout});
    return std::clamp<std::chrono::milliseconds>(shortest / 4, 10ms, 500ms);
}

/// Coroutines of its routes hold the handler, and so the router.
Handler handlerOf(const std::shared_ptr<const Router> &router, Handler around)
{
    if (around)
        return around;
    return [router](Request request) { return router->handle(std::move(request)); };
}

Admission admissionOf(const std::shared_ptr<const Router> &router, const Admission &first)
{
    if (!router)
        return first;
    return [router, first](const Request &head) {
        std::optional<Response> refusal = first ? first(head) : std::nullopt;
        return refusal ? refusal : router->refusal(head);
    };
}

QCoro::Task<> finished(QFuture<void> future)
{
    co_await future;
}

} // namespace

class Server::Private
{
public:
    Private(Server *server, Handler handler, std::shared_ptr<const Router> router = {});
    ~Private();

    Result<> listen(const ServerOptions &options);
    QFuture<void> stop();

    Server *q;
    Listener listener;
    ConnectionContext context;
    quint64 refused = 0;
    std::unordered_set<Connection *> connections;

private:
    void accept(qintptr descriptor);
    void forget(Connection *connection);
    void sweep();
    void abortAll();
    void announceStopped();
    bool turnOneAway(int listeningSocket);
    [[nodiscard]] bool isFull(const QHostAddress &peer) const;

    std::shared_ptr<Poller> m_poller;
    SpareDescriptor m_spare;
    std::shared_ptr<const Router> m_router; // null without one
    std::unordered_set<Connection *> m_turnedAway;
    QHash<QHostAddress, int> m_perAddress; // by peerGroup()
    QTimer m_sweep;
    QTimer m_stopTimer;
    std::vector<QPromise<void>> m_stopWaiters;
};

Server::Private::Private(Server *server, Handler handler, std::shared_ptr<const Router> router)
    : q(server)
    , listener([this](qintptr descriptor) { accept(descriptor); }, [this](int socket) { return turnOneAway(socket); })
    , m_router(std::move(router))
{
    context.handler = std::make_shared<const Handler>(std::move(handler));
    context.gone = [this](Connection *connection) { forget(connection); };
    context.scratch.resize(scratchBytes);
    m_stopTimer.setSingleShot(true);
    QObject::connect(&m_sweep, &QTimer::timeout, &listener, [this] { sweep(); });
    QObject::connect(&m_stopTimer, &QTimer::timeout, &listener, [this] { abortAll(); });
}

Server::Private::~Private()
{
    listener.close();
    abortAll();
    announceStopped();
}

Result<> Server::Private::listen(const ServerOptions &options)
{
    if (listener.isListening() || context.stopping)
        return fail(u"already_listening"_s,
                    context.stopping ? u"The server is still stopping: wait for stop() first."_s
                                     : u"The server listens already at %1: stop it first."_s.arg(context.origin));
    if (!m_poller)
        m_poller = Poller::create();
    m_spare.reserve();
    if (!m_poller)
        return fail(u"listen_failed"_s, u"The system gives this program no descriptor to wait for connections with."_s);
    if (options.sharesPort) {
        const auto socket = listenShared(options.address, options.port, acceptBacklog);
        if (!socket)
            return std::unexpected(listenError(socket.error().error, options, socket.error().reason));
        if (!listener.setSocketDescriptor(*socket))
            return std::unexpected(listenError(listener.serverError(), options, listener.errorString()));
    } else if (!listener.listen(options.address, options.port)) {
        return std::unexpected(listenError(listener.serverError(), options, listener.errorString()));
    }
    context.options = options;
    context.policy = AccessPolicy(options, m_router);
    context.admit = std::make_shared<const Admission>(admissionOf(m_router, options.admit));
    context.origin = originOf(options, listener.serverPort());
    context.options.limits = withinDescriptors(options.limits, context.origin);
    refused = 0;
    m_sweep.setInterval(sweepInterval(options.limits));
    return {};
}

QFuture<void> Server::Private::stop()
{
    QPromise<void> promise;
    promise.start();
    const QFuture<void> future = promise.future();
    m_stopWaiters.push_back(std::move(promise));
    listener.close();
    if (!context.stopping) {
        context.stopping = true;
        m_stopTimer.start(context.options.limits.stopTimeout);
        std::vector<QPointer<Connection>> all(connections.begin(), connections.end());
        all.insert(all.end(), m_turnedAway.begin(), m_turnedAway.end());
        for (const QPointer<Connection> &connection : all) {
            if (connection)
                connection->stop();
        }
    }
    if (connections.empty() && m_turnedAway.empty())
        announceStopped();
    return future;
}

void Server::Private::announceStopped()
{
    context.stopping = false;
    m_stopTimer.stop();
    m_sweep.stop();
    for (QPromise<void> &promise : std::exchange(m_stopWaiters, {}))
        promise.finish();
}

bool Server::Private::isFull(const QHostAddress &peer) const
{
    const ServerLimits &limits = context.options.limits;
    return connections.size() >= size_t(limits.connections) ||
           m_perAddress.value(peerGroup(peer)) >= limits.connectionsPerAddress;
}

void Server::Private::accept(qintptr descriptor)
{
    std::unique_ptr<Transport> transport = makeTransport(descriptor, context.options.tls, m_poller);
    const QHostAddress peer = transport->peer();
    const bool full = isFull(peer);
    if (full) {
        ++refused;
        if (m_turnedAway.size() >= size_t(turnedAwayAtOnce))
            return;
    }
    auto *connection = new Connection(context, std::move(transport), q);
    (full ? m_turnedAway : connections).insert(connection);
    if (!m_sweep.isActive())
        m_sweep.start();
    if (full) {
        // Whoever hears of it may end the server, and with it the listener that is still in the middle of accepting.
        QMetaObject::invokeMethod(connection, [connection] { connection->turnAway(noRoom()); }, Qt::QueuedConnection);
        return;
    }
    ++m_perAddress[peerGroup(peer)];
    connection->start();
}

bool Server::Private::turnOneAway(int listeningSocket)
{
    const Response response = responseTo(noRoom());
    QByteArray bytes;
    if (!context.options.tls) // under TLS, words would need a handshake
        appendResponse(bytes, response, {.head = false, .http10 = false, .keepsAlive = false}, context.date.value());
    const TurnedAway outcome = m_spare.turnAway(listeningSocket, bytes);
    if (outcome != TurnedAway::One)
        return outcome == TurnedAway::Nobody;
    ++refused;
    if (const auto hears = context.options.refused) // a copy, as in Connection
        hears({}, response);
    return true;
}

void Server::Private::forget(Connection *connection)
{
    if (connections.erase(connection) > 0) {
        const auto count = m_perAddress.find(peerGroup(connection->peer()));
        if (count != m_perAddress.end() && --*count == 0)
            m_perAddress.erase(count);
    }
    m_turnedAway.erase(connection);
    connection->deleteLater();
    if (!connections.empty() || !m_turnedAway.empty())
        return;
    m_sweep.stop();
    if (context.stopping)
        announceStopped();
}

void Server::Private::sweep()
{
    const Moment at = now();
    std::vector<QPointer<Connection>> due;
    for (const auto *set : {&connections, &m_turnedAway})
        std::ranges::copy_if(*set, std::back_inserter(due), [at](const Connection *c) { return c->isDue(at); });
    for (const QPointer<Connection> &connection : due) {
        if (connection)
            connection->checkDeadlines(at);
    }
}

void Server::Private::abortAll()
{
    while (!connections.empty())
        (*connections.begin())->abort();
    while (!m_turnedAway.empty())
        (*m_turnedAway.begin())->abort();
}

Server::Server(Handler handler, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(handler)))
{
}

Server::Server(std::shared_ptr<const Router> router, Handler around, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, handlerOf(router, std::move(around)), router))
{
}

Server::~Server() = default;

Result<> Server::listen(const ServerOptions &options)
{
    return d->listen(options);
}

QCoro::Task<> Server::stop()
{
    return finished(d->stop());
}

bool Server::isListening() const
{
    return d->listener.isListening();
}

quint16 Server::port() const
{
    return d->listener.serverPort();
}

QString Server::origin() const
{
    return isListening() ? d->context.origin : QString();
}

int Server::connectionCount() const
{
    return int(d->connections.size());
}

quint64 Server::refusedConnections() const
{
    return d->refused;
}

} // namespace McpAuth::Http
