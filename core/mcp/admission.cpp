#include "mcp/admission_p.h"
#include "mcp/stateless_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// Of what a request log repeats of a caller's words.
constexpr qsizetype shownText = 128;

bool isInitialize(const RpcEntry &entry)
{
    const RpcRequest *request = requestIn(entry);
    return request && request->method == "initialize"_L1;
}

Http::Response openSession(EndpointState &state, Passage &passage, const RpcRequest &request)
{
    if (passage.version.isNamed && !state.speaks(passage.version.revision))
        return refuse(passage, unsupportedVersion(passage.version.text, state.spoken), request.id);
    if (passage.request.headerCount(sessionField) > 0) {
        const auto session = sessionOf(state, passage);
        const HttpFault fault = session ? httpFault(400, u"This session is initialized already."_s) : session.error();
        return refuse(passage, fault, request.id);
    }
    const auto revision = agreedRevision(request.params);
    if (!revision) {
        note(passage.event, revision.error());
        return Http::Response::json(200, rpcError(request.id, revision.error()));
    }
    const Session &session = state.sessions.open(passage.caller(), *revision, keptCapabilities(request.params));
    Http::Response response =
        Http::Response::jsonText(200, rpcResultText(request.id, state.introductionIn(**revision)));
    response.headers.append(QLatin1StringView(sessionField), QLatin1StringView(session.id));
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

/// What a payload asks for, and how many calls the caller has already.
std::optional<Http::Response> refuseCalls(EndpointState &state, Passage &passage, const Demand &demand,
                                          const QJsonValue &id)
{
    if (state.auth && !demand.scopes.isEmpty()) {
        const Bearer::Verdict verdict = state.auth->requireScopes(*passage.verdict, demand.scopes);
        if (!verdict.accepted)
            return refuse(passage, verdict);
    }
    if (demand.runsHandlers && state.calls->of(passage.caller()) >= state.options.callsAtOncePerCaller)
        return refuse(passage, httpFault(429, u"Too many calls at the same time."_s), id).set("Retry-After", "1");
    return std::nullopt;
}

Caller callerOf(const EndpointState &state, const Passage &passage, const Revision *revision)
{
    const VerdictPtr &verdict = passage.verdict;
    return {.auth = verdict->auth ? std::shared_ptr<const Bearer::AuthInfo>(verdict, &*verdict->auth) : nullptr,
            .counted = passage.caller(),
            .revision = revision,
            .calls = state.calls,
            .seals = state.seals,
            .callsAtOnce = state.options.callsAtOncePerCaller,
            .callTime = state.options.toolTimeout,
            .waitingTime = state.options.inputTime};
}

std::shared_ptr<PendingReply> replyFor(const EndpointStatePtr &state, const Passage &passage, const Demand &demand,
                                       const QByteArray &session, const Revision &revision)
{
    if (!demand.runsHandlers)
        return nullptr;
    return std::make_shared<PendingReply>(state, PendingReply::Client{.session = session,
                                                                      .takesStreams = passage.accepted.events,
                                                                      .comesBack = revision.primedStreams});
}

std::expected<Admitted, Http::Response> admitToSession(const EndpointStatePtr &state, Passage &passage,
                                                       Messages messages)
{
    if (!messages.payload.isBatch && isInitialize(messages.payload.entries.first()))
        return std::unexpected(openSession(*state, passage, *requestIn(messages.payload.entries.first())));
    const auto session = sessionOf(*state, passage);
    if (!session)
        return std::unexpected(refuse(passage, session.error(), messages.id));
    auto reply = replyFor(state, passage, messages.demand, (*session)->id, *(*session)->revision);
    auto admitted = admitIn(*state, passage, **session, std::move(messages), reply);
    if (admitted)
        admitted->reply = std::move(reply);
    return admitted;
}

std::expected<Admitted, Http::Response> admitStateless(const EndpointStatePtr &state, Passage &passage,
                                                       Messages messages)
{
    auto &[payload, demand, id] = messages;
    const auto refused = [&](const HttpFault &fault) { return std::unexpected(refuse(passage, fault, messages.id)); };
    if (payload.isBatch)
        return refused(httpFault(400, u"This revision has no batches."_s));
    const RpcMessage &message = *payload.entries.first().message;
    if (std::holds_alternative<RpcResponse>(message))
        return refused(httpFault(400, u"Clients of this revision send no responses."_s));
    const auto *request = std::get_if<RpcRequest>(&message);
    if (!request) // a notification, and this revision has none over HTTP: nothing follows from it
        return Admitted{.payload = std::move(payload), .caller = {}, .reply = nullptr};
    auto read = readStateless(passage.version, passage.request, *request, state->features, state->spoken);
    if (!read)
        return refused(read.error());
    if (auto refusal = refuseCalls(*state, passage, demand, id))
        return std::unexpected(*std::move(refusal));
    Caller caller = callerOf(*state, passage, read->revision);
    caller.capabilities = std::move(read->clientCapabilities);
    caller.logLevel = read->logLevel;
    auto reply = replyFor(state, passage, demand, {}, *read->revision);
    caller.outlet = reply;
    if (reply)
        caller.gone = reply->watchGone(passage.request.peerGone);
    return Admitted{.payload = std::move(payload), .caller = std::move(caller), .reply = std::move(reply)};
}

} // namespace

