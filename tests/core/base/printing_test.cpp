#include "support/printing.h"

namespace {

enum class Colour { Red, Green };

struct Painted
{
    const char *name;
    Colour colour;
};

TEST(Printing, NamesEnumeratorsAndParameters)
{
    EXPECT_EQ(testing::PrintToString(Colour::Green), "Green");
    EXPECT_EQ(testing::PrintToString(Colour(7)), "7");
    EXPECT_EQ(testing::PrintToString(Painted{"fence", Colour::Red}), "fence");
}

} // namespace
