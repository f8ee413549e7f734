#include "http/clienttransfer_p.h"
#include "http/product_p.h"
#include "http/redaction_p.h"
#include "http/url.h"

#include <QHttp1Configuration>
#include <QIODevice>
#include <QJsonArray>
#include <QNetworkAccessManager>
#include <QNetworkRequest>
#include <QSslCertificate>
#include <QSslError>

#include <algorithm>
#include <array>
#include <memory>

namespace McpAuth::Http {

namespace {

struct Failure
{
    QNetworkReply::NetworkError cause;
    QLatin1StringView code;
    QLatin1StringView sentence; // %1 is the authority
};

constexpr std::array failures{
    Failure{QNetworkReply::ConnectionRefusedError, QLatin1StringView("connection_refused"),
            QLatin1StringView("Nothing accepts connections at %1.")},
    Failure{QNetworkReply::RemoteHostClosedError, QLatin1StringView("connection_closed"),
            QLatin1StringView("%1 closed the connection before its answer was complete.")},
    Failure{QNetworkReply::ContentReSendError, QLatin1StringView("connection_closed"),
            QLatin1StringView("%1 closed the connection before its answer was complete.")},
    Failure{QNetworkReply::HostNotFoundError, QLatin1StringView("host_not_found"),
            QLatin1StringView("There is no host of the name in %1.")},
    Failure{QNetworkReply::TimeoutError, QLatin1StringView("timeout"), QLatin1StringView("%1 did not answer in time.")},
    Failure{QNetworkReply::SslHandshakeFailedError, QLatin1StringView("tls_error"),
            QLatin1StringView("No secure connection to %1 could be made.")},
};

/// QNetworkAccessManager reports statuses from 400 on as errors; to us every status is an answer.
bool isMereStatus(QNetworkReply::NetworkError error, int status)
{
    if (status == 0)
        return false;
    const int code = error;
    // A redirect of a OneTimeBody is one, though QNetworkAccessManager cannot follow it.
    if (error == QNetworkReply::ContentReSendError)
        return status == 307 || status == 308;
    return error == QNetworkReply::NoError || (code >= 201 && code <= 299) ||
           error == QNetworkReply::ProtocolInvalidOperationError || (code >= 401 && code <= 499) ||
           (error == QNetworkReply::ProxyAuthenticationRequiredError && status == 407);
}

/// A body that can be read only once, so that QNetworkAccessManager does not send a request again when the connection
/// closes: the peer may have acted on it (RFC 9110 §9.2.2).
class OneTimeBody : public QIODevice
{
public:
    explicit OneTimeBody(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    }
    [[nodiscard]] bool isSequential() const override { return true; }
    [[nodiscard]] bool atEnd() const override { return m_read == m_bytes.size(); }
    [[nodiscard]] qint64 bytesAvailable() const override { return m_bytes.size() - m_read; }
    bool reset() override { return false; }

protected:
    qint64 readData(char *data, qint64 maxSize) override
    {
        if (atEnd())
            return -1;
        const QByteArrayView part = QByteArrayView(m_bytes).sliced(m_read, qMin(maxSize, m_bytes.size() - m_read));
        std::ranges::copy(part, data);
        m_read += part.size();
        return part.size();
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    QByteArray m_bytes;
    qint64 m_read = 0;
};

bool isIdempotent(const QByteArray &method)
{
    static const QByteArrayList methods{"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"}; // RFC 9110 §9.2.2
    return methods.contains(method);
}

QString inWords(const QSslError &error, const QString &host)
{
    switch (error.error()) {
    case QSslError::SelfSignedCertificate:
    case QSslError::SelfSignedCertificateInChain:
        return QStringLiteral("it is self-signed and no authority that this computer trusts stands behind it");
    case QSslError::CertificateExpired:
        return QStringLiteral("it expired on %1").arg(error.certificate().expiryDate().toString(Qt::ISODate));
    case QSslError::CertificateNotYetValid:
        return QStringLiteral("it is valid only from %1")
            .arg(error.certificate().effectiveDate().toString(Qt::ISODate));
    case QSslError::HostNameMismatch:
        return QStringLiteral("it is for %1, a host name mismatch with %2")
            .arg(error.certificate().subjectDisplayName(), host);
    default:
        return error.errorString();
    }
}

QNetworkRequest networkRequest(const QUrl &url, const ClientRequest &from, int connectionsPerHost)
{
    QNetworkRequest request(url);
    QHttpHeaders headers = from.headers;
    headers.replaceOrAppend(QHttpHeaders::WellKnownHeader::AcceptEncoding, "identity");
    if (!headers.contains(QHttpHeaders::WellKnownHeader::UserAgent))
        headers.append(QHttpHeaders::WellKnownHeader::UserAgent, userAgent);
    if (!headers.contains(QHttpHeaders::WellKnownHeader::Accept))
        headers.append(QHttpHeaders::WellKnownHeader::Accept, "*/*");
    request.setHeaders(headers);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    QHttp1Configuration connections; // by default six, which as many open streams would take up
    connections.setNumberOfConnectionsPerHost(connectionsPerHost);
    request.setHttp1Configuration(connections);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    return request;
}

QNetworkReply *issue(QNetworkAccessManager &manager, QNetworkRequest request, const ClientRequest &from)
{
    // The answer to HEAD has no body, which QNetworkAccessManager knows only of its own method.
    if (from.method == "HEAD")
        return manager.head(request);
    if (isIdempotent(from.method) && from.body.isEmpty())
        return manager.sendCustomRequest(request, from.method);
    if (isIdempotent(from.method))
        return manager.sendCustomRequest(request, from.method, from.body);
    request.setAttribute(QNetworkRequest::DoNotBufferUploadDataAttribute, true);
    request.setHeader(QNetworkRequest::ContentLengthHeader, from.body.size());
    auto body = std::make_unique<OneTimeBody>(from.body);
    QNetworkReply *reply = manager.sendCustomRequest(request, from.method, body.get());
    body.release()->setParent(reply);
    return reply;
}

bool isRedirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

} // namespace

Result<QUrl> requestUrl(const QString &url, bool allowHttp)
{
    const QJsonObject details{{QStringLiteral("url"), redactedUrl(url)}};
    auto parts = splitUrl(url);
    if (!parts)
        return McpAuth::fail(parts.error());
    QUrl parsed = QUrl::fromEncoded(url.toUtf8(), QUrl::StrictMode);
    if (!parsed.isValid())
        return McpAuth::fail(QStringLiteral("invalid_url"), QStringLiteral("This is not a URL as RFC 3986 has them."),
                             details);
    if (parts->scheme == u"http" && !allowHttp && !isLoopbackUrl(url))
        return McpAuth::fail(
            QStringLiteral("insecure_url"),
            QStringLiteral("Plain http goes to this computer only: use https, or allow http explicitly."), details);
    return parsed;
}

ClientTransfer::ClientTransfer(QNetworkAccessManager &manager, const ClientOptions &options, ClientRequest request,
                               QUrl url)
    : m_manager(manager)
    , m_options(options)
    , m_request(std::move(request))
    , m_first(std::move(url))
    , m_url(m_request.url)
    , m_deadline(m_request.timeout.value_or(m_options.limits.timeout), m_request.uncountedTime, [this] { failLate(); })
{
    m_promise.start();
    m_time.start();
    // May run on any thread, or at once: the event is dropped when this object is gone.
    m_stop.emplace(m_request.stop,
                   [this] { QMetaObject::invokeMethod(this, &ClientTransfer::cancel, Qt::QueuedConnection); });
}

ClientTransfer::~ClientTransfer()
{
    m_stop.reset();
    cancel();
}

void ClientTransfer::start()
{
    hop(m_first);
}

void ClientTransfer::cancel()
{
    fail(QStringLiteral("cancelled"), QStringLiteral("The request was cancelled."));
}

void ClientTransfer::hop(const QUrl &url)
{
    m_body.clear();
    m_received = 0;
    m_isHeaderKnown = false;
    m_hopStarted = QDateTime::currentDateTimeUtc();
    m_hopTime.start();
    m_reply = issue(m_manager, networkRequest(url, m_request, 2 * m_options.limits.concurrentRequests), m_request);
    m_reply->setParent(this);
    // Bounds what the network thread reads ahead of us.
    m_reply->setReadBufferSize(m_options.limits.bodyBytes + 1);
    connect(m_reply, &QNetworkReply::sslErrors, this,
            [this](const QList<QSslError> &errors) { m_certificateErrors = errors; });
    // Queued, since the reader may destroy this and with it the reply, which must not happen while it emits.
    connect(m_reply, &QNetworkReply::metaDataChanged, this, &ClientTransfer::readHeaders, Qt::QueuedConnection);
    connect(m_reply, &QNetworkReply::readyRead, this, &ClientTransfer::read, Qt::QueuedConnection);
    connect(m_reply, &QNetworkReply::finished, this, &ClientTransfer::replied, Qt::QueuedConnection);
}

int ClientTransfer::status() const
{
    return m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

bool ClientTransfer::isRedirected() const
{
    return isRedirect(status()) && !m_reply->headers().value(QHttpHeaders::WellKnownHeader::Location).isEmpty();
}

void ClientTransfer::read()
{
    if (m_ended)
        return;
    const bool isFirst = !std::exchange(m_isHeaderKnown, true);
    if (isFirst && !handOver({}))
        return;
    const QByteArray arrived = m_reply->readAll();
    keep(arrived);
    if (!m_isEndless && m_received > m_options.limits.bodyBytes)
        failTooLarge();
    else if (!arrived.isEmpty())
        (void)handOver(arrived);
}

void ClientTransfer::keep(const QByteArray &arrived)
{
    m_received += arrived.size();
    m_body.append(arrived.first(std::min(arrived.size(), m_options.limits.bodyBytes - m_body.size())));
}

bool ClientTransfer::handOver(const QByteArray &arrived)
{
    if (!m_request.readBody || status() == 0 || isRedirected())
        return true;
    const QPointer self(this);
    const BodyReader reader = m_request.readBody;
    const BodyProgress progress = reader(status(), m_reply->headers(), arrived);
    if (!self || m_ended)
        return false;
    if (progress == BodyProgress::Whole)
        answer();
    if (progress == BodyProgress::Endless) {
        m_isEndless = true;
        m_deadline.stop();
    }
    return !m_ended;
}

void ClientTransfer::readHeaders()
{
    if (m_ended)
        return;
    const auto length = m_reply->headers().value(QHttpHeaders::WellKnownHeader::ContentLength).toLongLong();
    if (m_request.method != "HEAD" && length > m_options.limits.bodyBytes)
        failTooLarge();
    else
        read();
}

void ClientTransfer::replied()
{
    const QPointer self(this);
    read();
    if (!self || m_ended)
        return;
    const auto error = isCutShort() ? QNetworkReply::RemoteHostClosedError : m_reply->error();
    if (!isMereStatus(error, status()))
        failBroken(error);
    else if (isRedirected())
        redirect();
    else
        answer();
}

void ClientTransfer::answer()
{
    log({});
    end(ClientResponse{status(), m_reply->headers(), m_body, m_url, std::chrono::milliseconds(m_time.elapsed())});
}

/// QNetworkAccessManager takes some bodies that a reset has cut for whole ones (RFC 9112 §8).
bool ClientTransfer::isCutShort() const
{
    using Header = QHttpHeaders::WellKnownHeader;
    const QHttpHeaders headers = m_reply->headers();
    const bool hasLength =
        m_request.method != "HEAD" && status() != 204 && status() != 304 && !headers.contains(Header::TransferEncoding);
    return hasLength && m_received < headers.value(Header::ContentLength).toLongLong();
}

void ClientTransfer::redirect()
{
    const QByteArray location = m_reply->headers().value(QHttpHeaders::WellKnownHeader::Location).toByteArray();
    const QUrl target = QUrl::fromEncoded(m_url.toUtf8()).resolved(QUrl::fromEncoded(location));
    const QString url = QString::fromLatin1(target.toEncoded(QUrl::FullyEncoded | QUrl::RemoveFragment));
    const QJsonObject details{{QStringLiteral("status"), status()}, {QStringLiteral("target"), redactedUrl(url)}};
    const auto from = splitUrl(m_url);
    const auto to = splitUrl(url);
    const bool isSafe = m_request.method == "GET" || m_request.method == "HEAD";
    if (!isSafe || !from || !to || !haveSameOrigin(*from, *to)) {
        fail(QStringLiteral("redirect_refused"),
             QStringLiteral("The answer is a redirect to %1, and only GET within one origin follows redirects.")
                 .arg(redactedUrl(url)),
             details);
        return;
    }
    if (++m_redirects > m_options.limits.redirects) {
        fail(QStringLiteral("too_many_redirects"),
             QStringLiteral("There are more than %1 redirects.").arg(m_options.limits.redirects), details);
        return;
    }
    log({});
    m_reply->deleteLater();
    m_url = url;
    hop(target);
}

void ClientTransfer::failLate()
{
    fail(QStringLiteral("timeout"),
         QStringLiteral("There was no complete answer within %1 ms.").arg(m_deadline.timeout().count()));
}

void ClientTransfer::failTooLarge()
{
    fail(QStringLiteral("body_too_large"),
         QStringLiteral("The answer's body is larger than %1 bytes.").arg(m_options.limits.bodyBytes));
}

void ClientTransfer::failBroken(QNetworkReply::NetworkError error)
{
    const QString authority = m_reply->url().authority();
    if (!m_certificateErrors.isEmpty()) {
        QStringList problems;
        for (const QSslError &problem : std::as_const(m_certificateErrors))
            problems.append(inWords(problem, m_reply->url().host()));
        fail(QStringLiteral("tls_error"),
             QStringLiteral("The certificate of %1 is not trusted: %2.").arg(authority, problems.join(u"; ")),
             {{QStringLiteral("problems"), QJsonArray::fromStringList(problems)}});
        return;
    }
    const auto known = std::ranges::find(failures, error, &Failure::cause);
    const QJsonObject details{{QStringLiteral("reason"), m_reply->errorString()}};
    if (known == failures.end())
        fail(QStringLiteral("network_error"), QStringLiteral("The request to %1 failed.").arg(authority), details);
    else
        fail(known->code, QString(known->sentence).arg(authority), details);
}

void ClientTransfer::log(const QString &error)
{
    if (!m_options.log)
        return;
    Exchange exchange;
    exchange.purpose = m_options.purpose;
    exchange.started = m_hopStarted;
    exchange.durationMs = static_cast<double>(m_hopTime.nsecsElapsed()) / 1e6;
    exchange.method = m_request.method;
    exchange.url = m_url;
    exchange.requestHeaders = m_reply->request().headers();
    exchange.requestBody = m_request.body;
    exchange.requestBodySize = m_request.body.size();
    exchange.status = status();
    exchange.responseHeaders = m_reply->headers();
    exchange.responseBody = m_body;
    exchange.responseBodySize = m_received;
    exchange.error = error;
    m_options.log->record(std::move(exchange));
}

void ClientTransfer::fail(const QString &code, const QString &message, QJsonObject details)
{
    if (m_ended)
        return;
    if (m_reply)
        log(message);
    details.insert(QStringLiteral("url"), redactedUrl(m_url));
    end(McpAuth::fail(code, message, std::move(details)));
}

void ClientTransfer::end(Result<ClientResponse> result)
{
    m_ended = true;
    m_deadline.stop();
    if (m_reply) {
        m_reply->disconnect(this);
        m_reply->abort();
    }
    m_promise.addResult(std::move(result));
    m_promise.finish();
    Q_EMIT ended();
}

} // namespace McpAuth::Http
