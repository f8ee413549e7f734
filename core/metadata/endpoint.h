// The endpoints in a provider's metadata, and when a client may use one.
#pragma once

#include "metadata/authorizationservermetadata.h"

namespace McpAuth::Metadata {

/// Who needs it: what a client or a resource server of MCP asks makes a fault of its URL an error.
enum class EndpointUse { Client, ResourceServer, None };

struct Endpoint
{
    QLatin1StringView member; ///< "token_endpoint"
    QString url;              ///< as published; may be empty or no URL
    EndpointUse use = EndpointUse::None;
};

/// Those that the document has, in the order of RFC 8414 §2; a member of another type than a string is none.
[[nodiscard]] QList<Endpoint> endpointsOf(const AuthorizationServerMetadata &metadata);

/// An absolute URL without a fragment, on https, or on http where it is loopback or `allowHttp` says so (MCP,
/// Communication Security; RFC 6749 §3.1, §3.2). `what` begins the sentence: "The token_endpoint".
/// Errors: invalid_url, insecure_url.
[[nodiscard]] Result<> checkEndpointUrl(const QString &what, const QString &url, bool allowHttp);

/// Where the provider's keys are, for a resource server. A remote issuer's on loopback is refused: that would be a
/// service of the resource server's own computer. Errors: missing_jwks_uri, invalid_server_metadata (no string, or no
/// URL that checkEndpointUrl() takes).
[[nodiscard]] Result<QString> jwksUriOf(const AuthorizationServerMetadata &metadata, bool allowHttp);

/// The default endpoints /authorize, /token and /register of a server without metadata (MCP 2025-03-26, Fallbacks for
/// Servers without Metadata Discovery).
[[nodiscard]] QJsonObject defaultServerMetadata(const QString &origin);

} // namespace McpAuth::Metadata
