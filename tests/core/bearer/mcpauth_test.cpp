#include "bearer/mcpauth.h"
#include "http/client.h"
#include "metadata/serverconfig.h"
#include "provider.h"
#include "support/result.h"

#include <QThread>

#include <vector>

using namespace McpAuth;
using namespace McpAuth::Bearer;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

ProtectedResource protectedResource(const QString &name, const QList<AuthServer> &servers = {})
{
    ProtectedResource described;
    described.metadata.resource = name;
    described.authServers = servers.isEmpty() ? QList{AuthServer{.issuer = u"https://login.example"_s}} : servers;
    return described;
}

AuthServer server(const QString &issuer)
{
    AuthServer given;
    given.issuer = issuer;
    return given;
}

/// What a façade mounts, served over HTTP.
class Mounted
{
public:
    explicit Mounted(Bearer::McpAuth &mcpAuth)
        : m_server(m_router)
    {
        mcpAuth.mountMetadata(m_router.get());
        EXPECT_TRUE(m_server.listen());
    }

    Http::ClientResponse get(const QString &path) { return send("GET", path); }

    Http::ClientResponse send(const QByteArray &method, const QString &path, const QString &origin = {})
    {
        Http::ClientRequest request;
        request.method = method;
        request.url = m_server.origin() + path;
        if (!origin.isEmpty())
            request.headers.append("Origin"_L1, origin);
        auto response = wait(m_client.send(std::move(request)));
        EXPECT_TRUE(response) << codeOf(response).toStdString();
        return response.value_or(Http::ClientResponse());
    }

private:
    std::shared_ptr<Http::Router> m_router = std::make_shared<Http::Router>();
    Http::Server m_server;
    Http::Client m_client;
};

QStringList warnings;

void recordWarning(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    if (type == QtWarningMsg)
        warnings.append(QString::fromLatin1(context.category) + u": "_s + message);
}

class McpAuthTest : public testing::Test
{
protected:
    std::unique_ptr<Bearer::McpAuth> forResources(const QList<ProtectedResource> &resources)
    {
        auto made = Bearer::McpAuth::forResources(&client, resources);
        EXPECT_TRUE(made) << codeOf(made).toStdString();
        return made ? *std::move(made) : nullptr;
    }

    QString refusal(const QList<ProtectedResource> &resources)
    {
        return codeOf(Bearer::McpAuth::forResources(&client, resources));
    }

    [[nodiscard]] Secret goodToken() const { return signedToken(goodClaims(provider.issuer(), clock), provider.key); }

    [[nodiscard]] Secret tokenFor(const QString &audience) const
    {
        return signedToken(with(goodClaims(provider.issuer(), clock), u"aud"_s, audience), provider.key);
    }

    [[nodiscard]] BearerAuthOptions optionsFor(const QString &resource) const
    {
        return {.resource = resource, .clock = clock.clock()};
    }

    ManualClock clock;
    Provider provider;
    Http::Client client;
};

} // namespace

// Resource server mode (RFC 9728)

TEST_F(McpAuthTest, PagesOfEveryOriginMayReadTheMetadata) // RFC 9728 §3.1
{
    const auto mcpAuth = forResources({protectedResource(u"https://mcp.example/mcp"_s)});
    Mounted mounted(*mcpAuth);
    const QString path = u"/.well-known/oauth-protected-resource/mcp"_s;
    for (const QByteArray &method : {"GET"_ba, "OPTIONS"_ba}) {
        const auto response = mounted.send(method, path, u"https://inspector.example"_s);
        EXPECT_EQ(response.status, method == "GET" ? 200 : 204);
        EXPECT_EQ(response.header("Access-Control-Allow-Origin"), QByteArray("*"));
    }
}

