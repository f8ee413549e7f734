// An HTTP/1.1 server on Qt's sockets and llhttp's parser: strict, bounded, one thread (RFC 9112).
#pragma once

#include "base/result.h"
#include "http/limits.h"
#include "http/message.h"

#include <QCoroTask>
#include <QHostAddress>
#include <QObject>
#include <QSslConfiguration>

#include <functional>
#include <memory>
#include <optional>

namespace McpAuth::Http {

class ExchangeLog;
class Router;

/// Answers one request. Runs on the server's thread. Requests of one connection are handled one after the other, in
/// their order. A request whose peer has gone is still answered, into the void; the server keeps the handler alive for
/// as long as one of its coroutines is suspended, even past its own end. An exception becomes a 500.
using Handler = std::function<QCoro::Task<Response>(Request)>;

/// What is answered to a request of which only the header was read; nothing: it goes its way. Runs on the server's
/// thread and decides at once: it must not turn the event loop.
using Admission = std::function<std::optional<Response>(const Request &head)>;

struct ServerOptions
{
    QHostAddress address = QHostAddress::LocalHost;
    quint16 port = 0; ///< 0: any free one
    /// Other servers of this user's may listen at the same address and port if they say so, too, and the system spreads
    /// connections over them: one a thread. Nobody is told that a port is in use then.
    bool sharesPort = false;
    std::optional<QSslConfiguration> tls = {}; ///< https when set
    /// connections and connectionsPerAddress are lowered at listen(), with a warning in the log (mcpauth.http), to what
    /// the process may open: see raiseDescriptorLimit(). Without a descriptor left, 503 is answered all the same.
    ServerLimits limits = {};
    /// Host names (without port; IPv6 with or without brackets) that a request's Host may name, besides the address
    /// itself and, when that is a loopback address, localhost, 127.0.0.1 and [::1]. Anything else is answered with 421,
    /// against DNS rebinding. When `address` is not a loopback address and the list is empty, every host is taken.
    QStringList allowedHosts = {};
    /// Values that a request's Origin may have, besides origins on loopback; "*" allows all. Anything else: 403, but at
    /// a router's routes with Cors::Open.
    /// A request without Origin is not a browser's and is taken.
    QStringList allowedOrigins = {};
    /// Asked once for a request whose body is over ServerLimits::unaskedBodyBytes, of a length not told, or sent after
    /// 100 (Continue) only, when its header is complete, Host and Origin were found good, and a router has a handler
    /// for it: a body costs memory, and whoever is refused anyhow need not send it. What it returns is sent instead of
    /// 100 (RFC 9110 §10.1.1) and of the handler's answer, and the connection closes. `refused` does not hear of it. A
    /// router's own admissions are asked after this one.
    Admission admit = {};
    /// Hears of every request that the server answers by itself, just before the answer leaves: malformed, over a
    /// limit, too slow, of a foreign Host or Origin, on a connection too many, and of what Router::unrouted() answers
    /// to the header of a request that `admit` would be asked about. The request holds what was read of it: method and
    /// target are empty when that was too little. Runs on the server's thread, and may stop or delete the server.
    std::function<void(const Request &, const Response &)> refused = {};
    ExchangeLog *log = nullptr;                 ///< every exchange goes there, redacted
    QString purpose = QStringLiteral("server"); ///< of those exchanges
};

/// Idle plain connections cost nothing on Linux. With TLS, and elsewhere, the event loop looks at every connection at
/// every turn: thousands of idle ones slow the busy ones down, and belong behind a proxy.
class Server : public QObject
{
    Q_OBJECT

public:
    explicit Server(Handler handler, QObject *parent = nullptr);
    /// Answers by the router's routes, which may be added later too; those with Cors::Open are exempt from the Origin
    /// check: public documents such as resource metadata, which every web page may read (RFC 9728 §3.1). `around`, when
    /// given, is called in the router's place and calls it: for a log, say. It does not see what is answered before a
    /// large body: see ServerOptions::admit and refused. The router is held while one of its handlers' coroutines is
    /// suspended.
    explicit Server(std::shared_ptr<const Router> router, Handler around = {}, QObject *parent = nullptr);
    ~Server() override; // closes every connection at once

    /// Starts to listen; may be called again after stop(). Errors: already_listening, port_in_use, address_unavailable,
    /// permission_denied, listen_failed.
    [[nodiscard]] Result<> listen(const ServerOptions &options = {});
    /// Takes no more connections, lets requests in flight finish for ServerLimits::stopTimeout, closes the rest.
    /// Streams are closed at once.
    QCoro::Task<> stop();

    [[nodiscard]] bool isListening() const;
    [[nodiscard]] quint16 port() const;   ///< 0 when it does not listen
    [[nodiscard]] QString origin() const; ///< "http://127.0.0.1:8080"; empty when it does not listen
    [[nodiscard]] int connectionCount() const;
    /// Connections turned away since listen(), for whatever limit.
    [[nodiscard]] quint64 refusedConnections() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Http
