// How an MCP client finds what a server says of itself (RFC 9728): every place the specification names, in its order.
#pragma once

#include "metadata/discovery.h"
#include "metadata/protectedresourcemetadata.h"

#include <functional>

namespace McpAuth::Metadata {

struct ResourceDiscovery
{
    QList<Probe> probes; ///< in the order they were made
    QString url;         ///< of the document, where redirects led; empty without one
    /// Errors: invalid_url, resource_metadata_not_found (details.places where there were several; details.status or
    /// details.cause), invalid_resource_metadata, cancelled, private_address, those of mayAsk.
    Result<ProtectedResourceMetadata> metadata = fail(Error{});
};

struct ResourceDiscoveryOptions
{
    QString metadataUrl = {}; ///< as the server's challenge names it: then no other place is asked
    /// Asked of each place before a request goes there: an error is the reason why none does. Null: any place.
    std::function<Result<>(const QString &url)> mayAsk = {};
    std::stop_token stop = {};
};

/// Without a URL in the challenge, the path's place, then the root's (2026-07-28, Protected Resource Metadata Discovery
/// Requirements). The first document that can be read wins, whatever resource it names: resourceMatches() judges that.
[[nodiscard]] QCoro::Task<ResourceDiscovery> discoverResource(Http::Client *client, QString mcpUrl,
                                                              ResourceDiscoveryOptions options = {});

/// RFC 9728 §3.3, as MCP clients do it: the metadata's resource is the server's URL, byte for byte, or an ancestor of
/// it: same scheme, host and port, and a path that is a prefix ending at a segment.
[[nodiscard]] bool resourceMatches(const QString &resource, const QString &mcpUrl);

} // namespace McpAuth::Metadata
