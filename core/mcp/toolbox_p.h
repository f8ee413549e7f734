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

#include <variant>

namespace McpAuth::Mcp {

/// What a request is answered with: its result, as the text of a JSON object.
using RpcOutcome = std::expected<QByteArray, RpcError>;
/// At once, or later.
using RpcAnswer = std::variant<RpcOutcome, QCoro::Task<RpcOutcome>>;

[[nodiscard]] std::unexpected<RpcError> rpcFault(RpcErrorCode code, const QString &message);

/// What a call needs of its tool.
struct CompiledTool
{
    QString name;
    ToolHandler handler;
    Schema input;
    std::optional<Schema> output;
};

/// Who asks, in which session.
struct Caller
{
    std::shared_ptr<const Bearer::AuthInfo> auth; ///< null without auth
    SessionCaller counted;
    QByteArray session;
    const Revision *revision = nullptr;
    std::shared_ptr<Calls> calls;          ///< where those of his that run are counted
    std::stop_token peerGone = {};         ///< nobody waits for the answer any more
    std::chrono::milliseconds callTime{0}; ///< that a call may take; 0: no end
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

    /// The result of tools/list, as text.
    [[nodiscard]] const QByteArray &list(const Revision &revision) const;
    /// The result of tools/call. The toolbox may change or go while it runs.
    [[nodiscard]] RpcAnswer call(const RpcRequest &request, const Caller &caller) const;

private:
    static constexpr auto emptyList = R"({"tools":[]})";
    struct Entry
    {
        qsizetype index = 0;
        std::shared_ptr<const CompiledTool> compiled; // shared with the calls that run
    };
    QList<Tool> m_tools;
    QHash<QString, Entry> m_byName;
    QList<QByteArray> m_lists = QList<QByteArray>(revisions().size(), emptyList); // as revisions() has them
};

} // namespace McpAuth::Mcp
