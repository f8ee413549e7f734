#include "eventtap.h"
#include "mcp/listeners_p.h"
#include "stateless.h"

#include <QCoroFuture>
#include <QCoroTimer>
#include <QPromise>

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;
using namespace std::chrono_literals;

namespace {

QCoro::Task<ToolResult> work(QJsonObject, Context context)
{
    context.log(LogLevel::Debug, u"begun"_s, u"work"_s);
    context.progress(1, 2, u"half"_s);
    co_await QCoro::sleepFor(10ms);
    context.progress(0.5, 2); // no progress: it is not more than before
    context.progress(2, 2);
    context.log(LogLevel::Error, QJsonObject{{u"code"_s, 7}});
    co_return ToolResult::text(u"done"_s);
}

QCoro::Task<ToolResult> greet(QJsonObject, Context context)
{
    const auto answer = co_await context.elicit(u"Who are you?"_s, nameForm());
    if (!answer)
        co_return ToolResult::error(answer.error().code);
    co_return ToolResult::text(u"Hello, "_s + answer->value("content"_L1)["name"_L1].toString());
}

QCoro::Task<ToolResult> comeBack(QJsonObject, Context context)
{
    context.disconnect(1ms);
    co_await QCoro::sleepFor(20ms);
    co_return ToolResult::text(u"welcome"_s);
}

QCoro::Task<ToolResult> answerAfter(QFuture<void> future, Context context)
{
    context.progress(1);
    co_await future;
    co_return ToolResult::text(u"late"_s);
}

Tool toolOf(const QString &name, const ToolHandler &handler)
{
    return {.name = name, .inputSchema = {{u"type"_s, u"object"_s}}, .handler = handler};
}

class EndpointStream : public testing::Test
{
protected:
    explicit EndpointStream(std::unique_ptr<Bearer::BearerAuth> auth = {})
        : server(std::move(auth))
    {
        for (const Tool &tool : {toolOf(u"work"_s, work), toolOf(u"greet"_s, greet), toolOf(u"comeBack"_s, comeBack)})
            EXPECT_TRUE(server.endpoint->addTool(tool));
    }

    QByteArray initialized(const QJsonObject &capabilities = {}, const QString &version = u"2025-11-25"_s)
    {
        const QJsonObject client{{u"name"_s, u"tests"_s}, {u"version"_s, u"1"_s}};
        return server
            .post(request(
                u"initialize"_s,
                {{u"protocolVersion"_s, version}, {u"capabilities"_s, capabilities}, {u"clientInfo"_s, client}}))
            .session;
    }

    EventTap calling(const QByteArray &body, const QByteArray &session)
    {
        return EventTap(server, "POST", body, TestServer::fieldsFor(session, {}));
    }

    EventTap callingStateless(const QString &tool, const QJsonObject &meta, const QJsonObject &more = {})
    {
        QJsonObject params = more;
        params.insert(u"name"_s, tool);
        return EventTap(server, "POST", statelessBody(u"tools/call"_s, params, meta),
                        TestServer::fieldsFor({}, {}, statelessFields("tools/call", tool.toUtf8())));
    }

    TestServer server;
};

QStringList methodsOf(const QList<QJsonObject> &messages)
{
    QStringList methods;
    for (const QJsonObject &message : messages)
        methods.append(message.value("method"_L1).toString(u"result"_s));
    return methods;
}

QByteArray callWithToken(const QString &tool, const QJsonValue &token)
{
    return request(u"tools/call"_s, {{u"name"_s, tool}, {u"_meta"_s, QJsonObject{{u"progressToken"_s, token}}}});
}

} // namespace

