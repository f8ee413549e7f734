#include "testserver.h"

#include <QCoreApplication>
#include <QDeadlineTimer>

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

void spinUntil(const std::function<bool()> &condition)
{
    QDeadlineTimer deadline(20'000);
    while (!condition() && !deadline.hasExpired())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
    EXPECT_TRUE(condition());
}

} // namespace

TEST(EndpointLifetime, LetsOtherRequestsPassWhileAToolWaits)
{
    Gate gate;
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(gateTool(&gate)));
    const QByteArray session = server.initialized();
    auto slow = server.sending("POST", callOf(u"gate"_s), TestServer::fieldsFor(session, {}));
    spinUntil([&] { return gate.waiting == 1; });
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
    spinUntil([&] { return gate.waiting == 1; });
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
    spinUntil([&] { return gate.waiting == 1; });
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
        spinUntil([&] { return gate.waiting == 1; });
    }
    Q_EMIT gate.opened();
    QCoreApplication::processEvents();
    EXPECT_EQ(gate.waiting, 1);
}

#include "endpoint_lifetime_test.moc"
