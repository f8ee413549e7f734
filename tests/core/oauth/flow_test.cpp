// The whole flow, as each revision has it: which requests, in which order, with what in them.
#include "core/oauth/testprovider.h"

using namespace McpAuth;
using namespace McpAuth::OAuth;
using namespace McpAuth::Test;

namespace {

class FlowTest : public FlowFixture
{
protected:
    /// 2025-03-26: the MCP server is the provider too, or stands before it.
    void becomeLegacy(const QString &issuer)
    {
        mcp.challenge.clear();
        provider.issuer = issuer;
        provider.serveEndpoints(mcp);
    }
};

class SinceResourceMetadata : public FlowTest, public testing::WithParamInterface<const char16_t *>
{
};

TEST_P(SinceResourceMetadata, AsksInTheSpecificationsOrder)
{
    const auto authorization = run(options(QString::fromUtf16(GetParam())));
    ASSERT_TRUE(authorization) << authorization.error().message.toStdString();
    EXPECT_EQ(journal, (QStringList{u"mcp POST /mcp"_s, u"mcp GET /.well-known/oauth-protected-resource/mcp"_s,
                                    u"as GET /.well-known/oauth-authorization-server"_s, u"as POST /register"_s,
                                    u"as GET /authorize"_s, u"as POST /token"_s, u"mcp POST /mcp"_s}));
    EXPECT_EQ(authorization->tokens.accessToken.reveal(), "access-1");
    EXPECT_EQ(authorization->tokens.refreshToken.reveal(), "refresh-1");
    EXPECT_EQ(authorization->mcpUrl, mcp.url(u"/mcp"_s));
    EXPECT_EQ(authorization->resource, mcp.url(u"/mcp"_s));
    EXPECT_EQ(authorization->server.issuer, provider.issuer);
    EXPECT_EQ(authorization->client.clientId, u"dynamic-1");
}

TEST_P(SinceResourceMetadata, SendsTheResourceInBothRequests) // Resource Parameter Implementation, 1
{
    ASSERT_TRUE(run(options(QString::fromUtf16(GetParam()))));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"resource"), mcp.url(u"/mcp"_s));
    EXPECT_EQ(value(provider.formOf("/token"), u"resource"), mcp.url(u"/mcp"_s));
}

INSTANTIATE_TEST_SUITE_P(Flow, SinceResourceMetadata, testing::Values(u"2025-06-18", u"2025-11-25", u"2026-07-28"));

TEST_F(FlowTest, AsksAServerOfTheEarlierEraAgainInItsOwnWay) // 2026-07-28 Streamable HTTP, Backward Compatibility
{
    const QByteArray challenge = mcp.challenge;
    mcp.on("/mcp", [challenge](const Http::Request &request) {
        if (request.headerCount("MCP-Protocol-Version") > 0)
            return Http::Response::text(400, u"no such revision"_s);
        return Http::Response::empty(401).set("WWW-Authenticate", challenge);
    });
    const auto authorization = run(options());
    ASSERT_TRUE(authorization) << authorization.error().message.toStdString();
    EXPECT_EQ(journal.count(u"mcp POST /mcp"_s), 3); // twice without a token, once with it
    EXPECT_EQ(mcp.jsonOf("/mcp").value("method"_L1), u"initialize"_s);
    EXPECT_EQ(mcp.jsonOf("/mcp").value("params"_L1)["protocolVersion"_L1], u"2025-11-25"_s);
    EXPECT_EQ(step(StepKind::Challenge).notes.size(), 1);
}

// MCP 2026-07-28, Protected Resource Metadata Discovery Requirements: without a usable challenge the well-known places.
TEST_F(FlowTest, TellsOfAMalformedChallengeAndGoesToTheWellKnownPlaces)
{
    const QByteArray url = mcp.url(u"/elsewhere"_s).toUtf8();
    for (const QByteArray &malformed :
         {QByteArray("Bearer resource_metadata=\"" + url + "\", resource_metadata=\"" + url + '"'),
          QByteArray("Bearer error=invalid_token, resource_metadata=" + url),
          QByteArray("Bearer error_description=\"unexpected \"aud\" claim value\"")}) {
        mcp.challenge = malformed;
        const auto authorization = run(options());
        ASSERT_TRUE(authorization) << malformed.constData() << authorization.error().message.toStdString();
        ASSERT_EQ(step(StepKind::Challenge).notes.size(), 1) << malformed.constData();
        const QString note = step(StepKind::Challenge).notes.first();
        EXPECT_TRUE(note.contains(u"WWW-Authenticate")) << note.toStdString();
        EXPECT_TRUE(note.contains(QString::fromUtf8(malformed).left(40))) << note.toStdString();
    }
}

