// Which requests an endpoint acts on, in the order that endpoint.h tells.
#pragma once

#include "mcp/passage_p.h"
#include "mcp/pendingreply_p.h"

namespace McpAuth::Mcp {

/// Messages that may be acted on, and who sent them.
struct Admitted
{
    RpcPayload payload;
    Caller caller;
    std::shared_ptr<PendingReply> reply; ///< null when no handler runs
};

/// What a body brings.
struct Messages
{
    RpcPayload payload;
    Demand demand;
    QJsonValue id; ///< of the only one; null of a batch
};
[[nodiscard]] std::expected<Messages, Http::Response> messagesIn(const EndpointState &state, Passage &passage);
/// Whether they may be acted on in this session, whose client is reached by `outlet`.
[[nodiscard]] std::expected<Admitted, Http::Response> admitIn(EndpointState &state, Passage &passage,
                                                              const Session &session, Messages messages,
                                                              std::shared_ptr<Outlet> outlet);

/// Of a POST, once its token is good: messages, or the answer at once.
[[nodiscard]] std::expected<Admitted, Http::Response> admitPost(const EndpointStatePtr &state, Passage &passage);

/// The session that a request names, with the header fields that must agree with it; valid until the next look-up.
[[nodiscard]] std::expected<Session *, HttpFault> sessionOf(EndpointState &state, const Passage &passage);

[[nodiscard]] inline const RpcRequest *requestIn(const RpcEntry &entry)
{
    return entry.message ? std::get_if<RpcRequest>(&*entry.message) : nullptr;
}

} // namespace McpAuth::Mcp
