#include "base/eitherstop.h"
#include "base/race.h"
#include "mcp/clientfollow_p.h"
#include "mcp/clientprogram_p.h"
#include "mcp/clientsend_p.h"

#include <QCoroFuture>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// 2026-07-28 subscriptions: the stream is the answer to a request.
Outgoing subscription(Connection &connection, const QStringList &resources)
{
    const QString method = u"subscriptions/listen"_s;
    QJsonObject filter{
        {u"toolsListChanged"_s, true}, {u"promptsListChanged"_s, true}, {u"resourcesListChanged"_s, true}};
    if (!resources.isEmpty())
        filter.insert(u"resourceSubscriptions"_s, QJsonArray::fromStringList(resources));
    const QJsonObject params = paramsFor(connection.speaker, {{u"notifications"_s, filter}});
    Outgoing message = outgoing(connection, method, params);
    message.id = ++connection.lastId;
    message.body = rpcRequestText(*message.id, method, params);
    return message;
}

/// Those that nobody else follows, in the session in which they are followed. The server may not mind.
QCoro::Task<> unsubscribe(ConnectionPtr connection, SessionStatePtr state, QStringList resources)
{
    const Background background(connection);
    const RequestOptions options{.timeout = closeTimeout, .stop = connection->stop.get_token()};
    for (const QString &uri : resources) {
        if (connection->state != state)
            co_return;
        if (--state->subscriptions[uri] > 0)
            continue;
        state->subscriptions.remove(uri);
        [[maybe_unused]] const Result<Answer> done =
            co_await exchange(connection, u"resources/unsubscribe"_s, {{u"uri"_s, uri}}, options);
    }
}

/// A session's updates are asked for one by one, and come on its stream. Errors also: session_expired.
QCoro::Task<Result<>> subscribeInSession(ConnectionPtr connection, QStringList resources, std::stop_token stop)
{
    const SessionStatePtr state = connection->state;
    for (qsizetype i = 0; i < resources.size(); ++i) {
        const QString &uri = resources.at(i);
        ++state->subscriptions[uri];
        const Result<Answer> subscribed =
            co_await exchange(connection, u"resources/subscribe"_s, {{u"uri"_s, uri}}, {.stop = stop});
        if (connection->state != state)
            co_return fail(u"session_expired"_s, u"Another session was begun."_s);
        if (!subscribed) {
            unsubscribe(connection, state, resources.first(i + 1)); // one that was cancelled may have been heard
            co_return std::unexpected(subscribed.error());
        }
    }
    co_return Result<>();
}

/// Whether the server has ended the stream for good; nothing: it broke off.
std::optional<Result<>> finalEnd(const Result<Reply> &reply, qint64 id)
{
    if (!reply)
        return isBroken(reply.error()) ? std::nullopt : std::optional<Result<>>(std::unexpected(reply.error()));
    const bool isStream = reply->response.status == 200 && Http::isEventStream(reply->response.headers);
    if (isStream && !reply->reader->answer() && !reply->reader->events().isOverrun())
        return std::nullopt;
    const Result<QJsonObject> result = resultIn(reply->response, *reply->reader, id);
    return result ? Result<>() : Result<>(std::unexpected(result.error()));
}

/// One stream after another, until the server ends it or it breaks off too often.
QCoro::Task<Result<>> readStreams(ConnectionPtr connection, QStringList resources, std::shared_ptr<Stream> stream,
                                  std::stop_token stop)
{
    const bool isModern = isStateless(connection->speaker.revision);
    for (int silent = 0; silent <= maxReconnections; ++silent) {
        Outgoing message =
            isModern ? subscription(*connection, resources) : streamRequest(*connection, stream->lastEventId);
        message.stop = stop;
        message.isFollowing = true;
        message.stream = stream;
        const qint64 id = message.id.value_or(0);
        stream->hasSpoken = false;
        stream->wasSent = false;
        const QByteArray lastEventId = stream->lastEventId;
        QElapsedTimer open;
        open.start();
        const Result<Reply> reply = isModern ? co_await sendAuthorized(connection, std::move(message))
                                             : co_await sendQuietly(connection, std::move(message));
        if (!reply && isModern && stream->wasSent)
            cancelAtServer(connection, id, u"subscriptions/listen"_s, reply.error());
        if (std::optional<Result<>> end = finalEnd(reply, id))
            co_return *std::move(end);
        if (stream->hasSpoken || stream->lastEventId != lastEventId || open.durationElapsed() > lastingTime)
            silent = 0;
        co_await pause(std::clamp(stream->retry, minReopenDelay, maxResumeDelay), stop);
    }
    co_return fail(u"connection_closed"_s, u"The server's stream broke off again and again."_s);
}

