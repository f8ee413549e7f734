#include "demo/authorizationserver.h"
#include "demo/demoserver.h"
#include "http/client.h"
#include "support/rawclient.h"
#include "support/result.h"

#include <QCoreApplication>
#include <QCoroFuture>
#include <QDeadlineTimer>
#include <QPromise>

using namespace Qt::StringLiterals;
using namespace McpAuth;
using namespace McpAuth::Demo;
using McpAuth::Test::codeOf;
using McpAuth::Test::wait;

namespace {

QByteArray rpc(const QString &method, const QJsonObject &params = {})
{
    return toJsonText(
        QJsonObject{{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, 1}, {u"method"_s, method}, {u"params"_s, params}});
}

const QByteArray initialize =
    rpc(u"initialize"_s, {{u"protocolVersion"_s, u"2025-11-25"_s},
                          {u"capabilities"_s, QJsonObject()},
                          {u"clientInfo"_s, QJsonObject{{u"name"_s, u"t"_s}, {u"version"_s, u"1"_s}}}});

QByteArray callOf(const QString &tool, const QJsonObject &arguments = {})
{
    return rpc(u"tools/call"_s, {{u"name"_s, tool}, {u"arguments"_s, arguments}});
}

/// The demo server and the provider whose tokens it takes, both on loopback.
class DemoServerTest : public testing::Test
{
protected:
    void SetUp() override { ASSERT_TRUE(issuer.start()); }

    [[nodiscard]] DemoServerOptions options() const
    {
        DemoServerOptions chosen;
        chosen.authServers = {{.issuer = issuer.issuer()}};
        return chosen;
    }

    [[nodiscard]] QByteArray token(const QString &subject = u"alice"_s, const QStringList &scopes = {}) const
    {
        return issuer.mint({.subject = subject, .audience = {server.resource()}, .scopes = scopes})
            .value_or(QByteArray());
    }

    [[nodiscard]] QCoro::Task<Result<Http::ClientResponse>> posting(const QByteArray &body, const QByteArray &bearer,
                                                                    const QByteArray &session = {})
    {
        Http::ClientRequest request;
        request.method = "POST";
        request.url = server.url();
        request.body = body;
        request.headers.append("Content-Type"_L1, "application/json"_L1);
        request.headers.append("Accept"_L1, "application/json, text/event-stream"_L1);
        if (!bearer.isEmpty())
            request.headers.append("Authorization"_L1, QLatin1StringView("Bearer " + bearer));
        if (!session.isEmpty())
            request.headers.append("Mcp-Session-Id"_L1, QLatin1StringView(session));
        return caller->send(request);
    }

    Http::ClientResponse post(const QByteArray &body, const QByteArray &bearer = {}, const QByteArray &session = {})
    {
        auto response = wait(posting(body, bearer, session));
        EXPECT_TRUE(response) << response.error().message.toStdString();
        return response.value_or(Http::ClientResponse{});
    }

    QJsonObject structured(const QByteArray &body, const QByteArray &bearer)
    {
        const QByteArray session = post(initialize, bearer).header("Mcp-Session-Id");
        const auto answer = parseJsonObject(post(body, bearer, session).body);
        EXPECT_TRUE(answer);
        return answer.value_or(QJsonObject{}).value("result"_L1)["structuredContent"_L1].toObject();
    }

    Http::Client client;
    std::unique_ptr<Http::Client> caller = std::make_unique<Http::Client>();
    AuthorizationServer issuer;
    DemoServer server{&client};
};

} // namespace

TEST_F(DemoServerTest, TakesTokensOfItsIssuerForItself)
{
    ASSERT_TRUE(server.start(options()));
    EXPECT_EQ(post(initialize).status, 401);
    EXPECT_EQ(post(initialize, token()).status, 200);
    const QByteArray elsewhere = issuer.mint({.audience = {u"https://other.example/mcp"_s}}).value();
    EXPECT_EQ(post(initialize, elsewhere).status, 401);
    EXPECT_EQ(structured(callOf(u"whoami"_s), token(u"bob"_s)).value("subject"_L1), QJsonValue(u"bob"_s));
}

