// mcp-auth verify, by its contract.
#include "base/json.h"
#include "core/metadata/provider.h"
#include "demo/authorizationserver.h"
#include "jose/sign.h"
#include "support/program.h"
#include "support/result.h"

#include <QJsonArray>
#include <QTemporaryDir>

using namespace McpAuth;
using namespace McpAuth::Test;

namespace {

class Verify : public testing::Test
{
protected:
    void SetUp() override { ASSERT_TRUE(m_issuer.start()); }

    [[nodiscard]] QString mint(const Demo::MintRequest &request = {}) const
    {
        return QString::fromLatin1(m_issuer.mint(request).value());
    }

    static ProgramResult verify(const QStringList &arguments, const QByteArray &input = {})
    {
        return runProgram(mcpAuthProgram(),
                          QStringList{QStringLiteral("verify"), QStringLiteral("--format"), QStringLiteral("json")} +
                              arguments,
                          input);
    }

    [[nodiscard]] QString file(const QString &name, const QByteArray &content) const
    {
        const QString path = m_folder.filePath(name);
        QFile out(path);
        EXPECT_TRUE(out.open(QIODevice::WriteOnly));
        out.write(content);
        return path;
    }

    static QJsonObject json(const ProgramResult &result)
    {
        return parseJsonObject(result.output).value_or(QJsonObject());
    }

    static QString outcome(const QJsonObject &verdict, const QString &check)
    {
        const QJsonArray checks = verdict.value(u"checks").toArray();
        for (const QJsonValue &entry : checks) {
            if (entry[QStringLiteral("name")].toString() == check)
                return entry[QStringLiteral("outcome")].toString();
        }
        return {};
    }

    Demo::AuthorizationServer m_issuer;
    QTemporaryDir m_folder;
};

} // namespace

TEST_F(Verify, AcceptsAGoodTokenOfADiscoveredIssuer)
{
    const ProgramResult result = verify({mint({.audience = {QStringLiteral("a")}, .scopes = {QStringLiteral("read")}}),
                                         QStringLiteral("--issuer"), m_issuer.issuer(), QStringLiteral("--audience"),
                                         QStringLiteral("a"), QStringLiteral("--scope"), QStringLiteral("read")});
    EXPECT_EQ(result.status, 0) << result.error.constData();
    const QJsonObject verdict = json(result);
    EXPECT_EQ(verdict.value(u"accepted"), QJsonValue(true));
    EXPECT_EQ(verdict.value(u"status"), QJsonValue(200));
    EXPECT_EQ(outcome(verdict, QStringLiteral("signature")), u"pass");
    EXPECT_EQ(verdict.value(u"claims")[QStringLiteral("sub")], QJsonValue(QStringLiteral("alice")));
}

TEST_F(Verify, TakesTheUrlOfTheIssuersMetadataForTheIssuer)
{
    const ProgramResult result =
        verify({mint({.audience = {QStringLiteral("a")}}), QStringLiteral("--issuer"),
                m_issuer.issuer() + QStringLiteral("/.well-known/oauth-authorization-server")});
    EXPECT_EQ(result.status, 0) << result.output.constData();
}

TEST_F(Verify, ExpectsTheIssuerAsItsMetadataWritesIt) // with a slash that the metadata's URL cannot tell
{
    Provider provider;
    const QString issuer = provider.url(QStringLiteral("/"));
    provider.serve("/.well-known/oauth-authorization-server", provider.document(issuer));
    provider.serve("/jwks", m_issuer.keySet());
    const QJsonObject claims{{QStringLiteral("iss"), issuer},
                             {QStringLiteral("sub"), QStringLiteral("alice")},
                             {QStringLiteral("exp"), QDateTime::currentSecsSinceEpoch() + 600}};
    const QByteArray token = Jose::signJwt({}, claims, m_issuer.signingKey()).value();
    const ProgramResult result = verify({QString::fromLatin1(token), QStringLiteral("--issuer"),
                                         provider.url(QStringLiteral("/.well-known/oauth-authorization-server"))});
    EXPECT_EQ(result.status, 0) << result.output.constData();
}

TEST_F(Verify, RefusesForScopesWithAStepUpChallenge)
{
    const ProgramResult result =
        verify({mint({.scopes = {QStringLiteral("read")}}), QStringLiteral("--issuer"), m_issuer.issuer(),
                QStringLiteral("--scope"), QStringLiteral("read"), QStringLiteral("--scope"), QStringLiteral("write")});
    EXPECT_EQ(result.status, 1);
    const QJsonObject verdict = json(result);
    EXPECT_EQ(verdict.value(u"status"), QJsonValue(403));
    EXPECT_EQ(verdict.value(u"error"), QJsonValue(QStringLiteral("missing_required_scopes")));
    EXPECT_TRUE(verdict.value(u"challenge").toString().contains(QStringLiteral("error=\"insufficient_scope\"")));
    EXPECT_TRUE(verdict.value(u"challenge").toString().contains(QStringLiteral("scope=\"read write\"")));
    EXPECT_EQ(verdict.value(u"scopes")[QStringLiteral("missing")].toArray(), QJsonArray{QStringLiteral("write")});
}

