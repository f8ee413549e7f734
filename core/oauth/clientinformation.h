// Who the client is at an authorization server, and how it proves that.
#pragma once

#include "base/clock.h"
#include "base/secret.h"
#include "jose/key.h"
#include "metadata/authorizationservermetadata.h"

namespace McpAuth::OAuth {

/// OpenID Connect Core 1.0 §9, RFC 7591 §2.
enum class ClientAuthMethod { None, ClientSecretBasic, ClientSecretPost, PrivateKeyJwt };

[[nodiscard]] QString toString(ClientAuthMethod method); ///< "none", "client_secret_basic"…
[[nodiscard]] std::optional<ClientAuthMethod> clientAuthMethodFrom(QStringView name);

/// RFC 7523 §3: whom the assertion of private_key_jwt is for. The issuer alone cannot be replayed elsewhere
/// (draft-ietf-oauth-rfc7523bis §4); some providers take only their token endpoint (OpenID Connect Core 1.0 §9).
enum class AssertionAudience { Issuer, TokenEndpoint };

struct ClientInformation
{
    enum class Origin { Preregistered, MetadataDocument, Dynamic };

    QString clientId;
    /// The authorization server that it belongs to, byte for byte: credentials are never shown to another one
    /// (2026-07-28 client-registration, Authorization Server Binding). Empty for a Client ID Metadata Document, which
    /// goes anywhere, and for preregistered credentials whose owner did not say.
    QString issuer;
    Origin origin = Origin::Preregistered;
    Secret clientSecret = {};
    std::optional<TimePoint> secretExpiresAt = {}; ///< RFC 7591 §3.2.1; nothing: never
    Jose::Key key = {};                            ///< for private_key_jwt
    QByteArray keyAlgorithm = {};                  ///< empty: the first that fits the key
    AssertionAudience assertionAudience = AssertionAudience::Issuer;
    /// What the registration, or whoever made it, says; nothing: the metadata decides.
    std::optional<ClientAuthMethod> registeredMethod = {};
    QStringList redirectUris = {}; ///< of a registration: what it was made with
    QStringList scopes = {};       ///< likewise: given or asked for; empty: unknown
    QStringList remarks = {}; ///< what is wrong with the registration's answer, and was read all the same; not stored
};

/// What the provider takes and the client can do: the registered method whatever the metadata says, else
/// private_key_jwt with a key, client_secret_basic, client_secret_post with a secret, none, the first that
/// token_endpoint_auth_methods_supported lists (absent: client_secret_basic, RFC 8414 §2). A client with neither secret
/// nor private key is public whatever is listed. Errors: no_client_auth_method (details.supported).
[[nodiscard]] Result<ClientAuthMethod> chooseClientAuthMethod(const Metadata::AuthorizationServerMetadata &server,
                                                              const ClientInformation &client);

} // namespace McpAuth::OAuth
