// What a stateless request (2026-07-28) says of itself, in `_meta` and in its header fields.
#pragma once

#include "mcp/methods_p.h"
#include "mcp/transport_p.h"

namespace McpAuth::Mcp {

struct StatelessRequest
{
    const Revision *revision = nullptr;
    QJsonObject clientCapabilities;
    std::optional<LogLevel> logLevel; ///< nothing: no log messages
};

/// Whether a message is of the stateless era, whatever it asks: its `_meta` names a revision, or its header one that
/// has no handshake, or one that is not known and no session.
[[nodiscard]] bool isStateless(const NamedVersion &version, const Http::Request &request, const RpcPayload &payload);

/// In the order of Server Validation: `_meta` (400, InvalidParams), the header's revision (400, HeaderMismatch),
/// whether it is spoken (400, UnsupportedProtocolVersion), Mcp-Method and Mcp-Name (400, HeaderMismatch), the method
/// (404, MethodNotFound), Mcp-Param-… of a tool's call (400, HeaderMismatch).
[[nodiscard]] std::expected<StatelessRequest, HttpFault>
readStateless(const NamedVersion &version, const Http::Request &request, const RpcRequest &message,
              const Features &features, const QStringList &spoken);

} // namespace McpAuth::Mcp
