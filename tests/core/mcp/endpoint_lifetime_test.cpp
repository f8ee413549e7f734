#include "stateless.h"
#include "support/rawclient.h"

#include <QCoreApplication>
#include <QCoroFuture>
#include <QPromise>

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

const QByteArray ping = request(u"ping"_s);

} // namespace

namespace {

/// A tool that waits until the test opens it.
class Gate : public QObject
{
    Q_OBJECT

public:
    int waiting = 0;

Q_SIGNALS:
    void opened();
};

QCoro::Task<ToolResult> throughGate(Gate *gate, QString word)
{
    ++gate->waiting;
    co_await qCoro(gate, &Gate::opened);
    co_return ToolResult::text(word);
}

Tool gateTool(Gate *gate)
{
    Tool tool = echoTool(u"gate"_s);
    const QString word = u"a word that the handler owns and that is too long to be kept in place"_s;
    tool.handler = [gate, word](const QJsonObject &, const Context &) { return throughGate(gate, word); };
    return tool;
}

} // namespace

TEST(EndpointLifetime, LetsOtherRequestsPassWhileAToolWaits)
{
    Gate gate;
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(gateTool(&gate)));
    const QByteArray session = server.initialized();
    auto slow = server.sending("POST", callOf(u"gate"_s), TestServer::fieldsFor(session, {}));
    EXPECT_TRUE(waitUntil([&] { return gate.waiting == 1; }));
    EXPECT_EQ(server.post(ping, session).status, 200);
    Q_EMIT gate.opened();
    const auto response = wait(std::move(slow));
    ASSERT_TRUE(response);
    EXPECT_TRUE(response->body.contains("a word that the handler owns"));
}

TEST(EndpointLifetime, AnswersACallThatIsUnderWayWhenTheEndpointGoes)
{
    Gate gate;
    TestServer server(auth());
    ASSERT_TRUE(server.endpoint->addTool(gateTool(&gate)));
    const QByteArray bearer = token(u"alice"_s);
    const QByteArray session = server.initialized(u"2025-11-25"_s, bearer);
    const qsizetype before = server.events.size();
    auto slow = server.sending("POST", callOf(u"gate"_s), TestServer::fieldsFor(session, bearer));
    EXPECT_TRUE(waitUntil([&] { return gate.waiting == 1; }));
    server.endpoint.reset();
    Q_EMIT gate.opened();
    const auto response = wait(std::move(slow));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(server.events.size(), before);
}

TEST(EndpointLifetime, EndsASessionWhileOneOfItsCallsIsUnderWay)
{
    Gate gate;
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(gateTool(&gate)));
    const QByteArray session = server.initialized();
    auto slow = server.sending("POST", callOf(u"gate"_s), TestServer::fieldsFor(session, {}));
    EXPECT_TRUE(waitUntil([&] { return gate.waiting == 1; }));
    EXPECT_EQ(server.send("DELETE", {}, {{"Mcp-Session-Id", session}}).status, 204);
    Q_EMIT gate.opened();
    const auto response = wait(std::move(slow));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
}

TEST(EndpointLifetime, SurvivesTheServersEndWhileAToolWaits)
{
    Gate gate;
    {
        TestServer server;
        ASSERT_TRUE(server.endpoint->addTool(gateTool(&gate)));
        const QByteArray session = server.initialized();
        auto slow = server.sending("POST", callOf(u"gate"_s), TestServer::fieldsFor(session, {}));
        EXPECT_TRUE(waitUntil([&] { return gate.waiting == 1; }));
    }
    Q_EMIT gate.opened();
    QCoreApplication::processEvents();
    EXPECT_EQ(gate.waiting, 1);
}

namespace {

QCoro::Task<ToolResult> untilStopped(Context context, int *running)
{
    QPromise<void> promise;
    promise.start();
    const std::stop_callback onStop(context.stop(), [&promise] { promise.finish(); });
    ++*running;
    co_await promise.future();
    --*running;
    co_return ToolResult::text(u"was told to stop"_s);
}

/// Runs until it is told to stop, and says so.
Tool obedientTool(int *running)
{
    Tool tool = echoTool(u"obedient"_s);
    tool.handler = [running](const QJsonObject &, const Context &context) { return untilStopped(context, running); };
    return tool;
}

} // namespace

