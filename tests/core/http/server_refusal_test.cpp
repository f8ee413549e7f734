// What a server tells of the requests that it answers by itself.
#include "support/servertest.h"

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using namespace Test;

class ServerRefusal : public ServerTest
{
protected:
    struct Refused
    {
        QByteArray method;
        QByteArray target;
        int status = 0;
        QByteArray body;
    };

    void startListening(ServerOptions options = {})
    {
        options.refused = [this](const Request &request, const Response &response) {
            refused.append({request.method, request.target, response.status, response.body});
        };
        start(options);
    }
    /// What the server told of the one request that these bytes are, and that its client got the same answer.
    Refused toldOf(const QByteArray &bytes)
    {
        refused.clear();
        RawClient client = connectClient();
        const RawResponse response = client.send(bytes).response();
        EXPECT_EQ(refused.size(), 1) << bytes.toStdString();
        const Refused told = refused.isEmpty() ? Refused{} : refused.first();
        EXPECT_EQ(told.status, response.status);
        EXPECT_EQ(told.body, response.body);
        return told;
    }

    QList<Refused> refused;
};

TEST_F(ServerRefusal, TellsNothingOfWhatTheHandlerAnswers)
{
    startListening();
    EXPECT_EQ(connectClient().send(getRequest).response().status, 200);
    EXPECT_TRUE(refused.isEmpty());
}

TEST_F(ServerRefusal, TellsOfForeignHostsAndOrigins)
{
    startListening();
    const Refused host = toldOf("GET /mcp?x=1 HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    EXPECT_EQ(host.method, "GET");
    EXPECT_EQ(host.target, "/mcp?x=1");
    EXPECT_EQ(host.status, 421);
    const Refused origin =
        toldOf("POST /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(origin.method, "POST");
    EXPECT_EQ(origin.status, 403);
    EXPECT_TRUE(handled.isEmpty());
}

TEST_F(ServerRefusal, TellsAsMuchAsWasRead)
{
    ServerOptions options;
    options.limits.headerBytes = 1000;
    options.limits.bodyBytes = 10;
    startListening(options);
    const Refused nonsense = toldOf("nonsense\r\n\r\n");
    EXPECT_EQ(nonsense.status, 400);
    EXPECT_EQ(nonsense.method + nonsense.target, "");
    const Refused lengths = toldOf("POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(lengths.status, 400);
    EXPECT_EQ(lengths.method, "POST"); // known from the first line on
    EXPECT_EQ(lengths.target, "/mcp");
    const Refused large = toldOf("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n");
    EXPECT_EQ(large.status, 413);
    EXPECT_EQ(large.method, "POST");
    const Refused header = toldOf("DELETE /mcp HTTP/1.1\r\nX: " + QByteArray(1000, 'x'));
    EXPECT_EQ(header.status, 431);
    EXPECT_EQ(header.method, "DELETE");
    EXPECT_EQ(header.target, "/mcp");
}

// RFC 9112 §6.3: an answer to HEAD has no body, whatever was wrong with the rest of the header.
TEST_F(ServerRefusal, AnswersABadHeadWithoutABody)
{
    startListening();
    RawClient client = connectClient();
    client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\nBad field\r\n\r\n");
    const QByteArray answer = client.everything();
    EXPECT_TRUE(answer.startsWith("HTTP/1.1 400 ")) << answer.toStdString();
    EXPECT_TRUE(answer.endsWith("\r\n\r\n")) << answer.toStdString();
}

TEST_F(ServerRefusal, TellsOfSlowRequestsAndConnectionsTooMany)
{
    ServerOptions options;
    options.limits.headerTimeout = 50ms;
    options.limits.connectionsPerAddress = 1;
    startListening(options);
    const Refused slow = toldOf("GET /slow HTTP/1.1\r\nHost: loc");
    EXPECT_EQ(slow.status, 408);
    EXPECT_EQ(slow.target, "/slow");
    ASSERT_TRUE(isDeserted());

    RawClient first = connectClient();
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == 1; }));
    const Refused tooMany = toldOf("");
    EXPECT_EQ(tooMany.status, 503);
    EXPECT_EQ(tooMany.method + tooMany.target, "");
}

TEST_F(ServerRefusal, MayEndTheServer)
{
    const QByteArray foreign = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    for (const QByteArray &bytes : {foreign.repeated(2), "nonsense\r\n\r\n"_ba, "GET / HT"_ba}) {
        ServerOptions options;
        options.limits.headerTimeout = 50ms;
        options.refused = [this](const Request &, const Response &) { server.reset(); };
        start(options);
        RawClient client = connectClient();
        EXPECT_EQ(client.send(bytes).everything(), QByteArray());
        EXPECT_EQ(server, nullptr);
    }
}

TEST_F(ServerRefusal, MayEndTheServerWhileItTurnsAConnectionAway)
{
    ServerOptions options;
    options.limits.connections = 0;
    options.refused = [this](const Request &, const Response &) { server.reset(); };
    start(options);
    EXPECT_TRUE(connectClient().isClosedByPeer());
    EXPECT_EQ(server, nullptr);
}

TEST_F(ServerRefusal, MayStopTheServerWhileAnotherConnectionIsToBeTurnedAway)
{
    std::optional<QCoro::Task<>> stopping;
    ServerOptions options;
    options.limits.connections = 0;
    options.refused = [&](const Request &, const Response &) { stopping = server->stop(); };
    start(options);
    RawClient first = connectClient();
    RawClient second = connectClient(); // accepted in the same turn of the event loop
    EXPECT_TRUE(first.isClosedByPeer());
    EXPECT_TRUE(second.isClosedByPeer());
    ASSERT_TRUE(stopping);
    wait(*std::exchange(stopping, {}));
}

} // namespace McpAuth::Http
