#include "testkeys.h"

#include <openssl/rsa.h>

namespace McpAuth::Jose {
namespace {

using namespace Test;

QString text(const QByteArray &bytes)
{
    return QString::fromLatin1(encodeBase64Url(bytes));
}

QByteArray member(const QJsonObject &key, const char *name)
{
    return decodeBase64Url(key.value(QLatin1StringView(name)).toString().toLatin1()).value();
}

QString codeWith(QJsonObject key, const char *name, const QJsonValue &value)
{
    key.insert(QLatin1StringView(name), value);
    return codeOf(keyFromJwk(key));
}

QString codeWithout(QJsonObject key, const char *name)
{
    key.remove(QLatin1StringView(name));
    return codeOf(keyFromJwk(key));
}

QJsonObject publicRsa()
{
    return jwk(Vectors::a2Key).publicJwk();
}

QJsonObject publicEc()
{
    return jwk(Vectors::a3Key).publicJwk();
}

TEST(NullKey, IsHarmless)
{
    const Key key;
    EXPECT_TRUE(key.isNull());
    EXPECT_FALSE(key.isPrivate());
    EXPECT_TRUE(key.publicJwk().isEmpty());
    EXPECT_TRUE(key.privateJwk().isEmpty());
    EXPECT_TRUE(key.publicPem().isEmpty());
    EXPECT_TRUE(key.thumbprint().isEmpty());
    EXPECT_TRUE(key.withKid(QStringLiteral("k")).isNull());
    EXPECT_EQ(codeOf(key.fits(algorithm("RS256"))), u"algorithm_key_mismatch");
}

TEST(Jwk, NeedsAKnownType)
{
    EXPECT_EQ(codeOf(keyFromJwk({})), u"invalid_key");
    EXPECT_EQ(codeWith(publicRsa(), "kty", 1), u"invalid_key");
    EXPECT_EQ(codeWith(publicRsa(), "kty", QStringLiteral("rsa")), u"unsupported_key");
    EXPECT_EQ(codeWith(publicRsa(), "kty", QStringLiteral("AKP")), u"unsupported_key");
    EXPECT_EQ(codeOf(keyFromJwk({{QStringLiteral("keys"), QJsonArray()}})), u"invalid_key");
}

TEST(Jwk, DescriptionsMustHaveTheirTypes)
{
    EXPECT_EQ(codeWith(publicEc(), "kid", 1), u"invalid_key");
    EXPECT_EQ(codeWith(publicEc(), "use", QJsonArray()), u"invalid_key");
    EXPECT_EQ(codeWith(publicEc(), "alg", 256), u"invalid_key");
    EXPECT_EQ(codeWith(publicEc(), "key_ops", QStringLiteral("verify")), u"invalid_key");
    EXPECT_EQ(codeWith(publicEc(), "key_ops", QJsonArray{QStringLiteral("verify"), QStringLiteral("verify")}),
              u"invalid_key");
}

TEST(RsaJwk, ChecksModulusAndExponent)
{
    const QByteArray n = member(publicRsa(), "n");
    EXPECT_EQ(codeWithout(publicRsa(), "n"), u"invalid_key");
    EXPECT_EQ(codeWithout(publicRsa(), "e"), u"invalid_key");
    EXPECT_EQ(codeWith(publicRsa(), "n", 5), u"invalid_key");
    EXPECT_EQ(codeWith(publicRsa(), "n", text(n) + u'='), u"invalid_key");
    EXPECT_EQ(codeWith(publicRsa(), "n", QStringLiteral("")), u"invalid_key");
    EXPECT_EQ(codeWith(publicRsa(), "n", text('\0' + n)), u"invalid_key");
    QByteArray even = n;
    even.back() = static_cast<char>(even.back() & ~1);
    EXPECT_EQ(codeWith(publicRsa(), "n", text(even)), u"invalid_key");
    for (const QByteArray &e :
         {QByteArray(1, '\0'), QByteArray(1, '\1'), QByteArray(1, '\4'), QByteArray("\0\1\0\1", 4)})
        EXPECT_EQ(codeWith(publicRsa(), "e", text(e)), u"invalid_key") << e.toHex().data();
    EXPECT_EQ(codeWith(publicRsa(), "e", text(QByteArray(9, '\1'))), u"unsupported_key");
    EXPECT_EQ(codeWith(publicRsa(), "e", text(QByteArray(1, '\3'))), QString());
}

TEST(RsaJwk, HasBetween2048And16384Bits)
{
    const auto modulus = [](int bytes) { return text(QByteArray(bytes, '\xff')); };
    EXPECT_EQ(codeWith(publicRsa(), "n", modulus(128)), u"key_too_small");
    EXPECT_EQ(codeWith(publicRsa(), "n", text('\x7f' + QByteArray(255, '\xff'))), u"key_too_small"); // 2047
    EXPECT_EQ(codeWith(publicRsa(), "n", modulus(256)), QString());
    EXPECT_EQ(codeWith(publicRsa(), "n", modulus(2048)), QString());
    EXPECT_EQ(codeWith(publicRsa(), "n", modulus(2049)), u"unsupported_key");
}

TEST(RsaJwk, PrivateMembersMustBeWhole)
{
    const QJsonObject key = json(Vectors::a2Key);
    for (const char *name : {"d", "p", "q", "dp", "dq", "qi"})
        EXPECT_EQ(codeWithout(key, name), u"invalid_key") << name;
    EXPECT_EQ(codeWith(key, "oth", QJsonArray()), u"unsupported_key");
}

TEST(RsaJwk, PrivateMembersMustBelongToThePublicOnes)
{
    const QJsonObject key = json(Vectors::a2Key);
    for (const char *name : {"d", "p", "q"}) {
        QByteArray bytes = member(key, name);
        bytes[10] = static_cast<char>(bytes[10] ^ 4);
        EXPECT_EQ(codeWith(key, name, text(bytes)), u"invalid_key") << name;
    }
}

// RFC 7518 §6.2.1.2: coordinates have the curve's full size.
TEST(EcJwk, CoordinatesHaveTheFullSize)
{
    const QByteArray x = member(publicEc(), "x");
    EXPECT_EQ(codeWith(publicEc(), "x", text(x.sliced(1))), u"invalid_key");
    EXPECT_EQ(codeWith(publicEc(), "x", text('\0' + x)), u"invalid_key");
    EXPECT_EQ(codeWithout(publicEc(), "x"), u"invalid_key");
    EXPECT_EQ(codeWithout(publicEc(), "y"), u"invalid_key");
    EXPECT_EQ(codeWith(json(Vectors::a3Key), "d", text(QByteArray(31, '\1'))), u"invalid_key");
}

TEST(EcJwk, ThePointMustBeOnTheCurve)
{
    QByteArray y = member(publicEc(), "y");
    y.back() = static_cast<char>(y.back() ^ 1);
    EXPECT_EQ(codeWith(publicEc(), "y", text(y)), u"invalid_key");
    EXPECT_EQ(codeWith(publicEc(), "x", text(QByteArray(32, '\xff'))), u"invalid_key");
    QJsonObject origin = publicEc();
    origin.insert(QStringLiteral("x"), text(QByteArray(32, '\0')));
    EXPECT_EQ(codeWith(origin, "y", text(QByteArray(32, '\0'))), u"invalid_key");
}

TEST(EcJwk, TheCurveMustBeKnown)
{
    EXPECT_EQ(codeWith(publicEc(), "crv", QStringLiteral("secp256k1")), u"unsupported_key");
    EXPECT_EQ(codeWith(publicEc(), "crv", QStringLiteral("Ed25519")), u"unsupported_key");
    EXPECT_EQ(codeWith(publicEc(), "crv", QStringLiteral("P-384")), u"invalid_key");
    EXPECT_EQ(codeWithout(publicEc(), "crv"), u"invalid_key");
}

TEST(EcJwk, ThePrivateMemberMustBelongToThePoint)
{
    const QByteArray other = member(generateKey(algorithm("ES256"))->privateJwk(), "d");
    EXPECT_EQ(codeWith(json(Vectors::a3Key), "d", text(other)), u"invalid_key");
    EXPECT_EQ(codeWith(json(Vectors::a3Key), "d", text(QByteArray(32, '\0'))), u"invalid_key");
    EXPECT_EQ(codeWith(json(Vectors::a3Key), "d", text(QByteArray(32, '\xff'))), u"invalid_key");
}

TEST(OkpJwk, ChecksSizesAndCurve)
{
    const QJsonObject key = jwk(Vectors::ed25519Key).publicJwk();
    EXPECT_EQ(codeWith(key, "x", text(QByteArray(31, '\1'))), u"invalid_key");
    EXPECT_EQ(codeWith(key, "x", text(QByteArray(33, '\1'))), u"invalid_key");
    EXPECT_EQ(codeWith(key, "crv", QStringLiteral("Ed448")), u"invalid_key");
    EXPECT_EQ(codeWith(key, "crv", QStringLiteral("X25519")), u"unsupported_key");
    EXPECT_EQ(codeWith(json(Vectors::ed25519Key), "d", text(QByteArray(32, '\1'))), u"invalid_key");
    EXPECT_EQ(codeWith(json(Vectors::ed25519Key), "d", text(QByteArray(31, '\1'))), u"invalid_key");
}

QString codeOfPoint(const char *curve, QByteArray littleEndian)
{
    littleEndian.append(QByteArray((curve == QByteArrayView("Ed448") ? 57 : 32) - littleEndian.size(), '\0'));
    return codeOf(keyFromJwk({{QStringLiteral("kty"), QStringLiteral("OKP")},
                              {QStringLiteral("crv"), QString::fromLatin1(curve)},
                              {QStringLiteral("x"), text(littleEndian)}}));
}

// RFC 8032 §5.1.3, §5.2.3
TEST(OkpJwk, ThePointMustBeOnTheCurve)
{
    for (const char *curve : {"Ed25519", "Ed448"}) {
        EXPECT_EQ(codeOfPoint(curve, QByteArray(1, '\3')), QString()) << curve;
        EXPECT_EQ(codeOfPoint(curve, QByteArray(1, '\2')), u"invalid_key") << curve;
    }
    // y is a number below the prime: 2^255 - 19 + 3 is another spelling of 3.
    EXPECT_EQ(codeOfPoint("Ed25519", '\xf0' + QByteArray(30, '\xff') + '\x7f'), u"invalid_key");
    EXPECT_EQ(codeOfPoint("Ed448", QByteArray(56, '\xff')), u"invalid_key");
    EXPECT_EQ(codeOfPoint("Ed448", QByteArray(1, '\3') + QByteArray(55, '\0') + '\1'), u"invalid_key");
}

// Under these a signature of s = 0 holds for any message, or for one in a few.
TEST(OkpJwk, ThePointIsNotOneOfSmallOrder)
{
    const QByteArray ed25519[]{
        "00",
        "01",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    for (const QByteArray &point : ed25519) {
        QByteArray bytes = QByteArray::fromHex(point);
        EXPECT_EQ(codeOfPoint("Ed25519", bytes), u"invalid_key") << point.constData();
        bytes.append(QByteArray(32 - bytes.size(), '\0'));
        bytes.back() = static_cast<char>(bytes.back() | 0x80); // the other sign of x
        EXPECT_EQ(codeOfPoint("Ed25519", bytes), u"invalid_key") << point.constData();
    }
    const QByteArray ff(27, '\xff');
    for (const QByteArray &point : {QByteArray(1, '\0'), QByteArray(1, '\1'), '\xfe' + ff + '\xfe' + ff}) // 0, 1, p - 1
        EXPECT_EQ(codeOfPoint("Ed448", point), u"invalid_key") << point.toHex().constData();
}

TEST(OctJwk, IsNotEmpty)
{
    EXPECT_EQ(codeWith(json(Vectors::a1Key), "k", QStringLiteral("")), u"invalid_key");
    EXPECT_EQ(codeWithout(json(Vectors::a1Key), "k"), u"invalid_key");
    EXPECT_EQ(codeOf(keyFromSecret(Secret())), u"invalid_key");
}

TEST(PublicJwk, HoldsNoPrivateMember)
{
    for (const Algorithm &algorithm : algorithms()) {
        const QJsonObject exported = generateKey(algorithm)->publicJwk();
        for (const char *name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
            EXPECT_FALSE(exported.contains(QLatin1StringView(name))) << algorithm.name.data() << ' ' << name;
    }
}

TEST(PublicJwk, SaysVerifyWhereThePrivateKeySaysSign)
{
    QJsonObject key = json(Vectors::a3Key);
    key.insert(QStringLiteral("key_ops"), QJsonArray{QStringLiteral("sign")});
    const Key signer = keyFromJwk(key).value();
    EXPECT_EQ(signer.publicJwk().value(u"key_ops").toArray(), QJsonArray{QStringLiteral("verify")});
    EXPECT_EQ(codeOf(verified(signedWith("ES256", signer), publicKey(signer))), QString());
    EXPECT_EQ(codeOf(signer.fits(algorithm("ES256"))), u"key_not_for_signatures");
}

class KeyTexts : public testing::TestWithParam<QByteArray>
{
};

TEST_P(KeyTexts, RoundTripThroughJwkAndPem)
{
    const Key key = keyFor(GetParam());
    const Key fromJwk = keyFromText(toJsonText(key.privateJwk())).value();
    EXPECT_EQ(fromJwk.privateJwk(), key.privateJwk());
    EXPECT_TRUE(fromJwk.isPrivate());
    const Key fromPem = keyFromText(key.publicPem()).value();
    EXPECT_EQ(fromPem.publicJwk(), key.publicJwk());
    EXPECT_FALSE(fromPem.isPrivate());
    EXPECT_EQ(fromPem.thumbprint(), key.thumbprint());
    EXPECT_EQ(fromPem.bits(), key.bits());
}

INSTANTIATE_TEST_SUITE_P(Kinds, KeyTexts, testing::Values("RS256", "ES256", "ES384", "ES512", "EdDSA"),
                         [](const auto &test) { return test.param.toStdString(); });

TEST(GeneratedKey, CarriesItsNames)
{
    const Key key = generateKey(algorithm("ES256")).value();
    EXPECT_EQ(key.alg(), "ES256");
    EXPECT_EQ(key.use(), u"sig");
    EXPECT_EQ(key.kid().toLatin1(), key.thumbprint());
    EXPECT_TRUE(key.isPrivate());
    EXPECT_EQ(generateKey(algorithm("RS256"))->bits(), 2048);
    EXPECT_EQ(generateKey(algorithm("HS512"))->bits(), 512);
    EXPECT_EQ(generateKey(algorithm("EdDSA"))->curve(), Curve::Ed25519);
}

QByteArray written(EVP_PKEY *key, auto write)
{
    BIO *bio = BIO_new(BIO_s_mem());
    write(bio, key);
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    const QByteArray pem(data, size);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

void writeTraditional(BIO *bio, EVP_PKEY *key)
{
    PEM_write_bio_PrivateKey_traditional(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
}

QByteArray pemBlock(const QByteArray &label, const QByteArray &der)
{
    return "-----BEGIN " + label + "-----\n" + der.toBase64() + "\n-----END " + label + "-----\n";
}

TEST(Pem, ReadsPkcs8)
{
    const Key key = keyFromPem(privatePem(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384"))).value();
    EXPECT_TRUE(key.isPrivate());
    EXPECT_EQ(key.curve(), Curve::P384);
    EXPECT_EQ(keyFromPem(privatePem(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448")))->curve(), Curve::Ed448);
}

TEST(Pem, ReadsPkcs1AndSec1PrivateKeys)
{
    const QByteArray rsa = written(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048}), writeTraditional);
    ASSERT_TRUE(rsa.startsWith("-----BEGIN RSA PRIVATE KEY"));
    EXPECT_TRUE(keyFromPem(rsa)->isPrivate());
    const QByteArray ec = written(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), writeTraditional);
    ASSERT_TRUE(ec.startsWith("-----BEGIN EC PRIVATE KEY"));
    EXPECT_TRUE(
        keyFromPem("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + ec)->isPrivate());
}

TEST(Pem, ReadsPkcs1PublicKeys)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048});
    unsigned char *out = nullptr;
    const int size = i2d_PublicKey(key, &out);
    const QByteArray der(reinterpret_cast<char *>(out), size);
    OPENSSL_free(out);
    EVP_PKEY_free(key);
    const auto read = keyFromPem(pemBlock("RSA PUBLIC KEY", der));
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->isPrivate());
    EXPECT_EQ(read->bits(), 2048);
}

TEST(Pem, ReadsCertificates)
{
    for (const QByteArray alg : {"RS256", "ES256", "EdDSA"}) {
        const auto read = keyFromPem(pemBlock("CERTIFICATE", certificate(keyFor(alg))));
        ASSERT_TRUE(read) << alg.data();
        EXPECT_EQ(read->publicJwk(), keyFor(alg).publicJwk());
    }
}

TEST(Pem, EncryptedKeysAreRefusedWithoutAsking)
{
    for (const bool traditional : {false, true}) {
        const QByteArray pem =
            written(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), [&](BIO *bio, EVP_PKEY *key) {
                const auto *passphrase = reinterpret_cast<const unsigned char *>("secret");
                if (traditional)
                    PEM_write_bio_PrivateKey_traditional(bio, key, EVP_aes_128_cbc(), passphrase, 6, nullptr, nullptr);
                else
                    PEM_write_bio_PrivateKey(bio, key, EVP_aes_128_cbc(), passphrase, 6, nullptr, nullptr);
            });
        const auto read = keyFromPem(pem);
        EXPECT_EQ(codeOf(read), u"unsupported_key");
        EXPECT_TRUE(read.error().message.contains(u"encrypted"));
    }
}

TEST(Pem, RefusesWhatIsNoKey)
{
    const QByteArray pem = keyFor("ES256").publicPem();
    EXPECT_EQ(codeOf(keyFromPem("")), u"invalid_key");
    EXPECT_EQ(codeOf(keyFromPem("-----BEGIN PUBLIC KEY-----\n")), u"invalid_key");
    EXPECT_EQ(codeOf(keyFromPem(pemBlock("PUBLIC KEY", "nonsense"))), u"invalid_key");
    EXPECT_EQ(codeOf(keyFromPem(pemBlock("PRIVATE KEY", "nonsense"))), u"invalid_key");
    EXPECT_EQ(codeOf(keyFromPem(pemBlock("CERTIFICATE REQUEST", "nonsense"))), u"unsupported_key");
    EXPECT_EQ(codeOf(keyFromPem(QByteArray(100'000, '-'))), u"invalid_key");
    EXPECT_EQ(codeOf(keyFromText("hello")), u"invalid_key");
    EXPECT_EQ(codeOf(keyFromText("{\"kty\":")), u"invalid_key");
    EXPECT_EQ(codeOf(keyFromText("\n " + pem + "\n")), QString());
}

TEST(Pem, RefusesKeysOfOtherKindsAndSizes)
{
    EXPECT_EQ(codeOf(keyFromPem(privatePem(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{1024})))),
              u"key_too_small");
    EXPECT_EQ(codeOf(keyFromPem(privatePem(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "secp256k1")))),
              u"unsupported_key");
    EXPECT_EQ(codeOf(keyFromPem(privatePem(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")))), u"unsupported_key");
}

TEST(X5c, MustHoldTheSameKey)
{
    for (const QByteArray alg : {"RS256", "ES256", "EdDSA"}) {
        const QString own = QString::fromLatin1(certificate(keyFor(alg)).toBase64());
        EXPECT_EQ(codeWith(keyFor(alg).publicJwk(), "x5c", QJsonArray{own}), QString()) << alg.data();
    }
    const QString other = QString::fromLatin1(certificate(jwk(Vectors::bilboRsaKey)).toBase64());
    EXPECT_EQ(codeWith(publicRsa(), "x5c", QJsonArray{other}), u"invalid_key");
    EXPECT_EQ(codeWith(publicEc(), "x5c", QJsonArray{other}), u"invalid_key");
}

TEST(X5c, AloneGivesTheKey)
{
    for (const QByteArray alg : {"RS256", "ES384", "EdDSA"}) {
        const QString encoded = QString::fromLatin1(certificate(keyFor(alg)).toBase64());
        QJsonObject bare = keyFor(alg).publicJwk();
        for (const auto name : {u"n", u"e", u"x", u"y"})
            bare.remove(QStringView(name));
        bare.insert(QStringLiteral("x5c"), QJsonArray{encoded});
        const auto key = keyFromJwk(bare);
        ASSERT_TRUE(key) << alg.data();
        EXPECT_EQ(key->publicJwk(), keyFor(alg).publicJwk());
        EXPECT_EQ(codeOf(verified(signedWith(alg, keyFor(alg)), *key)), QString());
    }
}

TEST(X5c, MustBeBase64OfACertificate)
{
    const QByteArray der = certificate(keyFor("RS256"));
    EXPECT_EQ(codeWith(publicRsa(), "x5c", QJsonArray()), u"invalid_key");
    EXPECT_EQ(codeWith(publicRsa(), "x5c", QString::fromLatin1(der.toBase64())), u"invalid_key");
    EXPECT_EQ(codeWith(publicRsa(), "x5c", QJsonArray{text(der + "\xff\xff\xff")}), u"invalid_key");
    EXPECT_EQ(codeWith(publicRsa(), "x5c", QJsonArray{QStringLiteral("AAAA")}), u"invalid_key");
    EXPECT_EQ(codeWith(publicEc(), "x5c", QJsonArray{QStringLiteral("AAAA")}), u"invalid_key");
}

TEST(Key, TellsItsOwnNameAndAlgorithmAfterAChange)
{
    const Key key = keyFor("ES256").withKid(QStringLiteral("k")).withAlg("ES256");
    EXPECT_EQ(key.publicJwk().value(u"kid").toString(), u"k");
    EXPECT_EQ(key.publicJwk().value(u"alg").toString(), u"ES256");
    EXPECT_EQ(key.privateJwk().value(u"kid").toString(), u"k");
    EXPECT_EQ(key.thumbprint(), keyFor("ES256").thumbprint()); // RFC 7638 §3: neither belongs to it
}

TEST(RandomBytes, HaveTheirLengthAndDiffer)
{
    EXPECT_EQ(randomBytes(32).size(), 32);
    EXPECT_NE(randomBytes(32), randomBytes(32));
}

} // namespace
} // namespace McpAuth::Jose