TEST_F(DemoServerTest, AsksForAToolsScopes)
{
    ASSERT_TRUE(server.start(options()));
    const QByteArray session = post(initialize, token()).header("Mcp-Session-Id");
    const Http::ClientResponse refused = post(callOf(u"list_todos"_s), token(), session);
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.header("WWW-Authenticate").toStdString(), testing::HasSubstr("scope=\"read:todos\""));
    EXPECT_EQ(post(callOf(u"list_todos"_s), token(u"alice"_s, {u"read:todos"_s}), session).status, 200);
}

TEST_F(DemoServerTest, KeepsEveryonesToDoItemsApart)
{
    ASSERT_TRUE(server.start(options()));
    const QStringList all{u"create:todos"_s, u"read:todos"_s};
    (void)structured(callOf(u"create_todo"_s, {{u"content"_s, u"x"_s}}), token(u"alice"_s, all));
    EXPECT_EQ(structured(callOf(u"list_todos"_s), token(u"alice"_s, all)).value("todos"_L1).toArray().size(), 1);
    EXPECT_EQ(structured(callOf(u"list_todos"_s), token(u"bob"_s, all)).value("todos"_L1).toArray().size(), 0);
}

TEST_F(DemoServerTest, PublishesItsMetadataWhereTheChallengePoints) // RFC 9728 §3.1, §5.1
{
    DemoServerOptions chosen = options();
    chosen.requiredScopes = {u"mcp"_s};
    ASSERT_TRUE(server.start(chosen));
    ASSERT_EQ(server.publishedMetadata().size(), 1);
    const auto [url, document] = server.publishedMetadata().first();
    EXPECT_THAT(post(initialize).header("WWW-Authenticate").toStdString(),
                testing::HasSubstr(QByteArray("resource_metadata=\"" + url.toUtf8() + '"').toStdString()));
    const auto response = wait(client.get(url));
    ASSERT_TRUE(response);
    EXPECT_EQ(parseJsonObject(response->body).value_or(QJsonObject{}), document);
    EXPECT_EQ(document, (QJsonObject{{u"resource"_s, server.url()},
                                     {u"authorization_servers"_s, QJsonArray{issuer.issuer()}},
                                     {u"scopes_supported"_s,
                                      QJsonArray{u"mcp"_s, u"create:todos"_s, u"read:todos"_s, u"delete:todos"_s}},
                                     {u"bearer_methods_supported"_s, QJsonArray{u"header"_s}},
                                     {u"resource_name"_s, u"MCP Auth Tester"_s}}));
}

