// Peers that leave, servers that stop, handlers that outlive both.
#include "http/client.h"
#include "http/descriptors.h"
#include "http/exchangelog.h"
#include "http/sparedescriptor_p.h"
#include "http/stream.h"
#include "support/certificate.h"
#include "support/servertest.h"

#include <QCoroSignal>
#include <QEventLoop>
#include <QSslSocket>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using namespace Test;

namespace {

/// Lets handlers wait until the test opens it.
class Gate : public QObject
{
    Q_OBJECT

public:
    int waiting = 0;
    int passed = 0;
    void open() { Q_EMIT opened(); }

    static QCoro::Task<Response> answer(std::shared_ptr<Gate> gate, Response response)
    {
        ++gate->waiting;
        co_await qCoro(gate.get(), &Gate::opened);
        ++gate->passed;
        co_return response;
    }

Q_SIGNALS:
    void opened();
};

} // namespace

class ServerLifetime : public ServerTest
{
protected:
    void startGated(ServerOptions options = {})
    {
        start(options, [this](Request) { return Gate::answer(gate, Response::text(200, u"late"_s)); });
    }
    void untilHandlersWait(int count)
    {
        ASSERT_TRUE(waitUntil([&] { return gate->waiting == count; }));
    }

    std::shared_ptr<Gate> gate = std::make_shared<Gate>(); // handlers may go on after the test
};

TEST_F(ServerLifetime, AnswersAClientThatHasShutItsSide)
{
    startGated();
    RawClient client = connectClient();
    client.send(getRequest);
    client.finishWriting();
    untilHandlersWait(1);
    gate->open();
    EXPECT_EQ(client.response().body, "late"_ba);
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_TRUE(isDeserted());
}

TEST_F(ServerLifetime, AnswersEveryPipelinedRequestOfAClientThatHasShutItsSide)
{
    startGated();
    RawClient client = connectClient();
    client.send(getRequest.repeated(3) + "GET /half HT");
    client.finishWriting();
    for (int i = 1; i <= 3; ++i) {
        untilHandlersWait(i);
        gate->open();
        EXPECT_EQ(client.response().status, 200);
    }
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_EQ(handled.size(), 3);
}

TEST_F(ServerLifetime, ForgetsAClientThatLeavesInsideARequest)
{
    start();
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == 1; }));
    client.close();
    EXPECT_TRUE(isDeserted());
    EXPECT_TRUE(handled.isEmpty());
}

TEST_F(ServerLifetime, LetsAHandlerFinishIntoTheVoid)
{
    ExchangeLog log;
    ServerOptions options;
    options.log = &log;
    startGated(options);
    RawClient client = connectClient();
    client.send(getRequest);
    untilHandlersWait(1);
    client.reset();
    ASSERT_TRUE(isDeserted());
    gate->open();
    EXPECT_TRUE(waitUntil([&] { return gate->passed == 1; }));
    ASSERT_TRUE(waitUntil([&] { return log.exchanges().size() == 1; }));
    EXPECT_EQ(log.exchanges().front().status, 0);
    EXPECT_FALSE(log.exchanges().front().error.isEmpty());
}

TEST_F(ServerLifetime, TellsAHandlerThatItsPeerIsGone)
{
    startGated();
    std::vector<RawClient> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(connectClient());
        clients.back().send(getRequest);
        untilHandlersWait(i + 1);
    }
    const auto isTold = [this](int index) { return handled[index].peerGone.stop_requested(); };
    clients[0].close();
    EXPECT_TRUE(waitUntil([&] { return isTold(0); }));
    clients[1].reset();
    EXPECT_TRUE(waitUntil([&] { return isTold(1); }));
    EXPECT_FALSE(isTold(2));
    gate->open();
    EXPECT_EQ(clients[2].response().body, "late"_ba);
    clients[2].close();
    EXPECT_TRUE(isDeserted());
    EXPECT_FALSE(isTold(2)); // it was answered before
}

