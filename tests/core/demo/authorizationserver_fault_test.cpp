// What it does wrong when it is told to.
#include "core/demo/providertest.h"
#include "jose/keyset.h"
#include "jose/verify.h"

#include <QTimer>

using namespace McpAuth;
using namespace McpAuth::Test;
using Demo::Fault;

namespace {

class FaultTest : public ProviderTest
{
protected:
    void SetUp() override { startWithAutoConsent(); }

    QString issuerIn(const Http::Form &changes = {}) { return field(answerAt(authorize(request(changes))), u"iss"_s); }

    bool isSignedByThePublishedKeys(const Answer &tokens)
    {
        const auto jws = Jose::parseJws(tokens.text(u"access_token"_s).toUtf8()).value();
        const auto keys = Jose::candidateKeys(server.publicKeys(), jws);
        return keys && Jose::verifySignature(jws, keys->first(), Jose::asymmetricAlgorithmNames());
    }
};

} // namespace

TEST_F(FaultTest, TheIssuerOfTheAnswerIsWrongOrMissing)
{
    EXPECT_EQ(issuerIn(), server.issuer());
    for (const Http::Form &changes : {Http::Form(), Http::Form{{u"scope"_s, u"nonsense"_s}}}) {
        server.setFaults({Fault::WrongIss});
        EXPECT_FALSE(issuerIn(changes).isEmpty());
        EXPECT_NE(issuerIn(changes), server.issuer());
        server.setFaults({Fault::MissingIss});
        EXPECT_TRUE(issuerIn(changes).isEmpty());
    }
    EXPECT_EQ(server.metadata()[u"authorization_response_iss_parameter_supported"], QJsonValue(true));
    EXPECT_EQ(server.activeFaults(), QSet<Fault>{Fault::MissingIss});
}

TEST_F(FaultTest, TheMetadataAreWrong)
{
    server.setFaults({Fault::WrongMetadataIssuer, Fault::NoPkceMember});
    const Answer metadata = send("GET", server.issuer() + u"/.well-known/oauth-authorization-server"_s, {}, {});
    EXPECT_NE(metadata.text(u"issuer"_s), server.issuer());
    EXPECT_FALSE(metadata.json.contains(u"code_challenge_methods_supported"));
    EXPECT_EQ(tokensFor().status, 200); // PKCE works all the same
}

TEST_F(FaultTest, TheTokenEndpointIsDown)
{
    const QString code = codeFor(request());
    server.setFaults({Fault::TokenEndpointDown});
    EXPECT_EQ(token(redemption(code)).status, 500);
    server.setFaults({});
    EXPECT_EQ(token(redemption(code)).status, 200);
}

TEST_F(FaultTest, AccessTokensAreOpaqueButGood)
{
    server.setFaults({Fault::OpaqueTokens});
    const Answer tokens = tokensFor();
    EXPECT_EQ(codeOf(Jose::parseJws(tokens.text(u"access_token"_s).toUtf8())), u"opaque_token"_s);
    const Answer known = post(u"introspection_endpoint"_s, {{u"token"_s, tokens.text(u"access_token"_s)}}, machine());
    EXPECT_EQ(known.json[u"active"], QJsonValue(true));
    EXPECT_EQ(known.text(u"aud"_s), resource);
}

TEST_F(FaultTest, AccessTokensAreForAnotherResource)
{
    server.setFaults({Fault::WrongAudience});
    const QJsonObject claims = tokensFor().claims();
    EXPECT_FALSE(claims[u"aud"].toString().isEmpty());
    EXPECT_NE(claims[u"aud"].toString(), resource);
}

TEST_F(FaultTest, AccessTokensHaveExpired)
{
    server.setFaults({Fault::ExpiredTokens});
    const Answer tokens = tokensFor();
    EXPECT_LT(tokens.claims()[u"exp"].toInteger(), clock.seconds() - 60);
    EXPECT_LT(tokens.claims()[u"iat"].toInteger(), tokens.claims()[u"exp"].toInteger());
    EXPECT_GT(tokens.json[u"expires_in"].toInt(), 0); // the client must find out by being refused
}

TEST_F(FaultTest, TokensAreSignedWithAKeyThatIsNotPublished)
{
    EXPECT_TRUE(isSignedByThePublishedKeys(tokensFor()));
    server.setFaults({Fault::RotatedKeys});
    EXPECT_FALSE(isSignedByThePublishedKeys(tokensFor()));
}

TEST_F(FaultTest, ResourcesAreRefused) // RFC 8707 §2
{
    const QString code = codeFor(request());
    server.setFaults({Fault::ResourceRejected});
    EXPECT_EQ(field(answerAt(authorize(request())), u"error"_s), u"invalid_target"_s);
    EXPECT_EQ(token(redemption(code, {{u"resource"_s, resource}})).error(), u"invalid_target"_s);
    EXPECT_EQ(tokensFor({{u"resource"_s, {}}}).status, 200);
}

TEST(FaultSlow, EveryAnswerComesLate)
{
    Demo::AuthorizationServer server;
    ASSERT_TRUE(server.start({.faults = {Demo::Fault::Slow}, .slowness = std::chrono::milliseconds{150}}));
    Http::Client client;
    const auto response = wait(client.get(server.metadata()[u"jwks_uri"].toString()));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_GE(response->duration.count(), 150);
}

TEST(FaultSlow, TheServerMayGoWhileAnAnswerIsHeldBack)
{
    auto server = std::make_unique<Demo::AuthorizationServer>();
    ASSERT_TRUE(server->start({.faults = {Demo::Fault::Slow}}));
    Http::Client client;
    auto response = client.get(server->metadata()[u"jwks_uri"].toString());
    bool asked = false;
    QTimer::singleShot(100, &client, [&] {
        server.reset();
        asked = true;
    });
    const auto result = wait(std::move(response));
    EXPECT_TRUE(asked);
    EXPECT_FALSE(result);
}
