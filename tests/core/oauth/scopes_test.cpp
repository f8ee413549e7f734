// Which scopes a client asks for (2026-07-28 basic/authorization, Scope Selection Strategy and Step-Up).
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

} // namespace
} // namespace McpAuth::OAuth
