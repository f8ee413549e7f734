#include "jose/backend_p.h"
#include "testkeys.h"

#include <thread>

namespace McpAuth::Jose {
namespace {

using namespace Test;

/// The compact token with one of its decoded parts changed.
template<typename Change>
QByteArray changed(const QByteArray &token, int part, Change change)
{
    QByteArrayList parts = token.split('.');
    QByteArray bytes = decodeBase64Url(parts.at(part)).value();
    change(&bytes);
    parts[part] = encodeBase64Url(bytes);
    return parts.join('.');
}

QByteArray flipped(const QByteArray &token, int part, qsizetype at)
{
    return changed(token, part, [at](QByteArray *bytes) { (*bytes)[at] = static_cast<char>(bytes->at(at) ^ 1); });
}

QByteArray withSignature(const QByteArray &token, const QByteArray &signature)
{
    return token.first(token.lastIndexOf('.') + 1) + encodeBase64Url(signature);
}

QByteArray signatureOf(const QByteArray &token)
{
    return parseJws(token).value().signature;
}

// QCA's plugin is a package of its own: without it OpenSSL does QCA's part.
TEST(OpenSslBackend, DoesWhatQcaDoesToTheByte)
{
    for (const char *name : {"RS256", "RS384", "RS512", "HS256", "HS384", "HS512"}) {
        const Key key = keyFor(name);
        const Algorithm &algorithm = *findAlgorithm(name);
        const QByteArray input = "header.payload";
        const auto byQca = qcaBackend().sign(algorithm, *key.data(), input);
        const auto byOpenSsl = openSslBackend().sign(algorithm, *key.data(), input);
        ASSERT_TRUE(byQca && byOpenSsl) << name;
        EXPECT_EQ(*byQca, *byOpenSsl) << name;
        EXPECT_TRUE(openSslBackend().verify(algorithm, *key.data(), input, *byQca)) << name;
        QByteArray wrong = *byQca;
        wrong[3] = static_cast<char>(wrong[3] ^ 1);
        EXPECT_EQ(codeOf(openSslBackend().verify(algorithm, *key.data(), input, wrong)), u"signature_mismatch") << name;
        EXPECT_TRUE(openSslBackend().verify(algorithm, *key.data(), input, *byQca)) << name << " after a refusal";
        EXPECT_EQ(codeOf(openSslBackend().verify(algorithm, *key.data(), input, wrong.first(5))), u"signature_mismatch")
            << name;
    }
}

// RFC 9864 §2.2: EdDSA and the curve's own name mean the same signature.
TEST(EdwardsNames, StandForEachOther)
{
    const Key key = keyFor("Ed25519");
    for (const QByteArray tokenName : {"EdDSA", "Ed25519"}) {
        const QByteArray token = signedWith(tokenName, key.withAlg(tokenName));
        for (const QByteArray keyName : {"", "EdDSA", "Ed25519"})
            EXPECT_EQ(codeOf(verified(token, publicKey(key).withAlg(keyName))), QString())
                << tokenName.constData() << " with a key for " << keyName.constData();
        EXPECT_EQ(codeOf(verified(token, publicKey(key).withAlg("Ed448"))), u"algorithm_key_mismatch");
    }
    EXPECT_EQ(codeOf(verified(signedWith("Ed25519", key), publicKey(keyFor("Ed448")))), u"algorithm_key_mismatch");
}

class EveryAlgorithm : public testing::TestWithParam<QByteArray>
{
};

TEST_P(EveryAlgorithm, SignsAndVerifies)
{
    const Key key = keyFor(GetParam());
    const QByteArray token = signedWith(GetParam(), key);
    EXPECT_EQ(codeOf(verified(token, key)), QString());
    if (key.type() != KeyType::Oct) {
        EXPECT_EQ(codeOf(verified(token, publicKey(key))), QString());
    }
}

TEST_P(EveryAlgorithm, NoticesAChangeInEachPart)
{
    const Key key = keyFor(GetParam());
    const QByteArray token = signedWith(GetParam(), key, {{QStringLiteral("kid"), QStringLiteral("k1")}});
    const QByteArray otherHeader = changed(token, 0, [](QByteArray *header) { header->replace("k1", "k2"); });
    EXPECT_EQ(codeOf(verified(otherHeader, key)), u"signature_mismatch");
    EXPECT_EQ(codeOf(verified(flipped(token, 1, 8), key)), u"signature_mismatch");
    for (const qsizetype at : {qsizetype(0), signatureOf(token).size() / 2, signatureOf(token).size() - 1})
        EXPECT_EQ(codeOf(verified(flipped(token, 2, at), key)), u"signature_mismatch") << at;
}

TEST_P(EveryAlgorithm, RefusesSignaturesOfAnotherLength)
{
    const Key key = keyFor(GetParam());
    const QByteArray token = signedWith(GetParam(), key);
    const QByteArray signature = signatureOf(token);
    for (const QByteArray &other : {QByteArray(), signature.chopped(1), signature + '\0', '\0' + signature,
                                    signature.sliced(1), signature + signature})
        EXPECT_EQ(codeOf(verified(withSignature(token, other), key)), u"signature_mismatch") << other.size();
}

// CVE-2022-21449: r = s = 0 was valid for every message.
TEST_P(EveryAlgorithm, RefusesASignatureOfZeros)
{
    const Key key = keyFor(GetParam());
    const QByteArray token = signedWith(GetParam(), key);
    EXPECT_EQ(codeOf(verified(withSignature(token, QByteArray(signatureOf(token).size(), '\0')), key)),
              u"signature_mismatch");
}

TEST_P(EveryAlgorithm, RefusesAnotherKeyOfTheSameKind)
{
    const QByteArray token = signedWith(GetParam(), keyFor(GetParam()));
    const Key other = algorithm(GetParam()).keyType == KeyType::Rsa ? jwk(Vectors::bilboRsaKey)
                                                                    : generateKey(algorithm(GetParam())).value();
    EXPECT_EQ(codeOf(verified(token, other)), u"signature_mismatch");
}

TEST_P(EveryAlgorithm, MustBeAmongTheAllowed)
{
    const Key key = keyFor(GetParam());
    const Jws jws = parseJws(signedWith(GetParam(), key)).value();
    EXPECT_EQ(codeOf(verifySignature(jws, key, {})), u"algorithm_not_allowed");
    EXPECT_EQ(codeOf(verifySignature(jws, key, {GetParam().toLower()})), u"algorithm_not_allowed");
    EXPECT_EQ(codeOf(verifySignature(jws, key, {"XX256", GetParam()})), QString());
}

TEST_P(EveryAlgorithm, RefusesKeysOfEveryOtherKind)
{
    const Jws jws = parseJws(signedWith(GetParam(), keyFor(GetParam()))).value();
    for (const Algorithm &other : algorithms()) {
        const Key key = keyFor(other.name);
        const Curve wanted = algorithm(GetParam()).curve;
        if (key.type() == algorithm(GetParam()).keyType && (wanted == Curve::None || key.curve() == wanted))
            continue;
        EXPECT_EQ(codeOf(verifySignature(jws, key, {GetParam()})), u"algorithm_key_mismatch") << other.name.data();
    }
}

TEST_P(EveryAlgorithm, RefusesAKeyDeclaredForAnother)
{
    const Jws jws = parseJws(signedWith(GetParam(), keyFor(GetParam()))).value();
    const QByteArray another = GetParam() == "ES256" ? "ES384" : "ES256";
    EXPECT_EQ(codeOf(verifySignature(jws, keyFor(GetParam()).withAlg(another), {GetParam()})),
              u"algorithm_key_mismatch");
    EXPECT_EQ(codeOf(verifySignature(jws, keyFor(GetParam()).withAlg(GetParam()), {GetParam()})), QString());
}

QList<QByteArray> names()
{
    QList<QByteArray> list;
    for (const Algorithm &algorithm : algorithms())
        list.append(algorithm.name);
    return list;
}

INSTANTIATE_TEST_SUITE_P(Table, EveryAlgorithm, testing::ValuesIn(names()),
                         [](const auto &test) { return test.param.toStdString(); });

TEST(Algorithms, AreThoseOfTheDesign)
{
    EXPECT_EQ(names(), (QList<QByteArray>{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
                                          "ES512", "EdDSA", "Ed25519", "Ed448", "HS256", "HS384", "HS512"}));
    EXPECT_EQ(asymmetricAlgorithmNames().size(), 12);
    EXPECT_FALSE(asymmetricAlgorithmNames().contains("HS256"));
}

TEST(Algorithms, AreSpelledExactly)
{
    for (const char *name : {"rs256", "RS256 ", "Es256", "none", "RS1", "ES256K", "RSA-OAEP", ""})
        EXPECT_EQ(findAlgorithm(name), nullptr) << name;
}

TEST(Signature, Ed448Verifies)
{
    const Key key = jwk(Vectors::ed448Key);
    EXPECT_EQ(key.curve(), Curve::Ed448);
    const QByteArray token = signedWith("EdDSA", key);
    EXPECT_EQ(signatureOf(token).size(), 114);
    EXPECT_EQ(codeOf(verified(token, publicKey(key))), QString());
    EXPECT_EQ(codeOf(verified(flipped(token, 2, 50), key)), u"signature_mismatch");
    EXPECT_EQ(codeOf(verified(token, keyFor("EdDSA"))), u"signature_mismatch");
}

TEST(Signature, NoneIsRefusedInEverySpelling)
{
    for (const char *alg : {"none", "None", "NONE", "nOnE"}) {
        const Jws jws = parseJws(encodeBase64Url(QByteArray(R"({"alg":")") + alg + R"("})") + ".e30.").value();
        const auto result = verifySignature(jws, keyFor("RS256"), {"none", "RS256", alg});
        EXPECT_EQ(codeOf(result), u"unsupported_algorithm") << alg;
        EXPECT_TRUE(result.error().message.contains(u"not signed")) << alg;
    }
}

// RFC 8725 §2.1: the public key's text, which everybody has, as an HMAC secret.
TEST(Signature, ThePublicKeyIsNoSecret)
{
    const Key rsa = keyFor("RS256");
    EXPECT_EQ(codeOf(keyFromSecret(Secret(rsa.publicPem()))), u"invalid_key");
    const Key forgers = keyFromSecret(Secret(rsa.publicPem().simplified().replace("-----", ""))).value();
    const Jws forged = parseJws(signedWith("HS256", forgers)).value();
    EXPECT_EQ(codeOf(verifySignature(forged, rsa, {"RS256", "HS256"})), u"algorithm_key_mismatch");
    EXPECT_EQ(codeOf(verifySignature(forged, rsa, {"RS256"})), u"algorithm_not_allowed");
}

TEST(Signature, KeysInTheHeaderAreNotUsed)
{
    const Key mine = keyFor("ES256");
    const Key forgers = generateKey(algorithm("ES256")).value();
    const QByteArray token =
        signedWith("ES256", forgers,
                   {{QStringLiteral("jwk"), forgers.publicJwk()},
                    {QStringLiteral("jku"), QStringLiteral("https://forger.example/jwks")},
                    {QStringLiteral("x5u"), QStringLiteral("https://forger.example/cert")},
                    {QStringLiteral("x5c"), QJsonArray{QString::fromLatin1(certificate(forgers).toBase64())}}});
    EXPECT_EQ(codeOf(verified(token, mine)), u"signature_mismatch");
}

// RFC 7518 §3.4 wants r || s; many libraries hand out DER.
TEST(Ecdsa, RefusesDer)
{
    const QByteArray token = signedWith("ES256", keyFor("ES256"));
    const QByteArray raw = signatureOf(token);
    const auto integer = [](QByteArray number) {
        number.prepend('\0');
        return QByteArray("\x02") + static_cast<char>(number.size()) + number;
    };
    const QByteArray numbers = integer(raw.first(32)) + integer(raw.last(32));
    const QByteArray der = QByteArray("\x30") + static_cast<char>(numbers.size()) + numbers;
    EXPECT_EQ(codeOf(verified(withSignature(token, der), keyFor("ES256"))), u"signature_mismatch");
}

TEST(Ecdsa, RefusesNumbersOutOfRange)
{
    // The order n of P-256 (FIPS 186-4 D.1.2.3): r and s must lie in [1, n-1].
    const QByteArray order = QByteArray::fromHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    const QByteArray one = QByteArray(31, '\0') + '\1';
    const QByteArray zero(32, '\0');
    const QByteArray token = signedWith("ES256", keyFor("ES256"));
    for (const auto &[r, s] :
         {std::pair(zero, one), {one, zero}, {order, one}, {one, order}, {order, order}, {one, one}})
        EXPECT_EQ(codeOf(verified(withSignature(token, r + s), keyFor("ES256"))), u"signature_mismatch");
}

// RFC 8032 §5.1.7: s + L would be a second signature of the same message, L being the order of the group.
TEST(EdDsa, RefusesANumberOutOfRange)
{
    const QByteArray order = QByteArray::fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    const QByteArray token = signedWith("EdDSA", keyFor("EdDSA"));
    QByteArray signature = signatureOf(token);
    int carry = 0;
    for (qsizetype i = 0; i < order.size(); ++i) {
        carry += static_cast<quint8>(signature[32 + i]) + static_cast<quint8>(order[i]);
        signature[32 + i] = static_cast<char>(carry & 0xff);
        carry >>= 8;
    }
    EXPECT_EQ(codeOf(verified(withSignature(token, signature), keyFor("EdDSA"))), u"signature_mismatch");
}

TEST(Pss, RefusesPkcs1AndTheOtherWayRound)
{
    const Key key = keyFor("PS256");
    const QByteArray pss = signedWith("PS256", key);
    const QByteArray pkcs1 = signedWith("RS256", key);
    EXPECT_EQ(codeOf(verified(withSignature(pss, signatureOf(pkcs1)), key)), u"signature_mismatch");
    EXPECT_EQ(codeOf(verified(withSignature(pkcs1, signatureOf(pss)), key)), u"signature_mismatch");
}

// RFC 7518 §3.5: the salt is as long as the digest.
TEST(Pss, RefusesASaltOfAnotherLength)
{
    EVP_PKEY *evp = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048});
    const QByteArray header = encodedHeader(R"({"alg":"PS256"})") + ".e30";
    const auto sign = [&](int saltLength) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *options = nullptr;
        EVP_DigestSignInit(context, &options, EVP_sha256(), nullptr, evp);
        EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(options, saltLength);
        QByteArray signature(256, '\0');
        size_t size = 256;
        EVP_DigestSign(context, reinterpret_cast<unsigned char *>(signature.data()), &size,
                       reinterpret_cast<const unsigned char *>(header.data()), static_cast<size_t>(header.size()));
        EVP_MD_CTX_free(context);
        return header + '.' + encodeBase64Url(signature);
    };
    const QByteArray fitting = sign(32);
    const QByteArray shorter = sign(20);
    const QByteArray longer = sign(222);
    const Key key = keyFromPem(privatePem(evp)).value();
    EXPECT_EQ(codeOf(verified(fitting, key)), QString());
    EXPECT_EQ(codeOf(verified(shorter, key)), u"signature_mismatch");
    EXPECT_EQ(codeOf(verified(longer, key)), u"signature_mismatch");
}

