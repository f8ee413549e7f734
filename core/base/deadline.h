// A time-out, and time that does not count to it.
#pragma once

#include <QElapsedTimer>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <functional>

namespace McpAuth {

/// How long at least one of several periods has lasted, which may overlap.
class BusyTime
{
public:
    void begin()
    {
        if (m_open++ == 0)
            m_since.start();
    }
    void end()
    {
        if (--m_open == 0)
            m_before += std::chrono::milliseconds(m_since.elapsed());
    }
    [[nodiscard]] std::chrono::milliseconds total() const
    {
        return m_open == 0 ? m_before : m_before + std::chrono::milliseconds(m_since.elapsed());
    }

private:
    int m_open = 0;
    QElapsedTimer m_since;
    std::chrono::milliseconds m_before{0};
};

/// Calls once, from the event loop, `timeout` after its construction, and later by what `uncountedTime` says by then.
class Deadline
{
public:
    using Duration = std::function<std::chrono::milliseconds()>;

    /// `uncountedTime`: since the construction; null: all time counts.
    Deadline(std::chrono::milliseconds timeout, Duration uncountedTime, std::function<void()> onLate)
        : m_timeout(timeout)
        , m_uncountedTime(std::move(uncountedTime))
        , m_onLate(std::move(onLate))
    {
        m_since.start();
        m_timer.setSingleShot(true);
        m_timer.callOnTimeout([this] { check(); });
        m_timer.start(m_timeout);
    }

    [[nodiscard]] std::chrono::milliseconds timeout() const { return m_timeout; }
    void stop() { m_timer.stop(); }

private:
    void check()
    {
        constexpr std::chrono::milliseconds recheckTime{100}; // while time passes that does not count
        const auto uncounted = m_uncountedTime ? m_uncountedTime() : std::chrono::milliseconds(0);
        const auto left = m_timeout + uncounted - std::chrono::milliseconds(m_since.elapsed());
        if (left.count() > 0)
            m_timer.start(uncounted.count() > 0 ? std::max(left, recheckTime) : left);
        else
            m_onLate();
    }

    std::chrono::milliseconds m_timeout;
    Duration m_uncountedTime;
    std::function<void()> m_onLate;
    QElapsedTimer m_since;
    QTimer m_timer;
};

} // namespace McpAuth
