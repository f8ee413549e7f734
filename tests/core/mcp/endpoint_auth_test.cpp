#include "testserver.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

const QByteArray ping = request(u"ping"_s);

QStringList namesIn(const QJsonArray &tools)
{
    QStringList names;
    for (const QJsonValue tool : tools)
        names.append(tool["name"_L1].toString());
    return names;
}

} // namespace

TEST(EndpointAuth, IsAskedBeforeAnythingElse)
{
    TestServer server(auth());
    for (const QByteArray &method : {QByteArray("POST"), QByteArray("GET"), QByteArray("DELETE"), QByteArray("PUT")}) {
        const Answer answer = server.send(method, method == "POST" || method == "PUT" ? "rubbish" : "");
        EXPECT_EQ(answer.status, 401) << method.toStdString();
        EXPECT_TRUE(answer.header("WWW-Authenticate"_L1).startsWith("Bearer ")) << method.toStdString();
    }
    EXPECT_EQ(server.post(ping, {}, token(u"alice"_s, {}, u"https://other.example"_s)).json().value("error"_L1),
              QJsonValue(u"invalid_audience"_s));
    EXPECT_EQ(server.endpoint->sessionCount(), 0);
}

TEST(EndpointAuth, IsNotAskedOfAPreflight) // Fetch §4.8: it never carries a token
{
    Endpoint endpoint(EndpointOptions{}, auth());
    const auto status = [&](const QByteArray &method) {
        Http::Request sent;
        sent.method = method;
        sent.target = "/mcp";
        return wait(endpoint.handle(sent)).status;
    };
    EXPECT_EQ(status("OPTIONS"), 204);
    EXPECT_EQ(status("GET"), 401);
}

TEST(EndpointAuth, AsksForTheScopesOfAToolWithAStepUpChallenge)
{
    TestServer server(auth({u"mcp"_s}));
    Tool tool = echoTool();
    tool.requiredScopes = {u"write"_s};
    ASSERT_TRUE(server.endpoint->addTool(tool));
    const QByteArray weak = token(u"alice"_s, {u"mcp"_s});
    const QByteArray session = server.initialized(u"2025-11-25"_s, weak);
    EXPECT_EQ(namesIn(server.post(request(u"tools/list"_s), session, weak).result().value("tools"_L1).toArray()),
              QStringList{u"echo"_s});

    const Answer refused = server.post(callOf(u"echo"_s), session, weak);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.json().value("missing_scopes"_L1), QJsonValue(QJsonArray{u"write"_s}));
    EXPECT_THAT(
        refused.header("WWW-Authenticate"_L1).toStdString(),
        testing::AllOf(testing::HasSubstr("error=\"insufficient_scope\""), testing::HasSubstr("scope=\"mcp write\"")));
    EXPECT_EQ(server.post(callOf(u"echo"_s), session, token(u"alice"_s, {u"mcp"_s, u"write"_s})).status, 200);

    ASSERT_TRUE(server.endpoint->setToolScopes(u"echo"_s, {}));
    EXPECT_EQ(server.post(callOf(u"echo"_s), session, weak).status, 200);
}

TEST(EndpointAuth, RefusesABatchWholeWhenOneOfItsCallsLacksScopes)
{
    TestServer server(auth());
    int calls = 0;
    Tool counting = echoTool(u"count"_s);
    counting.handler = [&calls](const QJsonObject &, const Context &) {
        ++calls;
        return answered(ToolResult::text(QString()));
    };
    ASSERT_TRUE(server.endpoint->addTool(counting));
    for (const QString &name : {u"read"_s, u"write"_s}) {
        Tool tool = echoTool(name);
        tool.requiredScopes = {name};
        ASSERT_TRUE(server.endpoint->addTool(tool));
    }
    const QByteArray bearer = token(u"alice"_s, {u"read"_s});
    const QByteArray session = server.initialized(u"2025-03-26"_s, bearer);
    const QByteArray batch = '[' + callOf(u"count"_s) + ',' + callOf(u"read"_s) + ',' + callOf(u"write"_s) + ']';
    const Answer refused = server.post(batch, session, bearer);
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.header("WWW-Authenticate"_L1).toStdString(), testing::HasSubstr("scope=\"read write\""));
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(server.post(batch, session, token(u"alice"_s, {u"read"_s, u"write"_s})).status, 200);
    EXPECT_EQ(calls, 1);
}

