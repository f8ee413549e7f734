#include "mcp/server.h"
#include "servercalls.h"
#include "support/rawclient.h"
#include "testserver.h"

#include <QCoreApplication>
#include <QCoroFuture>
#include <QPromise>
#include <QUrl>

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

const QByteArray initialize = initializeRequest();

Result<ToolResult> add(const QJsonObject &arguments, const Context &)
{
    return ToolResult::json({{u"sum"_s, arguments.value("a"_L1).toInt() + arguments.value("b"_L1).toInt()}});
}

Tool addTool()
{
    return {.name = u"add"_s, .inputSchema = {{u"type"_s, u"object"_s}}, .handler = add};
}

Tool scoped(Tool tool, const QStringList &scopes)
{
    tool.requiredScopes = scopes;
    return tool;
}

/// A token of that issuer, so that its keys are asked for; whose key signed it does not matter.
QByteArray tokenOf(const QString &provider, const QString &resource)
{
    const qint64 expiry = QDateTime::currentSecsSinceEpoch() + 600;
    const QJsonObject claims{{u"iss"_s, provider}, {u"sub"_s, u"alice"_s}, {u"aud"_s, resource}, {u"exp"_s, expiry}};
    return Jose::signJwt({}, claims, signingKey()).value_or(QByteArray());
}

/// A server that trusts signingKey().
class ServerTest : public ServerCalls
{
protected:
    void SetUp() override
    {
        ASSERT_TRUE(server.addTool(addTool()));
        ASSERT_TRUE(server.addTool(scoped(echoTool(u"read"_s), {u"read"_s})));
        ASSERT_TRUE(server.addTool(scoped(echoTool(u"write"_s), {u"write"_s})));
    }

    [[nodiscard]] static ServerOptions options()
    {
        ServerOptions chosen;
        chosen.authServers = {
            {.issuer = issuer, .keys = std::make_shared<Jose::StaticKeys>(QList<Jose::Key>{signingKey()})}};
        return chosen;
    }

    [[nodiscard]] QByteArray token(const QString &subject = u"alice"_s, const QStringList &scopes = {}) const
    {
        return McpAuth::Test::token(subject, scopes, server.resource());
    }

    QJsonObject structured(const QByteArray &body, const QByteArray &bearer)
    {
        return ServerCalls::structured(initialize, body, bearer);
    }
    [[nodiscard]] QString url() const override { return server.url(); }

    Http::Client client;
    Server server{{.name = u"tested"_s, .title = u"The tested one"_s}, &client};
};

} // namespace

TEST_F(ServerTest, TakesTokensForItselfOnlyUnlessItIsToldOtherwise)
{
    ASSERT_TRUE(server.listen(options()));
    EXPECT_EQ(server.resource(), server.url());
    EXPECT_EQ(post(initialize).status, 401);
    EXPECT_EQ(post(initialize, token()).status, 200);
    const Http::ClientResponse refused =
        post(initialize, McpAuth::Test::token(u"alice"_s, {}, u"https://other.example/mcp"_s));
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(parseJsonObject(refused.body).value_or(QJsonObject{}).value("error"_L1),
              QJsonValue(u"invalid_audience"_s));
}

TEST_F(ServerTest, TakesForeignTokensWhenTheAudienceIsAnEmptyList)
{
    ServerOptions chosen = options();
    chosen.bearer.audience = QStringList();
    ASSERT_TRUE(server.listen(chosen));
    EXPECT_EQ(post(initialize, McpAuth::Test::token(u"alice"_s, {}, u"https://other.example/mcp"_s)).status, 200);
}

