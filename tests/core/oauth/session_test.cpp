#include "oauth/refusal.h"
#include "sessionfixture.h"

namespace McpAuth::OAuth {
namespace {

using namespace Test;
using namespace std::chrono_literals;

class SessionTokens : public SessionFixture
{
};

TEST_F(SessionTokens, AreNoneBeforeAnAuthorization)
{
    start();
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"");
    EXPECT_TRUE(journal.isEmpty());
}

TEST_F(SessionTokens, AreUsedWhileTheyLive)
{
    start();
    session->setAuthorization(earlier());
    clock.advance(59min);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"old");
    EXPECT_TRUE(journal.isEmpty());
}

TEST_F(SessionTokens, AreRefreshedBeforeTheyExpire)
{
    start();
    session->setAuthorization(earlier());
    int refreshed = 0;
    QObject::connect(session.get(), &Session::refreshed, session.get(), [&] { ++refreshed; });
    clock.advance(1h - renewBefore);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"access-1");
    const Http::Form form = provider.formOf("/token");
    EXPECT_EQ(value(form, u"grant_type"), u"refresh_token");
    EXPECT_EQ(value(form, u"refresh_token"), u"old-refresh");
    EXPECT_EQ(value(form, u"resource"), mcp.url(u"/mcp"_s));
    EXPECT_EQ(value(form, u"scope"), u"");
    EXPECT_EQ(presentRefreshToken(), u"refresh-1");
    EXPECT_EQ(session->authorization()->tokens.scopes, QStringList{u"read"_s});
    EXPECT_EQ(refreshed, 1);
    EXPECT_EQ(flows(), 0);
}

TEST_F(SessionTokens, AreRefreshedWithoutAResourceThatWasLeftOut)
{
    start();
    Authorization without = earlier();
    without.resource.clear();
    session->setAuthorization(without);
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
    EXPECT_EQ(value(provider.formOf("/token"), u"resource"), u"");
}

// RFC 6749 §6
TEST_F(SessionTokens, KeepTheRefreshTokenWhenNoNewOneComes)
{
    provider.token.remove(u"refresh_token");
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
    EXPECT_EQ(presentRefreshToken(), u"old-refresh");
}

TEST_F(SessionTokens, OfAShortLifeAreNotRefreshedAtEveryCall)
{
    start();
    Authorization brief = earlier();
    brief.tokens.expiresAt = clock.now() + 20s;
    session->setAuthorization(brief);
    clock.advance(14s);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"old");
    EXPECT_EQ(tokenRequests(), 0);
    clock.advance(1s);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"access-1");
}

TEST_F(SessionTokens, AreRefreshedOnceForAHundredCallersAtExpiry)
{
    start();
    session->setAuthorization(earlier());
    clock.advance(1h);
    EXPECT_EQ(outcomesOfAHundred([this] { return session->accessToken(); }), QStringList{u"access-1"_s});
    EXPECT_EQ(tokenRequests(), 1);
}

TEST_F(SessionTokens, AreRefreshedOnceForAHundredRefusals)
{
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(outcomesOfAHundred([this] { return session->renew(Secret("old"), unauthorized()); }),
              QStringList{u"access-1"_s});
    EXPECT_EQ(tokenRequests(), 1);
    EXPECT_EQ(flows(), 0);
}

TEST_F(SessionTokens, AreNotRefreshedForWhoCarriedAnOlderOne)
{
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("older still"), unauthorized()))), u"old");
    EXPECT_EQ(tokenOf(wait(session->renew(Secret(), unauthorized()))), u"old");
    EXPECT_TRUE(journal.isEmpty());
}

TEST_F(SessionTokens, ComeFromOneFlowWhenAHundredHaveNone)
{
    start();
    EXPECT_EQ(outcomesOfAHundred([this] { return session->renew(Secret(), unauthorized()); }),
              QStringList{u"access-1"_s});
    EXPECT_EQ(flows(), 1);
    EXPECT_EQ(tokenRequests(), 1);
}