TEST_F(EndpointStream, ProgressAndLogsComeBeforeTheAnswerInASession)
{
    EventTap tap = calling(callWithToken(u"work"_s, 7), initialized());
    ASSERT_TRUE(tap.waitForEnd());
    EXPECT_EQ(tap.status(), 200);
    const auto messages = tap.messages();
    EXPECT_EQ(methodsOf(messages), (QStringList{u"notifications/message"_s, u"notifications/progress"_s,
                                                u"notifications/progress"_s, u"notifications/message"_s, u"result"_s}));
    EXPECT_EQ(messages.at(1).value("params"_L1),
              QJsonValue(QJsonObject{
                  {u"progressToken"_s, 7}, {u"progress"_s, 1}, {u"total"_s, 2}, {u"message"_s, u"half"_s}}));
    EXPECT_EQ(messages.at(0).value("params"_L1)["logger"_L1].toString(), u"work"_s);
    EXPECT_EQ(messages.at(3).value("params"_L1)["data"_L1]["code"_L1].toInt(), 7);
    EXPECT_EQ(messages.at(4).value("result"_L1)["content"_L1][0]["text"_L1].toString(), u"done"_s);
}

TEST_F(EndpointStream, OnlyLevelsThatTheSessionWantsAreLogged)
{
    const QByteArray session = initialized();
    EXPECT_EQ(server.post(request(u"logging/setLevel"_s, {{u"level"_s, u"warning"_s}}), session).result(),
              QJsonObject());
    EXPECT_EQ(server.post(request(u"logging/setLevel"_s, {{u"level"_s, u"loud"_s}}), session).errorCode(), -32602);
    EventTap tap = calling(callOf(u"work"_s), session);
    ASSERT_TRUE(tap.waitForEnd());
    EXPECT_EQ(methodsOf(tap.messages()), (QStringList{u"notifications/message"_s, u"result"_s}));
}

// utilities/logging.mdx (2026-07-28): no log messages unless the request asks for them.
TEST_F(EndpointStream, AStatelessRequestThatAsksForNothingGetsJson)
{
    EventTap quiet = callingStateless(u"work"_s, statelessMeta());
    ASSERT_TRUE(quiet.waitForEnd());
    EXPECT_FALSE(quiet.isStream());
    QJsonObject meta = statelessMeta();
    meta.insert(u"io.modelcontextprotocol/logLevel"_s, u"error"_s);
    EventTap logged = callingStateless(u"work"_s, meta);
    ASSERT_TRUE(logged.waitForEnd());
    EXPECT_TRUE(logged.isStream());
    EXPECT_EQ(methodsOf(logged.messages()), (QStringList{u"notifications/message"_s, u"result"_s}));
    EXPECT_FALSE(logged.body().contains("id:")); // no resumption in this revision
}

// A client that takes JSON only gets the answer, and nothing before it.
TEST_F(EndpointStream, AClientThatTakesNoStreamGetsJson)
{
    const QByteArray session = initialized();
    const Answer answer = server.send(
        "POST", callWithToken(u"work"_s, 1),
        {{"Content-Type", "application/json"}, {"Accept", "application/json"}, {"Mcp-Session-Id", session}});
    EXPECT_EQ(answer.header("Content-Type"_L1), "application/json");
    EXPECT_EQ(answer.result().value("content"_L1)[0]["text"_L1].toString(), u"done"_s);
}

TEST_F(EndpointStream, ASessionsClientIsAskedOnTheStreamOfItsRequest)
{
    const QByteArray session = initialized({{u"elicitation"_s, QJsonObject()}});
    EventTap tap = calling(callOf(u"greet"_s), session);
    ASSERT_TRUE(tap.waitForMessages(1));
    const QJsonObject question = tap.messages().first();
    EXPECT_EQ(question.value("method"_L1).toString(), u"elicitation/create"_s);
    EXPECT_EQ(question.value("params"_L1)["message"_L1].toString(), u"Who are you?"_s);
    const QJsonObject answer{
        {u"jsonrpc"_s, u"2.0"_s},
        {u"id"_s, question.value("id"_L1)},
        {u"result"_s, QJsonObject{{u"action"_s, u"accept"_s}, {u"content"_s, QJsonObject{{u"name"_s, u"Ada"_s}}}}}};
    EXPECT_EQ(server.post(toJsonText(answer), initialized()).status, 202); // another session's answer is nobody's
    EXPECT_EQ(server.post(toJsonText(answer), session).status, 202);
    ASSERT_TRUE(tap.waitForEnd());
    EXPECT_EQ(tap.messages().last().value("result"_L1)["content"_L1][0]["text"_L1].toString(), u"Hello, Ada"_s);
}

