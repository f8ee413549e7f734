#include "mcp/timelimit_p.h"
#include "mcp/toolbox_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> invalidTool(const QString &name, const QString &why)
{
    return fail(u"invalid_tool"_s, u"The tool \"%1\" cannot be added: %2."_s.arg(name, why), {{u"tool"_s, name}});
}

bool describesAnObject(const QJsonObject &schema)
{
    return schema.value("type"_L1) == "object"_L1;
}

QJsonObject describe(const Tool &tool, const Revision &revision)
{
    QJsonObject object{{u"name"_s, tool.name}, {u"inputSchema"_s, tool.inputSchema}};
    QJsonObject annotations = tool.annotations;
    if (!tool.title.isEmpty()) {
        if (revision.titles)
            object.insert(u"title"_s, tool.title);
        else if (!annotations.contains("title"_L1))
            annotations.insert(u"title"_s, tool.title);
    }
    if (!tool.description.isEmpty())
        object.insert(u"description"_s, tool.description);
    if (revision.structuredResults && !tool.outputSchema.isEmpty())
        object.insert(u"outputSchema"_s, tool.outputSchema);
    if (!annotations.isEmpty())
        object.insert(u"annotations"_s, annotations);
    return object;
}

/// A link to a resource in the words of a revision that has none.
QJsonValue withoutLinks(const QJsonValue &block)
{
    if (block.toObject().value("type"_L1) != "resource_link"_L1)
        return block;
    return QJsonObject{{u"type"_s, u"text"_s}, {u"text"_s, block.toObject().value("uri"_L1).toString()}};
}

Result<> checkOutput(const std::optional<Schema> &schema, const ToolResult &result)
{
    if (!schema || result.isError)
        return {};
    if (!result.structuredContent)
        return fail(u"invalid_arguments"_s, u"The result has no structuredContent."_s);
    return schema->check(*result.structuredContent, u"The result"_s);
}

/// A handler is a stranger's code: it may throw, and then the caller learns that it failed and nothing else. Errors:
/// tool_failed.
QCoro::Task<Result<ToolResult>> run(std::shared_ptr<const CompiledTool> tool, QJsonObject arguments, Context context,
                                    std::shared_ptr<RunningCall> running)
{
    Q_ASSERT(running); // it counts until this has ended
    try {
        ToolResult result = co_await tool->handler(std::move(arguments), std::move(context));
        co_return result;
    } catch (const std::exception &exception) {
        qWarning("A tool's handler threw an exception: %s", exception.what());
    } catch (...) {
        qWarning("A tool's handler threw something that is no exception.");
    }
    co_return fail(u"tool_failed"_s, u"The tool \"%1\" failed."_s.arg(tool->name));
}

Result<std::shared_ptr<const CompiledTool>> compile(const Tool &tool)
{
    auto input = Schema::compile(tool.inputSchema);
    if (!input)
        return invalidTool(tool.name, u"inputSchema"_s + input.error().message);
    std::optional<Schema> output;
    if (!tool.outputSchema.isEmpty()) {
        auto compiled = Schema::compile(tool.outputSchema);
        if (!compiled)
            return invalidTool(tool.name, u"outputSchema"_s + compiled.error().message);
        output = std::move(*compiled);
    }
    return std::make_shared<const CompiledTool>(CompiledTool{
        .name = tool.name, .handler = tool.handler, .input = std::move(*input), .output = std::move(output)});
}

struct Invocation
{
    std::shared_ptr<const CompiledTool> tool;
    QJsonObject arguments;
    Revision revision;
    CallSlot slot;
};

RpcOutcome outcomeOf(const Invocation &invocation, const ToolResult &result)
{
    const QString &name = invocation.tool->name;
    if (auto fits = checkOutput(invocation.tool->output, result); !fits) {
        qWarning("The result of the tool %s does not match its outputSchema: %s", qUtf8Printable(name),
                 qUtf8Printable(fits.error().message));
        return rpcFault(RpcErrorCode::InternalError,
                        u"The result of the tool \"%1\" does not match its outputSchema."_s.arg(name));
    }
    return toJson(result, invocation.revision);
}