TEST_F(FlowTest, ARelativeMetadataUrlIsToldAndNotUsed) // RFC 9728 §5.1
{
    mcp.challenge = "Bearer resource_metadata=\"/.well-known/oauth-protected-resource/mcp\"";
    ASSERT_TRUE(run(options()));
    EXPECT_TRUE(step(StepKind::Challenge).notes.join(u' ').contains(u"absolute URL"));
}

TEST_F(FlowTest, GoesToTheGivenProviderWhereTheMetadataNamesNone)
{
    mcp.metadata.remove(u"authorization_servers"_s);
    FlowOptions flow = options();
    EXPECT_EQ(codeOf(run(flow)), u"no_authorization_server");
    flow.authorizationServer = provider.issuer;
    ASSERT_TRUE(run(flow));
    EXPECT_TRUE(step(StepKind::ResourceMetadata).notes.join(u' ').contains(u"names no authorization server"));
}

TEST_F(FlowTest, OfMarch2025TakesNoDefaultsFromAProviderInTrouble)
{
    becomeLegacy(mcp.origin());
    mcp.on("/.well-known/oauth-authorization-server", Http::Response::text(503, u"later"_s));
    EXPECT_EQ(codeOf(run(options(u"2025-03-26"_s))), u"provider_unreachable");
    mcp.on("/.well-known/oauth-authorization-server", Http::Response::html(200, u"<html>"_s));
    EXPECT_EQ(codeOf(run(options(u"2025-03-26"_s))), u"invalid_server_metadata");
    EXPECT_FALSE(journal.contains(u"mcp POST /register"));
}

TEST_F(FlowTest, OfMarch2025GoesToTheServersOrigin) // Authorization Base URL
{
    becomeLegacy(mcp.origin());
    mcp.on("/.well-known/oauth-authorization-server",
           QJsonObject{{u"issuer"_s, mcp.origin()},
                       {u"authorization_endpoint"_s, provider.url(u"/authorize"_s)},
                       {u"token_endpoint"_s, provider.url(u"/token"_s)},
                       {u"registration_endpoint"_s, provider.url(u"/register"_s)},
                       {u"response_types_supported"_s, QJsonArray{u"code"_s}}});
    const auto authorization = run(options(u"2025-03-26"_s));
    ASSERT_TRUE(authorization) << authorization.error().message.toStdString();
    EXPECT_EQ(journal,
              (QStringList{u"mcp POST /mcp"_s, u"mcp GET /.well-known/oauth-authorization-server"_s,
                           u"as POST /register"_s, u"as GET /authorize"_s, u"as POST /token"_s, u"mcp POST /mcp"_s}));
    EXPECT_EQ(mcp.last("/.well-known/oauth-authorization-server").header("MCP-Protocol-Version"), "2025-03-26");
    EXPECT_EQ(step(StepKind::ResourceMetadata).state, StepState::Skipped);
    EXPECT_TRUE(authorization->resource.isEmpty());
    EXPECT_EQ(value(provider.formOf("/authorize"), u"resource"), QString());
    EXPECT_EQ(value(provider.formOf("/token"), u"resource"), QString());
}

TEST_F(FlowTest, OfMarch2025HasDefaultEndpoints) // Fallbacks for Servers without Metadata Discovery
{
    becomeLegacy(mcp.origin());
    const auto authorization = run(options(u"2025-03-26"_s));
    ASSERT_TRUE(authorization) << authorization.error().message.toStdString();
    EXPECT_EQ(journal, (QStringList{u"mcp POST /mcp"_s, u"mcp GET /.well-known/oauth-authorization-server"_s,
                                    u"mcp POST /register"_s, u"mcp GET /authorize"_s, u"mcp POST /token"_s,
                                    u"mcp POST /mcp"_s}));
    EXPECT_EQ(authorization->server.issuer, mcp.origin());
    EXPECT_TRUE(step(StepKind::ProviderMetadata).details.value(u"default_endpoints").toBool());
}

