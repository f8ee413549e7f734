#include "base/base64url.h"
#include "support/result.h"

using namespace McpAuth;
using Test::codeOf;

TEST(Base64Url, EncodesTheExampleOfRfc7515AppendixC)
{
    const QByteArray bytes("\x03\xec\xff\xe0\xc1", 5);
    EXPECT_EQ(encodeBase64Url(bytes), "A-z_4ME");
    EXPECT_EQ(decodeBase64Url("A-z_4ME").value(), bytes);
}

TEST(Base64Url, RoundTripsEveryLengthAndByte)
{
    QByteArray bytes;
    for (int i = 0; i < 300; ++i) {
        bytes.append(static_cast<char>(i * 37));
        EXPECT_EQ(decodeBase64Url(encodeBase64Url(bytes)).value(), bytes) << i;
    }
    EXPECT_EQ(decodeBase64Url("").value(), QByteArray());
}

class RefusedBase64Url : public testing::TestWithParam<const char *>
{
};

TEST_P(RefusedBase64Url, HasNoSecondSpelling)
{
    EXPECT_EQ(codeOf(decodeBase64Url(GetParam())), u"invalid_base64url");
}

INSTANTIATE_TEST_SUITE_P(Base64Url, RefusedBase64Url,
                         testing::Values("A", "AAAAA", "AA==", "AAA=", "AB", "AAB", "A+AA", "A/AA", "AA A", "AAA\n",
                                         "\xc3\xa4zz", "AAAA="));
