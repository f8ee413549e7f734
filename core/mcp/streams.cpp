#include "mcp/streams_p.h"

#include <QTimer>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

const QString tooManySubscriptions = QStringLiteral("too many resources, or their URIs are too long.");

/// Within the bounds.
bool subscribe(QSet<QString> &subscriptions, const QString &uri)
{
    qsizetype length = uri.size();
    for (const QString &known : std::as_const(subscriptions))
        length += known.size();
    if (subscriptions.size() >= maxSubscriptions || length > maxSubscriptionLength)
        return false;
    subscriptions.insert(uri);
    return true;
}

RpcOutcome setLogLevel(Session &session, const QJsonObject &params)
{
    const auto level = levelFromName(params.value("level"_L1).toString());
    if (!level)
        return invalidParams(u"`level` must be a log level."_s);
    session.logLevel = *level;
    return RpcResultText{.text = "{}"};
}

RpcOutcome subscribe(const EndpointState &state, Session &session, const QJsonObject &params)
{
    const QString uri = params.value("uri"_L1).toString();
    if (uri.isEmpty())
        return invalidParams(u"`uri` must be a string."_s);
    if (!state.features.resources.knows(uri))
        return rpcFault(RpcErrorCode::ResourceNotFound, u"Resource not found"_s, {{u"uri"_s, uri}});
    if (!subscribe(session.subscriptions, uri))
        return invalidParams(tooManySubscriptions);
    return RpcResultText{.text = "{}"};
}

RpcOutcome unsubscribe(Session &session, const QJsonObject &params)
{
    session.subscriptions.remove(params.value("uri"_L1).toString());
    return RpcResultText{.text = "{}"};
}

/// Nothing for methods that are not about the session.
std::optional<RpcOutcome> answerOfSession(EndpointState &state, const RpcRequest &request, const Caller &caller)
{
    const bool isSessions = request.method == "logging/setLevel"_L1 || request.method == "resources/subscribe"_L1 ||
                            request.method == "resources/unsubscribe"_L1;
    if (!isSessions)
        return std::nullopt;
    Session *session = state.sessions.use(caller.session, caller.counted.owner);
    if (!session) // it went while an earlier message of the batch was answered
        return rpcFault(RpcErrorCode::InvalidRequest, u"There is no such session."_s);
    if (request.method == "logging/setLevel"_L1)
        return setLogLevel(*session, request.params);
    return request.method == "resources/subscribe"_L1 ? subscribe(state, *session, request.params)
                                                      : unsubscribe(*session, request.params);
}

void listen(const EndpointStatePtr &state, Listener listener)
{
    if (!listener.subscription.isUndefined()) {
        listener.channel->setConnectionLost([weak = std::weak_ptr(state), self = listener.channel.get()] {
            if (const auto alive = weak.lock())
                alive->listeners.remove(self);
        });
    }
    state->listeners.add(std::move(listener));
}

Listener listenerOf(EndpointState &state, const Passage &passage, const RpcRequest &request)
{
    const QJsonObject filter = request.params.value("notifications"_L1).toObject();
    Listener listener{.channel = state.openChannel({}, false),
                      .caller = passage.caller(),
                      .expiresAt = expiryOf(passage),
                      .subscription = request.id,
                      .changes = {}};
    if (filter.value("toolsListChanged"_L1).toBool())
        listener.changes.insert(Change::Tools);
    if (filter.value("promptsListChanged"_L1).toBool())
        listener.changes.insert(Change::Prompts);
    if (filter.value("resourcesListChanged"_L1).toBool())
        listener.changes.insert(Change::Resources);
    return listener;
}

} // namespace

std::optional<Http::Response> refuseStream(const EndpointState &state, Passage &passage, const QJsonValue &id)
{
    if (!state.endpoint)
        return refuse(passage, httpFault(503, u"The server ends."_s), id);
    if (!state.listeners.isFullFor(passage.caller()))
        return std::nullopt;
    return refuse(passage, httpFault(429, u"Too many streams at the same time."_s), id).set("Retry-After", "60");
}

Http::Response openGetStream(const EndpointStatePtr &state, Passage &passage)
{
    const auto session = sessionOf(*state, passage);
    if (!session)
        return refuse(passage, session.error());
    if (!passage.accepted.events)
        return refuse(passage, httpFault(406, u"The Accept field must list text/event-stream."_s));
    const QByteArray id = (*session)->id;
    const auto place = state->channels.find(id, passage.request.header("Last-Event-ID"));
    if (place && (!place->channel->isListening() || state->listeners.renew(place->channel.get(), expiryOf(passage))))
        return place->channel->connect(place->after);
    state->listeners.close(id);
    if (auto refused = refuseStream(*state, passage, QJsonValue()))
        return *std::move(refused);
    auto channel = state->openChannel(id, false);
    channel->setListening();
    Http::Response response = channel->connect();
    listen(state,
           {.channel = std::move(channel), .caller = passage.caller(), .session = id, .expiresAt = expiryOf(passage)});
    return response;
}

std::optional<Http::Response> openListenStream(const EndpointStatePtr &state, Passage &passage,
                                               const Admitted &admitted)
{
    const RpcRequest *request = admitted.payload.isBatch ? nullptr : requestIn(admitted.payload.entries.first());
    if (!request || request->method != "subscriptions/listen"_L1 || !admitted.caller.revision->stateless)
        return std::nullopt;
    if (!request->params.value("notifications"_L1).isObject())
        return refuse(passage, {.status = 400, .error = invalidParams(u"`notifications` must be an object."_s).error()},
                      request->id);
    if (!passage.accepted.events)
        return refuse(passage, httpFault(406, u"The Accept field must list text/event-stream."_s), request->id);
    if (auto refused = refuseStream(*state, passage, request->id))
        return refused;
    Listener listener = listenerOf(*state, passage, *request);
    const QJsonArray uris = request->params.value("notifications"_L1)["resourceSubscriptions"_L1].toArray();
    if (uris.size() > maxSubscriptions)
        return refuse(passage, {.status = 400, .error = invalidParams(tooManySubscriptions).error()}, request->id);
    for (const QJsonValue uri : uris) {
        if (!state->features.resources.knows(uri.toString()))
            continue;
        if (!subscribe(listener.resources, uri.toString()))
            return refuse(passage, {.status = 400, .error = invalidParams(tooManySubscriptions).error()}, request->id);
    }
    Http::Response response = listener.channel->connect();
    listener.channel->send(acknowledgement(listener));
    listen(state, std::move(listener));
    return response;
}

RpcAnswer answerIn(const EndpointStatePtr &state, const RpcRequest &request, const Caller &caller)
{
    if (caller.revision->stateless && request.method == "server/discover"_L1)
        return RpcResultText{.text = state->introductionIn(*caller.revision), .kind = ResultKind::Cacheable};
    if (!caller.revision->stateless) {
        if (auto outcome = answerOfSession(*state, request, caller))
            return *std::move(outcome);
    }
    return answer(state->features, request, caller);
}

void hear(EndpointState &state, const QByteArray &session, const RpcMessage &message)
{
    if (const auto *response = std::get_if<RpcResponse>(&message))
        state.clientRequests->take(session, *response);
    else
        state.calls->heed(session, message);
}

void keepStreamsAlive(const EndpointStatePtr &state)
{
    auto *timer = new QTimer(state->endpoint);
    timer->setInterval(eventKeepAlive);
    timer->callOnTimeout([weak = std::weak_ptr(state)] {
        if (const auto alive = weak.lock())
            alive->keepStreamsAlive();
    });
    timer->start();
}

} // namespace McpAuth::Mcp
