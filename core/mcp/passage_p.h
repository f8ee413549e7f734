// One HTTP request on its way through an endpoint, and what the request log will say of it.
#pragma once

#include "mcp/endpointstate_p.h"
#include "mcp/transport_p.h"

namespace McpAuth::Mcp {

using VerdictPtr = std::shared_ptr<const Bearer::Verdict>;

struct Passage
{
    Http::Request request;
    VerdictPtr verdict;
    RequestEvent event;
    NamedVersion version = {};
    Accepted accepted = {};
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

    [[nodiscard]] SessionOwner owner() const;
    [[nodiscard]] SessionCaller caller() const;
};

[[nodiscard]] Passage passageOf(const EndpointState &state, Http::Request request);
/// Without auth: accepted, whoever it is.
[[nodiscard]] VerdictPtr everybody();
/// Null when it has to be waited for.
[[nodiscard]] VerdictPtr verdictNow(const EndpointState &state, const Http::Request &request);
[[nodiscard]] QCoro::Task<VerdictPtr> verdictLater(EndpointStatePtr state, Http::Request request);
/// When the caller's token ends.
[[nodiscard]] std::optional<TimePoint> expiryOf(const Passage &passage);

void note(RequestEvent &event, const Bearer::Verdict &verdict);
void note(RequestEvent &event, const RpcError &error);
[[nodiscard]] Http::Response refuse(Passage &passage, const Bearer::Verdict &verdict);
[[nodiscard]] Http::Response refuse(Passage &passage, const HttpFault &fault, const QJsonValue &id = QJsonValue());
/// The request has its answer, or the beginning of it.
void tell(const EndpointState &state, Passage &passage, int status);

} // namespace McpAuth::Mcp
