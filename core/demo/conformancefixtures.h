// What the official conformance suite wants a server to offer.
#pragma once

#include "mcp/server.h"

namespace McpAuth::Demo {

/// Errors: none that a test of the suite would not be the first to find.
[[nodiscard]] Result<> addConformanceFixtures(Mcp::Server &server);

} // namespace McpAuth::Demo
