// What the embedded server's memory costs whoever has no token.
#include "demo/demoserver.h"
#include "http/client.h"
#include "support/rawclient.h"

#include <QCoreApplication>
#include <QFile>
#include <QUrl>

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace Qt::StringLiterals;

namespace McpAuth::Demo {

using namespace Test;

namespace {

/// Of this process, from /proc/self/statm; negative where that cannot be read.
qint64 residentBytes()
{
    QFile file(u"/proc/self/statm"_s);
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    return file.readAll().split(' ').value(1).toLongLong() * ::sysconf(_SC_PAGESIZE);
}

class HeavyClient
{
public:
    HeavyClient(quint16 port, const QByteArray &from, const QByteArray *body)
        : m_socket(port, from.constData())
        , m_body(body)
    {
        m_socket.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
                      QByteArray::number(body->size()) + "\r\n\r\n");
    }

    /// False once all is sent, or the server takes no more.
    bool sendMore()
    {
        constexpr qsizetype step = 256 * 1024;
        const qsizetype size = std::min(step, m_body->size() - m_sent);
        const qint64 count = size > 0 ? m_socket.sendSome(QByteArray::fromRawData(m_body->data() + m_sent, size)) : -1;
        m_sent += std::max<qint64>(count, 0);
        return count >= 0;
    }
    [[nodiscard]] qsizetype sent() const { return m_sent; }
    RawResponse response() { return m_socket.response(); }

private:
    RawClient m_socket;
    const QByteArray *m_body;
    qsizetype m_sent = 0;
};

/// Of the heap, in use; nothing is counted where a sanitizer has a heap of its own.
size_t bytesInUse()
{
    return ::mallinfo2().uordblks;
}

Http::Request initializeFrom(int peer)
{
    Http::Request request{.method = "POST",
                          .target = "/mcp",
                          .headers = {},
                          .body = {},
                          .peer = QHostAddress(0x0a000000U + quint32(peer))};
    request.headers.append(QHttpHeaders::WellKnownHeader::ContentType, "application/json");
    request.headers.append(QHttpHeaders::WellKnownHeader::Accept, "application/json, text/event-stream");
    request.body = R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
                   R"("capabilities":{"roots":{},"sampling":{}},"clientInfo":{"name":"x","version":"1"}}})";
    return request;
}

} // namespace

TEST(HostileMemory, AbandonedSessionsAreForgotten)
{
    constexpr int peers = 100;
    Mcp::Endpoint endpoint{Mcp::EndpointOptions()};
    const auto abandon = [&](int count) {
        for (int i = 0; i < count; ++i)
            EXPECT_EQ(QCoro::waitFor(endpoint.handle(initializeFrom(i % peers))).status, 200);
    };
    abandon(2 * Mcp::maxSessions);
    EXPECT_EQ(endpoint.sessionCount(), Mcp::maxSessions);
    const Http::Response kept = QCoro::waitFor(endpoint.handle(initializeFrom(peers)));
    const size_t before = bytesInUse();
    for (int round = 0; round < 4; ++round) {
        abandon(Mcp::maxSessions / 2);
        Http::Request ping = initializeFrom(peers);
        ping.body = R"({"jsonrpc":"2.0","id":2,"method":"ping"})";
        ping.headers.append("Mcp-Session-Id", kept.headers.combinedValue("Mcp-Session-Id"));
        EXPECT_EQ(QCoro::waitFor(endpoint.handle(ping)).status, 200) << "who uses a session keeps it";
    }
    EXPECT_EQ(endpoint.sessionCount(), Mcp::maxSessions);
    EXPECT_LT(bytesInUse(), before + 256 * 1024) << "bytes";
}

TEST(HostileMemory, ABodyWithoutATokenIsNotKept)
{
    constexpr int count = 1'000;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2 * count + 300)
        GTEST_SKIP() << "the limit of open files is under " << 2 * count + 300;
    if (residentBytes() < 0)
        GTEST_SKIP() << "there is no /proc/self/statm";

    Http::Client http;
    DemoServer server(&http);
    ASSERT_TRUE(server.listen({.authServers = {{.issuer = u"https://login.example"_s}}}));
    int refused = 0;
    QObject::connect(&server, &DemoServer::requestAnswered, &server,
                     [&](const Mcp::RequestEvent &event) { refused += event.status == 401; });
    const QByteArray body(Http::ServerLimits().bodyBytes - 1, 'x');
    std::vector<HeavyClient> clients;
    clients.reserve(count);
    const qint64 before = residentBytes();
    qint64 peak = before;
    for (int i = 0; i < count; ++i)
        clients.emplace_back(quint16(QUrl(server.url()).port()), "127.0.0." + QByteArray::number(2 + i % 8), &body);
    bool anySends = true;
    while (anySends) {
        anySends = false;
        for (HeavyClient &client : clients)
            anySends |= client.sendMore();
        QCoreApplication::processEvents();
        peak = std::max(peak, residentBytes());
    }
    qint64 sent = 0;
    for (HeavyClient &client : clients) {
        sent += client.sent();
        ASSERT_EQ(client.response().status, 401);
    }
    EXPECT_EQ(refused, count);
    EXPECT_LT(peak - before, 64 * 1024 * 1024) << "bytes";
    RecordProperty("sentMiB", int(sent / 1024 / 1024));
    RecordProperty("grownKiB", int((peak - before) / 1024));
}

} // namespace McpAuth::Demo