TEST_F(EndpointStream, AClientThatCannotBeAskedIsNot)
{
    EventTap tap = calling(callOf(u"greet"_s), initialized());
    ASSERT_TRUE(tap.waitForEnd());
    EXPECT_FALSE(tap.isStream());
    EXPECT_TRUE(tap.body().contains("capability_missing"));
    const Answer stateless = postStateless(server, u"tools/call"_s, {{u"name"_s, u"greet"_s}});
    EXPECT_EQ(stateless.status, 400);
    EXPECT_EQ(stateless.errorCode(), -32021);
    EXPECT_EQ(stateless.json().value("error"_L1)["data"_L1]["requiredCapabilities"_L1],
              QJsonValue(QJsonObject{{u"elicitation"_s, QJsonObject{{u"form"_s, QJsonObject()}}}}));
}

TEST_F(EndpointStream, AClientThatRefusesIsToldToTheHandler)
{
    const QByteArray session = initialized({{u"elicitation"_s, QJsonObject()}});
    EventTap tap = calling(callOf(u"greet"_s), session);
    ASSERT_TRUE(tap.waitForMessages(1));
    server.post(toJsonText(QJsonObject{{u"jsonrpc"_s, u"2.0"_s},
                                       {u"id"_s, tap.messages().first().value("id"_L1)},
                                       {u"error"_s, QJsonObject{{u"code"_s, -1}, {u"message"_s, u"no"_s}}}}),
                session);
    ASSERT_TRUE(tap.waitForEnd());
    EXPECT_TRUE(tap.body().contains("client_error"));
}

// basic/patterns/mrtr.mdx
class EndpointRoundTrip : public EndpointStream
{
protected:
    explicit EndpointRoundTrip(std::unique_ptr<Bearer::BearerAuth> auth = {})
        : EndpointStream(std::move(auth))
    {
    }

    Answer greeting(const QJsonObject &more = {}, const QByteArray &bearer = {})
    {
        QJsonObject params = more;
        params.insert(u"name"_s, u"greet"_s);
        const Answer answer = postStateless(server, u"tools/call"_s, params, meta, bearer);
        const QJsonObject requests = answer.result().value("inputRequests"_L1).toObject();
        if (!requests.isEmpty())
            question = requests.keys().first();
        return answer;
    }

    /// To the question of the last greeting().
    QJsonObject answers(const QString &state) const
    {
        const QJsonObject response{{u"action"_s, u"accept"_s}, {u"content"_s, QJsonObject{{u"name"_s, u"Ada"_s}}}};
        return {{u"inputResponses"_s, QJsonObject{{question, response}}}, {u"requestState"_s, state}};
    }

    const QJsonObject meta = statelessMeta({{u"elicitation"_s, QJsonObject()}});
    QString question;
};

TEST_F(EndpointRoundTrip, AStatelessClientIsAskedByAResultAndSendsItsRequestAgain)
{
    const QJsonObject first = greeting().result();
    EXPECT_EQ(first.value("resultType"_L1).toString(), u"input_required"_s);
    EXPECT_FALSE(first.contains("ttlMs"_L1));
    EXPECT_EQ(first.value("inputRequests"_L1)[question]["method"_L1].toString(), u"elicitation/create"_s);
    const QJsonObject second = greeting(answers(first.value("requestState"_L1).toString())).result();
    EXPECT_EQ(second.value("resultType"_L1).toString(), u"complete"_s);
    EXPECT_EQ(second.value("content"_L1)[0]["text"_L1].toString(), u"Hello, Ada"_s);
}