TEST_F(ServerLifetime, TellsHandlersThatTheServerEnds)
{
    startGated();
    RawClient client = connectClient();
    client.send(getRequest);
    untilHandlersWait(1);
    server.reset();
    EXPECT_TRUE(handled[0].peerGone.stop_requested());
    gate->open();
    EXPECT_TRUE(waitUntil([&] { return gate->passed == 1; }));
}

TEST_F(ServerLifetime, MayBeEndedByWhoeverHearsThatThePeerIsGone)
{
    std::optional<std::stop_callback<std::function<void()>>> onGone;
    start({}, [&](const Request &request) {
        onGone.emplace(request.peerGone, [this] { server.reset(); });
        return Gate::answer(gate, Response::text(200, u"late"_s));
    });
    RawClient client = connectClient();
    client.send(getRequest);
    untilHandlersWait(1);
    client.close();
    EXPECT_TRUE(waitUntil([&] { return server == nullptr; }));
    gate->open();
}

TEST_F(ServerLifetime, MayEndWhileHandlersWait)
{
    startGated();
    RawClient client = connectClient();
    client.send(getRequest);
    untilHandlersWait(1);
    server.reset();
    EXPECT_TRUE(client.isClosedByPeer());
    gate->open();
    EXPECT_TRUE(waitUntil([&] { return gate->passed == 1; }));
}

// A lambda's captures live in the handler, which the server owns: they must outlive the coroutine.
TEST_F(ServerLifetime, KeepsTheHandlerForItsCoroutines)
{
    QString seen;
    const auto text = std::make_shared<QString>(u"a capture"_s);
    start({}, [held = gate, text, &seen](Request) -> QCoro::Task<Response> {
        ++held->waiting;
        co_await qCoro(held.get(), &Gate::opened);
        seen = *text;
        co_return Response::empty(204);
    });
    RawClient client = connectClient();
    client.send(getRequest);
    untilHandlersWait(1);
    server.reset();
    gate->open();
    EXPECT_TRUE(waitUntil([&] { return seen == u"a capture"_s; }));
}

TEST_F(ServerLifetime, MayBeEndedByItsHandler)
{
    start({}, [this](Request) {
        server.reset();
        return answerHello({});
    });
    RawClient client = connectClient();
    client.send(getRequest.repeated(2));
    EXPECT_EQ(client.everything(), QByteArray());
    EXPECT_EQ(server, nullptr);
}

// stop()

TEST_F(ServerLifetime, MayBeEndedByItsHandlerWhileOtherConnectionsAreReady)
{
    start({}, [this](Request) {
        server.reset();
        return answerHello({});
    });
    std::vector<RawClient> clients;
    for (int i = 0; i < 50; ++i)
        clients.push_back(connectClient());
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == 50; }));
    for (RawClient &client : clients)
        EXPECT_GT(client.sendSome(getRequest), 0);
    for (RawClient &client : clients)
        EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_EQ(handled.size(), 1);
}

TEST_F(ServerLifetime, ServesOthersWhileAHandlerTurnsTheEventLoop)
{
    std::vector<RawClient> clients;
    start({}, [&](Request request) {
        if (request.path() == "/first")
            waitUntil([&] { return handled.size() == 50; });
        return answerHello({});
    });
    for (int i = 0; i < 50; ++i)
        clients.push_back(connectClient());
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == 50; }));
    for (RawClient &client : clients) {
        const bool isFirst = &client == &clients.front();
        EXPECT_GT(client.sendSome(isFirst ? "GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n"_ba : getRequest), 0);
    }
    for (RawClient &client : clients)
        EXPECT_EQ(client.response().body, "hello"_ba);
}

