// What differs between the protocol's revisions: a table. All of them begin with a handshake and keep a session.
#pragma once

#include <QList>
#include <QString>

namespace McpAuth::Mcp {

struct Revision
{
    QString name;
    bool batches;                  ///< several messages in one body
    bool titles;                   ///< of tools, beside their annotations
    bool structuredResults;        ///< structuredContent, outputSchema and links to resources
    bool argumentErrorsAreResults; ///< what does not fit the schema is for the model to see, no protocol error
                                   ///< (SEP-1303)
};

/// Newest first.
[[nodiscard]] const QList<Revision> &revisions();
/// Null for one that is not spoken here. What is returned lives as long as the program.
[[nodiscard]] const Revision *findRevision(QStringView name);

} // namespace McpAuth::Mcp
