#include "jose/keyset.h"
#include "testkeys.h"

namespace McpAuth::Jose {
namespace {

using namespace Test;

QJsonObject setOf(const QJsonArray &keys)
{
    return {{QStringLiteral("keys"), keys}};
}

QJsonObject named(const Key &key, const char *kid)
{
    return key.withKid(QString::fromLatin1(kid)).publicJwk();
}

Jws token(const QByteArray &alg, const char *kid = "")
{
    return Jws{
        .header = {}, .alg = alg, .kid = QString::fromLatin1(kid), .payload = {}, .signature = {}, .signingInput = {}};
}

QStringList kids(const Result<QList<Key>> &keys)
{
    QStringList list;
    for (const Key &key : keys.value_or(QList<Key>()))
        list.append(key.kid());
    return list;
}

TEST(KeySet, NeedsAListOfKeys)
{
    EXPECT_EQ(codeOf(parseKeySet({})), u"invalid_key_set");
    EXPECT_EQ(codeOf(parseKeySet({{QStringLiteral("keys"), QJsonObject()}})), u"invalid_key_set");
    EXPECT_TRUE(parseKeySet(setOf({}))->keys.isEmpty());
}

// RFC 7517 §5: what is not understood is ignored; the rest is used.
TEST(KeySet, LeavesOutWhatCannotBeUsed)
{
    const QJsonObject foreign{{QStringLiteral("kty"), QStringLiteral("AKP")},
                              {QStringLiteral("kid"), QStringLiteral("pq")}};
    const auto set = parseKeySet(setOf({named(keyFor("ES256"), "a"), foreign, QStringLiteral("text"),
                                        json(Vectors::a1Key), named(keyFor("EdDSA"), "b")}));
    ASSERT_TRUE(set);
    EXPECT_EQ(kids(set->keys), (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
    ASSERT_EQ(set->rejected.size(), 3);
    EXPECT_EQ(set->rejected.at(0).code, u"unsupported_key");
    EXPECT_EQ(set->rejected.at(0).details.value(u"index").toInt(), 1);
    EXPECT_EQ(set->rejected.at(0).details.value(u"kid").toString(), u"pq");
    EXPECT_EQ(set->rejected.at(1).code, u"invalid_key");
    EXPECT_EQ(set->rejected.at(2).code, u"unsupported_key"); // a published secret is none
}

TEST(KeySet, TakesOnlyThePublicHalf)
{
    const auto set = parseKeySet(setOf({json(Vectors::a2Key), json(Vectors::a3Key)}));
    ASSERT_EQ(set->keys.size(), 2);
    for (const Key &key : set->keys)
        EXPECT_FALSE(key.isPrivate());
}

TEST(KeySet, IsRead256KeysFar)
{
    QJsonArray many;
    for (int i = 0; i < maxKeysInSet + 10; ++i)
        many.append(jwk(Vectors::ed25519Key).publicJwk());
    EXPECT_EQ(parseKeySet(setOf(many))->keys.size(), maxKeysInSet);
}

TEST(CandidateKeys, AreChosenByKid)
{
    const auto set = parseKeySet(setOf({named(keyFor("ES256"), "a"), named(keyFor("ES256"), "b")}));
    EXPECT_EQ(kids(candidateKeys(set->keys, token("ES256", "b"))), QStringList{QStringLiteral("b")});
    const auto unknown = candidateKeys(set->keys, token("ES256", "c"));
    EXPECT_EQ(codeOf(unknown), u"no_matching_key");
    EXPECT_EQ(unknown.error().details.value(u"kid").toString(), u"c");
}

TEST(CandidateKeys, OfOneKidAreToldApartByTheirKind)
{
    const auto set = parseKeySet(setOf({named(keyFor("RS256"), "a"), named(keyFor("ES256"), "a")}));
    const auto keys = candidateKeys(set->keys, token("ES256", "a"));
    ASSERT_EQ(keys->size(), 1);
    EXPECT_EQ(keys->first().type(), KeyType::Ec);
    EXPECT_EQ(codeOf(candidateKeys(set->keys, token("EdDSA", "a"))), u"algorithm_key_mismatch");
}

TEST(CandidateKeys, WithoutAKidAreAllThatFit)
{
    QJsonObject forEncryption = named(keyFor("RS256"), "enc");
    forEncryption.insert(QStringLiteral("use"), QStringLiteral("enc"));
    const QJsonObject forPss = keyFor("RS256").withKid(QStringLiteral("ps")).withAlg("PS256").publicJwk();
    const auto set =
        parseKeySet(setOf({forEncryption, forPss, named(keyFor("RS256"), "a"), named(keyFor("ES256"), "b")}));
    EXPECT_EQ(kids(candidateKeys(set->keys, token("RS256"))), QStringList{QStringLiteral("a")});
    EXPECT_EQ(kids(candidateKeys(set->keys, token("PS256"))), (QStringList{QStringLiteral("ps"), QStringLiteral("a")}));
    EXPECT_EQ(codeOf(candidateKeys(set->keys, token("EdDSA"))), u"no_matching_key");
}

TEST(CandidateKeys, AreAtMostEight)
{
    const QList<Key> many(20, publicKey(keyFor("ES256")));
    EXPECT_EQ(candidateKeys(many, token("ES256"))->size(), maxCandidateKeys);
}

TEST(CandidateKeys, WithoutANameServeAnyKid)
{
    const QList<Key> fromPem{keyFromPem(keyFor("ES256").publicPem()).value()};
    EXPECT_EQ(candidateKeys(fromPem, token("ES256", "whatever"))->size(), 1);
    EXPECT_EQ(codeOf(candidateKeys(fromPem, token("ES384", "whatever"))), u"no_matching_key");
}

TEST(CandidateKeys, HmacNeedsAKeyGivenByHand)
{
    const QList<Key> given{keyFor("HS256")};
    EXPECT_EQ(candidateKeys(given, token("HS256"))->size(), 1);
    const auto set = parseKeySet(setOf({keyFor("HS256").privateJwk(), named(keyFor("RS256"), "a")}));
    EXPECT_EQ(codeOf(candidateKeys(set->keys, token("HS256"))), u"no_matching_key");
    EXPECT_EQ(codeOf(candidateKeys(set->keys, token("HS256", "a"))), u"algorithm_key_mismatch");
}

TEST(CandidateKeys, NeedAnAlgorithm)
{
    EXPECT_EQ(codeOf(candidateKeys({keyFor("RS256")}, token("none"))), u"unsupported_algorithm");
}

} // namespace
} // namespace McpAuth::Jose
