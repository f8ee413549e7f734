// An MCP client over Streamable HTTP or stdio, of both eras: initialize and sessions (to 2025-11-25), stateless
// (2026-07-28).
#pragma once

#include "http/client.h"
#include "mcp/clientfeatures.h"
#include "oauth/session.h"

#include <QJsonArray>

#include <array>
#include <chrono>

namespace McpAuth::Mcp {

/// Newest first: what the client speaks. From 2026-07-28 on a request carries all it needs in `_meta`.
[[nodiscard]] const QStringList &clientProtocolVersions();
[[nodiscard]] bool isStateless(const QString &revision);

/// Times that one request is sent again with another token.
inline constexpr int maxAuthorizationRetries = 3;
/// What is read of a list: pages, bytes of all answers, and the time after which no further page is asked for.
inline constexpr int maxListPages = 100;
inline constexpr qint64 maxListBytes = 16 * 1024 * 1024;
inline constexpr std::chrono::milliseconds maxListTime{120'000};
/// Times in a row that follow() opens its stream again, or begins another session, without a message or half a minute
/// of quiet on it.
inline constexpr int maxReconnections = 5;
/// How long close() waits for the server.
inline constexpr std::chrono::milliseconds closeTimeout{5'000};

/// Whether a field is the transport's or the protocol's own to set, and not among ClientOptions::headers: Host,
/// framing, what concerns one connection (RFC 9110 §7.6.1), Accept, Content-Type, Last-Event-ID, all of Mcp-.
[[nodiscard]] bool isReservedField(QByteArrayView name);

struct ClientOptions
{
    QString url = {};
    /// In place of a URL: a program and its arguments, which is started and spoken to over its standard input and
    /// output when it is needed, and ended by close(). `http` may be null then; of it only the time-out counts.
    /// Authorization and header fields have no place there (2025-11-25 authorization, Protocol Requirements). Its
    /// environment is this process's without the variables MCP_AUTH_*.
    QStringList command = {};
    QString revision = QStringLiteral("2025-11-25"); ///< the one to begin with: see connectToServer()
    bool keepsRevision = false;                      ///< no other will do: error protocol_version_refused
    QString name = QStringLiteral("mcp-auth");
    QString version = {};
    OAuth::Session *session = nullptr; ///< must outlive the client; null: no Authorization is sent
    QHttpHeaders headers = {};         ///< more fields of every request; those that are reserved are left out
    ClientFeatures features = {};
    std::chrono::milliseconds listTime = maxListTime;
    std::stop_token stop = {};
};

struct RequestOptions
{
    /// Of one exchange: the time that questions of the server's are open does not count, up to maxUncountedTime.
    /// Nothing: the HTTP client's.
    std::optional<std::chrono::milliseconds> timeout = {};
    /// Error: cancelled. A server in a session is told (notifications/cancelled), also after the error timeout.
    std::stop_token stop = {};
};

/// Whether a server refused a request since it knows no such method (-32601): many that have resources have no
/// templates.
[[nodiscard]] bool isUnknownMethod(const Error &error);

enum class ListKind { Resources, ResourceTemplates, Prompts };

/// How the protocol names one of them.
struct ListName
{
    ListKind kind;
    QLatin1StringView capability; ///< of a server that has it
    QLatin1StringView method;
    QLatin1StringView member; ///< of the result: the entries
};

inline constexpr std::array listNames{
    ListName{ListKind::Resources, QLatin1StringView("resources"), QLatin1StringView("resources/list"),
             QLatin1StringView("resources")},
    ListName{ListKind::ResourceTemplates, QLatin1StringView("resources"), QLatin1StringView("resources/templates/list"),
             QLatin1StringView("resourceTemplates")},
    ListName{ListKind::Prompts, QLatin1StringView("prompts"), QLatin1StringView("prompts/list"),
             QLatin1StringView("prompts")},
};

struct ToolDescription
{
    QString name;
    QString title;
    QString description;
    QJsonObject inputSchema;
    QJsonObject raw;
};

struct CallResult
{
    QJsonArray content;
    std::optional<QJsonObject> structuredContent;
    bool isError = false;
    QJsonObject raw;
};

/// A 401 asks the session for another token and sends the request again; a 403 with insufficient_scope asks it to step
/// up. A token that was issued for this very request, and is refused with a 401, ends it: error fresh_token_refused.
/// Errors: that, unauthorized and forbidden (no session, no such challenge, or refused maxAuthorizationRetries times
/// more), all three with the details of OAuth::toJson(Refusal); those of OAuth::Session, http_error (details.status),
/// rpc_error (details.code, details.message, details.data, details.status), invalid_rpc_response,
/// protocol_version_refused (details.supported), session_expired, those of Http::Client::send; of a program
/// program_failed (it could not be started), program_ended (details.exitCode or details.signal), body_too_large,
/// timeout. How long a request may take and how large an answer may be is the HTTP client's to say.
class Client : public QObject
{
    Q_OBJECT

public:
    Client(Http::Client *http, ClientOptions options, QObject *parent = nullptr);
    ~Client() override; // requests in flight end with the error cancelled, also while they wait for a token

    /// initialize and notifications/initialized, or server/discover: the result, as the server gave it. A server that
    /// does not speak the revision is asked again in one that it lists, or in the newest of sessions when it knows of
    /// no stateless one (2026-07-28 Streamable HTTP, Backward Compatibility). Every other request connects first when
    /// that has not been done, and again, once, when the server has forgotten the session.
    [[nodiscard]] QCoro::Task<Result<QJsonObject>> connectToServer();
    [[nodiscard]] bool isConnected() const;
    /// As agreed with the server.
    [[nodiscard]] QString revision() const;

    /// Every page, up to maxListPages; what comes after those is left out. In stateless revisions without the tools
    /// whose x-mcp-header annotations are wrong. Errors also: list_too_large (details.entries, details.bytes), timeout.
    [[nodiscard]] QCoro::Task<Result<QList<ToolDescription>>> listTools();
    /// As the server describes them. Errors as listTools().
    [[nodiscard]] QCoro::Task<Result<QJsonArray>> list(ListKind kind);
    [[nodiscard]] QCoro::Task<Result<CallResult>> callTool(QString name, QJsonObject arguments,
                                                           RequestOptions options = {});
    /// Any request: its result. JSON answers and server-sent events are both read. What the server asks meanwhile is
    /// answered as ClientOptions::features says. Errors also: not_declared (the server asks for what no feature gives),
    /// too_many_rounds (maxInputRounds), those of the features.
    [[nodiscard]] QCoro::Task<Result<QJsonObject>> request(QString method, QJsonObject params = {},
                                                           RequestOptions options = {});
    /// Follows what the server tells and asks outside of requests, for ClientOptions::features: changed lists, and
    /// updates of `resources`. Takes a stream up again that breaks off, and begins another session when the server has
    /// forgotten the present one, both within maxReconnections. Ends when the server ends it, or with an error:
    /// cancelled, http_error 405 (the server offers no stream), connection_closed (broken off too often),
    /// session_expired (forgotten too often), those of request(). A session's subscriptions to `resources` end with it.
    [[nodiscard]] QCoro::Task<Result<>> follow(QStringList resources = {}, std::stop_token stop = {});
    /// Ends what is under way with the error cancelled, then the session at the server, where there is one: a DELETE
    /// with the present token as it is. Never a reason to renew it. A program's input is closed; where it does not end
    /// then, it is sent SIGTERM, and at last killed.
    QCoro::Task<> close();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Mcp
