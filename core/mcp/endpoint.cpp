#include "mcp/endpoint.h"

#include "http/address.h"
#include "mcp/methods_p.h"
#include "mcp/sessions_p.h"
#include "mcp/toolbox_p.h"
#include "mcp/transport_p.h"

#include <QPointer>
#include <QTimeZone>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// Of what a request log repeats of a caller's words.
constexpr qsizetype shownText = 128;

/// What a request needs while it is answered; it may outlive the endpoint.
struct State
{
    EndpointOptions options;
    Introduction introduction;
    std::unique_ptr<Bearer::BearerAuth> auth;
    Toolbox toolbox;
    Sessions sessions;
    std::shared_ptr<Calls> calls;
    QPointer<Endpoint> endpoint; ///< null once it is gone
};

using StatePtr = std::shared_ptr<State>;

using VerdictPtr = std::shared_ptr<const Bearer::Verdict>;

/// One request on its way.
struct Passage
{
    Http::Request request;
    VerdictPtr verdict;
    RequestEvent event;
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

    [[nodiscard]] SessionOwner owner() const
    {
        return verdict->auth ? SessionOwner{verdict->auth->issuer, verdict->auth->subject} : SessionOwner{};
    }
    [[nodiscard]] SessionCaller caller() const
    {
        return {owner(), verdict->auth ? QString() : Http::peerGroup(request.peer).toString()};
    }
};

VerdictPtr everybody()
{
    static const auto verdict = std::make_shared<const Bearer::Verdict>(Bearer::Verdict{.accepted = true});
    return verdict;
}

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

Http::Response refuse(Passage &passage, const HttpFault &fault, const QJsonValue &id = QJsonValue())
{
    note(passage.event, fault.error);
    return Http::Response::json(fault.status, rpcError(id, fault.error));
}

/// A protocol error of a message that is one is an answer like any other: it comes with 200.
QByteArray messageOf(Passage &passage, const QJsonValue &id, const RpcOutcome &outcome)
{
    if (outcome)
        return rpcResultText(id, *outcome);
    note(passage.event, outcome.error());
    return toJsonText(rpcError(id, outcome.error()));
}

/// The session that a request names, with the header fields that must agree with it; valid until the next look-up.
std::expected<const Session *, HttpFault> sessionOf(State &state, const Passage &passage)
{
    const Http::Request &request = passage.request;
    const auto named = namedRevision(request);
    if (!named)
        return std::unexpected(named.error());
    const QByteArray id = request.header(sessionField); // empty, too, when there are several
    if (id.isEmpty() && request.headerCount(sessionField) != 1)
        return std::unexpected(httpFault(400, u"One Mcp-Session-Id is needed; initialize gives it out."_s));
    const Session *session = state.sessions.use(id, passage.owner());
    if (!session)
        return std::unexpected(httpFault(404, u"There is no such session; initialize begins a new one."_s));
    if (auto fault = checkAgreed(*named, *session->revision))
        return std::unexpected(*std::move(fault));
    return session;
}

const RpcRequest *requestIn(const RpcEntry &entry)
{
    return entry.message ? std::get_if<RpcRequest>(&*entry.message) : nullptr;
}

bool isInitialize(const RpcEntry &entry)
{
    const RpcRequest *request = requestIn(entry);
    return request && request->method == "initialize"_L1;
}

Http::Response openSession(State &state, Passage &passage, const RpcRequest &request)
{
    if (auto named = namedRevision(passage.request); !named)
        return refuse(passage, named.error(), request.id);
    if (passage.request.headerCount(sessionField) > 0) {
        const auto session = sessionOf(state, passage);
        const HttpFault fault = session ? httpFault(400, u"This session is initialized already."_s) : session.error();
        return refuse(passage, fault, request.id);
    }
    const auto revision = agreedRevision(request.params);
    if (!revision)
        return Http::Response::jsonText(200, messageOf(passage, request.id, std::unexpected(revision.error())));
    Http::Response response =
        Http::Response::jsonText(200, rpcResultText(request.id, state.introduction.in(**revision)));
    response.headers.append(QLatin1StringView(sessionField),
                            QLatin1StringView(state.sessions.open(passage.caller(), *revision).id));
    return response;
}

/// Why a payload cannot be taken in this session as a whole.
std::optional<HttpFault> checkPayload(const RpcPayload &payload, const Revision &revision)
{
    if (!payload.isBatch)
        return std::nullopt;
    if (!revision.batches)
        return httpFault(400, u"Revision %1 has no batches."_s.arg(revision.name));
    if (std::ranges::any_of(payload.entries, isInitialize))
        return httpFault(400, u"initialize must not be part of a batch."_s);
    return std::nullopt;
}

