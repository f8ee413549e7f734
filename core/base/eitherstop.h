// One stop out of two.
#pragma once

#include <stop_token>
#include <utility>

namespace McpAuth {

/// Requested as soon as one of the two is, from whatever thread; as long as this lives.
class EitherStop
{
public:
    EitherStop(std::stop_token first, std::stop_token second)
        : m_first(std::move(first), Request{m_source})
        , m_second(std::move(second), Request{m_source})
    {
    }

    [[nodiscard]] std::stop_token token() const { return m_source.get_token(); }

private:
    struct Request
    {
        std::stop_source source;
        void operator()() { source.request_stop(); }
    };

    std::stop_source m_source;
    std::stop_callback<Request> m_first;
    std::stop_callback<Request> m_second;
};

} // namespace McpAuth
