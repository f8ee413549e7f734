#include "mcp/listing_p.h"
#include "mcp/resources_p.h"
#include "stateless.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

using Variables = QMap<QString, QString>;

ResourceHandler tells(const std::variant<QString, QByteArray> &content)
{
    return [content](const QString &, const Context &) -> Result<QList<ResourceContents>> {
        return QList<ResourceContents>{{.content = content}};
    };
}

ResourceTemplate templateOf(const QString &uriTemplate)
{
    return {
        .uriTemplate = uriTemplate,
        .name = u"t"_s,
        .handler = [](const QString &, const Variables &variables, const Context &) -> Result<QList<ResourceContents>> {
            QStringList words;
            for (const auto &[name, value] : variables.asKeyValueRange())
                words.append(name + u'=' + value);
            return QList<ResourceContents>{{.content = words.join(u' ')}};
        }};
}

Prompt promptOf(const QString &name)
{
    return {.name = name,
            .arguments = {{.name = u"who"_s, .required = true}},
            .handler = [](const Variables &arguments, const Context &) -> Result<PromptResult> {
                return PromptResult{.messages = {PromptMessage::text(u"Greet "_s + arguments.value(u"who"_s))}};
            },
            .complete = [](const CompletionRequest &request, const Context &) -> Result<Completion> {
                QStringList values;
                for (int i = 0; i < 150; ++i)
                    values.append(request.value + QString::number(i));
                return Completion{.values = values, .total = 150};
            }};
}

class EndpointFeatures : public testing::Test
{
protected:
    Answer ask(const QString &method, const QJsonObject &params = {})
    {
        if (session.isEmpty())
            session = server.initialized();
        return server.post(request(method, params), session);
    }
    Answer read(const QString &uri) { return ask(u"resources/read"_s, {{u"uri"_s, uri}}); }

    TestServer server;
    QByteArray session;
};

} // namespace

TEST_F(EndpointFeatures, ResourcesAreListedAndRead)
{
    ASSERT_TRUE(server.endpoint->addResource({.uri = u"test://a"_s,
                                              .name = u"a"_s,
                                              .title = u"The A"_s,
                                              .mimeType = u"text/plain"_s,
                                              .size = 5,
                                              .handler = tells(u"hello"_s)}));
    ASSERT_TRUE(server.endpoint->addResource(
        {.uri = u"test://b"_s, .name = u"b"_s, .handler = tells(QByteArray("\x00\xff", 2))}));
    const QJsonArray listed = ask(u"resources/list"_s).result().value("resources"_L1).toArray();
    ASSERT_EQ(listed.size(), 2);
    EXPECT_EQ(listed.at(0), QJsonValue(QJsonObject{{u"uri"_s, u"test://a"_s},
                                                   {u"name"_s, u"a"_s},
                                                   {u"title"_s, u"The A"_s},
                                                   {u"mimeType"_s, u"text/plain"_s},
                                                   {u"size"_s, 5}}));
    EXPECT_EQ(
        read(u"test://a"_s).result().value("contents"_L1)[0],
        QJsonValue(QJsonObject{{u"uri"_s, u"test://a"_s}, {u"mimeType"_s, u"text/plain"_s}, {u"text"_s, u"hello"_s}}));
    EXPECT_EQ(read(u"test://b"_s).result().value("contents"_L1)[0]["blob"_L1].toString(), u"AP8="_s);
}

// server/resources.mdx, Error Handling: another code in each era.
TEST_F(EndpointFeatures, AResourceThatIsNotThereIsNotFound)
{
    ASSERT_TRUE(server.endpoint->addResource({.uri = u"test://a"_s, .name = u"a"_s, .handler = tells(u"x"_s)}));
    const Answer legacy = read(u"test://none"_s);
    EXPECT_EQ(legacy.errorCode(), -32002);
    const Answer stateless = postStateless(server, u"resources/read"_s, {{u"uri"_s, u"test://none"_s}});
    EXPECT_EQ(stateless.errorCode(), -32602);
    EXPECT_EQ(stateless.json().value("error"_L1)["data"_L1]["uri"_L1].toString(), u"test://none"_s);
}

