// An MCP client over Streamable HTTP, of both eras: initialize and sessions (to 2025-11-25), stateless (2026-07-28).
#pragma once

#include "http/client.h"
#include "oauth/session.h"

#include <QJsonArray>

namespace McpAuth::Mcp {

/// Newest first: what the client speaks. From 2026-07-28 on a request carries all it needs in `_meta`.
[[nodiscard]] const QStringList &clientProtocolVersions();
[[nodiscard]] bool isStateless(const QString &revision);

/// Times that one request is sent again with another token, and pages of a list that are read.
inline constexpr int maxAuthorizationRetries = 3;
inline constexpr int maxListPages = 100;

struct ClientOptions
{
    QString url;
    QString revision = QStringLiteral("2025-11-25"); ///< the one to begin with: see connectToServer()
    QString name = QStringLiteral("mcp-auth");
    QString version = {};
    OAuth::Session *session = nullptr; ///< must outlive the client; null: no Authorization is sent
    std::stop_token stop = {};
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

/// Every 401 asks the session for another token and sends the request again; a 403 with insufficient_scope asks it to
/// step up. Errors: unauthorized and forbidden (no session, no such challenge, or refused maxAuthorizationRetries times
/// more; details.status, details.challenge), those of OAuth::Session, http_error (details.status), rpc_error
/// (details.code, details.message, details.data, details.status), invalid_rpc_response, protocol_version_refused
/// (details.supported), session_expired, those of Http::Client::send. How long a request may take and how large an
/// answer may be is the HTTP client's to say.
class Client : public QObject
{
    Q_OBJECT

public:
    Client(Http::Client *http, ClientOptions options, QObject *parent = nullptr);
    ~Client() override; // requests in flight end with the error cancelled

    /// initialize and notifications/initialized, or server/discover: the result, as the server gave it. A server that
    /// does not speak the revision is asked again in one that it lists, or in the newest of sessions when it knows of
    /// no stateless one (2026-07-28 Streamable HTTP, Backward Compatibility). Every other request connects first when
    /// that has not been done, and again, once, when the server has forgotten the session.
    [[nodiscard]] QCoro::Task<Result<QJsonObject>> connectToServer();
    [[nodiscard]] bool isConnected() const;
    /// As agreed with the server.
    [[nodiscard]] QString revision() const;

    /// Every page. In stateless revisions without the tools whose x-mcp-header annotations are wrong.
    [[nodiscard]] QCoro::Task<Result<QList<ToolDescription>>> listTools();
    [[nodiscard]] QCoro::Task<Result<CallResult>> callTool(QString name, QJsonObject arguments);
    /// Any request: its result. JSON answers and server-sent events are both read; of what the server asks meanwhile,
    /// only ping is answered with a result.
    [[nodiscard]] QCoro::Task<Result<QJsonObject>> request(QString method, QJsonObject params = {});
    /// DELETE of the session, where there is one.
    QCoro::Task<> close();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Mcp
