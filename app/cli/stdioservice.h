// A server on this process's standard input and output.
#pragma once

#include "mcp/server.h"

namespace McpAuth::Cli {

/// Serves whoever started the program with what `offer` has, until the client closes its end, or SIGINT or SIGTERM. The
/// exit status. Standard output is the client's alone.
[[nodiscard]] int serveOnStdio(Mcp::Server &offer);

} // namespace McpAuth::Cli