// RFC 6570 §3.2.2, §3.2.3
TEST_F(EndpointFeatures, TemplatesGiveTheirVariables)
{
    ASSERT_TRUE(server.endpoint->addResourceTemplate(templateOf(u"user://{id}/notes.{kind}"_s)));
    ASSERT_TRUE(server.endpoint->addResourceTemplate(templateOf(u"file:///{+path}"_s)));
    const auto text = [&](const QString &uri) {
        return read(uri).result().value("contents"_L1)[0]["text"_L1].toString();
    };
    EXPECT_EQ(text(u"user://7%208/notes.md"_s), u"id=7 8 kind=md"_s);
    EXPECT_EQ(text(u"file:///a/b/c.txt"_s), u"path=a/b/c.txt"_s);
    // server/resources.mdx, Security Considerations, 5
    for (const QString &uri :
         {u"user://7/8/notes.md"_s, u"user://7%2F8/notes.md"_s, u"user://%2E%2E/notes.md"_s, u"user://7%5C8/notes.md"_s,
          u"user://7%00/notes.md"_s, u"user://7/notesXmd"_s, u"file:///a/../b"_s, u"file:///a/%2e%2e/b"_s})
        EXPECT_EQ(read(uri).errorCode(), -32002) << uri.toStdString();
    EXPECT_EQ(ask(u"resources/templates/list"_s).result().value("resourceTemplates"_L1)[1]["uriTemplate"_L1].toString(),
              u"file:///{+path}"_s);
}

TEST_F(EndpointFeatures, RefusesWhatCannotBeOffered)
{
    for (const QString &bad :
         {u""_s, u"x://{a"_s, u"x://a}"_s, u"x://{?a}"_s, u"x://{a*}"_s, u"x://{a}/{a}"_s, u"x://{+a}/{+b}"_s})
        EXPECT_EQ(codeOf(server.endpoint->addResourceTemplate(templateOf(bad))), u"invalid_resource")
            << bad.toStdString();
    EXPECT_EQ(codeOf(server.endpoint->addResource({.uri = u"x://a"_s, .name = u"a"_s})), u"invalid_resource");
    EXPECT_EQ(codeOf(server.endpoint->addPrompt({.name = u"p"_s})), u"invalid_prompt");
    ASSERT_TRUE(server.endpoint->addPrompt(promptOf(u"p"_s)));
    EXPECT_EQ(codeOf(server.endpoint->addPrompt(promptOf(u"p"_s))), u"invalid_prompt");
    const auto method = [](const QString &name) {
        return Method{.name = name, .handler = [](const QJsonObject &params, const Context &) -> Result<QJsonObject> {
                          return params;
                      }};
    };
    for (const QString &name : {u""_s, u"tools/call"_s, u"initialize"_s, u"server/discover"_s})
        EXPECT_EQ(codeOf(server.endpoint->addMethod(method(name))), u"invalid_method") << name.toStdString();
    ASSERT_TRUE(server.endpoint->addMethod(method(u"own/echo"_s)));
    EXPECT_EQ(codeOf(server.endpoint->addMethod(method(u"own/echo"_s))), u"invalid_method");
    EXPECT_EQ(ask(u"own/echo"_s, {{u"x"_s, 1}}).result(), (QJsonObject{{u"x"_s, 1}}));
}

TEST_F(EndpointFeatures, PromptsAreGotWithTheirArguments)
{
    ASSERT_TRUE(server.endpoint->addPrompt(promptOf(u"greeting"_s)));
    const QJsonObject ada{{u"name"_s, u"greeting"_s}, {u"arguments"_s, QJsonObject{{u"who"_s, u"Ada"_s}}}};
    EXPECT_EQ(ask(u"prompts/get"_s, ada).result().value("messages"_L1)[0]["content"_L1]["text"_L1].toString(),
              u"Greet Ada"_s);
    EXPECT_EQ(ask(u"prompts/get"_s, {{u"name"_s, u"greeting"_s}}).errorCode(), -32602);
    EXPECT_EQ(ask(u"prompts/get"_s, {{u"name"_s, u"unknown"_s}}).errorCode(), -32602);
    EXPECT_EQ(ask(u"prompts/list"_s).result().value("prompts"_L1)[0]["arguments"_L1][0]["required"_L1].toBool(), true);
}

