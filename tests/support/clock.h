// A clock that stands until a test moves it.
#pragma once

#include "base/clock.h"

#include <memory>

namespace McpAuth::Test {

class ManualClock
{
public:
    /// 2026-01-01T00:00:00Z
    ManualClock()
        : m_now(std::make_shared<TimePoint>(std::chrono::seconds{1'767'225'600}))
    {
    }

    void advance(std::chrono::milliseconds by) { *m_now += by; }
    [[nodiscard]] TimePoint now() const { return *m_now; }
    [[nodiscard]] qint64 seconds() const
    {
        return std::chrono::floor<std::chrono::seconds>(*m_now).time_since_epoch().count();
    }
    [[nodiscard]] Clock clock() const
    {
        return [now = m_now] { return *now; };
    }

private:
    std::shared_ptr<TimePoint> m_now;
};

} // namespace McpAuth::Test
