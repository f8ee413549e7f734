// Tokens that are minted, and the keys behind them.
#include "bearer/mcpauth.h"
#include "core/bearer/provider.h"
#include "demo/authorizationserver.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

const QString audience = u"https://mcp.example/mcp"_s;

QJsonObject claimsOf(const QByteArray &token)
{
    return Jose::parseClaims(Jose::parseJws(token).value()).value();
}

class MintTest : public testing::Test
{
protected:
    void start(const Demo::AuthorizationServerOptions &options = {})
    {
        const auto started = issuer.start(options);
        ASSERT_TRUE(started) << codeOf(started).toStdString();
    }

    std::unique_ptr<Bearer::BearerAuth> guard(Metadata::ServerType type = Metadata::ServerType::Oidc)
    {
        Bearer::AuthServer server;
        server.issuer = issuer.issuer();
        server.type = type;
        Bearer::ProtectedResource resource;
        resource.metadata.resource = audience;
        resource.authServers = {server};
        mcpAuth = Bearer::McpAuth::forResources(&client, {resource}).value();
        return mcpAuth->bearerAuth({.resource = resource.metadata.resource}).value();
    }

    QStringList publishedKids() const
    {
        QStringList kids;
        for (const QJsonValue &key : issuer.keySet()["keys"_L1].toArray())
            kids.append(key["kid"_L1].toString());
        return kids;
    }

    Demo::AuthorizationServer issuer;
    Http::Client client;
    std::unique_ptr<Bearer::McpAuth> mcpAuth;
};

} // namespace

TEST_F(MintTest, MintsWithEveryAlgorithmThatHasAPublicKey)
{
    start();
    for (const QByteArray &algorithm : Jose::asymmetricAlgorithmNames()) {
        ASSERT_TRUE(issuer.rotateKeys(false, algorithm)) << algorithm.constData();
        const Bearer::BearerAuth byHand(
            {Bearer::trustedIssuer(issuer.issuer(), std::make_shared<Jose::StaticKeys>(issuer.publicKeys()))},
            {.audience = QStringList()});
        const auto token = issuer.mint({});
        ASSERT_TRUE(token) << algorithm.constData();
        const auto verdict = wait(byHand.judge(Secret(*token)));
        EXPECT_TRUE(verdict.accepted) << algorithm.constData() << verdict.cause.message.toStdString();
        EXPECT_EQ(verdict.header["alg"_L1].toString(), QString::fromLatin1(algorithm));
    }
}

TEST_F(MintTest, RefusesAlgorithmsWithoutAPublicKey)
{
    for (const QByteArray algorithm : {"HS256", "none", "es256", ""})
        EXPECT_EQ(codeOf(issuer.start({.algorithm = algorithm})), u"unsupported_algorithm"_s) << algorithm.constData();
    EXPECT_FALSE(issuer.isRunning());
    start();
    const QStringList before = publishedKids();
    EXPECT_EQ(codeOf(issuer.rotateKeys(true, "HS256")), u"unsupported_algorithm"_s);
    EXPECT_EQ(publishedKids(), before);
}

TEST_F(MintTest, MintsWhatIsAskedFor)
{
    ManualClock clock;
    start({.clock = clock.clock()});
    const auto token = issuer.mint({.subject = u"bob"_s,
                                    .clientId = u"inspector"_s,
                                    .audience = {u"https://mcp.example/mcp"_s},
                                    .scopes = {u"read:todos"_s, u"create:todos"_s},
                                    .lifetime = std::chrono::seconds{30}});
    const QJsonObject claims = claimsOf(token.value());
    EXPECT_EQ(claims["iss"_L1].toString(), issuer.issuer());
    EXPECT_EQ(claims["sub"_L1].toString(), u"bob"_s);
    EXPECT_EQ(claims["client_id"_L1].toString(), u"inspector"_s);
    EXPECT_EQ(claims["aud"_L1].toString(), u"https://mcp.example/mcp"_s);
    EXPECT_EQ(claims["scope"_L1].toString(), u"read:todos create:todos"_s);
    EXPECT_EQ(claims["iat"_L1].toInteger(), clock.seconds());
    EXPECT_EQ(claims["exp"_L1].toInteger(), clock.seconds() + 30);
    EXPECT_FALSE(claims["jti"_L1].toString().isEmpty());
    const QJsonObject header = Jose::parseJws(*token).value().header;
    EXPECT_EQ(header["typ"_L1].toString(), u"at+jwt"_s); // RFC 9068 §2.1
    EXPECT_EQ(header["kid"_L1].toString(), issuer.signingKey().kid());
}

