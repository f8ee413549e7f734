#include "testserver.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

TEST(EndpointTools, AreRefusedWhenTheyCannotWork)
{
    Endpoint endpoint(EndpointOptions{});
    ASSERT_TRUE(endpoint.addTool(echoTool()));
    Tool nameless = echoTool(QString());
    Tool again = echoTool();
    Tool shapeless = echoTool(u"a"_s);
    shapeless.inputSchema = {{u"type"_s, u"array"_s}};
    Tool idle = echoTool(u"c"_s);
    idle.handler = {};
    Tool unchecked = echoTool(u"d"_s);
    unchecked.inputSchema.insert(u"unevaluatedProperties"_s, false);
    for (const Tool &tool : {nameless, again, shapeless, idle, unchecked})
        EXPECT_EQ(codeOf(endpoint.addTool(tool)), u"invalid_tool"_s);
    const auto refused = endpoint.addTool(unchecked);
    EXPECT_TRUE(refused.error().message.contains("inputSchema/unevaluatedProperties"_L1));
    EXPECT_EQ(endpoint.tools().size(), 1);
    EXPECT_FALSE(endpoint.setToolScopes(u"nobody"_s, {}));
}

TEST(EndpointTools, AreListedAsTheRevisionDescribesThem)
{
    TestServer server;
    Tool tool = echoTool();
    tool.outputSchema = tool.inputSchema;
    tool.annotations = {{u"readOnlyHint"_s, true}};
    ASSERT_TRUE(server.endpoint->addTool(tool));
    const auto listed = [&](const QString &version) {
        return server.post(request(u"tools/list"_s), server.initialized(version))
            .result()
            .value("tools"_L1)[0]
            .toObject();
    };
    EXPECT_EQ(listed(u"2025-11-25"_s), (QJsonObject{{u"name"_s, u"echo"_s},
                                                    {u"title"_s, u"Echo"_s},
                                                    {u"description"_s, u"Says it again."_s},
                                                    {u"inputSchema"_s, tool.inputSchema},
                                                    {u"outputSchema"_s, tool.outputSchema},
                                                    {u"annotations"_s, tool.annotations}}));
    EXPECT_EQ(listed(u"2025-06-18"_s), listed(u"2025-11-25"_s));
    EXPECT_EQ(listed(u"2025-03-26"_s),
              (QJsonObject{{u"name"_s, u"echo"_s},
                           {u"description"_s, u"Says it again."_s},
                           {u"inputSchema"_s, tool.inputSchema},
                           {u"annotations"_s, QJsonObject{{u"readOnlyHint"_s, true}, {u"title"_s, u"Echo"_s}}}}));
}

TEST(EndpointTools, AreListedInTheirOrder)
{
    TestServer server;
    const QByteArray session = server.initialized();
    const auto listed = [&] { return server.post(request(u"tools/list"_s), session).result(); };
    EXPECT_EQ(listed(), (QJsonObject{{u"tools"_s, QJsonArray()}}));
    for (const QString &name : {u"b"_s, u"a"_s, u"c"_s})
        ASSERT_TRUE(server.endpoint->addTool(echoTool(name)));
    EXPECT_FALSE(server.endpoint->addTool(echoTool(u"a"_s)));
    const QJsonArray tools = listed().value("tools"_L1).toArray();
    ASSERT_EQ(tools.size(), 3);
    EXPECT_EQ(tools.at(0)["name"_L1], QJsonValue(u"b"_s));
    EXPECT_EQ(tools.at(2)["name"_L1], QJsonValue(u"c"_s));
}

TEST(EndpointTools, KnowNoCursor)
{
    TestServer server;
    const QByteArray session = server.initialized();
    EXPECT_EQ(server.post(request(u"tools/list"_s, {{u"cursor"_s, u"2"_s}}), session).errorCode(), -32602);
    EXPECT_EQ(server.post(request(u"tools/list"_s, {{u"cursor"_s, 2}}), session).errorCode(), -32602);
}

