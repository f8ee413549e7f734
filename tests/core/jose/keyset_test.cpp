#include "jose/keyset.h"
#include "testkeys.h"

#include <memory>
#include <openssl/bn.h>

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

TEST(KeySet, TellsOfKeysBeyondItsLimit)
{
    QJsonArray many;
    for (int i = 0; i < maxKeysInSet + 10; ++i)
        many.append(jwk(Vectors::ed25519Key).publicJwk());
    const auto set = parseKeySet(setOf(many));
    EXPECT_EQ(set->keys.size(), maxKeysInSet);
    EXPECT_EQ(set->leftOut, 10);
    const auto unknown = candidateKeys(*set, token("ES256", "x"));
    EXPECT_TRUE(unknown.error().message.contains(u"10 were not")) << unknown.error().message.toStdString();
}

/// The one key of this set, with what was passed over.
struct Lenient
{
    QList<Key> keys;
    QStringList remarks;
};

Lenient readWith(const QJsonObject &key, const char *changes)
{
    QJsonObject changed = key;
    const QJsonObject more = parseJsonObject(changes).value();
    for (auto member = more.begin(); member != more.end(); ++member)
        changed.insert(member.key(), member.value());
    const auto set = parseKeySet(setOf({changed}));
    EXPECT_TRUE(set->rejected.isEmpty()) << (set->rejected.isEmpty() ? "" : set->rejected[0].message.toStdString());
    Lenient result{.keys = set->keys, .remarks = {}};
    for (const Error &remark : set->remarks)
        result.remarks.append(remark.message);
    return result;
}

TEST(KeySet, NeverDropsAKeyForAMemberThatItDoesNotNeed) // RFC 7517 §4
{
    const QJsonObject key = named(keyFor("RS256"), "a");
    for (const char *unusual :
         {R"({"x5c":[]})", R"({"x5c":null})", R"({"x5t":null})", R"({"key_ops":[]})", R"({"key_ops":null})",
          R"({"alg":null})", R"({"use":null})", R"({"oth":[]})", R"({"d":null})", R"({"x5c":[""]})"}) {
        const Lenient read = readWith(key, unusual);
        ASSERT_EQ(read.keys.size(), 1) << unusual;
        EXPECT_EQ(read.keys[0].thumbprint(), keyFor("RS256").thumbprint()) << unusual;
    }
    EXPECT_EQ(readWith(key, R"({"kid":null})").keys.value(0).kid(), QString());
    EXPECT_TRUE(readWith(key, R"({"x5c":["bm8gY2VydGlmaWNhdGU"],"x-vendor":{}})").remarks.isEmpty());
}

TEST(KeySet, RemarksOnWhatItPassedOver)
{
    const QJsonObject key = named(keyFor("RS256"), "a");
    for (const auto &[unusual, member] :
         {std::pair(R"({"x5c":[]})", u"x5c"), {R"({"alg":null})", u"alg"}, {R"({"key_ops":[]})", u"key_ops"}}) {
        const QStringList remarks = readWith(key, unusual).remarks;
        ASSERT_EQ(remarks.size(), 1) << unusual;
        EXPECT_TRUE(remarks[0].contains(member)) << remarks[0].toStdString();
    }
}

TEST(KeySet, ZeroBytesBeforeAModulusDoNotCount) // RFC 7518 §2; Java's BigInteger writes one
{
    QJsonObject key = named(keyFor("RS256"), "a");
    const QByteArray modulus = decodeBase64Url(key.value(u"n").toString().toLatin1()).value();
    key.insert(QStringLiteral("n"), QString::fromLatin1(encodeBase64Url('\0' + modulus)));
    const Lenient read = readWith(key, "{}");
    ASSERT_EQ(read.keys.size(), 1);
    EXPECT_EQ(read.keys[0].thumbprint(), keyFor("RS256").thumbprint());
    EXPECT_EQ(read.remarks.size(), 1);
}

/// 1 modulo twice the product of the primes from 3 to 167: a power of 65537 modulo each of them.
QByteArray rocaModulus()
{
    using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
    const Number product(BN_new(), BN_free), modulus(BN_new(), BN_free), rest(BN_new(), BN_free);
    const std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> context(BN_CTX_new(), BN_CTX_free);
    BN_set_word(product.get(), 2);
    for (unsigned candidate = 3; candidate <= 167; candidate += 2) {
        unsigned divisor = 3;
        while (divisor * divisor <= candidate && candidate % divisor != 0)
            divisor += 2;
        if (divisor * divisor > candidate)
            BN_mul_word(product.get(), candidate);
    }
    BN_set_bit(modulus.get(), 2047);
    BN_mod(rest.get(), modulus.get(), product.get(), context.get());
    BN_sub(modulus.get(), modulus.get(), rest.get());
    BN_add(modulus.get(), modulus.get(), product.get());
    BN_add_word(modulus.get(), 1);
    QByteArray bytes(BN_num_bytes(modulus.get()), Qt::Uninitialized);
    BN_bn2bin(modulus.get(), reinterpret_cast<unsigned char *>(bytes.data()));
    return bytes;
}

TEST(KeySet, RefusesKeysOfAFaultyLibrary) // CVE-2017-15361
{
    const QJsonObject key{{QStringLiteral("kty"), QStringLiteral("RSA")},
                          {QStringLiteral("kid"), QStringLiteral("card")},
                          {QStringLiteral("n"), QString::fromLatin1(encodeBase64Url(rocaModulus()))},
                          {QStringLiteral("e"), QStringLiteral("AQAB")}};
    const auto set = parseKeySet(setOf({key}));
    ASSERT_EQ(set->rejected.size(), 1);
    EXPECT_TRUE(set->rejected[0].message.contains(u"ROCA")) << set->rejected[0].message.toStdString();
}

TEST(CandidateKeys, AKeyThatCannotBeUsedIsNamedWithItsReason)
{
    const QJsonObject odd{{QStringLiteral("kty"), QStringLiteral("RSA")},
                          {QStringLiteral("kid"), QStringLiteral("small")},
                          {QStringLiteral("n"), QString::fromLatin1(encodeBase64Url(QByteArray(128, '\xff')))},
                          {QStringLiteral("e"), QStringLiteral("AQAB")}};
    const auto set = parseKeySet(setOf({odd, named(keyFor("ES256"), "b")}));
    const auto small = candidateKeys(*set, token("RS256", "small"));
    EXPECT_EQ(codeOf(small), u"unusable_key");
    EXPECT_EQ(small.error().message, u"The key \"small\" is in the set but cannot be used: The RSA key has 1024 bits; "
                                     "at least 2048 are needed.");
    for (const char *kid : {"", "other"}) {
        const auto none = candidateKeys(*set, token("RS256", kid));
        EXPECT_EQ(codeOf(none), u"no_matching_key");
        EXPECT_TRUE(none.error().message.contains(u"1024 bits")) << none.error().message.toStdString();
    }
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
    EXPECT_EQ(codeOf(candidateKeys(QList{keyFor("RS256")}, token("none"))), u"unsupported_algorithm");
}

} // namespace
} // namespace McpAuth::Jose