TEST_F(SessionTokens, ComeFromOneFlowWhenTheRefreshTokenIsGoodNoMore)
{
    refuseRefresh(400, u"invalid_grant"_s);
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(outcomesOfAHundred([this] { return session->renew(Secret("old"), unauthorized()); }),
              QStringList{u"access-1"_s});
    EXPECT_EQ(tokenRequests(), 2); // the refused refresh, and the flow's
    EXPECT_EQ(flows(), 1);
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read");
}

TEST_F(SessionTokens, AreMissedWhereNobodyCanSignIn)
{
    refuseRefresh(400, u"invalid_grant"_s);
    start([](SessionOptions &options) { options.interactive = false; });
    session->setAuthorization(earlier());
    EXPECT_EQ(outcomesOfAHundred([this] { return session->renew(Secret("old"), unauthorized()); }),
              QStringList{u"authorization_required"_s});
    EXPECT_EQ(tokenRequests(), 1);
    EXPECT_EQ(presentRefreshToken(), u"");

    session->setInteractive(true);
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
}

TEST_F(SessionTokens, AreUsedUpWhenARefreshIsRefused)
{
    refuseRefresh(400, u"invalid_grant"_s);
    start();
    session->setAuthorization(earlier());
    clock.advance(1h - 10s);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"old");
    clock.advance(10s);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u""); // the call goes without, and its refusal leads to a flow
    EXPECT_EQ(tokenRequests(), 1);
    EXPECT_EQ(flows(), 0);
}

TEST_F(SessionTokens, OutliveAProviderThatIsDown)
{
    refuseRefresh(503, u"temporarily_unavailable"_s);
    start();
    session->setAuthorization(earlier());
    clock.advance(1h - 10s);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"old");
    clock.advance(10s);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"token_request_refused");
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"token_request_refused");
    EXPECT_EQ(presentRefreshToken(), u"old-refresh");
    EXPECT_EQ(flows(), 0);
}

TEST_F(SessionTokens, ComeFromAFlowWhenARefreshGivesTheRefusedOneAgain)
{
    provider.on("/token", [this](const Http::Request &request) {
        QJsonObject answer = provider.token;
        if (request.body.contains("refresh_token="))
            answer.insert(u"access_token"_s, u"old"_s);
        return Http::Response::json(200, answer);
    });
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
    EXPECT_EQ(tokenRequests(), 2);
}

TEST_F(SessionTokens, ThatWereSetMeanwhileAreNotOverwritten)
{
    Gate gate;
    provider.hold("/token", gate.opened());
    start();
    session->setAuthorization(earlier());
    auto renewed = session->renew(Secret("old"), unauthorized());
    ASSERT_TRUE(waitUntil([this] { return tokenRequests() == 1; }));
    Authorization newer = earlier("newer-refresh");
    newer.tokens.accessToken = Secret("newer");
    session->setAuthorization(newer);
    gate.open();
    EXPECT_EQ(tokenOf(wait(std::move(renewed))), u"newer");
    EXPECT_EQ(presentRefreshToken(), u"newer-refresh");
}

// RFC 6749 §5.1: expires_in is 0 for a token that has expired when it comes.
TEST_F(SessionTokens, ThatCameExpiredAreSentForTheServerToJudge)
{
    provider.token.insert(u"expires_in"_s, 0);
    provider.token.remove(u"refresh_token");
    start();
    EXPECT_EQ(tokenOf(wait(session->renew(Secret(), unauthorized()))), u"access-1");
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"access-1");
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"access-1");
    EXPECT_EQ(flows(), 1);

    provider.token.insert(u"access_token"_s, u"access-2"_s);
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("access-1"), unauthorized()))), u"access-2");
    EXPECT_EQ(flows(), 2);
}

TEST_F(SessionTokens, ThatCameExpiredAreRefreshedOnceForEachUse)
{
    provider.token.insert(u"expires_in"_s, 0);
    start();
    EXPECT_EQ(tokenOf(wait(session->renew(Secret(), unauthorized()))), u"access-1");
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"access-1");
    EXPECT_EQ(flows(), 1);
    EXPECT_EQ(tokenRequests(), 2);
}