TEST_F(McpAuthTest, ServesTheResourceByteForByteAtItsWellKnownPath) // RFC 9728 §3.1, §3.3
{
    // All that a URL class would normalise: case, a port, dots, escapes, a trailing slash.
    const QString resource = u"https://API.Example.com:443/a/../mcp%2fX/"_s;
    ProtectedResource described = protectedResource(resource, {server(provider.issuer())});
    described.metadata.scopesSupported = QStringList{u"read"_s};
    described.metadata.raw = {{u"x_unknown"_s, 7}};
    const auto mcpAuth = forResources({described});
    Mounted mounted(*mcpAuth);

    const auto published = mcpAuth->publishedMetadata();
    ASSERT_EQ(published.size(), 1);
    const QString path = published.first().first.mid(u"https://API.Example.com:443"_s.size());
    EXPECT_TRUE(path.startsWith(u"/.well-known/oauth-protected-resource/a/../mcp%2fX"_s)) << path.toStdString();

    // Read as a client would that does not normalise either.
    Http::Router router;
    mcpAuth->mountMetadata(&router);
    Http::Request request;
    request.method = "GET";
    request.target = path.toUtf8();
    const Http::Response response = wait(router.handle(request));
    ASSERT_EQ(response.status, 200);
    EXPECT_TRUE(response.body.contains("\"https://API.Example.com:443/a/../mcp%2fX/\"")) << response.body.constData();
    const QJsonObject document = parseJsonObject(response.body).value();
    EXPECT_EQ(document, published.first().second);
    EXPECT_EQ(document["authorization_servers"_L1].toArray(), QJsonArray{provider.issuer()});
    EXPECT_EQ(document["scopes_supported"_L1].toArray(), QJsonArray{u"read"_s});
    EXPECT_EQ(document["x_unknown"_L1].toInt(), 7);
}

TEST_F(McpAuthTest, ServesSeveralResourcesOverHttpWithCorsOpen)
{
    const auto mcpAuth = forResources({protectedResource(u"https://mcp.example/"_s, {server(provider.issuer())}),
                                       protectedResource(u"https://mcp.example/one"_s),
                                       protectedResource(u"https://mcp.example/one/two"_s)});
    Mounted mounted(*mcpAuth);
    const QList<std::pair<QString, QString>> expected{{u""_s, u"https://mcp.example/"_s},
                                                      {u"/one"_s, u"https://mcp.example/one"_s},
                                                      {u"/one/two"_s, u"https://mcp.example/one/two"_s}};
    for (const auto &[path, resource] : expected) {
        const auto response = mounted.get(u"/.well-known/oauth-protected-resource"_s + path);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.header("Access-Control-Allow-Origin"), QByteArray("*"));
        EXPECT_EQ(parseJsonObject(response.body).value()["resource"_L1].toString(), resource);
    }
    const auto preflight = mounted.send("OPTIONS", u"/.well-known/oauth-protected-resource/one"_s);
    EXPECT_EQ(preflight.status / 100, 2);
    EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), QByteArray("*"));
    EXPECT_EQ(mounted.get(u"/.well-known/oauth-protected-resource/three"_s).status, 404);
    EXPECT_EQ(mounted.get(u"/.well-known/oauth-authorization-server"_s).status, 404);
    EXPECT_EQ(provider.metadataFetches, 0); // nothing of it needs the provider
}

TEST_F(McpAuthTest, TellsResourcesApartThatDifferInTheirQueryOnly)
{
    const auto mcpAuth = forResources(
        {protectedResource(u"https://mcp.example/mcp?t=1"_s), protectedResource(u"https://mcp.example/mcp?t=2"_s)});
    Mounted mounted(*mcpAuth);
    const QString path = u"/.well-known/oauth-protected-resource/mcp"_s;
    EXPECT_EQ(parseJsonObject(mounted.get(path + u"?t=2"_s).body).value()["resource"_L1],
              u"https://mcp.example/mcp?t=2"_s);
    EXPECT_EQ(parseJsonObject(mounted.get(path + u"?t=1"_s).body).value()["resource"_L1],
              u"https://mcp.example/mcp?t=1"_s);
    EXPECT_EQ(mounted.get(path).status, 404);
}

