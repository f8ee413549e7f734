// The stdio transport: one client at the other end of two pipes, and a JSON-RPC message a line (2026-07-28 stdio;
// before, 2025-11-25 transports). There is no authorization on it: whoever started the program may use it.
#pragma once

#include "mcp/endpoint.h"

namespace McpAuth::Mcp {

/// A longer line is refused, and ends the service.
inline constexpr qsizetype maxLineBytes = 4 * 1024 * 1024;
/// What waits for a client that does not read; over it the service ends.
inline constexpr qsizetype maxUnwrittenBytes = 64 * 1024 * 1024;
/// What requests in flight get once the client has closed its end.
inline constexpr std::chrono::milliseconds lastAnswersTimeout{5'000};

/// Every revision of the endpoint's; what it would refuse by a status is an error of JSON-RPC here.
class StdioServer : public QObject
{
    Q_OBJECT

public:
    /// Reads lines from the descriptor `in` and writes them to `out`, on an event loop that watches descriptors.
    /// `endpoint`, which has no auth, and the descriptors must outlive it.
    StdioServer(Endpoint *endpoint, int in, int out, QObject *parent = nullptr);
    ~StdioServer() override; // what is under way is told to stop

Q_SIGNALS:
    /// The client has closed its end and has its answers, or does not read any more.
    void finished();

private:
    struct Private;
    std::shared_ptr<Private> d; ///< of answers, too, that come after it
};

} // namespace McpAuth::Mcp