TEST_F(SessionTokens, ComeFromAFlowWhenARefreshedOneIsRefusedToo)
{
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
    provider.token.insert(u"access_token"_s, u"access-2"_s);
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("access-1"), unauthorized()))), u"access-2");
    EXPECT_EQ(flows(), 1);
    EXPECT_EQ(tokenRequests(), 2);
}

TEST_F(SessionTokens, AreRefreshedAgainOnceACallHasSucceededWithThem)
{
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
    session->succeeded();
    provider.token.insert(u"access_token"_s, u"access-2"_s);
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("access-1"), unauthorized()))), u"access-2");
    EXPECT_EQ(flows(), 0);
}

// 2026-07-28, Access Token Usage: no tokens other than those issued by the MCP server's authorization server.
TEST_F(SessionTokens, AreNotRefreshedWhereTheMetadataNamesAnotherProvider)
{
    TestProvider other(journal, u"other"_s);
    mcp.metadata.insert(u"authorization_servers"_s, QJsonArray{other.issuer});
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
    EXPECT_FALSE(provider.hasSeen("old-refresh"));
    EXPECT_FALSE(other.hasSeen("old-refresh"));
    EXPECT_EQ(session->authorization()->server.issuer, other.issuer);
}

// 2026-07-28 client-registration, Authorization Server Binding
TEST_F(SessionTokens, AreAskedForWithGivenCredentialsAtTheirFirstIssuerOnly)
{
    TestProvider evil(journal, u"evil"_s);
    provider.on("/revoke", Http::Response::empty(200));
    start([](SessionOptions &options) {
        options.flow.preregistered = ClientInformation{.clientId = u"given"_s, .issuer = {}};
    });
    ASSERT_EQ(tokenOf(wait(session->renew(Secret(), unauthorized()))), u"access-1");
    mcp.metadata.insert(u"authorization_servers"_s, QJsonArray{evil.issuer});
    EXPECT_EQ(tokenOf(wait(session->stepUp(Secret("access-1"), insufficient("write")))),
              u"credentials_of_another_issuer");
    EXPECT_TRUE(wait(session->logOut()));
    EXPECT_EQ(tokenOf(wait(session->renew(Secret(), unauthorized()))), u"credentials_of_another_issuer");
    EXPECT_FALSE(evil.hasSeen("given"));
}

class SessionRefusal : public SessionFixture
{
public:
    SessionRefusal() { mcp.challenge += R"(, error="invalid_token", error_description="audience is https://other")"; }

    [[nodiscard]] Error errorOf(const QByteArray &sent)
    {
        start([](SessionOptions &options) { options.interactive = false; });
        return wait(session->renew(Secret(sent), unauthorized())).error();
    }
};

TEST_F(SessionRefusal, IsToldInTheServersWords)
{
    const Error error = errorOf("refused");
    EXPECT_EQ(error.code, u"authorization_required");
    EXPECT_EQ(error.message, u"The server refused the token: invalid_token (audience is https://other).");
    EXPECT_EQ(error.details.value(u"status"), 401);
    EXPECT_EQ(error.details.value(u"token_sent"), true);
    EXPECT_EQ(error.details.value(u"challenge"), QString::fromLatin1(mcp.challenge));
    EXPECT_EQ(error.details.value(u"error"), u"invalid_token"_s);
    EXPECT_EQ(error.details.value(u"error_description"), u"audience is https://other"_s);
    EXPECT_EQ(refusalOf(error)->challenge, mcp.challenge);
}

TEST_F(SessionRefusal, IsNotOneWhereNoTokenWasSent)
{
    const Error error = errorOf("");
    EXPECT_EQ(error.message, u"The server requires a token, and none was accepted: sign in again.");
    EXPECT_EQ(error.details.value(u"token_sent"), false);
}

TEST_F(SessionRefusal, IsShownWholeWhereItCannotBeRead)
{
    mcp.challenge = R"(Bearer error="invalid_token", error_description="unexpected "aud" claim value")";
    EXPECT_TRUE(errorOf("refused").message.contains(u"unexpected \"aud\" claim value"_s));
}

TEST_F(SessionRefusal, IsReadFromTheBodyWhereTheChallengeDoesNotSayWhy)
{
    start([](SessionOptions &options) { options.interactive = false; });
    const auto said = [this](const QByteArray &challenge, const QByteArray &body) {
        return wait(session->renew(Secret("refused"), {.status = 401, .challenge = challenge, .body = body}))
            .error()
            .message;
    };
    const QByteArray oauth = R"({"error": "invalid_token", "error_description": "unexpected \"aud\" claim value"})";
    const QString words = u"The server refused the token: invalid_token (unexpected \"aud\" claim value)."_s;
    EXPECT_EQ(said("Bearer", oauth), words);
    EXPECT_EQ(said(R"(Bearer error_description="unexpected "aud" claim value")", oauth), words);
    EXPECT_EQ(said("", R"({"jsonrpc": "2.0", "error": {"code": -32001, "message": "Token expired"}, "id": null})"),
              u"The server refused the token: Token expired.");
    EXPECT_EQ(said("Bearer", "<html>"), u"The server refused the token (HTTP 401), and does not say why.");
}