TEST_F(McpAuthTest, ALeftOutAuthorizationServersListIsFilledInAndAGivenOneIsKept)
{
    ProtectedResource given = protectedResource(u"https://mcp.example/a"_s, {server(provider.issuer())});
    given.metadata.authorizationServers = QStringList{u"https://front.example"_s};
    const auto mcpAuth =
        forResources({given, protectedResource(u"https://mcp.example/b"_s, {server(provider.issuer())})});
    const auto published = mcpAuth->publishedMetadata();
    EXPECT_EQ(published[0].second["authorization_servers"_L1].toArray(), QJsonArray{u"https://front.example"_s});
    EXPECT_EQ(published[1].second["authorization_servers"_L1].toArray(), QJsonArray{provider.issuer()});
}

TEST_F(McpAuthTest, RefusesConfigurationsThatCannotWork)
{
    const QString invalid = u"invalid_server_config"_s;
    const QString resource = u"https://mcp.example/mcp"_s;
    EXPECT_EQ(refusal({}), invalid);
    EXPECT_EQ(refusal({protectedResource(QString())}), invalid);
    EXPECT_EQ(refusal({protectedResource(u"/mcp"_s)}), invalid);
    EXPECT_EQ(refusal({protectedResource(u"mcp.example/mcp"_s)}), invalid);
    EXPECT_EQ(refusal({protectedResource(u"https://mcp.example/mcp#a"_s)}), invalid); // RFC 8707 §2
    EXPECT_EQ(refusal({protectedResource(resource), protectedResource(resource)}), invalid);
    EXPECT_EQ(refusal({protectedResource(resource), protectedResource(u"https://other.example/mcp"_s)}), invalid);
    EXPECT_EQ(refusal({protectedResource(resource, {server(u"https://a.example"_s), server(u"https://a.example"_s)})}),
              invalid);
    EXPECT_EQ(refusal({protectedResource(resource, {server(QString())})}), invalid);
    AuthServer mismatched = server(u"https://a.example"_s);
    mismatched.config.emplace().metadata.issuer = u"https://a.example/"_s;
    EXPECT_EQ(refusal({protectedResource(resource, {mismatched})}), invalid);
    // The same issuer for two resources, and issuers that differ in a slash, are fine.
    EXPECT_EQ(refusal({protectedResource(resource, {server(u"https://a.example"_s), server(u"https://a.example/"_s)}),
                       protectedResource(u"https://mcp.example/two"_s, {server(u"https://a.example"_s)})}),
              QString());
}

TEST_F(McpAuthTest, BearerAuthNeedsAConfiguredResource)
{
    const auto mcpAuth = forResources({protectedResource(u"https://mcp.example/mcp"_s, {server(provider.issuer())})});
    EXPECT_EQ(codeOf(mcpAuth->bearerAuth(BearerAuthOptions())), u"invalid_server_config"_s);
    EXPECT_EQ(codeOf(mcpAuth->bearerAuth(optionsFor(u"https://mcp.example/mcp/"_s))), u"invalid_server_config"_s);
    EXPECT_EQ(codeOf(mcpAuth->bearerAuth(TokenVerifier(), optionsFor(u"https://mcp.example/mcp"_s))),
              u"invalid_server_config"_s);
    EXPECT_EQ(codeOf(mcpAuth->bearerAuth(optionsFor(u"https://mcp.example/mcp"_s))), QString());
}

TEST_F(McpAuthTest, EachResourceTrustsItsOwnIssuersOnly)
{
    const auto mcpAuth =
        forResources({protectedResource(u"https://mcp.example/a"_s, {server(provider.issuer())}),
                      protectedResource(u"https://mcp.example/b"_s, {server(u"https://b.example"_s)})});
    const auto a = mcpAuth->bearerAuth(optionsFor(u"https://mcp.example/a"_s)).value();
    const auto b = mcpAuth->bearerAuth(optionsFor(u"https://mcp.example/b"_s)).value();
    EXPECT_TRUE(wait(a->judge(tokenFor(u"https://mcp.example/a"_s))).accepted);
    EXPECT_EQ(wait(b->judge(tokenFor(u"https://mcp.example/b"_s))).error, BearerError::InvalidIssuer);
}

