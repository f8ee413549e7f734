// Keys and signatures both ways between this library and panva/jose.
#include "base/json.h"
#include "interop/node.h"
#include "jose/keyset.h"
#include "jose/sign.h"
#include "jose/verify.h"

#include <QJsonArray>
#include <QTemporaryDir>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

using Jose::Key;

class JoseInterop : public Interop
{
protected:
    /// What jose makes: keys in every form, and a token of each.
    static QList<QJsonObject> made(bool symmetric)
    {
        QList<QJsonObject> lines = runScript(u"jose.mjs"_s, {u"make"_s});
        lines.removeIf([&](const QJsonObject &line) { return line.contains(u"secret") != symmetric; });
        return lines;
    }
};

QString codeOfVerifying(const QByteArray &token, const Key &key, const QByteArray &alg)
{
    return codeOf(Jose::parseJws(token).and_then(
        [&](const Jose::Jws &jws) -> Result<> { return Jose::verifySignature(jws, key, {alg}); }));
}

QByteArray bytes(const QJsonObject &object, QStringView member)
{
    return object.value(member).toString().toUtf8();
}

/// What jose is asked to check: a token that this library signed, and the key in the forms that jose reads.
QJsonObject question(const QByteArray &alg, const Key &key, const QByteArray &payload)
{
    const QJsonObject jwk = key.type() == Jose::KeyType::Oct ? key.privateJwk() : key.publicJwk();
    QJsonObject line{
        {u"alg"_s, QString::fromLatin1(alg)},
        {u"token"_s, QString::fromLatin1(
                         Jose::signJws({{u"alg"_s, QString::fromLatin1(alg)}}, payload, key).value_or(QByteArray()))},
        {u"jwk"_s, jwk},
        {u"privateJwk"_s, key.privateJwk()}};
    if (const QByteArray pem = key.publicPem(); !pem.isEmpty())
        line.insert(u"spki"_s, QString::fromLatin1(pem));
    return line;
}

const QByteArray payload = "{\"sub\":\"Zo\u00eb\"}";

/// jose verifies our token with our key in both forms, calls the key by the same name, and signs with it what we take.
void expectUnderstood(const QByteArray &alg, const Key &key, const QJsonObject &answer)
{
    SCOPED_TRACE(alg.toStdString() + ' ' + Jose::toString(key.curve()).toStdString());
    EXPECT_EQ(bytes(answer, u"payload"), payload) << bytes(answer, u"error").constData();
    EXPECT_EQ(bytes(answer, u"payloadBySpki"), key.type() == Jose::KeyType::Oct ? QByteArray() : payload);
    EXPECT_EQ(bytes(answer, u"thumbprint"), key.thumbprint());
    EXPECT_EQ(codeOfVerifying(bytes(answer, u"token"), key, alg), u"");
}

void expectAllUnderstood(const QList<std::pair<QByteArray, Key>> &keys)
{
    QByteArray questions;
    for (const auto &[alg, key] : keys)
        questions += toJsonText(question(alg, key, payload)) + '\n';
    const QList<QJsonObject> answers = runScript(u"jose.mjs"_s, {u"check"_s}, questions);
    ASSERT_EQ(answers.size(), keys.size());
    for (qsizetype i = 0; i < keys.size(); ++i)
        expectUnderstood(keys.at(i).first, keys.at(i).second, answers.at(i));
}

} // namespace

TEST_F(JoseInterop, KeysOfJoseAreReadInEveryForm)
{
    const QList<QJsonObject> lines = made(false);
    ASSERT_EQ(lines.size(), 11); // nine of RSA and EC, Ed25519, Ed448
    for (const QJsonObject &line : lines) {
        const QByteArray alg = bytes(line, u"alg");
        SCOPED_TRACE(toJsonText(line.value(u"jwk").toObject()).toStdString());
        for (const auto &key :
             {Jose::keyFromJwk(line.value(u"jwk").toObject()), Jose::keyFromJwk(line.value(u"privateJwk").toObject()),
              Jose::keyFromPem(bytes(line, u"spki")), Jose::keyFromPem(bytes(line, u"pkcs8"))}) {
            ASSERT_EQ(codeOf(key), u"");
            EXPECT_EQ(key->thumbprint(), bytes(line, u"thumbprint"));
            EXPECT_EQ(codeOfVerifying(bytes(line, u"token"), *key, alg), u"");
        }
        EXPECT_TRUE(Jose::keyFromPem(bytes(line, u"pkcs8"))->isPrivate());
        EXPECT_FALSE(Jose::keyFromPem(bytes(line, u"spki"))->isPrivate());
    }
}

TEST_F(JoseInterop, TokensOfJoseAreAcceptedByTheCommand)
{
    QTemporaryDir folder;
    QFile file(folder.filePath(u"keys.json"_s));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    QJsonArray keys;
    QByteArray tokens;
    for (const QJsonObject &line : made(false)) {
        keys.append(line.value(u"jwk"));
        tokens += bytes(line, u"token") + '\n';
    }
    file.write(toJsonText(QJsonObject{{u"keys"_s, keys}}));
    file.close();
    const auto verdicts = mcpAuthLines({u"verify"_s, u"--batch"_s, u"--jwks"_s, file.fileName()}, tokens);
    ASSERT_EQ(verdicts.size(), keys.size());
    for (const QJsonObject &verdict : verdicts) {
        EXPECT_TRUE(verdict.value(u"accepted").toBool()) << toJsonText(verdict).constData();
        EXPECT_EQ(verdict.value(u"claims")[u"name"_s].toString(), u"Zoë 🔑"_s);
    }
}

TEST_F(JoseInterop, HmacOfJoseIsAcceptedWithTheSecretAndOnlyWithIt)
{
    const QList<QJsonObject> lines = made(true);
    ASSERT_EQ(lines.size(), 3);
    QByteArray tokens;
    for (const QJsonObject &line : lines)
        tokens += bytes(line, u"token") + '\n';
    const QString secret = lines.first().value(u"secret").toString();
    for (const bool right : {true, false}) {
        const auto verdicts =
            mcpAuthLines({u"verify"_s, u"--batch"_s, u"--secret"_s, right ? secret : secret.toUpper()}, tokens);
        ASSERT_EQ(verdicts.size(), 3);
        for (const QJsonObject &verdict : verdicts)
            EXPECT_EQ(verdict.value(u"accepted").toBool(), right) << toJsonText(verdict).constData();
    }
}

TEST_F(JoseInterop, JoseVerifiesEveryAlgorithmThatIsSignedHere)
{
    QList<std::pair<QByteArray, Key>> keys;
    for (const Jose::Algorithm &algorithm : Jose::algorithms()) {
        const auto key = Jose::generateKey(algorithm);
        ASSERT_EQ(codeOf(key), u"");
        keys.append({algorithm.name, *key});
    }
    expectAllUnderstood(keys);
}

TEST_F(JoseInterop, JoseVerifiesWhatItsOwnKeysSignedHere)
{
    QList<std::pair<QByteArray, Key>> keys;
    for (const QJsonObject &line : made(false)) {
        for (const auto &key :
             {Jose::keyFromPem(bytes(line, u"pkcs8")), Jose::keyFromJwk(line.value(u"privateJwk").toObject())}) {
            ASSERT_EQ(codeOf(key), u"");
            keys.append({bytes(line, u"alg"), *key});
        }
    }
    expectAllUnderstood(keys);
}
