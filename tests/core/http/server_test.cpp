#include "http/exchangelog.h"
#include "http/stream.h"
#include "support/servertest.h"

#include <QCoroTimer>
#include <QTcpServer>
#include <QTimer>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using namespace Test;

class ServerHttp : public ServerTest
{
};

namespace {

QCoro::Task<Response> echo(Request request)
{
    Response response =
        Response::text(200, QString::fromLatin1(request.method + ' ' + request.target + ' ' + request.body));
    co_return response;
}

QCoro::Task<Response> echoLater(Request request)
{
    QTimer timer;
    timer.start(1);
    co_await timer;
    Response response = Response::text(200, QString::fromLatin1(request.target));
    co_return response;
}

} // namespace

TEST_F(ServerHttp, AnswersARequest)
{
    start({}, echo);
    RawClient client = connectClient();
    const RawResponse response =
        client.send("POST /a?b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody").response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "POST /a?b body"_ba);
    EXPECT_EQ(response.header("Content-Length"), "14"_ba);
    EXPECT_EQ(response.header("Content-Type"), "text/plain; charset=utf-8"_ba);
    EXPECT_TRUE(response.header("Date").endsWith(" GMT")); // RFC 9110 §6.6.1
    ASSERT_EQ(handled.size(), 1);
    EXPECT_EQ(handled[0].peer, QHostAddress(QHostAddress::LocalHost));
    EXPECT_FALSE(handled[0].secure);
    EXPECT_EQ(handled[0].header("host"), "localhost"_ba);
}

TEST_F(ServerHttp, KeepsAConnectionForManyRequests)
{
    start();
    RawClient client = connectClient();
    for (int i = 0; i < 50; ++i)
        ASSERT_EQ(client.send(getRequest).response().body, "hello"_ba);
    EXPECT_EQ(server->connectionCount(), 1);
    EXPECT_EQ(handled.size(), 50);
}

TEST_F(ServerHttp, AnswersARequestThatComesByteByByte)
{
    start({}, echo);
    RawClient client = connectClient();
    const QByteArray request = "POST /slow HTTP/1.1\r\nHost: localhost\r\nX-Long: abc\r\nContent-Length: 3\r\n\r\nxyz";
    for (const char byte : request) {
        client.send(QByteArray(1, byte));
        waitUntil([] { return true; });
    }
    EXPECT_EQ(client.response().body, "POST /slow xyz"_ba);
    EXPECT_EQ(handled[0].header("x-long"), "abc"_ba);
}

TEST_F(ServerHttp, AnswersPipelinedRequestsInTheirOrder)
{
    start({}, [](Request request) { return request.target.endsWith('0') ? echoLater(request) : echo(request); });
    RawClient client = connectClient();
    QByteArray requests;
    for (int i = 0; i < 100; ++i)
        requests += "GET /" + QByteArray::number(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client.send(requests);
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(client.response().body.contains('/' + QByteArray::number(i)));
}

TEST_F(ServerHttp, HandlesOneRequestOfAConnectionAtATime)
{
    int running = 0;
    int most = 0;
    const auto counted = [](Request request, int *now, int *peak) -> QCoro::Task<Response> {
        *peak = std::max(*peak, ++*now);
        Response response = co_await echoLater(std::move(request));
        --*now;
        co_return response;
    };
    start({}, [&](Request request) { return counted(std::move(request), &running, &most); });
    RawClient client = connectClient();
    client.send(getRequest.repeated(5));
    for (int i = 0; i < 5; ++i)
        ASSERT_EQ(client.response().status, 200);
    EXPECT_EQ(most, 1);
}

TEST_F(ServerHttp, ClosesWhenTheClientAsks)
{
    start();
    RawClient client = connectClient();
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" + getRequest);
    EXPECT_EQ(client.response().header("Connection"), "close"_ba);
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_EQ(handled.size(), 1);
    client.close();
    EXPECT_TRUE(isDeserted());
}

TEST_F(ServerHttp, ClosesWhenTheHandlerAsks)
{
    start({}, [](Request) -> QCoro::Task<Response> {
        Response response = Response::text(200, u"bye"_s);
        response.set("Connection", "close");
        co_return response;
    });
    RawClient client = connectClient();
    EXPECT_EQ(client.send(getRequest).response().header("Connection"), "close"_ba);
    EXPECT_TRUE(client.isClosedByPeer());
}

TEST_F(ServerHttp, ClosesAfterAnHttp10RequestUnlessItAsksToStay)
{
    start();
    RawClient once = connectClient();
    EXPECT_EQ(once.send("GET / HTTP/1.0\r\n\r\n").response().body, "hello"_ba);
    EXPECT_TRUE(once.isClosedByPeer());

    RawClient often = connectClient();
    for (int i = 0; i < 3; ++i) {
        const RawResponse response = often.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").response();
        EXPECT_EQ(response.body, "hello"_ba);
        EXPECT_EQ(response.header("Connection"), "keep-alive"_ba);
    }
}

// RFC 9110 §9.3.2
TEST_F(ServerHttp, AnswersHeadWithTheLengthButNoBody)
{
    start();
    RawClient client = connectClient();
    client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n" + getRequest);
    EXPECT_EQ(client.response(true).header("Content-Length"), "5"_ba);
    EXPECT_EQ(client.response().body, "hello"_ba);
}

TEST_F(ServerHttp, SendsNoBodyAndNoLengthWith204And304)
{
    start({}, [](Request request) -> QCoro::Task<Response> {
        Response response = Response::text(request.target == "/204" ? 204 : 304, u"never sent"_s);
        co_return response;
    });
    RawClient client = connectClient();
    for (const QByteArray &status : {"204"_ba, "304"_ba}) {
        client.send("GET /" + status + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        const RawResponse response = client.response();
        EXPECT_EQ(response.status, status.toInt());
        EXPECT_EQ(response.header("Content-Length"), QByteArray());
    }
}

TEST_F(ServerHttp, JoinsChunksAndIgnoresTrailers)
{
    start({}, echo);
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3;name=value\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nAuthorization: Bearer late\r\nX: y\r\n\r\n" +
                getRequest);
    EXPECT_EQ(client.response().body, "POST / abc0123456789abcdef"_ba);
    EXPECT_EQ(client.response().status, 200);
    EXPECT_EQ(handled[0].headerCount("authorization"), 0); // RFC 9110 §6.5.1
}

// RFC 9110 §10.1.1
TEST_F(ServerHttp, AsksForABodyThatWaitsFor100Continue)
{
    start({}, echo);
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.response().status, 100);
    EXPECT_EQ(client.send("ok").response().body, "POST / ok"_ba);
}

