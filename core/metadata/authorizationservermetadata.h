// What an authorization server publishes about itself (RFC 8414 §2, OpenID Connect Discovery 1.0 §3).
#pragma once

#include "base/json.h"

#include <optional>

namespace McpAuth::Metadata {

/// Typed members beside the document as it came: unknown members survive in `raw`.
struct AuthorizationServerMetadata
{
    QString issuer;
    QString authorizationEndpoint; ///< empty: none; needed by the authorization code grant
    QString tokenEndpoint;         ///< empty: none; needed by every grant but the implicit one
    std::optional<QString> jwksUri;
    std::optional<QString> registrationEndpoint;
    std::optional<QStringList> scopesSupported;
    QStringList responseTypesSupported; ///< empty: not published
    std::optional<QStringList> responseModesSupported;
    std::optional<QStringList> grantTypesSupported;               ///< absent means authorization_code and implicit
    std::optional<QStringList> tokenEndpointAuthMethodsSupported; ///< absent means client_secret_basic
    std::optional<QStringList> tokenEndpointAuthSigningAlgValuesSupported;
    std::optional<QStringList> codeChallengeMethodsSupported;
    std::optional<QString> serviceDocumentation;
    std::optional<QStringList> uiLocalesSupported;
    std::optional<QString> opPolicyUri;
    std::optional<QString> opTosUri;
    std::optional<QString> revocationEndpoint;
    std::optional<QStringList> revocationEndpointAuthMethodsSupported;
    std::optional<QStringList> revocationEndpointAuthSigningAlgValuesSupported;
    std::optional<QString> introspectionEndpoint;
    std::optional<QStringList> introspectionEndpointAuthMethodsSupported;
    std::optional<QStringList> introspectionEndpointAuthSigningAlgValuesSupported;
    std::optional<QString> userinfoEndpoint;                        ///< OpenID Connect Discovery
    std::optional<QString> endSessionEndpoint;                      ///< OpenID Connect RP-Initiated Logout
    std::optional<QStringList> subjectTypesSupported;               ///< OpenID Connect Discovery
    std::optional<QStringList> idTokenSigningAlgValuesSupported;    ///< OpenID Connect Discovery
    std::optional<QStringList> claimsSupported;                     ///< OpenID Connect Discovery
    std::optional<bool> authorizationResponseIssParameterSupported; ///< RFC 9207 §3
    std::optional<bool> clientIdMetadataDocumentSupported;          ///< CIMD draft §5
    std::optional<QStringList> dpopSigningAlgValuesSupported;       ///< RFC 9449 §5.1
    std::optional<QString> pushedAuthorizationRequestEndpoint;      ///< RFC 9126 §5
    std::optional<bool> requirePushedAuthorizationRequests;         ///< RFC 9126 §5
    std::optional<QString> deviceAuthorizationEndpoint;             ///< RFC 8628 §4
    QJsonObject raw;
    QList<Error> faults; ///< wrong_type, missing_member (of issuer) and null_member: such members read as absent
};

/// Reads what can be read; the rest is in `faults`.
[[nodiscard]] AuthorizationServerMetadata readAuthorizationServerMetadata(const QJsonObject &document);

/// The same, for a document that must at least say whose it is: `issuer` is a string. A member that a caller needs may
/// still be absent or faulty; memberFault() says why. Errors: invalid_server_metadata, with details.member and, with
/// several faults, details.faults (an array of sentences, one a fault).
[[nodiscard]] Result<AuthorizationServerMetadata> parseAuthorizationServerMetadata(const QJsonObject &document);

/// Why a member that is in the document could not be read; nothing when it could, or is null. Codes: wrong_type,
/// missing_member.
[[nodiscard]] std::optional<Error> memberFault(const AuthorizationServerMetadata &metadata, QStringView member);

/// Which of issuer, authorization_endpoint, token_endpoint and response_types_supported are absent (RFC 8414 §2).
[[nodiscard]] QStringList missingMembers(const AuthorizationServerMetadata &metadata);

/// None is missing, and every known member has its type.
[[nodiscard]] bool isComplete(const AuthorizationServerMetadata &metadata);

} // namespace McpAuth::Metadata
