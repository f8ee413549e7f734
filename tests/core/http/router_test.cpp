#include "http/router.h"
#include "support/servertest.h"

#include <QCoroFuture>
#include <QPromise>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

using namespace Test;

namespace {

Handler says(const QString &text)
{
    return [text](const Request &) {
        return [](QString t) -> QCoro::Task<Response> { co_return Response::text(200, t); }(text);
    };
}

Request requestOf(const QByteArray &method, const QByteArray &target, const QByteArray &origin = {})
{
    Request request;
    request.method = method;
    request.target = target;
    if (!origin.isEmpty())
        request.headers.append("Origin"_L1, QLatin1StringView(origin));
    return request;
}

QByteArray field(const Response &response, const char *name)
{
    return response.headers.combinedValue(QLatin1StringView(name));
}

} // namespace

TEST(Router, ComparesPathsByteForByte)
{
    Router router;
    router.add("GET", "/a", says(u"a"_s));
    EXPECT_EQ(wait(router.handle(requestOf("GET", "/a"))).body, "a"_ba);
    EXPECT_EQ(wait(router.handle(requestOf("GET", "/a?x=/b"))).body, "a"_ba);
    for (const QByteArray &target : {"/a/"_ba, "/A"_ba, "/%61"_ba, "//a"_ba, "/./a"_ba, "/"_ba, "*"_ba, ""_ba})
        EXPECT_EQ(wait(router.handle(requestOf("GET", target))).status, 404) << target.toStdString();
}

TEST(Router, ReplacesAnEarlierHandler)
{
    Router router;
    router.add("GET", "/a", says(u"old"_s));
    router.add("GET", "/a", says(u"new"_s));
    EXPECT_EQ(wait(router.handle(requestOf("GET", "/a"))).body, "new"_ba);
}

TEST(Router, AnswersOtherMethodsWith405AndAllow) // RFC 9110 §15.5.6
{
    Router router;
    router.add("GET", "/a", says(u"a"_s));
    router.add("POST", "/a", says(u"b"_s));
    const Response response = wait(router.handle(requestOf("DELETE", "/a")));
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(field(response, "Allow"), "GET, POST, HEAD"_ba);
    EXPECT_EQ(wait(router.handle(requestOf("get", "/a"))).status, 405); // methods are case-sensitive
    EXPECT_EQ(wait(router.handle(requestOf("OPTIONS", "/a"))).status, 405);
}

TEST(Router, AnswersHeadFromGet)
{
    Router router;
    router.add("GET", "/a", says(u"get"_s));
    router.add("POST", "/b", says(u"post"_s));
    EXPECT_EQ(wait(router.handle(requestOf("HEAD", "/a"))).status, 200);
    EXPECT_EQ(wait(router.handle(requestOf("HEAD", "/b"))).status, 405);
    router.add("HEAD", "/a", says(u"head"_s));
    EXPECT_EQ(wait(router.handle(requestOf("HEAD", "/a"))).body, "head"_ba);
}

TEST(Router, PrefersAMethodsOwnHandlerToTheOneForAll)
{
    Router router;
    router.addAll("/a", says(u"all"_s));
    router.add("GET", "/a", says(u"get"_s));
    EXPECT_EQ(wait(router.handle(requestOf("GET", "/a"))).body, "get"_ba);
    EXPECT_EQ(wait(router.handle(requestOf("HEAD", "/a"))).body, "get"_ba);
    EXPECT_EQ(wait(router.handle(requestOf("PATCH", "/a"))).body, "all"_ba);
    EXPECT_EQ(wait(router.handle(requestOf("OPTIONS", "/a"))).body, "all"_ba);
}

TEST(Router, AsksTheAdmissionOfTheMethodThatWasAskedFor)
{
    const auto refuses = [](int status) {
        return [status](const Request &) { return std::optional(Response::empty(status)); };
    };
    const auto status = [](const Router &router, const QByteArray &method) {
        const auto refusal = router.refusal(requestOf(method, "/a"));
        return refusal ? refusal->status : 0;
    };
    Router router;
    router.addAll("/a", says(u"all"_s), Cors::None, refuses(401));
    router.add("GET", "/a", says(u"public"_s));
    router.add("POST", "/a", says(u"post"_s), Cors::None, refuses(403));
    EXPECT_EQ(status(router, "GET"), 0);
    EXPECT_EQ(status(router, "HEAD"), 0);
    EXPECT_EQ(status(router, "POST"), 403);
    EXPECT_EQ(status(router, "PUT"), 401);
    router.add("POST", "/a", says(u"open"_s));
    EXPECT_EQ(status(router, "POST"), 0);
}

