// What an evil or broken provider can do to the client: nothing that is not bounded.
#include "http/client.h"
#include "support/rawserver.h"
#include "support/result.h"

#include <map>
#include <memory>
#include <vector>

using namespace McpAuth;
using namespace McpAuth::Http;
using namespace std::chrono_literals;
using McpAuth::Test::codeOf;
using McpAuth::Test::rawResponse;
using McpAuth::Test::RawScript;
using McpAuth::Test::RawServer;
using McpAuth::Test::targetOf;
using McpAuth::Test::wait;

namespace {

constexpr qint64 mebibyte = 1024 * 1024;
/// What sockets and the network thread may hold between a server and the client that stopped reading.
constexpr qint64 inFlight = 16 * mebibyte;

ClientOptions patience(std::chrono::milliseconds timeout)
{
    ClientOptions options;
    options.limits.timeout = timeout;
    return options;
}

bool isLeftAlone(const RawServer &server)
{
    return RawServer::waitUntil([&] { return server.openConnections() == 0; });
}

} // namespace

TEST(HostileProvider, Down)
{
    quint16 port = 0;
    {
        const RawServer gone(RawScript().hang());
        port = gone.port();
    }
    EXPECT_EQ(codeOf(wait(Client().get(QStringLiteral("http://127.0.0.1:%1/").arg(port)))), u"connection_refused");
}

TEST(HostileProvider, AcceptsAndSaysNothing)
{
    RawServer server(RawScript().hang());
    Client client(patience(200ms));
    EXPECT_EQ(codeOf(wait(client.get(server.url()))), u"timeout");
    EXPECT_TRUE(isLeftAlone(server));
}

