#include "demo/sampletools.h"

#include "demo/todostore_p.h"

#include <cmath>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;
using Mcp::Context;
using Mcp::Tool;
using Mcp::ToolResult;

namespace {

constexpr int maxContentLength = 1'000;

using TodoStorePtr = std::shared_ptr<TodoStore>;

QJsonObject typed(const QString &type, const QString &description)
{
    return {{u"type"_s, type}, {u"description"_s, description}};
}

/// Of an object with exactly these members, all of them required.
QJsonObject schemaOf(const QJsonObject &properties = {})
{
    QJsonObject schema{{u"type"_s, u"object"_s}, {u"additionalProperties"_s, false}};
    if (properties.isEmpty())
        return schema;
    schema.insert(u"properties"_s, properties);
    schema.insert(u"required"_s, QJsonArray::fromStringList(properties.keys()));
    return schema;
}

QJsonObject readOnly()
{
    return {{u"readOnlyHint"_s, true}, {u"openWorldHint"_s, false}};
}

/// Issuer and subject together, for neither is unique alone; the length keeps "ab" of "c" apart from "a" of "bc".
QString userOf(const Context &context)
{
    const Bearer::AuthInfo *auth = context.auth();
    return auth ? QString::number(auth->issuer.size()) + u':' + auth->issuer + auth->subject : u"anonymous"_s;
}

ToolResult whoami(const Context &context)
{
    const Bearer::AuthInfo *auth = context.auth();
    if (!auth)
        return ToolResult::json({{u"authenticated"_s, false}});
    return ToolResult::json(
        {{u"authenticated"_s, true},
         {u"issuer"_s, auth->issuer},
         {u"subject"_s, auth->subject},
         {u"clientId"_s, auth->clientId},
         {u"scopes"_s, QJsonArray::fromStringList(auth->scopes)},
         {u"audience"_s, QJsonArray::fromStringList(auth->audience)},
         {u"expiresAt"_s, auth->expiresAt ? QJsonValue(*auth->expiresAt) : QJsonValue(QJsonValue::Null)},
         {u"claims"_s, auth->claims}});
}

ToolResult add(const QJsonObject &arguments)
{
    const double sum = arguments.value("a"_L1).toDouble() + arguments.value("b"_L1).toDouble();
    if (!std::isfinite(sum))
        return ToolResult::error(u"The sum is too large for a number."_s);
    return ToolResult::json({{u"sum"_s, sum}});
}

ToolResult toResult(const Result<Todo> &todo)
{
    return todo ? ToolResult::json(toJson(*todo)) : ToolResult::error(todo.error().message);
}

ToolResult toResult(const QList<Todo> &todos)
{
    QJsonArray items;
    for (const Todo &todo : todos)
        items.append(toJson(todo));
    return ToolResult::json({{u"todos"_s, items}});
}

Tool whoamiTool()
{
    return {.name = u"whoami"_s,
            .title = u"Who am I"_s,
            .description = u"Tells who is calling, as the access token says."_s,
            .inputSchema = schemaOf(),
            .annotations = readOnly(),
            .handler = [](const QJsonObject &, const Context &context) { return whoami(context); }};
}

Tool addTool()
{
    return {.name = u"add"_s,
            .title = u"Add"_s,
            .description = u"Adds two numbers."_s,
            .inputSchema = schemaOf({{u"a"_s, typed(u"number"_s, u"The first number"_s)},
                                     {u"b"_s, typed(u"number"_s, u"The second number"_s)}}),
            .outputSchema = schemaOf({{u"sum"_s, typed(u"number"_s, u"Both together"_s)}}),
            .annotations = readOnly(),
            .handler = [](const QJsonObject &arguments, const Context &) { return add(arguments); }};
}

Tool createTool(const TodoStorePtr &store)
{
    QJsonObject content = typed(u"string"_s, u"What is to be done"_s);
    content.insert(u"minLength"_s, 1);
    content.insert(u"maxLength"_s, maxContentLength);
    return {.name = u"create_todo"_s,
            .title = u"Create a to-do item"_s,
            .description = u"Puts an item on the caller's own to-do list."_s,
            .inputSchema = schemaOf({{u"content"_s, content}}),
            .requiredScopes = {u"create:todos"_s},
            .annotations = {{u"destructiveHint"_s, false}, {u"openWorldHint"_s, false}},
            .handler = [store](const QJsonObject &arguments, const Context &context) {
                return toResult(store->create(userOf(context), arguments.value("content"_L1).toString()));
            }};
}

Tool listTool(const TodoStorePtr &store)
{
    return {.name = u"list_todos"_s,
            .title = u"List to-do items"_s,
            .description = u"Lists the caller's own to-do items."_s,
            .inputSchema = schemaOf(),
            .requiredScopes = {u"read:todos"_s},
            .annotations = readOnly(),
            .handler = [store](const QJsonObject &, const Context &context) {
                return toResult(store->list(userOf(context)));
            }};
}

Tool deleteTool(const TodoStorePtr &store)
{
    return {.name = u"delete_todo"_s,
            .title = u"Delete a to-do item"_s,
            .description = u"Takes an item off the caller's own to-do list."_s,
            .inputSchema = schemaOf({{u"id"_s, typed(u"string"_s, u"The item's id, as list_todos names it"_s)}}),
            .requiredScopes = {u"delete:todos"_s},
            .annotations = {{u"destructiveHint"_s, true}, {u"openWorldHint"_s, false}},
            .handler = [store](const QJsonObject &arguments, const Context &context) {
                return toResult(store->remove(userOf(context), arguments.value("id"_L1).toString()));
            }};
}

} // namespace

QList<Tool> sampleTools()
{
    const auto store = std::make_shared<TodoStore>();
    return {whoamiTool(), addTool(), createTool(store), listTool(store), deleteTool(store)};
}

} // namespace McpAuth::Demo
