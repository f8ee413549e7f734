// The embedded MCP server as `serve` and the Server page run it.
#pragma once

#include "mcp/server.h"

namespace McpAuth::Demo {

/// An MCP server with the sample tools.
class DemoServer : public Mcp::Server
{
    Q_OBJECT

public:
    /// Name, title and version are filled in.
    explicit DemoServer(Http::Client *client, QObject *parent = nullptr, Mcp::EndpointOptions options = {});
};

} // namespace McpAuth::Demo