TEST(EndpointTools, AreCalledWithTheirArguments)
{
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(echoTool()));
    const Answer answer = server.post(callOf(u"echo"_s, {{u"text"_s, u"hi"_s}}), server.initialized());
    EXPECT_EQ(answer.result().value("structuredContent"_L1), QJsonValue(QJsonObject{{u"text"_s, u"hi"_s}}));
    EXPECT_EQ(answer.result().value("content"_L1)[0]["text"_L1], QJsonValue(u"{\"text\":\"hi\"}"_s));
    const QJsonObject odd{{u"text"_s, u"\"quoted\" \\ \n \x01 ü \U0001F600"_s}};
    const QJsonObject said = server.post(callOf(u"echo"_s, odd, u"an \"id\""_s), server.initialized()).json();
    EXPECT_EQ(said.value("id"_L1), QJsonValue(u"an \"id\""_s));
    EXPECT_EQ(said.value("result"_L1)["structuredContent"_L1], QJsonValue(odd));
    EXPECT_EQ(said.value("result"_L1)["content"_L1][0]["text"_L1], QJsonValue(QString::fromUtf8(toJsonText(odd))));
    const Answer old = server.post(callOf(u"echo"_s, {{u"text"_s, u"hi"_s}}), server.initialized(u"2025-03-26"_s));
    EXPECT_FALSE(old.result().contains("structuredContent"_L1));
    EXPECT_EQ(old.result().value("content"_L1)[0]["text"_L1], QJsonValue(u"{\"text\":\"hi\"}"_s));
    EXPECT_EQ(server.post(request(u"tools/call"_s, {{u"name"_s, u"echo"_s}}), server.initialized()).status, 200);
}

namespace {

Result<ToolResult> half(const QJsonObject &arguments, const Context &context)
{
    if (context.protocolVersion() != "2025-11-25"_L1)
        return fail(u"too_old"_s, u"This is too old."_s);
    return ToolResult::json({{u"half"_s, arguments.value("of"_L1).toDouble() / 2}});
}

QCoro::Task<ToolResult> halfLater(QJsonObject arguments, Context context)
{
    co_return half(arguments, context).value_or(ToolResult::error(u"no"_s));
}

} // namespace

TEST(EndpointTools, MayBePlainFunctionsOrCoroutines)
{
    TestServer server;
    Tool now = echoTool(u"now"_s);
    now.handler = half;
    Tool later = echoTool(u"later"_s);
    later.handler = halfLater;
    ASSERT_TRUE(server.endpoint->addTool(now));
    ASSERT_TRUE(server.endpoint->addTool(later));
    const QByteArray session = server.initialized();
    for (const QString &name : {u"now"_s, u"later"_s}) {
        EXPECT_EQ(server.post(callOf(name, {{u"of"_s, 5}}), session).result().value("structuredContent"_L1),
                  QJsonValue(QJsonObject{{u"half"_s, 2.5}}));
    }
    const Answer refused = server.post(callOf(u"now"_s), server.initialized(u"2025-06-18"_s));
    EXPECT_EQ(refused.result().value("isError"_L1), QJsonValue(true));
    EXPECT_EQ(refused.result().value("content"_L1)[0]["text"_L1], QJsonValue(u"This is too old."_s));
}

TEST(EndpointTools, AnswerMalformedCallsWithInvalidParams) // tools.mdx, Error Handling
{
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(echoTool()));
    const QByteArray session = server.initialized();
    EXPECT_EQ(server.post(callOf(u"nobody"_s), session).errorCode(), -32602);
    EXPECT_EQ(server.post(request(u"tools/call"_s), session).errorCode(), -32602);
    EXPECT_EQ(server.post(request(u"tools/call"_s, {{u"name"_s, 1}}), session).errorCode(), -32602);
    EXPECT_EQ(
        server.post(request(u"tools/call"_s, {{u"name"_s, u"echo"_s}, {u"arguments"_s, u"a"_s}}), session).errorCode(),
        -32602);
}