TEST_F(ServerLifetime, StopsGracefully)
{
    startGated();
    RawClient busy = connectClient();
    RawClient idle = connectClient();
    RawClient half = connectClient();
    busy.send(getRequest.repeated(2));
    half.send("GET / HT");
    untilHandlersWait(1);
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == 3; }));

    bool stopped = false;
    const auto stopping = server->stop().then([&] { stopped = true; });
    EXPECT_FALSE(server->isListening());
    EXPECT_EQ(server->port(), 0);
    EXPECT_TRUE(idle.isClosedByPeer());
    EXPECT_TRUE(half.isClosedByPeer());
    EXPECT_FALSE(stopped);

    gate->open();
    const RawResponse response = busy.response();
    EXPECT_EQ(response.body, "late"_ba);
    EXPECT_EQ(response.header("Connection"), "close"_ba);
    busy.close();
    EXPECT_TRUE(waitUntil([&] { return stopped; }));
    EXPECT_EQ(server->connectionCount(), 0);
    EXPECT_EQ(handled.size(), 1); // the second was not begun
}

TEST_F(ServerLifetime, WaitsForABodyThatIsUnderWayWhenItStops)
{
    start();
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    ASSERT_EQ(client.response().status, 100);
    bool stopped = false;
    const auto stopping = server->stop().then([&] { stopped = true; });
    EXPECT_EQ(client.send("abc").response().status, 200);
    client.close();
    EXPECT_TRUE(waitUntil([&] { return stopped; }));
}

TEST_F(ServerLifetime, StopsAfterTheStopTimeoutAtTheLatest)
{
    ServerOptions options;
    options.limits.stopTimeout = 100ms;
    startGated(options);
    RawClient client = connectClient();
    client.send(getRequest);
    untilHandlersWait(1);
    wait(server->stop());
    EXPECT_EQ(server->connectionCount(), 0);
    EXPECT_EQ(client.everything(), QByteArray());
    gate->open();
    EXPECT_TRUE(waitUntil([&] { return gate->passed == 1; }));
}

TEST_F(ServerLifetime, MayBeStoppedTwiceAndEndedWhileItStops)
{
    startGated();
    RawClient client = connectClient();
    client.send(getRequest);
    untilHandlersWait(1);
    int stopped = 0;
    const auto first = server->stop().then([&] { ++stopped; });
    const auto second = server->stop().then([&] { ++stopped; });
    EXPECT_EQ(codeOf(server->listen()), u"already_listening"_s);
    server.reset();
    EXPECT_TRUE(waitUntil([&] { return stopped == 2; }));
    gate->open();
    EXPECT_TRUE(waitUntil([&] { return gate->passed == 1; }));
}

TEST_F(ServerLifetime, ListensAgainAfterItStopped)
{
    start();
    wait(server->stop()); // nothing to wait for
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(server->listen());
        const quint16 port = server->port();
        RawClient client = connectClient();
        EXPECT_EQ(client.send(getRequest).response().status, 200);
        wait(server->stop());
        EXPECT_FALSE(server->isListening());
        ServerOptions same;
        same.port = port;
        ASSERT_TRUE(server->listen(same)); // the port is free at once
        wait(server->stop());
    }
}

// The accept loop

#ifdef __SANITIZE_ADDRESS__ // the asan preset has UBSan too
constexpr bool needsDescriptorsToCheck = true;
#else
constexpr bool needsDescriptorsToCheck = false;
#endif

TEST_F(ServerLifetime, Answers503WhenTheProcessHasNoDescriptorLeft)
{
    if (needsDescriptorsToCheck)
        GTEST_SKIP() << "UBSan opens a pipe to look at an object's type";
    ServerOptions options;
    int toldOf = 0;
    options.refused = [&](const Request &, const Response &) { ++toldOf; };
    start(options);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    RawClient client = connectClient(); // in the backlog, not yet accepted
    const int lowest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const rlimit none{.rlim_cur = rlim_t(lowest), .rlim_max = before.rlim_max};
    ::close(lowest);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    client.send(getRequest);
    const RawResponse refused = client.response();
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_EQ(server->refusedConnections(), 1u);
    EXPECT_EQ(toldOf, 1);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Retry-After"), "5"_ba);
    EXPECT_EQ(connectClient().send(getRequest).response().status, 200);
}

