#include "base/json.h"
#include "response.h"
#include "support/result.h"

namespace McpAuth::OAuth {
namespace {

using namespace Test;
using McpAuth::Test::codeOf;

QString judged(const QMap<QString, QString> &changes, const ExpectedResponse &expected = expecting())
{
    return codeOf(acceptedCode(response(changes), expected));
}

TEST(AuthorizationResponse, GivesTheCode)
{
    EXPECT_EQ(acceptedCode(response(), expecting()).value().reveal(), "the-code");
}

// 2026-07-28, Authorization Response Validation: the four rows.
TEST(AuthorizationResponse, FollowsTheTableOfTheIssuer)
{
    const QMap<QString, QString> right{{u"iss"_s, issuer}};
    const QMap<QString, QString> wrong{{u"iss"_s, u"https://evil.example"_s}};
    const QMap<QString, QString> absent{{u"iss"_s, QString()}};
    EXPECT_EQ(judged(right, expecting(true)), u"");
    EXPECT_EQ(judged(wrong, expecting(true)), u"issuer_mismatch");
    EXPECT_EQ(judged(absent, expecting(true)), u"missing_issuer");
    EXPECT_EQ(judged(right, expecting(false)), u"");
    EXPECT_EQ(judged(wrong, expecting(false)), u"issuer_mismatch");
    EXPECT_EQ(judged(absent, expecting(false)), u"");
}

// No case folding, default-port elision, trailing slash or percent-encoding normalization.
TEST(AuthorizationResponse, ComparesTheIssuerByteForByte)
{
    for (const auto &spelling : {u"https://provider.example/"_s, u"https://PROVIDER.example"_s,
                                 u"https://provider.example:443"_s, u"https://provider.exampl%65"_s})
        EXPECT_EQ(judged({{u"iss"_s, spelling}}), u"issuer_mismatch") << spelling.toStdString();
}

TEST(AuthorizationResponse, OfEarlierRevisionsMayLackThePromisedIssuer)
{
    ExpectedResponse earlier = expecting();
    earlier.checkIssuer = false;
    EXPECT_EQ(judged({{u"iss"_s, QString()}}, earlier), u"");
    EXPECT_EQ(judged({{u"iss"_s, u"https://evil.example"_s}}, earlier), u"issuer_mismatch");
}

TEST(AuthorizationResponse, LooksAtTheStateFirst)
{
    EXPECT_EQ(judged({{u"state"_s, u"another"_s}, {u"iss"_s, u"https://evil.example"_s}, {u"error"_s, u"x"_s}}),
              u"state_mismatch");
    EXPECT_EQ(judged({{u"state"_s, QString()}}), u"state_mismatch");
    EXPECT_EQ(codeOf(acceptedCode(response({{u"state"_s, QString()}}), {.state = {}, .issuer = issuer})),
              u"state_mismatch");
}

// RFC 6749 §4.1.2.1
TEST(AuthorizationResponse, TellsARefusal)
{
    const auto refused = acceptedCode(response({{u"error"_s, u"access_denied"_s},
                                                {u"error_description"_s, u"Not \u202Etoday"_s},
                                                {u"error_uri"_s, u"https://provider.example/why"_s}}),
                                      expecting());
    ASSERT_EQ(codeOf(refused), u"authorization_refused");
    EXPECT_EQ(refused.error().details, (QJsonObject{{u"error"_s, u"access_denied"_s},
                                                    {u"error_description"_s, u"Not today"_s},
                                                    {u"error_uri"_s, u"https://provider.example/why"_s}}));
}

TEST(AuthorizationResponse, ShowsNothingOfARefusalFromAnotherIssuer)
{
    const auto refused = acceptedCode(response({{u"iss"_s, u"https://evil.example"_s},
                                                {u"error"_s, u"access_denied"_s},
                                                {u"error_description"_s, u"Call 555-0100"_s}}),
                                      expecting());
    ASSERT_EQ(codeOf(refused), u"issuer_mismatch");
    EXPECT_FALSE(toJsonText(toJson(refused.error())).contains("555-0100"));
    EXPECT_FALSE(toJsonText(toJson(refused.error())).contains("access_denied"));
    EXPECT_EQ(refused.error().details.value(u"actual"), u"https://evil.example"_s);
}

TEST(AuthorizationResponse, RefusesRepeatedParametersAndAMissingCode)
{
    for (const auto &name : {u"code"_s, u"state"_s, u"iss"_s}) {
        ResponseParameters twice = response();
        twice.emplace_back(name, u"again"_s);
        const auto refused = acceptedCode(twice, expecting());
        EXPECT_EQ(codeOf(refused), u"repeated_parameter");
        EXPECT_EQ(refused.error().details.value(u"parameter"), name);
    }
    EXPECT_EQ(judged({{u"code"_s, QString()}}), u"missing_code");
}

} // namespace
} // namespace McpAuth::OAuth
