// The tools of one endpoint, as clients of a revision see them, and their calls.
#pragma once

#include "base/result.h"
#include "mcp/calls_p.h"
#include "mcp/jsonrpc.h"
#include "mcp/revision_p.h"
#include "mcp/schema_p.h"
#include "mcp/tool.h"

#include <QCoroTask>
#include <QHash>

namespace McpAuth::Mcp {

/// What a request is answered with.
using RpcOutcome = std::expected<QJsonObject, RpcError>;

[[nodiscard]] std::unexpected<RpcError> rpcFault(RpcErrorCode code, const QString &message);
/// An outcome that needs no waiting.
[[nodiscard]] QCoro::Task<RpcOutcome> ready(RpcOutcome outcome);

/// What a call needs of its tool.
struct CompiledTool
{
    QString name;
    ToolHandler handler;
    Schema input;
    std::optional<Schema> output;
};

/// A call under way, and how long it may take (0: no end). Empty for a request that calls no tool.
struct CallSlot
{
    std::shared_ptr<RunningCall> running;
    std::chrono::milliseconds timeout{0};
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

    /// The result of tools/list.
    [[nodiscard]] QJsonObject list(const Revision &revision) const;
    /// The result of tools/call. The toolbox may change or go while it runs.
    [[nodiscard]] QCoro::Task<RpcOutcome> call(const QJsonObject &params, const Revision &revision, Context context,
                                               CallSlot slot) const;

private:
    struct Entry
    {
        qsizetype index = 0;
        std::shared_ptr<const CompiledTool> compiled; // shared with the calls that run
    };
    QList<Tool> m_tools;
    QHash<QString, Entry> m_byName;
};

/// A result as clients of the revision understand it.
[[nodiscard]] QJsonObject toJson(const ToolResult &result, const Revision &revision);

} // namespace McpAuth::Mcp