TEST_F(FlowTest, LooksForOpenIdConnectOnlySinceNovember2025)
{
    provider.on("/.well-known/oauth-authorization-server", Http::Response::text(404, u"no"_s));
    provider.on("/.well-known/openid-configuration", provider.metadata);
    EXPECT_TRUE(run(options(u"2025-11-25"_s)));
    EXPECT_EQ(codeOf(run(options(u"2025-06-18"_s))), u"metadata_not_found");
}

TEST_F(FlowTest, ProbesWithAHandshakeInTheLegacyEra)
{
    ASSERT_TRUE(run(options(u"2025-11-25"_s)));
    const Http::Request probe = mcp.requests().first();
    EXPECT_EQ(probe.headerCount("Authorization"), 0);
    EXPECT_EQ(probe.header("Accept"), "application/json, text/event-stream");
    EXPECT_EQ(mcp.jsonOf("/mcp").value(u"method"), u"initialize"_s);
    EXPECT_EQ(mcp.jsonOf("/mcp").value(u"params").toObject().value(u"protocolVersion"), u"2025-11-25"_s);
}

TEST_F(FlowTest, ProbesWithoutAStateInTheModernEra) // 2026-07-28 streamable HTTP, Request Metadata
{
    ASSERT_TRUE(run(options()));
    const Http::Request probe = mcp.requests().first();
    const QJsonObject body = mcp.jsonOf("/mcp");
    const QJsonObject meta = body.value(u"params").toObject().value(u"_meta").toObject();
    EXPECT_EQ(probe.headerCount("Authorization"), 0);
    EXPECT_EQ(probe.header("MCP-Protocol-Version"), "2026-07-28");
    EXPECT_EQ(QString::fromLatin1(probe.header("Mcp-Method")), body.value(u"method").toString());
    EXPECT_EQ(meta.value(u"io.modelcontextprotocol/protocolVersion"), u"2026-07-28"_s);
    EXPECT_TRUE(meta.value(u"io.modelcontextprotocol/clientInfo").isObject());
    EXPECT_TRUE(meta.value(u"io.modelcontextprotocol/clientCapabilities").isObject());
}

TEST_F(FlowTest, DoesNotProbeForARefusalThatIsKnown)
{
    FlowOptions flow = options();
    flow.refusal = Refusal{.status = 401, .challenge = mcp.challenge + ", scope=\"a b\""};
    flow.tryToken = false;
    ASSERT_TRUE(run(flow));
    EXPECT_FALSE(journal.contains(u"mcp POST /mcp"));
    EXPECT_EQ(step(StepKind::Call).state, StepState::Skipped);
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"a b");
}

TEST_F(FlowTest, FallsBackToTheWellKnownPlaces) // Protected Resource Metadata Discovery Requirements
{
    mcp.challenge.clear();
    ASSERT_TRUE(run(options()));
    EXPECT_EQ(journal.at(1), u"mcp GET /.well-known/oauth-protected-resource/mcp");

    mcp.on("/.well-known/oauth-protected-resource/mcp", Http::Response::text(404, u"no"_s));
    mcp.metadata.insert(u"resource"_s, mcp.origin());
    mcp.on("/.well-known/oauth-protected-resource", mcp.metadata);
    journal.clear();
    const auto authorization = run(options());
    ASSERT_TRUE(authorization);
    EXPECT_EQ(journal.mid(1, 2), (QStringList{u"mcp GET /.well-known/oauth-protected-resource/mcp"_s,
                                              u"mcp GET /.well-known/oauth-protected-resource"_s}));
    EXPECT_EQ(authorization->resource, mcp.origin());
    EXPECT_FALSE(step(StepKind::ResourceMetadata).messages.first().failure.isEmpty());
}

TEST_F(FlowTest, SendsTheResourceByteForByte)
{
    mcp.metadata.insert(u"resource"_s, mcp.origin() + u'/');
    const auto authorization = run(options());
    ASSERT_TRUE(authorization);
    EXPECT_EQ(authorization->resource, mcp.origin() + u'/');
    EXPECT_EQ(value(provider.formOf("/token"), u"resource"), mcp.origin() + u'/');
}

