#include "demo/demoserver.h"

#include "demo/sampletools.h"
#include "http/url.h"

#include <QCoreApplication>
#include <QPointer>

#include <algorithm>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

constexpr auto serverName = "mcp-auth-tester"_L1;
/// Of a path that leads nowhere, so much is repeated.
constexpr qsizetype shownPath = 256;
constexpr auto authorizationServerPath = "/.well-known/oauth-authorization-server"_L1;

std::unexpected<Error> misconfigured(const QString &why)
{
    return fail(u"invalid_server_config"_s, why);
}

Result<> checkPath(const QString &path)
{
    const auto printable = [](QChar c) { return c > u' ' && c < u'\x7f' && c != u'?' && c != u'#'; };
    if (!path.startsWith(u'/'))
        return misconfigured(u"The path must begin with a slash: /mcp."_s);
    if (!std::ranges::all_of(path, printable))
        return misconfigured(
            u"The path must be written as URLs have it: without query, and other characters encoded."_s);
    if (path.startsWith("/.well-known/"_L1))
        return misconfigured(u"The path must not lie where metadata is published."_s);
    return {};
}

Result<> checkOptions(const DemoServerOptions &options, const QList<Mcp::Tool> &tools)
{
    if (auto path = checkPath(options.path); !path)
        return path;
    for (const QString &name : options.toolScopes.keys()) {
        if (!std::ranges::contains(tools, name, &Mcp::Tool::name))
            return misconfigured(u"There is no tool \"%1\" that scopes could be set for."_s.arg(name));
    }
    if (!options.requireAuth)
        return {};
    if (options.authServers.isEmpty())
        return misconfigured(u"Name the issuer whose tokens are to be taken, or switch auth off."_s);
    if (options.authorizationServerMode && options.authServers.size() != 1)
        return misconfigured(u"The authorization server mode takes exactly one issuer."_s);
    return {};
}

void setScopes(QList<Mcp::Tool> &tools, const QHash<QString, QStringList> &scopes)
{
    for (Mcp::Tool &tool : tools)
        tool.requiredScopes = scopes.value(tool.name, tool.requiredScopes);
}

QStringList allScopes(const DemoServerOptions &options, const QList<Mcp::Tool> &tools)
{
    QStringList scopes = options.requiredScopes;
    for (const Mcp::Tool &tool : tools)
        scopes += tool.requiredScopes;
    scopes.removeDuplicates();
    return scopes;
}

/// Behind a proxy, Host is the one that the resource names. Beyond loopback every host is taken as it is.
QStringList allowedHosts(const DemoServerOptions &options)
{
    const auto resource = Http::splitUrl(options.resource);
    return resource && options.host.isLoopback() ? QStringList{resource->host} : QStringList();
}

Http::ServerOptions serverOptions(const DemoServerOptions &options)
{
    Http::ServerOptions server;
    server.address = options.host;
    server.port = options.port;
    server.limits = options.limits;
    server.allowedHosts = allowedHosts(options);
    server.log = options.log;
    server.purpose = u"mcp server"_s;
    return server;
}

/// RFC 9728 §2
Metadata::ProtectedResourceMetadata describe(const QString &resource, const QStringList &scopes)
{
    Metadata::ProtectedResourceMetadata metadata;
    metadata.resource = resource;
    metadata.bearerMethodsSupported = {u"header"_s};
    metadata.resourceName = u"MCP Auth Tester"_s;
    if (!scopes.isEmpty())
        metadata.scopesSupported = scopes;
    return metadata;
}

Bearer::Verdict notRunning()
{
    Bearer::Verdict verdict;
    verdict.error = Bearer::BearerError::ServerError;
    verdict.status = Bearer::info(verdict.error).status;
    verdict.errorDescription = Bearer::info(verdict.error).description;
    verdict.cause = {.code = u"not_running"_s, .message = u"The server does not run."_s};
    return verdict;
}

QCoro::Task<Bearer::Verdict> ready(Bearer::Verdict verdict)
{
    co_return verdict;
}

