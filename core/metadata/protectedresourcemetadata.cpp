#include "metadata/protectedresourcemetadata.h"

#include "metadata/fields_p.h"

namespace McpAuth::Metadata {

namespace {

using Resource = ProtectedResourceMetadata;

constexpr Field<Resource> resourceFields[] = {
    {u"resource", &Resource::resource},
    {u"authorization_servers", &Resource::authorizationServers},
    {u"jwks_uri", &Resource::jwksUri},
    {u"scopes_supported", &Resource::scopesSupported},
    {u"bearer_methods_supported", &Resource::bearerMethodsSupported},
    {u"resource_signing_alg_values_supported", &Resource::resourceSigningAlgValuesSupported},
    {u"resource_name", &Resource::resourceName},
    {u"resource_documentation", &Resource::resourceDocumentation},
    {u"resource_policy_uri", &Resource::resourcePolicyUri},
    {u"resource_tos_uri", &Resource::resourceTosUri},
    {u"tls_client_certificate_bound_access_tokens", &Resource::tlsClientCertificateBoundAccessTokens},
    {u"authorization_details_types_supported", &Resource::authorizationDetailsTypesSupported},
    {u"dpop_signing_alg_values_supported", &Resource::dpopSigningAlgValuesSupported},
    {u"dpop_bound_access_tokens_required", &Resource::dpopBoundAccessTokensRequired},
};

} // namespace

Result<ProtectedResourceMetadata> parseProtectedResourceMetadata(const QJsonObject &document)
{
    Resource metadata;
    const QList<Error> faults = readFields<Resource>(document, resourceFields, metadata);
    if (auto sound = refuseFaults(faults, QStringLiteral("invalid_resource_metadata")); !sound)
        return fail(std::move(sound.error()));
    return metadata;
}

QJsonObject toJson(const ProtectedResourceMetadata &metadata)
{
    return writeFields<Resource>(metadata, resourceFields);
}

} // namespace McpAuth::Metadata