Http::Response endSession(State &state, Passage &passage)
{
    const auto session = sessionOf(state, passage);
    if (!session)
        return refuse(passage, session.error());
    const QByteArray id = (*session)->id;
    state.sessions.close(id, passage.owner());
    return Http::Response::empty(204);
}

Http::Response methodNotAllowed(Passage &passage)
{
    constexpr QByteArrayView allowed = "POST, DELETE, OPTIONS"; // no stream of the server's own: GET is refused too
    if (passage.request.method == "OPTIONS")
        return Http::Response::empty(204).set("Allow", allowed);
    const HttpFault fault = httpFault(405, u"This endpoint takes POST and DELETE."_s);
    return refuse(passage, fault).set("Allow", allowed);
}

/// Messages that may be acted on, and who sent them.
struct Admitted
{
    RpcPayload payload;
    Caller caller;
};

/// What a tool of a payload asks for, and how many calls the caller has already.
std::optional<Http::Response> refuseCalls(State &state, Passage &passage, const Demand &demand, const QJsonValue &id)
{
    if (state.auth && !demand.scopes.isEmpty()) {
        const Bearer::Verdict verdict = state.auth->requireScopes(*passage.verdict, demand.scopes);
        if (!verdict.accepted)
            return refuse(passage, verdict);
    }
    if (demand.callsTools && state.calls->of(passage.caller()) >= state.options.callsAtOncePerCaller)
        return refuse(passage, httpFault(429, u"Too many calls at the same time."_s), id).set("Retry-After", "1");
    return std::nullopt;
}

Caller callerOf(const State &state, const Passage &passage, const Session &session)
{
    const VerdictPtr &verdict = passage.verdict;
    return {.auth = verdict->auth ? std::shared_ptr<const Bearer::AuthInfo>(verdict, &*verdict->auth) : nullptr,
            .counted = passage.caller(),
            .session = session.id,
            .revision = session.revision,
            .calls = state.calls,
            .peerGone = passage.request.peerGone,
            .callTime = state.options.toolTimeout};
}

std::expected<Admitted, Http::Response> admitPost(State &state, Passage &passage)
{
    if (auto fault = checkMediaTypes(passage.request))
        return std::unexpected(refuse(passage, *fault));
    RpcPayload payload = parseRpc(std::exchange(passage.request.body, {}));
    const Demand demand = demandOf(state.toolbox, payload);
    passage.event.rpc = demand.methods.left(shownText);
    passage.event.tool = demand.tools.left(shownText);
    const QJsonValue id = payload.isBatch ? QJsonValue() : payload.entries.first().id;
    if (!payload.isBatch) {
        const RpcEntry &only = payload.entries.first();
        if (!only.message)
            return std::unexpected(refuse(passage, {.status = 400, .error = only.message.error()}, id));
        if (isInitialize(only))
            return std::unexpected(openSession(state, passage, *requestIn(only)));
    }
    const auto session = sessionOf(state, passage);
    if (!session)
        return std::unexpected(refuse(passage, session.error(), id));
    if (auto fault = checkPayload(payload, *(*session)->revision))
        return std::unexpected(refuse(passage, *fault, id));
    if (auto refused = refuseCalls(state, passage, demand, id))
        return std::unexpected(*std::move(refused));
    return Admitted{.payload = std::move(payload), .caller = callerOf(state, passage, **session)};
}

/// In the order that endpoint.h tells: messages to act on, or the answer at once.
std::expected<Admitted, Http::Response> admit(State &state, Passage &passage)
{
    if (passage.request.method == "OPTIONS")
        return std::unexpected(methodNotAllowed(passage));
    if (!passage.verdict->accepted)
        return std::unexpected(refuse(passage, *passage.verdict));
    if (passage.request.method == "DELETE")
        return std::unexpected(endSession(state, passage));
    if (passage.request.method != "POST")
        return std::unexpected(methodNotAllowed(passage));
    return admitPost(state, passage);
}

/// 202 when there was nothing to answer.
Http::Response responseTo(const RpcPayload &payload, const QByteArrayList &answers)
{
    if (answers.isEmpty())
        return Http::Response::empty(202);
    if (!payload.isBatch)
        return Http::Response::jsonText(200, answers.first());
    const bool anyUnderstood =
        std::ranges::any_of(payload.entries, [](const RpcEntry &entry) { return entry.message.has_value(); });
    return Http::Response::jsonText(anyUnderstood ? 200 : 400, '[' + answers.join(',') + ']');
}

Passage passageOf(const State &state, Http::Request request)
{
    const qint64 now = state.options.clock().time_since_epoch().count();
    Passage passage{.request = std::move(request), .verdict = everybody(), .event = {}};
    passage.event.time = QDateTime::fromMSecsSinceEpoch(now, QTimeZone::UTC);
    passage.event.method = passage.request.method;
    passage.event.path = QString::fromLatin1(passage.request.path());
    return passage;
}