QCoro::Task<RpcOutcome> invoke(Invocation invocation, Context context)
{
    auto task = run(invocation.tool, invocation.arguments, std::move(context), invocation.slot.running);
    if (!task.isReady())
        task = within(std::move(task), invocation.slot.timeout);
    const Result<ToolResult> result = co_await task;
    if (result)
        co_return outcomeOf(invocation, *result);
    if (result.error().code != "timeout"_L1)
        co_return rpcFault(RpcErrorCode::InternalError, result.error().message);
    invocation.slot.running->stop();
    co_return toJson(ToolResult::error(u"The tool \"%1\" did not finish in time."_s.arg(invocation.tool->name)),
                     invocation.revision);
}

} // namespace

std::unexpected<RpcError> rpcFault(RpcErrorCode code, const QString &message)
{
    return std::unexpected(RpcError{.code = static_cast<int>(code), .message = message});
}

QCoro::Task<RpcOutcome> ready(RpcOutcome outcome)
{
    co_return outcome;
}

Result<> Toolbox::add(Tool tool)
{
    if (tool.name.isEmpty())
        return invalidTool(tool.name, u"it has no name"_s);
    if (m_byName.contains(tool.name))
        return invalidTool(tool.name, u"there is one of this name already"_s);
    if (!describesAnObject(tool.inputSchema))
        return invalidTool(tool.name, u"its inputSchema is not of type object"_s);
    if (!tool.outputSchema.isEmpty() && !describesAnObject(tool.outputSchema))
        return invalidTool(tool.name, u"its outputSchema is not of type object"_s);
    if (!tool.handler)
        return invalidTool(tool.name, u"it has no handler"_s);
    auto compiled = compile(tool);
    if (!compiled)
        return std::unexpected(compiled.error());
    m_byName.insert(tool.name, {.index = m_tools.size(), .compiled = *compiled});
    m_tools.append(std::move(tool));
    return {};
}

const Tool *Toolbox::find(const QString &name) const
{
    const auto entry = m_byName.constFind(name);
    return entry == m_byName.constEnd() ? nullptr : &m_tools.at(entry->index);
}

bool Toolbox::setScopes(const QString &name, const QStringList &scopes)
{
    const auto entry = m_byName.constFind(name);
    if (entry == m_byName.constEnd())
        return false;
    m_tools[entry->index].requiredScopes = scopes;
    return true;
}

QJsonObject Toolbox::list(const Revision &revision) const
{
    QJsonArray descriptions;
    for (const Tool &tool : m_tools)
        descriptions.append(describe(tool, revision));
    return {{u"tools"_s, descriptions}};
}

QCoro::Task<RpcOutcome> Toolbox::call(const QJsonObject &params, const Revision &revision, Context context,
                                      CallSlot slot) const
{
    const QJsonValue name = params.value("name"_L1);
    const QJsonValue arguments = params.value("arguments"_L1);
    if (!name.isString())
        return ready(rpcFault(RpcErrorCode::InvalidParams, u"Invalid params: `name` must be a string."_s));
    if (!arguments.isUndefined() && !arguments.isObject())
        return ready(rpcFault(RpcErrorCode::InvalidParams, u"Invalid params: `arguments` must be an object."_s));
    const auto tool = m_byName.constFind(name.toString());
    if (tool == m_byName.constEnd()) // tools.mdx, Error Handling: an unknown tool is a protocol error
        return ready(rpcFault(RpcErrorCode::InvalidParams, u"Unknown tool: %1"_s.arg(name.toString().left(128))));
    if (auto fits = tool->compiled->input.check(arguments.toObject()); !fits) {
        if (revision.argumentErrorsAreResults)
            return ready(toJson(ToolResult::error(fits.error().message), revision));
        return ready(rpcFault(RpcErrorCode::InvalidParams, u"Invalid arguments: "_s + fits.error().message));
    }
    return invoke(
        {.tool = tool->compiled, .arguments = arguments.toObject(), .revision = revision, .slot = std::move(slot)},
        std::move(context));
}

QJsonObject toJson(const ToolResult &result, const Revision &revision)
{
    QJsonArray content = result.content;
    if (!revision.structuredResults)
        std::transform(content.begin(), content.end(), content.begin(), withoutLinks);
    QJsonObject object{{u"content"_s, content}};
    if (result.structuredContent && revision.structuredResults)
        object.insert(u"structuredContent"_s, *result.structuredContent);
    if (result.isError)
        object.insert(u"isError"_s, true);
    return object;
}

} // namespace McpAuth::Mcp
