// What a client hears outside of requests: the session's own stream, or a subscription of a stateless revision.
#pragma once

#include "mcp/clientconnection_p.h"

namespace McpAuth::Mcp {

/// How long a session waits for its stream before it makes requests that lead to questions there.
inline constexpr std::chrono::milliseconds maxStreamOpenTime{2'000};

/// What has lasted so long, a stream or a session, counts for none that was lost in a row.
inline constexpr std::chrono::milliseconds lastingTime{30'000};

/// Begins to read the session's own stream, on which servers ask and tell what belongs to no request (2025-11-25
/// transports, Listening for Messages from the Server). Returns when it is open, or is not to be had.
[[nodiscard]] QCoro::Task<> openSessionStream(ConnectionPtr connection, std::stop_token stop);

/// As Client::follow() has it.
[[nodiscard]] QCoro::Task<Result<>> followed(ConnectionPtr connection, QStringList resources, std::stop_token stop);

} // namespace McpAuth::Mcp