TEST_F(McpAuthTest, AVerifierOfOnesOwnStillAnswersForTheIssuer)
{
    const auto mcpAuth = forResources({protectedResource(u"https://mcp.example/mcp"_s, {server(provider.issuer())})});
    const auto verdictFor = [&](const QString &issuer) {
        const auto verifier = [found = goodClaims(issuer, clock)](const Secret &) {
            return [](QJsonObject claims) -> QCoro::Task<Result<QJsonObject>> { co_return claims; }(found);
        };
        const auto auth = mcpAuth->bearerAuth(verifier, optionsFor(u"https://mcp.example/mcp"_s)).value();
        return wait(auth->judge(Secret("opaque")));
    };
    EXPECT_TRUE(verdictFor(provider.issuer()).accepted);
    EXPECT_EQ(verdictFor(u"https://evil.example"_s).error, BearerError::InvalidIssuer);
    EXPECT_EQ(provider.metadataFetches, 0);
}

// Fetching

TEST_F(McpAuthTest, AHundredCallersAtOnceFetchMetadataAndKeysOnce)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    const auto mcpAuth = forResources({protectedResource(resource, {server(provider.issuer())})});
    const auto first = mcpAuth->bearerAuth(optionsFor(resource)).value();
    const auto second = mcpAuth->bearerAuth(optionsFor(resource)).value();
    std::vector<QCoro::Task<Verdict>> tasks;
    for (int number = 0; number < 100; ++number) {
        const QJsonObject claims = with(goodClaims(provider.issuer(), clock), u"jti"_s, QString::number(number));
        const auto &guard = number % 2 == 0 ? first : second;
        tasks.push_back(guard->authorize(requestWith(signedToken(claims, provider.key))));
    }
    int accepted = 0;
    for (auto &task : tasks)
        accepted += wait(std::move(task)).accepted ? 1 : 0;
    EXPECT_EQ(accepted, 100);
    EXPECT_EQ(provider.metadataFetches, 1);
    EXPECT_EQ(provider.keyFetches, 1);
}

TEST_F(McpAuthTest, ResourcesOfOneProviderShareItsMetadataAndKeys)
{
    const auto mcpAuth = forResources({protectedResource(u"https://mcp.example/a"_s, {server(provider.issuer())}),
                                       protectedResource(u"https://mcp.example/b"_s, {server(provider.issuer())})});
    const auto a = mcpAuth->bearerAuth(optionsFor(u"https://mcp.example/a"_s)).value();
    const auto b = mcpAuth->bearerAuth(optionsFor(u"https://mcp.example/b"_s)).value();
    EXPECT_TRUE(wait(a->judge(tokenFor(u"https://mcp.example/a"_s))).accepted);
    EXPECT_TRUE(wait(b->judge(tokenFor(u"https://mcp.example/b"_s))).accepted);
    EXPECT_EQ(wait(b->judge(tokenFor(u"https://mcp.example/a"_s))).error, BearerError::InvalidAudience);
    EXPECT_EQ(provider.metadataFetches, 1);
    EXPECT_EQ(provider.keyFetches, 1);
}

TEST_F(McpAuthTest, AFailureToFetchIsKeptForASecond)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    AuthServer typed = server(provider.issuer());
    typed.type = Metadata::ServerType::Oidc; // one place, one fetch
    const auto mcpAuth = forResources({protectedResource(resource, {typed})});
    const auto auth = mcpAuth->bearerAuth(optionsFor(resource)).value();
    provider.metadataStatus = 500;
    EXPECT_EQ(wait(auth->judge(goodToken())).error, BearerError::ServerError);
    provider.metadataStatus = 200;
    EXPECT_EQ(wait(auth->judge(goodToken())).error, BearerError::ServerError);
    EXPECT_EQ(provider.metadataFetches, 1);
    QThread::sleep(std::chrono::milliseconds(1100));
    EXPECT_TRUE(wait(auth->judge(goodToken())).accepted);
    EXPECT_EQ(provider.metadataFetches, 2);
}