TEST(Descriptors, AreCountedWithoutOneLeft)
{
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int lowest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const rlimit none{.rlim_cur = rlim_t(lowest), .rlim_max = before.rlim_max};
    ::close(lowest);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const int free = freeDescriptors();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(free, 0);
    EXPECT_GT(freeDescriptors(), 0);
}

TEST(SpareDescriptor, TellsWhomItTurnedAway)
{
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr *>(&address), size), 0);
    ASSERT_EQ(::listen(listening, 1), 0);
    ASSERT_EQ(::getsockname(listening, reinterpret_cast<sockaddr *>(&address), &size), 0);
    SpareDescriptor spare;
    spare.reserve();
    EXPECT_EQ(spare.turnAway(listening, {}), TurnedAway::Nobody);
    RawClient client(ntohs(address.sin_port));
    EXPECT_EQ(spare.turnAway(listening, "No."), TurnedAway::One);
    EXPECT_EQ(client.everything(), "No."_ba);
    ::close(listening);
    EXPECT_EQ(spare.turnAway(listening, {}), TurnedAway::Impossible);
}

namespace {

QStringList warnings;

} // namespace

TEST_F(ServerLifetime, TakesNoMoreConnectionsThanTheProcessHasDescriptorsFor)
{
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int room = 40;
    const int free = descriptorsKeptBack + turnedAwayAtOnce + room;
    const auto inUse = rlim_t(before.rlim_cur - rlim_t(freeDescriptors()));
    const rlimit few{.rlim_cur = inUse + rlim_t(free) + 6, .rlim_max = before.rlim_max}; // 6: what a server itself has
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    warnings.clear();
    const auto previous = qInstallMessageHandler(
        [](QtMsgType, const QMessageLogContext &, const QString &message) { warnings.append(message); });
    start();
    qInstallMessageHandler(previous);
    std::vector<RawClient> greedy;
    for (int i = 0; i < 20; ++i)
        greedy.push_back(connectClient("127.0.0.2"));
    EXPECT_TRUE(waitUntil([&] { return server->refusedConnections() >= 6; }));
    EXPECT_EQ(connectClient("127.0.0.3").send(getRequest).response().status, 200); // never deaf for another address
    const int held = server->connectionCount();
    greedy.clear();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_GE(held, room / 4);
    EXPECT_LE(held, room / 4 + 3);
    ASSERT_EQ(warnings.size(), 1) << warnings.join(u'\n').toStdString();
    EXPECT_TRUE(warnings[0].contains(u" connections at most, "_s)) << warnings[0].toStdString();
}

#ifdef Q_OS_LINUX
TEST_F(ServerLifetime, AsksNowAndThenWhetherASilentPeerIsThere) // RFC 9293 §3.8.4
{
    start();
    const RawClient client = connectClient();
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == 1; }));
    int accepted = 0;
    for (int descriptor = 3; descriptor < 256; ++descriptor) {
        sockaddr_in local{};
        sockaddr_in peer{};
        socklen_t size = sizeof local;
        const bool isOurs = ::getsockname(descriptor, reinterpret_cast<sockaddr *>(&local), &size) == 0 &&
                            size == sizeof local && ntohs(local.sin_port) == server->port() &&
                            ::getpeername(descriptor, reinterpret_cast<sockaddr *>(&peer), &(size = sizeof peer)) == 0;
        if (!isOurs)
            continue;
        ++accepted;
        const auto option = [descriptor](int level, int name) {
            int value = -1;
            socklen_t length = sizeof value;
            ::getsockopt(descriptor, level, name, &value, &length);
            return value;
        };
        EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
        EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), keepAliveIdle.count());
        EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPINTVL), keepAliveInterval.count());
        EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPCNT), keepAliveProbes);
    }
    EXPECT_EQ(accepted, 1);
}
#endif