TEST_F(EndpointRoundTrip, AStateThatWasChangedOrBelongsToAnotherRequestIsRefused)
{
    const QString state = greeting().result().value("requestState"_L1).toString();
    EXPECT_EQ(greeting(answers(state + u'x')).errorCode(), -32602);
    EXPECT_EQ(greeting(answers(u'x' + state)).errorCode(), -32602);
    EXPECT_EQ(greeting(answers(QString())).errorCode(), -32602);
    QJsonObject other = answers(state);
    other.insert(u"arguments"_s, QJsonObject{{u"x"_s, 1}});
    EXPECT_EQ(greeting(other).errorCode(), -32602);
    EXPECT_EQ(greeting({{u"inputResponses"_s, QJsonObject{{question, 1}}}}).errorCode(), -32602);
    EXPECT_EQ(greeting({{u"inputResponses"_s, QJsonValue::Null}}).errorCode(), -32602);
}

class EndpointRoundTripWithAuth : public EndpointRoundTrip
{
protected:
    EndpointRoundTripWithAuth()
        : EndpointRoundTrip(auth())
    {
    }
};

TEST_F(EndpointRoundTripWithAuth, AStateBelongsToItsUser)
{
    const QString state = greeting({}, token(u"alice"_s)).result().value("requestState"_L1).toString();
    EXPECT_EQ(greeting(answers(state), token(u"mallory"_s)).errorCode(), -32602);
    EXPECT_TRUE(greeting(answers(state), token(u"alice"_s)).result().contains("content"_L1));
}

// Another instance with the same key goes on where the first stopped.
TEST(EndpointSealKey, IsWhatInstancesShare)
{
    EndpointOptions options;
    options.sealKey = Secret(QByteArray(32, 'k'));
    TestServer first({}, options);
    TestServer second({}, options);
    TestServer stranger;
    for (TestServer *server : {&first, &second, &stranger})
        ASSERT_TRUE(server->endpoint->addTool(toolOf(u"greet"_s, greet)));
    const QJsonObject meta = statelessMeta({{u"elicitation"_s, QJsonObject()}});
    const QJsonObject asked = postStateless(first, u"tools/call"_s, {{u"name"_s, u"greet"_s}}, meta).result();
    const QString name = asked.value("inputRequests"_L1).toObject().keys().value(0);
    const QJsonObject response{{u"action"_s, u"accept"_s}, {u"content"_s, QJsonObject{{u"name"_s, u"Ada"_s}}}};
    const QJsonObject params{{u"name"_s, u"greet"_s},
                             {u"inputResponses"_s, QJsonObject{{name, response}}},
                             {u"requestState"_s, asked.value("requestState"_L1)}};
    EXPECT_TRUE(postStateless(second, u"tools/call"_s, params, meta).result().contains("content"_L1));
    EXPECT_EQ(postStateless(stranger, u"tools/call"_s, params, meta).errorCode(), -32602);
}

TEST(EndpointSealKey, LetsASessionGoOnAtAnotherInstance)
{
    EndpointOptions options;
    options.sealKey = Secret(QByteArray(32, 'k'));
    auto first = std::make_unique<TestServer>(auth(), options);
    TestServer second(auth(), options);
    const QByteArray bearer = token(u"alice"_s);
    const QByteArray session = first->initialized(u"2025-11-25"_s, bearer);
    first.reset();
    EXPECT_EQ(second.post(request(u"tools/list"_s), session, bearer).status, 200);
    EXPECT_EQ(second.post(request(u"tools/list"_s), session, token(u"mallory"_s)).status, 404);
    EXPECT_EQ(second.post(request(u"tools/list"_s), session).status, 401);
    const QByteArray farewell = "Bearer " + bearer;
    EXPECT_EQ(second.send("DELETE", {}, {{"Mcp-Session-Id", session}, {"Authorization", farewell}}).status, 204);
    EXPECT_EQ(second.post(request(u"tools/list"_s), session, bearer).status, 404);
}

