#include "mcp/endpoint.h"

#include "mcp/answering_p.h"
#include "mcp/httpsse_p.h"
#include "mcp/streams_p.h"

#include <QCoroFuture>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

using StatePtr = EndpointStatePtr;

Http::Response endSession(EndpointState &state, Passage &passage)
{
    const auto session = sessionOf(state, passage);
    if (!session)
        return refuse(passage, session.error());
    const QByteArray id = (*session)->id;
    state.sessions.close(id, passage.owner());
    return Http::Response::empty(204);
}

Http::Response methodNotAllowed(const EndpointState &state, Passage &passage)
{
    const bool hasSessions = state.options.eras != Eras::Modern;
    const QByteArrayView allowed = hasSessions ? "GET, POST, DELETE, OPTIONS" : "POST, OPTIONS";
    if (passage.request.method == "OPTIONS")
        return Http::Response::empty(204).set("Allow", allowed);
    const HttpFault fault =
        httpFault(405, hasSessions ? u"This endpoint takes POST, GET and DELETE."_s : u"This endpoint takes POST."_s);
    return refuse(passage, fault).set("Allow", allowed);
}

/// In the order that endpoint.h tells: messages to act on, or the answer at once.
std::expected<Admitted, Http::Response> admit(const StatePtr &state, Passage &passage)
{
    const QByteArray &method = passage.request.method;
    const bool hasSessions = state->options.eras != Eras::Modern;
    if (method == "OPTIONS")
        return std::unexpected(methodNotAllowed(*state, passage));
    if (!passage.verdict->accepted)
        return std::unexpected(refuse(passage, *passage.verdict));
    if (method == "POST")
        return admitPost(state, passage);
    if (hasSessions && method == "DELETE")
        return std::unexpected(endSession(*state, passage));
    if (hasSessions && method == "GET")
        return std::unexpected(openGetStream(state, passage));
    return std::unexpected(methodNotAllowed(*state, passage));
}

/// 202 when there was nothing to answer.
Http::Response responseTo(const RpcPayload &payload, const Answers &answers)
{
    if (answers.texts.isEmpty())
        return Http::Response::empty(202);
    if (!payload.isBatch)
        return Http::Response::jsonText(answers.status, answers.texts.first());
    const bool anyUnderstood =
        std::ranges::any_of(payload.entries, [](const RpcEntry &entry) { return entry.message.has_value(); });
    return Http::Response::jsonText(anyUnderstood ? 200 : 400, '[' + answers.texts.join(',') + ']');
}

/// What has to wait waits here, while the client may be told on a stream how it goes.
QCoro::Task<> finishLater(StatePtr state, Passage passage, Admitted admitted, Answers answers,
                          QCoro::Task<RpcOutcome> task)
{
    std::optional<QCoro::Task<RpcOutcome>> later = std::move(task);
    while (later) {
        const RpcOutcome outcome = co_await *later;
        take(*state, passage, admitted, answers, outcome);
        later = proceed(state, passage, admitted, answers);
    }
    Http::Response response = responseTo(admitted.payload, answers);
    tell(*state, passage, response.status);
    admitted.reply->finishLater(std::move(response));
}

/// One coroutine a request whose answer is there at once.
QCoro::Task<Http::Response> serve(StatePtr state, Http::Request request)
{
    Passage passage = passageOf(*state, std::move(request));
    passage.verdict = verdictNow(*state, passage.request);
    if (!passage.verdict)
        passage.verdict = co_await verdictLater(state, passage.request);
    note(passage.event, *passage.verdict);
    auto admitted = admit(state, passage);
    if (!admitted) {
        tell(*state, passage, admitted.error().status);
        co_return std::move(admitted.error());
    }
    if (auto stream = openListenStream(state, passage, *admitted)) {
        tell(*state, passage, stream->status);
        co_return *std::move(stream);
    }
    Answers answers;
    auto later = proceed(state, passage, *admitted, answers);
    while (later && later->isReady()) {
        const RpcOutcome outcome = co_await *later;
        take(*state, passage, *admitted, answers, outcome);
        later = proceed(state, passage, *admitted, answers);
    }
    if (!later) {
        Http::Response response = responseTo(admitted->payload, answers);
        tell(*state, passage, response.status);
        co_return admitted->reply ? admitted->reply->finish(std::move(response)) : std::move(response);
    }
    const auto begun = admitted->reply->begun();
    finishLater(state, std::move(passage), *std::move(admitted), std::move(answers), *std::move(later));
    Http::Response response = co_await begun;
    co_return response;
}

/// The answer to a request whose token is not good, before its body is read.
std::optional<Http::Response> refusalAtHead(const EndpointState &state, const Http::Request &head)
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
    tell(state, passage, response.status);
    return response;
}

QCoro::Task<Bearer::Verdict> judgeFor(StatePtr state, Secret token, QString tool)
{
    if (!state->auth)
        co_return Bearer::Verdict(*everybody());
    Bearer::Verdict verdict = co_await state->auth->judge(std::move(token));
    const Tool *called = state->features.tools.find(tool);
    if (!verdict.accepted || !called)
        co_return verdict;
    co_return state->auth->requireScopes(verdict, called->requiredScopes);
}

} // namespace

struct Endpoint::Private
{
    StatePtr state;

    /// Tells clients where adding went well.
    Result<> added(Result<> result, Change change)
    {
        if (result)
            state->changed(change);
        return result;
    }
};

Endpoint::Endpoint(EndpointOptions options, std::unique_ptr<Bearer::BearerAuth> auth, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    d->state = std::make_shared<EndpointState>(this, std::move(options), std::move(auth));
    keepStreamsAlive(d->state);
}

Endpoint::~Endpoint()
{
    d->state->calls->stopAll();
    endStreams();
}

Result<> Endpoint::addTool(Tool tool)
{
    return d->added(d->state->features.tools.add(std::move(tool)), Change::Tools);
}

Result<> Endpoint::addResource(Resource resource)
{
    return d->added(d->state->features.resources.add(std::move(resource)), Change::Resources);
}

Result<> Endpoint::addResourceTemplate(ResourceTemplate resourceTemplate)
{
    return d->added(d->state->features.resources.add(std::move(resourceTemplate)), Change::Resources);
}

Result<> Endpoint::addPrompt(Prompt prompt)
{
    return d->added(d->state->features.prompts.add(std::move(prompt)), Change::Prompts);
}

Result<> Endpoint::addMethod(Method method)
{
    return d->state->features.add(std::move(method));
}

void Endpoint::announce(Change change)
{
    d->state->listeners.tell(change);
}

void Endpoint::endStreams()
{
    d->state->listeners.closeAll();
}

void Endpoint::resourceUpdated(const QString &uri)
{
    const EndpointState &state = *d->state;
    const auto isSubscribed = [&state, &uri](const QByteArray &session) {
        return state.sessions.isSubscribed(session, uri);
    };
    d->state->listeners.tellUpdated(uri, isSubscribed);
}

const QList<Tool> &Endpoint::tools() const
{
    return d->state->features.tools.tools();
}

bool Endpoint::setToolScopes(const QString &tool, const QStringList &scopes)
{
    return d->state->features.tools.setScopes(tool, scopes);
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

void Endpoint::mountHttpSse(Http::Router *router, const QByteArray &path)
{
    if (d->state->options.eras == Eras::Modern)
        return;
    offerHttpSse(d->state, router, path,
                 [state = d->state](const Http::Request &head) { return refusalAtHead(*state, head); });
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
