#include "metadata/serverconfig.h"

#include "metadata/document_p.h"
#include "metadata/wellknown.h"

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> notFetched(const Error &cause)
{
    return fail(u"fetch_server_config_error"_s, u"The metadata could not be fetched: "_s + cause.message,
                {{u"cause"_s, toJson(cause)}});
}

Result<ServerConfig> toServerConfig(const Http::ClientResponse &response, ServerType type,
                                    const TranspileData &transpileData)
{
    auto document = readDocument(response);
    if (!document)
        return fail(std::move(document.error()));
    QByteArray bytes = response.body;
    if (transpileData) {
        QJsonObject repaired = transpileData(*document);
        if (repaired != *document)
            bytes = toJsonText(repaired);
        document = std::move(repaired);
    }
    return parseAuthorizationServerMetadata(*document).transform([&](AuthorizationServerMetadata metadata) {
        return ServerConfig{.metadata = std::move(metadata), .type = type, .document = bytes};
    });
}

} // namespace

QString toString(ServerType type)
{
    return type == ServerType::OAuth ? u"oauth"_s : u"oidc"_s;
}

QCoro::Task<Result<ServerConfig>> fetchServerConfigByWellKnownUrl(Http::Client *client, QString url, ServerType type,
                                                                  FetchOptions options)
{
    const auto response = co_await client->get(url, options.stop);
    if (!response)
        co_return notFetched(response.error());
    co_return toServerConfig(*response, type, options.transpileData);
}

QCoro::Task<Result<ServerConfig>> fetchServerConfig(Http::Client *client, QString issuer, ServerType type,
                                                    FetchOptions options)
{
    const auto url = type == ServerType::OAuth ? oauthWellKnownUrl(issuer) : oidcWellKnownUrl(issuer);
    if (!url)
        co_return notFetched(url.error());
    auto config = co_await fetchServerConfigByWellKnownUrl(client, *url, type, std::move(options));
    if (config) {
        if (auto same = checkIssuer(issuer, config->metadata.issuer); !same)
            co_return fail(std::move(same.error()));
    }
    co_return config;
}

} // namespace McpAuth::Metadata
