#include "jose/jwt.h"
#include "testkeys.h"

namespace McpAuth::Jose {
namespace {

using namespace Test;

struct Bad
{
    const char *name;
    QByteArray token;
    const char *code;
};

QByteArray withHeader(const char *header)
{
    return encodedHeader(header) + ".e30.AAAA";
}

class ParseRefuses : public testing::TestWithParam<Bad>
{
};

TEST_P(ParseRefuses, WithACodeThatSaysWhy)
{
    EXPECT_EQ(codeOf(parseJws(GetParam().token)), QLatin1StringView(GetParam().code));
}

const QByteArray good = withHeader(R"({"alg":"ES256"})");
const QByteArray goodHeader = encodedHeader(R"({"alg":"ES256"})");

INSTANTIATE_TEST_SUITE_P(
    Tokens, ParseRefuses,
    testing::Values(
        Bad{"Empty", "", "opaque_token"}, Bad{"Opaque", "2YotnFZFEjr1zCsicMWpAA", "opaque_token"},
        Bad{"OpaqueWithDots", "v4.local.AAAA", "opaque_token"}, Bad{"OpaqueWithADot", "ory_at_abc.def", "opaque_token"},
        Bad{"HeaderOnly", goodHeader, "opaque_token"}, Bad{"TwoParts", goodHeader + ".e30", "invalid_jws"},
        Bad{"FourParts", good + ".AAAA", "invalid_jws"},
        Bad{"Jwe", encodedHeader(R"({"alg":"RSA-OAEP","enc":"A256GCM"})") + ".AA.AA.AA.AA", "encrypted_token"},
        Bad{"HeaderWithPadding", "eyJhbGciOiJFUzI1NiIgfQ==.e30.AAAA", "invalid_jws"},
        Bad{"PayloadWithPadding", goodHeader + ".e30=.AAAA", "invalid_jws"},
        Bad{"PayloadInBase64", goodHeader + ".e+/+.AAAA", "invalid_jws"},
        Bad{"SignatureWithTrailingBits", goodHeader + ".e30.AAB", "invalid_jws"},
        Bad{"NewlineAtTheEnd", good + "\n", "invalid_jws"}, Bad{"HeaderNotJson", withHeader("{alg}"), "invalid_jws"},
        Bad{"HeaderAnArray", withHeader(R"(["ES256"])"), "opaque_token"},
        Bad{"DuplicateAlg", withHeader(R"({"alg":"ES256","alg":"none"})"), "invalid_jws"},
        Bad{"DuplicateAlgEscaped", withHeader(R"({"alg":"ES256","\u0061lg":"none"})"), "invalid_jws"},
        Bad{"NoAlg", withHeader(R"({"typ":"JWT"})"), "invalid_jws"},
        Bad{"AlgANumber", withHeader(R"({"alg":256})"), "invalid_jws"},
        Bad{"AlgNull", withHeader(R"({"alg":null})"), "invalid_jws"},
        Bad{"KidANumber", withHeader(R"({"alg":"ES256","kid":1})"), "invalid_jws"},
        Bad{"Crit", withHeader(R"({"alg":"ES256","crit":["exp"],"exp":1})"), "unsupported_crit"},
        Bad{"CritEmpty", withHeader(R"({"alg":"ES256","crit":[]})"), "unsupported_crit"},
        Bad{"B64False", withHeader(R"({"alg":"ES256","b64":false,"crit":["b64"]})"), "unsupported_b64"},
        Bad{"HeaderNotUtf8", encodeBase64Url("{\"alg\":\"ES256\",\"x\":\"\xff\"}") + ".e30.AAAA", "invalid_jws"},
        Bad{"HeaderTooDeep",
            encodeBase64Url("{\"alg\":\"ES256\",\"x\":" + QByteArray(70, '[') + QByteArray(70, ']') + "}") +
                ".e30.AAAA",
            "invalid_jws"}),
    [](const auto &test) { return std::string(test.param.name); });

TEST(ParseJws, TakesTokensUpTo16KiB)
{
    const qsizetype payload = maxTokenBytes - good.size() + 3;
    const QByteArray largest = goodHeader + '.' + QByteArray(payload, 'A') + ".AAAA";
    ASSERT_EQ(largest.size(), maxTokenBytes);
    EXPECT_NE(codeOf(parseJws(largest)), u"token_too_large");
    EXPECT_EQ(codeOf(parseJws(largest + 'A')), u"token_too_large");
}

TEST(ParseJws, KeepsTheSigningInputAsItCame)
{
    const auto jws = parseJws(good);
    ASSERT_TRUE(jws);
    EXPECT_EQ(jws->signingInput, goodHeader + ".e30");
    EXPECT_EQ(jws->payload, "{}");
    EXPECT_EQ(jws->signature, QByteArray(3, '\0'));
}

TEST(ParseJws, TakesAHeaderThatBeginsWithWhiteSpace)
{
    EXPECT_EQ(codeOf(parseJws(withHeader(" {\"alg\":\"ES256\"}"))), QString());
}

TEST(ParseJws, TellsHeadersApartThatItHasSeenBefore)
{
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 20; ++i) {
            const QString kid = QStringLiteral("k%1").arg(i);
            const auto jws = parseJws(withHeader(qPrintable(QStringLiteral(R"({"alg":"ES256","kid":"%1"})").arg(kid))));
            ASSERT_TRUE(jws);
            EXPECT_EQ(jws->kid, kid);
            EXPECT_EQ(jws->header.value(u"kid").toString(), kid);
        }
    }
}

TEST(ParseClaims, WantsAnObjectWithoutDuplicates)
{
    const auto code = [](const QByteArray &payload) {
        return codeOf(parseClaims(
            Jws{.header = {}, .alg = {}, .kid = {}, .payload = payload, .signature = {}, .signingInput = {}}));
    };
    EXPECT_EQ(code(R"({"sub":"alice"})"), QString());
    EXPECT_EQ(code("[1]"), u"invalid_claims");
    EXPECT_EQ(code("plain text"), u"invalid_claims");
    EXPECT_EQ(code(""), u"invalid_claims");
    EXPECT_EQ(code(R"({"sub":"alice","sub":"mallory"})"), u"invalid_claims");
    EXPECT_EQ(code("{\"a\":" + QByteArray(70, '[') + QByteArray(70, ']') + "}"), u"invalid_claims");
}

} // namespace
} // namespace McpAuth::Jose