TEST_F(FlowTest, SendsPkceStateAndTheRedirect) // RFC 7636 §4.3, RFC 6749 §4.1.1
{
    ASSERT_TRUE(run(options()));
    const Http::Form form = provider.formOf("/authorize");
    EXPECT_EQ(value(form, u"response_type"), u"code");
    EXPECT_EQ(value(form, u"client_id"), u"dynamic-1");
    EXPECT_EQ(value(form, u"redirect_uri"), u"http://127.0.0.1:7/callback");
    EXPECT_EQ(value(form, u"code_challenge_method"), u"S256");
    EXPECT_EQ(value(form, u"code_challenge").size(), 43);
    EXPECT_GE(value(form, u"state").size(), 22);
    EXPECT_EQ(value(provider.formOf("/token"), u"redirect_uri"), u"http://127.0.0.1:7/callback");
}

TEST_F(FlowTest, KeepsTheEndpointsOwnQuery) // RFC 6749 §3.1
{
    provider.metadata.insert(u"authorization_endpoint"_s, provider.url(u"/authorize?policy=sign-in"_s));
    ASSERT_TRUE(run(options()));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"policy"), u"sign-in");
    EXPECT_EQ(value(provider.formOf("/authorize"), u"response_type"), u"code");
}

TEST_F(FlowTest, SelectsScopes)
{
    mcp.metadata.insert(u"scopes_supported"_s, QJsonArray{u"read"_s, u"write"_s});
    ASSERT_TRUE(run(options()));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read write");

    mcp.challenge += ", scope=\"read\"";
    const auto authorization = run(options());
    ASSERT_TRUE(authorization);
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read");
    EXPECT_EQ(authorization->requestedScopes, QStringList{u"read"_s});

    FlowOptions asked = options();
    asked.scopes = {u"other"_s};
    ASSERT_TRUE(run(asked));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"other");
}

TEST_F(FlowTest, LeavesOutAScopeThatNobodyNames)
{
    ASSERT_TRUE(run(options()));
    EXPECT_FALSE(provider.last("/authorize").query().contains("scope="));
}

TEST_F(FlowTest, StepsUpToTheUnionOfScopes) // 2026-07-28, Step-Up Authorization Flow, 2
{
    FlowOptions flow = options();
    flow.refusal =
        Refusal{.status = 403, .challenge = mcp.challenge + ", error=\"insufficient_scope\", scope=\"write\""};
    flow.previousScopes = {u"read"_s};
    flow.scopes = {u"mine"_s};
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read mine write");
}

TEST_F(FlowTest, AsksForOfflineAccessWithConsent) // 2026-07-28, Refresh Tokens; OpenID Connect Core 1.0 §11
{
    provider.metadata.insert(u"scopes_supported"_s, QJsonArray{u"read"_s, u"offline_access"_s});
    mcp.challenge += ", scope=\"read\"";
    ASSERT_TRUE(run(options()));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read offline_access");
    EXPECT_EQ(value(provider.formOf("/authorize"), u"prompt"), u"consent");

    FlowOptions withoutRefresh = options();
    withoutRefresh.clientMetadata.grantTypes = {u"authorization_code"_s};
    ASSERT_TRUE(run(withoutRefresh));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read");
    EXPECT_EQ(value(provider.formOf("/authorize"), u"prompt"), QString());
}

TEST_F(FlowTest, AsksWithTheChosenPromptAndMoreParameters) // OpenID Connect Core 1.0 §3.1.2.1
{
    provider.metadata.insert(u"scopes_supported"_s, QJsonArray{u"read"_s, u"offline_access"_s});
    mcp.challenge += ", scope=\"read\"";
    FlowOptions flow = options();
    flow.prompt = u"login"_s;
    flow.authorizationParameters = {{u"audience"_s, u"https://api.example"_s}, {u"audience"_s, u"b"_s}};
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"prompt"), u"login");
    EXPECT_EQ(provider.formOf("/authorize").count({u"audience"_s, u"b"_s}), 1);

    flow.prompt = QString();
    ASSERT_TRUE(run(flow));
    EXPECT_FALSE(provider.last("/authorize").query().contains("prompt="));

    flow.authorizationParameters = {{u"state"_s, u"mine"_s}};
    EXPECT_EQ(codeOf(run(flow)), u"invalid_options");
}

