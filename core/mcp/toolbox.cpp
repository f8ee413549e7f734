#include "base/race.h"
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

/// A result as clients of the revision understand it.
QByteArray toText(const ToolResult &result, const Revision &revision)
{
    const QByteArray structured = result.structuredContent ? toJsonText(*result.structuredContent) : QByteArray();
    QByteArray text;
    text.reserve(2 * structured.size() + structured.size() / 4 + 96); // once plain, once with escapes
    text += R"({"content":)";
    if (result.content.isEmpty() && result.structuredContent) {
        text += R"([{"text":)";
        appendJsonString(text, structured);
        text += R"(,"type":"text"}])";
    } else {
        QJsonArray content = result.content;
        if (!revision.structuredResults)
            std::transform(content.begin(), content.end(), content.begin(), withoutLinks);
        text += toJsonText(content);
    }
    if (result.isError)
        text += R"(,"isError":true)";
    if (result.structuredContent && revision.structuredResults)
        text.append(R"(,"structuredContent":)").append(structured);
    text += '}';
    return text;
}

Result<> checkOutput(const std::optional<Schema> &schema, const ToolResult &result)
{
    if (!schema || result.isError)
        return {};
    if (!result.structuredContent)
        return fail(u"invalid_arguments"_s, u"The result has no structuredContent."_s);
    return schema->check(*result.structuredContent, u"The result"_s);
}

/// In a catch block. A handler is a stranger's code: it may throw, and then the caller learns that it failed and
/// nothing else. Errors: tool_failed.
std::unexpected<Error> thrownBy(const CompiledTool &tool)
{
    try {
        throw;
    } catch (const std::exception &exception) {
        qWarning("A tool's handler threw an exception: %s", exception.what());
    } catch (...) {
        qWarning("A tool's handler threw something that is no exception.");
    }
    return fail(u"tool_failed"_s, u"The tool \"%1\" failed."_s.arg(tool.name));
}

Result<ToolResult> runNow(const CompiledTool &tool, const ToolFunction &function, const QJsonObject &arguments,
                          const Context &context)
{
    try {
        Result<ToolResult> result = function(arguments, context);
        return result ? *std::move(result) : ToolResult::error(result.error().message);
    } catch (...) {
        return thrownBy(tool);
    }
}

QCoro::Task<Result<ToolResult>> run(std::shared_ptr<const CompiledTool> tool, QJsonObject arguments, Context context,
                                    std::shared_ptr<RunningCall> running)
{
    Q_ASSERT(running); // it counts until this has ended
    Result<ToolResult> result;
    try {
        result = co_await std::get<ToolCoroutine>(tool->handler)(std::move(arguments), std::move(context));
    } catch (...) {
        result = thrownBy(*tool);
    }
    co_return result;
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

RpcOutcome outcomeOf(const CompiledTool &tool, const Result<ToolResult> &result, const Revision &revision)
{
    if (!result)
        return rpcFault(RpcErrorCode::InternalError, result.error().message);
    if (auto fits = checkOutput(tool.output, *result); !fits) {
        qWarning("The result of the tool %s does not match its outputSchema: %s", qUtf8Printable(tool.name),
                 qUtf8Printable(fits.error().message));
        return rpcFault(RpcErrorCode::InternalError,
                        u"The result of the tool \"%1\" does not match its outputSchema."_s.arg(tool.name));
    }
    return toText(*result, revision);
}

QCoro::Task<RpcOutcome> runLater(std::shared_ptr<const CompiledTool> tool, QJsonObject arguments, Caller caller,
                                 QJsonValue id)
{
    const auto running = std::make_shared<RunningCall>(caller.calls, caller.counted, caller.session, id);
    const auto stopCall = [running] { auto(running)->stop(); }; // a copy: the call may end by being told
    const std::stop_callback onPeerGone(caller.peerGone, stopCall);
    Context context(caller.auth, QString::fromLatin1(caller.session), caller.revision->name, running->token());
    auto task = run(tool, std::move(arguments), std::move(context), running);
    if (!task.isReady())
        task = raced(std::move(task), std::stop_token(), Error(), caller.callTime);
    const Result<ToolResult> result = co_await task;
    if (result || result.error().code != "timeout"_L1)
        co_return outcomeOf(*tool, result, *caller.revision);
    running->stop();
    co_return toText(ToolResult::error(u"The tool \"%1\" did not finish in time."_s.arg(tool->name)), *caller.revision);
}

} // namespace

std::unexpected<RpcError> rpcFault(RpcErrorCode code, const QString &message)
{
    return std::unexpected(RpcError{.code = static_cast<int>(code), .message = message});
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
    if (!std::visit([](const auto &handler) { return static_cast<bool>(handler); }, tool.handler))
        return invalidTool(tool.name, u"it has no handler"_s);
    auto compiled = compile(tool);
    if (!compiled)
        return std::unexpected(compiled.error());
    for (qsizetype i = 0; i < m_lists.size(); ++i) {
        const QByteArray description = toJsonText(describe(tool, revisions().at(i)));
        m_lists[i].insert(m_lists.at(i).size() - 2, m_tools.isEmpty() ? description : ',' + description);
    }
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

const QByteArray &Toolbox::list(const Revision &revision) const
{
    return m_lists.at(&revision - revisions().constData());
}

RpcAnswer Toolbox::call(const RpcRequest &request, const Caller &caller) const
{
    const QJsonValue name = request.params.value("name"_L1);
    const QJsonValue given = request.params.value("arguments"_L1);
    if (!name.isString())
        return rpcFault(RpcErrorCode::InvalidParams, u"Invalid params: `name` must be a string."_s);
    if (!given.isUndefined() && !given.isObject())
        return rpcFault(RpcErrorCode::InvalidParams, u"Invalid params: `arguments` must be an object."_s);
    const auto entry = m_byName.constFind(name.toString());
    if (entry == m_byName.constEnd()) // tools.mdx, Error Handling: an unknown tool is a protocol error
        return rpcFault(RpcErrorCode::InvalidParams, u"Unknown tool: %1"_s.arg(name.toString().left(128)));
    const auto tool = entry->compiled; // a handler may add tools
    const QJsonObject arguments = given.toObject();
    if (auto fits = tool->input.check(arguments); !fits) {
        if (caller.revision->argumentErrorsAreResults)
            return toText(ToolResult::error(fits.error().message), *caller.revision);
        return rpcFault(RpcErrorCode::InvalidParams, u"Invalid arguments: "_s + fits.error().message);
    }
    if (const auto *function = std::get_if<ToolFunction>(&tool->handler)) {
        const Context context(caller.auth, QString::fromLatin1(caller.session), caller.revision->name);
        return outcomeOf(*tool, runNow(*tool, *function, arguments, context), *caller.revision);
    }
    return runLater(tool, arguments, caller, request.id);
}

} // namespace McpAuth::Mcp
