#include "mcp/described_p.h"
#include "mcp/prompts_p.h"
#include "mcp/running_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> invalidPrompt(const QString &name, const QString &why)
{
    return fail(u"invalid_prompt"_s, u"The prompt \"%1\" cannot be added: %2."_s.arg(name, why), {{u"prompt"_s, name}});
}

QJsonObject describeArgument(const PromptArgument &argument, const Revision &revision)
{
    QJsonObject object{{u"name"_s, argument.name}, {u"required"_s, argument.required}};
    if (!argument.description.isEmpty())
        object.insert(u"description"_s, argument.description);
    if (revision.titles && !argument.title.isEmpty())
        object.insert(u"title"_s, argument.title);
    return object;
}

QJsonObject describePrompt(const Prompt &prompt, const Revision &revision)
{
    QJsonObject object = described(prompt, revision);
    QJsonArray arguments;
    for (const PromptArgument &argument : prompt.arguments)
        arguments.append(describeArgument(argument, revision));
    if (!arguments.isEmpty())
        object.insert(u"arguments"_s, arguments);
    return object;
}

std::expected<QMap<QString, QString>, RpcError> argumentsFor(const Prompt &prompt, const QJsonValue &given)
{
    if (!given.isUndefined() && !given.isObject())
        return invalidParams(u"`arguments` must be an object."_s);
    const QJsonObject object = given.toObject();
    QMap<QString, QString> arguments;
    for (auto member = object.begin(); member != object.end(); ++member) {
        if (!member->isString())
            return invalidParams(u"the argument %1 must be a string."_s.arg(member.key().left(64)));
        arguments.insert(member.key(), member->toString());
    }
    for (const PromptArgument &argument : prompt.arguments) {
        if (argument.required && !arguments.contains(argument.name))
            return invalidParams(u"the argument %1 is missing."_s.arg(argument.name));
    }
    return arguments;
}

RpcOutcome outcomeOfPrompt(const Result<PromptResult> &result)
{
    if (!result)
        return rpcFault(RpcErrorCode::InternalError, result.error().message);
    QJsonArray messages;
    for (const PromptMessage &message : result->messages)
        messages.append(QJsonObject{{u"role"_s, message.role}, {u"content"_s, message.content}});
    QJsonObject object{{u"messages"_s, messages}};
    if (!result->description.isEmpty())
        object.insert(u"description"_s, result->description);
    return RpcResultText{.text = toJsonText(object)};
}

} // namespace

PromptMessage PromptMessage::text(const QString &text, const QString &role)
{
    return {.role = role, .content = {{u"type"_s, u"text"_s}, {u"text"_s, text}}};
}

Result<> Prompts::add(Prompt prompt)
{
    if (prompt.name.isEmpty())
        return invalidPrompt(prompt.name, u"it has no name"_s);
    if (m_byName.contains(prompt.name))
        return invalidPrompt(prompt.name, u"there is one of this name already"_s);
    if (!isCallable(prompt.handler))
        return invalidPrompt(prompt.name, u"it has no handler"_s);
    m_list.add([&](const Revision &revision) { return describePrompt(prompt, revision); });
    const QString name = prompt.name;
    m_byName.insert(name, std::make_shared<const Prompt>(std::move(prompt)));
    return {};
}

bool Prompts::canComplete() const
{
    return std::ranges::any_of(m_byName, [](const auto &prompt) { return isCallable(prompt->complete); });
}

QStringList Prompts::scopesOf(const QString &name) const
{
    const auto prompt = m_byName.value(name);
    return prompt ? prompt->requiredScopes : QStringList();
}

RpcOutcome Prompts::list(const QJsonObject &params, const Revision &revision) const
{
    return m_list.page(params, revision);
}

RpcAnswer Prompts::get(const RpcRequest &request, const Caller &caller) const
{
    const QJsonValue name = request.params.value("name"_L1);
    if (!name.isString())
        return invalidParams(u"`name` must be a string."_s);
    const auto prompt = m_byName.value(name.toString());
    if (!prompt)
        return rpcFault(RpcErrorCode::InvalidParams, u"Unknown prompt: %1"_s.arg(name.toString().left(128)));
    const auto arguments = argumentsFor(*prompt, request.params.value("arguments"_L1));
    if (!arguments)
        return std::unexpected(arguments.error());
    return run<PromptResult>(prompt, prompt->handler, request, caller, {.kind = "prompt"_L1, .name = prompt->name},
                             outcomeOfPrompt, *arguments);
}

std::shared_ptr<const CompletionHandler> Prompts::completionOf(const QString &name) const
{
    const auto prompt = m_byName.value(name);
    if (!prompt || !isCallable(prompt->complete))
        return nullptr;
    return {prompt, &prompt->complete};
}

} // namespace McpAuth::Mcp