/// From start to stop. The server comes last: it goes first. Requests in flight hold the router.
struct Running
{
    QString url;
    QString resource;
    QList<std::pair<QString, QJsonObject>> published;
    std::shared_ptr<Http::Router> router = std::make_shared<Http::Router>();
    std::unique_ptr<Bearer::McpAuth> mcpAuth;
    std::unique_ptr<Mcp::Endpoint> endpoint;
    std::unique_ptr<Http::Server> server;
};

Result<std::unique_ptr<Bearer::McpAuth>> makeMcpAuth(Http::Client *client, const DemoServerOptions &options,
                                                     const QString &resource, const QStringList &scopes)
{
    if (options.authorizationServerMode)
        return Bearer::McpAuth::forServer(client, options.authServers.first());
    return Bearer::McpAuth::forResources(
        client, {{.metadata = describe(resource, scopes), .authServers = options.authServers}});
}

Result<std::unique_ptr<Bearer::BearerAuth>> makeBearerAuth(Bearer::McpAuth &mcpAuth, const DemoServerOptions &options,
                                                           const QString &resource)
{
    Bearer::BearerAuthOptions bearer;
    bearer.requiredScopes = options.requiredScopes;
    bearer.impliedScopes = options.impliedScopes;
    bearer.audience = options.audience.isEmpty() ? QStringList{resource} : options.audience;
    bearer.showErrorDetails = options.showErrorDetails;
    if (!options.authorizationServerMode)
        bearer.resource = resource;
    return mcpAuth.bearerAuth(bearer);
}

QList<std::pair<QString, QJsonObject>> publishedBy(const Running &running, const DemoServerOptions &options)
{
    if (!options.authorizationServerMode)
        return running.mcpAuth->publishedMetadata();
    const auto &config = options.authServers.first().config;
    return {{running.server->origin() + authorizationServerPath, config ? config->metadata.raw : QJsonObject()}};
}

Result<std::unique_ptr<Bearer::BearerAuth>> protect(Running &running, Http::Client *client,
                                                    const DemoServerOptions &options, const QStringList &scopes)
{
    if (!options.requireAuth)
        return nullptr;
    auto mcpAuth = makeMcpAuth(client, options, running.resource, scopes);
    if (!mcpAuth)
        return fail(mcpAuth.error());
    running.mcpAuth = *std::move(mcpAuth);
    running.mcpAuth->mountMetadata(running.router.get());
    running.published = publishedBy(running, options);
    return makeBearerAuth(*running.mcpAuth, options, running.resource);
}

Result<> addTools(Mcp::Endpoint &endpoint, const QList<Mcp::Tool> &tools)
{
    for (const Mcp::Tool &tool : tools) {
        if (auto added = endpoint.addTool(tool); !added)
            return added;
    }
    return {};
}

/// What the endpoint does not see, told of as the endpoint would.
Mcp::RequestEvent eventOf(const Http::Request &request)
{
    Mcp::RequestEvent event;
    event.time = QDateTime::currentDateTimeUtc();
    event.method = request.method;
    const QString path = QString::fromLatin1(request.path());
    if (path.startsWith(u'/') || path == u'*') // a refused absolute form may hold a password
        event.path = path.left(shownPath);
    return event;
}

void note(Mcp::RequestEvent &event, const Http::Response &response)
{
    event.status = response.status;
    if (response.status < 400)
        return;
    const QJsonObject body = parseJsonObject(response.body).value_or(QJsonObject());
    event.error = body.value("error"_L1).toString();
    event.reason = body.value("error_description"_L1).toString();
}

/// Answers what the endpoint does not see.
QCoro::Task<Http::Response> answerBeside(std::shared_ptr<Http::Router> router, Http::Request request,
                                         QPointer<DemoServer> server)
{
    const auto started = std::chrono::steady_clock::now();
    Mcp::RequestEvent event = eventOf(request);

    Http::Response response = co_await router->handle(std::move(request));

    note(event, response);
    event.durationMs = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
    if (server)
        Q_EMIT server->requestAnswered(event);
    co_return response;
}

/// The router answers preflights by itself.
Http::Handler handlerOf(const std::shared_ptr<Http::Router> &router, const QByteArray &path, DemoServer *server)
{
    return [router, path, server = QPointer(server)](Http::Request request) {
        if (request.method != "OPTIONS" && request.path() == path)
            return router->handle(std::move(request));
        return answerBeside(router, std::move(request), server);
    };
}