TEST_F(DemoServerTest, LetsEveryPageReadTheMetadataButOnlyLocalOnesCall)
{
    ASSERT_TRUE(server.start(options()));
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

TEST_F(DemoServerTest, TakesAResourceAndAnAudienceOfTheUsersChoice)
{
    DemoServerOptions chosen = options();
    chosen.resource = u"https://mcp.example/mcp/"_s;
    chosen.audience = {u"api://mcp"_s};
    chosen.path = u"/other"_s;
    ASSERT_TRUE(server.start(chosen));
    EXPECT_EQ(server.resource(), chosen.resource);
    EXPECT_TRUE(server.url().endsWith("/other"_L1));
    EXPECT_EQ(post(initialize, token()).status, 401); // for the resource, but that is not the audience
    EXPECT_EQ(post(initialize, issuer.mint({.audience = {u"api://mcp"_s}}).value()).status, 200);
}

TEST_F(DemoServerTest, AnswersForTheHostOfItsResourceAndNoOtherBeyondThisMachine)
{
    DemoServerOptions chosen = options();
    chosen.resource = u"https://MCP.example:8443/mcp"_s;
    ASSERT_TRUE(server.start(chosen));
    const auto status = [this](const QByteArray &host) {
        McpAuth::Test::RawClient raw(static_cast<quint16>(QUrl(server.url()).port()));
        return raw.send("GET /mcp HTTP/1.1\r\nHost: " + host + "\r\n\r\n").response().status;
    };
    EXPECT_EQ(status("mcp.example:8443"), 401);
    EXPECT_EQ(status("127.0.0.1"), 401);
    EXPECT_EQ(status("evil.example"), 421); // DNS rebinding
}

TEST_F(DemoServerTest, ReplacesTheScopesOfATool)
{
    DemoServerOptions chosen = options();
    chosen.toolScopes = {{u"whoami"_s, {u"profile"_s}}, {u"list_todos"_s, {}}};
    ASSERT_TRUE(server.start(chosen));
    const QByteArray session = post(initialize, token()).header("Mcp-Session-Id");
    EXPECT_EQ(post(callOf(u"whoami"_s), token(), session).status, 403);
    EXPECT_EQ(post(callOf(u"list_todos"_s), token(), session).status, 200);
    EXPECT_TRUE(
        server.publishedMetadata().first().second.value("scopes_supported"_L1).toArray().contains(u"profile"_s));
}

TEST_F(DemoServerTest, ServesTheProvidersMetadataInAuthorizationServerMode)
{
    DemoServerOptions chosen = options();
    chosen.authorizationServerMode = true;
    ASSERT_TRUE(server.start(chosen));
    ASSERT_EQ(server.publishedMetadata().size(), 1);
    const auto response = wait(client.get(server.publishedMetadata().first().first));
    ASSERT_TRUE(response);
    EXPECT_EQ(parseJsonObject(response->body).value_or(QJsonObject{}), issuer.metadata());
    EXPECT_EQ(post(initialize, token()).status, 200);
    EXPECT_EQ(post(initialize).status, 401);
}

TEST_F(DemoServerTest, ServesEverybodyWithoutAuth)
{
    DemoServerOptions chosen;
    chosen.requireAuth = false;
    ASSERT_TRUE(server.start(chosen));
    EXPECT_TRUE(server.publishedMetadata().isEmpty());
    EXPECT_EQ(structured(callOf(u"add"_s, {{u"a"_s, 1}, {u"b"_s, 2}}), {}).value("sum"_L1), QJsonValue(3));
    EXPECT_TRUE(wait(server.judge(Secret())).accepted);
}

TEST_F(DemoServerTest, RefusesAConfigurationThatCannotWork)
{
    const auto code = [this](const std::function<void(DemoServerOptions &)> &change) {
        DemoServerOptions chosen = options();
        change(chosen);
        const QString refused = codeOf(server.start(chosen));
        EXPECT_FALSE(server.isRunning());
        return refused;
    };
    EXPECT_EQ(code([](DemoServerOptions &o) { o.authServers.clear(); }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](DemoServerOptions &o) { o.toolScopes = {{u"fly"_s, {}}}; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](DemoServerOptions &o) { o.path = u"mcp"_s; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](DemoServerOptions &o) { o.path = u"/m cp"_s; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](DemoServerOptions &o) { o.path = u"/mcp?x"_s; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](DemoServerOptions &o) { o.path = u"/.well-known/oauth-protected-resource"_s; }),
              u"invalid_server_config"_s);
    EXPECT_EQ(code([](DemoServerOptions &o) { o.resource = u"not a url"_s; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](DemoServerOptions &o) { o.authServers += o.authServers; }), u"invalid_server_config"_s);
    EXPECT_EQ(code([](DemoServerOptions &o) {
                  o.authServers.append({.issuer = u"https://b.example"_s});
                  o.authorizationServerMode = true;
              }),
              u"invalid_server_config"_s);
}

TEST_F(DemoServerTest, StartsAndStopsAgainAndAgain)
{
    DemoServerOptions chosen = options();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(server.start(chosen));
        EXPECT_EQ(codeOf(server.start(chosen)), u"already_listening"_s);
        EXPECT_EQ(post(initialize, token()).status, 200);
        ASSERT_TRUE(server.endpoint());
        EXPECT_EQ(server.endpoint()->sessionCount(), 1);
        chosen.port = static_cast<quint16>(QUrl(server.url()).port()); // the same one next time
        wait(server.stop());
        EXPECT_FALSE(server.isRunning());
        EXPECT_FALSE(server.endpoint());
        EXPECT_TRUE(server.url().isEmpty());
        caller = std::make_unique<Http::Client>(); // the old one may not know yet that its connections are gone
    }
    wait(server.stop());
}

TEST_F(DemoServerTest, SaysWhenThePortIsInUse)
{
    ASSERT_TRUE(server.start(options()));
    DemoServer second(&client);
    DemoServerOptions chosen = options();
    chosen.port = static_cast<quint16>(QUrl(server.url()).port());
    EXPECT_EQ(codeOf(second.start(chosen)), u"port_in_use"_s);
    EXPECT_FALSE(second.isRunning());
    EXPECT_EQ(post(initialize, token()).status, 200);
}