TEST_F(McpAuthTest, AProviderMayChangeItsKeyAndKeepItsName)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    const auto mcpAuth = forResources(
        {protectedResource(resource, {{.issuer = provider.issuer(), .keySet = {.clock = clock.clock()}}})});
    const auto auth = mcpAuth->bearerAuth(optionsFor(resource)).value();
    for (const QString &kid :
         {u"1"_s, u"1"_s, QString(), QString(), u"2"_s}) { // the same name, none, a name for the first time
        provider.key = newKey().withKid(kid);
        provider.keys = keySetText({provider.key});
        EXPECT_TRUE(wait(auth->judge(goodToken())).accepted) << kid.toStdString();
        clock.advance(std::chrono::seconds(30)); // the cooldown
    }
}

TEST_F(McpAuthTest, WithoutATypeTheMetadataIsFoundWhereverMcpClientsLook)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    provider.onlyPlace = "/.well-known/openid-configuration";
    const auto mcpAuth = forResources({protectedResource(resource, {server(provider.issuer())})});
    EXPECT_TRUE(wait(mcpAuth->bearerAuth(optionsFor(resource)).value()->judge(goodToken())).accepted);
    provider.onlyPlace = "/.well-known/oauth-authorization-server";
    const auto other = forResources({protectedResource(resource, {server(provider.issuer())})});
    EXPECT_TRUE(wait(other->bearerAuth(optionsFor(resource)).value()->judge(goodToken())).accepted);
}

TEST_F(McpAuthTest, KeysOfARemoteProviderAreNotFetchedFromThisComputer)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    const QString remote = u"https://login.example"_s;
    const QJsonObject document{{u"issuer"_s, remote}, {u"jwks_uri"_s, provider.origin() + u"/jwks"_s}};
    AuthServer given = server(remote);
    given.config.emplace().metadata = Metadata::readAuthorizationServerMetadata(document);
    const auto mcpAuth = forResources({protectedResource(resource, {given})});
    const Verdict verdict = wait(
        mcpAuth->bearerAuth(optionsFor(resource)).value()->judge(signedToken(goodClaims(remote, clock), provider.key)));
    EXPECT_EQ(verdict.cause.code, u"invalid_server_metadata"_s);
    EXPECT_EQ(provider.keyFetches, 0);
}

TEST_F(McpAuthTest, AKeyThatTheProviderTookBackVerifiesNoTokenNotEvenACachedOne)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    const auto mcpAuth = forResources({protectedResource(resource, {server(provider.issuer())})});
    const auto auth = mcpAuth->bearerAuth(optionsFor(resource)).value();
    const Secret old = goodToken();
    EXPECT_TRUE(wait(auth->judge(old)).accepted);
    provider.key = newKey();
    provider.keys = keySetText({provider.key});
    EXPECT_TRUE(wait(auth->judge(old)).accepted); // nobody knows yet
    EXPECT_TRUE(wait(auth->judge(goodToken())).accepted);
    EXPECT_EQ(provider.keyFetches, 2);
    EXPECT_EQ(wait(auth->judge(old)).cause.code, u"no_matching_key"_s);
}

TEST_F(McpAuthTest, BearerAuthOutlivesTheFacade)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    auto mcpAuth = forResources({protectedResource(resource, {server(provider.issuer())})});
    const auto auth = mcpAuth->bearerAuth(optionsFor(resource)).value();
    auto task = auth->judge(goodToken());
    mcpAuth.reset();
    EXPECT_TRUE(wait(std::move(task)).accepted);
}

