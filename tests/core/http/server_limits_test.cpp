// Every bound of http/limits.h, and the checks against DNS rebinding.
#include "support/servertest.h"

#include <QCoreApplication>
#include <QCoroFuture>
#include <QCoroTimer>
#include <QPromise>
#include <QTimer>

#include <array>
#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using namespace Test;

namespace {

QCoro::Task<Response> emptyAfter(QFuture<void> event)
{
    co_await event;
    co_return Response::empty(204);
}

} // namespace

class ServerLimit : public ServerTest
{
protected:
    ServerOptions options;
};

TEST_F(ServerLimit, OnTheHeaderIsExact)
{
    options.limits.headerBytes = 1000;
    start(options);
    const QByteArray before = "GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
    const auto request = [&](qsizetype size) {
        return before + QByteArray(size - before.size() - 4, 'x') + "\r\n\r\n";
    };

    RawClient fits = connectClient();
    EXPECT_EQ(fits.send(request(1000)).response().status, 200);
    RawClient tooLarge = connectClient();
    EXPECT_EQ(tooLarge.send(request(1001)).response().status, 431);
    EXPECT_TRUE(tooLarge.isClosedByPeer());
    EXPECT_EQ(handled.size(), 1);
}

TEST_F(ServerLimit, OnTheHeaderCountsEveryByte)
{
    options.limits.headerBytes = 1000;
    start(options);
    for (const QByteArray &start : {"GET /"_ba, "GET / HTTP/1.1\r\nX:"_ba, "GET / HTTP/1.1\r\n"_ba, QByteArray()}) {
        RawClient client = connectClient();
        const QByteArray filler = start.endsWith('/')   ? "a"_ba
                                  : start.endsWith(':') ? " "_ba
                                  : start.isEmpty()     ? "\r\n"_ba
                                                        : "y"_ba;
        client.send(start + filler.repeated(2000));
        EXPECT_EQ(client.response().status, 431) << start.toStdString();
        EXPECT_TRUE(client.isClosedByPeer());
    }
}

TEST_F(ServerLimit, OnFieldsIsExact)
{
    options.limits.headerFields = 10;
    start(options);
    RawClient client = connectClient();
    const QByteArray host = "GET / HTTP/1.1\r\nHost: localhost\r\n";
    EXPECT_EQ(client.send(host + "X: y\r\n"_ba.repeated(9) + "\r\n").response().status, 200);
    EXPECT_EQ(client.send(host + "X: y\r\n"_ba.repeated(10) + "\r\n").response().status, 431);
    EXPECT_TRUE(client.isClosedByPeer());
}

TEST_F(ServerLimit, OnTheBodyIsExact)
{
    options.limits.bodyBytes = 1000;
    start(options);
    RawClient client = connectClient();
    const QByteArray post = "POST / HTTP/1.1\r\nHost: localhost\r\n";
    EXPECT_EQ(client.send(post + "Content-Length: 1000\r\n\r\n" + QByteArray(1000, 'x')).response().status, 200);
    EXPECT_EQ(handled[0].body.size(), 1000);
    EXPECT_EQ(client.send(post + "Content-Length: 1001\r\n\r\n").response().status, 413); // not a byte of it was sent
    EXPECT_TRUE(client.isClosedByPeer());
}

TEST_F(ServerLimit, OnTheBodyHoldsBefore100Continue)
{
    options.limits.bodyBytes = 1000;
    start(options);
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.response().status, 413);
}

TEST_F(ServerLimit, OnTheBodyCountsChunks)
{
    options.limits.bodyBytes = 1000;
    start(options);
    const QByteArray post = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    const QByteArray chunk = "1f4\r\n" + QByteArray(500, 'x') + "\r\n";
    RawClient fits = connectClient();
    EXPECT_EQ(fits.send(post + chunk + chunk + "0\r\n\r\n").response().status, 200);
    RawClient tooLarge = connectClient();
    EXPECT_EQ(tooLarge.send(post + chunk + chunk + "1\r\n").response().status, 413);
    EXPECT_TRUE(tooLarge.isClosedByPeer());
}

TEST_F(ServerLimit, HoldsForExtensionsAndTrailers)
{
    options.limits.headerBytes = 1000;
    start(options);
    const QByteArray post = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const QByteArray &rest : {"1;x=" + QByteArray(200'000, 'y'), "0\r\n" + "X: y\r\n"_ba.repeated(50'000)}) {
        RawClient client = connectClient();
        EXPECT_EQ(client.send(post + rest).response().status, 400);
        EXPECT_TRUE(client.isClosedByPeer());
    }
    EXPECT_TRUE(handled.isEmpty());
}