TEST_F(Verify, CountsWhatAWiderScopeImplies) // 2026-07-28, Scope Challenge Handling
{
    const QString token = mint({.scopes = {QStringLiteral("admin")}});
    const QStringList words{token, QStringLiteral("--issuer"), m_issuer.issuer(), QStringLiteral("--scope"),
                            QStringLiteral("read")};
    EXPECT_EQ(verify(words).status, 1);
    EXPECT_EQ(verify(words + QStringList{QStringLiteral("--implies"), QStringLiteral("admin=read")}).status, 0);
    EXPECT_EQ(verify(words + QStringList{QStringLiteral("--implies"), QStringLiteral("admin")}).status, 2);
}

TEST_F(Verify, JudgesAsOfAnotherTime)
{
    const QString token = mint({.lifetime = std::chrono::seconds(60)});
    const QStringList issuer{QStringLiteral("--issuer"), m_issuer.issuer()};
    EXPECT_EQ(
        verify(QStringList{token, QStringLiteral("--at"), QStringLiteral("2001-01-01T00:00:00Z")} + issuer).status, 1);
    const QString later = QString::number(QDateTime::currentSecsSinceEpoch() + 100);
    EXPECT_EQ(verify(QStringList{token, QStringLiteral("--at"), later} + issuer).status, 0) << "within the leeway";
    EXPECT_EQ(
        verify(QStringList{token, QStringLiteral("--at"), later, QStringLiteral("--leeway"), QStringLiteral("0")} +
               issuer)
            .status,
        1);
}

TEST_F(Verify, TakesKeysFromPemJwkAndKeySetFiles)
{
    const Jose::Key key = m_issuer.signingKey();
    const QString token = mint();
    const QString pem = file(QStringLiteral("key.pem"), key.publicPem());
    const QString jwk = file(QStringLiteral("key.json"), toJsonText(key.publicJwk()));
    const QString set = file(QStringLiteral("keys.json"), toJsonText(m_issuer.keySet()));
    EXPECT_EQ(verify({token, QStringLiteral("--key"), pem}).status, 0);
    EXPECT_EQ(verify({token, QStringLiteral("--key"), jwk}).status, 0);
    EXPECT_EQ(verify({token, QStringLiteral("--jwks"), set}).status, 0);
    EXPECT_EQ(verify({token, QStringLiteral("--jwks"), m_issuer.issuer() + QStringLiteral("/jwks")}).status, 0);
    const ProgramResult other = verify(
        {token, QStringLiteral("--key"), pem, QStringLiteral("--issuer"), QStringLiteral("https://other.example")});
    EXPECT_EQ(other.status, 1);
    EXPECT_EQ(json(other).value(u"error"), QJsonValue(QStringLiteral("invalid_issuer")));
}

TEST_F(Verify, TakesASharedSecretForHmacOnly)
{
    const QByteArray secret(32, 's');
    const Jose::Key key = Jose::keyFromSecret(Secret(secret)).value();
    const QJsonObject claims{{QStringLiteral("iss"), QStringLiteral("https://a.example")},
                             {QStringLiteral("sub"), QStringLiteral("alice")}};
    const QString token =
        QString::fromLatin1(Jose::signJwt({{QStringLiteral("alg"), QStringLiteral("HS256")}}, claims, key).value());
    EXPECT_EQ(verify({token, QStringLiteral("--secret"), QString::fromLatin1(secret)}).status, 0);
    EXPECT_EQ(verify({token, QStringLiteral("--secret"), QString(32, u't')}).status, 1);
    EXPECT_EQ(verify({token, QStringLiteral("--secret"), QString::fromLatin1(secret), QStringLiteral("--algorithm"),
                      QStringLiteral("HS512")})
                  .status,
              1);
    EXPECT_EQ(verify({mint(), QStringLiteral("--secret"), QString::fromLatin1(secret)}).status, 1);
}

TEST_F(Verify, TakesTheEnvironmentsSecretOnlyWhereTheCommandLineNamesNoKeys)
{
    const QByteArray secret(32, 's');
    const QJsonObject claims{{QStringLiteral("iss"), QStringLiteral("https://a.example")},
                             {QStringLiteral("sub"), QStringLiteral("alice")}};
    const QString symmetric = QString::fromLatin1(Jose::signJwt({{QStringLiteral("alg"), QStringLiteral("HS256")}},
                                                                claims, Jose::keyFromSecret(Secret(secret)).value())
                                                      .value());
    const QString pem = file(QStringLiteral("key.pem"), m_issuer.signingKey().publicPem());
    const QString set = file(QStringLiteral("keys.json"), toJsonText(m_issuer.keySet()));
    qputenv("MCP_AUTH_SECRET", secret);
    EXPECT_EQ(verify({symmetric}).status, 0);
    EXPECT_EQ(verify({symmetric, QStringLiteral("--secret"), QString(32, u't')}).status, 1);
    for (const QStringList &keys : {QStringList{QStringLiteral("--key"), pem},
                                    {QStringLiteral("--jwks"), set},
                                    {QStringLiteral("--issuer"), m_issuer.issuer()}})
        EXPECT_EQ(verify(QStringList{mint()} + keys).status, 0) << keys.first().toStdString();
    qunsetenv("MCP_AUTH_SECRET");
    EXPECT_EQ(verify({symmetric}).status, 2);
}