// Resumability and Redelivery (2025-11-25)
TEST_F(EndpointStream, AnAnswerIsGotOnAnotherConnection)
{
    const QByteArray session = initialized();
    EventTap first = calling(callOf(u"comeBack"_s), session);
    ASSERT_TRUE(first.waitForEnd());
    EXPECT_TRUE(first.messages().isEmpty());
    EXPECT_TRUE(first.body().contains("retry: 1\n"));
    const QByteArray lastId = first.lastId();
    ASSERT_FALSE(lastId.isEmpty());
    const auto again = [&](const QByteArray &inSession) {
        return EventTap(server, "GET", {},
                        {{"Accept", "text/event-stream"}, {"Mcp-Session-Id", inSession}, {"Last-Event-ID", lastId}});
    };
    EventTap second = again(session);
    ASSERT_TRUE(second.waitForEnd());
    ASSERT_EQ(second.messages().size(), 1);
    EXPECT_EQ(second.messages().first().value("result"_L1)["content"_L1][0]["text"_L1].toString(), u"welcome"_s);
    EventTap third = again(session); // what was lost on the way comes again
    ASSERT_TRUE(third.waitForEnd());
    EXPECT_EQ(third.messages(), second.messages());
    const QByteArray other = initialized();
    const qsizetype answered = server.events.size();
    EventTap stranger = again(other); // is not told what another session was
    ASSERT_TRUE(waitUntil([&] { return server.events.size() > answered; }));
    server.endpoint->announce(Change::Tools);
    ASSERT_TRUE(stranger.waitForMessages(1));
    EXPECT_EQ(methodsOf(stranger.messages()), QStringList{u"notifications/tools/list_changed"_s});
}

// Earlier revisions know no empty events, and a stateless one no way back.
TEST_F(EndpointStream, OnlyAClientThatCanComeBackIsSentAway)
{
    EventTap earlier = calling(callOf(u"comeBack"_s), initialized({}, u"2025-06-18"_s));
    ASSERT_TRUE(earlier.waitForEnd());
    EXPECT_FALSE(earlier.isStream());
    EventTap stateless = callingStateless(u"comeBack"_s, statelessMeta());
    ASSERT_TRUE(stateless.waitForEnd());
    EXPECT_TRUE(stateless.body().contains("welcome"));
}

TEST_F(EndpointStream, ASessionHearsOfChangesOnItsGetStream)
{
    const QByteArray session = initialized();
    EXPECT_EQ(server.send("GET", {}, {{"Accept", "application/json"}, {"Mcp-Session-Id", session}}).status, 406);
    EXPECT_EQ(server.send("GET", {}, {{"Accept", "text/event-stream"}}).status, 400);
    EventTap tap(server, "GET", {}, {{"Accept", "text/event-stream"}, {"Mcp-Session-Id", session}});
    const qsizetype answered = server.events.size();
    ASSERT_TRUE(waitUntil([&] { return server.events.size() > answered; }));
    ASSERT_TRUE(server.endpoint->addTool(echoTool(u"new"_s)));
    ASSERT_TRUE(tap.waitForMessages(1));
    EXPECT_EQ(methodsOf(tap.messages()), QStringList{u"notifications/tools/list_changed"_s});
    EXPECT_EQ(server.send("DELETE", {}, {{"Mcp-Session-Id", session}}).status, 204);
    EXPECT_TRUE(tap.waitForEnd());
}

