// What differs between the protocol's revisions: a table.
#pragma once

#include <QList>
#include <QString>

namespace McpAuth::Mcp {

struct Revision
{
    QString name;
    bool stateless = false;                ///< no handshake and no session: each request says who it comes from
    bool batches = false;                  ///< several messages in one body
    bool progressMessages = false;         ///< words beside the number
    bool completions = false;              ///< as a capability of the server
    bool primedStreams = false;            ///< an event stream begins with an ID to resume after
    bool titles = false;                   ///< of tools, beside their annotations, and of all else that has a name
    bool icons = false;                    ///< of all that has a name
    bool structuredResults = false;        ///< structuredContent, outputSchema and links to resources
    bool argumentErrorsAreResults = false; ///< what does not fit the schema is for the model to see, no protocol error
                                           ///< (SEP-1303)
    bool anyJsonResults = false;           ///< structuredContent and outputSchema need not be objects (SEP-2106)
};

/// Newest first.
[[nodiscard]] const QList<Revision> &revisions();
/// The newest that begins with a handshake.
[[nodiscard]] const Revision *newestLegacyRevision();
/// Null for one that is not spoken here. What is returned lives as long as the program.
[[nodiscard]] const Revision *findRevision(QStringView name);

} // namespace McpAuth::Mcp
