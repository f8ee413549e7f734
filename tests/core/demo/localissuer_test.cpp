#include "bearer/mcpauth.h"
#include "core/bearer/provider.h"
#include "demo/localissuer.h"
#include "metadata/validation.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

QJsonObject claimsOf(const QByteArray &token)
{
    return Jose::parseClaims(Jose::parseJws(token).value()).value();
}

class LocalIssuerTest : public testing::Test
{
protected:
    void start(const Demo::LocalIssuerOptions &options = {})
    {
        const auto started = issuer.start(options);
        ASSERT_TRUE(started) << codeOf(started).toStdString();
    }

    Http::ClientResponse get(const QString &url)
    {
        auto response = wait(client.get(url));
        EXPECT_TRUE(response) << codeOf(response).toStdString();
        return response.value_or(Http::ClientResponse());
    }

    std::unique_ptr<Bearer::BearerAuth> guard(Metadata::ServerType type = Metadata::ServerType::Oidc)
    {
        Bearer::AuthServer server;
        server.issuer = issuer.issuer();
        server.type = type;
        Bearer::ProtectedResource resource;
        resource.metadata.resource = u"https://mcp.example/mcp"_s;
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

    Demo::LocalIssuer issuer;
    Http::Client client;
    std::unique_ptr<Bearer::McpAuth> mcpAuth;
};

} // namespace

TEST_F(LocalIssuerTest, PublishesItsMetadataWhereverAClientMayLook) // RFC 8414 §3.1, §5; OpenID Connect Discovery §4.1
{
    start({.path = u"/tenant"_s});
    const QString origin = issuer.issuer().chopped(7);
    EXPECT_TRUE(origin.startsWith(u"http://127.0.0.1:"_s));
    EXPECT_EQ(issuer.issuer(), origin + u"/tenant"_s);
    for (const QString &path :
         {u"/.well-known/oauth-authorization-server/tenant"_s, u"/.well-known/openid-configuration/tenant"_s,
          u"/tenant/.well-known/openid-configuration"_s}) {
        const auto response = get(origin + path);
        EXPECT_EQ(response.status, 200) << path.toStdString();
        EXPECT_EQ(response.header("Access-Control-Allow-Origin"), QByteArray("*"));
        EXPECT_EQ(parseJsonObject(response.body).value(), issuer.metadata());
    }
}

TEST_F(LocalIssuerTest, ItsMetadataFitMcpButForRegistrationWhichItHasNot)
{
    start();
    const auto findings = Metadata::validateServerConfig(issuer.metadata());
    EXPECT_TRUE(Metadata::isCompatible(findings));
    QStringList warnings;
    for (const Metadata::Finding &finding : findings) {
        if (finding.level == Metadata::FindingLevel::Warning)
            warnings.append(finding.code);
    }
    EXPECT_EQ(warnings, QStringList{u"dynamic_registration_not_supported"_s});
}

TEST_F(LocalIssuerTest, EndpointsThatItDoesNotHaveSaySo)
{
    start();
    for (const QLatin1StringView member : {"authorization_endpoint"_L1, "token_endpoint"_L1}) {
        const auto response = get(issuer.metadata()[member].toString());
        EXPECT_EQ(response.status, 501);
        EXPECT_TRUE(parseJsonObject(response.body));
    }
}

TEST_F(LocalIssuerTest, ItsKeySetIsPublicAndMayBeCached)
{
    start();
    const auto response = get(issuer.metadata()["jwks_uri"_L1].toString());
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.header("Cache-Control"), QByteArray("max-age=300"));
    EXPECT_EQ(response.header("Access-Control-Allow-Origin"), QByteArray("*"));
    const QJsonObject set = parseJsonObject(response.body).value();
    EXPECT_EQ(set, issuer.keySet());
    const QJsonArray keys = set["keys"_L1].toArray();
    ASSERT_EQ(keys.size(), 1);
    EXPECT_EQ(keys[0]["kid"_L1].toString(), issuer.signingKey().kid());
    EXPECT_EQ(keys[0]["use"_L1].toString(), u"sig"_s);
    EXPECT_FALSE(keys[0].toObject().contains("d"_L1));
    ASSERT_EQ(issuer.publicKeys().size(), 1);
    EXPECT_FALSE(issuer.publicKeys().first().isPrivate());
}

