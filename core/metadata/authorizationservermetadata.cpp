#include "metadata/authorizationservermetadata.h"

#include "metadata/fields_p.h"

#include <algorithm>

namespace McpAuth::Metadata {

namespace {

using Meta = AuthorizationServerMetadata;

constexpr Field<Meta> fields[] = {
    {u"issuer", &Meta::issuer},
    {u"authorization_endpoint", &Meta::authorizationEndpoint, Presence::Optional},
    {u"token_endpoint", &Meta::tokenEndpoint, Presence::Optional},
    {u"jwks_uri", &Meta::jwksUri},
    {u"registration_endpoint", &Meta::registrationEndpoint},
    {u"scopes_supported", &Meta::scopesSupported},
    {u"response_types_supported", &Meta::responseTypesSupported},
    {u"response_modes_supported", &Meta::responseModesSupported},
    {u"grant_types_supported", &Meta::grantTypesSupported},
    {u"token_endpoint_auth_methods_supported", &Meta::tokenEndpointAuthMethodsSupported},
    {u"token_endpoint_auth_signing_alg_values_supported", &Meta::tokenEndpointAuthSigningAlgValuesSupported},
    {u"code_challenge_methods_supported", &Meta::codeChallengeMethodsSupported},
    {u"service_documentation", &Meta::serviceDocumentation},
    {u"ui_locales_supported", &Meta::uiLocalesSupported},
    {u"op_policy_uri", &Meta::opPolicyUri},
    {u"op_tos_uri", &Meta::opTosUri},
    {u"revocation_endpoint", &Meta::revocationEndpoint},
    {u"revocation_endpoint_auth_methods_supported", &Meta::revocationEndpointAuthMethodsSupported},
    {u"revocation_endpoint_auth_signing_alg_values_supported", &Meta::revocationEndpointAuthSigningAlgValuesSupported},
    {u"introspection_endpoint", &Meta::introspectionEndpoint},
    {u"introspection_endpoint_auth_methods_supported", &Meta::introspectionEndpointAuthMethodsSupported},
    {u"introspection_endpoint_auth_signing_alg_values_supported",
     &Meta::introspectionEndpointAuthSigningAlgValuesSupported},
    {u"userinfo_endpoint", &Meta::userinfoEndpoint},
    {u"end_session_endpoint", &Meta::endSessionEndpoint},
    {u"subject_types_supported", &Meta::subjectTypesSupported},
    {u"id_token_signing_alg_values_supported", &Meta::idTokenSigningAlgValuesSupported},
    {u"claims_supported", &Meta::claimsSupported},
    {u"authorization_response_iss_parameter_supported", &Meta::authorizationResponseIssParameterSupported},
    {u"client_id_metadata_document_supported", &Meta::clientIdMetadataDocumentSupported},
    {u"dpop_signing_alg_values_supported", &Meta::dpopSigningAlgValuesSupported},
    {u"pushed_authorization_request_endpoint", &Meta::pushedAuthorizationRequestEndpoint},
    {u"require_pushed_authorization_requests", &Meta::requirePushedAuthorizationRequests},
    {u"device_authorization_endpoint", &Meta::deviceAuthorizationEndpoint},
};

} // namespace

AuthorizationServerMetadata readAuthorizationServerMetadata(const QJsonObject &document)
{
    Meta metadata;
    metadata.faults = readFields<Meta>(document, fields, metadata);
    return metadata;
}

Result<AuthorizationServerMetadata> parseAuthorizationServerMetadata(const QJsonObject &document)
{
    Meta metadata = readAuthorizationServerMetadata(document);
    if (memberFault(metadata, u"issuer")) {
        if (auto sound = refuseFaults(metadata.faults, QStringLiteral("invalid_server_metadata")); !sound)
            return fail(std::move(sound.error()));
    }
    return metadata;
}

std::optional<Error> memberFault(const AuthorizationServerMetadata &metadata, QStringView member)
{
    const auto isOf = [member](const Error &fault) {
        return !isNull(fault) && fault.details.value(QLatin1StringView("member")).toString() == member;
    };
    const auto found = std::ranges::find_if(metadata.faults, isOf);
    return found == metadata.faults.end() ? std::nullopt : std::optional(*found);
}

QStringList missingMembers(const AuthorizationServerMetadata &metadata)
{
    QStringList missing;
    for (const QStringView member :
         {u"issuer", u"authorization_endpoint", u"token_endpoint", u"response_types_supported"}) {
        const QJsonValue value = metadata.raw.value(member);
        if (value.isUndefined() || value.isNull())
            missing.append(member.toString());
    }
    return missing;
}

bool isComplete(const AuthorizationServerMetadata &metadata)
{
    return missingMembers(metadata).isEmpty() && std::ranges::all_of(metadata.faults, isNull);
}

} // namespace McpAuth::Metadata
