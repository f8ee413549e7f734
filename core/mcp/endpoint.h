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

/// Sessions that one endpoint keeps; the one longest unused goes first.
inline constexpr int maxSessions = 10'000;
inline constexpr std::chrono::seconds sessionIdleTimeout{3600};

struct EndpointOptions
{
    QString name = QStringLiteral("mcp-auth");
    QString version;
    QString instructions = {};
    Clock clock = systemClock();
};

/// One request that was answered: what `serve` prints and the Server page shows.
struct RequestEvent
{
    QDateTime time;
    QByteArray method;
    QString path;
    QString rpc;          ///< JSON-RPC method, or empty
    QString tool;         ///< of tools/call
    QString subject;
    QString clientId;
    int status = 0;
    QString error;        ///< the bearer error's code, or a JSON-RPC error's message; empty when all went well
    QString reason;       ///< the verdict in words
    double durationMs = 0;
};

/// {"event":"request", "method", "path", "rpc", "tool", "subject", "status", "error", "durationMs"}; null where empty.
[[nodiscard]] QJsonObject toJson(const RequestEvent &event);

class Endpoint : public QObject
{
    Q_OBJECT

public:
    /// `auth` may be null: then everybody may call everything.
    explicit Endpoint(EndpointOptions options, std::unique_ptr<Bearer::BearerAuth> auth = {}, QObject *parent = nullptr);
    ~Endpoint() override;

    /// Errors: invalid_tool (no name, a name used already, a schema that is not of type object, no handler).
    [[nodiscard]] Result<> addTool(Tool tool);
    [[nodiscard]] const QList<Tool> &tools() const;
    /// Replaces a tool's own scopes. False: no such tool.
    bool setToolScopes(const QString &tool, const QStringList &scopes);
    [[nodiscard]] const Bearer::BearerAuth *auth() const;

    /// POST, GET, DELETE and OPTIONS at `path`. The endpoint and the router must outlive the server.
    void mount(Http::Router *router, const QByteArray &path);
    [[nodiscard]] QCoro::Task<Http::Response> handle(Http::Request request);

    [[nodiscard]] qsizetype sessionCount() const;

Q_SIGNALS:
    void requestAnswered(const McpAuth::Mcp::RequestEvent &event);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Mcp
