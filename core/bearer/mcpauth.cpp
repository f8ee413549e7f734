#include "bearer/mcpauth.h"

#include "bearer/provider_p.h"
#include "http/url.h"
#include "metadata/wellknown.h"

#include <QLoggingCategory>
#include <QMap>

#include <algorithm>

namespace McpAuth::Bearer {

namespace {

using namespace Qt::StringLiterals;

struct Published
{
    QString resource;
    QString url;     ///< of the metadata
    QByteArray path; ///< its path as a request's target has it
    QByteArray query;
    QJsonObject document;
    QList<std::shared_ptr<Provider>> providers;
};

std::unexpected<Error> misconfigured(const QString &why)
{
    return fail(u"invalid_server_config"_s, why);
}

// RFC 8707 §2: an absolute URI without a fragment.
Result<> checkResource(const QString &resource)
{
    if (resource.isEmpty())
        return misconfigured(u"A protected resource has no name."_s);
    const auto parts = Http::splitUrl(resource);
    if (!parts)
        return misconfigured(u"The resource %1 is no absolute URL: %2"_s.arg(resource, parts.error().message));
    if (parts->hasFragment)
        return misconfigured(u"The resource %1 has a fragment."_s.arg(resource));
    return {};
}

/// Providers that are given in the same words are one: its metadata and keys are fetched once for all resources.
class ProviderPool
{
public:
    explicit ProviderPool(Http::Client *client)
        : m_client(client)
    {
    }

    Result<std::shared_ptr<Provider>> provider(const AuthServer &server)
    {
        if (server.config || server.keys || server.transpileData)
            return makeProvider(m_client, server);
        const auto key = std::pair(server.issuer, server.type);
        if (const auto known = m_known.constFind(key); known != m_known.cend())
            return *known;
        auto made = makeProvider(m_client, server);
        if (made)
            m_known.insert(key, *made);
        return made;
    }

private:
    Http::Client *m_client;
    QMap<std::pair<QString, std::optional<Metadata::ServerType>>, std::shared_ptr<Provider>> m_known;
};

Result<QList<std::shared_ptr<Provider>>> providersOf(ProviderPool &pool, const ProtectedResource &resource)
{
    QList<std::shared_ptr<Provider>> providers;
    for (const AuthServer &server : resource.authServers) {
        auto provider = pool.provider(server);
        if (!provider)
            return fail(provider.error());
        if (std::ranges::contains(providers, (*provider)->issuer, &Provider::issuer))
            return misconfigured(u"The issuer %1 is named twice for the resource %2."_s.arg(
                (*provider)->issuer, resource.metadata.resource));
        providers.append(*std::move(provider));
    }
    return providers;
}

Result<Published> publish(ProviderPool &pool, ProtectedResource resource)
{
    if (auto sound = checkResource(resource.metadata.resource); !sound)
        return fail(sound.error());
    auto providers = providersOf(pool, resource);
    if (!providers)
        return fail(providers.error());
    // 2025-06-18, Authorization Server Location: the document must name at least one.
    if (providers->isEmpty())
        return misconfigured(u"The resource %1 has no authorization server that could issue tokens for it."_s.arg(
            resource.metadata.resource));
    if (!resource.metadata.authorizationServers) {
        QStringList issuers;
        std::ranges::transform(*providers, std::back_inserter(issuers), &Provider::issuer);
        resource.metadata.authorizationServers = issuers;
    }
    const auto url = Metadata::protectedResourceMetadataUrl(resource.metadata.resource);
    const auto parts = url ? Http::splitUrl(*url) : Result<Http::UrlParts>(fail(url.error()));
    if (!parts)
        return misconfigured(u"The resource %1 has no place for its metadata: %2"_s.arg(resource.metadata.resource,
                                                                                        parts.error().message));
    return Published{resource.metadata.resource,
                     *url,
                     parts->path.toUtf8(),
                     parts->query.toUtf8(),
                     Metadata::toJson(resource.metadata),
                     *std::move(providers)};
}

Result<> checkApart(const QList<Published> &all, const Published &next)
{
    for (const Published &other : all) {
        if (other.resource == next.resource)
            return misconfigured(u"The resource %1 is configured twice."_s.arg(next.resource));
        if (other.path == next.path && other.query == next.query)
            return misconfigured(u"The metadata of %1 and of %2 would lie at the same path, %3."_s.arg(
                other.resource, next.resource, QString::fromUtf8(next.path)));
    }
    return {};
}

/// MCP basic/authorization, Token Handling: a server takes tokens that were issued for it, unless it says otherwise.
Result<> checkAudience(const BearerAuthOptions &options, bool serverMode)
{
    if (!options.audience && serverMode)
        return misconfigured(u"Without a protected resource the audience must be named: give the aud of your tokens, "
                             "or an empty list to take tokens for any audience."_s);
    if (options.audience && options.audience->isEmpty())
        qCWarning(bearerLog, "Tokens for any audience are taken, also those that were meant for another server.");
    return {};
}

QCoro::Task<Http::Response> respond(Http::Response response)
{
    co_return response;
}

using DocumentsByQuery = QMap<QByteArray, QByteArray>;

// A query that belongs to no resource is taken for a client's own, as long as there is a document without one.
Http::Response documentResponse(const DocumentsByQuery &documents, const QByteArray &query)
{
    auto found = documents.constFind(query);
    if (found == documents.cend())
        found = documents.constFind(QByteArray());
    if (found == documents.cend())
        return Http::Response::error(404, u"not_found"_s, u"No resource has its metadata here."_s);
    return Http::Response::jsonText(200, *found);
}

} // namespace

struct McpAuth::Private
{
    QList<Published> resources;
    std::shared_ptr<Provider> server; ///< set in authorization server mode only