// utilities/completion.mdx: at most 100 values.
TEST_F(EndpointFeatures, CompletionsAreCutToWhatMayBeTold)
{
    ASSERT_TRUE(server.endpoint->addPrompt(promptOf(u"greeting"_s)));
    const QJsonObject reference{{u"type"_s, u"ref/prompt"_s}, {u"name"_s, u"greeting"_s}};
    const QJsonValue completion =
        ask(u"completion/complete"_s,
            {{u"ref"_s, reference}, {u"argument"_s, QJsonObject{{u"name"_s, u"who"_s}, {u"value"_s, u"A"_s}}}})
            .result()
            .value("completion"_L1);
    EXPECT_EQ(completion["values"_L1].toArray().size(), 100);
    EXPECT_EQ(completion["total"_L1].toInt(), 150);
    EXPECT_TRUE(completion["hasMore"_L1].toBool());
    EXPECT_EQ(ask(u"completion/complete"_s, {{u"ref"_s, reference}}).errorCode(), -32602);
}

// utilities/pagination.mdx
TEST_F(EndpointFeatures, LongListsComeInPages)
{
    const int count = int(2 * listPageSize) + 1;
    for (int i = 0; i < count; ++i)
        ASSERT_TRUE(server.endpoint->addTool(echoTool(u"tool%1"_s.arg(i))));
    QStringList names;
    QJsonObject params;
    int pages = 0;
    do {
        const QJsonObject page = ask(u"tools/list"_s, params).result();
        for (const QJsonValue tool : page.value("tools"_L1).toArray())
            names.append(tool["name"_L1].toString());
        params.insert(u"cursor"_s, page.value("nextCursor"_L1));
        ++pages;
    } while (!params.value("cursor"_L1).isUndefined() && pages < 10);
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(names.size(), count);
    names.removeDuplicates();
    EXPECT_EQ(names.size(), count);
    for (const QJsonValue &cursor : {QJsonValue(u"x"_s), QJsonValue(u"0"_s), QJsonValue(u"3"_s), QJsonValue(1)})
        EXPECT_EQ(ask(u"tools/list"_s, {{u"cursor"_s, cursor}}).errorCode(), -32602);
}