TEST_F(SessionRefusal, DoesNotShowTheTokenThatItRepeats)
{
    mcp.challenge = R"(Bearer error="invalid_token", error_description="what is secret-token?")";
    const Error error = errorOf("secret-token");
    EXPECT_FALSE(toJsonText(toJson(error)).contains("secret-token")) << toJsonText(toJson(error)).constData();
}

TEST_F(SessionRefusal, IsReadFromTheChallengeThatTheFlowReads)
{
    mcp.challenge = R"(Bearer scope="other", Bearer scope="right", resource_metadata="https://mcp.example/m")";
    start([](SessionOptions &options) { options.interactive = false; });
    const auto refused = wait(session->stepUp(Secret("old"), {.status = 403, .challenge = mcp.challenge}));
    EXPECT_EQ(refused.error().details.value(u"scope"), u"right"_s);
}

TEST_F(SessionTokens, OfMachinesAreAskedForAgainWithoutAnybody)
{
    provider.token.remove(u"refresh_token");
    start([this](SessionOptions &options) {
        options.interactive = false;
        options.flow.grant = GrantType::ClientCredentials;
        options.flow.preregistered =
            ClientInformation{.clientId = u"machine"_s, .issuer = provider.issuer, .clientSecret = Secret("secret")};
    });
    EXPECT_EQ(tokenOf(wait(session->renew(Secret(), unauthorized()))), u"access-1");
    clock.advance(1h);
    provider.token.insert(u"access_token"_s, u"access-2"_s);
    EXPECT_EQ(outcomesOfAHundred([this] { return session->accessToken(); }), QStringList{u"access-2"_s});
    EXPECT_EQ(tokenRequests(), 2);
    EXPECT_EQ(value(provider.formOf("/token"), u"grant_type"), u"client_credentials");
}

class SessionEnd : public SessionFixture
{
};

TEST_F(SessionEnd, CancelsWhoWaitsForARefresh)
{
    Gate gate;
    provider.hold("/token", gate.opened());
    start();
    session->setAuthorization(earlier());
    auto first = session->renew(Secret("old"), unauthorized());
    auto second = session->renew(Secret("old"), unauthorized());
    ASSERT_TRUE(waitUntil([this] { return tokenRequests() == 1; }));
    session.reset();
    EXPECT_EQ(tokenOf(wait(std::move(first))), u"cancelled");
    EXPECT_EQ(tokenOf(wait(std::move(second))), u"cancelled");
}

TEST_F(SessionEnd, CancelsWhoWaitsForAFlow)
{
    Gate gate;
    provider.hold("/.well-known/oauth-authorization-server", gate.opened());
    start();
    auto renewed = session->renew(Secret(), unauthorized());
    ASSERT_TRUE(waitUntil([this] { return provider.requests().size() == 1; }));
    session.reset();
    client.reset();
    EXPECT_EQ(tokenOf(wait(std::move(renewed))), u"cancelled");
}