TEST(HostileProvider, SendsItsHeaderByteByByte)
{
    RawServer server(RawScript().dribble("HTTP/1.1 200 OK\r\nX: " + QByteArray(100'000, 'x'), 10ms));
    Client client(patience(200ms));
    EXPECT_EQ(codeOf(wait(client.get(server.url()))), u"timeout");
    EXPECT_LT(server.bytesSent(), 100);
    EXPECT_TRUE(isLeftAlone(server));
}

TEST(HostileProvider, SendsItsBodyByteByByte)
{
    RawServer server(RawScript()
                         .awaitRequest()
                         .send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                         .dribble(QByteArray(100'000, 'x'), 10ms));
    Client client(patience(200ms));
    EXPECT_EQ(codeOf(wait(client.get(server.url()))), u"timeout");
    EXPECT_LT(server.bytesSent(), 200);
    EXPECT_TRUE(isLeftAlone(server));
}

class EndlessBody : public testing::TestWithParam<std::pair<const char *, QByteArray>>
{
};

TEST_P(EndlessBody, IsLeftAtTheLimit)
{
    const auto &[header, part] = GetParam();
    RawServer server(
        RawScript().awaitRequest().send(QByteArray("HTTP/1.1 200 OK\r\n") + header + "\r\n").endless(part));
    Client client;
    EXPECT_EQ(codeOf(wait(client.get(server.url()))), u"body_too_large");
    EXPECT_TRUE(isLeftAlone(server));
    EXPECT_LT(server.bytesSent(), client.options().limits.bodyBytes + inFlight);
}

INSTANTIATE_TEST_SUITE_P(
    HostileProvider, EndlessBody,
    testing::Values(std::pair{"", QByteArray(4096, 'x')}, std::pair{"Connection: close\r\n", QByteArray(4096, 'x')},
                    std::pair{"Transfer-Encoding: chunked\r\n", "1000\r\n" + QByteArray(4096, 'x') + "\r\n"},
                    std::pair{"Content-Length: 9000000000\r\n", QByteArray(4096, 'x')}));

TEST(HostileProvider, EndlessBodyIsNotReadFarAhead)
{
    RawServer server(RawScript().awaitRequest().send("HTTP/1.1 200 OK\r\n\r\n").endless(QByteArray(4096, 'x')));
    ClientOptions options = patience(10s);
    options.limits.bodyBytes = 64 * 1024;
    Client client(options);
    EXPECT_EQ(codeOf(wait(client.get(server.url()))), u"body_too_large");
    EXPECT_LT(server.bytesSent(), options.limits.bodyBytes + inFlight);
    EXPECT_TRUE(isLeftAlone(server));
}

TEST(HostileProvider, TenMegabytesOfJson)
{
    const QByteArray json = "{\"keys\":[" + QByteArray("{\"kty\":\"RSA\"},").repeated(10 * mebibyte / 14) + "{}]}";
    RawServer server(RawScript().awaitRequest().send(rawResponse(200, "Content-Type: application/json\r\n", json)));
    Client client;
    EXPECT_EQ(codeOf(wait(client.get(server.url()))), u"body_too_large");
    EXPECT_TRUE(isLeftAlone(server));
}

TEST(HostileProvider, HtmlInsteadOfJson)
{
    RawServer server(
        RawScript().awaitRequest().send(rawResponse(200, "Content-Type: text/html\r\n", "<!doctype html><p>Hello")));
    const auto response = wait(Client().get(server.url(QStringLiteral("/.well-known/openid-configuration"))));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->header("Content-Type"), "text/html");
    EXPECT_EQ(response->body, "<!doctype html><p>Hello");
}

TEST(HostileProvider, RedirectsInACircle)
{
    RawServer server(RawScript().awaitRequest().answer([](const QByteArray &request) {
        return rawResponse(302, McpAuth::Test::targetOf(request) == "/a" ? "Location: /b\r\n" : "Location: /a\r\n", "");
    }));
    Client client;
    EXPECT_EQ(codeOf(wait(client.get(server.url(QStringLiteral("/a"))))), u"too_many_redirects");
    EXPECT_EQ(server.requests().size(), 1 + client.options().limits.redirects);
}

TEST(HostileProvider, RedirectsElsewhere)
{
    RawServer other(RawScript().awaitRequest().send(rawResponse(200, "", "stolen")));
    for (const QByteArray &target : {other.url().toLatin1(), QByteArray("http://169.254.169.254/latest/meta-data"),
                                     QByteArray("http://example.com/"), QByteArray("file:///etc/passwd")}) {
        RawServer server(RawScript().awaitRequest().send(rawResponse(302, "Location: " + target + "\r\n", "")));
        EXPECT_EQ(codeOf(wait(Client().get(server.url()))), u"redirect_refused");
    }
    EXPECT_EQ(other.connectionCount(), 0);
}

TEST(HostileProvider, EndlessBodyOfARedirect)
{
    RawServer server(
        RawScript().awaitRequest().send("HTTP/1.1 302 X\r\nLocation: /b\r\n\r\n").endless(QByteArray(4096, 'x')));
    Client client;
    EXPECT_EQ(codeOf(wait(client.get(server.url()))), u"body_too_large");
    EXPECT_TRUE(isLeftAlone(server));
}

// Many times: the reset may be heard before the body is read.
TEST(HostileProvider, ResetsInTheMiddleOfTheBody)
{
    RawServer server(
        RawScript().awaitRequest().send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"a\":").wait(20ms).reset());
    for (int i = 0; i < 10; ++i)
        ASSERT_EQ(codeOf(wait(Client().get(server.url()))), u"connection_closed");
}

TEST(HostileProvider, PromisesMoreThanItSends)
{
    RawServer server(RawScript().awaitRequest().send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").close());
    EXPECT_EQ(codeOf(wait(Client().get(server.url()))), u"connection_closed");
}

TEST(HostileProvider, SendsMoreThanItPromises)
{
    RawServer server(
        RawScript().awaitRequest().send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n"
                                        "Content-Length: 4\r\n\r\nevil"));
    Client client;
    for (int i = 0; i < 3; ++i) {
        const auto response = wait(client.get(server.url()));
        EXPECT_TRUE(!response || response->body == "abc"); // what was not asked for answers nothing
    }
}

class BrokenAnswer : public testing::TestWithParam<const char *>
{
};

TEST_P(BrokenAnswer, IsAnError)
{
    RawServer server(RawScript().awaitRequest().send(GetParam()).close());
    {
        Client client(patience(2s));
        EXPECT_FALSE(wait(client.get(server.url())));
    }
    EXPECT_TRUE(isLeftAlone(server));
}

INSTANTIATE_TEST_SUITE_P(HostileProvider, BrokenAnswer,
                         testing::Values("", "\r\n\r\n", "hello", "SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 ",
                                         "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));

class HeaderFlood : public testing::TestWithParam<QByteArray>
{
};

TEST_P(HeaderFlood, IsNoAnswer)
{
    RawServer server(RawScript().awaitRequest().send("HTTP/1.1 200 OK\r\n" + GetParam()).hang());
    Client client(patience(1s));
    EXPECT_FALSE(wait(client.get(server.url())));
    EXPECT_TRUE(isLeftAlone(server));
}

INSTANTIATE_TEST_SUITE_P(HostileProvider, HeaderFlood,
                         testing::Values("X: " + QByteArray(300'000, 'x') + "\r\nContent-Length: 0\r\n\r\n",
                                         QByteArray("X-Flood: x\r\n").repeated(20'000) + "Content-Length: 0\r\n\r\n",
                                         "X: " + QByteArray(300'000, 'x')),
                         [](const auto &flood) { return "Flood" + std::to_string(flood.index); });

TEST(HostileProvider, ManyInterimAnswers)
{
    RawServer server(
        RawScript().awaitRequest().send(QByteArray("HTTP/1.1 100 Continue\r\n\r\n").repeated(1000)).hang());
    Client client(patience(1s));
    EXPECT_FALSE(wait(client.get(server.url())));
    EXPECT_TRUE(isLeftAlone(server));
}

TEST(HostileProvider, ManySlowAnswersHoldNobodyUp)
{
    RawServer slow(RawScript().awaitRequest().hang());
    RawServer good(RawScript().awaitRequest().send(rawResponse(200, "", "x")));
    auto client = std::make_unique<Client>(patience(1s));
    std::vector<QCoro::Task<Result<ClientResponse>>> tasks;
    for (int i = 0; i < 20; ++i)
        tasks.push_back(client->get(slow.url(u'/' + QString::number(i))));
    EXPECT_TRUE(wait(client->get(good.url())));
    for (auto &task : tasks)
        EXPECT_EQ(codeOf(wait(std::move(task))), u"timeout");
    std::map<QByteArray, int> requests;
    for (const QByteArray &request : slow.requests())
        ++requests[targetOf(request)];
    EXPECT_FALSE(requests.empty());
    for (const auto &[target, count] : requests)
        EXPECT_EQ(count, 1) << target.constData() << " was tried again";
    client.reset(); // it may have kept a connection that was made for a request that did not wait
    EXPECT_TRUE(isLeftAlone(slow));
}