TEST_F(ServerLimit, TakesABodyInChunksOfOneByte)
{
    start(options);
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
                "1\r\nx\r\n"_ba.repeated(100'000) + "0\r\n\r\n");
    EXPECT_EQ(client.response().status, 200);
    EXPECT_EQ(handled[0].body.size(), 100'000);
}

TEST_F(ServerLimit, OnTimeForTheHeaderAnswers408)
{
    options.limits.headerTimeout = 100ms;
    start(options);
    RawClient client = connectClient();
    EXPECT_EQ(client.send("GET / HTTP/1.1\r\nHost: loc").response().status, 408);
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_TRUE(handled.isEmpty());
}

TEST_F(ServerLimit, OnTimeForTheHeaderIsNotExtendedByMoreBytes)
{
    options.limits.headerTimeout = 200ms;
    start(options);
    RawClient client = connectClient();
    client.send("GET / HTTP/1.1\r\nX: ");
    int sent = 0;
    waitUntil([&] {
        ++sent;
        client.poll();
        return client.hasEnded() || client.sendSome("y") < 0;
    });
    EXPECT_EQ(client.response().status, 408);
    EXPECT_GT(sent, 1);
}

TEST_F(ServerLimit, OnTimeForTheBodyAnswers408)
{
    options.limits.bodyTimeout = 100ms;
    start(options);
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(client.response().status, 408);
    EXPECT_TRUE(client.isClosedByPeer());
}

TEST_F(ServerLimit, OnIdleTimeClosesWithoutAWord)
{
    options.limits.idleTimeout = 100ms;
    start(options);
    RawClient fresh = connectClient();
    RawClient used = connectClient();
    EXPECT_EQ(used.send(getRequest).response().status, 200);
    EXPECT_EQ(fresh.everything(), QByteArray());
    EXPECT_EQ(used.everything(), QByteArray());
    EXPECT_TRUE(isDeserted());
}

TEST_F(ServerLimit, OnIdleTimeDoesNotHurryAHandler)
{
    options.limits.idleTimeout = options.limits.headerTimeout = options.limits.bodyTimeout = 50ms;
    start(options, [](Request) -> QCoro::Task<Response> {
        QTimer timer;
        timer.start(400);
        co_await timer;
        co_return Response::text(200, u"late"_s);
    });
    RawClient client = connectClient();
    EXPECT_EQ(client.send(getRequest).response().body, "late"_ba);
}

TEST_F(ServerLimit, OnConnectionsAnswers503AndRecovers)
{
    options.limits.connections = 2;
    start(options);
    RawClient first = connectClient();
    RawClient second = connectClient();
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == 2; }));
    RawClient third = connectClient();
    EXPECT_EQ(third.response().status, 503);
    EXPECT_TRUE(third.isClosedByPeer());
    EXPECT_EQ(server->refusedConnections(), 1u);

    first.close();
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == 1; }));
    RawClient fourth = connectClient();
    EXPECT_EQ(fourth.send(getRequest).response().status, 200);
    EXPECT_EQ(second.send(getRequest).response().status, 200);
}

TEST_F(ServerLimit, OnConnectionsOfOneAddressLeavesOthersIn)
{
    options.limits.connectionsPerAddress = 1;
    start(options);
    RawClient first = connectClient("127.0.0.2");
    RawClient second = connectClient("127.0.0.2");
    RawClient other = connectClient("127.0.0.3");
    EXPECT_EQ(second.response().status, 503);
    EXPECT_EQ(first.send(getRequest).response().status, 200);
    EXPECT_EQ(other.send(getRequest).response().status, 200);
    first.close();
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == 1; }));
    RawClient again = connectClient("127.0.0.2");
    EXPECT_EQ(again.send(getRequest).response().status, 200);
}

TEST_F(ServerLimit, StopsReadingWhileARequestIsInHand)
{
    QPromise<void> answer;
    answer.start();
    start(options, [future = answer.future()](Request) { return emptyAfter(future); });
    RawClient client = connectClient();
    client.send(getRequest);
    ASSERT_TRUE(waitUntil([&] { return handled.size() == 1; }));
    qint64 sent = 0;
    // What is taken now lies in the kernel's buffers and in 64 KiB of the server's.
    ASSERT_TRUE(waitUntil([&] {
        const qint64 count = client.sendSome(QByteArray(64 * 1024, '\n'));
        sent += count;
        return count == 0 || sent > 64 * 1024 * 1024;
    }));
    EXPECT_LT(sent, 32 * 1024 * 1024);
    answer.finish();
    EXPECT_EQ(client.response().status, 204);
}