TEST(Router, AnswersByItselfWhatNoHandlerAnswers)
{
    Router router;
    router.add("GET", "/a", says(u"a"_s), Cors::Open);
    for (const char *method : {"GET", "HEAD"})
        EXPECT_FALSE(router.unrouted(requestOf(method, "/a"))) << method;
    for (const auto &[method, target, status] :
         {std::tuple("GET", "/b", 404), std::tuple("POST", "/a", 405), std::tuple("OPTIONS", "/a", 204)}) {
        const Request request = requestOf(method, target, "https://app.example");
        const std::optional<Response> early = router.unrouted(request);
        ASSERT_TRUE(early) << method;
        EXPECT_EQ(early->status, status);
        EXPECT_EQ(early->headers.toListOfPairs(), wait(router.handle(request)).headers.toListOfPairs());
    }
}

TEST(Router, MayBeEndedWithTheRequestByWhoeverIsTold)
{
    auto router = std::make_unique<Router>();
    auto head = std::make_unique<Request>(requestOf("POST", "/a", "https://app.example"));
    const auto admission = [&, word = u"a capture that is too long to be kept in place"_s](const Request &) {
        router.reset();
        head.reset();
        return std::optional(Response::text(401, word));
    };
    router->addAll("/a", says(u"never"_s), Cors::Allowed, admission);
    const std::optional<Response> refusal = router->refusal(*head);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(field(*refusal, "Access-Control-Allow-Origin"), "https://app.example"_ba);
}

class RouterLifetime : public testing::TestWithParam<Cors>
{
};

// A lambda's captures live in the handler, which the router holds: they must outlive the coroutine.
TEST_P(RouterLifetime, KeepsAHandlerForItsCoroutines)
{
    for (const bool replaced : {false, true}) {
        QPromise<void> gate;
        gate.start();
        auto text = std::make_shared<QByteArray>("a capture");
        const std::weak_ptr<QByteArray> captured = text;
        auto router = std::make_unique<Router>();
        router->add(
            "GET", "/a",
            [held = std::move(text), opened = gate.future()](Request) -> QCoro::Task<Response> {
                co_await opened;
                co_return Response::jsonText(200, *held);
            },
            GetParam());
        QCoro::Task<Response> answer = router->handle(requestOf("GET", "/a"));
        if (replaced)
            router->add("GET", "/a", says(u"new"_s), GetParam());
        else
            router.reset();
        ASSERT_FALSE(captured.expired());
        gate.finish();
        EXPECT_EQ(wait(QCoro::Task<Response>(std::move(answer))).body, "a capture"_ba);
        EXPECT_TRUE(captured.expired());
    }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutCors, RouterLifetime, testing::Values(Cors::None, Cors::Open));

// The Fetch standard, CORS protocol

TEST(RouterCors, KeepsRoutesWithoutItToThemselves)
{
    Router router;
    router.add("GET", "/a", says(u"a"_s));
    const Response response = wait(router.handle(requestOf("GET", "/a", "https://app.example")));
    EXPECT_FALSE(response.headers.contains("Access-Control-Allow-Origin"_L1));
}

TEST(RouterCors, OpensARouteToEveryOrigin)
{
    Router router;
    router.add("GET", "/a", says(u"a"_s), Cors::Open);
    const Response response = wait(router.handle(requestOf("GET", "/a", "https://app.example")));
    EXPECT_EQ(response.body, "a"_ba);
    EXPECT_EQ(field(response, "Access-Control-Allow-Origin"), "*"_ba);
    EXPECT_EQ(field(response, "Access-Control-Expose-Headers"), "WWW-Authenticate, Mcp-Session-Id"_ba);
    EXPECT_FALSE(response.headers.contains("Access-Control-Allow-Credentials"_L1));
}

