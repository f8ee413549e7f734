#include "mcp/methods_p.h"
#include "mcp/running_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

RpcAnswer ping(const Features &, const RpcRequest &, const Caller &)
{
    return RpcResultText{.text = "{}"};
}

RpcAnswer listTools(const Features &features, const RpcRequest &request, const Caller &caller)
{
    return features.tools.list(request.params, *caller.revision);
}

RpcAnswer callTool(const Features &features, const RpcRequest &request, const Caller &caller)
{
    return features.tools.call(request, caller);
}

RpcAnswer listResources(const Features &features, const RpcRequest &request, const Caller &caller)
{
    return features.resources.list(request.params, *caller.revision);
}

RpcAnswer listTemplates(const Features &features, const RpcRequest &request, const Caller &caller)
{
    return features.resources.listTemplates(request.params, *caller.revision);
}

RpcAnswer readResource(const Features &features, const RpcRequest &request, const Caller &caller)
{
    return features.resources.read(request, caller);
}

RpcAnswer listPrompts(const Features &features, const RpcRequest &request, const Caller &caller)
{
    return features.prompts.list(request.params, *caller.revision);
}

RpcAnswer getPrompt(const Features &features, const RpcRequest &request, const Caller &caller)
{
    return features.prompts.get(request, caller);
}

/// Errors: as a sentence.
std::expected<CompletionRequest, QString> completionRequest(const QJsonObject &params)
{
    const QJsonValue argument = params.value("argument"_L1);
    if (!argument["name"_L1].isString() || !argument["value"_L1].isString())
        return std::unexpected(u"`argument` must have a name and a value."_s);
    CompletionRequest request{
        .argument = argument["name"_L1].toString(), .value = argument["value"_L1].toString(), .context = {}};
    const QJsonObject context = params.value("context"_L1)["arguments"_L1].toObject();
    for (auto member = context.begin(); member != context.end(); ++member)
        request.context.insert(member.key(), member->toString());
    return request;
}

RpcOutcome outcomeOfCompletion(const Result<Completion> &result)
{
    if (!result)
        return rpcFault(RpcErrorCode::InternalError, result.error().message);
    QJsonObject completion{
        {u"values"_s, QJsonArray::fromStringList(
                          result->values.first(std::min<qsizetype>(result->values.size(), maxCompletionValues)))},
        {u"hasMore"_s, result->values.size() > maxCompletionValues || result->total > result->values.size()}};
    if (result->total)
        completion.insert(u"total"_s, *result->total);
    return RpcResultText{.text = toJsonText(QJsonObject{{u"completion"_s, completion}})};
}

RpcAnswer complete(const Features &features, const RpcRequest &request, const Caller &caller)
{
    const QJsonValue reference = request.params.value("ref"_L1);
    const auto wanted = completionRequest(request.params);
    if (!wanted)
        return invalidParams(wanted.error());
    const bool isPrompt = reference["type"_L1] == "ref/prompt"_L1;
    if (!isPrompt && reference["type"_L1] != "ref/resource"_L1)
        return invalidParams(u"`ref` must be a ref/prompt or a ref/resource."_s);
    const QString name = reference[isPrompt ? "name"_L1 : "uri"_L1].toString();
    const auto handler = isPrompt ? features.prompts.completionOf(name) : features.resources.completionOf(name);
    if (!handler)
        return outcomeOfCompletion(Completion());
    return run<Completion>(handler, *handler, request, caller, {.kind = "completion"_L1, .name = name},
                           outcomeOfCompletion, *wanted);
}

RpcOutcome outcomeOfMethod(const Result<QJsonObject> &result)
{
    if (!result)
        return rpcFault(RpcErrorCode::InternalError, result.error().message);
    QJsonObject object = *result;
    object.remove("resultType"_L1); // the endpoint's to say
    const QJsonObject meta = object.take("_meta"_L1).toObject();
    return RpcResultText{.text = toJsonText(object), .meta = meta};
}

QStringList scopesOfResource(const Features &features, const QJsonObject &params)
{
    return features.resources.scopesOf(params.value("uri"_L1).toString());
}

QStringList scopesOfPrompt(const Features &features, const QJsonObject &params)
{
    return features.prompts.scopesOf(params.value("name"_L1).toString());
}

QStringList scopesOfReference(const Features &features, const QJsonObject &params)
{
    const QJsonValue reference = params.value("ref"_L1);
    return reference["type"_L1] == "ref/prompt"_L1
               ? features.prompts.scopesOf(reference["name"_L1].toString())
               : features.resources.scopesOfTemplate(reference["uri"_L1].toString());
}

QStringList scopesOfSubscription(const Features &features, const QJsonObject &params)
{
    QStringList scopes;
    const QJsonArray uris = params.value("notifications"_L1)["resourceSubscriptions"_L1].toArray();
    for (qsizetype i = 0; i < std::min(uris.size(), maxSubscriptions); ++i)
        scopes += features.resources.scopesOf(uris.at(i).toString());
    return scopes;
}

/// Of the protocol.
struct KnownMethod
{
    QLatin1StringView name;
    /// Null: the endpoint's to answer.
    RpcAnswer (*answer)(const Features &features, const RpcRequest &request, const Caller &caller) = nullptr;
    QStringList (*scopes)(const Features &features, const QJsonObject &params) = nullptr; ///< of what is named; or null
    bool runsHandler = false;
    bool legacyOnly = false;
    bool modernOnly = false;
    bool (*isOffered)(const Features &features) = nullptr; ///< as capabilitiesOf() tells it; null: always
};

bool offersResources(const Features &features)
{
    return !features.resources.isEmpty();
}

