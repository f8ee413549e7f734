#include "bearer/credentials_p.h"
#include "provider.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Bearer;
using namespace McpAuth::Test;

namespace {

BearerError errorOf(const QByteArray &value)
{
    const auto token = bearerToken(requestWithHeader(value));
    return token ? BearerError::None : token.error().error;
}

} // namespace

TEST(Credentials, TakesABearerTokenWithTheSchemeInAnyCase) // RFC 9110 §11.1
{
    for (const QByteArray scheme : {"Bearer", "bearer", "BEARER", "bEaReR"}) {
        const auto token = bearerToken(requestWithHeader(scheme + " abc.def-_~+/123=="));
        ASSERT_TRUE(token) << scheme.constData();
        EXPECT_EQ(token->reveal(), QByteArray("abc.def-_~+/123=="));
    }
}

TEST(Credentials, AllowsSeveralSpacesAfterTheScheme) // RFC 9110 §11.4: 1*SP
{
    const auto token = bearerToken(requestWithHeader("Bearer   abc"));
    ASSERT_TRUE(token);
    EXPECT_EQ(token->reveal(), QByteArray("abc"));
}

TEST(Credentials, NoFieldOrAnEmptyOneIsAMissingHeader)
{
    const auto none = bearerToken(anonymousRequest());
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().error, BearerError::MissingAuthHeader);
    EXPECT_EQ(errorOf(""), BearerError::MissingAuthHeader);
    EXPECT_EQ(errorOf("  "), BearerError::MissingAuthHeader);
}

TEST(Credentials, TheSchemeAloneIsAMissingToken)
{
    EXPECT_EQ(errorOf("Bearer"), BearerError::MissingBearerToken);
    EXPECT_EQ(errorOf("bearer   "), BearerError::MissingBearerToken);
}

TEST(Credentials, RefusesOtherSchemesAndWhatIsNoB64Token) // RFC 6750 §2.1
{
    for (const QByteArray value :
         {"Basic YTpi", "Bearerabc", "Bearer\tabc", "Bearer a b", "Bearer a,b", "Bearer \"a\"", "Bearer a=b",
          "Bearer =", "Bearer a\tb", "Bearer t\xc3\xb6ken", "abc.def.ghi", "Bearer a, Bearer b", "Bearer a;b"})
        EXPECT_EQ(errorOf(value), BearerError::InvalidAuthHeaderFormat) << value.constData();
}

TEST(Credentials, RefusesASecondAuthorizationField)
{
    Http::Request request = requestWithHeader("Bearer abc");
    request.headers.append("authorization", "Bearer abc");
    const auto token = bearerToken(request);
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().error, BearerError::InvalidAuthHeaderFormat);
}
