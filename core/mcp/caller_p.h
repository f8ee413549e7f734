// Who asks, by which rules, and how he is reached.
#pragma once

#include "mcp/calls_p.h"
#include "mcp/outcome_p.h"
#include "mcp/scope_p.h"
#include "mcp/seal_p.h"

namespace McpAuth::Mcp {

struct Caller
{
    std::shared_ptr<const Bearer::AuthInfo> auth = {}; ///< null without auth
    SessionCaller counted = {};
    QByteArray session = {}; ///< empty where the revision has none
    const Revision *revision = nullptr;
    QJsonObject capabilities = {};
    std::optional<LogLevel> logLevel = {};
    std::shared_ptr<Outlet> outlet = {}; ///< null: nothing can be said before the answer
    std::shared_ptr<Calls> calls = {};   ///< where those of his that run are counted
    std::shared_ptr<const Seals> seals = {};
    std::stop_token gone = {};                ///< nobody waits for the answer any more
    int callsAtOnce = 0;                      ///< of his, at most
    std::chrono::milliseconds callTime{0};    ///< that a call may take; 0: no end
    std::chrono::milliseconds waitingTime{0}; ///< that it may wait for the client's answers besides
};

/// How long a client may take to gather what it is asked (2026-07-28).
inline constexpr std::chrono::seconds requestStateLifetime{3600};

/// What a handler gets to know. Errors: InvalidParams (a requestState that is not of this server, this caller and this
/// request, or too old; inputResponses that are no object of objects).
[[nodiscard]] std::expected<std::shared_ptr<RequestScope>, RpcError> scopeOf(const RpcRequest &request,
                                                                             const Caller &caller);
/// What its handler's outcome comes to: where it asked, the questions (2026-07-28).
[[nodiscard]] RpcOutcome finished(const RpcRequest &request, const Caller &caller, const RequestScope &scope,
                                  RpcOutcome outcome);

} // namespace McpAuth::Mcp
