// Pages that a person has to visit before a request can be answered (2025-11-25 elicitation, URL Elicitation Required
// Error).
#pragma once

#include "mcp/clientconnection_p.h"

namespace McpAuth::Mcp {

/// How long a request waits to be told that what a person does at a page is done; then it is sent again all the same,
/// since servers need not tell.
inline constexpr std::chrono::milliseconds maxCompletionTime{60'000};

/// Whether a session's server wants pages visited, and there is somebody to be asked.
[[nodiscard]] bool asksForVisits(const Connection &connection, const Error &error);

/// Asks for all pages, and waits until the server says that they are done. Errors: `error`, where somebody did not want
/// to; that of the provider; cancelled.
[[nodiscard]] QCoro::Task<Result<>> visited(ConnectionPtr connection, Error error, std::stop_token stop);

} // namespace McpAuth::Mcp
