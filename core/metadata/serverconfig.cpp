#include "metadata/serverconfig.h"

#include "metadata/discovery.h"
#include "metadata/document_p.h"

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> notFetched(const Error &cause, int status = 0)
{
    QJsonObject details{{u"cause"_s, toJson(cause)}};
    if (status != 0)
        details.insert(u"status"_s, status);
    return fail(u"fetch_server_config_error"_s, u"The metadata could not be fetched: "_s + cause.message, details);
}

/// What was found is told as it is; that nothing was found has the name that MCP Auth gives it.
std::unexpected<Error> notFetched(const Discovery &discovery)
{
    const Error &error = discovery.config.error();
    if (error.code == u"invalid_server_metadata" || error.code == u"issuer_mismatch")
        return fail(error);
    if (discovery.probes.isEmpty())
        return notFetched(error);
    const Probe &last = discovery.probes.last();
    Error cause = last.reason.code.isEmpty() ? error : last.reason;
    cause.message = error.message;
    return notFetched(cause, last.status);
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
    std::optional<QJsonObject> seen;
    co_return readServerConfig(*response, type, options.transpileData, seen);
}

QCoro::Task<Result<ServerConfig>> fetchServerConfig(Http::Client *client, QString issuer,
                                                    std::optional<ServerType> type, FetchOptions options)
{
    const Discovery discovery = co_await discover(
        client, issuer,
        {.type = type, .transpileData = options.transpileData, .needed = options.needed, .stop = options.stop});
    if (!discovery.config)
        co_return notFetched(discovery);
    // discover() also takes the document's own URL for an issuer.
    if (auto same = checkIssuer(issuer, discovery.config->metadata.issuer); !same)
        co_return fail(std::move(same.error()));
    co_return Result<ServerConfig>(discovery.config);
}

} // namespace McpAuth::Metadata