// Until 2025-06-18 arguments that do not fit are a protocol error, since 2025-11-25 the model sees them (SEP-1303).
TEST(EndpointTools, TellWrongArgumentsAsTheRevisionAsks)
{
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(echoTool()));
    for (const QString &version : {u"2025-03-26"_s, u"2025-06-18"_s})
        EXPECT_EQ(server.post(callOf(u"echo"_s, {{u"text"_s, 1}}), server.initialized(version)).errorCode(), -32602);
    const QJsonObject result = server.post(callOf(u"echo"_s, {{u"text"_s, 1}}), server.initialized()).result();
    EXPECT_EQ(result.value("isError"_L1), QJsonValue(true));
    EXPECT_THAT(result.value("content"_L1)[0]["text"_L1].toString().toStdString(), testing::HasSubstr("`text`"));
}

TEST(EndpointTools, GiveLinksToResourcesAsTextWhereTheRevisionHasNone)
{
    TestServer server;
    Tool tool = echoTool(u"link"_s);
    tool.handler = [](const QJsonObject &, const Context &) {
        return answered({.content = {QJsonObject{
                             {u"type"_s, u"resource_link"_s}, {u"uri"_s, u"file:///a"_s}, {u"name"_s, u"a"_s}}}});
    };
    ASSERT_TRUE(server.endpoint->addTool(tool));
    const auto type = [&](const QString &version) {
        return server.post(callOf(u"link"_s), server.initialized(version))
            .result()
            .value("content"_L1)[0]["type"_L1]
            .toString();
    };
    EXPECT_EQ(type(u"2025-06-18"_s), u"resource_link"_s);
    EXPECT_EQ(type(u"2025-03-26"_s), u"text"_s);
}

TEST(EndpointTools, ThatThrowOrBreakTheirPromiseFailWithoutSayingWhy)
{
    TestServer server;
    Tool throws = echoTool(u"throws"_s);
    throws.handler = [](const QJsonObject &, const Context &) -> QCoro::Task<ToolResult> {
        throw std::runtime_error("the secret is 42");
    };
    Tool throwsAtOnce = echoTool(u"throws at once"_s);
    throwsAtOnce.handler = [](const QJsonObject &, const Context &) -> Result<ToolResult> { throw 42; };
    Tool lies = echoTool(u"lies"_s);
    lies.outputSchema = {{u"type"_s, u"object"_s}, {u"required"_s, QJsonArray{u"sum"_s}}};
    Tool silent = echoTool(u"silent"_s);
    silent.outputSchema = lies.outputSchema;
    silent.handler = [](const QJsonObject &, const Context &) { return answered(ToolResult::text(u"5"_s)); };
    Tool honest = silent;
    honest.name = u"honest"_s;
    honest.handler = [](const QJsonObject &, const Context &) { return answered(ToolResult::error(u"no"_s)); };
    for (const Tool &tool : {throws, throwsAtOnce, lies, silent, honest})
        ASSERT_TRUE(server.endpoint->addTool(tool));
    const QByteArray session = server.initialized();
    for (const QString &name : {u"throws"_s, u"throws at once"_s, u"lies"_s, u"silent"_s}) {
        const Answer answer = server.post(callOf(name), session);
        EXPECT_EQ(answer.errorCode(), -32603) << name.toStdString();
        EXPECT_FALSE(answer.body.contains("42"));
        EXPECT_EQ(answer.body.contains("does not match its outputSchema"), !name.startsWith("throws"_L1));
    }
    EXPECT_EQ(server.post(callOf(u"honest"_s), session).result().value("isError"_L1), QJsonValue(true));
}

TEST(EndpointTools, SeeWhoCalls)
{
    TestServer server(auth());
    Tool tool = echoTool(u"who"_s);
    tool.handler = [](const QJsonObject &, const Context &context) {
        return answered(ToolResult::json({{u"subject"_s, context.auth() ? context.auth()->subject : QString()},
                                          {u"session"_s, context.sessionId()},
                                          {u"version"_s, context.protocolVersion()}}));
    };
    ASSERT_TRUE(server.endpoint->addTool(tool));
    const QByteArray session = server.initialized(u"2025-06-18"_s, token(u"alice"_s));
    EXPECT_EQ(server.post(callOf(u"who"_s), session, token(u"alice"_s)).result().value("structuredContent"_L1),
              QJsonValue(QJsonObject{{u"subject"_s, u"alice"_s},
                                     {u"session"_s, QString::fromLatin1(session)},
                                     {u"version"_s, u"2025-06-18"_s}}));
}
