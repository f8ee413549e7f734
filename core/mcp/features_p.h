// What one endpoint offers: its tools, resources, prompts, and methods of its own.
#pragma once

#include "mcp/endpoint.h"
#include "mcp/prompts_p.h"
#include "mcp/resources_p.h"
#include "mcp/toolbox_p.h"

namespace McpAuth::Mcp {

struct Features
{
    Toolbox tools;
    Resources resources;
    Prompts prompts;
    QHash<QString, std::shared_ptr<const Method>> methods; ///< beyond the protocol's

    /// Errors: invalid_method.
    [[nodiscard]] Result<> add(Method method);
};

/// Whether some argument of a prompt or template has values to offer.
[[nodiscard]] bool offersCompletions(const Features &features);

/// ServerCapabilities in the words of a revision.
[[nodiscard]] QJsonObject capabilitiesOf(const Features &features, const Revision &revision);

/// What a server says of itself: the result of initialize, or of server/discover. `spoken`: the revisions that it
/// takes.
[[nodiscard]] QJsonObject introduction(const EndpointOptions &options, const Features &features,
                                       const Revision &revision, const QStringList &spoken);

/// {"name", "title", "version"}
[[nodiscard]] QJsonObject implementationOf(const EndpointOptions &options, const Revision &revision);

} // namespace McpAuth::Mcp
