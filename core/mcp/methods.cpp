#include "mcp/methods_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

RpcOutcome ping(const Toolbox &, const QJsonObject &, const Revision &)
{
    return QByteArrayLiteral("{}");
}

RpcOutcome listTools(const Toolbox &toolbox, const QJsonObject &params, const Revision &revision)
{
    if (params.contains("cursor"_L1)) // all tools fit on one page, so none was ever given out
        return rpcFault(RpcErrorCode::InvalidParams, u"Invalid params: this cursor is not known."_s);
    return toolbox.list(revision);
}

struct Method
{
    QLatin1StringView name;
    RpcOutcome (*answer)(const Toolbox &toolbox, const QJsonObject &params, const Revision &revision);
};

constexpr Method methods[] = {{"ping"_L1, ping}, {"tools/list"_L1, listTools}};
constexpr auto callMethod = "tools/call"_L1;

void addWord(QString &list, const QString &word)
{
    if (!list.isEmpty())
        list += u',';
    list += word;
}

/// `params` as the schema's InitializeRequest has them.
std::optional<QString> missingIn(const QJsonObject &params)
{
    const QJsonValue client = params.value("clientInfo"_L1);
    if (!params.value("protocolVersion"_L1).isString())
        return u"`protocolVersion` must be a string"_s;
    if (!params.value("capabilities"_L1).isObject())
        return u"`capabilities` must be an object"_s;
    if (!client["name"_L1].isString() || !client["version"_L1].isString())
        return u"`clientInfo` must have a name and a version"_s;
    return std::nullopt;
}

QJsonObject introduce(const EndpointOptions &options, const Revision &revision)
{
    QJsonObject server{{u"name"_s, options.name}, {u"version"_s, options.version}};
    if (revision.titles && !options.title.isEmpty())
        server.insert(u"title"_s, options.title);
    QJsonObject result{{u"protocolVersion"_s, revision.name},
                       {u"capabilities"_s, QJsonObject{{u"tools"_s, QJsonObject()}}},
                       {u"serverInfo"_s, server}};
    if (!options.instructions.isEmpty())
        result.insert(u"instructions"_s, options.instructions);
    return result;
}

} // namespace

const QStringList &supportedProtocolVersions()
{
    static const QStringList names = [] {
        QStringList list;
        for (const Revision &revision : revisions())
            list.append(revision.name);
        return list;
    }();
    return names;
}

Introduction::Introduction(const EndpointOptions &options)
{
    for (const Revision &revision : revisions())
        m_texts.append(toJsonText(introduce(options, revision)));
}

const QByteArray &Introduction::in(const Revision &revision) const
{
    return m_texts.at(&revision - revisions().constData());
}

std::expected<const Revision *, RpcError> agreedRevision(const QJsonObject &params)
{
    if (const auto missing = missingIn(params))
        return rpcFault(RpcErrorCode::InvalidParams, u"Invalid params: %1."_s.arg(*missing));
    const Revision *asked = findRevision(params.value("protocolVersion"_L1).toString());
    return asked ? asked : revisions().constData();
}

RpcAnswer answer(const Toolbox &toolbox, const RpcRequest &request, const Caller &caller)
{
    if (request.method == callMethod)
        return toolbox.call(request, caller);
    const auto method = std::ranges::find(methods, request.method, &Method::name);
    if (method == std::end(methods))
        return rpcFault(RpcErrorCode::MethodNotFound, u"Method not found: %1"_s.arg(request.method.left(128)));
    return method->answer(toolbox, request.params, *caller.revision);
}

Demand demandOf(const Toolbox &toolbox, const RpcPayload &payload)
{
    Demand demand;
    for (const RpcEntry &entry : payload.entries) {
        const RpcMessage *message = entry.message ? &*entry.message : nullptr;
        if (const auto *notification = message ? std::get_if<RpcNotification>(message) : nullptr)
            addWord(demand.methods, notification->method);
        const auto *request = message ? std::get_if<RpcRequest>(message) : nullptr;
        if (!request)
            continue;
        addWord(demand.methods, request->method);
        if (request->method != callMethod)
            continue;
        demand.callsTools = true;
        const QString name = request->params.value("name"_L1).toString();
        if (!name.isEmpty())
            addWord(demand.tools, name);
        if (const Tool *tool = toolbox.find(name))
            demand.scopes += tool->requiredScopes;
    }
    demand.scopes.removeDuplicates();
    return demand;
}

} // namespace McpAuth::Mcp