TEST_F(Verify, ShowsNothingThatATerminalWouldObey)
{
    const QString pem = file(QStringLiteral("key.pem"), m_issuer.signingKey().publicPem());
    const QString hostile = QStringLiteral("a\u001b[2J\u009b2J\u202eb\u2028c");
    const QString token = mint({.claims = {{QStringLiteral("iss"), hostile}}});
    const QStringList words{token, QStringLiteral("--key"), pem, QStringLiteral("--issuer"), m_issuer.issuer()};
    const ProgramResult asJson = verify(words);
    EXPECT_EQ(json(asJson).value(u"claims")[QStringLiteral("iss")].toString(), hostile);
    const ProgramResult asText = runProgram(mcpAuthProgram(), QStringList{QStringLiteral("verify")} + words);
    for (const ProgramResult &result : {asJson, asText}) {
        EXPECT_EQ(result.status, 1);
        for (const QChar character : QString::fromUtf8(result.output)) {
            EXPECT_TRUE(character == u'\n' || (character.isPrint() && character != u'\u202e'))
                << int(character.unicode()) << ": " << result.output.constData();
        }
    }
}

TEST_F(Verify, SignatureOnlyLeavesThePayloadAlone)
{
    const Jose::Key key = m_issuer.signingKey();
    const QString pem = file(QStringLiteral("key.pem"), key.publicPem());
    const QByteArray token = Jose::signJws({}, QByteArrayView("\x00\xff no JSON", 10), key).value();
    EXPECT_EQ(
        verify({QString::fromLatin1(token), QStringLiteral("--key"), pem, QStringLiteral("--signature-only")}).status,
        0);
    EXPECT_EQ(verify({QString::fromLatin1(token), QStringLiteral("--key"), pem}).status, 1);
    const QByteArray changed =
        Jose::signJws({}, "other", Jose::generateKey(*Jose::findAlgorithm("ES256")).value()).value();
    EXPECT_EQ(
        verify({QString::fromLatin1(changed), QStringLiteral("--key"), pem, QStringLiteral("--signature-only")}).status,
        1);
}

TEST_F(Verify, ReadsTheTokenFromStandardInput)
{
    EXPECT_EQ(
        verify({QStringLiteral("-"), QStringLiteral("--issuer"), m_issuer.issuer()}, mint().toLatin1() + '\n').status,
        0);
}

TEST_F(Verify, BatchAnswersEachLineAsItComes)
{
    RunningProgram program(mcpAuthProgram(),
                           {QStringLiteral("verify"), QStringLiteral("--batch"), QStringLiteral("--issuer"),
                            m_issuer.issuer()}); // JSON without being asked for it
    program.write(' ' + mint().toLatin1() + " \r\n");
    EXPECT_EQ(parseJsonObject(program.readLine()).value().value(u"accepted"), QJsonValue(true));
    program.write("nonsense\n\n" + QByteArray(100'000, 'x') + "\n");
    EXPECT_EQ(parseJsonObject(program.readLine()).value().value(u"error"), QJsonValue(QStringLiteral("invalid_token")));
    EXPECT_EQ(parseJsonObject(program.readLine()).value().value(u"error"),
              QJsonValue(QStringLiteral("missing_bearer_token")));
    EXPECT_EQ(parseJsonObject(program.readLine()).value().value(u"accepted"), QJsonValue(false));
    program.closeInput();
    EXPECT_TRUE(program.readLine().isNull());
    EXPECT_EQ(program.terminate(), 0);
}

TEST_F(Verify, ASignatureOfAKeyThatTheSetLacksIsRefused)
{
    const QString set = file(QStringLiteral("keys.json"), toJsonText(m_issuer.keySet()));
    ASSERT_TRUE(m_issuer.rotateKeys(false));
    const ProgramResult result = verify({mint(), QStringLiteral("--jwks"), set, QStringLiteral("--signature-only")});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(outcome(json(result), QStringLiteral("key")), u"fail");
}

TEST_F(Verify, AnUnreachableIssuerIsStatus2WithOneLine)
{
    const QString token = mint();
    const QString gone = m_issuer.issuer();
    wait(m_issuer.stop());
    const QString jwks = gone + QStringLiteral("/jwks");
    for (const QStringList &keys :
         {QStringList{QStringLiteral("--issuer"), gone}, QStringList{QStringLiteral("--jwks"), jwks},
          QStringList{QStringLiteral("--jwks"), jwks, QStringLiteral("--signature-only")}}) {
        const ProgramResult result = verify(QStringList{token} + keys);
        EXPECT_EQ(result.status, 2);
        EXPECT_TRUE(json(result).contains(u"error")) << result.output.constData();
        EXPECT_FALSE(json(result).contains(u"accepted")) << "no verdict: the token was not judged";
        EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    }
}