TEST_F(DemoServerTest, JudgesATokenAsItWouldARequest)
{
    EXPECT_EQ(wait(server.judge(Secret("x"))).cause.code, u"not_running"_s);
    ASSERT_TRUE(server.start(options()));
    EXPECT_TRUE(wait(server.judge(Secret(token()))).accepted);
    EXPECT_TRUE(wait(server.judge(Secret(token()), u"whoami"_s)).accepted);
    const Bearer::Verdict verdict = wait(server.judge(Secret(token()), u"delete_todo"_s));
    EXPECT_EQ(verdict.status, 403);
    const QByteArray session = post(initialize, token()).header("Mcp-Session-Id");
    const Http::ClientResponse answer = post(callOf(u"delete_todo"_s, {{u"id"_s, u"1"_s}}), token(), session);
    EXPECT_EQ(answer.status, verdict.status);
    EXPECT_EQ(answer.header("WWW-Authenticate"), verdict.challenge);
    EXPECT_EQ(answer.body, Bearer::toResponse(verdict).body);
}

TEST_F(DemoServerTest, TellsWhoCalled)
{
    QList<Mcp::RequestEvent> events;
    QObject::connect(&server, &DemoServer::requestAnswered, &server,
                     [&events](const Mcp::RequestEvent &event) { events.append(event); });
    ASSERT_TRUE(server.start(options()));
    (void)post(initialize, token(u"bob"_s));
    (void)post(initialize);
    ASSERT_EQ(events.size(), 2);
    EXPECT_EQ(events.at(0).subject, u"bob"_s);
    EXPECT_EQ(events.at(0).rpc, u"initialize"_s);
    EXPECT_EQ(events.at(1).error, u"missing_auth_header"_s);
}

