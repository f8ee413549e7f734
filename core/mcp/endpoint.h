// An MCP server over Streamable HTTP (revisions 2025-03-26, 2025-06-18, 2025-11-25), protected by a BearerAuth.
#pragma once

#include "bearer/bearerauth.h"
#include "http/router.h"
#include "mcp/jsonrpc.h"
#include "mcp/tool.h"

#include <QObject>

#include <chrono>
#include <memory>

namespace McpAuth::Mcp {

/// Newest first: what `initialize` may agree on.
[[nodiscard]] const QStringList &supportedProtocolVersions();

/// Sessions that one endpoint keeps, in all and of one caller (issuer and subject; without auth Http::peerGroup of the
/// peer); the one longest unused goes first.
inline constexpr int maxSessions = 10'000;
inline constexpr int maxSessionsPerCaller = 1'000;
inline constexpr std::chrono::seconds sessionIdleTimeout{3600};

struct EndpointOptions
{
    QString name = QStringLiteral("mcp-auth");
    QString title = {}; ///< for people to read; told since 2025-06-18
    QString version = {};
    QString instructions = {};
    Clock clock = systemClock();
    /// Of one tools/call; then the caller gets a result with isError, and Context::stop() is requested. 0: no end.
    std::chrono::milliseconds toolTimeout{60'000};
    /// Tools' handlers of one caller (as for sessions) that run at the same time, those included whose time is over;
    /// one more call: 429 with Retry-After.
    int callsAtOncePerCaller = 64;
};

/// One request that was answered: what `serve` prints and the Server page shows.
struct RequestEvent
{
    QDateTime time;
    QByteArray method; ///< empty, as the path is, when that much of a refused request was not read
    QString path;
    QString rpc;     ///< JSON-RPC method, or empty; those of a batch with commas between; cut to 128 characters
    QString tool;    ///< of tools/call, likewise
    QString subject; ///< of a token that is good but for its scopes at most; else empty
    QString clientId;
    int status = 0;
    QString error; ///< the bearer error's code, or a JSON-RPC error's message; empty when all went well
    QString
        reason; ///< of a refused token: what the failed checks say, never sent to the caller; else the error's words
    double durationMs = 0; ///< 0 of what was refused before it was handled
};

/// {"event":"request", "method", "path", "rpc", "tool", "subject", "status", "error", "durationMs"}; null where empty.
[[nodiscard]] QJsonObject toJson(const RequestEvent &event);

/// In this order: the token is judged (401, 403, 500 as Bearer::toResponse has them; GET and DELETE too, OPTIONS not),
/// then method (405), Content-Type (415), Accept (406), JSON-RPC (400), session (400 without, 404 unknown, ended,
/// unused for too long or another caller's), MCP-Protocol-Version (400), the called tools' scopes (403), the
/// caller's running calls (429), then the messages one by one. A batch is judged whole: when one of its calls lacks
/// scopes, none of its messages is acted on, and the challenge names the scopes of all of them. A session belongs to
/// issuer and subject: any token of theirs may use it.
class Endpoint : public QObject
{
    Q_OBJECT

public:
    /// `auth` may be null: then everybody may call everything.
    explicit Endpoint(EndpointOptions options, std::unique_ptr<Bearer::BearerAuth> auth = {},
                      QObject *parent = nullptr);
    ~Endpoint() override;

    /// Errors: invalid_tool (no name, a name used already, a schema that is not of type object or that is not
    /// supported, no handler).
    [[nodiscard]] Result<> addTool(Tool tool);
    [[nodiscard]] const QList<Tool> &tools() const;
    /// Replaces a tool's own scopes. False: no such tool.
    bool setToolScopes(const QString &tool, const QStringList &scopes);
    [[nodiscard]] const Bearer::BearerAuth *auth() const;

    /// Every method at `path`; web pages may read the answers when the server's Origin check lets them pass. Whoever
    /// has no acceptable token is answered before a large body is read, and the connection closes
    /// (Bearer::BearerAuth::refusalNow). Requests in flight are answered even when the endpoint is gone.
    void mount(Http::Router *router, const QByteArray &path);
    [[nodiscard]] QCoro::Task<Http::Response> handle(Http::Request request);
    /// What a token would get for a call of this tool ("" for any other request). Without auth: accepted.
    [[nodiscard]] QCoro::Task<Bearer::Verdict> judge(Secret token, QString tool = {}) const;

    [[nodiscard]] qsizetype sessionCount() const;

Q_SIGNALS:
    void requestAnswered(const McpAuth::Mcp::RequestEvent &event);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Mcp
