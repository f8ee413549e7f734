#include "mcp/described_p.h"
#include "mcp/running_p.h"
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
    QJsonObject object = described(tool, revision);
    object.insert(u"inputSchema"_s, tool.inputSchema);
    QJsonObject annotations = tool.annotations;
    if (!revision.titles && !tool.title.isEmpty() && !annotations.contains("title"_L1))
        annotations.insert(u"title"_s, tool.title);
    const bool isTold = revision.structuredResults && (revision.anyJsonResults || describesAnObject(tool.outputSchema));
    if (isTold && !tool.outputSchema.isEmpty())
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

bool tellsStructured(const ToolResult &result, const Revision &revision)
{
    return result.structuredContent && revision.structuredResults &&
           (revision.anyJsonResults || result.structuredContent->isObject());
}

/// A result as clients of the revision understand it.
RpcResultText toText(const ToolResult &result, const Revision &revision)
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
    if (tellsStructured(result, revision))
        text.append(R"(,"structuredContent":)").append(structured);
    text += '}';
    return {.text = text, .meta = result.meta};
}

Result<> checkOutput(const std::optional<Schema> &schema, const ToolResult &result)
{
    if (!schema || result.isError)
        return {};
    if (!result.structuredContent)
        return fail(u"invalid_arguments"_s, u"The result has no structuredContent."_s);
    return schema->check(*result.structuredContent, u"The result"_s);
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
    auto headers = paramHeaders(tool.inputSchema);
    if (!headers)
        return fail(headers.error());
    return std::make_shared<const CompiledTool>(CompiledTool{.name = tool.name,
                                                             .handler = tool.handler,
                                                             .input = std::move(*input),
                                                             .output = std::move(output),
                                                             .paramHeaders = *std::move(headers)});
}

RpcOutcome outcomeOf(const CompiledTool &tool, const Result<ToolResult> &result, const Revision &revision)
{
    if (!result && result.error().code == "handler_failed"_L1)
        return rpcFault(RpcErrorCode::InternalError, result.error().message);
    if (!result)
        return toText(ToolResult::error(result.error().message), revision);
    if (auto fits = checkOutput(tool.output, *result); !fits) {
        qWarning("The result of the tool %s does not match its outputSchema: %s", qUtf8Printable(tool.name),
                 qUtf8Printable(fits.error().message));
        return rpcFault(RpcErrorCode::InternalError,
                        u"The result of the tool \"%1\" does not match its outputSchema."_s.arg(tool.name));
    }
    return toText(*result, revision);
}

} // namespace

Result<> Toolbox::add(Tool tool)
{
    if (tool.name.isEmpty())
        return invalidTool(tool.name, u"it has no name"_s);
    if (m_byName.contains(tool.name))
        return invalidTool(tool.name, u"there is one of this name already"_s);
    if (!describesAnObject(tool.inputSchema))
        return invalidTool(tool.name, u"its inputSchema is not of type object"_s);
    if (!isCallable(tool.handler))
        return invalidTool(tool.name, u"it has no handler"_s);
    auto compiled = compile(tool);
    if (!compiled)
        return std::unexpected(compiled.error());
    m_list.add([&](const Revision &revision) { return describe(tool, revision); });
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

QList<ParamHeader> Toolbox::paramHeadersOf(const QString &name) const
{
    const auto entry = m_byName.constFind(name);
    return entry == m_byName.constEnd() ? QList<ParamHeader>() : entry->compiled->paramHeaders;
}

RpcOutcome Toolbox::list(const QJsonObject &params, const Revision &revision) const
{
    return m_list.page(params, revision);
}

RpcAnswer Toolbox::call(const RpcRequest &request, const Caller &caller) const
{
    const QJsonValue name = request.params.value("name"_L1);
    const QJsonValue given = request.params.value("arguments"_L1);
    if (!name.isString())
        return invalidParams(u"`name` must be a string."_s);
    if (!given.isUndefined() && !given.isObject())
        return invalidParams(u"`arguments` must be an object."_s);
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
    const auto toOutcome = [tool, revision = caller.revision](const Result<ToolResult> &result) {
        return outcomeOf(*tool, result, *revision);
    };
    return run<ToolResult>(tool, tool->handler, request, caller, {.kind = "tool"_L1, .name = tool->name}, toOutcome,
                           arguments);
}

} // namespace McpAuth::Mcp