TEST_F(EndpointFeatures, ASessionSubscribesToResourcesThatAreThere)
{
    ASSERT_TRUE(server.endpoint->addResourceTemplate(templateOf(u"user://{id}"_s)));
    const auto subscribe = [&](const QString &uri) { return ask(u"resources/subscribe"_s, {{u"uri"_s, uri}}); };
    EXPECT_EQ(subscribe(u"test://none"_s).errorCode(), -32002);
    for (int i = 0; i < maxSubscriptions; ++i)
        ASSERT_EQ(subscribe(u"user://"_s + QString::number(i)).result(), QJsonObject());
    EXPECT_EQ(subscribe(u"user://more"_s).errorCode(), -32602);
    EXPECT_EQ(ask(u"resources/unsubscribe"_s, {{u"uri"_s, u"user://7"_s}}).result(), QJsonObject());
    EXPECT_EQ(subscribe(u"user://more"_s).result(), QJsonObject());
    ask(u"resources/unsubscribe"_s, {{u"uri"_s, u"user://8"_s}});
    EXPECT_EQ(subscribe(u"user://"_s + QString(maxSubscriptionLength, u'x')).errorCode(), -32002);
    EXPECT_EQ(subscribe(u"user://"_s + QString(8'000, u'x')).result(), QJsonObject());
}

// What is read, got and completed may need scopes of its own, in either era.
TEST(EndpointScopes, AreAskedForWhateverIsNamed)
{
    TestServer server(auth());
    Resource resource{.uri = u"test://a"_s, .name = u"a"_s, .handler = tells(u"x"_s)};
    resource.requiredScopes = {u"read:a"_s};
    ResourceTemplate about = templateOf(u"user://{id}"_s);
    about.requiredScopes = {u"read:users"_s};
    Prompt prompt = promptOf(u"p"_s);
    prompt.requiredScopes = {u"use:p"_s};
    ASSERT_TRUE(server.endpoint->addResource(resource));
    ASSERT_TRUE(server.endpoint->addResourceTemplate(about));
    ASSERT_TRUE(server.endpoint->addPrompt(prompt));
    const QJsonObject argument{{u"name"_s, u"who"_s}, {u"value"_s, u"A"_s}};
    const QJsonObject byPrompt{{u"type"_s, u"ref/prompt"_s}, {u"name"_s, u"p"_s}};
    const QJsonObject byTemplate{{u"type"_s, u"ref/resource"_s}, {u"uri"_s, u"user://{id}"_s}};
    const struct
    {
        QString method;
        QJsonObject params;
        QString scope;
    } cases[] = {
        {u"resources/read"_s, {{u"uri"_s, u"test://a"_s}}, u"read:a"_s},
        {u"resources/read"_s, {{u"uri"_s, u"user://7"_s}}, u"read:users"_s},
        {u"prompts/get"_s, {{u"name"_s, u"p"_s}, {u"arguments"_s, QJsonObject{{u"who"_s, u"A"_s}}}}, u"use:p"_s},
        {u"completion/complete"_s, {{u"ref"_s, byPrompt}, {u"argument"_s, argument}}, u"use:p"_s},
        {u"completion/complete"_s, {{u"ref"_s, byTemplate}, {u"argument"_s, argument}}, u"read:users"_s},
        {u"subscriptions/listen"_s,
         {{u"notifications"_s, QJsonObject{{u"resourceSubscriptions"_s, QJsonArray{u"user://7"_s}}}}},
         u"read:users"_s},
    };
    for (const auto &[method, params, scope] : cases) {
        const Answer refused = postStateless(server, method, params, statelessMeta(), token(u"alice"_s));
        EXPECT_EQ(refused.status, 403) << method.toStdString();
        EXPECT_TRUE(refused.header("WWW-Authenticate"_L1).contains("scope=\"" + scope.toLatin1() + '"'))
            << method.toStdString();
        if (method.startsWith("subscriptions"_L1)) // whose answer does not end
            continue;
        EXPECT_EQ(postStateless(server, method, params, statelessMeta(), token(u"alice"_s, {scope})).status, 200)
            << method.toStdString();
    }
}

TEST_F(EndpointFeatures, AHandlersOwnMetaStandsBesideTheServers)
{
    Tool tool = echoTool();
    tool.handler = [](const QJsonObject &, const Context &) {
        return ToolResult{.content = {}, .meta = {{u"example.org/x"_s, 1}}};
    };
    ASSERT_TRUE(server.endpoint->addTool(tool));
    EXPECT_EQ(ask(u"tools/call"_s, {{u"name"_s, u"echo"_s}}).result().value("_meta"_L1),
              QJsonValue(QJsonObject{{u"example.org/x"_s, 1}}));
    const QJsonObject meta =
        postStateless(server, u"tools/call"_s, {{u"name"_s, u"echo"_s}}).result().value("_meta"_L1).toObject();
    EXPECT_EQ(meta.value("example.org/x"_L1).toInt(), 1);
    EXPECT_TRUE(meta.contains("io.modelcontextprotocol/serverInfo"_L1));
}

// Structured content of any JSON type is new in 2026-07-28 (SEP-2106).
TEST_F(EndpointFeatures, WhatIsNoObjectIsStructuredOnlyWhereThatIsKnown)
{
    Tool tool = echoTool(u"numbers"_s);
    tool.outputSchema = {{u"type"_s, u"array"_s}};
    tool.handler = [](const QJsonObject &, const Context &) {
        return ToolResult{.structuredContent = QJsonArray{1, 2}};
    };
    ASSERT_TRUE(server.endpoint->addTool(tool));
    const QJsonObject legacy = ask(u"tools/call"_s, {{u"name"_s, u"numbers"_s}}).result();
    EXPECT_FALSE(legacy.contains("structuredContent"_L1));
    EXPECT_EQ(legacy.value("content"_L1)[0]["text"_L1].toString(), u"[1,2]"_s);
    EXPECT_FALSE(ask(u"tools/list"_s).result().value("tools"_L1)[0].toObject().contains("outputSchema"_L1));
    const QJsonObject stateless = postStateless(server, u"tools/call"_s, {{u"name"_s, u"numbers"_s}}).result();
    EXPECT_EQ(stateless.value("structuredContent"_L1), QJsonValue(QJsonArray{1, 2}));
}