TEST_F(FlowTest, SaysWhichScopesTheProviderDoesNotList)
{
    provider.metadata.insert(u"scopes_supported"_s, QJsonArray{u"read"_s});
    FlowOptions flow = options();
    flow.scopes = {u"read"_s, u"wirte"_s};
    ASSERT_TRUE(run(flow));
    EXPECT_TRUE(step(StepKind::Authorization).notes.join(u' ').contains(u"does not list wirte"));
}

TEST_F(FlowTest, DoesNotCarryOfflineAccessToAProviderThatDoesNotListIt) // 2026-07-28, Refresh Tokens
{
    FlowOptions flow = options();
    flow.previousScopes = {u"read"_s, u"offline_access"_s};
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read");
}

TEST_F(FlowTest, ChoosesAmongAuthorizationServers) // RFC 9728 §7.6
{
    TestProvider other(journal, u"other"_s, u"/tenant"_s);
    mcp.metadata.insert(u"authorization_servers"_s, QJsonArray{provider.issuer, other.issuer});
    ASSERT_TRUE(run(options()));
    EXPECT_TRUE(other.requests().isEmpty());
    EXPECT_FALSE(step(StepKind::ResourceMetadata).notes.isEmpty());

    FlowOptions flow = options();
    flow.authorizationServer = other.issuer;
    const auto authorization = run(flow);
    ASSERT_TRUE(authorization) << authorization.error().message.toStdString();
    EXPECT_EQ(authorization->server.issuer, other.issuer);
}

TEST_F(FlowTest, ReportsEachStepAsItGoes)
{
    ASSERT_TRUE(run(options()));
    QStringList changes = states;
    changes.removeDuplicates();
    QStringList expected;
    for (const StepKind kind : stepKinds())
        expected += {toString(kind) + u" running"_s, toString(kind) + u" done"_s};
    EXPECT_EQ(changes, expected);
    for (const Step &done : steps) {
        EXPECT_FALSE(done.decision.isEmpty()) << toString(done.kind).toStdString();
        EXPECT_FALSE(done.rule.isEmpty()) << toString(done.kind).toStdString();
        EXPECT_TRUE(done.reference.startsWith(u"https://")) << toString(done.kind).toStdString();
        EXPECT_EQ(done.messages.size(), 1) << toString(done.kind).toStdString();
    }
}

TEST_F(FlowTest, ShowsWhoTalksToWhom)
{
    ASSERT_TRUE(run(options()));
    QStringList arrows;
    for (const Step &done : steps) {
        const Message &message = done.messages.first();
        arrows.append(toString(message.from) + u" > "_s + toString(message.to) + u' ' +
                      QString::number(message.exchange.status));
    }
    EXPECT_EQ(arrows, (QStringList{u"client > mcp_server 401"_s, u"client > mcp_server 200"_s,
                                   u"client > authorization_server 200"_s, u"client > authorization_server 201"_s,
                                   u"browser > authorization_server 0"_s, u"browser > client 0"_s,
                                   u"client > authorization_server 200"_s, u"client > mcp_server 200"_s}));
}

TEST_F(FlowTest, ShowsNoSecret)
{
    provider.registration.insert(u"client_secret"_s, u"secret-of-the-client"_s);
    provider.token.insert(u"access_token"_s, u"access-token-of-the-user"_s);
    provider.redirectChanges.insert(u"x"_s, u"harmless"_s);
    ASSERT_TRUE(run(options()));
    const QString state = value(provider.formOf("/authorize"), u"state");
    const QString verifier = value(provider.formOf("/token"), u"code_verifier");
    for (const Step &done : steps) {
        QByteArray all = toJsonText(toJson(done));
        for (const Message &message : done.messages)
            all += message.exchange.requestBody + message.exchange.responseBody +
                   message.exchange.requestHeaders.value("Authorization").toByteArray();
        for (const QString &secret : {u"secret-of-the-client"_s, u"access-token-of-the-user"_s, state, verifier})
            EXPECT_FALSE(all.contains(secret.toUtf8())) << toString(done.kind).toStdString();
    }
    EXPECT_TRUE(step(StepKind::AuthorizationResponse).messages.first().exchange.url.contains(u"harmless"));
}