TEST_F(ServerTest, PublishesWhatItIsAndNeeds) // RFC 9728 §2
{
    ServerOptions chosen = options();
    chosen.bearer.requiredScopes = {u"mcp"_s};
    ASSERT_TRUE(server.listen(chosen));
    ASSERT_EQ(server.publishedMetadata().size(), 1);
    EXPECT_EQ(server.publishedMetadata().first().second,
              (QJsonObject{{u"resource"_s, server.url()},
                           {u"authorization_servers"_s, QJsonArray{issuer}},
                           {u"scopes_supported"_s, QJsonArray{u"mcp"_s, u"read"_s, u"write"_s}},
                           {u"bearer_methods_supported"_s, QJsonArray{u"header"_s}},
                           {u"resource_name"_s, u"The tested one"_s}}));
    const auto answer = parseJsonObject(post(initialize, token(u"alice"_s, {u"mcp"_s})).body).value_or(QJsonObject{});
    EXPECT_EQ(answer.value("result"_L1)["serverInfo"_L1]["title"_L1], QJsonValue(u"The tested one"_s));
}

TEST_F(ServerTest, TakesToolsAndScopesAtAnyTime)
{
    EXPECT_TRUE(server.setToolScopes(u"read"_s, {}));
    ASSERT_TRUE(server.listen(options()));
    ASSERT_TRUE(server.addTool(echoTool(u"late"_s)));
    EXPECT_EQ(codeOf(server.addTool(echoTool(u"late"_s))), u"invalid_tool"_s);
    EXPECT_EQ(server.tools().size(), 4);
    const QByteArray session = post(initialize, token()).header("Mcp-Session-Id");
    EXPECT_EQ(post(callOf(u"read"_s), token(), session).status, 200);
    EXPECT_EQ(post(callOf(u"late"_s), token(), session).status, 200);
    EXPECT_TRUE(server.setToolScopes(u"late"_s, {u"late"_s}));
    EXPECT_FALSE(server.setToolScopes(u"fly"_s, {}));
    EXPECT_EQ(post(callOf(u"late"_s), token(), session).status, 403);
    wait(server.stop());
    ASSERT_TRUE(server.listen(options()));
    EXPECT_EQ(server.tools().last().requiredScopes, QStringList{u"late"_s});
}

TEST_F(ServerTest, FetchesWithAClientOfItsOwn)
{
    Server alone;
    EXPECT_EQ(codeOf(alone.listen({})), u"invalid_server_config"_s);
    ASSERT_TRUE(alone.addTool(addTool()));
    ServerOptions chosen;
    chosen.authServers = {{.issuer = u"http://127.0.0.1:9"_s}}; // nobody is there
    ASSERT_TRUE(alone.listen(chosen));
    const Bearer::Verdict verdict =
        wait(alone.judge(Secret(tokenOf(chosen.authServers.first().issuer, alone.resource()))));
    EXPECT_EQ(verdict.error, Bearer::BearerError::ServerError);
}

TEST_F(ServerTest, LetsEveryPageReadTheMetadataButOnlyLocalOnesCall)
{
    ASSERT_TRUE(server.listen(options()));
    Http::ClientRequest request;
    request.url = server.publishedMetadata().first().first;
    request.headers.append("Origin"_L1, "https://elsewhere.example"_L1);
    EXPECT_EQ(wait(client.send(request)).value().status, 200);
    request.url = server.url();
    EXPECT_EQ(wait(client.send(request)).value().status, 403);
    request.headers.replaceOrAppend("Origin"_L1, "http://localhost:6274"_L1);
    const Http::ClientResponse local = wait(client.send(request)).value();
    EXPECT_EQ(local.status, 401);
    EXPECT_EQ(local.header("Access-Control-Allow-Origin"), "http://localhost:6274");
}

TEST_F(ServerTest, TakesAResourceAndAnAudienceOfTheUsersChoice)
{
    ServerOptions chosen = options();
    chosen.resource = u"https://mcp.example/mcp/"_s;
    chosen.bearer.audience = QStringList{u"api://mcp"_s};
    chosen.path = u"/other"_s;
    ASSERT_TRUE(server.listen(chosen));
    EXPECT_EQ(server.resource(), chosen.resource);
    EXPECT_TRUE(server.url().endsWith("/other"_L1));
    EXPECT_EQ(post(initialize, token()).status, 401); // for the resource, but that is not the audience
    EXPECT_EQ(post(initialize, McpAuth::Test::token(u"alice"_s, {}, u"api://mcp"_s)).status, 200);
}

