// Time as a dependency: the system's, or one that a test sets.
#pragma once

#include <chrono>
#include <functional>

namespace McpAuth {

using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

/// Called for the present moment, as often as it is needed, on any thread.
using Clock = std::function<TimePoint()>;

[[nodiscard]] Clock systemClock();

} // namespace McpAuth
