#include "bearer/provider_p.h"
#include "metadata/endpoint.h"
#include "metadata/validation.h"

namespace McpAuth::Bearer {

Q_LOGGING_CATEGORY(bearerLog, "mcpauth.bearer")

namespace {

using namespace Qt::StringLiterals;

/// Clients will not get tokens there, which is not for this server to prevent: whoever runs it should know.
void warnOfUnfit(const Metadata::ServerConfig &config)
{
    const QList<Metadata::Finding> findings = Metadata::validateServerConfig(config.metadata.raw);
    for (const Metadata::Finding &finding : findings) {
        if (finding.level == Metadata::FindingLevel::Error)
            qCWarning(bearerLog, "%s: %s (%s).", qUtf8Printable(config.metadata.issuer), qUtf8Printable(finding.title),
                      qUtf8Printable(finding.code)); // none of the document's own words
    }
}

using Keys = Result<std::shared_ptr<Jose::KeySource>>;

QCoro::Task<Keys> keysOf(std::shared_ptr<Provider> provider)
{
    if (provider->keys)
        co_return Keys(provider->keys); // a copy: QCoro moves out of lvalues
    const auto config = co_await provider->config.get();
    if (!config)
        co_return fail(config.error());
    const bool allowHttp = provider->client && provider->client->options().allowHttp;
    const auto url = Metadata::jwksUriOf(config->metadata, allowHttp);
    if (!url)
        co_return fail(url.error());
    // Others may have waited for the same metadata: the first one through makes the key set for all.
    if (!provider->keys) {
        warnOfUnfit(*config);
        provider->keys = std::make_shared<Jose::RemoteKeySet>(provider->client, *url, provider->keySet);
    }
    co_return Keys(provider->keys);
}

Metadata::LazyServerConfig configOf(Http::Client *client, AuthServer &server, const QString &issuer)
{
    if (server.config)
        return Metadata::LazyServerConfig(*std::move(server.config));
    QStringList needed;
    if (!server.keys)
        needed.append(u"jwks_uri"_s);
    return {
        client, issuer, server.type, {.transpileData = std::move(server.transpileData), .needed = std::move(needed)}};
}

} // namespace

QString issuerOf(const AuthServer &server)
{
    return server.issuer.isEmpty() && server.config ? server.config->metadata.issuer : server.issuer;
}

Result<std::shared_ptr<Provider>> makeProvider(Http::Client *client, AuthServer server)
{
    const QString issuer = issuerOf(server);
    if (issuer.isEmpty())
        return fail(u"invalid_server_config"_s, u"An authorization server has no issuer."_s);
    if (server.config && server.config->metadata.issuer != issuer)
        return fail(u"invalid_server_config"_s,
                    u"The configuration given for %1 is that of another issuer."_s.arg(issuer),
                    {{u"expected"_s, issuer}, {u"actual"_s, server.config->metadata.issuer}});
    auto config = configOf(client, server, issuer);
    return std::make_shared<Provider>(issuer, client, std::move(config), std::move(server.keys),
                                      std::move(server.keySet));
}

TrustedIssuer trustedIssuer(std::shared_ptr<Provider> provider)
{
    return {.issuer = provider->issuer,
            .keys = [provider] { return keysOf(provider); },
            .keysNow = [provider] { return provider->keys; }};
}

QCoro::Task<Http::Response> serveDocument(std::shared_ptr<Provider> provider)
{
    const auto config = co_await provider->config.get();
    if (!config)
        co_return Http::Response::error(500, u"server_error"_s,
                                        u"The authorization server's metadata could not be fetched."_s);
    if (!config->document.isEmpty())
        co_return Http::Response::jsonText(200, config->document);
    co_return Http::Response::json(200, config->metadata.raw);
}

} // namespace McpAuth::Bearer