TEST_F(ServerTest, AnswersForTheHostOfItsResourceAndNoOtherBeyondThisMachine)
{
    ServerOptions chosen = options();
    chosen.resource = u"https://MCP.example:8443/mcp"_s;
    ASSERT_TRUE(server.listen(chosen));
    const auto status = [this](const QByteArray &host) {
        RawClient raw(static_cast<quint16>(QUrl(server.url()).port()));
        return raw.send("GET /mcp HTTP/1.1\r\nHost: " + host + "\r\n\r\n").response().status;
    };
    EXPECT_EQ(status("mcp.example:8443"), 401);
    EXPECT_EQ(status("127.0.0.1"), 401);
    EXPECT_EQ(status("evil.example"), 421); // DNS rebinding
}

TEST_F(ServerTest, AnswersForTheIpv6AddressOfItsResource)
{
    ServerOptions chosen = options();
    chosen.resource = u"http://[2001:db8::1]:8080/mcp"_s;
    ASSERT_TRUE(server.listen(chosen));
    RawClient raw(static_cast<quint16>(QUrl(server.url()).port()));
    EXPECT_EQ(raw.send("GET /mcp HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n").response().status, 401);
}

TEST_F(ServerTest, ReplacesTheScopesOfATool)
{
    ServerOptions chosen = options();
    chosen.toolScopes = {{u"add"_s, {u"profile"_s}}, {u"read"_s, {}}};
    ASSERT_TRUE(server.listen(chosen));
    const QByteArray session = post(initialize, token()).header("Mcp-Session-Id");
    EXPECT_EQ(post(callOf(u"add"_s), token(), session).status, 403);
    EXPECT_EQ(post(callOf(u"read"_s), token(), session).status, 200);
    EXPECT_TRUE(
        server.publishedMetadata().first().second.value("scopes_supported"_L1).toArray().contains(u"profile"_s));
}

TEST_F(ServerTest, ServesEverybodyWithoutAuth)
{
    ServerOptions chosen;
    chosen.requireAuth = false;
    ASSERT_TRUE(server.listen(chosen));
    EXPECT_TRUE(server.publishedMetadata().isEmpty());
    EXPECT_EQ(structured(callOf(u"add"_s, {{u"a"_s, 1}, {u"b"_s, 2}}), {}).value("sum"_L1), QJsonValue(3));
    EXPECT_TRUE(wait(server.judge(Secret())).accepted);
}

TEST_F(ServerTest, RefusesAConfigurationThatCannotWork)
{
    const auto code = [this](const std::function<void(ServerOptions &)> &change) {
        ServerOptions chosen = options();
        change(chosen);
        const QString refused = codeOf(server.listen(chosen));
        EXPECT_FALSE(server.isListening());
        return refused;
    };
    EXPECT_EQ(code([](ServerOptions &o) { o.authServers.clear(); }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](ServerOptions &o) { o.toolScopes = {{u"fly"_s, {}}}; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](ServerOptions &o) { o.path = u"mcp"_s; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](ServerOptions &o) { o.path = u"/m cp"_s; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](ServerOptions &o) { o.path = u"/mcp?x"_s; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](ServerOptions &o) { o.path = u"/.well-known/oauth-protected-resource"_s; }),
              u"invalid_server_config"_s);
    EXPECT_EQ(code([](ServerOptions &o) { o.resource = u"not a url"_s; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](ServerOptions &o) { o.authServers += o.authServers; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](ServerOptions &o) {
                  o.authServers.append({.issuer = u"https://b.example"_s});
                  o.authorizationServerMode = true;
              }),
              u"invalid_server_config"_s);
}

