// The older transport (2024-11-05 basic/transports, HTTP with SSE; deprecated since): a stream that a GET opens carries
// every message of the server's, and the client posts its own to the address that the stream begins with.
#pragma once

#include "http/router.h"
#include "mcp/endpointstate_p.h"

namespace McpAuth::Mcp {

/// Where the client of a stream at `path` posts its messages: messages below it.
[[nodiscard]] QByteArray messagesPath(const QByteArray &path);

/// GET at `path`, POST at messagesPath(). `admission` as Http::Router has it.
void offerHttpSse(const EndpointStatePtr &state, Http::Router *router, const QByteArray &path,
                  const Http::Admission &admission);

} // namespace McpAuth::Mcp