TEST_F(DemoServerTest, TellsOfWhatTheEndpointDoesNotSeeToo)
{
    QList<Mcp::RequestEvent> events;
    QObject::connect(&server, &DemoServer::requestAnswered, &server,
                     [&events](const Mcp::RequestEvent &event) { events.append(event); });
    ASSERT_TRUE(server.start(options()));
    const auto asked = [&](const QByteArray &method, const QString &url) {
        Http::ClientRequest request;
        request.method = method;
        request.url = url;
        EXPECT_TRUE(wait(client.send(request)));
        return events.isEmpty() ? Mcp::RequestEvent{} : events.takeLast();
    };
    const QString metadataUrl = server.publishedMetadata().first().first;
    const Mcp::RequestEvent metadata = asked("GET", metadataUrl);
    EXPECT_EQ(metadata.method, "GET");
    EXPECT_EQ(metadata.path, u"/.well-known/oauth-protected-resource/mcp"_s);
    EXPECT_EQ(metadata.status, 200);
    EXPECT_TRUE(metadata.time.isValid());
    EXPECT_GE(metadata.durationMs, 0);
    EXPECT_EQ(metadata.rpc + metadata.tool + metadata.subject + metadata.error, QString());

    EXPECT_EQ(asked("OPTIONS", metadataUrl).status, 204);
    EXPECT_EQ(asked("POST", metadataUrl).error, u"method_not_allowed"_s);
    const Mcp::RequestEvent preflight = asked("OPTIONS", server.url());
    EXPECT_EQ(preflight.path, u"/mcp"_s);
    EXPECT_EQ(preflight.status, 204);
    const Mcp::RequestEvent lost = asked("GET", server.url() + u"/x?access_token=secret"_s);
    EXPECT_EQ(lost.path, u"/mcp/x"_s); // without what may be secret
    EXPECT_EQ(lost.status, 404);
    EXPECT_EQ(lost.error, u"not_found"_s);
    EXPECT_EQ(asked("GET", server.url() + QString(4'000, u'x')).path.size(), 256);
    EXPECT_EQ(asked("GET", server.url()).error, u"missing_auth_header"_s);
    EXPECT_TRUE(events.isEmpty()); // one event a request
}

TEST_F(DemoServerTest, RefusesBeforeTheBodyWhoeverHasNoGoodToken)
{
    QList<Mcp::RequestEvent> events;
    QObject::connect(&server, &DemoServer::requestAnswered, &server,
                     [&events](const Mcp::RequestEvent &event) { events.append(event); });
    ASSERT_TRUE(server.start(options()));
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

    McpAuth::Test::RawClient caller(port);
    caller.send(head + "Authorization: Bearer " + token() + "\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(caller.response().status, 100);
    EXPECT_EQ(events.size(), 1);
}

TEST_F(DemoServerTest, TellsOfWhatTheServerItselfRefuses)
{
    QList<Mcp::RequestEvent> events;
    QObject::connect(&server, &DemoServer::requestAnswered, &server,
                     [&events](const Mcp::RequestEvent &event) { events.append(event); });
    ASSERT_TRUE(server.start(options()));
    const auto told = [&](const QByteArray &bytes) {
        McpAuth::Test::RawClient raw(static_cast<quint16>(QUrl(server.url()).port()));
        const int status = raw.send(bytes).response().status;
        EXPECT_EQ(events.size(), 1);
        const Mcp::RequestEvent event = events.isEmpty() ? Mcp::RequestEvent{} : events.takeLast();
        EXPECT_EQ(event.status, status);
        EXPECT_TRUE(event.time.isValid());
        EXPECT_FALSE(event.reason.isEmpty());
        EXPECT_EQ(event.durationMs, 0);
        return event;
    };
    const Mcp::RequestEvent host = told("GET /mcp?access_token=secret HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    EXPECT_EQ(host.method, "GET");
    EXPECT_EQ(host.path, u"/mcp"_s);
    EXPECT_EQ(host.status, 421);
    EXPECT_EQ(host.error, u"misdirected_request"_s);
    const Mcp::RequestEvent origin =
        told("POST /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(origin.error, u"origin_not_allowed"_s);
    const QJsonObject nonsense = toJson(told("nonsense\r\n\r\n"));
    EXPECT_TRUE(nonsense.value("method"_L1).isNull());
    EXPECT_TRUE(nonsense.value("path"_L1).isNull());
    EXPECT_EQ(nonsense.value("error"_L1), QJsonValue(u"invalid_request"_s));
    const Mcp::RequestEvent absolute = told("GET http://alice:pw@evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
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

void spinUntil(const std::function<bool()> &condition)
{
    QDeadlineTimer deadline(20'000);
    while (!condition() && !deadline.hasExpired())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
    EXPECT_TRUE(condition());
}

/// A token of that issuer, so that its keys are asked for; whose key signed it does not matter.
QByteArray tokenOf(const AuthorizationServer &signer, const QString &issuer, const QString &audience)
{
    return signer.mint({.audience = {audience}, .claims = {{u"iss"_s, issuer}}}).value_or(QByteArray());
}

} // namespace

TEST_F(DemoServerTest, MayGoWhileARequestWaitsForKeys)
{
    SilentProvider silent;
    auto doomed = std::make_unique<DemoServer>(&client);
    DemoServerOptions chosen;
    chosen.authServers = {{.issuer = silent.issuer()}};
    ASSERT_TRUE(doomed->start(chosen));
    Http::ClientRequest request;
    request.url = doomed->url();
    request.headers.append("Authorization"_L1,
                           QLatin1StringView("Bearer " + tokenOf(issuer, silent.issuer(), doomed->resource())));
    auto pending = client.send(request);
    auto judged = doomed->judge(Secret(tokenOf(issuer, silent.issuer(), doomed->resource())));
    spinUntil([&] { return silent.asked() > 0; });
    doomed.reset();
    EXPECT_FALSE(wait(std::move(pending))); // the connection was closed
    EXPECT_FALSE(judged.isReady());
}

TEST_F(DemoServerTest, EndsAGracefulStopWhenItGoes)
{
    SilentProvider silent;
    auto doomed = std::make_unique<DemoServer>(&client);
    DemoServerOptions chosen;
    chosen.authServers = {{.issuer = silent.issuer()}};
    ASSERT_TRUE(doomed->start(chosen));
    Http::ClientRequest request;
    request.url = doomed->url();
    request.headers.append("Authorization"_L1,
                           QLatin1StringView("Bearer " + tokenOf(issuer, silent.issuer(), doomed->resource())));
    auto pending = client.send(request);
    spinUntil([&] { return silent.asked() > 0; });
    auto stopping = doomed->stop();
    EXPECT_FALSE(doomed->isRunning());
    EXPECT_FALSE(stopping.isReady());
    doomed.reset();
    EXPECT_FALSE(wait(std::move(pending)));
    wait(std::move(stopping));
}