TEST_F(ServerTest, StartsAndStopsAgainAndAgain)
{
    ServerOptions chosen = options();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(server.listen(chosen));
        EXPECT_EQ(codeOf(server.listen(chosen)), u"already_listening"_s);
        EXPECT_EQ(post(initialize, token()).status, 200);
        ASSERT_TRUE(server.endpoint());
        EXPECT_EQ(server.endpoint()->sessionCount(), 1);
        chosen.http.port = static_cast<quint16>(QUrl(server.url()).port()); // the same one next time
        wait(server.stop());
        EXPECT_FALSE(server.isListening());
        EXPECT_FALSE(server.endpoint());
        EXPECT_TRUE(server.url().isEmpty());
        caller = std::make_unique<Http::Client>(); // the old one may not know yet that its connections are gone
    }
    wait(server.stop());
}

TEST_F(ServerTest, SaysWhenThePortIsInUse)
{
    ASSERT_TRUE(server.listen(options()));
    Server second({}, &client);
    ServerOptions chosen = options();
    chosen.http.port = static_cast<quint16>(QUrl(server.url()).port());
    EXPECT_EQ(codeOf(second.listen(chosen)), u"port_in_use"_s);
    EXPECT_FALSE(second.isListening());
    EXPECT_EQ(post(initialize, token()).status, 200);
}

TEST_F(ServerTest, JudgesATokenAsItWouldARequest)
{
    EXPECT_EQ(wait(server.judge(Secret("x"))).cause.code, u"not_running"_s);
    ASSERT_TRUE(server.listen(options()));
    EXPECT_TRUE(wait(server.judge(Secret(token()))).accepted);
    EXPECT_TRUE(wait(server.judge(Secret(token()), u"add"_s)).accepted);
    const Bearer::Verdict verdict = wait(server.judge(Secret(token()), u"write"_s));
    EXPECT_EQ(verdict.status, 403);
    const QByteArray session = post(initialize, token()).header("Mcp-Session-Id");
    const Http::ClientResponse answer = post(callOf(u"write"_s, {{u"id"_s, u"1"_s}}), token(), session);
    EXPECT_EQ(answer.status, verdict.status);
    EXPECT_EQ(answer.header("WWW-Authenticate"), verdict.challenge);
    EXPECT_EQ(answer.body, Bearer::toResponse(verdict).body);
}

TEST_F(ServerTest, TellsWhoCalled)
{
    QList<RequestEvent> events;
    QObject::connect(&server, &Server::requestAnswered, &server,
                     [&events](const RequestEvent &event) { events.append(event); });
    ASSERT_TRUE(server.listen(options()));
    (void)post(initialize, token(u"bob"_s));
    (void)post(initialize);
    ASSERT_EQ(events.size(), 2);
    EXPECT_EQ(events.at(0).subject, u"bob"_s);
    EXPECT_EQ(events.at(0).rpc, u"initialize"_s);
    EXPECT_EQ(events.at(1).error, u"missing_auth_header"_s);
}

