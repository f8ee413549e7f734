#include "testserver.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

const QByteArray ping = request(u"ping"_s);
const QByteArray initializedNotification = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

} // namespace

TEST(EndpointInitialize, OpensASessionAndSaysWhatTheServerCan)
{
    EndpointOptions options;
    options.name = u"sample"_s;
    options.version = u"1.2"_s;
    options.instructions = u"Be kind."_s;
    TestServer server({}, options);
    const Answer answer = server.post(initializeRequest());
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Content-Type"_L1), "application/json");
    EXPECT_EQ(answer.result(),
              (QJsonObject{{u"protocolVersion"_s, u"2025-11-25"_s},
                           {u"capabilities"_s, QJsonObject{{u"logging"_s, QJsonObject()},
                                                           {u"tools"_s, QJsonObject{{u"listChanged"_s, true}}}}},
                           {u"serverInfo"_s, QJsonObject{{u"name"_s, u"sample"_s}, {u"version"_s, u"1.2"_s}}},
                           {u"instructions"_s, u"Be kind."_s}}));
    EXPECT_GE(answer.session.size(), 22); // 128 bits in base64url
    EXPECT_EQ(server.endpoint->sessionCount(), 1);
}

// lifecycle.mdx, Version Negotiation
TEST(EndpointInitialize, AgreesOnTheClientsRevisionOrOffersTheNewest)
{
    TestServer server;
    const auto agreed = [&](const QString &version) {
        return server.post(initializeRequest(version)).result().value("protocolVersion"_L1).toString();
    };
    for (const QString &version : supportedProtocolVersions().sliced(1))
        EXPECT_EQ(agreed(version), version);
    for (const QString &version : {u"2024-10-07"_s, u"2026-07-28"_s, u"2099-01-01"_s})
        EXPECT_EQ(agreed(version), u"2025-11-25"_s);
}

TEST(EndpointInitialize, RefusesParamsWithoutWhatTheSchemaRequires)
{
    TestServer server;
    const QJsonObject good = parseJsonObject(initializeRequest()).value().value("params"_L1).toObject();
    for (const QString &member : good.keys()) {
        QJsonObject params = good;
        params.remove(member);
        const Answer answer = server.post(request(u"initialize"_s, params));
        EXPECT_EQ(answer.errorCode(), -32602) << member.toStdString();
        EXPECT_TRUE(answer.session.isEmpty());
    }
    EXPECT_EQ(server.endpoint->sessionCount(), 0);
}

TEST(EndpointInitialize, IsRefusedWithinASession)
{
    TestServer server;
    const QByteArray session = server.initialized();
    EXPECT_EQ(server.post(initializeRequest(), session).status, 400);
    EXPECT_EQ(server.post(initializeRequest(), "unknown").status, 404);
    EXPECT_EQ(server.endpoint->sessionCount(), 1);
}

TEST(EndpointTransport, AnswersPingInASession)
{
    TestServer server;
    const Answer answer = server.post(request(u"ping"_s, {}, u"p1"_s), server.initialized());
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json(), (QJsonObject{{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, u"p1"_s}, {u"result"_s, QJsonObject()}}));
}

