#include "oauth/advice.h"

#include <gtest/gtest.h>

namespace {

using namespace McpAuth;
using namespace McpAuth::OAuth;
using namespace Qt::StringLiterals;

TEST(Advice, KnowsTheOverrideForWhatAStrictClientRefuses)
{
    EXPECT_EQ(overrideFor({u"pkce_not_supported"_s, {}, {}}), &Overrides::allowMissingPkce);
    EXPECT_EQ(overrideFor({u"resource_mismatch"_s, {}, {}}), &Overrides::allowResourceMismatch);
    EXPECT_EQ(overrideFor({u"private_address"_s, {}, {}}), nullptr) << "nothing for one click";
    EXPECT_EQ(
        overrideFor({u"pkce_not_supported"_s, {}, {{u"code_challenge_methods_supported"_s, QJsonArray{u"plain"_s}}}}),
        nullptr)
        << "which is for metadata without the list";
    EXPECT_EQ(overrideFor({u"insecure_url"_s, {}, {}}), &Overrides::allowHttp);
    EXPECT_EQ(overrideFor({u"token_request_refused"_s, {}, {{u"error"_s, u"invalid_target"_s}}}), // RFC 8707 §2
              &Overrides::omitResource);
    EXPECT_EQ(overrideFor({u"state_mismatch"_s, {}, {}}), nullptr);
    EXPECT_TRUE(wantsClientId({u"registration_not_supported"_s, {}, {}}));
    EXPECT_FALSE(wantsClientId({u"state_mismatch"_s, {}, {}}));
}

TEST(Advice, IsASentenceOrNothing)
{
    EXPECT_EQ(adviceFor({u"state_mismatch"_s, {}, {}}).back(), u'.');
    EXPECT_NE(adviceFor({u"token_request_refused"_s, {}, {{u"error"_s, u"invalid_target"_s}}}),
              adviceFor({u"token_request_refused"_s, {}, {}}));
    EXPECT_TRUE(adviceFor({u"cancelled"_s, {}, {}}).isEmpty());
}

TEST(Advice, IsAboutTheCauseWhereThereIsOne)
{
    const Error redirect{u"redirect_refused"_s, {}, {}};
    EXPECT_EQ(adviceFor({u"mcp_unreachable"_s, {}, {{u"cause"_s, toJson(redirect)}}}), adviceFor(redirect));
    EXPECT_FALSE(adviceFor(redirect).isEmpty());
    const Error unknown{u"network_error"_s, {}, {}};
    EXPECT_EQ(adviceFor({u"mcp_unreachable"_s, {}, {{u"cause"_s, toJson(unknown)}}}),
              adviceFor({u"mcp_unreachable"_s, {}, {}}));
}

TEST(Advice, TellsARefusalFromAQuestionThatNeverArrived)
{
    for (const QString &code : {u"host_not_found"_s, u"tls_error"_s, u"port_in_use"_s, u"cancelled"_s})
        EXPECT_TRUE(wasNotCarriedOut({code, {}, {}})) << code.toStdString();
    for (const QString &code : {u"issuer_mismatch"_s, u"authorization_refused"_s, u"fresh_token_refused"_s, u""_s})
        EXPECT_FALSE(wasNotCarriedOut({code, {}, {}})) << code.toStdString();
}

} // namespace
