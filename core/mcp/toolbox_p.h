// The tools of one endpoint, as clients of a revision see them, and their calls.
#pragma once

#include "mcp/caller_p.h"
#include "mcp/listing_p.h"
#include "mcp/paramheaders_p.h"
#include "mcp/schema_p.h"
#include "mcp/tool.h"

#include <QHash>

namespace McpAuth::Mcp {

/// What a call needs of its tool.
struct CompiledTool
{
    QString name;
    ToolHandler handler;
    Schema input;
    std::optional<Schema> output;
    QList<ParamHeader> paramHeaders;
};

class Toolbox
{
public:
    /// Errors: invalid_tool.
    [[nodiscard]] Result<> add(Tool tool);
    [[nodiscard]] const QList<Tool> &tools() const { return m_tools; }
    /// Null when there is none of this name; valid until the next change.
    [[nodiscard]] const Tool *find(const QString &name) const;
    bool setScopes(const QString &name, const QStringList &scopes);

    /// The arguments that a stateless request repeats in its header.
    [[nodiscard]] QList<ParamHeader> paramHeadersOf(const QString &name) const;

    [[nodiscard]] RpcOutcome list(const QJsonObject &params, const Revision &revision) const;
    /// The result of tools/call. The toolbox may change or go while it runs.
    [[nodiscard]] RpcAnswer call(const RpcRequest &request, const Caller &caller) const;

private:
    struct Entry
    {
        qsizetype index = 0;
        std::shared_ptr<const CompiledTool> compiled; // shared with the calls that run
    };
    QList<Tool> m_tools;
    QHash<QString, Entry> m_byName;
    Listings m_list{"tools"};
};

} // namespace McpAuth::Mcp
