// What a protected resource publishes about itself (RFC 9728 §2).
#pragma once

#include "base/json.h"

#include <optional>

namespace McpAuth::Metadata {

struct ProtectedResourceMetadata
{
    QString resource; ///< the identifier: compared byte for byte, never normalised
    std::optional<QStringList> authorizationServers;
    std::optional<QString> jwksUri;
    std::optional<QStringList> scopesSupported;
    std::optional<QStringList> bearerMethodsSupported;
    std::optional<QStringList> resourceSigningAlgValuesSupported;
    std::optional<QString> resourceName;
    std::optional<QString> resourceDocumentation;
    std::optional<QString> resourcePolicyUri;
    std::optional<QString> resourceTosUri;
    std::optional<bool> tlsClientCertificateBoundAccessTokens;
    std::optional<QStringList> authorizationDetailsTypesSupported;
    std::optional<QStringList> dpopSigningAlgValuesSupported;
    std::optional<bool> dpopBoundAccessTokensRequired;
    QJsonObject raw; ///< the document as it came: unknown members survive here
};

/// `resource` must be there; every member named above must have its type. Errors: invalid_resource_metadata, details as
/// for parseAuthorizationServerMetadata.
[[nodiscard]] Result<ProtectedResourceMetadata> parseProtectedResourceMetadata(const QJsonObject &document);

/// The members that are set, over `raw`.
[[nodiscard]] QJsonObject toJson(const ProtectedResourceMetadata &metadata);

} // namespace McpAuth::Metadata