#ifdef __GLIBC__
// The next request has always begun when the one in hand is answered, so that what was read never becomes empty.
TEST_F(ServerLimit, KeepsNothingOfAnsweredRequestsForAClientThatNeverPauses)
{
    std::function<void()> goOn;
    start(options, [&](Request) -> QCoro::Task<Response> {
        auto promise = std::make_shared<QPromise<void>>();
        promise->start();
        goOn = [promise] { promise->finish(); };
        return emptyAfter(promise->future());
    });
    RawClient client = connectClient();
    const QByteArray head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n\r\n";
    const QByteArray rest = QByteArray(30'000, 'x') + head;
    const auto inUse = [] {
        const auto memory = ::mallinfo2();
        return memory.uordblks + memory.hblkhd;
    };
    client.send(head);
    const size_t before = inUse();
    for (int i = 0; i < 500; ++i) {
        client.send(rest); // while the one before is in hand
        if (i > 0) {
            QCoreApplication::processEvents();
            std::exchange(goOn, {})();
        }
        ASSERT_TRUE(waitUntil([&] { return handled.size() == 1 && goOn; })) << i;
        handled.clear();
    }
    EXPECT_LT(inUse(), before + 4'000'000); // of 15 MB
    goOn();
    client.close();
    EXPECT_TRUE(isDeserted());
}
#endif

// Host and Origin: against DNS rebinding

TEST_F(ServerLimit, TakesTheNamesOfLoopbackAsHost)
{
    start(options);
    RawClient client = connectClient();
    for (const QByteArray &host : {"localhost"_ba, "LOCALHOST:1"_ba, "127.0.0.1:65535"_ba, "[::1]"_ba, "[::1]:80"_ba})
        EXPECT_EQ(client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").response().status, 200)
            << host.toStdString();
}

TEST_F(ServerLimit, TakesAnAddressAsHostWithAndWithoutBrackets)
{
    options.allowedHosts = {u"2001:DB8::1"_s, u"[2001:db8::2]"_s, u"192.0.2.1"_s};
    start(options);
    RawClient client = connectClient();
    for (const QByteArray &host : {"[2001:db8::1]:8080"_ba, "[2001:DB8::2]"_ba, "192.0.2.1"_ba})
        EXPECT_EQ(client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").response().status, 200)
            << host.toStdString();
    EXPECT_EQ(client.send("GET / HTTP/1.1\r\nHost: [2001:db8::3]\r\n\r\n").response().status, 421);
}

TEST_F(ServerLimit, AnswersForeignHostsWith421)
{
    options.allowedHosts = {u"mcp.example"_s};
    start(options);
    RawClient client = connectClient();
    const auto status = [&](const QByteArray &host) {
        return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").response().status;
    };
    for (const QByteArray &host : {"evil.example"_ba, "localhost.evil.example"_ba, "127.0.0.1.evil.example"_ba,
                                   "127.0.0.2"_ba, "[::2]"_ba, "localhost."_ba})
        EXPECT_EQ(status(host), 421) << host.toStdString();
    EXPECT_TRUE(handled.isEmpty());
    EXPECT_EQ(status("MCP.example:443"), 200);
}

TEST_F(ServerLimit, RefusesForeignOrigins)
{
    options.allowedOrigins = {u"https://app.example"_s};
    start(options);
    RawClient client = connectClient();
    const auto status = [&](const QByteArray &origin) {
        return client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nOrigin: " + origin + "\r\n\r\n")
            .response()
            .status;
    };
    for (const QByteArray &origin :
         {"https://evil.example"_ba, "null"_ba, ""_ba, "http://app.example"_ba, "https://app.example.evil.example"_ba,
          "https://app.example:8443"_ba, "http://localhost.evil.example"_ba, "http://evil.example#localhost"_ba,
          "http://localhost@evil.example"_ba, "file://"_ba, "https://app.example\r\nOrigin: https://app.example"_ba})
        EXPECT_EQ(status(origin), 403) << origin.toStdString();
    EXPECT_TRUE(handled.isEmpty());
    for (const QByteArray &origin :
         {"https://app.example"_ba, "http://localhost:6274"_ba, "http://127.0.0.1"_ba, "https://[::1]:8443"_ba})
        EXPECT_EQ(status(origin), 200) << origin.toStdString();
}

TEST_F(ServerLimit, TakesEveryOriginWithAnAsterisk)
{
    options.allowedOrigins = {u"*"_s};
    start(options);
    RawClient client = connectClient();
    EXPECT_EQ(client.send("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://any.example\r\n\r\n").response().status,
              200);
}

TEST_F(ServerLimit, OnBodiesOfAllConnectionsAnswers503)
{
    options.limits.bufferedBytes = 1'000'000;
    QList<Request> refused;
    options.refused = [&](const Request &request, const Response &) { refused.append(request); };
    start(options, [](const Request &request) {
        return [](qsizetype size) -> QCoro::Task<Response> {
            co_return Response::text(200, QString::number(size));
        }(request.body.size());
    });
    const QByteArray part(400'000, 'x');
    const auto post = [](const QByteArray &path, qsizetype size) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + QByteArray::number(size) +
               "\r\n\r\n";
    };
    std::vector<RawClient> clients;
    for (const QByteArray &path : {"/0"_ba, "/1"_ba, "/2"_ba}) {
        clients.push_back(connectClient());
        clients.back().send(post(path, part.size() + 1) + part);
    }
    ASSERT_TRUE(waitUntil([&] { return refused.size() == 1; }));
    const auto last = std::next(clients.begin(), refused[0].path().sliced(1).toInt());
    const RawResponse refusal = last->response();
    EXPECT_EQ(refusal.status, 503);
    EXPECT_EQ(refusal.header("Retry-After"), "5"_ba);
    EXPECT_TRUE(last->isClosedByPeer());
    RawClient &first = clients[last == clients.begin() ? 1 : 0]; // of the two whose bodies are held
    RawClient &second = clients[last == clients.begin() + 2 ? 1 : 2];

    RawClient next = connectClient();
    EXPECT_EQ(next.send(getRequest).response().body, "0"_ba); // only bodies count
    EXPECT_EQ(first.send("y").response().body, "400001"_ba);
    EXPECT_EQ(next.send(post("/", part.size()) + part).response().body,
              "400000"_ba); // what was answered counts no more
    last->close();
    second.reset();
    EXPECT_TRUE(waitUntil([&] { return server->connectionCount() == 2; }));
    for (int round = 0; round < 5; ++round)
        EXPECT_EQ(next.send(post("/", 2 * part.size()) + part + part).response().body, "800000"_ba);
    EXPECT_EQ(refused.size(), 1);
}

namespace {

QByteArray headOf(const QByteArray &line, qsizetype size)
{
    return line + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + QByteArray::number(size) + "\r\n\r\n";
}

} // namespace

TEST_F(ServerLimit, OnBodiesOfOneAddressLeavesRoomForOthers)
{
    options.limits.bufferedBytesPerAddress = 500'000;
    start(options);
    const QByteArray part(400'000, 'x');
    RawClient first = connectClient("127.0.0.2");
    first.send(headOf("POST /", part.size() + 1) + part);
    RawClient second = connectClient("127.0.0.2");
    EXPECT_EQ(second.send(headOf("POST /", part.size()) + part).response().status, 503);
    RawClient other = connectClient("127.0.0.3");
    EXPECT_EQ(other.send(headOf("POST /", part.size()) + part).response().status, 200);
    EXPECT_EQ(first.send("y").response().status, 200);
    RawClient again = connectClient("127.0.0.2");
    EXPECT_EQ(again.send(headOf("POST /", part.size()) + part).response().status, 200);
}

TEST_F(ServerLimit, OnBodiesOfAllConnectionsConcernsLargeOnesOnly)
{
    options.limits.bufferedBytes = 0;
    start(options);
    RawClient client = connectClient();
    const QByteArray small(options.limits.unaskedBodyBytes, 'x');
    EXPECT_EQ(client.send(headOf("POST /", small.size()) + small).response().status, 200);
    EXPECT_EQ(client.send(headOf("POST /", small.size() + 1) + small + "y").response().status, 503);
}

TEST_F(ServerLimit, OnBodiesOfAllConnectionsHoldsForARequestWhosePeerHasGone)
{
    QPromise<void> answer;
    answer.start();
    options.limits.bufferedBytes = 500'000;
    start(options, [future = answer.future()](Request) { return emptyAfter(future); });
    const QByteArray request = headOf("POST /", 400'000) + QByteArray(400'000, 'x');
    RawClient gone = connectClient();
    gone.send(request);
    ASSERT_TRUE(waitUntil([&] { return handled.size() == 1; }));
    gone.reset();
    ASSERT_TRUE(isDeserted());
    EXPECT_EQ(connectClient().send(request).response().status, 503);
    answer.finish();
    EXPECT_TRUE(waitUntil([&] { return connectClient().send(request).response().status == 204; }));
}

// RFC 9110 §9.3: nothing can depend on such a body.
TEST_F(ServerLimit, OnABodyThatMeansNothingIsTheSmallOne)
{
    options.limits.unaskedBodyBytes = 1'000;
    start(options);
    const QByteArray body(1'001, 'x');
    const auto status = [&](const QByteArray &line) {
        return connectClient().send(headOf(line, body.size()) + body).response(line.startsWith("HEAD")).status;
    };
    for (const QByteArray &method : {"GET"_ba, "HEAD"_ba, "DELETE"_ba, "OPTIONS"_ba, "TRACE"_ba})
        EXPECT_EQ(status(method + " /"), 413) << method.toStdString();
    EXPECT_EQ(connectClient()
                  .send("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n")
                  .response()
                  .status,
              413);
    EXPECT_TRUE(handled.isEmpty());
    EXPECT_EQ(status("POST /"), 200);
    EXPECT_EQ(connectClient().send(headOf("DELETE /", 1'000) + body.first(1'000)).response().status, 200);
}

class ServerAdmission : public ServerLimit
{
protected:
    void startRefusing(const QByteArray &path)
    {
        options.refused = [this](const Request &, const Response &) { ++toldOf; };
        options.admit = [this, path](const Request &head) -> std::optional<Response> {
            asked.append(head);
            if (head.path() != path)
                return {};
            return Response::error(401, u"missing_auth_header"_s, u"No."_s);
        };
        options.limits.unaskedBodyBytes = 4;
        start(options);
    }

    QList<Request> asked;
    int toldOf = 0;
};

TEST_F(ServerAdmission, AnswersBeforeTheBodyAndCloses)
{
    startRefusing("/no");
    for (const QByteArray &fields : {"Content-Length: 4194303\r\n"_ba, "Transfer-Encoding: chunked\r\n"_ba,
                                     "Content-Length: 4194303\r\nExpect: 100-continue\r\n"_ba}) {
        RawClient client = connectClient();
        const RawResponse answer =
            client.send("POST /no?x HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n").response();
        EXPECT_EQ(answer.status, 401); // no 100 before it
        EXPECT_EQ(answer.header("Connection"), "close"_ba);
        client.send("5\r\nhello\r\n0\r\n\r\n" + getRequest);
        EXPECT_TRUE(client.isClosedByPeer());
        EXPECT_EQ(client.everything(), QByteArray());
    }
    EXPECT_EQ(asked.size(), 3);
    EXPECT_TRUE(asked[0].body.isEmpty());
    EXPECT_EQ(asked[0].peer, QHostAddress(QHostAddress::LocalHost));
    EXPECT_TRUE(handled.isEmpty());
    EXPECT_EQ(toldOf, 0);
    EXPECT_TRUE(isDeserted());
}

TEST_F(ServerAdmission, AnswersThoughTheBodyCameWithTheHeader)
{
    startRefusing("/no");
    RawClient client = connectClient();
    client.send("POST /no HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello" + getRequest);
    EXPECT_EQ(client.response().status, 401);
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_TRUE(handled.isEmpty());
}

TEST_F(ServerAdmission, LetsTheBodyCome)
{
    startRefusing("/no");
    RawClient client = connectClient();
    client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.response().status, 100);
    EXPECT_EQ(client.send("hello").response().status, 200);
    client.send("POST /b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n" +
                getRequest);
    EXPECT_EQ(client.response().status, 200);
    EXPECT_EQ(client.response().status, 200);
    ASSERT_EQ(handled.size(), 3);
    EXPECT_EQ(handled[0].body, "hello"_ba);
    EXPECT_EQ(handled[1].body, "he"_ba);
    EXPECT_EQ(asked.size(), 2);
}

TEST_F(ServerAdmission, AsksNobodyWhereNoLargeBodyFollows)
{
    startRefusing("/no");
    RawClient client = connectClient();
    EXPECT_EQ(client.send("GET /no HTTP/1.1\r\nHost: localhost\r\n\r\n").response().status, 200);
    client.send("POST /no HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nhell");
    EXPECT_EQ(client.response().status, 200);
    EXPECT_TRUE(asked.isEmpty());
}

TEST_F(ServerAdmission, AsksNobodyAboutAForeignOrigin)
{
    startRefusing("/no");
    RawClient client = connectClient();
    client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(client.response().status, 403);
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_TRUE(asked.isEmpty());
    EXPECT_EQ(toldOf, 1);
}

TEST_F(ServerAdmission, MayEndTheServer)
{
    options.admit = [this](const Request &) -> std::optional<Response> {
        server.reset();
        return Response::empty(401);
    };
    options.limits.unaskedBodyBytes = 0;
    start(options);
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_EQ(server, nullptr);
}

} // namespace McpAuth::Http