TEST_F(MintTest, LeavesOutWhatIsEmptyAndTakesAwayWhatIsNull)
{
    start();
    const QJsonObject bare = claimsOf(issuer.mint({.subject = {}, .clientId = {}}).value());
    EXPECT_EQ(bare.keys(), (QStringList{u"exp"_s, u"iat"_s, u"iss"_s, u"jti"_s}));
    const auto token = issuer.mint({.audience = {u"a"_s, u"b"_s},
                                    .claims = {{u"iss"_s, u"https://evil.example"_s}, {u"exp"_s, QJsonValue::Null}},
                                    .header = {{u"typ"_s, u"JWT"_s}, {u"kid"_s, u"other"_s}}});
    const QJsonObject claims = claimsOf(token.value());
    EXPECT_EQ(claims["aud"_L1].toArray(), (QJsonArray{u"a"_s, u"b"_s}));
    EXPECT_EQ(claims["iss"_L1].toString(), u"https://evil.example"_s);
    EXPECT_FALSE(claims.contains("exp"_L1));
    const QJsonObject header = Jose::parseJws(*token).value().header;
    EXPECT_EQ(header["typ"_L1].toString(), u"JWT"_s);
    EXPECT_EQ(header["kid"_L1].toString(), u"other"_s);
}

TEST_F(MintTest, NoTwoTokensAreTheSame)
{
    start();
    EXPECT_NE(claimsOf(issuer.mint({}).value())["jti"_L1], claimsOf(issuer.mint({}).value())["jti"_L1]);
}

TEST_F(MintTest, ItsTokensPassBearerAuthAndExpiredOnesDoNot)
{
    start({.path = u"/tenant"_s});
    for (const auto type : {Metadata::ServerType::Oidc, Metadata::ServerType::OAuth}) {
        const auto auth = guard(type);
        EXPECT_TRUE(wait(auth->judge(Secret(issuer.mint({.audience = {audience}}).value()))).accepted);
        const Secret expired(issuer.mint({.audience = {audience}, .lifetime = std::chrono::seconds{-3600}}).value());
        EXPECT_EQ(wait(auth->judge(expired)).error, Bearer::BearerError::InvalidToken);
    }
}

TEST_F(MintTest, RotationKeepsTheOldKeyPublishedUnlessToldOtherwise)
{
    start();
    const QString first = issuer.signingKey().kid();
    ASSERT_TRUE(issuer.rotateKeys());
    const QString second = issuer.signingKey().kid();
    EXPECT_NE(first, second);
    EXPECT_EQ(publishedKids(), (QStringList{second, first}));
    EXPECT_EQ(issuer.signingKey().alg(), QByteArray("ES256"));
    ASSERT_TRUE(issuer.rotateKeys(false, "EdDSA"));
    EXPECT_EQ(publishedKids(), QStringList{issuer.signingKey().kid()});
    EXPECT_EQ(issuer.metadata()["id_token_signing_alg_values_supported"_L1].toArray(), QJsonArray{u"EdDSA"_s});
}

TEST_F(MintTest, PublishesAFewKeysOnlyHoweverOftenTheyRotate)
{
    start();
    for (int turn = 0; turn < 20; ++turn)
        ASSERT_TRUE(issuer.rotateKeys());
    EXPECT_EQ(publishedKids().size(), 8);
    EXPECT_EQ(publishedKids().first(), issuer.signingKey().kid());
}

TEST_F(MintTest, ATokenOfARotatedKeyIsAcceptedThroughItsUnknownKid)
{
    start();
    const auto auth = guard();
    const Secret old(issuer.mint({.audience = {audience}}).value());
    EXPECT_TRUE(wait(auth->judge(old)).accepted);
    ASSERT_TRUE(issuer.rotateKeys());
    EXPECT_TRUE(wait(auth->judge(Secret(issuer.mint({.audience = {audience}}).value()))).accepted);
    EXPECT_TRUE(wait(auth->judge(old)).accepted);
}