TEST_F(ServerLifetime, MayBeStoppedWhileTheProcessIsOutOfDescriptors)
{
    if (needsDescriptorsToCheck)
        GTEST_SKIP() << "UBSan opens a pipe to look at an object's type";
    start();
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    RawClient client = connectClient();
    const int lowest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const rlimit none{.rlim_cur = rlim_t(lowest), .rlim_max = before.rlim_max};
    ::close(lowest);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    waitUntil([&] { return server->connectionCount() > 0; }, 50ms); // the accept loop pauses
    wait(server->stop());
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_FALSE(waitUntil([&] { return server->isListening(); }, 200ms)); // the pause is over
    ASSERT_TRUE(server->listen());
    EXPECT_EQ(connectClient().send(getRequest).response().status, 200);
}

// TLS

class ServerTls : public ServerTest
{
protected:
    void startTls(Handler handler = answerHello)
    {
        ServerOptions options;
        options.tls = selfSignedTls();
        start(options, std::move(handler));
    }

    std::unique_ptr<QSslSocket> connectTls()
    {
        auto socket = std::make_unique<QSslSocket>();
        socket->setPeerVerifyMode(QSslSocket::VerifyNone);
        socket->connectToHostEncrypted(u"127.0.0.1"_s, server->port());
        EXPECT_TRUE(waitUntil([&] { return socket->isEncrypted(); }));
        return socket;
    }
};

TEST_F(ServerTls, AnswersRequests)
{
    startTls();
    const auto socket = connectTls();
    for (int i = 1; i <= 3; ++i) {
        socket->write(getRequest);
        QByteArray received;
        ASSERT_TRUE(waitUntil([&] { return (received += socket->readAll()).endsWith("hello"); }));
        EXPECT_EQ(handled.size(), i);
    }
    EXPECT_TRUE(handled[0].secure);
    EXPECT_TRUE(server->origin().startsWith(u"https://127.0.0.1:"_s));
    socket->disconnectFromHost();
    EXPECT_TRUE(isDeserted());
}

TEST_F(ServerTls, MayBeEndedByItsHandler)
{
    startTls([this](Request) {
        server.reset();
        return answerHello({});
    });
    const auto socket = connectTls();
    socket->write(getRequest.repeated(2));
    EXPECT_TRUE(waitUntil([&] { return socket->state() == QAbstractSocket::UnconnectedState; }));
    EXPECT_EQ(server, nullptr);
}

TEST_F(ServerTls, SendsLargeBodiesWhole)
{
    const QByteArray large(3'000'000, 'x');
    startTls([&](Request request) -> QCoro::Task<Response> {
        Response response = Response::jsonText(200, QByteArray::number(request.body.size()) + large);
        return [](Response r) -> QCoro::Task<Response> { co_return r; }(response);
    });
    const auto socket = connectTls();
    socket->write("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n" + large);
    QByteArray received;
    ASSERT_TRUE(waitUntil([&] {
        received += socket->readAll();
        return socket->state() == QAbstractSocket::UnconnectedState;
    }));
    received += socket->readAll();
    EXPECT_TRUE(received.endsWith("\r\n\r\n3000000" + large));
}

TEST_F(ServerTls, ClosesOnPlainHttpAndOnSilence)
{
    ServerOptions options;
    options.tls = selfSignedTls();
    options.limits.headerTimeout = 200ms;
    start(options);
    RawClient plain = connectClient();
    RawClient silent = connectClient();
    plain.send(getRequest);
    EXPECT_TRUE(plain.isClosedByPeer());
    EXPECT_TRUE(silent.isClosedByPeer());
    EXPECT_TRUE(isDeserted());
    EXPECT_TRUE(handled.isEmpty());
}

} // namespace McpAuth::Http

#include "server_lifetime_test.moc"
