// The HTTP server against clients that mean harm. Bounds are asserted by count and state, never by a stop watch.
#include "support/servertest.h"

#include <QEventLoop>

#include <arpa/inet.h>
#include <array>
#include <ctime>
#include <fcntl.h>
#include <netinet/in.h>
#include <optional>
#include <random>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using namespace Test;

namespace {

/// Whether this process may hold that many descriptors.
bool raiseDescriptorLimit(rlim_t needed)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < needed)
        limit.rlim_cur = std::min(limit.rlim_max, needed);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur >= needed;
}

QByteArray loopbackAddress(int index)
{
    return "127.0.0." + QByteArray::number(2 + index);
}

} // namespace

class HostileServer : public ServerTest
{
protected:
    ServerOptions options;

    void expectServed()
    {
        RawClient client = connectClient("127.0.0.250");
        EXPECT_EQ(client.send(getRequest).response().status, 200);
    }
};

// Request smuggling (RFC 9112 §11.2): a request that hides behind an ambiguous one is never handled.

struct Smuggling
{
    const char *name;
    QByteArray bytes; // before the hidden request
    int status = 400;
};

class HostileSmuggling : public HostileServer, public testing::WithParamInterface<Smuggling>
{
};

TEST_P(HostileSmuggling, IsRefusedAndNothingAfterItIsHandled)
{
    start();
    RawClient client = connectClient();
    client.send(GetParam().bytes + "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.response().status, GetParam().status);
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_EQ(client.everything(), QByteArray());
    EXPECT_EQ(handled.size(), 0);
}

namespace {

Smuggling shape(const char *name, const QByteArray &fields, const QByteArray &body, int status = 400)
{
    return {name, "POST / HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n" + body, status};
}

std::string nameOf(const testing::TestParamInfo<Smuggling> &tested)
{
    return tested.param.name;
}

const QByteArray noChunks = "0\r\n\r\n"_ba;

} // namespace

INSTANTIATE_TEST_SUITE_P(
    Shapes, HostileSmuggling,
    testing::Values(shape("LengthThenChunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", noChunks),
                    shape("ChunksThenLength", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", noChunks),
                    shape("ZeroLengthAndChunks", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", noChunks),
                    shape("TwoLengths", "Content-Length: 0\r\nContent-Length: 50\r\n", {}),
                    shape("LengthList", "Content-Length: 0, 50\r\n", {}),
                    shape("CodingWithTab", "Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n", noChunks),
                    shape("CodingWithSpaceBeforeColon", "Transfer-Encoding : chunked\r\n", noChunks),
                    shape("CodingFolded", "Transfer-Encoding:\r\n chunked\r\n", noChunks),
                    shape("CodingInQuotes", "Transfer-Encoding: \"chunked\"\r\n", noChunks, 501),
                    shape("CodingWithPrefix", "Transfer-Encoding: xchunked\r\n", noChunks, 501),
                    shape("CodingWithSuffix", "Transfer-Encoding: chunked-x\r\n", noChunks, 501),
                    shape("CodingWithParameter", "Transfer-Encoding: chunked;q=1\r\n", noChunks, 501),
                    shape("CodingNotLast", "Transfer-Encoding: chunked, identity\r\n", noChunks),
                    shape("CodingTwice", "Transfer-Encoding: chunked, chunked\r\n", noChunks),
                    shape("CodingWithVerticalTab",
                          "Transfer-Encoding: \x0b"
                          "chunked\r\n",
                          noChunks),
                    shape("CodingEmpty", "Transfer-Encoding:\r\n", {}, 501),
                    shape("CodingWithBareCr", "X: y\rTransfer-Encoding: chunked\r\n", noChunks),
                    shape("CodingAfterBareLf", "X: y\nTransfer-Encoding: chunked\r\n", noChunks),
                    shape("LengthAfterNul", QByteArray("X: \0\r\nContent-Length: 50\r\n", 26), {}),
                    shape("LengthWithPlus", "Content-Length: +5\r\n", "hello"),
                    shape("LengthHexadecimal", "Content-Length: 0x5\r\n", "hello"),
                    shape("LengthWithUnderscore", "Content-Length: 1_0\r\n", "hello"),
                    shape("LengthWithDecimalPoint", "Content-Length: 5.0\r\n", "hello"),
                    shape("LengthNegative", "Content-Length: -5\r\n", "hello"),
                    shape("LengthOverflow", "Content-Length: 18446744073709551621\r\n", "hello"),
                    shape("ChunkSizeOverflow", "Transfer-Encoding: chunked\r\n", "10000000000000000\r\n"),
                    shape("ChunkSizeWithPrefix", "Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"),
                    shape("ChunkSizeWithSpace", "Transfer-Encoding: chunked\r\n", "5 \r\nhello\r\n0\r\n\r\n"),
                    shape("ChunkSizeSigned", "Transfer-Encoding: chunked\r\n", "+5\r\nhello\r\n0\r\n\r\n"),
                    shape("ChunkWithoutItsEnd", "Transfer-Encoding: chunked\r\n", "5\r\nhello0\r\n\r\n"),
                    shape("ChunkEndedByLf", "Transfer-Encoding: chunked\r\n", "5\r\nhello\n0\r\n\r\n"),
                    shape("ChunkExtensionEndedByLf", "Transfer-Encoding: chunked\r\n", "5;a\nhello\r\n0\r\n\r\n"),
                    shape("LastChunkEndedByLf", "Transfer-Encoding: chunked\r\n", "0\n\n"),
                    shape("TrailerFolded", "Transfer-Encoding: chunked\r\n", "0\r\nX: y\r\n z\r\n\r\n"),
                    Smuggling{"TwoHosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"},
                    Smuggling{"HostFolded", "GET / HTTP/1.1\r\nHost:\r\n localhost\r\n\r\n"},
                    Smuggling{"TargetOfAnotherHost", "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n"},
                    Smuggling{"LineWithTwoVersions", "GET / HTTP/1.1 HTTP/1.1\r\nHost: localhost\r\n\r\n"},
                    Smuggling{"LineWithBareLf", "GET / HTTP/1.1\nHost: localhost\r\n\r\n"},
                    Smuggling{"TunnelToAnotherProtocol", "CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n",
                              501},
                    Smuggling{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}),
    nameOf);

TEST_F(HostileServer, TurnsGiantHeadersAwayWithoutKeepingThem)
{
    start(options);
    const QByteArray megabytes(8 * 1024 * 1024, 'x');
    for (const QByteArray &start :
         {"GET /"_ba, "GET / HTTP/1.1\r\nHost: localhost\r\nX: "_ba, "GET / HTTP/1.1\r\n"_ba}) {
        RawClient client = connectClient();
        client.send(start + megabytes); // the server stops taking it
        EXPECT_EQ(client.response().status, 431);
        EXPECT_TRUE(client.isClosedByPeer());
    }
    EXPECT_TRUE(handled.isEmpty());
    expectServed();
}

TEST_F(HostileServer, TurnsGiantBodiesAwayBeforeTheyCome)
{
    start(options);
    for (const QByteArray &length :
         {"4194305"_ba, "1000000000000"_ba, "9223372036854775807"_ba, "18446744073709551615"_ba}) {
        RawClient client = connectClient();
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\n");
        EXPECT_EQ(client.response().status, 413) << length.toStdString();
        EXPECT_TRUE(client.isClosedByPeer());
    }
    RawClient client = connectClient();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n");
    EXPECT_EQ(client.response().status, 413);
    EXPECT_TRUE(handled.isEmpty());
}

TEST_F(HostileServer, TurnsThreeThousandSlowClientsAwayWhileOthersAreServed)
{
    constexpr int count = 3'000;
    if (!raiseDescriptorLimit(2 * count + 200))
        GTEST_SKIP() << "the limit of open files is too low for " << count << " connections within one process";
    options.limits.headerTimeout = 1s;
    start(options);
    RawClient normal = connectClient("127.0.0.250");
    std::vector<RawClient> slow;
    slow.reserve(count);
    for (int i = 0; i < count; ++i) {
        slow.push_back(connectClient(loopbackAddress(i / 1'000).constData()));
        ASSERT_TRUE(slow.back().isConnected());
        slow.back().send("GET / HTTP/1.1\r\nHost: local");
        const bool asks = i % 100 == 0;
        ASSERT_TRUE(!asks || normal.send(getRequest).response().status == 200) << "beside " << i << " slow clients";
    }
    for (RawClient &client : slow) {
        ASSERT_EQ(client.response().status, 408);
        ASSERT_TRUE(client.isClosedByPeer());
    }
    EXPECT_EQ(normal.send(getRequest).response().status, 200);
    slow.clear();
    EXPECT_TRUE(waitUntil([&] { return server->connectionCount() == 1; }));
    EXPECT_EQ(server->refusedConnections(), 0u);
}

TEST_F(HostileServer, ForgetsHalfClosedSockets)
{
    start(options);
    std::vector<RawClient> clients;
    for (int i = 0; i < 500; ++i) {
        clients.push_back(connectClient());
        if (i % 2)
            clients.back().send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab");
        clients.back().finishWriting();
    }
    for (RawClient &client : clients)
        ASSERT_TRUE(client.isClosedByPeer());
    EXPECT_TRUE(isDeserted()); // though no client has closed its own side
    EXPECT_TRUE(handled.isEmpty());
}

TEST_F(HostileServer, HandlesNoMoreForAClientThatReadsNothing)
{
    options.limits.idleTimeout = 500ms;
    start(options,
          [](Request) -> QCoro::Task<Response> { co_return Response::jsonText(200, QByteArray(200 * 1024, 'x')); });
    RawClient client = connectClient();
    const QByteArray requests = getRequest.repeated(1'000);
    qint64 sent = client.sendSome(requests);
    EXPECT_GT(sent, 0);
    EXPECT_TRUE(waitUntil([&] { return server->connectionCount() == 1; }));
    EXPECT_TRUE(isDeserted()); // by the timeout of a reader that makes no progress
    EXPECT_GT(handled.size(), 0);
    EXPECT_LT(handled.size(), 500); // what the kernel's buffers hold, not a thousand
}

// The client side lives in a process of its own: each has its own limit of open files.
class ClientProcess
{
public:
    ClientProcess(quint16 port, int connections, int addresses)
    {
        int ends[2][2];
        if (::pipe(ends[0]) != 0 || ::pipe(ends[1]) != 0)
            return;
        m_process = ::fork();
        if (m_process == 0) {
            ::close(ends[0][0]);
            ::close(ends[1][1]);
            run(port, connections, addresses, ends[0][1], ends[1][0]);
            ::_exit(0);
        }
        ::close(ends[0][1]);
        ::close(ends[1][0]);
        m_report = ends[0][0];
        m_leave = ends[1][1];
        ::fcntl(m_report, F_SETFL, O_NONBLOCK);
    }
    ~ClientProcess()
    {
        leave();
        ::close(m_report);
        ::waitpid(m_process, nullptr, 0);
    }
    /// Closes its connections by ending.
    void leave()
    {
        if (m_leave >= 0)
            ::close(std::exchange(m_leave, -1));
    }
    /// 'c' once all are connected, 's' once one of them was served, 'x' when something failed.
    char report()
    {
        char byte = 0;
        return ::read(m_report, &byte, 1) == 1 ? byte : '\0';
    }

private:
    /// Only system calls: this is a forked copy of a Qt program.
    static void run(quint16 port, int connections, int addresses, int report, int leave)
    {
        raiseDescriptorLimit(rlim_t(connections) + 200);
        int middle = -1;
        for (int i = 0; i < connections; ++i) {
            const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + uint32_t(i % addresses));
            bool good =
                descriptor >= 0 && ::bind(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            address.sin_port = htons(port);
            good = good && ::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
            if (!good)
                return say(report, 'x');
            if (i == connections / 2)
                middle = descriptor;
        }
        say(report, 'c');
        constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        std::array<char, 4096> answer{};
        const bool served = ::send(middle, request.data(), request.size(), 0) == ssize_t(request.size()) &&
                            ::recv(middle, answer.data(), answer.size(), 0) > 15 &&
                            std::string_view(answer.data()).starts_with("HTTP/1.1 200 OK");
        say(report, served ? 's' : 'x');
        char byte = 0;
        while (::read(leave, &byte, 1) < 0)
            ;
    }
    static void say(int report, char byte)
    {
        if (::write(report, &byte, 1) != 1)
            ::_exit(1);
    }

    pid_t m_process = -1;
    int m_report = -1;
    int m_leave = -1;
};

TEST_F(HostileServer, HoldsTenThousandConnectionsAndTurnsTheNextAway)
{
    constexpr int count = 10'000;
    if (!raiseDescriptorLimit(count + 300))
        GTEST_SKIP() << "the limit of open files is under " << count + 300;
    start(options);
    ClientProcess clients(server->port(), count, 20);
    char report = '\0';
    ASSERT_TRUE(waitUntil([&] { return (report = clients.report()) != '\0'; }, 60s));
    ASSERT_EQ(report, 'c');
    ASSERT_TRUE(waitUntil([&] { return server->connectionCount() == count; }, 60s));
    ASSERT_TRUE(waitUntil([&] { return (report = clients.report()) != '\0'; }));
    EXPECT_EQ(report, 's');
    EXPECT_EQ(server->refusedConnections(), 0u);

    for (int i = 0; i < 100; ++i) {
        RawClient next = connectClient("127.0.0.250");
        const int status = next.response().status;
        EXPECT_TRUE(status == 503 || status == 0); // the answer is given while there is room for that
        EXPECT_TRUE(next.isClosedByPeer());
    }
    EXPECT_EQ(server->refusedConnections(), 100u);
    EXPECT_EQ(server->connectionCount(), count);

    clients.leave();
    EXPECT_TRUE(isDeserted());
    expectServed();
}

/// CPU time of this thread, whose event loop serves, per request of one kept-alive client on a thread of its own;
/// nothing when an answer is not the one expected. Not the latency: that says how busy the machine is.
std::optional<double> microsecondsPerRequest(quint16 port)
{
    constexpr int requests = 1'500;
    bool good = false;
    QEventLoop serving;
    std::thread client([&] {
        const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        std::array<char, 4096> answer{};
        good = ::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
        for (int i = 0; good && i < requests; ++i) {
            good = ::send(descriptor, getRequest.data(), size_t(getRequest.size()), 0) == getRequest.size() &&
                   ::recv(descriptor, answer.data(), answer.size(), 0) > 15 &&
                   std::string_view(answer.data()).starts_with("HTTP/1.1 200 OK");
        }
        ::close(descriptor);
        QMetaObject::invokeMethod(&serving, &QEventLoop::quit, Qt::QueuedConnection);
    });
    const auto threadTime = [] {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return double(time.tv_sec) * 1e6 + double(time.tv_nsec) / 1e3;
    };
    const double start = threadTime();
    serving.exec();
    const double taken = threadTime() - start;
    client.join();
    if (!good)
        return {};
    return taken / requests;
}

TEST_F(HostileServer, IdleConnectionsCostABusyOneNothing)
{
    constexpr int count = 8'000;
    if (!raiseDescriptorLimit(2 * count + 300))
        GTEST_SKIP() << "the limit of open files is under " << 2 * count + 300;
    start(options);
    const auto alone = microsecondsPerRequest(server->port());
    ASSERT_TRUE(alone);
    std::vector<RawClient> idle;
    idle.reserve(count);
    for (int i = 0; i < count; ++i) {
        idle.push_back(connectClient(loopbackAddress(i % 10).constData()));
        ASSERT_TRUE(idle.back().isConnected());
        if (i % 1'000 == 999) { // within the backlog
            ASSERT_TRUE(waitUntil([&] { return server->connectionCount() > i; }));
        }
    }
    const auto beside = microsecondsPerRequest(server->port());
    ASSERT_TRUE(beside);
    EXPECT_LE(*beside, 3 * *alone) << "microseconds";
    RecordProperty("alone", std::to_string(*alone));
    RecordProperty("beside", std::to_string(*beside));
}

TEST_F(HostileServer, GivesOneAddressAThousandConnections)
{
    constexpr int count = 1'000;
    if (!raiseDescriptorLimit(3 * count))
        GTEST_SKIP() << "the limit of open files is under " << 3 * count;
    options.limits.connections = 2 * count; // for which there are descriptors in any case
    start(options);
    std::vector<RawClient> clients;
    for (int i = 0; i < count + 200; ++i) {
        clients.push_back(connectClient("127.0.0.2"));
        ASSERT_TRUE(clients.back().isConnected());
    }
    EXPECT_TRUE(waitUntil([&] { return server->connectionCount() == count && server->refusedConnections() == 200; }));
    expectServed(); // from another address
    EXPECT_EQ(clients.front().send(getRequest).response().status, 200);
}

// Seeded: a failure comes back.

class HostileBytes : public HostileServer, public testing::WithParamInterface<unsigned>
{
};

TEST_P(HostileBytes, AreAnsweredOrClosedAndNeverCrash)
{
    std::mt19937 random(GetParam());
    const auto below = [&](size_t bound) { return qsizetype(random() % bound); };
    const QByteArray valid = "POST /a?b HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nX: y\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: u\r\n\r\n" +
                             getRequest;
    start(options);
    for (int round = 0; round < 100; ++round) {
        QByteArray bytes;
        if (round % 2) {
            bytes.resize(1 + below(3'000));
            std::ranges::generate(bytes, [&] { return char(random()); });
        } else {
            bytes = valid;
            for (qsizetype change = 1 + below(4); change > 0; --change)
                bytes[below(size_t(bytes.size()))] = char(random());
        }
        RawClient client = connectClient();
        client.send(bytes);
        client.finishWriting();
        ASSERT_TRUE(client.isClosedByPeer()) << "seed " << GetParam() << " round " << round;
    }
    EXPECT_TRUE(isDeserted());
    expectServed();
}

INSTANTIATE_TEST_SUITE_P(Seeds, HostileBytes, testing::Range(1u, 9u));

} // namespace McpAuth::Http