bool offersPrompts(const Features &features)
{
    return !features.prompts.isEmpty();
}

constexpr KnownMethod methods[] = {
    {.name = "tools/call"_L1, .answer = callTool, .runsHandler = true},
    {.name = "tools/list"_L1, .answer = listTools},
    {.name = "resources/list"_L1, .answer = listResources, .isOffered = offersResources},
    {.name = "resources/templates/list"_L1, .answer = listTemplates, .isOffered = offersResources},
    {.name = "resources/read"_L1,
     .answer = readResource,
     .scopes = scopesOfResource,
     .runsHandler = true,
     .isOffered = offersResources},
    {.name = "prompts/list"_L1, .answer = listPrompts, .isOffered = offersPrompts},
    {.name = "prompts/get"_L1,
     .answer = getPrompt,
     .scopes = scopesOfPrompt,
     .runsHandler = true,
     .isOffered = offersPrompts},
    {.name = "completion/complete"_L1,
     .answer = complete,
     .scopes = scopesOfReference,
     .runsHandler = true,
     .isOffered = offersCompletions},
    {.name = "ping"_L1, .answer = ping, .legacyOnly = true},
    {.name = "resources/subscribe"_L1, .scopes = scopesOfResource, .legacyOnly = true},
    {.name = "resources/unsubscribe"_L1, .legacyOnly = true},
    {.name = "logging/setLevel"_L1, .legacyOnly = true},
    {.name = "initialize"_L1, .legacyOnly = true},
    {.name = "server/discover"_L1, .modernOnly = true},
    {.name = "subscriptions/listen"_L1, .scopes = scopesOfSubscription, .modernOnly = true},
};

const KnownMethod *methodOf(const QString &name)
{
    const auto method = std::ranges::find(methods, name, &KnownMethod::name);
    return method == std::end(methods) ? nullptr : method;
}

const KnownMethod *methodOf(const QString &name, const Features &features, const Revision &revision)
{
    const KnownMethod *method = methodOf(name);
    if (!method || (revision.stateless ? method->legacyOnly : method->modernOnly))
        return nullptr;
    if (method->isOffered && !method->isOffered(features))
        return nullptr;
    return method;
}

void addWord(QString &list, const QString &word)
{
    list = list.isEmpty() ? word : list + u',' + word;
}

/// `params` as the schema's InitializeRequest has them.
std::optional<QString> missingIn(const QJsonObject &params)
{
    const QJsonValue client = params.value("clientInfo"_L1);
    if (!params.value("protocolVersion"_L1).isString())
        return u"`protocolVersion` must be a string."_s;
    if (!params.value("capabilities"_L1).isObject())
        return u"`capabilities` must be an object."_s;
    if (!client["name"_L1].isString() || !client["version"_L1].isString())
        return u"`clientInfo` must have a name and a version."_s;
    return std::nullopt;
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

std::expected<const Revision *, RpcError> agreedRevision(const QJsonObject &params)
{
    if (const auto missing = missingIn(params))
        return invalidParams(*missing);
    const Revision *asked = findRevision(params.value("protocolVersion"_L1).toString());
    return asked && !asked->stateless ? asked : newestLegacyRevision();
}

QJsonObject keptCapabilities(const QJsonObject &initializeParams)
{
    QJsonObject kept;
    const QJsonValue declared = initializeParams.value("capabilities"_L1);
    for (const auto &[name, parts] : {std::pair{u"roots"_s, QStringList{u"listChanged"_s}},
                                      std::pair{u"sampling"_s, QStringList{u"tools"_s, u"context"_s}},
                                      std::pair{u"elicitation"_s, QStringList{u"form"_s, u"url"_s}}}) {
        if (!declared[name].isObject())
            continue;
        QJsonObject capability;
        for (const QString &part : parts) {
            const QJsonValue value = declared[name][part];
            if (!value.isUndefined())
                capability.insert(part, value.isObject() ? QJsonValue(QJsonObject()) : QJsonValue(value.toBool()));
        }
        kept.insert(name, capability);
    }
    return kept;
}

bool hasMethod(const Features &features, const QString &method, const Revision &revision)
{
    return methodOf(method, features, revision) || features.methods.contains(method);
}

bool isOfTheProtocol(const QString &method)
{
    return methodOf(method) != nullptr;
}

RpcAnswer answer(const Features &features, const RpcRequest &request, const Caller &caller)
{
    const KnownMethod *method = methodOf(request.method, features, *caller.revision);
    if (method && method->answer)
        return method->answer(features, request, caller);
    if (const auto own = features.methods.value(request.method)) {
        return run<QJsonObject>(own, own->handler, request, caller, {.kind = "method"_L1, .name = request.method},
                                outcomeOfMethod, request.params);
    }
    return rpcFault(RpcErrorCode::MethodNotFound, u"Method not found: %1"_s.arg(request.method.left(128)));
}

Demand demandOf(const Features &features, const RpcPayload &payload)
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
        const KnownMethod *method = methodOf(request->method);
        const auto own = method ? nullptr : features.methods.value(request->method);
        demand.runsHandlers |= method ? method->runsHandler : own != nullptr;
        if (method && method->answer == callTool) {
            const QString name = request->params.value("name"_L1).toString();
            if (!name.isEmpty())
                addWord(demand.tools, name);
            if (const Tool *tool = features.tools.find(name))
                demand.scopes += tool->requiredScopes;
        }
        if (own)
            demand.scopes += own->requiredScopes;
        else if (method && method->scopes)
            demand.scopes += method->scopes(features, request->params);
    }
    demand.scopes.removeDuplicates();
    return demand;
}

} // namespace McpAuth::Mcp