TEST(EndpointTransport, TakesNotificationsAndResponsesWith202AndNoBody)
{
    TestServer server;
    const QByteArray session = server.initialized();
    for (const QByteArray &message :
         {initializedNotification,
          QByteArray(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"),
          QByteArray(R"({"jsonrpc":"2.0","method":"notifications/unheard-of"})"),
          QByteArray(R"({"jsonrpc":"2.0","id":9,"result":{}})"),
          QByteArray(R"({"jsonrpc":"2.0","id":9,"error":{"code":1,"message":"no"}})")}) {
        const Answer answer = server.post(message, session);
        EXPECT_EQ(answer.status, 202) << message.toStdString();
        EXPECT_TRUE(answer.body.isEmpty());
    }
}

TEST(EndpointTransport, RefusesABodyThatIsNotSaidToBeJson)
{
    TestServer server;
    EXPECT_EQ(server.send("POST", ping, {{"Content-Type", "text/plain"}}).status, 415);
    EXPECT_EQ(server.send("POST", ping, {{"Content-Type", "application/jsonp"}}).status, 415);
    EXPECT_EQ(server.send("POST", initializeRequest(), {{"Content-Type", "Application/JSON; charset=utf-8"}}).status,
              200);
}

struct AcceptCase
{
    QByteArray accept;
    int status;
};

class AcceptFields : public testing::TestWithParam<AcceptCase>
{
};

TEST_P(AcceptFields, MustCoverJson) // RFC 9110 §12.5.1
{
    TestServer server;
    const Fields fields{{"Content-Type", "application/json"}, {"Accept", GetParam().accept}};
    EXPECT_EQ(server.send("POST", initializeRequest(), fields).status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(EndpointTransport, AcceptFields,
                         testing::Values(AcceptCase{"application/json, text/event-stream", 200}, AcceptCase{"*/*", 200},
                                         AcceptCase{"text/html, application/*;q=0.1", 200},
                                         AcceptCase{"APPLICATION/JSON", 200}, AcceptCase{"text/event-stream", 406},
                                         AcceptCase{"*/*;q=0, Application/JSON ; Q=0.5", 200},
                                         AcceptCase{"application/json;q=0, */*", 406}, AcceptCase{"text/html", 406}));

TEST(EndpointTransport, AnswersMalformedMessagesWith400AndTheJsonRpcError)
{
    TestServer server;
    const QByteArray session = server.initialized();
    const Answer broken = server.post("{", session);
    EXPECT_EQ(broken.status, 400);
    EXPECT_EQ(broken.errorCode(), -32700);
    EXPECT_TRUE(broken.json().value("id"_L1).isNull());

    const Answer invalid = server.post(R"({"jsonrpc":"2.0","id":4,"method":[]})", session);
    EXPECT_EQ(invalid.status, 400);
    EXPECT_EQ(invalid.errorCode(), -32600);
    EXPECT_EQ(invalid.json().value("id"_L1), QJsonValue(4));
    EXPECT_EQ(server.post("", session).errorCode(), -32700);
    EXPECT_EQ(server.post("[]", session).errorCode(), -32600);
}

TEST(EndpointTransport, AnswersUnknownMethodsInTheMessageNotByTheStatus)
{
    TestServer server;
    const QByteArray session = server.initialized();
    for (const QString &method :
         {u"resources/list"_s, u"prompts/list"_s, u"completion/complete"_s, u"server/discover"_s, u"Ping"_s, u""_s}) {
        const Answer answer = server.post(request(method), session);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.errorCode(), -32601) << method.toStdString();
    }
}

TEST(EndpointTransport, NamesTheMethodsThatItTakes)
{
    TestServer server;
    const Answer answer = server.send("PUT", ping, {{"Content-Type", "application/json"}});
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.header("Allow"_L1), "GET, POST, DELETE, OPTIONS");
}

TEST(EndpointTransport, LetsAPageOnLoopbackReadTheSessionAndTheChallenge)
{
    TestServer server(auth());
    const QByteArray page = "http://localhost:6274";
    const Answer preflight = server.send("OPTIONS", {}, {{"Origin", page}, {"Access-Control-Request-Method", "POST"}});
    EXPECT_EQ(preflight.status, 204);
    EXPECT_THAT(preflight.header("Access-Control-Allow-Headers"_L1).toLower().toStdString(),
                testing::HasSubstr("mcp-session-id"));

    const Answer refused = server.post(ping, {}, {}, {{"Origin", page}});
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.header("Access-Control-Allow-Origin"_L1), page);
    EXPECT_THAT(refused.header("Access-Control-Expose-Headers"_L1).toLower().toStdString(),
                testing::AllOf(testing::HasSubstr("www-authenticate"), testing::HasSubstr("mcp-session-id")));
    EXPECT_EQ(server.post(ping, {}, {}, {{"Origin", "https://evil.example"}}).status, 403);
}

TEST(EndpointSession, IsNeededByEverythingButInitialize)
{
    TestServer server;
    const Answer answer = server.post(request(u"ping"_s, {}, 7));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.errorCode(), -32600);
    EXPECT_EQ(answer.json().value("id"_L1), QJsonValue(7));
    EXPECT_EQ(server.post(initializedNotification).status, 400);
    EXPECT_EQ(server.send("DELETE").status, 400);
}

TEST(EndpointSession, IsUnknownAfterDelete)
{
    TestServer server;
    const QByteArray session = server.initialized();
    EXPECT_EQ(server.send("DELETE", {}, {{"Mcp-Session-Id", session}}).status, 204);
    EXPECT_EQ(server.endpoint->sessionCount(), 0);
    EXPECT_EQ(server.post(ping, session).status, 404);
    EXPECT_EQ(server.send("DELETE", {}, {{"Mcp-Session-Id", session}}).status, 404);
}

TEST(EndpointSession, EndsWhenItIsUnusedForTooLong)
{
    ManualClock clock;
    EndpointOptions options;
    options.clock = clock.clock();
    TestServer server({}, options);
    const QByteArray session = server.initialized();
    clock.advance(sessionIdleTimeout);
    EXPECT_EQ(server.post(ping, session).status, 200);
    clock.advance(sessionIdleTimeout + std::chrono::seconds(1));
    EXPECT_EQ(server.post(ping, session).status, 404);
    EXPECT_EQ(server.endpoint->sessionCount(), 0);
}

