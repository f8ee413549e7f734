// Arguments of a tool that its schema wants repeated in header fields (2026-07-28 Streamable HTTP, Custom Headers from
// Tool Parameters).
#pragma once

#include "base/result.h"

#include <QHttpHeaders>
#include <QList>
#include <QStringList>

namespace McpAuth::Mcp {

struct ParamHeader
{
    QString name;     ///< after "Mcp-Param-"
    QStringList path; ///< of the argument, through `properties`
    QString type;     ///< "string", "integer" or "boolean"
};

/// What a tool's inputSchema annotates with x-mcp-header. Errors: invalid_tool, with the reason: the tool must not be
/// used then.
[[nodiscard]] Result<QList<ParamHeader>> paramHeaders(const QJsonObject &inputSchema);

/// One Mcp-Param-… for each annotated argument that is there and of its type.
void appendParamHeaders(QHttpHeaders &headers, const QList<ParamHeader> &wanted, const QJsonObject &arguments);
/// Whether a request's fields of this name say what its argument says; integers are compared as numbers.
[[nodiscard]] bool agrees(const ParamHeader &header, const QJsonObject &arguments, qsizetype fields,
                          const QByteArray &field);

} // namespace McpAuth::Mcp