TEST(EndpointAuth, JudgesATokenAsItWouldARequest)
{
    TestServer server(auth());
    Tool tool = echoTool();
    tool.requiredScopes = {u"write"_s};
    ASSERT_TRUE(server.endpoint->addTool(tool));
    const auto judged = [&](const QByteArray &bearer, const QString &name) {
        return wait(server.endpoint->judge(Secret(bearer), name));
    };
    EXPECT_TRUE(judged(token(u"alice"_s), {}).accepted);
    EXPECT_TRUE(judged(token(u"alice"_s, {u"write"_s}), u"echo"_s).accepted);
    const Bearer::Verdict verdict = judged(token(u"alice"_s), u"echo"_s);
    EXPECT_EQ(verdict.status, 403);
    EXPECT_EQ(verdict.missingScopes, QStringList{u"write"_s});
    EXPECT_EQ(judged("rubbish", u"echo"_s).status, 401);
    EXPECT_TRUE(wait(Endpoint(EndpointOptions{}).judge(Secret(), u"echo"_s)).accepted);
}

TEST(EndpointEvents, TellEveryRequestAndWhoMadeIt)
{
    TestServer server(auth());
    Tool tool = echoTool();
    tool.requiredScopes = {u"write"_s};
    ASSERT_TRUE(server.endpoint->addTool(tool));
    const QByteArray session = server.initialized(u"2025-11-25"_s, token(u"alice"_s));
    (void)server.post(callOf(u"echo"_s), session, token(u"alice"_s, {u"write"_s}));
    (void)server.post(callOf(u"echo"_s), session, token(u"alice"_s));
    (void)server.post(request(u"nothing"_s), session, token(u"alice"_s));
    (void)server.post(ping, session, token(u"alice"_s, {}, u"https://other.example"_s));
    (void)server.send("GET");
    ASSERT_EQ(server.events.size(), 6);

    const RequestEvent &good = server.events.at(1);
    EXPECT_EQ(good.status, 200);
    EXPECT_EQ(good.method, "POST");
    EXPECT_EQ(good.path, u"/mcp"_s);
    EXPECT_EQ(good.rpc, u"tools/call"_s);
    EXPECT_EQ(good.tool, u"echo"_s);
    EXPECT_EQ(good.subject, u"alice"_s);
    EXPECT_EQ(good.clientId, u"tests"_s);
    EXPECT_TRUE(good.error.isEmpty());
    EXPECT_GE(good.durationMs, 0);

    const RequestEvent &stepUp = server.events.at(2);
    EXPECT_EQ(stepUp.status, 403);
    EXPECT_EQ(stepUp.error, u"missing_required_scopes"_s);
    EXPECT_EQ(stepUp.subject, u"alice"_s);
    EXPECT_THAT(stepUp.reason.toStdString(), testing::HasSubstr("write"));

    EXPECT_THAT(server.events.at(3).error.toStdString(), testing::HasSubstr("Method not found"));
    const RequestEvent &refused = server.events.at(4);
    EXPECT_EQ(refused.error, u"invalid_audience"_s);
    EXPECT_TRUE(refused.subject.isEmpty()); // the claims are not believed
    EXPECT_FALSE(refused.reason.isEmpty());
    EXPECT_EQ(server.events.at(5).error, u"missing_auth_header"_s);
}

TEST(EndpointEvents, AreWrittenAsServePrintsThem)
{
    const RequestEvent event{.time = {},
                             .method = "POST",
                             .path = u"/mcp"_s,
                             .rpc = u"ping"_s,
                             .tool = {},
                             .subject = {},
                             .clientId = {},
                             .status = 200,
                             .error = {},
                             .reason = {},
                             .durationMs = 0.41234};
    EXPECT_EQ(
        toJsonText(toJson(event)),
        R"({"durationMs":0.412,"error":null,"event":"request","method":"POST","path":"/mcp","rpc":"ping","status":200,"subject":null,"tool":null})");
}

TEST(EndpointAuth, CountsTheSessionsOfOneUserTogetherWhateverTheClient)
{
    TestServer server(auth());
    const QByteArray editor = token(u"alice"_s, {}, audience, u"editor"_s);
    const QByteArray inspector = token(u"alice"_s, {}, audience, u"inspector"_s);
    const QByteArray first = server.initialized(u"2025-11-25"_s, editor);
    for (int i = 0; i < maxSessionsPerCaller; ++i)
        (void)server.initialized(u"2025-11-25"_s, inspector);
    EXPECT_EQ(server.endpoint->sessionCount(), maxSessionsPerCaller);
    EXPECT_EQ(server.post(request(u"ping"_s), first, editor).status, 404);
}
