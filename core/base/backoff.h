// How long to wait after failures in a row.
#pragma once

#include <algorithm>
#include <chrono>

namespace McpAuth {

/// Before the next try: 1 s after the first failure, then 2 s, 4 s… up to `longest`. `earlierFailures` counts those in
/// a row before the last one, from 0 on.
[[nodiscard]] constexpr std::chrono::seconds backoff(int earlierFailures, std::chrono::seconds longest)
{
    constexpr int longestShift = 20; // of a wait that is far over an hour
    return std::min(longest, std::chrono::seconds(1LL << std::min(earlierFailures, longestShift)));
}

} // namespace McpAuth
