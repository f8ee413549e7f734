#include "http/stream.h"
#include "support/servertest.h"

#include <QCoroTimer>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using namespace Test;

namespace {

struct Ends
{
    int drained = 0;
    int closed = 0;

    explicit Ends(const std::shared_ptr<Stream> &stream)
    {
        QObject::connect(stream.get(), &Stream::drained, stream.get(), [this] { ++drained; });
        QObject::connect(stream.get(), &Stream::closed, stream.get(), [this] { ++closed; });
    }
};

QCoro::Task<Response> answerWith(std::shared_ptr<Stream> stream)
{
    Response response = Response::empty(200);
    response.set("Content-Type", "text/event-stream");
    response.stream = std::move(stream);
    co_return response;
}

/// Waits until the client has gone.
QCoro::Task<Response> answerDeserted(Server *server, std::shared_ptr<Stream> stream)
{
    while (server->connectionCount() > 0)
        co_await QCoro::sleepFor(1ms);
    Response response = Response::empty(200);
    response.stream = std::move(stream);
    co_return response;
}

} // namespace

class ServerStream : public ServerTest
{
protected:
    void startStreaming(ServerOptions options = {})
    {
        start(options, [this](Request) { return answerWith(stream); });
    }
    RawClient connectAndAsk(const QByteArray &request = getRequest)
    {
        RawClient client = connectClient();
        client.send(request);
        EXPECT_TRUE(waitUntil([&] { return handled.size() == 1; }));
        return client;
    }

    std::shared_ptr<Stream> stream = std::make_shared<Stream>();
    Ends ends{stream};
};

TEST_F(ServerStream, SendsWhatIsWrittenWhenItIsWritten)
{
    startStreaming();
    EXPECT_TRUE(stream->write("before")); // the server has not taken it yet
    RawClient client = connectAndAsk();
    QByteArray received = client.bytes(1);
    EXPECT_TRUE(received.contains("Transfer-Encoding: chunked\r\n"));
    EXPECT_TRUE(received.contains("Content-Type: text/event-stream\r\n") ||
                received.contains("content-type: text/event-stream\r\n"));
    EXPECT_TRUE(received.endsWith("6\r\nbefore\r\n"));
    EXPECT_TRUE(stream->write("event"));
    EXPECT_EQ(client.bytes(10), "5\r\nevent\r\n"_ba);
    EXPECT_EQ(stream->unsentBytes(), 0);
    stream->close();
    EXPECT_EQ(client.bytes(5), "0\r\n\r\n"_ba);
    EXPECT_EQ(ends.closed, 1);
    EXPECT_FALSE(stream->write("after"));
}

TEST_F(ServerStream, LeavesTheConnectionForTheNextRequest)
{
    startStreaming();
    RawClient client = connectAndAsk();
    stream->write("one");
    stream->close();
    EXPECT_EQ(client.response().body, "one"_ba);
    const std::shared_ptr<Stream> first = std::exchange(stream, std::make_shared<Stream>());
    stream->write("two");
    stream->close();
    EXPECT_EQ(client.send(getRequest).response().body, "two"_ba);
    EXPECT_EQ(server->connectionCount(), 1);
}

TEST_F(ServerStream, AnswersPipelinedRequestsAfterItsEnd)
{
    startStreaming();
    RawClient client = connectAndAsk(getRequest.repeated(2));
    const std::shared_ptr<Stream> first = std::exchange(stream, std::make_shared<Stream>());
    stream->write("two");
    stream->close();
    EXPECT_EQ(handled.size(), 1);
    first->write("one");
    first->close();
    EXPECT_EQ(client.response().body, "one"_ba);
    EXPECT_EQ(client.response().body, "two"_ba);
}