TEST(RouterCors, AnswersPreflights)
{
    Router router;
    router.addAll("/mcp", says(u"never"_s), Cors::Open);
    router.add("GET", "/metadata", says(u"never"_s), Cors::Open);
    const Response mcp = wait(router.handle(requestOf("OPTIONS", "/mcp", "https://app.example")));
    EXPECT_EQ(mcp.status, 204);
    EXPECT_EQ(field(mcp, "Access-Control-Allow-Origin"), "*"_ba);
    for (const char *name : {"Authorization", "Content-Type", "Mcp-Protocol-Version", "Mcp-Session-Id", "Last-Event-ID",
                             "Mcp-Method", "Mcp-Name"})
        EXPECT_TRUE(field(mcp, "Access-Control-Allow-Headers").split(',').join("").contains(name)) << name;
    EXPECT_TRUE(field(mcp, "Access-Control-Allow-Methods").contains("DELETE"));
    EXPECT_GT(field(mcp, "Access-Control-Max-Age").toInt(), 0);

    const Response metadata = wait(router.handle(requestOf("OPTIONS", "/metadata", "https://app.example")));
    EXPECT_EQ(field(metadata, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS"_ba);
}

TEST(RouterCors, LetsPagesReadWhyTheyWereRefused)
{
    Router router;
    router.add("GET", "/a", says(u"a"_s), Cors::Open);
    const Response response = wait(router.handle(requestOf("POST", "/a", "https://app.example")));
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(field(response, "Access-Control-Allow-Origin"), "*"_ba);
}

TEST(RouterCors, NamesTheOriginWhereOnlySomeAreAllowed)
{
    Router router;
    router.add("GET", "/a", says(u"a"_s), Cors::Allowed);
    const Response response = wait(router.handle(requestOf("GET", "/a", "https://app.example")));
    EXPECT_EQ(field(response, "Access-Control-Allow-Origin"), "https://app.example"_ba);
    EXPECT_EQ(field(response, "Vary"), "Origin"_ba);
    const Response preflight = wait(router.handle(requestOf("OPTIONS", "/a", "https://app.example")));
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(field(preflight, "Access-Control-Allow-Origin"), "https://app.example"_ba);
    const Response plain = wait(router.handle(requestOf("GET", "/a")));
    EXPECT_FALSE(plain.headers.contains("Access-Control-Allow-Origin"_L1));
    EXPECT_EQ(field(plain, "Vary"), "Origin"_ba); // a cache must not give it to a page
}

// RFC 9728 metadata is for everyone; the MCP endpoint is not.
TEST(RouterServer, OpensOnlyOpenRoutesToForeignOrigins)
{
    const auto router = std::make_shared<Router>();
    Server server(router);
    ASSERT_TRUE(server.listen({.allowedOrigins = {u"https://app.example"_s}}));
    router->add("GET", "/metadata", says(u"document"_s), Cors::Open);
    router->addAll("/mcp", says(u"secret"_s), Cors::Allowed);
    RawClient client(server.port());
    const auto ask = [&](const QByteArray &line, const QByteArray &origin) {
        return client.send(line + " HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin + "\r\n\r\n").response();
    };
    EXPECT_EQ(ask("GET /metadata", "https://evil.example").body, "document"_ba);
    EXPECT_EQ(ask("GET /metadata", "null").header("Access-Control-Allow-Origin"), "*"_ba);
    EXPECT_EQ(ask("OPTIONS /metadata", "https://evil.example").status, 204);
    EXPECT_EQ(ask("GET /mcp", "https://evil.example").status, 403);
    EXPECT_EQ(ask("OPTIONS /mcp", "https://evil.example").status, 403);
    EXPECT_EQ(ask("GET /mcp", "null").status, 403);
    EXPECT_EQ(ask("GET /mcp", "https://app.example").body, "secret"_ba);
}

TEST(RouterServer, StaysOpenWithSomethingAroundTheRouter)
{
    const auto router = std::make_shared<Router>();
    router->add("GET", "/metadata", says(u"document"_s), Cors::Open);
    QByteArrayList asked;
    Server server(router, [&, router](Request request) {
        asked.append(request.target);
        return router->handle(std::move(request));
    });
    ASSERT_TRUE(server.listen());
    RawClient client(server.port());
    const QByteArray fields = " HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n";
    EXPECT_EQ(client.send("GET /metadata" + fields).response().body, "document"_ba);
    EXPECT_EQ(client.send("GET /elsewhere" + fields).response().status, 403);
    EXPECT_EQ(asked, QByteArrayList{"/metadata"});
}

TEST(RouterServer, HoldsTheRouterWhileARouteIsSuspended)
{
    QPromise<void> gate;
    gate.start();
    auto router = std::make_shared<Router>();
    router->add("GET", "/", [text = u"late"_s, future = gate.future()](Request) -> QCoro::Task<Response> {
        co_await future;
        co_return Response::text(200, text);
    });
    Server server(std::exchange(router, nullptr));
    ASSERT_TRUE(server.listen());
    RawClient client(server.port());
    client.send(getRequest);
    waitUntil([&] { return server.connectionCount() == 1; });
    gate.finish();
    EXPECT_EQ(client.response().body, "late"_ba);
}

TEST(RouterServer, RefusesBeforeTheBodyInAWayThatPagesCanRead)
{
    const auto router = std::make_shared<Router>();
    router->addAll("/mcp", says(u"secret"_s), Cors::Allowed, [](const Request &head) -> std::optional<Response> {
        if (head.headerCount("Authorization") > 0)
            return {};
        return Response::empty(401).set("WWW-Authenticate", "Bearer");
    });
    router->addAll("/other", says(u"open"_s));
    Server server(router);
    ASSERT_TRUE(server.listen());
    const QByteArray fields =
        " HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:6274\r\nContent-Length: 20000\r\n";
    RawClient client(server.port());
    const RawResponse refused = client.send("POST /mcp" + fields + "\r\n").response();
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.header("Access-Control-Allow-Origin"), "http://localhost:6274"_ba);
    EXPECT_EQ(refused.header("Access-Control-Expose-Headers"), "WWW-Authenticate, Mcp-Session-Id"_ba);
    EXPECT_TRUE(client.isClosedByPeer());
    const QByteArray body(20'000, 'x');
    RawClient other(server.port());
    EXPECT_EQ(other.send("POST /other" + fields + "\r\n" + body).response().body, "open"_ba);
    EXPECT_EQ(other.send("POST /mcp" + fields + "Authorization: x\r\n\r\n" + body).response().body, "secret"_ba);
}

TEST(RouterServer, WaitsForNoBodyThatNoHandlerReads)
{
    const auto router = std::make_shared<Router>();
    int asked = 0;
    router->addAll("/mcp", says(u"never"_s), Cors::Allowed, [&](const Request &) -> std::optional<Response> {
        ++asked;
        return {};
    });
    router->add("GET", "/metadata", says(u"never"_s), Cors::Open);
    Server server(router);
    QList<int> told;
    ServerOptions options;
    options.refused = [&](const Request &, const Response &response) { told.append(response.status); };
    ASSERT_TRUE(server.listen(options));
    const auto status = [&](const QByteArray &line, const QByteArray &length) {
        RawClient client(server.port());
        client.send(line + " HTTP/1.1\r\nHost: localhost\r\n" + length + "\r\n\r\n");
        const int answered = client.response().status;
        EXPECT_TRUE(client.isClosedByPeer());
        return answered;
    };
    for (const QByteArray &length : {"Content-Length: 4194304"_ba, "Transfer-Encoding: chunked"_ba}) {
        EXPECT_EQ(status("POST /nowhere", length), 404);
        EXPECT_EQ(status("POST /metadata", length), 405);
    }
    EXPECT_EQ(status("OPTIONS /mcp", "Transfer-Encoding: chunked"), 204);
    EXPECT_EQ(status("OPTIONS /mcp", "Content-Length: 4194304"), 413);
    EXPECT_EQ(status("GET /metadata", "Content-Length: 4194304"), 413);
    EXPECT_EQ(told, (QList<int>{404, 405, 404, 405, 204, 413, 413}));
    EXPECT_EQ(asked, 0);
}

} // namespace McpAuth::Http
