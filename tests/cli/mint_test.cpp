// mcp-auth mint, by its contract.
#include "jose/jwt.h"
#include "jose/key.h"
#include "running.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

ProgramResult mint(const QStringList &words, const QByteArray &input = {})
{
    return runProgram(mcpAuthProgram(), QStringList{u"mint"_s} + words, input);
}

QJsonObject claimsOf(const QByteArray &token)
{
    return Jose::parseJws(token.trimmed()).and_then(Jose::parseClaims).value_or(QJsonObject());
}

QJsonObject headerOf(const QByteArray &token)
{
    return Jose::parseJws(token.trimmed()).value_or(Jose::Jws()).header;
}

class Mint : public testing::Test
{
protected:
    QString file(const QString &name, const QByteArray &contents = {})
    {
        QFile file(m_folder.filePath(name));
        if (!contents.isNull()) {
            EXPECT_TRUE(file.open(QIODevice::WriteOnly));
            file.write(contents);
        }
        return file.fileName();
    }
    QString keyFile(const char *algorithm)
    {
        return file(u"key.jwk"_s, toJsonText(Jose::generateKey(*Jose::findAlgorithm(algorithm)).value().privateJwk()));
    }

private:
    QTemporaryDir m_folder;
};

} // namespace

TEST_F(Mint, SignsWithAFreshKeyThatVerifyCanBeTold)
{
    const QString keys = file(u"keys.json"_s);
    const ProgramResult minted = mint({u"--demo"_s, u"--jwks"_s, keys, u"--claim"_s, u"iss=https://issuer.example"_s,
                                       u"--claim"_s, u"sub=alice"_s, u"--claim"_s, u"scope=read write"_s});
    ASSERT_EQ(minted.status, 0) << minted.error.constData();
    EXPECT_EQ(minted.output.count('\n'), 1);
    EXPECT_EQ(claimsOf(minted.output).value(u"scope"), u"read write"_s);
    const ProgramResult verified =
        runProgram(mcpAuthProgram(), {u"verify"_s, u"-"_s, u"--jwks"_s, keys, u"--scope"_s, u"read"_s}, minted.output);
    EXPECT_EQ(verified.status, 0) << verified.output.constData() << verified.error.constData();
    QFile written(keys);
    ASSERT_TRUE(written.open(QIODevice::ReadOnly));
    EXPECT_FALSE(written.readAll().contains("\"d\"")) << "the private key is nobody's";
}

TEST_F(Mint, GivesTokenClaimsAndKeysAsJson)
{
    const ProgramResult minted = mint({u"--demo"_s, u"--format"_s, u"json"_s});
    ASSERT_EQ(minted.status, 0) << minted.error.constData();
    const QJsonObject document = parseJsonObject(minted.output).value();
    EXPECT_EQ(document.value(u"claims"), claimsOf(document.value(u"token").toString().toLatin1()));
    EXPECT_EQ(document.value(u"jwks")[u"keys"_s][0][u"kid"_s],
              headerOf(document.value(u"token").toString().toLatin1()).value(u"kid"));
}

TEST_F(Mint, ReadsValuesAsJsonWhereTheyAreJson)
{
    const ProgramResult minted =
        mint({u"--demo"_s, u"--claim"_s, u"aud=[\"a\",\"b\"]"_s, u"--claim"_s, u"n=7"_s, u"--claim"_s, u"sub=a=b"_s,
              u"--claim"_s, u"exp=null"_s, u"--header"_s, u"typ=JWT"_s});
    ASSERT_EQ(minted.status, 0) << minted.error.constData();
    const QJsonObject claims = claimsOf(minted.output);
    EXPECT_EQ(claims.value(u"aud"), (QJsonArray{u"a"_s, u"b"_s}));
    EXPECT_EQ(claims.value(u"n"), 7);
    EXPECT_EQ(claims.value(u"sub"), u"a=b"_s);
    EXPECT_FALSE(claims.contains(u"exp"));
    EXPECT_EQ(headerOf(minted.output).value(u"typ"), u"JWT"_s);
}

TEST_F(Mint, LivesAsLongAsItIsTold)
{
    const QJsonObject claims = claimsOf(mint({u"--demo"_s, u"--lifetime"_s, u"-60"_s}).output);
    EXPECT_EQ(claims.value(u"exp").toInteger() - claims.value(u"iat").toInteger(), -60);
}

TEST_F(Mint, SignsWithTheUsersKey)
{
    const QString key = keyFile("RS256");
    const ProgramResult minted = mint({u"--key"_s, key, u"--claim"_s, u"sub=alice"_s, u"--claim"_s, u"iss=i"_s});
    ASSERT_EQ(minted.status, 0) << minted.error.constData();
    EXPECT_EQ(headerOf(minted.output).value(u"alg"), u"RS256"_s);
    const ProgramResult verified = runProgram(mcpAuthProgram(), {u"verify"_s, u"-"_s, u"--key"_s, key}, minted.output);
    EXPECT_EQ(verified.status, 0) << verified.output.constData();
}

TEST_F(Mint, UsesTheAlgorithmThatItIsTold)
{
    EXPECT_EQ(headerOf(mint({u"--demo"_s, u"--algorithm"_s, u"EdDSA"_s}).output).value(u"alg"), u"EdDSA"_s);
}

TEST_F(Mint, RefusesWhatCannotSign)
{
    const QString publicKey =
        file(u"public.jwk"_s, toJsonText(Jose::generateKey(*Jose::findAlgorithm("ES256")).value().publicJwk()));
    const QList<QStringList> wrong{{u"--key"_s, publicKey},
                                   {u"--key"_s, keyFile("ES256"), u"--algorithm"_s, u"RS256"_s},
                                   {u"--demo"_s, u"--algorithm"_s, u"none"_s},
                                   {u"--demo"_s, u"--claim"_s, u"sub"_s},
                                   {u"--demo"_s, u"--key"_s, publicKey},
                                   {u"--demo"_s, u"--jwks"_s, u"/nonexistent/keys.json"_s},
                                   {}};
    for (const QStringList &words : wrong) {
        const ProgramResult result = mint(words);
        EXPECT_EQ(result.status, 2) << words.join(u' ').toStdString();
        EXPECT_EQ(result.output, "");
        EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    }
}
