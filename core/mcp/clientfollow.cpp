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

/// Those that nobody else follows. The server may not mind.
QCoro::Task<> unsubscribe(ConnectionPtr connection, QStringList resources)
{
    const Background background(connection);
    for (const QString &uri : resources) {
        const auto followers = connection->subscriptions.find(uri);
        if (followers == connection->subscriptions.end() || --*followers > 0) // none is left of another session
            continue;
        connection->subscriptions.erase(followers);
        [[maybe_unused]] const Result<QJsonObject> done =
            co_await perform(connection, u"resources/unsubscribe"_s, {{u"uri"_s, uri}}, {.timeout = closeTimeout});
    }
}

/// A session's updates are asked for one by one, and come on its stream.
QCoro::Task<Result<>> subscribeInSession(ConnectionPtr connection, QStringList resources, std::stop_token stop)
{
    for (qsizetype i = 0; i < resources.size(); ++i) {
        ++connection->subscriptions[resources.at(i)];
        const Result<QJsonObject> subscribed =
            co_await perform(connection, u"resources/subscribe"_s, {{u"uri"_s, resources.at(i)}}, {.stop = stop});
        if (!subscribed) {
            unsubscribe(connection, resources.first(i + 1)); // one that was cancelled may have been heard
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
        const Result<Reply> reply = co_await sendAuthorized(connection, std::move(message));
        if (!reply && isModern)
            cancelAtServer(connection, id, u"subscriptions/listen"_s, reply.error());
        if (std::optional<Result<>> end = finalEnd(reply, id))
            co_return *std::move(end);
        if (stream->hasSpoken)
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
    connection->sessionStream = std::make_shared<QPromise<Result<>>>();
    connection->sessionStream->start();
    connection->sessionStream->future().then([isOpen](const Result<> &) { isOpen->finish(); });
    readSessionStream(connection, stream, connection->sessionStream, connection->sessionStop.get_token());
    return isOpen->future();
}

bool hasSessionStream(const Connection &connection)
{
    return connection.sessionStream && !connection.sessionStream->future().isFinished();
}

/// Until the session's stream has ended.
QCoro::Task<Result<>> followSession(ConnectionPtr connection, std::stop_token stop)
{
    if (!hasSessionStream(*connection))
        co_await openSessionStream(connection, stop);
    if (!connection->sessionStream || stop.stop_requested())
        co_return fail(cancelledRequest());
    const QFuture<Result<>> end = connection->sessionStream->future();
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

bool isUnknownSession(const Error &error)
{
    return error.code == "http_error"_L1 && error.details.value("status"_L1).toInt() == 404;
}

/// Until the session has ended; nothing: there is another to follow now, or one to be begun.
QCoro::Task<std::optional<Result<>>> followOneSession(ConnectionPtr connection, QStringList resources,
                                                      std::stop_token stop)
{
    const Result<> subscribed = co_await subscribeInSession(connection, resources, stop);
    if (!subscribed)
        co_return subscribed;
    const QByteArray session = connection->sessionId;
    const Result<> ended = co_await followSession(connection, stop);
    const bool isOurs = connection->sessionId == session;
    if (isOurs && !session.isEmpty() && !ended && isUnknownSession(ended.error())) {
        connection->forgetSession();
        co_return std::nullopt;
    }
    if (!isOurs && !stop.stop_requested())
        co_return std::nullopt;
    if (isOurs && !connection->stop.stop_requested())
        unsubscribe(connection, resources);
    co_return ended;
}

} // namespace

QCoro::Task<> openSessionStream(ConnectionPtr connection, std::stop_token stop)
{
    if (connection->program) { // all that it says comes on one stream
        connection->sessionStream = connection->program->end();
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
    }
    co_return fail(u"session_expired"_s, u"The MCP server forgot one session after another."_s);
}

} // namespace McpAuth::Mcp
