#include "http/client.h"
#include "http/exchangelog.h"
#include "support/certificate.h"
#include "support/rawserver.h"
#include "support/result.h"

#include <memory>
#include <thread>
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

RawScript answering(const QByteArray &response)
{
    return RawScript().awaitRequest().send(response);
}

ClientOptions shortLimits(std::chrono::milliseconds timeout = 300ms)
{
    ClientOptions options;
    options.limits.timeout = timeout;
    return options;
}

QCoro::Task<> collect(QCoro::Task<Result<ClientResponse>> task, QList<QString> *codes)
{
    const auto result = co_await task;
    codes->append(codeOf(result));
}

} // namespace

TEST(Client, SendsMethodHeadersAndBodyAsTheyAre)
{
    RawServer server(answering(rawResponse(201, "X-Answer: a\r\nx-answer: b\r\n", "made")));
    Client client;
    ClientRequest request;
    request.method = "POST";
    request.url = server.url(QStringLiteral("/things?x=1"));
    request.headers.append("Content-Type", "application/json");
    request.headers.append("Authorization", "Bearer abc");
    request.body = "{\"a\": 1}";
    const auto response = wait(client.send(request));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->body, "made");
    EXPECT_EQ(response->header("X-ANSWER"), "a, b");
    EXPECT_EQ(response->url, request.url);
    ASSERT_EQ(server.requests().size(), 1);
    const QByteArray sent = server.requests().first();
    EXPECT_TRUE(sent.startsWith("POST /things?x=1 HTTP/1.1\r\n")) << sent.toStdString();
    EXPECT_TRUE(sent.endsWith("\r\n\r\n{\"a\": 1}"));
    const QByteArray lower = sent.toLower();
    EXPECT_TRUE(lower.contains("\r\ncontent-length: 8\r\n"));
    EXPECT_TRUE(lower.contains("\r\naccept-encoding: identity\r\n"));
    EXPECT_TRUE(lower.contains("\r\nuser-agent: mcp-auth-tester/"));
    EXPECT_TRUE(lower.contains("\r\nauthorization: bearer abc\r\n"));
    EXPECT_FALSE(lower.contains("\r\nupgrade:"));
}

class UrlOnTheWire : public testing::TestWithParam<const char *>
{
};