TEST_F(ServerHttp, DoesNotAskForABodyThatIsThere)
{
    start({}, echo);
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nok");
    EXPECT_EQ(client.response().status, 200);
}

// RFC 9110 §7.8: a server may ignore Upgrade.
TEST_F(ServerHttp, TreatsAnUpgradeAsAnOrdinaryRequest)
{
    start({}, echo);
    RawClient client = connectClient();
    client.send("GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" +
                getRequest);
    EXPECT_EQ(client.response().body, "GET /chat "_ba);
    EXPECT_EQ(client.response().body, "GET / "_ba);
}

// RFC 9112 §3.2.2
TEST_F(ServerHttp, TakesATargetInAbsoluteForm)
{
    start({}, echo);
    RawClient client = connectClient();
    client.send("GET http://localhost/a?b HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.response().body, "GET /a?b "_ba);
    client.send("GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.response().body, "GET / "_ba);
}

TEST_F(ServerHttp, LetsNoHandlerFrameOrSplitAResponse)
{
    start({}, [](Request) -> QCoro::Task<Response> {
        Response response = Response::text(200, u"hello"_s);
        response.set("Content-Length", "500").set("Transfer-Encoding", "chunked").set("X", "a\r\n\r\nHTTP/1.1 200 OK");
        co_return response;
    });
    RawClient client = connectClient();
    const RawResponse response = client.send(getRequest).response();
    EXPECT_EQ(response.header("Content-Length"), "5"_ba);
    EXPECT_EQ(response.header("Transfer-Encoding"), QByteArray());
    EXPECT_EQ(response.header("X"), "a    HTTP/1.1 200 OK"_ba);
    EXPECT_EQ(client.send(getRequest).response().status, 200);
}

TEST_F(ServerHttp, AnswersInvalidStatusesAndExceptionsWith500)
{
    start({}, [](Request request) -> QCoro::Task<Response> {
        if (request.target == "/throw")
            throw std::runtime_error("in the handler");
        Response response = Response::empty(99);
        co_return response;
    });
    RawClient client = connectClient();
    EXPECT_EQ(client.send(getRequest).response().status, 500);
    EXPECT_EQ(client.send("GET /throw HTTP/1.1\r\nHost: localhost\r\n\r\n").response().status, 500);
}

TEST_F(ServerHttp, RecordsEveryExchange)
{
    ExchangeLog log;
    ServerOptions options;
    options.log = &log;
    options.purpose = u"test server"_s;
    start(options);
    RawClient client = connectClient();
    ASSERT_EQ(client.send(getRequest).response().status, 200);
    ASSERT_EQ(client.send("nonsense\r\n\r\n").response().status, 400);
    ASSERT_TRUE(waitUntil([&] { return log.exchanges().size() == 2; }));
    const Exchange &served = log.exchanges().front();
    EXPECT_EQ(served.direction, Exchange::Direction::Served);
    EXPECT_EQ(served.purpose, u"test server"_s);
    EXPECT_EQ(served.url, server->origin() + u'/');
    EXPECT_EQ(served.status, 200);
    EXPECT_EQ(served.responseBody, "hello"_ba);
    EXPECT_EQ(log.exchanges().back().status, 400);
}

// Listening

TEST(ServerListen, TakesAFreePortForZero)
{
    Server server([](Request) -> QCoro::Task<Response> { co_return Response::empty(204); });
    EXPECT_EQ(server.port(), 0);
    EXPECT_EQ(server.origin(), QString());
    ASSERT_TRUE(server.listen());
    EXPECT_TRUE(server.isListening());
    EXPECT_GT(server.port(), 0);
    EXPECT_EQ(server.origin(), u"http://127.0.0.1:%1"_s.arg(server.port()));
    EXPECT_EQ(codeOf(server.listen()), u"already_listening"_s);
}

TEST(ServerListen, SaysWhatToDoWhenThePortIsInUse)
{
    QTcpServer other;
    ASSERT_TRUE(other.listen(QHostAddress::LocalHost));
    Server server([](Request) -> QCoro::Task<Response> { co_return Response::empty(204); });
    ServerOptions options;
    options.port = other.serverPort();
    const Result<> listening = server.listen(options);
    EXPECT_EQ(codeOf(listening), u"port_in_use"_s);
    EXPECT_TRUE(listening.error().message.contains(u"choose another port"_s));
    EXPECT_FALSE(server.isListening());
    other.close();
    EXPECT_TRUE(server.listen(options));
}

TEST(ServerListen, NamesAnAddressThatTheMachineLacks)
{
    Server server([](Request) -> QCoro::Task<Response> { co_return Response::empty(204); });
    ServerOptions options;
    options.address = QHostAddress(u"192.0.2.1"_s); // RFC 5737: nobody's
    EXPECT_EQ(codeOf(server.listen(options)), u"address_unavailable"_s);
}

} // namespace McpAuth::Http
