#include "base/backoff.h"

#include <gtest/gtest.h>
#include <limits>

using namespace McpAuth;
using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToTheLongestWait)
{
    EXPECT_EQ(backoff(0, 30s), 1s);
    EXPECT_EQ(backoff(1, 30s), 2s);
    EXPECT_EQ(backoff(4, 30s), 16s);
    EXPECT_EQ(backoff(5, 30s), 30s);
    EXPECT_EQ(backoff(std::numeric_limits<int>::max(), 30s), 30s);
}