// basic/patterns/subscriptions.mdx
TEST_F(EndpointStream, AStatelessClientHearsWhatItListensFor)
{
    const QByteArray body =
        statelessBody(u"subscriptions/listen"_s, {{u"notifications"_s, QJsonObject{{u"promptsListChanged"_s, true}}}},
                      statelessMeta(), u"sub"_s);
    EventTap tap(server, "POST", body, TestServer::fieldsFor({}, {}, statelessFields("subscriptions/listen")));
    ASSERT_TRUE(tap.waitForMessages(1));
    server.endpoint->announce(Change::Tools);
    server.endpoint->announce(Change::Prompts);
    ASSERT_TRUE(tap.waitForMessages(2));
    server.endpoint.reset();
    ASSERT_TRUE(tap.waitForEnd());
    const auto messages = tap.messages();
    EXPECT_EQ(methodsOf(messages), (QStringList{u"notifications/subscriptions/acknowledged"_s,
                                                u"notifications/prompts/list_changed"_s, u"result"_s}));
    EXPECT_EQ(messages.at(0).value("params"_L1)["notifications"_L1],
              QJsonValue(QJsonObject{{u"promptsListChanged"_s, true}}));
    for (const QJsonObject &message : messages.first(2))
        EXPECT_EQ(message.value("params"_L1)["_meta"_L1]["io.modelcontextprotocol/subscriptionId"_L1], u"sub"_s);
    EXPECT_EQ(messages.at(2).value("id"_L1), u"sub"_s);
}

TEST_F(EndpointStream, AListenerThatLeavesIsForgotten)
{
    const QByteArray body =
        statelessBody(u"subscriptions/listen"_s, {{u"notifications"_s, QJsonObject{{u"toolsListChanged"_s, true}}}});
    const auto listening = [&] {
        return std::make_unique<EventTap>(server, "POST", body,
                                          TestServer::fieldsFor({}, {}, statelessFields("subscriptions/listen")));
    };
    for (int i = 0; i < 3; ++i) {
        const auto tap = listening();
        ASSERT_TRUE(tap->waitForMessages(1));
        tap->leave();
        ASSERT_TRUE(waitUntil([&] { return server.server.connectionCount() == 0; }));
    }
    server.endpoint->announce(Change::Tools); // to nobody
    const auto tap = listening();
    ASSERT_TRUE(tap->waitForMessages(1));
    server.endpoint->announce(Change::Tools);
    EXPECT_TRUE(tap->waitForMessages(2));
}

// A session has one stream (2025-11-25, Multiple Connections), which can be gone on with.
TEST_F(EndpointStream, ASessionsStreamGoesOnWhereItBrokeOff)
{
    const QByteArray session = initialized();
    const auto listening = [&](const QByteArray &lastId) {
        const qsizetype answered = server.events.size();
        Fields fields{{"Accept", "text/event-stream"}, {"Mcp-Session-Id", session}};
        if (!lastId.isEmpty())
            fields.append({"Last-Event-ID", lastId});
        auto tap = std::make_unique<EventTap>(server, "GET", QByteArray(), fields);
        EXPECT_TRUE(waitUntil([&] { return server.events.size() > answered; }));
        return tap;
    };
    const auto first = listening({});
    server.endpoint->announce(Change::Tools);
    ASSERT_TRUE(first->waitForMessages(1));
    const QByteArray lastId = first->lastId();
    first->leave();
    ASSERT_TRUE(waitUntil([&] { return server.server.connectionCount() <= 1; })); // that of server.client
    server.endpoint->announce(Change::Prompts);
    const auto second = listening(lastId);
    server.endpoint->announce(Change::Resources);
    ASSERT_TRUE(second->waitForMessages(2));
    EXPECT_EQ(methodsOf(second->messages()),
              (QStringList{u"notifications/prompts/list_changed"_s, u"notifications/resources/list_changed"_s}));
    const auto third = listening({});
    EXPECT_TRUE(second->waitForEnd());
    server.endpoint->announce(Change::Tools);
    EXPECT_TRUE(third->waitForMessages(1));
}