    [[nodiscard]] Result<QList<std::shared_ptr<Provider>>> providersFor(const QString &resource) const
    {
        if (server)
            return QList{server};
        if (resource.isEmpty())
            return misconfigured(u"Bearer auth needs to know which of the protected resources it guards."_s);
        const auto found = std::ranges::find(resources, resource, &Published::resource);
        if (found == resources.end())
            return misconfigured(u"The resource %1 is not configured."_s.arg(resource));
        return found->providers;
    }
};

McpAuth::McpAuth(std::unique_ptr<Private> data)
    : d(std::move(data))
{
}

McpAuth::~McpAuth() = default;

Result<std::unique_ptr<McpAuth>> McpAuth::forResources(Http::Client *client, QList<ProtectedResource> resources)
{
    if (resources.isEmpty())
        return misconfigured(u"There is no protected resource."_s);
    auto data = std::make_unique<Private>();
    ProviderPool pool(client);
    for (ProtectedResource &resource : resources) {
        auto next = publish(pool, std::move(resource));
        if (!next)
            return fail(next.error());
        if (auto apart = checkApart(data->resources, *next); !apart)
            return fail(apart.error());
        data->resources.append(*std::move(next));
    }
    return std::unique_ptr<McpAuth>(new McpAuth(std::move(data)));
}

Result<std::unique_ptr<McpAuth>> McpAuth::forServer(Http::Client *client, AuthServer server)
{
    auto provider = makeProvider(client, std::move(server));
    if (!provider)
        return fail(provider.error());
    qCWarning(bearerLog,
              "The authorization server mode is deprecated: describe the MCP server as a protected resource.");
    auto data = std::make_unique<Private>();
    data->server = *std::move(provider);
    return std::unique_ptr<McpAuth>(new McpAuth(std::move(data)));
}

void McpAuth::mountMetadata(Http::Router *router)
{
    if (d->server) {
        router->add(
            "GET", "/.well-known/oauth-authorization-server",
            [provider = d->server](const Http::Request &) { return serveDocument(provider); }, Http::Cors::Open);
        return;
    }
    QMap<QByteArray, DocumentsByQuery> byPath;
    for (const Published &resource : d->resources)
        byPath[resource.path].insert(resource.query, toJsonText(resource.document));
    for (const auto &[path, documents] : byPath.asKeyValueRange()) {
        router->add(
            "GET", path,
            [documents](const Http::Request &request) { return respond(documentResponse(documents, request.query())); },
            Http::Cors::Open);
    }
}

QList<std::pair<QString, QJsonObject>> McpAuth::publishedMetadata() const
{
    QList<std::pair<QString, QJsonObject>> documents;
    for (const Published &resource : d->resources)
        documents.append({resource.url, resource.document});
    return documents;
}

Result<std::unique_ptr<BearerAuth>> McpAuth::bearerAuth(BearerAuthOptions options)
{
    const auto providers = d->providersFor(options.resource);
    if (!providers)
        return fail(providers.error());
    if (auto sound = checkAudience(options, d->server != nullptr); !sound)
        return fail(sound.error());
    QList<TrustedIssuer> issuers;
    for (const auto &provider : *providers)
        issuers.append(trustedIssuer(provider));
    return std::make_unique<BearerAuth>(std::move(issuers), std::move(options));
}

Result<std::unique_ptr<BearerAuth>> McpAuth::bearerAuth(TokenVerifier verifier, BearerAuthOptions options)
{
    if (!verifier)
        return misconfigured(u"There is no token verifier."_s);
    const auto providers = d->providersFor(options.resource);
    if (!providers)
        return fail(providers.error());
    if (auto sound = checkAudience(options, d->server != nullptr); !sound)
        return fail(sound.error());
    QStringList issuers;
    std::ranges::transform(*providers, std::back_inserter(issuers), &Provider::issuer);
    return std::make_unique<BearerAuth>(std::move(verifier), std::move(issuers), std::move(options));
}

} // namespace McpAuth::Bearer