TEST_F(LocalIssuerTest, MintsWithEveryAlgorithmThatHasAPublicKey)
{
    start();
    for (const QByteArray &algorithm : Jose::asymmetricAlgorithmNames()) {
        ASSERT_TRUE(issuer.rotateKeys(false, algorithm)) << algorithm.constData();
        const Bearer::BearerAuth byHand(
            {Bearer::trustedIssuer(issuer.issuer(), std::make_shared<Jose::StaticKeys>(issuer.publicKeys()))},
            Bearer::BearerAuthOptions());
        const auto token = issuer.mint({});
        ASSERT_TRUE(token) << algorithm.constData();
        const auto verdict = wait(byHand.judge(Secret(*token)));
        EXPECT_TRUE(verdict.accepted) << algorithm.constData() << verdict.cause.message.toStdString();
        EXPECT_EQ(verdict.header["alg"_L1].toString(), QString::fromLatin1(algorithm));
    }
}

TEST_F(LocalIssuerTest, RefusesAlgorithmsWithoutAPublicKey)
{
    for (const QByteArray algorithm : {"HS256", "none", "es256", ""})
        EXPECT_EQ(codeOf(issuer.start({.algorithm = algorithm})), u"unsupported_algorithm"_s) << algorithm.constData();
    EXPECT_FALSE(issuer.isRunning());
    start();
    const QStringList before = publishedKids();
    EXPECT_EQ(codeOf(issuer.rotateKeys(true, "HS256")), u"unsupported_algorithm"_s);
    EXPECT_EQ(publishedKids(), before);
}

TEST_F(LocalIssuerTest, MintsWhatIsAskedFor)
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

TEST_F(LocalIssuerTest, LeavesOutWhatIsEmptyAndTakesAwayWhatIsNull)
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

TEST_F(LocalIssuerTest, NoTwoTokensAreTheSame)
{
    start();
    EXPECT_NE(claimsOf(issuer.mint({}).value())["jti"_L1], claimsOf(issuer.mint({}).value())["jti"_L1]);
}

TEST_F(LocalIssuerTest, ItsTokensPassBearerAuthAndExpiredOnesDoNot)
{
    start({.path = u"/tenant"_s});
    for (const auto type : {Metadata::ServerType::Oidc, Metadata::ServerType::OAuth}) {
        const auto auth = guard(type);
        EXPECT_TRUE(wait(auth->judge(Secret(issuer.mint({}).value()))).accepted);
        const Secret expired(issuer.mint({.lifetime = std::chrono::seconds{-3600}}).value());
        EXPECT_EQ(wait(auth->judge(expired)).error, Bearer::BearerError::InvalidToken);
    }
}

TEST_F(LocalIssuerTest, RotationKeepsTheOldKeyPublishedUnlessToldOtherwise)
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

TEST_F(LocalIssuerTest, PublishesAFewKeysOnlyHoweverOftenTheyRotate)
{
    start();
    for (int turn = 0; turn < 20; ++turn)
        ASSERT_TRUE(issuer.rotateKeys());
    EXPECT_EQ(publishedKids().size(), 8);
    EXPECT_EQ(publishedKids().first(), issuer.signingKey().kid());
}

TEST_F(LocalIssuerTest, ATokenOfARotatedKeyIsAcceptedThroughItsUnknownKid)
{
    start();
    const auto auth = guard();
    const Secret old(issuer.mint({}).value());
    EXPECT_TRUE(wait(auth->judge(old)).accepted);
    ASSERT_TRUE(issuer.rotateKeys());
    EXPECT_TRUE(wait(auth->judge(Secret(issuer.mint({}).value()))).accepted);
    EXPECT_TRUE(wait(auth->judge(old)).accepted);
}

TEST_F(LocalIssuerTest, StopsAndStartsAgain)
{
    start();
    const quint16 port = QUrl(issuer.issuer()).port();
    const QString kid = issuer.signingKey().kid();
    Demo::LocalIssuer rival;
    EXPECT_EQ(codeOf(rival.start({.port = port})), u"port_in_use"_s);
    EXPECT_EQ(codeOf(issuer.start()), u"already_listening"_s);
    EXPECT_EQ(issuer.signingKey().kid(), kid);
    wait(issuer.stop());
    EXPECT_FALSE(issuer.isRunning());
    start({.port = port});
    EXPECT_TRUE(issuer.isRunning());
    EXPECT_NE(issuer.signingKey().kid(), kid);
    EXPECT_EQ(get(issuer.issuer() + u"/.well-known/openid-configuration"_s).status, 200);
}
