// How an MCP client finds a provider's metadata: every place the specification names, in its order.
#pragma once

#include "metadata/serverconfig.h"

namespace McpAuth::Metadata {

enum class ProbeOutcome { Used, NotFound, Invalid, IssuerMismatch, Unreachable };

[[nodiscard]] QString
toString(ProbeOutcome outcome); ///< "used", "not_found", "invalid", "issuer_mismatch", "unreachable"

/// One place that was looked at.
struct Probe
{
    QString url;
    int status = 0; ///< 0: no response
    std::chrono::milliseconds duration{};
    ProbeOutcome outcome = ProbeOutcome::Unreachable;
    Error reason; ///< why it was not used, in words; empty code when it was
};

struct Discovery
{
    QString issuer;      ///< what was looked for, as given (or as derived from a well-known URL)
    QList<Probe> probes; ///< in the order they were made
    Result<ServerConfig> config = fail(Error{}); ///< Errors: invalid_url, provider_unreachable, metadata_not_found,
                                                 ///< invalid_server_metadata, issuer_mismatch, cancelled
    std::optional<QJsonObject> document;         ///< the document that came nearest, also when it was not usable
    QByteArray body;                             ///< that answer's bytes, also when they are no JSON
};

struct DiscoveryOptions
{
    std::optional<ServerType> type = {}; ///< automatic when empty; else only that type's one URL
    TranspileData transpileData = {};    ///< repairs a document before it is judged
    /// Members, besides those of isComplete(), without which a document does not end the search: what the caller is
    /// after may be in the next one.
    QStringList needed = {};
    std::stop_token stop = {};
};

/// Goes on after 401, 403, 404, HTML, a redirect that is not followed, an invalid document and a wrong issuer; the
/// first place with a complete document of the right issuer wins (isComplete, and DiscoveryOptions::needed), else the
/// first that has what is needed, else the first that names the issuer. A status
/// of 500 and more, or 429, means that the provider is down: unreachable, with the status. `issuer` may also be the
/// document's own well-known URL: then only that place is asked, and the issuer is the one the URL stands for. When
/// nothing answers at all, the first unreachable probe of a host ends the search, since the others are the same host.
[[nodiscard]] QCoro::Task<Discovery> discover(Http::Client *client, QString issuer, DiscoveryOptions options = {});

} // namespace McpAuth::Metadata
