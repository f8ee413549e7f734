#include "base/eitherstop.h"
#include "base/race.h"
#include "mcp/clientfollow_p.h"
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

/// A session's updates are asked for one by one, and come on its stream.
QCoro::Task<Result<>> subscribeInSession(ConnectionPtr connection, QStringList resources, std::stop_token stop)
{
    for (const QString &uri : resources) {
        const Result<QJsonObject> subscribed =
            co_await perform(connection, u"resources/subscribe"_s, {{u"uri"_s, uri}}, {.stop = stop});
        if (!subscribed)
            co_return std::unexpected(subscribed.error());
    }
    co_return Result<>();
}

/// Whether the server has ended the stream for good; nothing: it broke off.
std::optional<Result<>> endOf(const Result<Reply> &reply, qint64 id)
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
        if (std::optional<Result<>> end = endOf(reply, id))
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

} // namespace

QCoro::Task<> openSessionStream(ConnectionPtr connection)
{
    const QFuture<void> opening = beginSessionStream(connection);
    const Error stopped{u"cancelled"_s, {}};
    [[maybe_unused]] const Result<> open =
        co_await raced(awaited(opening), connection->stop.get_token(), stopped, maxStreamOpenTime);
}

QCoro::Task<Result<>> followed(ConnectionPtr connection, QStringList resources, std::stop_token stop)
{
    const Background background(connection);
    const EitherStop either(connection->stop.get_token(), std::move(stop));
    if (!connection->isConnected) {
        const Result<QJsonObject> introduction = co_await connected(connection);
        if (!introduction)
            co_return std::unexpected(introduction.error());
    }
    if (isStateless(connection->speaker.revision)) {
        const auto stream = std::make_shared<Stream>();
        Result<> ended = co_await readStreams(connection, resources, stream, either.token());
        stream->over.request_stop();
        co_return ended;
    }
    const Result<> subscribed = co_await subscribeInSession(connection, resources, either.token());
    if (!subscribed)
        co_return subscribed;
    if (!connection->sessionStream)
        co_await openSessionStream(connection);
    const Error stopped{u"cancelled"_s, u"Nobody follows the server any more."_s};
    if (!connection->sessionStream) // the session has ended meanwhile
        co_return fail(stopped);
    const QFuture<Result<>> end = connection->sessionStream->future();
    Result<> ended = co_await raced(awaited(end), either.token(), stopped);
    co_return ended;
}

} // namespace McpAuth::Mcp
