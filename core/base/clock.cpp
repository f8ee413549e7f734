#include "base/clock.h"

namespace McpAuth {

Clock systemClock()
{
    return [] { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); };
}

} // namespace McpAuth
