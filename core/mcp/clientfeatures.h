// What a server may ask of an MCP client while it works on a request, and what it may tell.
#pragma once

#include "base/json.h"
#include "base/result.h"

#include <QCoroTask>

#include <chrono>
#include <functional>
#include <stop_token>

namespace McpAuth::Mcp {

/// Gives the result of what the server asks; `stop`: nobody waits for it any more. An error ends the server's question,
/// and in stateless revisions the request that led to it: the code rejected says that a person did not want to. A
/// server in a session learns that there was an error, but not its words. Called from the event loop: it may destroy
/// the client.
using InputProvider = std::function<QCoro::Task<Result<QJsonObject>>(QJsonObject params, std::stop_token stop)>;

/// How long a provider may take, which is as a rule a person's time; the error is then timeout. While questions are
/// open, no request's time-out runs, but for this long in all.
inline constexpr std::chrono::minutes maxInputTime{15};
inline constexpr std::chrono::minutes maxUncountedTime{60};
/// Times that one request is sent again after what its server asked for (2026-07-28 Multi Round-Trip Requests;
/// 2025-11-25 URL Elicitation Required Error).
inline constexpr int maxInputRounds = 20;
/// Questions that are open at the same time; more are refused. Of one input-required result; more are an error.
inline constexpr int maxServerRequests = 100;
/// Refusals, and answers to pings, that are on their way at the same time; what would be one more is ignored.
inline constexpr int maxQuickReplies = 100;

/// What is there is declared as a capability; the rest is refused.
struct ClientFeatures
{
    /// elicitation/create in form mode, params.requestedSchema: {"action": "accept", "decline" or "cancel", "content"}
    InputProvider elicit = {};
    /// elicitation/create in URL mode, params.url: {"action"}. The URL must not be opened, nor asked for anything,
    /// before a person has seen the whole of it and consented (2025-11-25 elicitation, Safe URL Handling). Also for the
    /// pages that a refused request needs first (error -32042), after which it is sent again.
    InputProvider elicitByUrl = {};
    InputProvider sample = {};    ///< sampling/createMessage: {"role", "content", "model", "stopReason"}
    InputProvider listRoots = {}; ///< roots/list: {"roots": [{"uri", "name"}]}
    /// Everything that the server tells: progress, logs, changed lists. Where this is there, progress is asked for,
    /// under the token that params._meta.progressToken gives, else under the request's ID. May destroy the client.
    std::function<void(const QString &method, const QJsonObject &params)> onNotification = {};
    std::chrono::milliseconds inputTime = maxInputTime; ///< of one provider
    QString logLevel = {}; ///< "debug" … "emergency": from which on the server is to log; empty: not at all
};

/// {"elicitation", "sampling", "roots"}, each where it is provided for
[[nodiscard]] QJsonObject capabilitiesOf(const ClientFeatures &features);

/// `content` with the defaults of the schema's properties that it leaves out (SEP-1034).
[[nodiscard]] QJsonObject withDefaults(const QJsonObject &requestedSchema, QJsonObject content = {});

} // namespace McpAuth::Mcp
