#include "http/address.h"
#include "mcp/passage_p.h"

#include <QTimeZone>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// The verdict for the request log: the checks that failed, or what the server itself ran into.
QString reasonOf(const Bearer::Verdict &verdict)
{
    if (verdict.accepted)
        return {};
    QStringList reasons;
    for (const Check &check : verdict.checks) {
        if (check.outcome == CheckOutcome::Fail)
            reasons.append(check.detail);
    }
    if (reasons.isEmpty())
        reasons.append(verdict.cause.message.isEmpty() ? verdict.errorDescription : verdict.cause.message);
    return reasons.join(u' ');
}

} // namespace

SessionOwner Passage::owner() const
{
    if (!verdict->auth)
        return {};
    const Bearer::AuthInfo &auth = *verdict->auth;
    return {
        .issuer = auth.issuer, .subject = auth.subject, .client = auth.subject.isEmpty() ? auth.clientId : QString()};
}

SessionCaller Passage::caller() const
{
    return {owner(), verdict->auth ? QString() : Http::peerGroup(request.peer).toString()};
}

VerdictPtr everybody()
{
    static const auto verdict = std::make_shared<const Bearer::Verdict>(Bearer::Verdict{.accepted = true});
    return verdict;
}

VerdictPtr verdictNow(const EndpointState &state, const Http::Request &request)
{
    if (!state.auth || request.method == "OPTIONS") // a browser's preflight never carries a token (Fetch §4.8)
        return everybody();
    return state.auth->authorizeNow(request);
}

QCoro::Task<VerdictPtr> verdictLater(EndpointStatePtr state, Http::Request request)
{
    co_return std::make_shared<const Bearer::Verdict>(co_await state->auth->authorize(request));
}

std::optional<TimePoint> expiryOf(const Passage &passage)
{
    const auto &auth = passage.verdict->auth;
    if (!auth || !auth->expiresAt)
        return std::nullopt;
    constexpr qint64 latest = 100'000'000'000; // seconds: in milliseconds they do not overflow yet
    return TimePoint(std::chrono::seconds(std::clamp<qint64>(*auth->expiresAt, 0, latest)));
}

Passage passageOf(const EndpointState &state, Http::Request request)
{
    const qint64 now = state.options.clock().time_since_epoch().count();
    Passage passage{.request = std::move(request), .verdict = everybody(), .event = {}};
    passage.event.time = QDateTime::fromMSecsSinceEpoch(now, QTimeZone::UTC);
    passage.event.method = passage.request.method;
    passage.event.path = QString::fromLatin1(passage.request.path());
    passage.version = namedVersion(passage.request);
    passage.accepted = acceptedBy(passage.request);
    return passage;
}

/// Names the caller once the claims are believed: accepted, or refused for nothing but scopes, which are looked at
/// last.
void note(RequestEvent &event, const Bearer::Verdict &verdict)
{
    if (verdict.auth) {
        event.subject = verdict.auth->subject;
        event.clientId = verdict.auth->clientId;
    } else if (verdict.error == Bearer::BearerError::MissingRequiredScopes && event.subject.isEmpty()) {
        event.subject = verdict.claims.value("sub"_L1).toString();
    }
    if (!verdict.accepted)
        event.error = Bearer::info(verdict.error).code;
    event.reason = reasonOf(verdict);
}

void note(RequestEvent &event, const RpcError &error)
{
    if (event.error.isEmpty())
        event.error = error.message;
}

Http::Response refuse(Passage &passage, const Bearer::Verdict &verdict)
{
    note(passage.event, verdict);
    return Bearer::toResponse(verdict);
}

Http::Response refuse(Passage &passage, const HttpFault &fault, const QJsonValue &id)
{
    note(passage.event, fault.error);
    return Http::Response::json(fault.status, rpcError(id, fault.error));
}

void tell(const EndpointState &state, Passage &passage, int status)
{
    passage.event.status = status;
    passage.event.durationMs =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - passage.started).count();
    if (state.endpoint)
        Q_EMIT state.endpoint->requestAnswered(passage.event);
}

} // namespace McpAuth::Mcp
