// The HTTP client: QNetworkAccessManager with the project's limits.
#pragma once

#include "base/result.h"
#include "http/limits.h"

#include <QByteArray>
#include <QCoroTask>
#include <QHostAddress>
#include <QHttpHeaders>
#include <QList>
#include <QObject>
#include <QPointer>
#include <QUrl>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace McpAuth::Http {

class ExchangeLog;

/// Whether a host may be asked at this address of its.
using AddressRule = std::function<bool(const QString &host, const QHostAddress &address)>;

struct ClientOptions
{
    ClientLimits limits;
    bool allowHttp = false;     ///< plain http to anywhere; without it only to loopback. Error: insecure_url
    ExchangeLog *log = nullptr; ///< every exchange goes there, redacted; must outlive the client
    QString purpose = QStringLiteral("client");
    /// Asked, before a request is sent, of every address that its host has: false is the error private_address. Null:
    /// all may be asked. The name is looked up once more for the connection, so a resolver that changes its answer at
    /// once can still lead elsewhere.
    AddressRule isAllowedAddress = {};
    /// Null: lookUpHost().
    std::function<QCoro::Task<QList<QHostAddress>>(QString host)> lookUp = {};
};

/// What its reader says of a body that is arriving.
enum class BodyProgress {
    Incomplete,
    Whole, ///< though the peer has not ended it (server-sent events)
    /// From now on neither the time-out nor ClientLimits::bodyBytes bounds it; the response keeps that many of its
    /// first bytes. A peer that vanishes without a word is noticed when the system's TCP keep-alive does.
    Endless,
};

/// Gets the bytes that came since it was called last: none the first time, when the header has come. Not called for
/// redirects that are followed. May destroy the client.
using BodyReader = std::function<BodyProgress(int status, const QHttpHeaders &headers, const QByteArray &arrived)>;

struct ClientRequest
{
    QByteArray method = "GET"; ///< error: invalid_method
    /// Absolute, http or https. Sent as it is but for what RFC 3986 §6.2.2 calls equivalent: the case of
    /// percent-encoded octets, encoded letters, digits and "-._~", and dot segments. Errors: invalid_url, insecure_url
    QString url;
    QHttpHeaders headers;
    QByteArray body;
    std::stop_token stop;                                  ///< ends the request. Error: cancelled
    BodyReader readBody = {};                              ///< null: the body is whole when the peer ends it
    std::optional<std::chrono::milliseconds> timeout = {}; ///< in place of ClientLimits::timeout
    bool isUrgent = false; ///< does not wait for its turn (ClientLimits::concurrentRequests): others may wait for it
    /// How much of the time since the call does not count to the time-out, since it is not the peer that is waited for.
    /// Null: all of it counts.
    std::function<std::chrono::milliseconds()> uncountedTime = {};
};

struct ClientResponse
{
    int status = 0;
    QHttpHeaders headers;
    /// As long as Content-Length says. Without that field a reset can cut it unnoticed: of a chunked body
    /// QNetworkAccessManager does not always tell that its end is missing.
    QByteArray body;
    QString url; ///< the last one, after redirects
    std::chrono::milliseconds duration{};

    [[nodiscard]] QByteArray header(QByteArrayView name) const; ///< all values, joined by ", "
};

class Client : public QObject
{
    Q_OBJECT

public:
    explicit Client(ClientOptions options = {}, QObject *parent = nullptr);
    ~Client() override; // requests in flight end with the error cancelled

    /// Any status is a response; no response is an error: invalid_method, invalid_url, insecure_url, host_not_found,
    /// connection_refused, connection_closed, tls_error (details.problems: what is wrong with the certificate, in
    /// words), timeout, cancelled, redirect_refused and too_many_redirects (details.status, details.target),
    /// body_too_large, private_address, network_error. details.url names the URL, redacted. The task outlives the
    /// client.
    [[nodiscard]] QCoro::Task<Result<ClientResponse>> send(ClientRequest request);
    [[nodiscard]] QCoro::Task<Result<ClientResponse>> get(QString url, std::stop_token stop = {});

    /// As ClientOptions::lookUp has it; empty: not found. Errors: timeout, cancelled. The task outlives the client.
    [[nodiscard]] QCoro::Task<Result<QList<QHostAddress>>> lookUp(QString host, std::stop_token stop = {}) const;

    [[nodiscard]] const ClientOptions &options() const;

private:
    static QCoro::Task<Result<ClientResponse>> sendChecked(QPointer<Client> client, ClientRequest request, QUrl url);

    class Private;
    std::unique_ptr<Private> d;
};

/// Whether the URL's host is localhost or a name below it (RFC 6761 §6.3), in 127.0.0.0/8, or [::1].
[[nodiscard]] bool isLoopbackUrl(const QString &url);

} // namespace McpAuth::Http