// security_best_practices.mdx, Session Hijacking: a session is bound to the user
TEST(EndpointSession, OfAnotherCallerLooksLikeOneThatIsNotThere)
{
    TestServer server(auth());
    const QByteArray session = server.initialized(u"2025-11-25"_s, token(u"alice"_s));
    const Answer stolen = server.post(ping, session, token(u"bob"_s));
    const Answer invented = server.post(ping, "invented", token(u"bob"_s));
    EXPECT_EQ(stolen.status, 404);
    EXPECT_EQ(stolen.body, invented.body);
    EXPECT_EQ(server.send("DELETE", {}, TestServer::fieldsFor(session, token(u"bob"_s))).status, 404);
    EXPECT_EQ(server.post(ping, session, token(u"alice"_s, {u"another"_s})).status, 200);
}

TEST(EndpointRevision, NamedInTheHeaderMustBeSpokenAndTheOneAgreedOn)
{
    TestServer server;
    const QByteArray session = server.initialized(u"2025-06-18"_s);
    const auto status = [&](const QByteArray &version) {
        return server.post(ping, session, {}, {{"MCP-Protocol-Version", version}}).status;
    };
    EXPECT_EQ(status("2025-06-18"), 200);
    EXPECT_EQ(status("2025-11-25"), 400);
    EXPECT_EQ(status("2024-11-05"), 400);
    EXPECT_EQ(status("latest"), 400);
    EXPECT_EQ(server.post(ping, session).status, 200); // the session says it
    EXPECT_EQ(server.send("DELETE", {}, {{"Mcp-Session-Id", session}, {"MCP-Protocol-Version", "1"}}).status, 400);
    EXPECT_EQ(server.endpoint->sessionCount(), 1);
}

TEST(EndpointRevision, NotSpokenHereIsRefusedWithThoseThatAre)
{
    TestServer server;
    const Answer answer = server.post(initializeRequest(), {}, {}, {{"MCP-Protocol-Version", "2099-01-01"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.errorCode(), -32022);
    const QJsonObject data = answer.json().value("error"_L1)["data"_L1].toObject();
    EXPECT_EQ(data.value("supported"_L1), QJsonValue(QJsonArray::fromStringList(supportedProtocolVersions())));
    EXPECT_EQ(data.value("requested"_L1), QJsonValue(u"2099-01-01"_s));
}

TEST(EndpointBatch, IsAnsweredMessageByMessageInTheRevisionThatHasThem)
{
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(echoTool()));
    const QByteArray session = server.initialized(u"2025-03-26"_s);
    const QByteArray batch = '[' + request(u"ping"_s, {}, 1) + ',' + initializedNotification + ",7," +
                             callOf(u"echo"_s, {{u"text"_s, u"hi"_s}}, u"x"_s) + ']';
    const Answer answer = server.post(batch, session);
    EXPECT_EQ(answer.status, 200);
    const QJsonArray answers = parseJson(answer.body).value_or(QJsonValue()).toArray();
    ASSERT_EQ(answers.size(), 3);
    EXPECT_EQ(answers.at(0)["id"_L1], QJsonValue(1));
    EXPECT_EQ(answers.at(1)["error"_L1]["code"_L1], QJsonValue(-32600));
    EXPECT_EQ(answers.at(2)["id"_L1], QJsonValue(u"x"_s));
    EXPECT_EQ(server.events.last().rpc, u"ping,notifications/initialized,tools/call"_s);
    EXPECT_EQ(server.events.last().tool, u"echo"_s);
}

TEST(EndpointBatch, IsRefusedWhereTheRevisionHasNone)
{
    TestServer server;
    for (const QString &version : {u"2025-06-18"_s, u"2025-11-25"_s}) {
        const Answer answer = server.post('[' + ping + ']', server.initialized(version));
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(answer.errorCode(), -32600);
    }
}

TEST(EndpointBatch, MustNotInitialize) // 2025-03-26 lifecycle.mdx, Initialization
{
    TestServer server;
    EXPECT_EQ(server.post('[' + initializeRequest(u"2025-03-26"_s) + ']').status, 400);
    const QByteArray session = server.initialized(u"2025-03-26"_s);
    EXPECT_EQ(server.post('[' + ping + ',' + initializeRequest(u"2025-03-26"_s) + ']', session).status, 400);
    EXPECT_EQ(server.endpoint->sessionCount(), 1);
}

TEST(EndpointBatch, OfNotificationsAloneHasNoAnswerAndOneOfRubbishAloneIs400)
{
    TestServer server;
    const QByteArray session = server.initialized(u"2025-03-26"_s);
    EXPECT_EQ(server.post('[' + initializedNotification + ',' + initializedNotification + ']', session).status, 202);
    const Answer rubbish = server.post("[1,{}]", session);
    EXPECT_EQ(rubbish.status, 400);
    EXPECT_EQ(parseJson(rubbish.body).value_or(QJsonValue()).toArray().size(), 2);
}