TEST_F(FlowTest, ListensForTheBrowser) // RFC 8252 §7.3
{
    FlowOptions flow = options();
    flow.browser = loopbackBrowser(browse);
    const auto authorization = run(flow);
    ASSERT_TRUE(authorization) << authorization.error().message.toStdString();
    EXPECT_TRUE(value(provider.formOf("/authorize"), u"redirect_uri").startsWith(u"http://127.0.0.1:"));
    const Message arrived = step(StepKind::AuthorizationResponse).messages.value(0);
    EXPECT_EQ(arrived.from, Actor::Browser);
    EXPECT_EQ(arrived.to, Actor::Client);
    EXPECT_EQ(arrived.exchange.status, 200);
    EXPECT_FALSE(arrived.exchange.url.contains(u"code-1"));
}

TEST_F(FlowTest, PutsEverythingInTheCallersLog)
{
    Http::ExchangeLog log;
    client = std::make_unique<Http::Client>(
        Http::ClientOptions{.limits = {}, .allowHttp = false, .log = &log, .purpose = u"flow"_s});
    ASSERT_TRUE(run(options()));
    // The probe, two documents, the registration, the token and the call; the browser's requests are not the client's.
    EXPECT_TRUE(RawServer::waitUntil([&] { return log.exchanges().size() == 6; }));
    EXPECT_EQ(log.exchanges().back().purpose, u"flow");
    EXPECT_FALSE(log.exchanges().back().responseBody.contains("access-1"));
    client.reset();
}

TEST_F(FlowTest, WaitsAtTheGateBeforeEachStep)
{
    QStringList passed;
    FlowOptions flow = options();
    flow.gate = [&](StepKind next) {
        passed.append(toString(next) + u' ' + QString::number(journal.size()));
        return nothing();
    };
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(passed,
              (QStringList{u"challenge 0"_s, u"resource_metadata 1"_s, u"provider_metadata 2"_s, u"registration 3"_s,
                           u"authorization 4"_s, u"authorization_response 4"_s, u"token 5"_s, u"call 6"_s}));
}

// ---- Client credentials (RFC 6749 §4.4)

TEST_F(FlowTest, OfAMachineNeedsNoBrowser)
{
    mcp.challenge += ", scope=\"read\"";
    provider.metadata.insert(u"scopes_supported"_s, QJsonArray{u"read"_s, u"offline_access"_s});
    provider.metadata.remove(u"code_challenge_methods_supported"_s); // PKCE is not for machines
    FlowOptions flow = options();
    flow.grant = GrantType::ClientCredentials;
    flow.browser.reset();
    flow.preregistered = ClientInformation{.clientId = u"machine"_s, .issuer = provider.issuer};
    flow.preregistered->clientSecret = Secret("hush");
    const auto authorization = run(flow);
    ASSERT_TRUE(authorization) << authorization.error().message.toStdString();
    EXPECT_EQ(journal, (QStringList{u"mcp POST /mcp"_s, u"mcp GET /.well-known/oauth-protected-resource/mcp"_s,
                                    u"as GET /.well-known/oauth-authorization-server"_s, u"as POST /token"_s,
                                    u"mcp POST /mcp"_s}));
    const Http::Form form = provider.formOf("/token");
    EXPECT_EQ(value(form, u"grant_type"), u"client_credentials");
    EXPECT_EQ(value(form, u"scope"), u"read");
    EXPECT_EQ(value(form, u"resource"), mcp.url(u"/mcp"_s));
    EXPECT_TRUE(provider.last("/token").header("Authorization").startsWith("Basic "));
    EXPECT_EQ(step(StepKind::Authorization).state, StepState::Skipped);
    EXPECT_EQ(step(StepKind::AuthorizationResponse).state, StepState::Skipped);
}

// ---- The call at its end

TEST_F(FlowTest, EndsInACallWithTheToken) // RFC 6750 §2.1
{
    ASSERT_TRUE(run(options()));
    EXPECT_EQ(mcp.last("/mcp").header("Authorization"), "Bearer access-1");
    EXPECT_EQ(mcp.last("/mcp").header("Mcp-Method"), "tools/list");
    EXPECT_TRUE(step(StepKind::Call).decision.contains(u"accepted"));
}

TEST_F(FlowTest, ATokenThatTheServerRefusesIsNoSuccess)
{
    mcp.answer = Http::Response::empty(401).set(
        "WWW-Authenticate", "Bearer error=\"invalid_token\", error_description=\"audience is other\"");
    const auto authorization = run(options());
    ASSERT_TRUE(authorization); // the token is there to be looked at
    EXPECT_EQ(authorization->tokens.accessToken.reveal(), "access-1");
    ASSERT_TRUE(authorization->callError);
    EXPECT_EQ(authorization->callError->code, u"fresh_token_refused");
    EXPECT_TRUE(authorization->callError->message.contains(u"audience is other"));
    EXPECT_EQ(failure(), u"call fresh_token_refused");
    EXPECT_FALSE(step(StepKind::Call).messages.last().failure.isEmpty());
}