TEST_F(ServerTest, TellsOfWhatTheEndpointDoesNotSeeToo)
{
    QList<RequestEvent> events;
    QObject::connect(&server, &Server::requestAnswered, &server,
                     [&events](const RequestEvent &event) { events.append(event); });
    ASSERT_TRUE(server.listen(options()));
    const auto asked = [&](const QByteArray &method, const QString &url) {
        Http::ClientRequest request;
        request.method = method;
        request.url = url;
        EXPECT_TRUE(wait(client.send(request)));
        return events.isEmpty() ? RequestEvent{} : events.takeLast();
    };
    const QString metadataUrl = server.publishedMetadata().first().first;
    const RequestEvent metadata = asked("GET", metadataUrl);
    EXPECT_EQ(metadata.method, "GET");
    EXPECT_EQ(metadata.path, u"/.well-known/oauth-protected-resource/mcp"_s);
    EXPECT_EQ(metadata.status, 200);
    EXPECT_TRUE(metadata.time.isValid());
    EXPECT_GE(metadata.durationMs, 0);
    EXPECT_EQ(metadata.rpc + metadata.tool + metadata.subject + metadata.error, QString());

    EXPECT_EQ(asked("OPTIONS", metadataUrl).status, 204);
    EXPECT_EQ(asked("POST", metadataUrl).error, u"method_not_allowed"_s);
    const RequestEvent preflight = asked("OPTIONS", server.url());
    EXPECT_EQ(preflight.path, u"/mcp"_s);
    EXPECT_EQ(preflight.status, 204);
    const RequestEvent lost = asked("GET", server.url() + u"/x?access_token=secret"_s);
    EXPECT_EQ(lost.path, u"/mcp/x"_s); // without what may be secret
    EXPECT_EQ(lost.status, 404);
    EXPECT_EQ(lost.error, u"not_found"_s);
    EXPECT_EQ(asked("GET", server.url() + QString(4'000, u'x')).path.size(), 256);
    EXPECT_EQ(asked("GET", server.url()).error, u"missing_auth_header"_s);
    EXPECT_TRUE(events.isEmpty()); // one event a request
}

TEST_F(ServerTest, RefusesBeforeTheBodyWhoeverHasNoGoodToken)
{
    QList<Mcp::RequestEvent> events;
    QObject::connect(&server, &Server::requestAnswered, &server,
                     [&events](const Mcp::RequestEvent &event) { events.append(event); });
    ASSERT_TRUE(server.listen(options()));
    const auto port = static_cast<quint16>(QUrl(server.url()).port());
    const QByteArray head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n";
    McpAuth::Test::RawClient stranger(port);
    const auto refused = stranger.send(head + "Expect: 100-continue\r\n\r\n").response();
    EXPECT_EQ(refused.status, 401);
    EXPECT_TRUE(refused.header("WWW-Authenticate").contains("resource_metadata=")) << refused.body.constData();
    EXPECT_TRUE(stranger.isClosedByPeer());
    ASSERT_EQ(events.size(), 1);
    EXPECT_EQ(events[0].error, u"missing_auth_header"_s);
    EXPECT_EQ(events[0].reason, u"No Authorization header came."_s);
    EXPECT_EQ(events[0].status, 401);

    McpAuth::Test::RawClient known(port);
    known.send(head + "Authorization: Bearer " + token() + "\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(known.response().status, 100);
    EXPECT_EQ(events.size(), 1);
}

TEST_F(ServerTest, TellsOfLargeBodiesThatNothingReads)
{
    QList<RequestEvent> events;
    QObject::connect(&server, &Server::requestAnswered, &server,
                     [&events](const RequestEvent &event) { events.append(event); });
    ASSERT_TRUE(server.listen(options()));
    for (const auto &[line, status] :
         {std::pair("POST /nonexistent", 404), std::pair("POST /.well-known/oauth-protected-resource/mcp", 405),
          std::pair("OPTIONS /mcp", 413), std::pair("GET /mcp", 413)}) {
        RawClient raw(static_cast<quint16>(QUrl(server.url()).port()));
        raw.send(QByteArray(line) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4194304\r\n\r\n");
        EXPECT_EQ(raw.response().status, status) << line;
        ASSERT_EQ(events.size(), 1) << line;
        EXPECT_EQ(events.takeLast().status, status);
    }
}

TEST_F(ServerTest, MayBeEndedByWhoeverHearsOfARefusalBeforeTheBody)
{
    for (const QByteArray &length : {"Content-Length: 1000000"_ba, "Transfer-Encoding: chunked"_ba}) {
        auto doomed = std::make_unique<Server>();
        ASSERT_TRUE(doomed->listen(options()));
        QObject::connect(doomed.get(), &Server::requestAnswered, doomed.get(), [&] { doomed.reset(); });
        RawClient raw(static_cast<quint16>(QUrl(doomed->url()).port()));
        raw.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:6274\r\n" + length + "\r\n\r\n");
        EXPECT_TRUE(raw.isClosedByPeer());
        EXPECT_EQ(doomed, nullptr);
    }
}

TEST_F(ServerTest, TellsOfWhatTheServerItselfRefuses)
{
    QList<RequestEvent> events;
    QObject::connect(&server, &Server::requestAnswered, &server,
                     [&events](const RequestEvent &event) { events.append(event); });
    ASSERT_TRUE(server.listen(options()));
    const auto told = [&](const QByteArray &bytes) {
        RawClient raw(static_cast<quint16>(QUrl(server.url()).port()));
        const int status = raw.send(bytes).response().status;
        EXPECT_EQ(events.size(), 1);
        const RequestEvent event = events.isEmpty() ? RequestEvent{} : events.takeLast();
        EXPECT_EQ(event.status, status);
        EXPECT_TRUE(event.time.isValid());
        EXPECT_FALSE(event.reason.isEmpty());
        EXPECT_EQ(event.durationMs, 0);
        return event;
    };
    const RequestEvent host = told("GET /mcp?access_token=secret HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    EXPECT_EQ(host.method, "GET");
    EXPECT_EQ(host.path, u"/mcp"_s);
    EXPECT_EQ(host.status, 421);
    EXPECT_EQ(host.error, u"misdirected_request"_s);
    const RequestEvent origin =
        told("POST /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(origin.error, u"origin_not_allowed"_s);
    const QJsonObject nonsense = toJson(told("nonsense\r\n\r\n"));
    EXPECT_TRUE(nonsense.value("method"_L1).isNull());
    EXPECT_TRUE(nonsense.value("path"_L1).isNull());
    EXPECT_EQ(nonsense.value("error"_L1), QJsonValue(u"invalid_request"_s));
    const RequestEvent absolute = told("GET http://alice:pw@evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(absolute.method, "GET");
    EXPECT_EQ(absolute.path, QString()); // it may hold a password
}
namespace {

/// A provider that takes a request for its metadata and keeps it.
class SilentProvider
{
public:
    SilentProvider()
        : m_server([this](const Http::Request &) { return keep(); })
    {
        EXPECT_TRUE(m_server.listen());
    }
    ~SilentProvider() { m_promise.finish(); }

    [[nodiscard]] QString issuer() const { return m_server.origin(); }
    [[nodiscard]] int asked() const { return m_asked; }

private:
    QCoro::Task<Http::Response> keep()
    {
        ++m_asked;
        return hang(m_promise.future());
    }

    static QCoro::Task<Http::Response> hang(QFuture<void> future)
    {
        co_await future;
        co_return Http::Response::empty(503);
    }

    QPromise<void> m_promise = [] {
        QPromise<void> promise;
        promise.start();
        return promise;
    }();
    int m_asked = 0;
    Http::Server m_server;
};

class ServerThatWaitsForKeys : public ServerTest
{
protected:
    void SetUp() override
    {
        ServerOptions chosen;
        chosen.authServers = {{.issuer = silent.issuer()}};
        ASSERT_TRUE(doomed->listen(chosen));
        bearer = tokenOf(silent.issuer(), doomed->resource());
    }

    /// A request whose token needs keys that do not come.
    [[nodiscard]] QCoro::Task<Result<Http::ClientResponse>> sending()
    {
        Http::ClientRequest request;
        request.url = doomed->url();
        request.headers.append("Authorization"_L1, QLatin1StringView("Bearer " + bearer));
        return client.send(request);
    }

    SilentProvider silent;
    std::unique_ptr<Server> doomed = std::make_unique<Server>(EndpointOptions(), &client);
    QByteArray bearer;
};

} // namespace

TEST_F(ServerThatWaitsForKeys, MayGo)
{
    auto pending = sending();
    auto judged = doomed->judge(Secret(bearer));
    EXPECT_TRUE(waitUntil([&] { return silent.asked() > 0; }));
    doomed.reset();
    EXPECT_FALSE(wait(std::move(pending))); // the connection was closed
    EXPECT_FALSE(judged.isReady());
}

TEST_F(ServerThatWaitsForKeys, EndsAGracefulStopWhenItGoes)
{
    auto pending = sending();
    EXPECT_TRUE(waitUntil([&] { return silent.asked() > 0; }));
    auto stopping = doomed->stop();
    EXPECT_FALSE(doomed->isListening());
    EXPECT_FALSE(stopping.isReady());
    doomed.reset();
    EXPECT_FALSE(wait(std::move(pending)));
    wait(std::move(stopping));
}