TEST_F(EndpointStream, OfResourcesThoseHearWhoSubscribed)
{
    const auto content = [](const QString &, const Context &) -> Result<QList<ResourceContents>> {
        return QList<ResourceContents>{{.content = u"x"_s}};
    };
    ASSERT_TRUE(server.endpoint->addResource({.uri = u"test://a"_s, .name = u"a"_s, .handler = content}));
    const QByteArray session = initialized();
    ASSERT_EQ(server.post(request(u"resources/subscribe"_s, {{u"uri"_s, u"test://a"_s}}), session).status, 200);
    const qsizetype answered = server.events.size();
    EventTap legacy(server, "GET", {}, {{"Accept", "text/event-stream"}, {"Mcp-Session-Id", session}});
    ASSERT_TRUE(waitUntil([&] { return server.events.size() > answered; }));
    const QJsonArray uris{u"test://a"_s, u"test://none"_s};
    EventTap stateless(server, "POST",
                       statelessBody(u"subscriptions/listen"_s,
                                     {{u"notifications"_s, QJsonObject{{u"resourceSubscriptions"_s, uris}}}}),
                       TestServer::fieldsFor({}, {}, statelessFields("subscriptions/listen")));
    ASSERT_TRUE(stateless.waitForMessages(1));
    EXPECT_EQ(stateless.messages().first().value("params"_L1)["notifications"_L1],
              QJsonValue(QJsonObject{{u"resourceSubscriptions"_s, QJsonArray{u"test://a"_s}}}));
    server.endpoint->resourceUpdated(u"test://b"_s);
    server.endpoint->resourceUpdated(u"test://a"_s);
    ASSERT_TRUE(legacy.waitForMessages(1));
    ASSERT_TRUE(stateless.waitForMessages(2));
    for (const QJsonObject &message : {legacy.messages().first(), stateless.messages().last()}) {
        EXPECT_EQ(message.value("method"_L1).toString(), u"notifications/resources/updated"_s);
        EXPECT_EQ(message.value("params"_L1)["uri"_L1].toString(), u"test://a"_s);
    }
}

TEST_F(EndpointStream, OneCallerHasSoManyStreams)
{
    const QByteArray body = statelessBody(u"subscriptions/listen"_s, {{u"notifications"_s, QJsonObject()}});
    const Fields fields = TestServer::fieldsFor({}, {}, statelessFields("subscriptions/listen"));
    std::vector<std::unique_ptr<EventTap>> taps;
    for (int i = 0; i < maxListenersPerCaller; ++i) {
        taps.push_back(std::make_unique<EventTap>(server, "POST", body, fields));
        ASSERT_TRUE(taps.back()->waitForMessages(1));
    }
    EXPECT_EQ(server.send("POST", body, fields).status, 429);
    taps.pop_back();
    EXPECT_TRUE(waitUntil([&] {
        EventTap again(server, "POST", body, fields);
        return again.waitForMessages(1);
    }));
}

// 2026-07-28: closing the stream cancels the request. Before, it means nothing.
TEST_F(EndpointStream, ClosingItsStreamStopsAStatelessCallOnly)
{
    for (const bool stateless : {true, false}) {
        std::stop_token stop;
        QPromise<void> done;
        done.start();
        const auto name = stateless ? u"waits"_s : u"waits-too"_s;
        const auto waits = [&stop, future = done.future()](QJsonObject, Context context) {
            stop = context.stop();
            return answerAfter(future, context);
        };
        ASSERT_TRUE(server.endpoint->addTool(toolOf(name, waits)));
        QJsonObject meta = statelessMeta();
        meta.insert(u"progressToken"_s, 1);
        EventTap tap = stateless ? callingStateless(name, meta) : calling(callWithToken(name, 1), initialized());
        ASSERT_TRUE(tap.waitForMessages(1));
        tap.leave();
        ASSERT_TRUE(waitUntil([&] { return server.server.connectionCount() <= 1; })); // that of server.client
        EXPECT_EQ(stop.stop_requested(), stateless);
        done.finish();
        ASSERT_TRUE(waitUntil([&] { return !server.events.isEmpty() && server.events.last().tool == name; }));
    }
}