TEST_F(McpAuthTest, AClientThatGoesAwayEndsTheWaitAsAFault)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    auto ownClient = std::make_unique<Http::Client>();
    auto mcpAuth =
        Bearer::McpAuth::forResources(ownClient.get(), {protectedResource(resource, {server(provider.issuer())})})
            .value();
    auto auth = mcpAuth->bearerAuth(optionsFor(resource)).value();
    auto task = auth->judge(goodToken());
    EXPECT_FALSE(task.isReady());
    auth.reset();
    mcpAuth.reset();
    ownClient.reset();
    EXPECT_EQ(wait(std::move(task)).error, BearerError::ServerError);
}

TEST_F(McpAuthTest, KeysGivenByHandNeedNoProvider)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    AuthServer byHand = server(u"https://login.example"_s);
    byHand.keys = std::make_shared<Jose::StaticKeys>(QList{provider.key});
    const auto mcpAuth = forResources({protectedResource(resource, {byHand})});
    const auto auth = mcpAuth->bearerAuth(optionsFor(resource)).value();
    const QJsonObject claims = goodClaims(u"https://login.example"_s, clock);
    EXPECT_TRUE(wait(auth->judge(signedToken(claims, provider.key))).accepted);
}

TEST_F(McpAuthTest, AConfigurationGivenByHandIsNotFetched)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    AuthServer byHand; // its issuer is the configuration's
    byHand.config.emplace().metadata =
        Metadata::parseAuthorizationServerMetadata(parseJsonObject(provider.metadata).value()).value();
    const auto mcpAuth = forResources({protectedResource(resource, {byHand})});
    const auto auth = mcpAuth->bearerAuth(optionsFor(resource)).value();
    EXPECT_EQ(auth->issuers(), QStringList{provider.issuer()});
    EXPECT_TRUE(wait(auth->judge(goodToken())).accepted);
    EXPECT_EQ(provider.metadataFetches, 0);
    EXPECT_EQ(provider.keyFetches, 1);
}

// Authorization server mode (deprecated)

TEST_F(McpAuthTest, ServerModeServesTheProvidersDocumentByteForByte)
{
    const auto mcpAuth = Bearer::McpAuth::forServer(&client, server(provider.issuer())).value();
    Mounted mounted(*mcpAuth);
    EXPECT_EQ(provider.metadataFetches, 0);
    for (int again = 0; again < 3; ++again) {
        const auto response = mounted.get(u"/.well-known/oauth-authorization-server"_s);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, provider.metadata);
        EXPECT_EQ(response.header("Access-Control-Allow-Origin"), QByteArray("*"));
    }
    EXPECT_EQ(provider.metadataFetches, 1);
    EXPECT_TRUE(mcpAuth->publishedMetadata().isEmpty());
    EXPECT_EQ(mounted.get(u"/.well-known/oauth-protected-resource"_s).status, 404);
}

TEST_F(McpAuthTest, ServerModeTellsWhenTheProviderIsAtFaultAndTriesAnew)
{
    const auto mcpAuth = Bearer::McpAuth::forServer(&client, server(provider.issuer())).value();
    Mounted mounted(*mcpAuth);
    provider.metadataStatus = 503;
    const auto failed = mounted.get(u"/.well-known/oauth-authorization-server"_s);
    EXPECT_EQ(failed.status, 500);
    EXPECT_EQ(parseJsonObject(failed.body).value()["error"_L1].toString(), u"server_error"_s);
    provider.metadataStatus = 200;
    QThread::sleep(std::chrono::milliseconds(1100)); // a failure is kept for a second
    EXPECT_EQ(mounted.get(u"/.well-known/oauth-authorization-server"_s).body, provider.metadata);
}

TEST_F(McpAuthTest, ServerModeGuardsWithoutAResource)
{
    const auto mcpAuth = Bearer::McpAuth::forServer(&client, server(provider.issuer())).value();
    const auto auth = mcpAuth
                          ->bearerAuth({.requiredScopes = {u"read"_s},
                                        .audience = QStringList{u"https://mcp.example/mcp"_s},
                                        .clock = clock.clock()})
                          .value();
    EXPECT_TRUE(wait(auth->judge(goodToken())).accepted);
    EXPECT_EQ(wait(auth->authorize(anonymousRequest())).challenge, QByteArray("Bearer scope=\"read\""));
}

