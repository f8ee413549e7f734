#include "mcp/server.h"

#include "http/url.h"
#include "mcp/features_p.h"
#include "mcp/httpsse_p.h"

#include <QPointer>

#include <algorithm>
#include <functional>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// Of a path that leads nowhere, so much is repeated.
constexpr qsizetype shownStrayPath = 256;
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
    if (path.startsWith("//"_L1)) // which URLs read as a host
        return misconfigured(u"The path must begin with one slash."_s);
    if (path.startsWith("/.well-known/"_L1))
        return misconfigured(u"The path must not lie where metadata is published."_s);
    return {};
}

Result<> checkOptions(const ServerOptions &options, const Toolbox &tools)
{
    if (auto path = checkPath(options.path); !path)
        return path;
    for (const QString &name : options.toolScopes.keys()) {
        if (!tools.find(name))
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

/// Behind a proxy, Host is the one that the resource names. Beyond loopback an empty list takes every host.
QStringList allowedHosts(const ServerOptions &options)
{
    QStringList hosts = options.http.allowedHosts;
    const auto resource = Http::splitUrl(options.resource);
    if (resource && (options.http.address.isLoopback() || !hosts.isEmpty()))
        hosts.append(resource->host);
    return hosts;
}

/// RFC 9728 §2
Metadata::ProtectedResourceMetadata describeResource(const QString &resource, const EndpointOptions &about,
                                                     const QStringList &scopes)
{
    Metadata::ProtectedResourceMetadata metadata;
    metadata.resource = resource;
    metadata.bearerMethodsSupported = {u"header"_s};
    metadata.resourceName = about.title.isEmpty() ? about.name : about.title;
    if (!scopes.isEmpty())
        metadata.scopesSupported = scopes;
    return metadata;
}

/// What a server offers, to be offered again by each of its endpoints.
struct Offer
{
    Features features; // knows what goes together
    QStringList scopes;
    std::vector<std::function<Result<>(Endpoint &)>> beside; // its tools
};

QStringList allScopes(const ServerOptions &options, const Offer &offer)
{
    QStringList scopes = options.bearer.requiredScopes + offer.scopes;
    for (const Tool &tool : offer.features.tools.tools())
        scopes += options.toolScopes.value(tool.name, tool.requiredScopes);
    scopes.removeDuplicates();
    return scopes;
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

QCoro::Task<Bearer::Verdict> judged(Bearer::Verdict verdict)
{
    co_return verdict;
}

/// From listen to stop. The HTTP server comes last: it goes first. Requests in flight hold the router.
struct Run
{
    QString url;
    QString resource;
    QList<std::pair<QString, QJsonObject>> published;
    std::shared_ptr<Http::Router> router = std::make_shared<Http::Router>();
    std::unique_ptr<Bearer::McpAuth> mcpAuth;
    std::unique_ptr<Endpoint> endpoint;
    std::unique_ptr<Http::Server> http;
};

QList<std::pair<QString, QJsonObject>> publishedBy(const Run &run, const ServerOptions &options)
{
    if (!options.authorizationServerMode)
        return run.mcpAuth->publishedMetadata();
    const auto &config = options.authServers.first().config;
    return {{run.http->origin() + authorizationServerPath, config ? config->metadata.raw : QJsonObject()}};
}

Result<std::unique_ptr<Bearer::BearerAuth>> bearerAuthFor(Run &run, const ServerOptions &options)
{
    Bearer::BearerAuthOptions bearer = options.bearer;
    if (!bearer.audience)
        bearer.audience = QStringList{run.resource};
    bearer.resource = options.authorizationServerMode ? QString() : run.resource;
    return run.mcpAuth->bearerAuth(std::move(bearer));
}

/// Null without auth.
Result<std::unique_ptr<Bearer::BearerAuth>> authorization(Run &run, Http::Client *client, const ServerOptions &options,
                                                          const Metadata::ProtectedResourceMetadata &metadata)
{
    if (!options.requireAuth)
        return nullptr;
    auto mcpAuth =
        options.authorizationServerMode
            ? Bearer::McpAuth::forServer(client, options.authServers.first())
            : Bearer::McpAuth::forResources(client, {{.metadata = metadata, .authServers = options.authServers}});
    if (!mcpAuth)
        return fail(mcpAuth.error());
    run.mcpAuth = *std::move(mcpAuth);
    run.mcpAuth->mountMetadata(run.router.get());
    run.published = publishedBy(run, options);
    return bearerAuthFor(run, options);
}

/// What the endpoint does not see, told of as the endpoint would.
RequestEvent eventOf(const Http::Request &request)
{
    RequestEvent event;
    event.time = QDateTime::currentDateTimeUtc();
    event.method = request.method;
    const QString path = QString::fromLatin1(request.path());
    if (path.startsWith(u'/') || path == u'*') // a refused absolute form may hold a password
        event.path = path.left(shownStrayPath);
    return event;
}

void note(RequestEvent &event, const Http::Response &response)
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
                                         QPointer<Server> server)
{
    const auto started = std::chrono::steady_clock::now();
    RequestEvent event = eventOf(request);

    Http::Response response = co_await router->handle(std::move(request));

    note(event, response);
    event.durationMs = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
    if (server)
        Q_EMIT server->requestAnswered(event);
    co_return response;
}

/// Whether the endpoint, which tells of its requests itself, gets this one. The router answers preflights by itself.
bool isEndpoints(const Http::Router &router, const Http::Request &request, const ServerOptions &options)
{
    if (request.method == "OPTIONS")
        return false;
    const QByteArray path = options.path.toLatin1();
    if (options.transport == Transport::StreamableHttp)
        return request.path() == path;
    return (request.path() == path || request.path() == messagesPath(path)) && !router.unrouted(request);
}

Http::Handler handlerOf(const std::shared_ptr<Http::Router> &router, const ServerOptions &options, Server *server)
{
    return [router, options, server = QPointer(server)](Http::Request request) {
        if (isEndpoints(*router, request, options))
            return router->handle(std::move(request));
        return answerBeside(router, std::move(request), server);
    };
}

/// For what the HTTP server refuses before the router sees it.
std::function<void(const Http::Request &, const Http::Response &)> refusedBy(Server *server)
{
    return [server = QPointer(server)](const Http::Request &request, const Http::Response &response) {
        RequestEvent event = eventOf(request);
        note(event, response);
        if (server)
            Q_EMIT server->requestAnswered(event);
    };
}

Result<> startHttp(Run &run, Server *self, const ServerOptions &options)
{
    run.http = std::make_unique<Http::Server>(run.router, handlerOf(run.router, options, self));
    Http::ServerOptions http = options.http;
    http.allowedHosts = allowedHosts(options);
    http.refused = refusedBy(self);
    http.purpose = u"mcp server"_s;
    return run.http->listen(http);
}

Result<> offerAt(Endpoint &endpoint, const Offer &offer, const QHash<QString, QStringList> &toolScopes)
{
    for (Tool tool : offer.features.tools.tools()) {
        tool.requiredScopes = toolScopes.value(tool.name, tool.requiredScopes);
        if (auto added = endpoint.addTool(std::move(tool)); !added)
            return added;
    }
    for (const auto &add : offer.beside) {
        if (auto added = add(endpoint); !added)
            return added;
    }
    return {};
}

Result<> mountEndpoint(Run &run, const EndpointOptions &about, std::unique_ptr<Bearer::BearerAuth> auth,
                       const Offer &offer, const ServerOptions &options)
{
    run.endpoint = std::make_unique<Endpoint>(about, std::move(auth));
    if (auto offered = offerAt(*run.endpoint, offer, options.toolScopes); !offered)
        return offered;
    if (options.transport == Transport::HttpSse)
        run.endpoint->mountHttpSse(run.router.get(), options.path.toLatin1());
    else
        run.endpoint->mount(run.router.get(), options.path.toLatin1());
    return {};
}

/// The port, and with it the resource's name, is known only once the HTTP server listens. It looks at no connection
/// before the event loop has its turn, so whatever is mounted here is there for the first request.
Result<std::shared_ptr<Run>> start(Server *self, Http::Client *client, const EndpointOptions &about, const Offer &offer,
                                   const ServerOptions &options)
{
    auto run = std::make_shared<Run>();
    if (auto listening = startHttp(*run, self, options); !listening)
        return fail(listening.error());
    run->url = run->http->origin() + options.path;
    run->resource = options.resource.isEmpty() ? run->url : options.resource;
    auto auth = authorization(*run, client, options, describeResource(run->resource, about, allScopes(options, offer)));
    if (!auth)
        return fail(auth.error());
    if (auto mounted = mountEndpoint(*run, about, *std::move(auth), offer, options); !mounted)
        return fail(mounted.error());
    return run;
}

QCoro::Task<> finish(std::shared_ptr<Run> run)
{
    if (!run)
        co_return;
    run->endpoint->endStreams();
    co_await run->http->stop();
}

} // namespace

struct Server::Private
{
    EndpointOptions about;
    std::unique_ptr<Http::Client> ownClient;
    Http::Client *client = nullptr;
    Offer offer;
    std::shared_ptr<Run> run;
    std::vector<std::weak_ptr<Run>> stopping;
    QList<QPointer<Endpoint>> made; // by makeEndpoint()

    [[nodiscard]] QList<Endpoint *> endpoints() const
    {
        QList<Endpoint *> all;
        if (run)
            all.append(run->endpoint.get());
        for (const auto &endpoint : made) {
            if (endpoint)
                all.append(endpoint);
        }
        return all;
    }

    Result<> atEach(const std::function<Result<>(Endpoint &)> &add) const
    {
        for (Endpoint *endpoint : endpoints()) {
            if (auto added = add(*endpoint); !added)
                return added;
        }
        return {};
    }

    template<typename Thing>
    Result<> add(Result<> (Endpoint::*method)(Thing), Result<> known, const Thing &thing)
    {
        if (!known)
            return known;
        offer.scopes += thing.requiredScopes;
        offer.beside.push_back([method, thing](Endpoint &endpoint) { return (endpoint.*method)(thing); });
        return atEach(offer.beside.back());
    }
};

Server::Server(EndpointOptions options, Http::Client *client, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    d->about = std::move(options);
    if (!client)
        d->ownClient = std::make_unique<Http::Client>();
    d->client = client ? client : d->ownClient.get();
}

Server::~Server()
{
    for (const auto &waiting : d->stopping) { // a graceful stop ends here: client and log may be gone next
        if (const auto run = waiting.lock())
            run->http.reset();
    }
}

Result<> Server::addTool(Tool tool)
{
    if (auto added = d->offer.features.tools.add(tool); !added)
        return added;
    return d->atEach([&tool](Endpoint &endpoint) { return endpoint.addTool(tool); });
}

Result<> Server::addResource(Resource resource)
{
    return d->add(&Endpoint::addResource, d->offer.features.resources.add(resource), resource);
}

Result<> Server::addResourceTemplate(ResourceTemplate resourceTemplate)
{
    return d->add(&Endpoint::addResourceTemplate, d->offer.features.resources.add(resourceTemplate), resourceTemplate);
}

Result<> Server::addPrompt(Prompt prompt)
{
    return d->add(&Endpoint::addPrompt, d->offer.features.prompts.add(prompt), prompt);
}

Result<> Server::addMethod(Method method)
{
    return d->add(&Endpoint::addMethod, d->offer.features.add(method), method);
}

void Server::announce(Change change)
{
    for (Endpoint *endpoint : d->endpoints())
        endpoint->announce(change);
}

void Server::resourceUpdated(const QString &uri)
{
    for (Endpoint *endpoint : d->endpoints())
        endpoint->resourceUpdated(uri);
}

bool Server::setToolScopes(const QString &tool, const QStringList &scopes)
{
    if (d->run)
        d->run->endpoint->setToolScopes(tool, scopes);
    return d->offer.features.tools.setScopes(tool, scopes);
}

const QList<Tool> &Server::tools() const
{
    return d->run ? d->run->endpoint->tools() : d->offer.features.tools.tools();
}

Result<> Server::listen(const ServerOptions &options)
{
    if (d->run)
        return fail(u"already_listening"_s, u"The server runs already, at %1."_s.arg(d->run->url));
    if (!d->about.sealKey.isEmpty() && d->about.sealKey.reveal().size() < sealKeyBytes)
        return misconfigured(u"The seal key must have %1 bytes at least."_s.arg(sealKeyBytes));
    if (options.transport == Transport::HttpSse && d->about.eras == Eras::Modern)
        return misconfigured(u"HTTP with SSE is a transport of the legacy era."_s);
    if (auto sound = checkOptions(options, d->offer.features.tools); !sound)
        return sound;
    auto run = start(this, d->client, d->about, d->offer, options);
    if (!run)
        return fail(run.error());
    d->run = *std::move(run);
    connect(d->run->endpoint.get(), &Endpoint::requestAnswered, this, &Server::requestAnswered);
    return {};
}

Result<std::unique_ptr<Endpoint>> Server::makeEndpoint()
{
    auto endpoint = std::make_unique<Endpoint>(d->about);
    if (auto offered = offerAt(*endpoint, d->offer, {}); !offered)
        return fail(offered.error());
    d->made.removeIf([](const auto &made) { return made.isNull(); });
    d->made.append(endpoint.get());
    return endpoint;
}

QCoro::Task<> Server::stop()
{
    std::erase_if(d->stopping, [](const auto &waiting) { return waiting.expired(); });
    if (d->run)
        d->stopping.push_back(d->run);
    return finish(std::exchange(d->run, nullptr));
}

bool Server::isListening() const
{
    return d->run != nullptr;
}

QString Server::url() const
{
    return d->run ? d->run->url : QString();
}

QString Server::resource() const
{
    return d->run ? d->run->resource : QString();
}

QList<std::pair<QString, QJsonObject>> Server::publishedMetadata() const
{
    return d->run ? d->run->published : QList<std::pair<QString, QJsonObject>>();
}

Endpoint *Server::endpoint() const
{
    return d->run ? d->run->endpoint.get() : nullptr;
}

QCoro::Task<Bearer::Verdict> Server::judge(Secret token, QString tool) const
{
    if (!d->run)
        return judged(notRunning());
    return d->run->endpoint->judge(std::move(token), std::move(tool));
}

} // namespace McpAuth::Mcp
