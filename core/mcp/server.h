// A whole MCP server over HTTP: endpoint, authorization, metadata and HTTP put together, right by default.
#pragma once

#include "bearer/mcpauth.h"
#include "http/server.h"
#include "mcp/endpoint.h"

namespace McpAuth::Mcp {

/// What is spoken at a server's path. HttpSse: the older one, see Endpoint::mountHttpSse.
enum class Transport { StreamableHttp, HttpSse };

struct ServerOptions
{
    /// The providers whose tokens are taken; at least one, unless requireAuth is false.
    QList<Bearer::AuthServer> authServers = {};
    QString path = QStringLiteral("/mcp"); ///< of the endpoint, as URLs have it
    Transport transport = Transport::StreamableHttp;
    /// RFC 8707: the name that tokens are issued for. Empty: the endpoint's own URL, which the port is part of. Behind
    /// a proxy: the URL that clients use; a request's Host may name its host then.
    QString resource = {};
    /// `resource` is filled in; `audience`, where it is left out, too: {resource}.
    Bearer::BearerAuthOptions bearer = {};
    QHash<QString, QStringList> toolScopes = {}; ///< in place of those that the named tools came with
    bool requireAuth = true;                     ///< false: everybody may call everything
    bool authorizationServerMode = false;        ///< deprecated, see McpAuth::forServer; exactly one of authServers
    /// Loopback and any free port where nothing else is said. `refused` and `purpose` are filled in. Every web page may
    /// read the metadata (RFC 9728 §3.1).
    Http::ServerOptions http = {};
};

/// Its metadata names the resource, the providers, the endpoint's title (else its name), and as scopes_supported what
/// every request and the tools of that time need.
class Server : public QObject
{
    Q_OBJECT

public:
    /// `client` fetches the providers' metadata and keys and must outlive the server; null: one of the server's own.
    explicit Server(EndpointOptions options = {}, Http::Client *client = nullptr, QObject *parent = nullptr);
    ~Server() override; // ends a graceful stop, too

    /// At any time. Errors: invalid_tool and so on, see Endpoint.
    [[nodiscard]] Result<> addTool(Tool tool);
    [[nodiscard]] Result<> addResource(Resource resource);
    [[nodiscard]] Result<> addResourceTemplate(ResourceTemplate resourceTemplate);
    [[nodiscard]] Result<> addPrompt(Prompt prompt);
    [[nodiscard]] Result<> addMethod(Method method);
    /// Tells clients that listen. Of what is added here they are told anyway.
    void announce(Change change);
    /// Tells clients that have subscribed to it.
    void resourceUpdated(const QString &uri);
    /// Replaces a tool's own scopes, at any time. False: no such tool.
    bool setToolScopes(const QString &tool, const QStringList &scopes);
    /// While it listens with ServerOptions::toolScopes applied.
    [[nodiscard]] const QList<Tool> &tools() const;

    /// May be called again after stop(). Errors: those of Http::Server::listen and of Bearer::McpAuth,
    /// invalid_server_config (a seal key under 32 bytes, HttpSse with Eras::Modern, auth without a provider, scopes for
    /// a tool that does not exist, a path without its leading slash, with a query, or below /.well-known/).
    [[nodiscard]] Result<> listen(const ServerOptions &options);
    /// Another endpoint with what is offered, now and later, without authorization: for StdioServer. Errors: those of
    /// Endpoint::addTool and the like.
    [[nodiscard]] Result<std::unique_ptr<Endpoint>> makeEndpoint();
    /// Takes no more connections, and ends once requests in flight are answered: see Http::Server::stop.
    QCoro::Task<> stop();
    [[nodiscard]] bool isListening() const;

    [[nodiscard]] QString url() const; ///< "http://127.0.0.1:49152/mcp"; empty, as the next two, unless it listens
    [[nodiscard]] QString resource() const;
    /// URL and document of everything it publishes.
    [[nodiscard]] QList<std::pair<QString, QJsonObject>> publishedMetadata() const;
    [[nodiscard]] Endpoint *endpoint() const; ///< null unless it listens
    /// What it would answer to this token for a call of this tool ("" for any other request). Refused with the cause
    /// not_running unless it listens.
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

} // namespace McpAuth::Mcp
