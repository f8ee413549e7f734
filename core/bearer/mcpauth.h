// The façade: what an MCP server needs to be a protected resource, in a few lines.
#pragma once

#include "bearer/bearerauth.h"
#include "http/router.h"
#include "metadata/protectedresourcemetadata.h"
#include "metadata/serverconfig.h"

namespace McpAuth::Bearer {

/// A provider that is trusted: known in full, or fetched at first use.
struct AuthServer
{
    QString issuer;
    std::optional<Metadata::ServerType> type = {};     ///< automatic when empty: wherever MCP clients look
    std::optional<Metadata::ServerConfig> config = {}; ///< given by hand; fetched at first use when empty
    std::shared_ptr<Jose::KeySource> keys = {};        ///< given by hand; from the metadata's jwks_uri when null
    Metadata::TranspileData transpileData = {};
    Jose::RemoteKeySetOptions keySet = {}; ///< of the keys at the jwks_uri; of two equal servers the first one's count
};

/// An MCP server, as RFC 9728 describes it. `authorization_servers` is filled in from `authServers` when it is absent.
struct ProtectedResource
{
    Metadata::ProtectedResourceMetadata metadata;
    QList<AuthServer> authServers;
};

class McpAuth
{
public:
    /// Resource server mode: RFC 9728 metadata for one resource or several.
    /// Errors: invalid_server_config (no resource, two of the same name, none or two issuers of the same name within
    /// one, a resource that is no absolute URL or has a fragment: RFC 8707 §2).
    [[nodiscard]] static Result<std::unique_ptr<McpAuth>> forResources(Http::Client *client,
                                                                       QList<ProtectedResource> resources);
    /// Authorization server mode, deprecated: serves the provider's own metadata. Warns once in the log.
    [[nodiscard]] static Result<std::unique_ptr<McpAuth>> forServer(Http::Client *client, AuthServer server);
    ~McpAuth();

    /// Adds GET and OPTIONS of the metadata documents, with open CORS: oauth-protected-resource for each resource, or
    /// oauth-authorization-server with the provider's document, byte for byte.
    void mountMetadata(Http::Router *router);

    /// The paths' documents, for a screen: absolute URL and JSON, of what mountMetadata serves in resource server mode.
    [[nodiscard]] QList<std::pair<QString, QJsonObject>> publishedMetadata() const;

    /// "jwt". In resource server mode options.resource must be a configured one, and is the audience where none is
    /// given. In authorization server mode there is no resource to imply it: options.audience must be there. A list
    /// that is empty, for any audience, is logged as a warning. Errors: invalid_server_config.
    [[nodiscard]] Result<std::unique_ptr<BearerAuth>> bearerAuth(BearerAuthOptions options);
    /// With a verifier of one's own.
    [[nodiscard]] Result<std::unique_ptr<BearerAuth>> bearerAuth(TokenVerifier verifier, BearerAuthOptions options);

private:
    struct Private;
    explicit McpAuth(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Bearer
