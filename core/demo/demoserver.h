// The embedded MCP server as `serve` and the Server page run it: everything put together.
#pragma once

#include "bearer/mcpauth.h"
#include "http/server.h"
#include "mcp/endpoint.h"

namespace McpAuth::Demo {

struct DemoServerOptions
{
    QHostAddress host = QHostAddress::LocalHost;
    quint16 port = 0;
    QString path = QStringLiteral("/mcp");
    QString resource = {}; ///< empty: the endpoint's own URL; else Host may name its host too, as behind a proxy
    QList<Bearer::AuthServer> authServers = {};
    QStringList audience = {}; ///< empty: the resource
    QStringList requiredScopes = {};
    QHash<QString, QStringList> impliedScopes = {}; ///< see Bearer::BearerAuthOptions
    QHash<QString, QStringList> toolScopes = {};    ///< replaces those of the named tools
    bool authorizationServerMode = false;           ///< the deprecated mode; takes exactly one of authServers
    bool requireAuth = true;
    bool showErrorDetails = false;
    Http::ExchangeLog *log = nullptr;
    Http::ServerLimits limits = {};
};

class DemoServer : public QObject
{
    Q_OBJECT

public:
    explicit DemoServer(Http::Client *client, QObject *parent = nullptr);
    ~DemoServer() override;

    /// Errors: those of Http::Server::listen and of Bearer::McpAuth, invalid_server_config (auth without an issuer,
    /// scopes for a tool that does not exist, a path without its leading slash).
    [[nodiscard]] Result<> start(const DemoServerOptions &options);
    QCoro::Task<> stop();
    [[nodiscard]] bool isRunning() const;

    [[nodiscard]] QString url() const; ///< "http://127.0.0.1:49152/mcp"
    [[nodiscard]] QString resource() const;
    /// URL and document of everything it publishes.
    [[nodiscard]] QList<std::pair<QString, QJsonObject>> publishedMetadata() const;
    [[nodiscard]] Mcp::Endpoint *endpoint() const; ///< null when it does not run
    /// What it would answer to this token for a call of this tool ("" for any other request).
    [[nodiscard]] QCoro::Task<Bearer::Verdict> judge(Secret token, QString tool = {}) const;

Q_SIGNALS:
    /// Every request: also for metadata, preflights, and unknown paths, with nothing but method, path, status,
    /// duration, the error's code and its sentence; and what Http::Server refuses by itself, with method and path where
    /// they were read, and without a duration.
    void requestAnswered(const McpAuth::Mcp::RequestEvent &event);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Demo