// RFC 9112 §6.1: HTTP/1.0 knows no chunks.
TEST_F(ServerStream, EndsWithTheConnectionUnderHttp10)
{
    startStreaming();
    RawClient client = connectAndAsk("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    stream->write("a");
    stream->write("b");
    stream->close();
    const RawResponse response = client.response();
    EXPECT_EQ(response.header("Transfer-Encoding"), QByteArray());
    EXPECT_EQ(response.body, "ab"_ba);
    EXPECT_TRUE(client.hasEnded());
}

TEST_F(ServerStream, IsClosedAtOnceForHead)
{
    startStreaming();
    RawClient client = connectAndAsk("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.response(true).status, 200);
    EXPECT_EQ(ends.closed, 1);
    EXPECT_FALSE(stream->isOpen());
}

TEST_F(ServerStream, HearsOfAPeerThatLeaves)
{
    startStreaming();
    RawClient client = connectAndAsk();
    ASSERT_TRUE(stream->isOpen());
    client.close();
    EXPECT_TRUE(waitUntil([&] { return ends.closed == 1; }));
    EXPECT_FALSE(stream->isOpen());
    EXPECT_FALSE(stream->write("x"));
    EXPECT_TRUE(isDeserted());
    EXPECT_EQ(ends.closed, 1);
}

TEST_F(ServerStream, HearsOfAPeerThatIsReset)
{
    startStreaming();
    RawClient client = connectAndAsk();
    client.reset();
    EXPECT_TRUE(waitUntil([&] { return ends.closed == 1; }));
    EXPECT_TRUE(isDeserted());
}

TEST_F(ServerStream, IsClosedWhenItIsMadeForAPeerThatHasLeft)
{
    start({}, [this](Request) { return answerDeserted(server.get(), stream); });
    RawClient client = connectAndAsk();
    client.reset();
    EXPECT_TRUE(waitUntil([&] { return ends.closed == 1; }));
    EXPECT_EQ(server->connectionCount(), 0);
}

TEST_F(ServerStream, TellsWhenEverythingHasLeft)
{
    startStreaming();
    RawClient client = connectAndAsk();
    for (int i = 1; i <= 3; ++i) {
        stream->write("x");
        EXPECT_EQ(ends.drained, i - 1); // never from within write()
        ASSERT_TRUE(waitUntil([&] { return ends.drained == i; }));
    }
}

TEST_F(ServerStream, CarriesMuchMoreThanItsLimitAtTheReadersPace)
{
    constexpr qint64 total = 20'000'000;
    ServerOptions options;
    options.limits.unsentBytes = 100'000;
    startStreaming(options);
    RawClient client = connectAndAsk();
    qint64 written = 0;
    const auto produce = [&] {
        while (written < total && stream->unsentBytes() < 50'000) {
            ASSERT_TRUE(stream->write(QByteArray(10'000, 'x')));
            written += 10'000;
        }
        if (written == total)
            stream->close();
    };
    QObject::connect(stream.get(), &Stream::drained, stream.get(), produce);
    produce();
    const RawResponse response = client.response();
    EXPECT_TRUE(response.whole);
    EXPECT_EQ(response.body.size(), total);
}

TEST_F(ServerStream, IsClosedWhenTheReaderFallsBehindTheLimit)
{
    ServerOptions options;
    options.limits.unsentBytes = 100'000;
    startStreaming(options);
    RawClient client = connectAndAsk();
    qint64 taken = 0;
    while (stream->write(QByteArray(10'000, 'x'))) // the client reads nothing
        taken += 10'000;
    EXPECT_FALSE(stream->isOpen());
    EXPECT_EQ(ends.closed, 1);
    EXPECT_GE(taken, 100'000);
    EXPECT_FALSE(client.response().whole); // a cut body must not look like a whole one
    EXPECT_TRUE(client.hasEnded());
    EXPECT_TRUE(isDeserted());
}

TEST(Stream, RefusesWhatPassesItsLimitBeforeItIsTaken)
{
    Stream stream;
    EXPECT_TRUE(stream.write(QByteArray(8 * 1024 * 1024, 'x')));
    EXPECT_EQ(stream.unsentBytes(), 8 * 1024 * 1024);
    EXPECT_FALSE(stream.write("x"));
    EXPECT_FALSE(stream.isOpen());
}

TEST_F(ServerStream, IsClosedWhenTheReaderStopsForTheIdleTimeout)
{
    ServerOptions options;
    options.limits.idleTimeout = 200ms;
    startStreaming(options);
    RawClient client = connectAndAsk();
    while (stream->unsentBytes() == 0) // until the kernel's buffers are full
        ASSERT_TRUE(stream->write(QByteArray(64 * 1024, 'x')));
    EXPECT_TRUE(waitUntil([&] { return ends.closed == 1; }));
    EXPECT_TRUE(isDeserted());
}

TEST_F(ServerStream, StaysOpenWithoutAWordPastEveryTimeout)
{
    ServerOptions options;
    options.limits.idleTimeout = options.limits.headerTimeout = options.limits.bodyTimeout = 50ms;
    startStreaming(options);
    RawClient client = connectAndAsk();
    EXPECT_FALSE(waitUntil([&] { return ends.closed > 0; }, 400ms));
    EXPECT_TRUE(stream->write("still here"));
}

TEST_F(ServerStream, EndsWholeWhenTheServerStops)
{
    startStreaming();
    RawClient client = connectAndAsk();
    stream->write("last words");
    bool stopped = false;
    const auto stopping = server->stop().then([&] { stopped = true; });
    EXPECT_EQ(ends.closed, 1);
    const RawResponse response = client.response();
    EXPECT_EQ(response.body, "last words"_ba);
    EXPECT_TRUE(response.whole);
    client.close();
    EXPECT_TRUE(waitUntil([&] { return stopped; }));
}

TEST_F(ServerStream, IsClosedWhenTheServerEnds)
{
    startStreaming();
    RawClient client = connectAndAsk();
    server.reset();
    EXPECT_EQ(ends.closed, 1);
    EXPECT_FALSE(stream->write("x"));
    EXPECT_TRUE(client.isClosedByPeer());
}

TEST_F(ServerStream, LetsAListenerEndTheServer)
{
    startStreaming();
    RawClient client = connectAndAsk();
    QObject::connect(stream.get(), &Stream::closed, stream.get(), [this] { server.reset(); });
    client.close();
    EXPECT_TRUE(waitUntil([&] { return server == nullptr; }));
}

TEST_F(ServerStream, SendsWhatWasWrittenToAClientThatHasShutItsSide)
{
    startStreaming();
    stream->write("all there is");
    RawClient client = connectClient();
    client.send(getRequest);
    client.finishWriting();
    const RawResponse response = client.response();
    EXPECT_EQ(response.body, "all there is"_ba);
    EXPECT_EQ(ends.closed, 1);
}

} // namespace McpAuth::Http
