#include "oauth/tokenendpoint.h"

#include "oauth/clientauthentication_p.h"
#include "oauth/tokenresponse_p.h"

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

struct PreparedRequest
{
    Http::ClientRequest request;
    QList<Secret> secrets; ///< that the answer's words must not repeat
};

Result<PreparedRequest> prepare(const QString &url, Http::Form fields,
                                const Metadata::AuthorizationServerMetadata &server, const ClientInformation &client,
                                TimePoint now)
{
    PreparedRequest prepared;
    Http::ClientRequest &request = prepared.request;
    request.method = "POST";
    request.url = url;
    request.headers.append(QHttpHeaders::WellKnownHeader::ContentType, "application/x-www-form-urlencoded");
    request.headers.append(QHttpHeaders::WellKnownHeader::Accept, "application/json");
    if (const auto authenticated = authenticateClient(request, fields, server, client, now); !authenticated)
        return fail(authenticated.error());
    request.body = Http::toFormText(fields);
    prepared.secrets = secretsOf(request, fields, client);
    return prepared;
}

/// The endpoint's own methods, else those of the token endpoint, which providers mean when they say nothing.
Metadata::AuthorizationServerMetadata asSeenByRevocation(Metadata::AuthorizationServerMetadata server)
{
    if (server.revocationEndpointAuthMethodsSupported)
        server.tokenEndpointAuthMethodsSupported = server.revocationEndpointAuthMethodsSupported;
    if (server.revocationEndpointAuthSigningAlgValuesSupported) {
        server.tokenEndpointAuthSigningAlgValuesSupported = server.revocationEndpointAuthSigningAlgValuesSupported;
    }
    return server;
}

} // namespace

QCoro::Task<Result<Tokens>> requestTokens(Http::Client *client, TokenRequest request)
{
    auto prepared =
        prepare(request.server.tokenEndpoint, request.fields, request.server, request.client, request.clock());
    if (!prepared)
        co_return fail(prepared.error());
    prepared->request.stop = request.stop;
    const auto response = co_await client->send(prepared->request);
    if (!response)
        co_return fail(response.error());
    co_return tokensFrom(*response, request.requestedScopes, request.clock(), prepared->secrets);
}

QCoro::Task<Result<>> revokeToken(Http::Client *client, Metadata::AuthorizationServerMetadata server,
                                  ClientInformation information, Secret token, QString tokenTypeHint, Clock clock)
{
    if (!server.revocationEndpoint) {
        co_return fail(
            u"revocation_not_supported"_s,
            u"The authorization server has no revocation endpoint: the token stays valid until it expires."_s);
    }
    Http::Form fields{{u"token"_s, QString::fromUtf8(token.reveal())}};
    if (!tokenTypeHint.isEmpty())
        fields.emplace_back(u"token_type_hint"_s, tokenTypeHint);
    const auto prepared = prepare(*server.revocationEndpoint, fields, asSeenByRevocation(server), information, clock());
    if (!prepared)
        co_return fail(prepared.error());
    const auto response = co_await client->send(prepared->request);
    if (!response)
        co_return fail(response.error());
    if (response->status != 200) {
        co_return fail(refusalFrom(*response, u"revocation_refused"_s, u"The revocation"_s, prepared->secrets));
    }
    co_return Result<>();
}

} // namespace McpAuth::OAuth
