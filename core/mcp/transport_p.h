// The rules of Streamable HTTP about header fields (basic/transports.mdx), apart from any state.
#pragma once

#include "http/message.h"
#include "mcp/jsonrpc.h"
#include "mcp/revision_p.h"

#include <optional>

namespace McpAuth::Mcp {

inline constexpr QByteArrayView sessionField = "Mcp-Session-Id";
inline constexpr QByteArrayView versionField = "Mcp-Protocol-Version";

/// A refusal of the whole request.
struct HttpFault
{
    int status = 400;
    RpcError error;
};

[[nodiscard]] HttpFault httpFault(int status, const QString &message, const QJsonObject &data = {});

/// 415 unless the body is said to be JSON; 406 when an Accept field rules JSON out (RFC 9110 §12.5.1). A request
/// without Accept is taken, though the specification asks for one.
[[nodiscard]] std::optional<HttpFault> checkMediaTypes(const Http::Request &request);

/// The revision that a request names in its header; null when it names none. 400: not spoken here, or named several
/// times.
[[nodiscard]] std::expected<const Revision *, HttpFault> namedRevision(const Http::Request &request);
/// 400 when a request names another revision than its session agreed on.
[[nodiscard]] std::optional<HttpFault> checkAgreed(const Revision *named, const Revision &agreed);

} // namespace McpAuth::Mcp