TEST_F(SessionEnd, MayComeFromItsOwnSignal)
{
    start();
    session->setAuthorization(earlier());
    QObject::connect(session.get(), &Session::authorizationChanged, session.get(), [this] { session.reset(); });
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"cancelled");
    EXPECT_EQ(session, nullptr);
}

TEST_F(SessionEnd, IsNotTheEndOfTheWaitOfOneCaller)
{
    Gate gate;
    provider.hold("/token", gate.opened());
    std::stop_source stop;
    start();
    session->setAuthorization(earlier());
    auto impatient = session->renew(Secret("old"), unauthorized(), stop.get_token());
    auto patient = session->renew(Secret("old"), unauthorized());
    ASSERT_TRUE(waitUntil([this] { return tokenRequests() == 1; }));
    stop.request_stop();
    EXPECT_EQ(tokenOf(wait(std::move(impatient))), u"cancelled");
    gate.open();
    EXPECT_EQ(tokenOf(wait(std::move(patient))), u"access-1");
    EXPECT_EQ(tokenRequests(), 1);
}

TEST_F(SessionEnd, IsSeenByAFlowOfTheUsersOwnStopToken)
{
    Gate gate;
    provider.hold("/.well-known/oauth-authorization-server", gate.opened());
    std::stop_source stop;
    start([&](SessionOptions &options) { options.flow.stop = stop.get_token(); });
    auto renewed = session->renew(Secret(), unauthorized());
    ASSERT_TRUE(waitUntil([this] { return provider.requests().size() == 1; }));
    stop.request_stop();
    EXPECT_EQ(tokenOf(wait(std::move(renewed))), u"cancelled");
}

// RFC 7009
TEST_F(SessionEnd, RevokesBothTokensAtLogOut)
{
    QStringList revoked;
    provider.on("/revoke", [&](const Http::Request &request) {
        revoked.append(value(Http::parseForm(request.body).value(), u"token"));
        return Http::Response::empty(200);
    });
    store = memoryCredentialStore();
    start();
    session->setAuthorization(earlier());
    EXPECT_TRUE(wait(session->logOut()));
    EXPECT_EQ(revoked, (QStringList{u"old-refresh"_s, u"old"_s}));
    EXPECT_EQ(session->authorization(), std::nullopt);
    EXPECT_EQ(wait(store->authorization(mcp.url(u"/mcp"_s))).value(), std::nullopt);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"");
}

TEST_F(SessionEnd, ForgetsTheTokensThoughRevocationFails)
{
    provider.on("/revoke", Http::Response::empty(503));
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(codeOf(wait(session->logOut())), u"revocation_refused");
    EXPECT_EQ(session->authorization(), std::nullopt);

    provider.metadata.remove(u"revocation_endpoint");
    session->setAuthorization(earlier());
    EXPECT_TRUE(wait(session->logOut()));
    EXPECT_EQ(session->authorization(), std::nullopt);
}

TEST_F(SessionEnd, WaitsAtLogOutForARefreshUnderWay)
{
    provider.on("/revoke", Http::Response::empty(200));
    Gate gate;
    provider.hold("/token", gate.opened());
    start();
    session->setAuthorization(earlier());
    auto renewed = session->renew(Secret("old"), unauthorized());
    ASSERT_TRUE(waitUntil([this] { return tokenRequests() == 1; }));
    auto loggedOut = session->logOut();
    gate.open();
    EXPECT_TRUE(wait(std::move(loggedOut)));
    EXPECT_EQ(tokenOf(wait(std::move(renewed))), u"access-1");
    EXPECT_EQ(session->authorization(), std::nullopt);
    EXPECT_TRUE(provider.hasSeen("token=refresh-1")); // the one that came last is revoked
}

} // namespace
} // namespace McpAuth::OAuth