// Since 2026-07-28 a client that has gone does not come back for its answer.
TEST(EndpointLifetime, TellsAToolWhoseStatelessCallerHasLeft)
{
    int running = 0;
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(obedientTool(&running)));
    RawClient caller(server.server.port());
    const QByteArray call = statelessBody(u"tools/call"_s, {{u"name"_s, u"obedient"_s}});
    QByteArray request = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + QByteArray::number(call.size());
    for (const auto &[name, value] : TestServer::fieldsFor({}, {}, statelessFields("tools/call", "obedient")))
        request += "\r\n" + name + ": " + value;
    caller.send(request + "\r\n\r\n" + call);
    ASSERT_TRUE(waitUntil([&] { return running == 1; }));
    caller.close();
    EXPECT_TRUE(waitUntil([&] { return running == 0; }));
    EXPECT_TRUE(waitUntil([&] { return !server.events.isEmpty() && server.events.last().tool == u"obedient"; }));
}

TEST(EndpointLifetime, EndsTheWaitForAToolWhenItsTimeIsOver)
{
    Gate gate;
    EndpointOptions options;
    options.toolTimeout = std::chrono::milliseconds(20);
    options.callsAtOncePerCaller = 1;
    TestServer server({}, options);
    ASSERT_TRUE(server.endpoint->addTool(gateTool(&gate)));
    const QByteArray session = server.initialized();
    const Answer answer = server.post(callOf(u"gate"_s), session);
    EXPECT_EQ(answer.result().value("isError"_L1), QJsonValue(true));
    EXPECT_TRUE(answer.body.contains("did not finish in time"));
    const Answer tooMany = server.post(callOf(u"gate"_s), session); // the handler has not ended
    EXPECT_EQ(tooMany.status, 429);
    EXPECT_EQ(tooMany.header("Retry-After"_L1), "1");
    EXPECT_EQ(server.post(ping, session).status, 200);
    Q_EMIT gate.opened();
    EXPECT_EQ(server.post(callOf(u"gate"_s), session).status, 200);
    Q_EMIT gate.opened();
}

TEST(EndpointLifetime, TellsAToolToStopWhenItsTimeIsOver)
{
    int running = 0;
    EndpointOptions options;
    options.toolTimeout = std::chrono::milliseconds(20);
    TestServer server({}, options);
    ASSERT_TRUE(server.endpoint->addTool(obedientTool(&running)));
    const QByteArray session = server.initialized();
    EXPECT_EQ(server.post(callOf(u"obedient"_s), session).result().value("isError"_L1), QJsonValue(true));
    EXPECT_TRUE(waitUntil([&] { return running == 0; }));
}

TEST(EndpointLifetime, TellsAToolToStopWhenItsClientCancelsTheRequest)
{
    int running = 0;
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(obedientTool(&running)));
    const QByteArray session = server.initialized();
    const QByteArray other = server.initialized();
    auto slow = server.sending("POST", callOf(u"obedient"_s, {}, 7), TestServer::fieldsFor(session, {}));
    EXPECT_TRUE(waitUntil([&] { return running == 1; }));
    const auto cancelled = [](const QJsonValue &id) {
        return toJsonText(QJsonObject{{u"jsonrpc"_s, u"2.0"_s},
                                      {u"method"_s, u"notifications/cancelled"_s},
                                      {u"params"_s, QJsonObject{{u"requestId"_s, id}}}});
    };
    EXPECT_EQ(server.post(cancelled(7), other).status, 202);
    EXPECT_EQ(server.post(cancelled(u"7"_s), session).status, 202);
    EXPECT_EQ(running, 1);
    EXPECT_EQ(server.post(cancelled(7), session).status, 202);
    const auto response = wait(std::move(slow));
    ASSERT_TRUE(response);
    EXPECT_TRUE(response->body.contains("was told to stop"));
    EXPECT_EQ(running, 0);
}

TEST(EndpointLifetime, TellsItsToolsToStopWhenItGoes)
{
    int running = 0;
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(obedientTool(&running)));
    const QByteArray session = server.initialized();
    auto slow = server.sending("POST", callOf(u"obedient"_s), TestServer::fieldsFor(session, {}));
    EXPECT_TRUE(waitUntil([&] { return running == 1; }));
    server.endpoint.reset();
    const auto response = wait(std::move(slow));
    ASSERT_TRUE(response);
    EXPECT_TRUE(response->body.contains("was told to stop"));
}

#include "endpoint_lifetime_test.moc"