TEST_P(UrlOnTheWire, IsAsWritten)
{
    RawServer server(answering(rawResponse(200, "", "")));
    Client client;
    const auto response = wait(client.get(server.url(QString::fromUtf8(GetParam()))));
    ASSERT_TRUE(response) << response.error().message.toStdString();
    EXPECT_EQ(targetOf(server.requests().first()), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Client, UrlOnTheWire,
                         testing::Values("/", "/a/", "/a//b", "//a", "/a%2Fb", "/?", "/a?", "/a?b=%20c+d",
                                         "/a?b=%2B&c=%26", "/a?x=a/b?c", "/caf%C3%A9", "/a;b=c,d", "/a%25b", "/a%00b",
                                         "/a?q=%22x%22", "/a?q='x'", "/a?%5B%5D=1", "/a?b[]=1", "/a%3Fb", "/a%23b",
                                         "/a!$&'()*+,;=:@b", "/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40", "/%5Ba%5D",
                                         "/?%21%24%27%28%29%2A%2C%3B%3A%40%2F%3F", "/?%7B%7D%7C%5C%5E%60%3C%3E",
                                         "/?%FF%E2%28", "/.well-known/oauth-authorization-server/tenant/"));

class EquivalentUrl : public testing::TestWithParam<std::pair<const char *, const char *>>
{
};

// QUrl does this; RFC 3986 §6.2.2 says that it changes nothing.
TEST_P(EquivalentUrl, MayBeSentInItsOtherSpelling)
{
    RawServer server(answering(rawResponse(200, "", "")));
    Client client;
    ASSERT_TRUE(wait(client.get(server.url(QString::fromLatin1(GetParam().first)))));
    EXPECT_EQ(targetOf(server.requests().first()), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(Client, EquivalentUrl,
                         testing::Values(std::pair{"/a%2fb", "/a%2Fb"}, std::pair{"/%7Euser", "/~user"},
                                         std::pair{"/%41", "/A"}, std::pair{"/a/../b", "/b"},
                                         std::pair{"/a/./b", "/a/b"}));

class AnyStatus : public testing::TestWithParam<std::pair<int, const char *>>
{
};

TEST_P(AnyStatus, IsAResponseWithItsBody)
{
    const auto [status, headers] = GetParam();
    // The body comes late and in two parts: it must be awaited also where QNetworkAccessManager sees an error.
    const QByteArray whole = rawResponse(status, headers, "{\"error\":\"x\"}");
    RawServer server(RawScript().awaitRequest().send(whole.chopped(8)).wait(20ms).send(whole.last(8)));
    Client client;
    for (const QByteArray method : {"GET", "POST"}) {
        ClientRequest request;
        request.method = method;
        request.url = server.url();
        const auto response = wait(client.send(request));
        ASSERT_TRUE(response) << response.error().code.toStdString();
        EXPECT_EQ(response->status, status);
        EXPECT_EQ(response->body, "{\"error\":\"x\"}");
    }
    EXPECT_EQ(server.requests().size(), 2);
}

INSTANTIATE_TEST_SUITE_P(Client, AnyStatus,
                         testing::Values(std::pair{200, ""}, std::pair{202, ""}, std::pair{300, "Location: /x\r\n"},
                                         std::pair{302, ""}, std::pair{400, ""}, std::pair{401, ""},
                                         std::pair{401, "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"},
                                         std::pair{401, "WWW-Authenticate: Basic realm=\"x\"\r\n"},
                                         std::pair{401, "WWW-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\n"},
                                         std::pair{403, ""}, std::pair{404, ""}, std::pair{405, ""},
                                         std::pair{407, "Proxy-Authenticate: Basic realm=\"x\"\r\n"},
                                         std::pair{409, ""}, std::pair{410, ""}, std::pair{418, ""}, std::pair{421, ""},
                                         std::pair{429, ""}, std::pair{500, ""}, std::pair{501, ""}, std::pair{503, ""},
                                         std::pair{599, ""}));

TEST(Client, ReadsResponsesWithoutABody)
{
    RawServer server({answering("HTTP/1.1 204 No Content\r\n\r\n"),
                      answering("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n"),
                      answering("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n").close()});
    ClientOptions options;
    options.limits.concurrentRequests = 1;
    Client client(options);
    EXPECT_EQ(wait(client.get(server.url())).value().status, 204);
    ClientRequest head;
    head.method = "HEAD";
    head.url = server.url();
    Client other;
    const auto response = wait(other.send(head));
    ASSERT_TRUE(response) << response.error().code.toStdString();
    EXPECT_EQ(response->header("content-length"), "5000000");
    EXPECT_EQ(wait(Client().get(server.url())).value().status, 304);
}

TEST(Client, ReadsAChunkedBody)
{
    RawServer server(
        answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"));
    EXPECT_EQ(wait(Client().get(server.url())).value().body, "abcde");
}

TEST(Client, KeepsNoCookies)
{
    RawServer server(answering(rawResponse(200, "Set-Cookie: sid=1\r\n", "")));
    Client client;
    ASSERT_TRUE(wait(client.get(server.url())));
    ASSERT_TRUE(wait(client.get(server.url())));
    EXPECT_FALSE(server.received().toLower().contains("cookie"));
}

TEST(Client, CachesNothing)
{
    RawServer server(answering(rawResponse(200, "Cache-Control: max-age=1000\r\nETag: \"a\"\r\n", "x")));
    Client client;
    ASSERT_TRUE(wait(client.get(server.url())));
    ASSERT_TRUE(wait(client.get(server.url())));
    ASSERT_EQ(server.requests().size(), 2);
    EXPECT_FALSE(server.requests().last().toLower().contains("if-none-match"));
}

TEST(Client, DoesNotUnpackABodyThatNobodyAskedToPack)
{
    RawServer server(answering(rawResponse(200, "Content-Encoding: gzip\r\n", "\x1f\x8b bomb")));
    EXPECT_EQ(wait(Client().get(server.url())).value().body, "\x1f\x8b bomb");
}

TEST(Client, PlainHttpGoesToLoopbackOnly)
{
    Client client(shortLimits());
    for (const auto *url :
         {u"http://example.com/", u"http://127.0.0.1.example.com/", u"http://10.0.0.1/", u"http://[2001:db8::1]/"})
        EXPECT_EQ(codeOf(wait(client.get(QString::fromUtf16(url)))), u"insecure_url");
    const auto refused = wait(client.get(QStringLiteral("http://example.com/?token=abcdefgh")));
    EXPECT_FALSE(refused.error().details.value(u"url").toString().contains(u"abcdefgh"));
    for (const auto *url : {u"http://localhost/", u"http://LOCALHOST:1/", u"http://127.0.0.1/", u"http://127.1.2.3/",
                            u"https://[::1]:8/x", u"http://login.localhost/", u"http://a.B.LocalHost:9000/x"})
        EXPECT_TRUE(isLoopbackUrl(QString::fromUtf16(url)));
    for (const auto *url : {u"http://localhost.example/", u"http://127.0.0.1.nip.io/", u"http://0.0.0.0/",
                            u"http://[::]/", u"localhost", u"http://notlocalhost/", u"http://login.localhost.example/"})
        EXPECT_FALSE(isLoopbackUrl(QString::fromUtf16(url)));
}

TEST(Client, RefusesWhatIsNoUrlOrNoMethod)
{
    Client client;
    for (const auto *url :
         {u"", u"example.com", u"ftp://127.0.0.1/", u"http://", u"http://a:b@127.0.0.1/", u"http://127.0.0.1/a b",
          u"http://127.0.0.1/%", u"file:///etc/passwd", u"http://127.0.0.1:99999/", u"http://127.0.0.1/\r\nX: y"})
        EXPECT_EQ(codeOf(wait(client.get(QString::fromUtf16(url)))), u"invalid_url")
            << QString::fromUtf16(url).toStdString();
    RawServer server(answering(rawResponse(200, "", "")));
    for (const QByteArray method : {"", "GET /evil HTTP/1.1\r\nX:", "G T", "GET\n"}) {
        ClientRequest request;
        request.method = method;
        request.url = server.url();
        EXPECT_EQ(codeOf(wait(client.send(request))), u"invalid_method");
    }
    EXPECT_EQ(server.connectionCount(), 0);
}

TEST(Client, NamesWhyNoResponseCame)
{
    quint16 closedPort = 0;
    {
        const RawServer gone(RawScript().hang());
        closedPort = gone.port();
    }
    Client client;
    const auto refused = wait(client.get(QStringLiteral("http://127.0.0.1:%1/").arg(closedPort)));
    EXPECT_EQ(codeOf(refused), u"connection_refused");
    EXPECT_EQ(refused.error().details.value(u"url").toString(), QStringLiteral("http://127.0.0.1:%1/").arg(closedPort));
    // Longer than DNS allows (RFC 1035 §2.3.4), so that no resolver is asked.
    const QString tooLong = (QString(63, u'a') + u'.').repeated(5) + QStringLiteral("invalid");
    EXPECT_EQ(codeOf(wait(client.get(QStringLiteral("https://%1/").arg(tooLong)))), u"host_not_found");
    RawServer closing(RawScript().awaitRequest().close());
    EXPECT_EQ(codeOf(wait(client.get(closing.url()))), u"connection_closed");
    RawServer resetting(RawScript().awaitRequest().reset());
    EXPECT_EQ(codeOf(wait(client.get(resetting.url()))), u"connection_closed");
}

// RFC 9110 §9.2.2: an authorization code that is sent twice is revoked.
TEST(Client, SendsWhatIsNotIdempotentOnce)
{
    for (const QByteArray body : {"", "grant_type=authorization_code"}) {
        RawServer server(RawScript().awaitRequest().send(rawResponse(200, "", "")).awaitRequest().close());
        Client client;
        ClientRequest request;
        request.method = "POST";
        request.url = server.url();
        request.body = body;
        EXPECT_TRUE(wait(client.send(request)));
        EXPECT_EQ(codeOf(wait(client.send(request))), u"connection_closed"); // on the connection that was kept alive
        EXPECT_EQ(server.requests().size(), 2);
        EXPECT_TRUE(server.requests().last().endsWith("\r\n\r\n" + body));
        EXPECT_TRUE(server.requests().last().toLower().contains("content-length: " + QByteArray::number(body.size())));
    }
}

TEST(Client, SendsALargeBodyWhole)
{
    RawServer server(answering(rawResponse(200, "", "")));
    Client client;
    ClientRequest request;
    request.method = "POST";
    request.url = server.url();
    request.body = QByteArray(3'000'000, 'x') + "end";
    ASSERT_TRUE(wait(client.send(request)));
    EXPECT_TRUE(server.requests().first().endsWith("\r\n\r\n" + request.body));
}

TEST(Client, FollowsRedirectsWithinTheOrigin)
{
    RawServer server(RawScript().awaitRequest().answer([](const QByteArray &request) {
        static const QHash<QByteArray, QByteArray> next{{"/a/b?c", "d?e=%2F"}, {"/a/d?e=%2F", "/f//g#h"}};
        const QByteArray location = next.value(targetOf(request));
        return location.isEmpty() ? rawResponse(200, "", targetOf(request))
                                  : rawResponse(302, "Location: " + location + "\r\n", "moved");
    }));
    ExchangeLog log;
    ClientOptions options;
    options.log = &log;
    Client client(options);
    ClientRequest request;
    request.url = server.url(QStringLiteral("/a/b?c"));
    request.headers.append("Authorization", "Bearer x");
    const auto response = wait(client.send(request));
    ASSERT_TRUE(response) << response.error().code.toStdString();
    EXPECT_EQ(response->body, "/f//g");
    EXPECT_EQ(response->url, server.url(QStringLiteral("/f//g")));
    EXPECT_EQ(server.requests().size(), 3);
    ASSERT_EQ(log.exchanges().size(), 3);
    EXPECT_EQ(log.exchanges()[0].status, 302);
    EXPECT_EQ(log.exchanges()[2].url, response->url);
}

class RefusedRedirect : public testing::TestWithParam<std::pair<const char *, const char *>>
{
};

TEST_P(RefusedRedirect, IsAnErrorThatNamesTheTarget)
{
    const auto [method, location] = GetParam();
    RawServer server(answering(rawResponse(307, QByteArray("Location: ") + location + "\r\n", "")));
    Client client;
    ClientRequest request;
    request.method = method;
    request.url = server.url();
    const auto response = wait(client.send(request));
    ASSERT_EQ(codeOf(response), u"redirect_refused");
    EXPECT_EQ(response.error().details.value(u"status"), QJsonValue(307));
    const QString target = response.error().details.value(u"target").toString();
    EXPECT_FALSE(target.isEmpty());
    EXPECT_TRUE(response.error().message.contains(target)) << response.error().message.toStdString();
    EXPECT_EQ(server.requests().size(), 1);
}

INSTANTIATE_TEST_SUITE_P(Client, RefusedRedirect,
                         testing::Values(std::pair{"GET", "https://127.0.0.1/"},
                                         std::pair{"GET", "http://127.0.0.1:1/"}, std::pair{"GET", "http://localhost/"},
                                         std::pair{"GET", "//127.0.0.2/x"}, std::pair{"GET", "file:///etc/passwd"},
                                         std::pair{"GET", "http://user@127.0.0.1/"}, std::pair{"POST", "/same"},
                                         std::pair{"PUT", "/same"}, std::pair{"DELETE", "/same"}));

TEST(Client, FollowsThreeRedirectsAndNoMore)
{
    RawServer server(answering(rawResponse(302, "Location: /round\r\n", "")));
    Client client;
    EXPECT_EQ(codeOf(wait(client.get(server.url()))), u"too_many_redirects");
    EXPECT_EQ(server.requests().size(), 4);
}

TEST(Client, BodyLimitIsExact)
{
    ClientOptions options;
    options.limits.bodyBytes = 1000;
    Client client(options);
    RawServer exact(answering(rawResponse(200, "", QByteArray(1000, 'x'))));
    EXPECT_EQ(wait(client.get(exact.url())).value().body.size(), 1000);
    RawServer declared(RawScript().awaitRequest().send("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n").hang());
    EXPECT_EQ(codeOf(wait(client.get(declared.url()))), u"body_too_large");
    RawServer chunked(RawScript()
                          .awaitRequest()
                          .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + QByteArray(1001, 'x'))
                          .hang());
    EXPECT_EQ(codeOf(wait(client.get(chunked.url()))), u"body_too_large");
    EXPECT_TRUE(RawServer::waitUntil([&] { return declared.openConnections() + chunked.openConnections() == 0; }));
}

TEST(Client, TimeoutIsForTheWholeExchange)
{
    RawServer server(RawScript()
                         .awaitRequest()
                         .send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                         .dribble(QByteArray(100'000, 'x'), 5ms));
    Client client(shortLimits());
    EXPECT_EQ(codeOf(wait(client.get(server.url()))), u"timeout");
    EXPECT_TRUE(RawServer::waitUntil([&] { return server.openConnections() == 0; }));
    RawServer silent(RawScript().hang());
    EXPECT_EQ(codeOf(wait(client.get(silent.url()))), u"timeout");
}

TEST(Client, StopTokenEndsARequestFromAnotherThread)
{
    RawServer server(RawScript().awaitRequest().hang());
    Client client;
    std::stop_source source;
    QList<QString> codes;
    const auto task = collect(client.get(server.url(), source.get_token()), &codes);
    // Before its request is written, QNetworkAccessManager keeps the connection of one that is ended.
    ASSERT_TRUE(RawServer::waitUntil([&] { return server.requests().size() == 1; }));
    std::jthread([&] { source.request_stop(); }).join();
    EXPECT_TRUE(codes.isEmpty()); // only the client's own thread resumes
    EXPECT_TRUE(RawServer::waitUntil([&] { return !codes.isEmpty(); }));
    EXPECT_EQ(codes, QList{QStringLiteral("cancelled")});
    EXPECT_TRUE(RawServer::waitUntil([&] { return server.openConnections() == 0; }));
    EXPECT_EQ(codeOf(wait(client.get(server.url(), source.get_token()))), u"cancelled");
    EXPECT_EQ(server.connectionCount(), 1);
}

TEST(Client, StopAfterTheEndDoesNothing)
{
    RawServer server(answering(rawResponse(200, "", "")));
    std::stop_source source;
    Client client;
    EXPECT_TRUE(wait(client.get(server.url(), source.get_token())));
    source.request_stop();
    EXPECT_TRUE(wait(client.get(server.url())));
}

TEST(Client, DestructionEndsRequestsInFlightAndWaitingOnes)
{
    RawServer server(RawScript().hang());
    ClientOptions options;
    options.limits.concurrentRequests = 2;
    auto client = std::make_unique<Client>(options);
    QList<QString> codes;
    std::vector<QCoro::Task<>> tasks;
    for (int i = 0; i < 5; ++i)
        tasks.push_back(collect(client->get(server.url()), &codes));
    ASSERT_TRUE(RawServer::waitUntil([&] { return server.openConnections() == 2; }));
    client.reset();
    EXPECT_TRUE(RawServer::waitUntil([&] { return codes.size() == 5; }));
    EXPECT_EQ(codes.count(QStringLiteral("cancelled")), 5);
    EXPECT_TRUE(RawServer::waitUntil([&] { return server.openConnections() == 0; }));
}

TEST(Client, WaitersMayDestroyTheClient)
{
    RawServer server(answering(rawResponse(200, "", "x")));
    auto client = std::make_unique<Client>();
    ASSERT_TRUE(wait(client->get(server.url())));
    client.reset();
    EXPECT_EQ(server.requests().size(), 1);
}

TEST(Client, RequestsBeyondTheBoundWaitInOrder)
{
    RawServer server(RawScript().awaitRequest().wait(10ms).send(rawResponse(200, "", "x")));
    ClientOptions options;
    options.limits.concurrentRequests = 1;
    Client client(options);
    QList<QString> codes;
    std::vector<QCoro::Task<>> tasks;
    for (int i = 0; i < 10; ++i)
        tasks.push_back(collect(client.get(server.url(QStringLiteral("/%1").arg(i))), &codes));
    EXPECT_EQ(server.requests().size(), 0);
    EXPECT_TRUE(RawServer::waitUntil([&] { return codes.size() == 10; }));
    EXPECT_EQ(codes.count(QString()), 10);
    ASSERT_EQ(server.requests().size(), 10);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(targetOf(server.requests().at(i)), "/" + QByteArray::number(i));
    EXPECT_EQ(server.connectionCount(), 1);
}

TEST(Client, WaitingForATurnCountsAsTime)
{
    RawServer server(RawScript().hang());
    ClientOptions options = shortLimits();
    options.limits.concurrentRequests = 1;
    Client client(options);
    QList<QString> codes;
    const auto first = collect(client.get(server.url()), &codes);
    const auto second = collect(client.get(server.url()), &codes);
    EXPECT_TRUE(RawServer::waitUntil([&] { return codes.size() == 2; }));
    EXPECT_EQ(codes.count(QStringLiteral("timeout")), 2);
    EXPECT_LE(server.connectionCount(), 2);
}

TEST(Client, ManyRequestsAtOnceAllComeBack)
{
    RawServer server(RawScript().awaitRequest().answer(
        [](const QByteArray &request) { return rawResponse(200, "", targetOf(request)); }));
    Client client;
    QList<QString> codes;
    std::vector<QCoro::Task<>> tasks;
    for (int i = 0; i < 200; ++i)
        tasks.push_back(collect(client.get(server.url(QStringLiteral("/%1").arg(i))), &codes));
    EXPECT_TRUE(RawServer::waitUntil([&] { return codes.size() == 200; }));
    EXPECT_EQ(codes.count(QString()), 200);
}

TEST(Client, LogsExchangesAndFailures)
{
    ExchangeLog log;
    ClientOptions options = shortLimits();
    options.log = &log;
    options.purpose = QStringLiteral("discovery");
    Client client(options);
    RawServer good(answering(rawResponse(404, "", "no")));
    RawServer silent(RawScript().hang());
    ASSERT_TRUE(wait(client.get(good.url(QStringLiteral("/x")))));
    ASSERT_FALSE(wait(client.get(silent.url())));
    ASSERT_EQ(log.exchanges().size(), 2);
    const Exchange &first = log.exchanges().at(0);
    EXPECT_EQ(first.id, 1);
    EXPECT_EQ(first.purpose, u"discovery");
    EXPECT_EQ(first.url, good.url(QStringLiteral("/x")));
    EXPECT_EQ(first.status, 404);
    EXPECT_EQ(first.responseBody, "no");
    EXPECT_TRUE(first.error.isEmpty());
    EXPECT_TRUE(first.requestHeaders.contains("User-Agent"));
    EXPECT_EQ(log.exchanges().at(1).status, 0);
    EXPECT_FALSE(log.exchanges().at(1).error.isEmpty());
}

TEST(ClientTls, NamesWhatIsWrongWithTheCertificate)
{
    struct Case
    {
        McpAuth::Test::CertificateOptions certificate;
        QString words;
    };
    const QList<Case> cases{
        {McpAuth::Test::CertificateOptions(), QStringLiteral("self-signed")},
        {{.notAfter = QStringLiteral("20210101000000Z")}, QStringLiteral("expired")},
        {{.notBefore = QStringLiteral("20980101000000Z")}, QStringLiteral("valid only from")},
        {{.subjectAltName = QStringLiteral("DNS:other.example")}, QStringLiteral("mismatch")},
    };
    for (const Case &one : cases) {
        RawServer server(answering(rawResponse(200, "", "secret")), McpAuth::Test::selfSignedTls(one.certificate));
        Client client;
        const auto response = wait(client.get(server.url()));
        ASSERT_EQ(codeOf(response), u"tls_error");
        EXPECT_TRUE(response.error().message.contains(one.words)) << response.error().message.toStdString();
        EXPECT_FALSE(response.error().details.value(u"problems").toArray().isEmpty());
        EXPECT_TRUE(server.requests().isEmpty());
    }
}

TEST(ClientTls, PlainServerIsATlsError)
{
    RawServer server(RawScript().send("HTTP/1.1 400 Bad Request\r\n\r\n").close());
    Client client;
    EXPECT_EQ(codeOf(wait(client.get(QStringLiteral("https://127.0.0.1:%1/").arg(server.port())))), u"tls_error");
}

TEST(Client, EndsWithWhatItsCallerTakesForTheWhole)
{
    RawServer server(
        RawScript()
            .awaitRequest()
            .send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5\r\nfirst\r\n")
            .wait(20ms)
            .send("6\r\nsecond\r\n")
            .hang());
    Client client;
    ClientRequest request;
    request.url = server.url();
    QByteArrayList pieces;
    request.readBody = [&](int status, const QHttpHeaders &headers, const QByteArray &arrived) {
        EXPECT_EQ(status, 200);
        EXPECT_TRUE(headers.contains("Content-Type"));
        pieces.append(arrived);
        return pieces.join().endsWith("second") ? BodyProgress::Whole : BodyProgress::Incomplete;
    };
    const auto response = wait(client.send(request));
    ASSERT_TRUE(response) << response.error().message.toStdString();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "firstsecond");
    EXPECT_TRUE(pieces.value(0).isEmpty()) << "the header alone comes first";
    EXPECT_EQ(pieces.join(), "firstsecond");
    EXPECT_TRUE(RawServer::waitUntil([&] { return server.openConnections() == 0; })) << "the peer is let go";
}

TEST(Client, AnEndlessBodyOutlivesTimeOutAndLimit)
{
    RawScript script;
    script.awaitRequest().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 30; ++i)
        script.send("a\r\n0123456789\r\n").wait(80ms);
    RawServer server(script.send("0\r\n\r\n").hang());
    Client client({.limits = {.bodyBytes = 64, .timeout = 2s}});
    ClientRequest request;
    request.url = server.url();
    qsizetype arrived = 0;
    request.readBody = [&](int, const QHttpHeaders &, const QByteArray &piece) {
        arrived += piece.size();
        return BodyProgress::Endless;
    };
    const auto response = wait(client.send(request));
    ASSERT_TRUE(response) << response.error().message.toStdString();
    EXPECT_EQ(arrived, 300);
    EXPECT_EQ(response->body.size(), 64);
}

TEST(Client, TimeThatDoesNotCountIsAddedToTheTimeOut)
{
    RawServer server(RawScript().awaitRequest().hang());
    Client client({.limits = {.timeout = 200ms}});
    ClientRequest request;
    request.url = server.url();
    request.uncountedTime = [] { return 400ms; };
    QElapsedTimer timer;
    timer.start();
    const auto response = wait(client.send(request));
    EXPECT_EQ(codeOf(response), u"timeout");
    EXPECT_GE(timer.elapsed(), 600);
    EXPECT_TRUE(response.error().message.contains(u"200 ms")) << response.error().message.toStdString();
}

TEST(Client, OpenStreamsLeaveConnectionsForOtherRequests)
{
    RawServer server(RawScript().awaitRequest().answer([](const QByteArray &request) {
        return targetOf(request) == "/stream" ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
                                              : rawResponse(200, "", "short");
    }));
    auto client = std::make_unique<Client>();
    int open = 0;
    std::vector<QCoro::Task<Result<ClientResponse>>> streams;
    for (int i = 0; i < 20; ++i) {
        ClientRequest request;
        request.url = server.url(QStringLiteral("/stream"));
        request.readBody = [&open](int, const QHttpHeaders &, const QByteArray &piece) {
            open += piece.isEmpty() ? 0 : 1;
            return BodyProgress::Endless;
        };
        streams.push_back(client->send(request));
    }
    ASSERT_TRUE(RawServer::waitUntil([&] { return open == 20; })) << open;
    const auto response = wait(client->get(server.url(QStringLiteral("/other"))));
    ASSERT_TRUE(response) << response.error().message.toStdString();
    EXPECT_EQ(response->body, "short");
    client.reset();
    for (auto &stream : streams)
        EXPECT_EQ(codeOf(wait(std::move(stream))), u"cancelled");
}

TEST(Client, AReaderMayDestroyIt)
{
    RawServer server(
        RawScript().awaitRequest().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n").hang());
    for (const qsizetype when : {0, 1}) { // at the header, or with the body
        auto client = std::make_unique<Client>();
        ClientRequest request;
        request.url = server.url();
        request.readBody = [&](int, const QHttpHeaders &, const QByteArray &piece) {
            if (piece.size() == when)
                client.reset();
            return BodyProgress::Incomplete;
        };
        EXPECT_EQ(codeOf(wait(client->send(request))), u"cancelled");
        EXPECT_EQ(client, nullptr);
    }
}
