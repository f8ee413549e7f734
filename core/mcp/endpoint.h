// An MCP server over Streamable HTTP (revisions 2024-11-05 to 2026-07-28), protected by a BearerAuth.
#pragma once

#include "bearer/bearerauth.h"
#include "http/router.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/tool.h"

#include <QObject>

#include <chrono>
#include <memory>

namespace McpAuth::Mcp {

/// Newest first; 2026-07-28 is stateless, all others begin with `initialize`.
[[nodiscard]] const QStringList &supportedProtocolVersions();

/// Sessions that one endpoint keeps, in all and of one caller (issuer and subject; without auth Http::peerGroup of the
/// peer); the one longest unused goes first.
inline constexpr int maxSessions = 10'000;
inline constexpr int maxSessionsPerCaller = 1'000;
inline constexpr std::chrono::seconds sessionIdleTimeout{3600};

/// Legacy: sessions that `initialize` opens, 2024-11-05 to 2025-11-25. Modern: stateless, 2026-07-28.
enum class Eras { Both, Legacy, Modern };

/// Of what the server offers (list_changed).
enum class Change { Tools, Prompts, Resources };

/// Of the embedder's own, beyond the protocol's: `params` in, the result out.
struct Method
{
    QString name;
    QStringList requiredScopes = {};
    Handler<QJsonObject, QJsonObject> handler = {};
};

struct EndpointOptions
{
    QString name = QStringLiteral("mcp-auth");
    QString title = {}; ///< for people to read; told since 2025-06-18
    QString version = {};
    QString instructions = {};
    Eras eras = Eras::Both;
    Clock clock = systemClock();
    /// Of what clients keep for the server: requestState of 2026-07-28, and sessions. Instances with one name and one
    /// key take each other's, for a day; what a session set (log level, subscriptions) and its streams stay behind.
    /// At least 32 random bytes. Empty: one is made, and nobody else has it.
    Secret sealKey = {};
    /// How long clients may keep what they read of lists and resources (ttlMs, 2026-07-28).
    std::chrono::milliseconds cacheTime{0};
    /// Of one handler; then the caller gets a result with isError, or an error where it was no tool's, and
    /// Context::stop() is requested. 0: no end.
    std::chrono::milliseconds toolTimeout{60'000};
    /// What a handler may wait for the client's answers besides, in all: as a rule a person gives them (in sessions; in
    /// 2026-07-28 a call ends with its questions).
    std::chrono::milliseconds inputTime{900'000};
    /// Handlers of one caller (as for sessions) that run at the same time, those included whose time is over;
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
/// then method (405), Content-Type (415), Accept (406), JSON-RPC (400). A request whose `_meta` or header names a
/// stateless revision is one: 400 and 404 as 2026-07-28 has them (Server Validation). Any other belongs to a session
/// (400 without, 404 unknown, ended, unused for too long or another caller's) and its MCP-Protocol-Version (400). Then
/// the scopes of what is called, read or got (403), the caller's running calls (429), then the messages one by one. A
/// batch is judged whole: when one of its messages lacks scopes, none of them is acted on, and the challenge names the
/// scopes of all of them. A session belongs to issuer and subject: any token of theirs may use it.
///
/// An answer is JSON, or a stream of events once a handler has said something before it.
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
    /// Errors: invalid_resource, invalid_prompt, invalid_method (no name, or one of the protocol's; a name used
    /// already; no handler).
    [[nodiscard]] Result<> addResource(Resource resource);
    [[nodiscard]] Result<> addResourceTemplate(ResourceTemplate resourceTemplate);
    [[nodiscard]] Result<> addPrompt(Prompt prompt);
    [[nodiscard]] Result<> addMethod(Method method);
    /// Tells clients that listen. Of what is added here they are told anyway.
    void announce(Change change);
    /// Tells clients that have subscribed to it.
    void resourceUpdated(const QString &uri);
    /// Ends the streams of those who listen, with the words that their revision has for it: before a graceful stop.
    void endStreams();
    /// Replaces a tool's own scopes. False: no such tool.
    bool setToolScopes(const QString &tool, const QStringList &scopes);
    [[nodiscard]] const Bearer::BearerAuth *auth() const;

    /// Every method at `path`; web pages may read the answers when the server's Origin check lets them pass. Whoever
    /// has no acceptable token is answered before a large body is read, and the connection closes
    /// (Bearer::BearerAuth::refusalNow). Requests in flight are answered even when the endpoint is gone.
    void mount(Http::Router *router, const QByteArray &path);
    /// The older transport, HTTP with SSE (2024-11-05; deprecated): GET at `path`, POST at `path`/messages, which is
    /// answered with 202, and the answers go to the stream. Behind the same authorization; a session is that of its
    /// stream, ends with it, and is taken over by nobody. A graceful stop of the server ends streams, and with them
    /// what was still to be answered. Both transports may be mounted; nothing is where `eras` is Modern.
    void mountHttpSse(Http::Router *router, const QByteArray &path);
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
