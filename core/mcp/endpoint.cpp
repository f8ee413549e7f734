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

/// One request on its way, shared by the coroutines that answer it.
struct Passage
{
    Http::Request request;
    Bearer::Verdict verdict;
    RequestEvent event;
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

    [[nodiscard]] SessionOwner owner() const
    {
        return verdict.auth ? SessionOwner{verdict.auth->issuer, verdict.auth->subject} : SessionOwner{};
    }
    [[nodiscard]] SessionCaller caller() const
    {
        return {owner(), verdict.auth ? QString() : Http::peerGroup(request.peer).toString()};
    }
};

using PassagePtr = std::shared_ptr<Passage>;

Bearer::Verdict everybody()
{
    Bearer::Verdict verdict;
    verdict.accepted = true;
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

void note(RequestEvent &event, const RpcPayload &payload)
{
    QStringList methods;
    QStringList tools;
    for (const RpcEntry &entry : payload.entries) {
        const RpcMessage *message = entry.message ? &*entry.message : nullptr;
        if (const auto *request = message ? std::get_if<RpcRequest>(message) : nullptr) {
            methods.append(request->method);
            tools.append(calledTool(*request));
        } else if (const auto *notification = message ? std::get_if<RpcNotification>(message) : nullptr) {
            methods.append(notification->method);
        }
    }
    tools.removeAll(QString());
    event.rpc = methods.join(u',').left(shownText);
    event.tool = tools.join(u',').left(shownText);
}

Http::Response refuse(const PassagePtr &passage, const Bearer::Verdict &verdict)
{
    note(passage->event, verdict);
    return Bearer::toResponse(verdict);
}

Http::Response refuse(const PassagePtr &passage, const HttpFault &fault, const QJsonValue &id = QJsonValue())
{
    note(passage->event, fault.error);
    return Http::Response::json(fault.status, rpcError(id, fault.error));
}

/// A protocol error of a message that is one is an answer like any other: it comes with 200.
QJsonObject messageOf(const PassagePtr &passage, const QJsonValue &id, const RpcOutcome &outcome)
{
    if (outcome)
        return rpcResult(id, *outcome);
    note(passage->event, outcome.error());
    return rpcError(id, outcome.error());
}

/// The session that a request names, with the header fields that must agree with it.
std::expected<Session, HttpFault> sessionOf(const StatePtr &state, const PassagePtr &passage)
{
    const Http::Request &request = passage->request;
    if (auto named = namedRevision(request, nullptr); !named)
        return std::unexpected(named.error());
    if (request.headerCount(sessionField) != 1)
        return std::unexpected(httpFault(400, u"One Mcp-Session-Id is needed; initialize gives it out."_s));
    const Session *session = state->sessions.use(request.header(sessionField), passage->owner());
    if (!session)
        return std::unexpected(httpFault(404, u"There is no such session; initialize begins a new one."_s));
    if (auto named = namedRevision(request, session->revision); !named)
        return std::unexpected(named.error());
    return *session;
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

Http::Response openSession(const StatePtr &state, const PassagePtr &passage, const RpcRequest &request)
{
    if (auto named = namedRevision(passage->request, nullptr); !named)
        return refuse(passage, named.error(), request.id);
    if (passage->request.headerCount(sessionField) > 0) {
        auto session = sessionOf(state, passage);
        const HttpFault fault = session ? httpFault(400, u"This session is initialized already."_s) : session.error();
        return refuse(passage, fault, request.id);
    }
    const auto revision = agreedRevision(request.params);
    if (!revision)
        return Http::Response::json(200, messageOf(passage, request.id, std::unexpected(revision.error())));
    Http::Response response =
        Http::Response::jsonText(200, rpcResultText(request.id, state->introduction.in(**revision)));
    response.headers.append(QLatin1StringView(sessionField),
                            QLatin1StringView(state->sessions.open(passage->caller(), *revision).id));
    return response;
}

/// 202 when there was nothing to answer.
Http::Response responseTo(bool isBatch, const QJsonArray &answers, bool anyUnderstood)
{
    if (answers.isEmpty())
        return Http::Response::empty(202);
    if (!isBatch)
        return Http::Response::json(200, answers.first().toObject());
    return Http::Response::jsonText(anyUnderstood ? 200 : 400, toJsonText(answers));
}

CallSlot slotFor(const StatePtr &state, const PassagePtr &passage, const Session &session, const RpcRequest &request)
{
    if (calledTool(request).isEmpty())
        return {};
    return {.running = std::make_shared<RunningCall>(state->calls, passage->caller(), session.id, request.id),
            .timeout = state->options.toolTimeout};
}

QCoro::Task<Http::Response> answerMessages(StatePtr state, PassagePtr passage, RpcPayload payload, Session session)
{
    const QString sessionId = QString::fromLatin1(session.id);
    QJsonArray answers;
    bool anyUnderstood = false;
    for (qsizetype i = 0; i < payload.entries.size(); ++i) {
        const RpcEntry &entry = payload.entries.at(i);
        anyUnderstood = anyUnderstood || entry.message;
        if (!entry.message) {
            answers.append(messageOf(passage, entry.id, std::unexpected(entry.message.error())));
        } else if (const RpcRequest *request = requestIn(entry)) {
            CallSlot slot = slotFor(state, passage, session, *request);
            const auto stopCall = [call = slot.running] {
                if (const auto held = call) // the call may end by being told
                    held->stop();
            };
            const std::stop_callback onPeerGone(passage->request.peerGone, stopCall);
            Context context(passage->verdict.auth, sessionId, session.revision->name,
                            slot.running ? slot.running->token() : std::stop_token());
            const RpcOutcome outcome =
                co_await answer(state->toolbox, *request, *session.revision, std::move(context), std::move(slot));
            answers.append(messageOf(passage, entry.id, outcome));
        } else {
            state->calls->heed(session.id, *entry.message);
        }
    }
    co_return responseTo(payload.isBatch, answers, anyUnderstood);
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

QCoro::Task<Http::Response> answerPost(StatePtr state, PassagePtr passage)
{
    if (auto fault = checkMediaTypes(passage->request))
        co_return refuse(passage, *fault);
    RpcPayload payload = parseRpc(passage->request.body);
    note(passage->event, payload);
    const QJsonValue id = payload.isBatch ? QJsonValue() : payload.entries.first().id;
    if (!payload.isBatch) {
        const RpcEntry &only = payload.entries.first();
        if (!only.message)
            co_return refuse(passage, {.status = 400, .error = only.message.error()}, id);
        if (isInitialize(only))
            co_return openSession(state, passage, *requestIn(only));
    }
    const auto session = sessionOf(state, passage);
    if (!session)
        co_return refuse(passage, session.error(), id);
    if (auto fault = checkPayload(payload, *session->revision))
        co_return refuse(passage, *fault, id);
    const QStringList scopes = requiredScopes(state->toolbox, payload);
    if (state->auth && !scopes.isEmpty()) {
        const Bearer::Verdict verdict = state->auth->requireScopes(passage->verdict, scopes);
        if (!verdict.accepted)
            co_return refuse(passage, verdict);
    }
    if (callsTools(payload) && state->calls->of(passage->caller()) >= state->options.callsAtOncePerCaller)
        co_return refuse(passage, httpFault(429, u"Too many calls at the same time."_s), id).set("Retry-After", "1");
    Http::Response response = co_await answerMessages(state, passage, std::move(payload), *session);
    co_return response;
}

Http::Response endSession(const StatePtr &state, const PassagePtr &passage)
{
    const auto session = sessionOf(state, passage);
    if (!session)
        return refuse(passage, session.error());
    state->sessions.close(session->id, session->owner);
    return Http::Response::empty(204);
}

Http::Response methodNotAllowed(const PassagePtr &passage)
{
    constexpr QByteArrayView allowed = "POST, DELETE, OPTIONS"; // no stream of the server's own: GET is refused too
    if (passage->request.method == "OPTIONS")
        return Http::Response::empty(204).set("Allow", allowed);
    const HttpFault fault = httpFault(405, u"This endpoint takes POST and DELETE."_s);
    return refuse(passage, fault).set("Allow", allowed);
}

QCoro::Task<Http::Response> answerRequest(StatePtr state, PassagePtr passage)
{
    if (passage->request.method == "OPTIONS") // a browser's preflight never carries a token (Fetch §4.8)
        co_return methodNotAllowed(passage);
    if (state->auth) {
        passage->verdict = co_await state->auth->authorize(passage->request);
        note(passage->event, passage->verdict);
    }
    if (!passage->verdict.accepted)
        co_return refuse(passage, passage->verdict);
    if (passage->request.method == "DELETE")
        co_return endSession(state, passage);
    if (passage->request.method != "POST")
        co_return methodNotAllowed(passage);
    Http::Response response = co_await answerPost(state, passage);
    co_return response;
}

PassagePtr begin(const StatePtr &state, Http::Request request)
{
    const qint64 now = state->options.clock().time_since_epoch().count();
    const PassagePtr passage = std::make_shared<Passage>();
    passage->event.time = QDateTime::fromMSecsSinceEpoch(now, QTimeZone::UTC);
    passage->event.method = request.method;
    passage->event.path = QString::fromLatin1(request.path());
    passage->request = std::move(request);
    passage->verdict = everybody();
    return passage;
}

void tell(const StatePtr &state, const PassagePtr &passage, const Http::Response &response)
{
    passage->event.status = response.status;
    passage->event.durationMs =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - passage->started).count();
    if (state->endpoint)
        Q_EMIT state->endpoint->requestAnswered(passage->event);
}

QCoro::Task<Http::Response> serve(StatePtr state, Http::Request request)
{
    const PassagePtr passage = begin(state, std::move(request));

    Http::Response response = co_await answerRequest(state, passage);

    tell(state, passage, response);
    co_return response;
}

/// The answer to a request whose token is not good, before its body is read.
std::optional<Http::Response> refusalAtHead(const StatePtr &state, const Http::Request &head)
{
    if (!state->auth || head.method == "OPTIONS")
        return {};
    const auto verdict = state->auth->refusalNow(head);
    if (!verdict)
        return {};
    const PassagePtr passage = begin(state, head);
    Http::Response response = refuse(passage, *verdict);
    tell(state, passage, response);
    return response;
}

QCoro::Task<Bearer::Verdict> judgeFor(StatePtr state, Secret token, QString tool)
{
    if (!state->auth)
        co_return everybody();
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
    const auto admission = [state = d->state](const Http::Request &head) { return refusalAtHead(state, head); };
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