void tell(const State &state, Passage &passage, const Http::Response &response)
{
    passage.event.status = response.status;
    passage.event.durationMs =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - passage.started).count();
    if (state.endpoint)
        Q_EMIT state.endpoint->requestAnswered(passage.event);
}

/// One coroutine a request: what has to wait waits here.
QCoro::Task<Http::Response> serve(StatePtr state, Http::Request request)
{
    Passage passage = passageOf(*state, std::move(request));
    if (state->auth &&
        passage.request.method != "OPTIONS") { // a browser's preflight never carries a token (Fetch §4.8)
        passage.verdict = state->auth->authorizeNow(passage.request);
        if (!passage.verdict)
            passage.verdict = std::make_shared<const Bearer::Verdict>(co_await state->auth->authorize(passage.request));
        note(passage.event, *passage.verdict);
    }
    const auto admitted = admit(*state, passage);
    QByteArrayList answers;
    for (qsizetype i = 0; admitted && i < admitted->payload.entries.size(); ++i) {
        const RpcEntry &entry = admitted->payload.entries.at(i);
        if (const RpcRequest *call = requestIn(entry)) {
            RpcAnswer answered = answer(state->toolbox, *call, admitted->caller);
            if (auto *later = std::get_if<QCoro::Task<RpcOutcome>>(&answered)) {
                RpcOutcome outcome = co_await *later;
                answered = std::move(outcome);
            }
            answers.append(messageOf(passage, entry.id, std::get<RpcOutcome>(answered)));
        } else if (entry.message) {
            state->calls->heed(admitted->caller.session, *entry.message);
        } else {
            answers.append(messageOf(passage, entry.id, std::unexpected(entry.message.error())));
        }
    }
    Http::Response response = admitted ? responseTo(admitted->payload, answers) : admitted.error();

    tell(*state, passage, response);
    co_return response;
}

/// The answer to a request whose token is not good, before its body is read.
std::optional<Http::Response> refusalAtHead(const State &state, const Http::Request &head)
{
    if (!state.auth || head.method == "OPTIONS")
        return {};
    auto verdict = state.auth->refusalNow(head);
    if (!verdict)
        return {};
    Passage passage = passageOf(state, head);
    passage.verdict = std::make_shared<const Bearer::Verdict>(*std::move(verdict));
    note(passage.event, *passage.verdict);
    Http::Response response = refuse(passage, *passage.verdict);
    tell(state, passage, response);
    return response;
}

QCoro::Task<Bearer::Verdict> judgeFor(StatePtr state, Secret token, QString tool)
{
    if (!state->auth)
        co_return Bearer::Verdict(*everybody());
    Bearer::Verdict verdict = co_await state->auth->judge(std::move(token));
    const Tool *called = state->toolbox.find(tool);
    if (!verdict.accepted || !called)
        co_return verdict;
    co_return state->auth->requireScopes(verdict, called->requiredScopes);
}

} // namespace

struct Endpoint::Private
{
    StatePtr state;
};

Endpoint::Endpoint(EndpointOptions options, std::unique_ptr<Bearer::BearerAuth> auth, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    Sessions sessions(options.clock);
    Introduction introduction(options);
    d->state = std::make_shared<State>(State{.options = std::move(options),
                                             .introduction = std::move(introduction),
                                             .auth = std::move(auth),
                                             .toolbox = {},
                                             .sessions = std::move(sessions),
                                             .calls = std::make_shared<Calls>(),
                                             .endpoint = this});
}

Endpoint::~Endpoint()
{
    d->state->calls->stopAll();
}

Result<> Endpoint::addTool(Tool tool)
{
    return d->state->toolbox.add(std::move(tool));
}

const QList<Tool> &Endpoint::tools() const
{
    return d->state->toolbox.tools();
}

bool Endpoint::setToolScopes(const QString &tool, const QStringList &scopes)
{
    return d->state->toolbox.setScopes(tool, scopes);
}

const Bearer::BearerAuth *Endpoint::auth() const
{
    return d->state->auth.get();
}

void Endpoint::mount(Http::Router *router, const QByteArray &path)
{
    const auto handler = [state = d->state](Http::Request request) { return serve(state, std::move(request)); };
    const auto admission = [state = d->state](const Http::Request &head) { return refusalAtHead(*state, head); };
    router->addAll(path, handler, Http::Cors::Allowed, admission);
}

QCoro::Task<Http::Response> Endpoint::handle(Http::Request request)
{
    return serve(d->state, std::move(request));
}

QCoro::Task<Bearer::Verdict> Endpoint::judge(Secret token, QString tool) const
{
    return judgeFor(d->state, std::move(token), std::move(tool));
}

qsizetype Endpoint::sessionCount() const
{
    return d->state->sessions.count();
}

} // namespace McpAuth::Mcp
