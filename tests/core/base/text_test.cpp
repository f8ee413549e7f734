#include "base/text.h"

#include <gtest/gtest.h>

using namespace McpAuth;
using namespace Qt::StringLiterals;

TEST(Shortened, LeavesWhatIsShortEnough)
{
    EXPECT_EQ(shortened(u"", 0), u""_s);
    EXPECT_EQ(shortened(u"four", 4), u"four"_s);
}

TEST(Shortened, CutsAndSaysSo)
{
    EXPECT_EQ(shortened(u"fives", 4), u"five…"_s);
    EXPECT_EQ(shortened(u"x", 0), u"…"_s);
}

TEST(Shortened, NeverCutsACharacterInHalf)
{
    EXPECT_EQ(shortened(u"ab\U0001F511cd", 3), u"ab…"_s); // a key is two UTF-16 units
    EXPECT_EQ(shortened(u"ab\U0001F511cd", 4), u"ab\U0001F511…"_s);
}

TEST(NameAndValue, PartsAtTheFirstEqualsSign)
{
    EXPECT_EQ(nameAndValue(u"a=b=c"_s), std::pair(u"a"_s, u"b=c"_s));
    EXPECT_EQ(nameAndValue(u"a="_s), std::pair(u"a"_s, QString()));
    EXPECT_EQ(nameAndValue(u"a"_s), std::nullopt);
    EXPECT_EQ(nameAndValue(u"=b"_s), std::nullopt);
    EXPECT_EQ(nameAndValue(QString()), std::nullopt);
}