// RFC 7518 §3.2: the secret is at least as long as the digest.
TEST(Hmac, RefusesShortSecrets)
{
    for (const auto &[alg, bytes] : {std::pair(QByteArray("HS256"), 32), {"HS384", 48}, {"HS512", 64}}) {
        const Key enough = keyFromSecret(Secret(QByteArray(bytes, 's'))).value();
        const Key tooShort = keyFromSecret(Secret(QByteArray(bytes - 1, 's'))).value();
        const Jws jws = parseJws(signedWith(alg, enough)).value();
        EXPECT_EQ(codeOf(verifySignature(jws, enough, {alg})), QString());
        EXPECT_EQ(codeOf(verifySignature(jws, tooShort, {alg})), u"key_too_small");
    }
}

TEST(KeyUse, DecidesWhatAKeyMayVerify)
{
    const auto verifiedWith = [](const QString &member, const QJsonValue &value) {
        QJsonObject described = keyFor("ES256").publicJwk();
        described.insert(member, value);
        return codeOf(verified(signedWith("ES256", keyFor("ES256")), keyFromJwk(described).value()));
    };
    const QString use = QStringLiteral("use");
    const QString operations = QStringLiteral("key_ops");
    EXPECT_EQ(verifiedWith(use, QStringLiteral("sig")), QString());
    EXPECT_EQ(verifiedWith(use, QStringLiteral("enc")), u"key_not_for_signatures");
    EXPECT_EQ(verifiedWith(operations, QJsonArray{QStringLiteral("verify")}), QString());
    EXPECT_EQ(verifiedWith(operations, QJsonArray{QStringLiteral("encrypt"), QStringLiteral("wrapKey")}),
              u"key_not_for_signatures");
}

