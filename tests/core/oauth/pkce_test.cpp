// Proof Key for Code Exchange.
#include "oauth/pkce.h"

#include <gtest/gtest.h>

namespace McpAuth::OAuth {

TEST(Pkce, HasTheChallengeOfRfc7636AppendixB)
{
    EXPECT_EQ(s256Challenge(Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
              "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(Pkce, HasAVerifierOf43Characters) // RFC 7636 §4.1
{
    const Pkce pkce = generatePkce();
    EXPECT_EQ(pkce.verifier.reveal().size(), 43);
    EXPECT_EQ(pkce.challenge, s256Challenge(pkce.verifier));
    EXPECT_NE(pkce.verifier.reveal(), generatePkce().verifier.reveal());
}

TEST(State, HasAtLeast128Bits)
{
    EXPECT_GE(generateState().reveal().size(), 22);
    EXPECT_NE(generateState().reveal(), generateState().reveal());
}

} // namespace McpAuth::OAuth