TEST_F(FlowTest, SaysWhichScopesTheCallNeeds) // RFC 6750 §3.1
{
    mcp.answer =
        Http::Response::empty(403).set("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"mcp:use\"");
    const auto authorization = run(options());
    ASSERT_TRUE(authorization);
    ASSERT_TRUE(authorization->callError);
    EXPECT_EQ(authorization->callError->code, u"insufficient_scope");
    EXPECT_TRUE(authorization->callError->message.contains(u"mcp:use"));
}

TEST_F(FlowTest, TheTokenIsNotToBlameForWhatElseIsAnswered)
{
    struct Row
    {
        Http::Response answer;
        QString code; ///< empty: the token was taken
    };
    const QJsonObject rpcError{{u"jsonrpc"_s, u"2.0"_s},
                               {u"id"_s, 1},
                               {u"error"_s, QJsonObject{{u"code"_s, -32602}, {u"message"_s, u"no"_s}}}};
    const Row rows[] = {
        {Http::Response::text(500, u"broken"_s), u"mcp_unreachable"_s},
        {Http::Response::json(500, rpcError), u"mcp_unreachable"_s},
        {Http::Response::text(200, u"<html>"_s).set("Content-Type", "text/html"), u"not_an_mcp_server"_s},
        {Http::Response::json(200, {{u"hello"_s, u"world"_s}}), u"not_an_mcp_server"_s},
        {Http::Response::json(200, rpcError), QString()},
        {Http::Response::json(422, rpcError), QString()},
    };
    for (const Row &row : rows) {
        mcp.answer = row.answer;
        const auto authorization = run(options());
        ASSERT_TRUE(authorization);
        EXPECT_EQ(authorization->callError ? authorization->callError->code : QString(), row.code);
        EXPECT_EQ(step(StepKind::Call).state, row.code.isEmpty() ? StepState::Done : StepState::Failed);
    }
}

TEST_F(FlowTest, TakesTheFirstMessageOfAStreamForTheAnswer) // 2025-11-25 Streamable HTTP, Sending Messages
{
    mcp.answer = Http::Response::text(200, u": hello\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n"_s)
                     .set("Content-Type", "text/event-stream");
    const auto authorization = run(options());
    ASSERT_TRUE(authorization);
    EXPECT_FALSE(authorization->callError);
}

TEST_F(FlowTest, EndsTheSessionThatTheCallOpened) // 2025-11-25 Streamable HTTP, Session Management
{
    const QJsonObject result{{u"protocolVersion"_s, u"2025-06-18"_s}};
    mcp.answer = Http::Response::json(200, {{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, 1}, {u"result"_s, result}})
                     .set("Mcp-Session-Id", "session-1");
    ASSERT_TRUE(run(options(u"2025-11-25"_s)));
    EXPECT_EQ(mcp.last("/mcp").method, "DELETE");
    EXPECT_EQ(mcp.last("/mcp").header("Mcp-Session-Id"), "session-1");
    EXPECT_EQ(mcp.last("/mcp").header("MCP-Protocol-Version"), "2025-06-18");
    EXPECT_EQ(mcp.last("/mcp").header("Authorization"), "Bearer access-1");
}

TEST_F(FlowTest, WhatIsNoMcpServerIsNotOpenToEverybody)
{
    mcp.on("/mcp", Http::Response::text(200, u"<html></html>"_s).set("Content-Type", "text/html"));
    const auto html = run(options());
    EXPECT_EQ(failure(), u"challenge not_an_mcp_server");
    EXPECT_TRUE(html.error().message.contains(u"text/html")) << html.error().message.toStdString();
    mcp.on("/mcp", QJsonObject{{u"hello"_s, u"world"_s}});
    EXPECT_EQ(codeOf(run(options())), u"not_an_mcp_server");
    mcp.on("/mcp", mcp.answer);
    EXPECT_EQ(codeOf(run(options())), u"no_authorization_needed");
}

} // namespace