TEST_F(McpAuthTest, ServerModeSaysOnceThatItIsDeprecated)
{
    warnings.clear();
    const QtMessageHandler before = qInstallMessageHandler(recordWarning);
    const auto mcpAuth = Bearer::McpAuth::forServer(&client, server(provider.issuer())).value();
    const auto auth = mcpAuth->bearerAuth({.audience = QStringList{u"api"_s}});
    qInstallMessageHandler(before);
    ASSERT_TRUE(auth);
    ASSERT_EQ(warnings.size(), 1);
    EXPECT_TRUE(warnings.first().startsWith(u"mcpauth.bearer: "_s));
    EXPECT_TRUE(warnings.first().contains(u"deprecated"_s));
}

TEST_F(McpAuthTest, SaysOnceThatClientsGetNoTokensFromTheProvider)
{
    provider.metadata.replace(R"(["S256"])", R"(["pl\u001b[2Jain"])");
    warnings.clear();
    const QtMessageHandler before = qInstallMessageHandler(recordWarning);
    const QString resource = u"https://mcp.example/mcp"_s;
    const auto mcpAuth = forResources({protectedResource(resource, {server(provider.issuer())})});
    const auto auth = mcpAuth->bearerAuth(optionsFor(resource)).value();
    EXPECT_TRUE(wait(auth->judge(tokenFor(resource))).accepted);
    EXPECT_TRUE(wait(auth->judge(tokenFor(resource))).accepted);
    qInstallMessageHandler(before);
    ASSERT_EQ(warnings.size(), 1) << warnings.join(u' ').toStdString();
    EXPECT_TRUE(warnings.first().startsWith(u"mcpauth.bearer: "_s));
    EXPECT_TRUE(warnings.first().contains(u"s256_code_challenge_method_not_supported"_s));
    EXPECT_FALSE(warnings.first().contains(u'\u001b')) << "the document's own words";
}

TEST_F(McpAuthTest, ServerModeNeedsAnAudienceForWantOfAResource)
{
    const auto mcpAuth = Bearer::McpAuth::forServer(&client, server(provider.issuer())).value();
    EXPECT_EQ(codeOf(mcpAuth->bearerAuth({})), u"invalid_server_config"_s);
    EXPECT_EQ(codeOf(mcpAuth->bearerAuth([](const Secret &) -> QCoro::Task<Result<QJsonObject>> { co_return {}; }, {})),
              u"invalid_server_config"_s);
}

TEST_F(McpAuthTest, TakingTokensForAnyAudienceIsSaidInTheLog)
{
    const QString resource = u"https://mcp.example/mcp"_s;
    const auto mcpAuth = forResources({protectedResource(resource, {server(provider.issuer())})});
    warnings.clear();
    const QtMessageHandler before = qInstallMessageHandler(recordWarning);
    const auto bound = mcpAuth->bearerAuth({.resource = resource});
    const qsizetype warningsOfBound = warnings.size();
    const auto loose = mcpAuth->bearerAuth({.audience = QStringList(), .resource = resource});
    qInstallMessageHandler(before);
    EXPECT_TRUE(bound && loose);
    EXPECT_EQ(warningsOfBound, 0);
    ASSERT_EQ(warnings.size(), 1);
    EXPECT_TRUE(warnings.first().contains(u"any audience"_s));
}

TEST_F(McpAuthTest, AResourceNeedsAnAuthorizationServer)
{
    ProtectedResource alone;
    alone.metadata.resource = u"https://mcp.example/mcp"_s;
    EXPECT_EQ(refusal({alone}), u"invalid_server_config"_s);
}

TEST_F(McpAuthTest, ServerModeNeedsAnIssuer)
{
    EXPECT_EQ(codeOf(Bearer::McpAuth::forServer(&client, server(QString()))), u"invalid_server_config"_s);
}
