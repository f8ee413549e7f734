// What the authorization server publishes (RFC 8414 §2, OpenID Connect Discovery 1.0 §3).
#include "demo/providerstate_p.h"

#include <QJsonArray>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

const auto strangeIssuer = QStringLiteral("https://other-issuer.example"); // Fault::WrongMetadataIssuer

QJsonArray list(const QStringList &names)
{
    return QJsonArray::fromStringList(names);
}

QJsonArray assertionAlgorithms()
{
    QJsonArray names;
    for (const QByteArray &name : Jose::asymmetricAlgorithmNames())
        names.append(QString::fromLatin1(name));
    return names;
}

void addEndpoints(const ProviderState &state, QJsonObject *metadata)
{
    for (const auto &[member, path] :
         {std::pair("authorization_endpoint"_L1, "/authorize"), std::pair("token_endpoint"_L1, "/token"),
          std::pair("registration_endpoint"_L1, "/register"), std::pair("introspection_endpoint"_L1, "/introspect"),
          std::pair("revocation_endpoint"_L1, "/revoke"), std::pair("userinfo_endpoint"_L1, "/userinfo"),
          std::pair("jwks_uri"_L1, "/jwks")})
        metadata->insert(member, state.url(path));
}

void addClientAuthentication(QJsonObject *metadata)
{
    const QStringList proven{u"client_secret_basic"_s, u"client_secret_post"_s, u"private_key_jwt"_s};
    const QStringList any = QStringList{u"none"_s} + proven;
    for (const auto &[endpoint, methods] :
         {std::pair("token"_L1, any), std::pair("revocation"_L1, any), std::pair("introspection"_L1, proven)}) {
        metadata->insert(endpoint + u"_endpoint_auth_methods_supported"_s, list(methods));
        metadata->insert(endpoint + u"_endpoint_auth_signing_alg_values_supported"_s, assertionAlgorithms());
    }
}

void addClaims(const ProviderState &state, QJsonObject *metadata)
{
    metadata->insert(u"subject_types_supported"_s, list({u"public"_s}));
    metadata->insert(u"id_token_signing_alg_values_supported"_s, list(state.signer.algorithms()));
    metadata->insert(u"claims_supported"_s, list({u"iss"_s, u"sub"_s, u"aud"_s, u"exp"_s, u"iat"_s, u"jti"_s,
                                                  u"client_id"_s, u"scope"_s, u"auth_time"_s, u"nonce"_s, u"name"_s,
                                                  u"preferred_username"_s, u"email"_s, u"email_verified"_s}));
}

} // namespace

QJsonObject providerMetadata(const ProviderState &state)
{
    QJsonObject metadata{
        {u"issuer"_s, state.has(Fault::WrongMetadataIssuer) ? strangeIssuer : state.signer.issuer},
        {u"scopes_supported"_s, list(state.scopes())},
        {u"response_types_supported"_s, list({u"code"_s})},
        {u"response_modes_supported"_s, list({u"query"_s})},
        {u"grant_types_supported"_s, list({u"authorization_code"_s, u"refresh_token"_s, u"client_credentials"_s})},
        {u"prompt_values_supported"_s, list({u"none"_s, u"login"_s, u"consent"_s, u"select_account"_s})},
        {u"authorization_response_iss_parameter_supported"_s, true},
        {u"claims_parameter_supported"_s, false},
        {u"request_parameter_supported"_s, false},
        {u"request_uri_parameter_supported"_s, false}}; // absent would mean true
    addEndpoints(state, &metadata);
    addClientAuthentication(&metadata);
    addClaims(state, &metadata);
    if (!state.has(Fault::NoPkceMember))
        metadata.insert(u"code_challenge_methods_supported"_s, list({u"S256"_s}));
    if (state.documents)
        metadata.insert(u"client_id_metadata_document_supported"_s, true);
    return metadata;
}

QCoro::Task<Http::Response> answerMetadata(Call call)
{
    co_return Http::Response::json(200, providerMetadata(*call.state));
}

QCoro::Task<Http::Response> answerKeys(Call call)
{
    Http::Response response = Http::Response::json(200, call.state->signer.keySet());
    response.set("Cache-Control", "max-age=300");
    co_return response;
}

} // namespace McpAuth::Demo