TEST(Sign, PutsInAlgorithmAndKid)
{
    const Key key = generateKey(algorithm("ES384")).value();
    const Jws jws = parseJws(signJwt({}, {{QStringLiteral("sub"), QStringLiteral("alice")}}, key).value()).value();
    EXPECT_EQ(jws.alg, "ES384");
    EXPECT_EQ(jws.kid, key.kid());
    EXPECT_EQ(jws.header.value(u"typ").toString(), u"at+jwt");
    EXPECT_EQ(parseClaims(jws)->value(u"sub").toString(), u"alice");
}

TEST(Sign, KeepsWhatTheHeaderSays)
{
    const QJsonObject header{{QStringLiteral("alg"), QStringLiteral("PS512")},
                             {QStringLiteral("kid"), QStringLiteral("mine")},
                             {QStringLiteral("typ"), QStringLiteral("JWT")}};
    const Jws jws = parseJws(signJwt(header, {}, keyFor("RS256").withKid(QStringLiteral("other"))).value()).value();
    EXPECT_EQ(jws.header, header);
}

TEST(Sign, RefusesWhatCannotBeSigned)
{
    const auto code = [](const char *alg, const Key &key) {
        return codeOf(signJws({{QStringLiteral("alg"), QString::fromLatin1(alg)}}, "x", key));
    };
    EXPECT_EQ(code("ES256", publicKey(keyFor("ES256"))), u"key_not_private");
    EXPECT_EQ(code("ES256", Key()), u"key_not_private");
    EXPECT_EQ(code("none", keyFor("ES256")), u"unsupported_algorithm");
    EXPECT_EQ(code("ES384", keyFor("ES256")), u"algorithm_key_mismatch");
    EXPECT_EQ(code("HS512", keyFor("HS256")), u"algorithm_key_mismatch");
}

// A key is shared by threads, and so is what it is turned into when it is first used.
TEST(Signature, OneKeyServesManyThreads)
{
    for (const QByteArray alg : {"RS256", "PS256", "ES256", "EdDSA", "HS256"}) {
        const Key key = keyFromJwk(keyFor(alg).privateJwk()).value();
        const QByteArray token = signedWith(alg, keyFor(alg));
        std::atomic<int> right = 0;
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 25; ++n)
                    right += verified(token, key).has_value();
            });
        threads.clear();
        EXPECT_EQ(right, 100) << alg.data();
    }
}

} // namespace
} // namespace McpAuth::Jose
