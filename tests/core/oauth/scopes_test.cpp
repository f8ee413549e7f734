// Which scopes a client asks for (2026-07-28 basic/authorization, Scope Selection Strategy and Step-Up), and which
// server a resource stands for (RFC 9728 §3.3).
#include "oauth/flow.h"
#include "support/result.h"

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

const QString newest = QStringLiteral("2026-07-28");

TEST(Scopes, AreThoseOfTheChallenge)
{
    EXPECT_EQ(selectScopes({u"a"_s}, {u"b"_s, u"c"_s}, {}, {}, newest), QStringList{u"a"_s});
}

TEST(Scopes, AreAllSupportedOnesWithoutAChallenge)
{
    EXPECT_EQ(selectScopes({}, {u"b"_s, u"c"_s}, {u"z"_s}, {}, newest), (QStringList{u"b"_s, u"c"_s}));
}

TEST(Scopes, AreLeftOutWhenNobodyNamesAny)
{
    EXPECT_TRUE(selectScopes({}, {}, {u"z"_s}, {}, newest).isEmpty());
}

TEST(Scopes, OfAStepUpAreTheUnionWithThoseAskedForBefore)
{
    EXPECT_EQ(selectScopes({u"write"_s, u"read"_s}, {u"profile"_s}, {}, {u"read"_s}, newest),
              (QStringList{u"read"_s, u"write"_s}));
}

TEST(Scopes, HaveOfflineAccessWhereTheProviderListsIt)
{
    EXPECT_EQ(selectScopes({u"a"_s}, {}, {u"offline_access"_s}, {}, newest),
              (QStringList{u"a"_s, u"offline_access"_s}));
    EXPECT_EQ(selectScopes({u"a"_s}, {}, {u"a"_s}, {}, newest), QStringList{u"a"_s});
}

TEST(Scopes, HaveNoOfflineAccessBefore2026)
{
    EXPECT_EQ(selectScopes({u"a"_s}, {}, {u"offline_access"_s}, {}, u"2025-11-25"_s), QStringList{u"a"_s});
}

TEST(Scopes, AreNotReplacedByOfflineAccessAlone)
{
    EXPECT_TRUE(selectScopes({}, {}, {u"offline_access"_s}, {}, newest).isEmpty());
}

struct Pair
{
    const char16_t *resource;
    const char16_t *mcpUrl;
};

class Matching : public testing::TestWithParam<Pair>
{
};

TEST_P(Matching, IsTheServerOrAnAncestor)
{
    EXPECT_TRUE(resourceMatches(QString::fromUtf16(GetParam().resource), QString::fromUtf16(GetParam().mcpUrl)));
}

INSTANTIATE_TEST_SUITE_P(Resource, Matching,
                         testing::Values(Pair{u"https://a.example/mcp", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mcp/", u"https://a.example/mcp/"},
                                         Pair{u"https://a.example", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/", u"https://a.example"},
                                         Pair{u"https://a.example/mcp", u"https://a.example/mcp/"},
                                         Pair{u"https://a.example/one", u"https://a.example/one/mcp"},
                                         Pair{u"HTTPS://A.example/mcp", u"https://a.example:443/mcp"},
                                         Pair{u"https://a.example/mcp", u"https://a.example/mcp?tenant=1"},
                                         Pair{u"https://a.example/mcp?tenant=1", u"https://a.example/mcp?tenant=1"}));

class Mismatching : public testing::TestWithParam<Pair>
{
};

TEST_P(Mismatching, IsRefused)
{
    EXPECT_FALSE(resourceMatches(QString::fromUtf16(GetParam().resource), QString::fromUtf16(GetParam().mcpUrl)));
}

INSTANTIATE_TEST_SUITE_P(Resource, Mismatching,
                         testing::Values(Pair{u"https://evil.example/mcp", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mc", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mcp/deep", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mcp/", u"https://a.example/mcp"},
                                         Pair{u"http://a.example/mcp", u"https://a.example/mcp"},
                                         Pair{u"https://a.example:8443/mcp", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/MCP", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/one", u"https://a.example/one/../two"},
                                         Pair{u"https://a.example/one", u"https://a.example/one/%2E%2e/two"},
                                         Pair{u"https://a.example/mcp?tenant=1", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mcp#x", u"https://a.example/mcp#x"},
                                         Pair{u"a.example/mcp", u"https://a.example/mcp"}, Pair{u"", u""}));

} // namespace
} // namespace McpAuth::OAuth