QCoro::Task<> readSessionStream(ConnectionPtr connection, std::shared_ptr<Stream> stream,
                                std::shared_ptr<QPromise<Result<>>> end, std::stop_token stop)
{
    const Background background(connection);
    const EitherStop either(connection->stop.get_token(), std::move(stop));
    Result<> result = co_await readStreams(connection, {}, stream, either.token());
    stream->over.request_stop();
    end->addResult(std::move(result));
    end->finish();
}

/// Finished when it is open or has ended.
QFuture<void> beginSessionStream(const ConnectionPtr &connection)
{
    const auto isOpen = std::make_shared<QPromise<void>>();
    isOpen->start();
    const auto stream = std::make_shared<Stream>();
    stream->onOpen = [isOpen] { isOpen->finish(); };
    stream->state = connection->state;
    const auto end = std::make_shared<QPromise<Result<>>>();
    end->start();
    end->future().then([isOpen](const Result<> &) { isOpen->finish(); });
    connection->state->stream = end;
    readSessionStream(connection, stream, end, connection->state->over.get_token());
    return isOpen->future();
}

bool hasStream(const SessionState &state)
{
    return state.stream && !state.stream->future().isFinished();
}

/// Until the session's stream has ended.
QCoro::Task<Result<>> followSession(ConnectionPtr connection, SessionStatePtr state, std::stop_token stop)
{
    if (!hasStream(*state))
        co_await openSessionStream(connection, stop);
    if (!state->stream || stop.stop_requested())
        co_return fail(cancelledRequest());
    const QFuture<Result<>> end = state->stream->future();
    Result<> ended = co_await raced(awaited(end), std::move(stop), cancelledRequest());
    co_return ended;
}

QCoro::Task<Result<>> followStateless(ConnectionPtr connection, QStringList resources, std::stop_token stop)
{
    const auto stream = std::make_shared<Stream>();
    Result<> ended = co_await readStreams(connection, std::move(resources), stream, std::move(stop));
    stream->over.request_stop();
    co_return ended;
}

/// A server that gave no session says with 404 that it has no stream.
bool isExpired(const SessionState &state, const Error &error)
{
    const bool isUnknown = error.code == "http_error"_L1 && error.details.value("status"_L1).toInt() == 404;
    return error.code == "session_expired"_L1 || (isUnknown && !state.id.isEmpty());
}

/// Until the session has ended; nothing: there is another to follow now, or one to be begun.
QCoro::Task<std::optional<Result<>>> followOneSession(ConnectionPtr connection, QStringList resources,
                                                      std::stop_token stop)
{
    const SessionStatePtr state = connection->state;
    const Result<> subscribed = co_await subscribeInSession(connection, resources, stop);
    const Result<> ended = subscribed ? co_await followSession(connection, state, stop) : subscribed;
    if (stop.stop_requested() || (connection->state == state && (ended || !isExpired(*state, ended.error())))) {
        if (subscribed && !connection->stop.stop_requested())
            unsubscribe(connection, state, resources);
        co_return ended;
    }
    if (connection->state == state)
        connection->forgetSession();
    co_return std::nullopt;
}

} // namespace

QCoro::Task<> openSessionStream(ConnectionPtr connection, std::stop_token stop)
{
    if (connection->program) { // all that it says comes on one stream
        connection->state->stream = connection->program->end();
        co_return;
    }
    const QFuture<void> opening = beginSessionStream(connection);
    [[maybe_unused]] const Result<> open =
        co_await raced(awaited(opening), std::move(stop), cancelledRequest(), maxStreamOpenTime);
}

QCoro::Task<Result<>> followed(ConnectionPtr connection, QStringList resources, std::stop_token stop)
{
    const Background background(connection);
    const EitherStop either(connection->stop.get_token(), std::move(stop));
    for (int lost = 0; lost <= maxReconnections; ++lost) {
        QElapsedTimer lasted;
        lasted.start();
        if (!connection->isConnected) {
            const Result<QJsonObject> introduction =
                co_await raced(connected(connection), either.token(), cancelledRequest());
            if (!introduction)
                co_return std::unexpected(introduction.error());
        }
        if (isStateless(connection->speaker.revision)) {
            Result<> ended = co_await followStateless(connection, resources, either.token());
            co_return ended;
        }
        const std::optional<Result<>> ended = co_await followOneSession(connection, resources, either.token());
        if (ended)
            co_return *ended;
        if (lasted.durationElapsed() > lastingTime)
            lost = 0;
    }
    co_return fail(u"session_expired"_s, u"The MCP server forgot one session after another."_s);
}

} // namespace McpAuth::Mcp
