// The first request that a client sends to an MCP server: harmless, and enough to see whether it wants, or takes, a
// token.
#pragma once

#include "oauth/flow_p.h"

namespace McpAuth::OAuth {

/// What was asked at last, and its answer.
struct FirstAnswer
{
    QString method; ///< "tools/list" of a stateless revision, "initialize" before
    Http::ClientResponse response;
};

/// Asks as the flow's revision does, and once more as before 2026-07-28 where the server knows sessions only. Without a
/// token where it is empty. A session that it opens is ended. Errors: mcp_unreachable, cancelled.
[[nodiscard]] QCoro::Task<Result<FirstAnswer>> sendFirstRequest(RunPointer run, Secret token);

/// The JSON-RPC message in the body, or in the first event that has one; nothing where the answer is no MCP server's.
[[nodiscard]] std::optional<QJsonObject> rpcMessageIn(const QHttpHeaders &headers, const QByteArray &body);

/// not_an_mcp_server: of a success without a JSON-RPC message. Its words say what came instead.
[[nodiscard]] Error notAnMcpServer(const Http::ClientResponse &response);

} // namespace McpAuth::OAuth
