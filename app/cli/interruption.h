// SIGINT and SIGTERM as a stop token, for a command that waits for somebody.
#pragma once

#include "app/cli/terminationsignal.h"

#include <stop_token>

namespace McpAuth::Cli {

class Interruption
{
public:
    Interruption()
    {
        QObject::connect(&m_signal, &TerminationSignal::received, &m_signal,
                         [source = m_source]() mutable { source.request_stop(); });
    }

    [[nodiscard]] std::stop_token token() const { return m_source.get_token(); }

private:
    std::stop_source m_source;
    TerminationSignal m_signal;
};

} // namespace McpAuth::Cli