/// For what the server refuses before the router sees it.
std::function<void(const Http::Request &, const Http::Response &)> refusedBy(DemoServer *server)
{
    return [server = QPointer(server)](const Http::Request &request, const Http::Response &response) {
        Mcp::RequestEvent event = eventOf(request);
        note(event, response);
        if (server)
            Q_EMIT server->requestAnswered(event);
    };
}

/// The port, and with it the resource's name, is known only once the server listens. It looks at no connection before
/// the event loop has its turn, so whatever is mounted here is there for the first request.
Result<std::shared_ptr<Running>> run(DemoServer *self, Http::Client *client, const DemoServerOptions &options,
                                     QList<Mcp::Tool> tools)
{
    auto running = std::make_shared<Running>();
    const QByteArray path = options.path.toLatin1();
    running->server = std::make_unique<Http::Server>(running->router, handlerOf(running->router, path, self));
    Http::ServerOptions listenOptions = serverOptions(options);
    listenOptions.refused = refusedBy(self);
    if (auto listening = running->server->listen(listenOptions); !listening)
        return fail(listening.error());
    running->url = running->server->origin() + options.path;
    running->resource = options.resource.isEmpty() ? running->url : options.resource;
    setScopes(tools, options.toolScopes);
    auto auth = protect(*running, client, options, allScopes(options, tools));
    if (!auth)
        return fail(auth.error());
    Mcp::EndpointOptions described;
    described.name = serverName;
    described.version = QCoreApplication::applicationVersion();
    running->endpoint = std::make_unique<Mcp::Endpoint>(described, *std::move(auth));
    if (auto added = addTools(*running->endpoint, tools); !added)
        return fail(added.error());
    running->endpoint->mount(running->router.get(), path);
    return running;
}

QCoro::Task<> finish(std::shared_ptr<Running> running)
{
    if (running)
        co_await running->server->stop();
}

} // namespace

struct DemoServer::Private
{
    Http::Client *client = nullptr;
    std::shared_ptr<Running> running;
    std::vector<std::weak_ptr<Running>> stopping;
};

DemoServer::DemoServer(Http::Client *client, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    d->client = client;
}

DemoServer::~DemoServer()
{
    for (const auto &waiting : d->stopping) { // a graceful stop ends here: client and log may be gone next
        if (const auto running = waiting.lock())
            running->server.reset();
    }
}

Result<> DemoServer::start(const DemoServerOptions &options)
{
    if (d->running)
        return fail(u"already_listening"_s, u"The server runs already, at %1."_s.arg(d->running->url));
    QList<Mcp::Tool> tools = sampleTools();
    if (auto sound = checkOptions(options, tools); !sound)
        return sound;
    auto running = run(this, d->client, options, std::move(tools));
    if (!running)
        return fail(running.error());
    d->running = *std::move(running);
    connect(d->running->endpoint.get(), &Mcp::Endpoint::requestAnswered, this, &DemoServer::requestAnswered);
    return {};
}

QCoro::Task<> DemoServer::stop()
{
    std::erase_if(d->stopping, [](const auto &waiting) { return waiting.expired(); });
    if (d->running)
        d->stopping.push_back(d->running);
    return finish(std::exchange(d->running, nullptr));
}

bool DemoServer::isRunning() const
{
    return d->running != nullptr;
}

QString DemoServer::url() const
{
    return d->running ? d->running->url : QString();
}

QString DemoServer::resource() const
{
    return d->running ? d->running->resource : QString();
}

QList<std::pair<QString, QJsonObject>> DemoServer::publishedMetadata() const
{
    return d->running ? d->running->published : QList<std::pair<QString, QJsonObject>>();
}

Mcp::Endpoint *DemoServer::endpoint() const
{
    return d->running ? d->running->endpoint.get() : nullptr;
}

QCoro::Task<Bearer::Verdict> DemoServer::judge(Secret token, QString tool) const
{
    if (!d->running)
        return ready(notRunning());
    return d->running->endpoint->judge(std::move(token), std::move(tool));
}

} // namespace McpAuth::Demo
