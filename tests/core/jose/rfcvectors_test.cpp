// The examples of the RFCs, byte for byte.
#include "testkeys.h"

#include <QCoreApplication>
#include <QFile>

#include <cstdlib>

namespace McpAuth::Jose {
namespace {

using namespace Test;
using namespace Vectors;

struct Vector
{
    const char *name;
    const char *key;
    const char *token;
};

class RfcSignature : public testing::TestWithParam<Vector>
{
};

TEST_P(RfcSignature, Verifies)
{
    EXPECT_EQ(codeOf(verified(GetParam().token, jwk(GetParam().key))), QString());
}

INSTANTIATE_TEST_SUITE_P(Examples, RfcSignature,
                         testing::Values(Vector{"Rfc7515A1Hs256", a1Key, a1Token},
                                         Vector{"Rfc7515A2Rs256", a2Key, a2Token},
                                         Vector{"Rfc7515A3Es256", a3Key, a3Token},
                                         Vector{"Rfc7515A4Es512", a4Key, a4Token},
                                         Vector{"Rfc7520S41Rs256", bilboRsaKey, rs256Token},
                                         Vector{"Rfc7520S42Ps384", bilboRsaKey, ps384Token},
                                         Vector{"Rfc7520S43Es512", bilboEcKey, es512Token},
                                         Vector{"Rfc7520S44Hs256", hobbitonSecret, hs256Token},
                                         Vector{"Rfc8037A4EdDsa", ed25519Key, ed25519Token}),
                         [](const auto &test) { return std::string(test.param.name); });

/// The RFCs print the header with line breaks, so what is signed is built here and not by signJws.
class RfcDeterministic : public testing::TestWithParam<Vector>
{
};

TEST_P(RfcDeterministic, SignsToTheSameBytes)
{
    const auto jws = parseJws(GetParam().token);
    ASSERT_TRUE(jws);
    const auto token = signJws(jws->header, jws->payload, jwk(GetParam().key));
    ASSERT_TRUE(token);
    EXPECT_EQ(*token, QByteArray(GetParam().token));
}

// PKCS#1 v1.5 and EdDSA are deterministic.
INSTANTIATE_TEST_SUITE_P(Examples, RfcDeterministic,
                         testing::Values(Vector{"Rfc7515A2Rs256", a2Key, a2Token},
                                         Vector{"Rfc8037A4EdDsa", ed25519Key, ed25519Token}),
                         [](const auto &test) { return std::string(test.param.name); });

TEST(Rfc7515, A1ParsesIntoItsParts)
{
    const auto jws = parseJws(a1Token);
    ASSERT_TRUE(jws);
    EXPECT_EQ(jws->alg, "HS256");
    EXPECT_EQ(jws->header.value(u"typ").toString(), u"JWT");
    EXPECT_EQ(jws->payload,
              QByteArray("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"));
    EXPECT_EQ(parseClaims(*jws)->value(u"iss").toString(), u"joe");
}

TEST(Rfc7515, A5UnsecuredTokenIsRefusedInItsOwnWords)
{
    const auto jws = parseJws(a5Token);
    ASSERT_TRUE(jws);
    const auto result = verifySignature(*jws, jwk(a2Key), {"none", "RS256"});
    EXPECT_EQ(codeOf(result), u"unsupported_algorithm");
    EXPECT_TRUE(result.error().message.contains(u"not signed"));
}

TEST(Rfc7638, S31Thumbprint)
{
    EXPECT_EQ(jwk(thumbprintKey).thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Rfc8037, A2PublicHalf)
{
    QJsonObject expected = json(ed25519Key);
    expected.remove(u"d");
    EXPECT_EQ(jwk(ed25519Key).publicJwk(), expected);
}

TEST(Rfc8037, A3Thumbprint)
{
    EXPECT_EQ(jwk(ed25519Key).thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(Rfc7797, UnencodedPayloadIsRefused)
{
    // §4.2 names crit as §6 asks; without it the token would be ambiguous.
    for (const char *header : {R"({"alg":"HS256","b64":false,"crit":["b64"]})", R"({"alg":"HS256","b64":false})",
                               R"({"alg":"HS256","b64":"true"})"})
        EXPECT_EQ(codeOf(parseJws(encodedHeader(header) + ".JC4wMg.AAAA")), u"unsupported_b64") << header;
}

/// Whether the program has QCA's OpenSSL plugin in its memory.
bool hasLoadedQcaPlugin()
{
    QFile maps(QStringLiteral("/proc/self/maps"));
    return maps.open(QIODevice::ReadOnly) && maps.readAll().contains("libqca-ossl");
}

/// Ends the process: 0 when the token is right and the plugin was loaded or not, as expected.
[[noreturn]] void verifyAndExit(const char *key, const char *token, bool expectPlugin)
{
    const bool right = verified(token, jwk(key)).has_value() && !jwk(key).thumbprint().isEmpty();
    std::_Exit(right && hasLoadedQcaPlugin() == expectPlugin ? 0 : 1);
}

/// 0 when RS256 signs, through the plugin.
[[noreturn]] void signAndExit()
{
    const auto key = generateKey(*findAlgorithm("RS256"));
    std::_Exit(key && signJwt({}, {}, *key) && hasLoadedQcaPlugin() ? 0 : 1);
}

// Loading QCA's plugins takes longer than all else that a small program does.
TEST(Backends, QcaIsLoadedOnlyForWhatItDoes)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe"); // a fresh process each
    EXPECT_EXIT(verifyAndExit(a3Key, a3Token, false), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(verifyAndExit(bilboRsaKey, ps384Token, false), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(verifyAndExit(ed25519Key, ed25519Token, false), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(verifyAndExit(bilboRsaKey, rs256Token, false), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(signAndExit(), testing::ExitedWithCode(0), "");
}

/// Ends the process: 0 when RS256 works before and after the application's end.
[[noreturn]] void outliveTheApplicationAndExit()
{
    const Key key = jwk(bilboRsaKey);
    const bool before = verified(rs256Token, key).has_value();
    QCoreApplication::instance()->~QCoreApplication();
    std::_Exit(before && verified(rs256Token, key) && randomBytes(8).size() == 8 ? 0 : 1);
}

// QCoreApplication ends QCA when it goes; a program may have another one after it, and keys live as long as they like.
TEST(Backends, OutliveTheApplication)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(outliveTheApplicationAndExit(), testing::ExitedWithCode(0), "");
}

class RfcKey : public testing::TestWithParam<const char *>
{
};

// RFC 7517 appendix A is made of the keys of RFC 7515 and RFC 7638; RFC 7520 §3 and RFC 8037 add theirs.
TEST_P(RfcKey, RoundTrips)
{
    const QJsonObject given = json(GetParam());
    const auto key = keyFromJwk(given);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->privateJwk(), given);
}

INSTANTIATE_TEST_SUITE_P(Examples, RfcKey,
                         testing::Values(a1Key, a2Key, a3Key, a4Key, bilboRsaKey, bilboEcKey, hobbitonSecret,
                                         thumbprintKey, ed25519Key, ed448Key));

} // namespace
} // namespace McpAuth::Jose
