#include "metadata/protectedresourcemetadata.h"

#include "metadata/fields_p.h"

namespace McpAuth::Metadata {

namespace {

using Meta = ProtectedResourceMetadata;

constexpr Field<Meta> fields[] = {
    {u"resource", &Meta::resource},
    {u"authorization_servers", &Meta::authorizationServers},
    {u"jwks_uri", &Meta::jwksUri},
    {u"scopes_supported", &Meta::scopesSupported},
    {u"bearer_methods_supported", &Meta::bearerMethodsSupported},
    {u"resource_signing_alg_values_supported", &Meta::resourceSigningAlgValuesSupported},
    {u"resource_name", &Meta::resourceName},
    {u"resource_documentation", &Meta::resourceDocumentation},
    {u"resource_policy_uri", &Meta::resourcePolicyUri},
    {u"resource_tos_uri", &Meta::resourceTosUri},
    {u"tls_client_certificate_bound_access_tokens", &Meta::tlsClientCertificateBoundAccessTokens},
    {u"authorization_details_types_supported", &Meta::authorizationDetailsTypesSupported},
    {u"dpop_signing_alg_values_supported", &Meta::dpopSigningAlgValuesSupported},
    {u"dpop_bound_access_tokens_required", &Meta::dpopBoundAccessTokensRequired},
};

} // namespace

Result<ProtectedResourceMetadata> parseProtectedResourceMetadata(const QJsonObject &document)
{
    return readFields<Meta>(document, fields, QStringLiteral("invalid_resource_metadata"));
}

QJsonObject toJson(const ProtectedResourceMetadata &metadata)
{
    return writeFields<Meta>(metadata, fields);
}

} // namespace McpAuth::Metadata
