#include "mcp/answering_p.h"
#include "mcp/httpsse_p.h"
#include "mcp/streams_p.h"

#include <QUrlQuery>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// The way to a client whose stream is open anyway.
class SessionOutlet final : public Outlet, public std::enable_shared_from_this<SessionOutlet>
{
public:
    SessionOutlet(std::shared_ptr<ClientRequests> clientRequests, std::shared_ptr<EventChannel> channel,
                  QByteArray session)
        : m_clientRequests(std::move(clientRequests))
        , m_channel(std::move(channel))
        , m_session(std::move(session))
    {
    }

    bool send(const QByteArray &message) override { return m_channel->send(message); }
    QCoro::Task<Result<QJsonObject>> request(QString method, QJsonObject params, std::stop_token stop) override
    {
        return askClient(m_clientRequests, shared_from_this(), m_session, std::move(method), std::move(params),
                         std::move(stop));
    }
    void disconnect(std::chrono::milliseconds /*retry*/) override {} // the client would not come back

private:
    std::shared_ptr<ClientRequests> m_clientRequests;
    std::shared_ptr<EventChannel> m_channel;
    QByteArray m_session;
};

Http::Response openStream(const EndpointStatePtr &state, Passage &passage, const QByteArray &path)
{
    if (!passage.accepted.events)
        return refuse(passage, httpFault(406, u"The Accept field must list text/event-stream."_s));
    if (auto refused = refuseStream(*state, passage, QJsonValue()))
        return *std::move(refused);
    Session &session = state->sessions.openLocal(passage.caller(), findRevision(u"2024-11-05"));
    const QByteArray id = session.id;
    const auto channel = state->openChannel({}, false);
    session.stream = channel;
    channel->setConnectionLost([weak = std::weak_ptr(state), id, owner = passage.owner()] {
        if (const auto alive = weak.lock())
            alive->sessions.close(id, owner); // which nothing leads to any more
    });
    Http::Response response = channel->connect();
    // Relative to the stream's own URL, so that it holds behind a proxy that maps paths, too.
    channel->sendEvent("endpoint", messagesPath(path).sliced(path.lastIndexOf('/') + 1) + "?sessionId=" + id);
    state->listeners.add({.channel = channel,
                          .caller = passage.caller(),
                          .session = id,
                          .expiresAt = expiryOf(passage),
                          .isWholeSession = true});
    return response;
}

/// Each answer goes out when it is there; none is made for a client that has gone.
QCoro::Task<> answerOnStream(EndpointStatePtr state, Passage passage, Admitted admitted,
                             std::shared_ptr<EventChannel> channel)
{
    Answers answers;
    auto later = proceed(state, passage, admitted, answers);
    while (later) {
        const RpcOutcome outcome = co_await *later;
        take(*state, passage, admitted, answers, outcome);
        for (const QByteArray &answer : std::exchange(answers.texts, {}))
            channel->send(answer);
        if (!channel->isConnected())
            break;
        later = proceed(state, passage, admitted, answers);
    }
    for (const QByteArray &answer : std::as_const(answers.texts))
        channel->send(answer);
    tell(*state, passage, 202);
}

/// The answer to initialize.
QByteArray introduce(EndpointState &state, Passage &passage, Session &session, const RpcRequest &request)
{
    if (std::exchange(session.isInitialized, true))
        return toJsonText(rpcError(request.id, {.code = static_cast<int>(RpcErrorCode::InvalidRequest),
                                                .message = u"This session is initialized already."_s}));
    const auto revision = agreedRevision(request.params);
    if (!revision) {
        session.isInitialized = false;
        note(passage.event, revision.error());
        return toJsonText(rpcError(request.id, revision.error()));
    }
    session.revision = *revision;
    session.capabilities = keptCapabilities(request.params);
    return rpcResultText(request.id, state.introductionIn(**revision));
}

/// Acts on a POST's messages, whose answers go to the stream; nothing where that has begun.
std::optional<Http::Response> takeMessages(const EndpointStatePtr &state, Passage &passage, const QByteArray &id)
{
    if (!state->endpoint)
        return refuse(passage, httpFault(503, u"The server ends."_s));
    Session *session = state->sessions.use(id, passage.owner());
    if (!session || !session->stream || !session->stream->isConnected())
        return refuse(passage, httpFault(404, u"There is no such session; open its stream first."_s));
    auto messages = messagesIn(*state, passage);
    if (!messages)
        return std::move(messages.error());
    const auto channel = session->stream;
    state->listeners.renew(channel.get(), expiryOf(passage)); // each request brings its token
    const RpcRequest *request = messages->payload.isBatch ? nullptr : requestIn(messages->payload.entries.first());
    if (request && request->method == "initialize"_L1) {
        channel->send(introduce(*state, passage, *session, *request));
        return Http::Response::empty(202);
    }
    const auto outlet = std::make_shared<SessionOutlet>(state->clientRequests, channel, id);
    auto admitted = admitIn(*state, passage, *session, *std::move(messages), outlet);
    if (!admitted)
        return std::move(admitted.error());
    answerOnStream(state, std::move(passage), *std::move(admitted), channel);
    return std::nullopt;
}

/// With the verdict on its token.
QCoro::Task<Passage> judged(EndpointStatePtr state, Http::Request request)
{
    Passage passage = passageOf(*state, std::move(request));
    passage.verdict = verdictNow(*state, passage.request);
    if (!passage.verdict)
        passage.verdict = co_await verdictLater(state, passage.request);
    note(passage.event, *passage.verdict);
    co_return passage;
}

QCoro::Task<Http::Response> serveMessages(EndpointStatePtr state, Http::Request request)
{
    Passage passage = co_await judged(state, std::move(request));
    const QUrlQuery query(QString::fromLatin1(passage.request.query()));
    std::optional<Http::Response> response =
        passage.verdict->accepted ? takeMessages(state, passage, query.queryItemValue(u"sessionId"_s).toLatin1())
                                  : refuse(passage, *passage.verdict);
    if (!response)
        co_return Http::Response::empty(202);
    tell(*state, passage, response->status);
    co_return *std::move(response);
}

QCoro::Task<Http::Response> serveStream(EndpointStatePtr state, Http::Request request, QByteArray path)
{
    Passage passage = co_await judged(state, std::move(request));
    Http::Response response =
        passage.verdict->accepted ? openStream(state, passage, path) : refuse(passage, *passage.verdict);
    tell(*state, passage, response.status);
    co_return response;
}

} // namespace

QByteArray messagesPath(const QByteArray &path)
{
    return path + (path.endsWith('/') ? "messages" : "/messages");
}

void offerHttpSse(const EndpointStatePtr &state, Http::Router *router, const QByteArray &path,
                  const Http::Admission &admission)
{
    const auto stream = [state, path](Http::Request request) { return serveStream(state, std::move(request), path); };
    const auto messages = [state](Http::Request request) { return serveMessages(state, std::move(request)); };
    router->add("GET", path, stream, Http::Cors::Allowed, admission);
    router->add("POST", messagesPath(path), messages, Http::Cors::Allowed, admission);
}

} // namespace McpAuth::Mcp