std::expected<Session *, HttpFault> sessionOf(EndpointState &state, const Passage &passage)
{
    const Http::Request &request = passage.request;
    const NamedVersion &version = passage.version;
    if (version.isNamed && !state.speaks(version.revision))
        return std::unexpected(unsupportedVersion(version.text, state.spoken));
    const QByteArray id = request.header(sessionField); // empty, too, when there are several
    if (id.isEmpty() && request.headerCount(sessionField) != 1)
        return std::unexpected(httpFault(400, u"One Mcp-Session-Id is needed; initialize gives it out."_s));
    Session *session = state.sessions.use(id, passage.owner());
    if (!session)
        session = state.sessions.adopt(id, passage.caller());
    if (!session || session->stream) // that of HTTP with SSE is at its own path
        return std::unexpected(httpFault(404, u"There is no such session; initialize begins a new one."_s));
    if (auto fault = checkAgreed(version.revision, *session->revision))
        return std::unexpected(*std::move(fault));
    return session;
}

std::expected<Messages, Http::Response> messagesIn(const EndpointState &state, Passage &passage)
{
    if (auto fault = checkMediaTypes(passage.request, passage.accepted))
        return std::unexpected(refuse(passage, *fault));
    Messages messages{.payload = parseRpc(std::exchange(passage.request.body, {})), .demand = {}, .id = {}};
    messages.demand = demandOf(state.features, messages.payload);
    passage.event.rpc = messages.demand.methods.left(shownText);
    passage.event.tool = messages.demand.tools.left(shownText);
    if (messages.payload.isBatch)
        return messages;
    const RpcEntry &only = messages.payload.entries.first();
    messages.id = only.id;
    if (!only.message)
        return std::unexpected(refuse(passage, {.status = 400, .error = only.message.error()}, messages.id));
    return messages;
}

std::expected<Admitted, Http::Response> admitIn(EndpointState &state, Passage &passage, const Session &session,
                                                Messages messages, std::shared_ptr<Outlet> outlet)
{
    if (auto fault = checkPayload(messages.payload, *session.revision))
        return std::unexpected(refuse(passage, *fault, messages.id));
    if (auto refused = refuseCalls(state, passage, messages.demand, messages.id))
        return std::unexpected(*std::move(refused));
    Caller caller = callerOf(state, passage, session.revision);
    caller.session = session.id;
    caller.capabilities = session.capabilities;
    caller.logLevel = session.logLevel;
    caller.outlet = std::move(outlet);
    return Admitted{.payload = std::move(messages.payload), .caller = std::move(caller), .reply = nullptr};
}

std::expected<Admitted, Http::Response> admitPost(const EndpointStatePtr &state, Passage &passage)
{
    auto messages = messagesIn(*state, passage);
    if (!messages)
        return std::unexpected(std::move(messages.error()));
    const Eras eras = state->options.eras;
    const bool stateless = eras == Eras::Modern ||
                           (eras == Eras::Both && isStateless(passage.version, passage.request, messages->payload));
    return stateless ? admitStateless(state, passage, *std::move(messages))
                     : admitToSession(state, passage, *std::move(messages));
}

} // namespace McpAuth::Mcp
