// What an endpoint answers itself: sessions' settings, and streams that stay open.
#pragma once

#include "mcp/admission_p.h"

namespace McpAuth::Mcp {

/// GET: what a session is told beside its requests (to 2025-11-25), or the rest of a stream that broke off.
[[nodiscard]] Http::Response openGetStream(const EndpointStatePtr &state, Passage &passage);
/// subscriptions/listen (2026-07-28); nothing for any other request.
[[nodiscard]] std::optional<Http::Response> openListenStream(const EndpointStatePtr &state, Passage &passage,
                                                             const Admitted &admitted);
/// 503 or 429 where no more streams are opened.
[[nodiscard]] std::optional<Http::Response> refuseStream(const EndpointState &state, Passage &passage,
                                                         const QJsonValue &id);
/// Every request but initialize and subscriptions/listen.
[[nodiscard]] RpcAnswer answerIn(const EndpointStatePtr &state, const RpcRequest &request, const Caller &caller);
/// A session's notification, or its answer to a request of ours.
void hear(EndpointState &state, const QByteArray &session, const RpcMessage &message);
/// From time to time each open stream says that it lives, while the endpoint is there.
void keepStreamsAlive(const EndpointStatePtr &state);

} // namespace McpAuth::Mcp
