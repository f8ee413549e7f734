#include "base/eitherstop.h"
#include "base/race.h"
#include "mcp/clientinput_p.h"
#include "mcp/clientprogram_p.h"
#include "mcp/clientsend_p.h"
#include "oauth/refusal.h"

#include <QCoroFuture>
#include <QTimer>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

QCoro::Task<> sendReply(ConnectionPtr connection, QJsonObject reply)
{
    const Background background(connection);
    Outgoing message = outgoing(*connection, {}, {});
    message.body = toJsonText(reply);
    message.isReply = true;
    [[maybe_unused]] const Result<Reply> sent = co_await sendQuietly(connection, std::move(message));
}

/// One that nobody has to be asked for.
QCoro::Task<> replyQuickly(ConnectionPtr connection, QJsonObject reply)
{
    if (connection->quickReplies == maxQuickReplies)
        co_return;
    ++connection->quickReplies;
    co_await sendReply(connection, std::move(reply));
    --connection->quickReplies;
}

/// The server may ask before it answers, and waits for us then.
QCoro::Task<> answer(ConnectionPtr connection, RpcRequest request, std::shared_ptr<Stream> stream)
{
    const Background background(connection);
    const SessionStatePtr state = connection->state;
    const QByteArray key = toJsonText(request.id);
    const EitherStop gone(stream->over.get_token(), state->over.get_token());
    std::stop_source stop;
    const std::stop_callback ended(gone.token(), [stop]() mutable { stop.request_stop(); });
    state->questions.insert(key, stop);
    connection->questionTime.begin();
    const Result<QJsonObject> input =
        co_await inputFor(connection->options.features, request.method, request.params, stop.get_token());
    connection->questionTime.end();
    if (!stop.stop_requested())
        co_await sendReply(connection,
                           input ? rpcResult(request.id, *input) : rpcError(request.id, refusalOf(input.error())));
    state->questions.remove(key); // until then it counts
}

void takeRequest(const ConnectionPtr &connection, const std::shared_ptr<Stream> &stream, const RpcRequest &request)
{
    const auto &questions = connection->state->questions;
    if (isStateless(connection->speaker.revision) || questions.contains(toJsonText(request.id)))
        return;
    if (request.method == "ping"_L1)
        replyQuickly(connection, rpcResult(request.id, {}));
    else if (questions.size() == maxServerRequests)
        replyQuickly(connection,
                     rpcError(request.id, {.code = static_cast<int>(RpcErrorCode::InternalError),
                                           .message = u"More than %1 requests at once."_s.arg(maxServerRequests)}));
    else
        answer(connection, request, stream);
}

std::shared_ptr<StreamReader> readerFor(const ConnectionPtr &connection, const Outgoing &message)
{
    const auto onMessage = [connection, stream = message.stream, stop = message.stop](const RpcMessage &arrived) {
        if (!stop.stop_requested()) // whoever would hear of it may be gone
            take(connection, stream, arrived);
    };
    const Http::EventStream events(message.stream->lastEventId, connection->http->options().limits.bodyBytes);
    return std::make_shared<StreamReader>(message.id.value_or(0), events, onMessage);
}

Http::BodyReader bodyReader(const std::shared_ptr<StreamReader> &reader, const std::shared_ptr<Stream> &stream,
                            bool isFollowing)
{
    return [=](int status, const QHttpHeaders &headers, const QByteArray &arrived) {
        if (status != 200 || !Http::isEventStream(headers))
            return Http::BodyProgress::Incomplete;
        if (stream->onOpen)
            std::exchange(stream->onOpen, {})();
        const bool isWhole = reader->read(arrived);
        stream->lastEventId = reader->events().lastId();
        stream->retry = reader->events().retry().value_or(stream->retry);
        if (isWhole)
            return Http::BodyProgress::Whole;
        return isFollowing ? Http::BodyProgress::Endless : Http::BodyProgress::Incomplete;
    };
}

QCoro::Task<Result<Reply>> sendOverHttp(ConnectionPtr connection, Outgoing message, Secret token)
{
    if (!connection->http || message.stop.stop_requested())
        co_return fail(cancelledRequest());
    const auto reader = readerFor(connection, message);
    message.stream->wasSent = true;
    Http::ClientRequest request;
    request.method = message.method;
    request.url = connection->options.url;
    request.headers = message.headers;
    request.body = message.body;
    request.stop = message.stop;
    request.timeout = message.timeout;
    request.isUrgent = message.isReply; // a request waits for it
    request.uncountedTime = personsTimeFromNow(connection, *message.stream);
    if (message.id || message.method == "GET")
        request.readBody = bodyReader(reader, message.stream, message.isFollowing);
    if (!token.isEmpty())
        request.headers.replaceOrAppend(QHttpHeaders::WellKnownHeader::Authorization, "Bearer " + token.reveal());
    Result<Http::ClientResponse> response = co_await connection->http->send(std::move(request));
    if (!response)
        co_return std::unexpected(response.error());
    co_return Reply{.response = *std::move(response), .reader = reader};
}

QCoro::Task<Result<Reply>> sendOnce(const ConnectionPtr &connection, const Outgoing &message, const Secret &token)
{
    const bool isProgram = !connection->options.command.isEmpty();
    return isProgram ? sendToProgram(connection, message) : sendOverHttp(connection, message, token);
}

/// As it is, be it expired.
Secret presentToken(const ConnectionPtr &connection)
{
    const bool isAuthorized = connection->session && connection->session->authorization();
    return isAuthorized ? connection->session->authorization()->tokens.accessToken : Secret();
}

QCoro::Task<Result<Secret>> goodToken(ConnectionPtr connection, std::stop_token stop)
{
    if (!connection->session)
        co_return Secret();
    Result<Secret> token = co_await connection->session->accessToken(std::move(stop));
    co_return token;
}

bool lacksScopes(const QByteArray &challenge)
{
    const auto challenges = Http::parseChallenges(challenge);
    return challenges && std::ranges::any_of(*challenges, [](const Http::Challenge &one) {
               return one.isBearer() && one.parameter("error") == "insufficient_scope";
           });
}

std::optional<OAuth::Refusal> refusalIn(const Http::ClientResponse &response)
{
    if (response.status != 401 && response.status != 403)
        return std::nullopt;
    return OAuth::Refusal{
        .status = response.status, .challenge = response.header("WWW-Authenticate"), .body = response.body};
}

std::unexpected<Error> refused(const OAuth::Refusal &refusal, const Secret &sent)
{
    const QJsonObject details = OAuth::toJson(refusal, sent);
    const QString reason = OAuth::reasonOf(refusal, sent);
    const QString end = reason.isEmpty() ? u"."_s : u": %1."_s.arg(reason);
    if (refusal.status == 403)
        return fail(u"forbidden"_s, u"The MCP server forbids this request (403)"_s + end, details);
    return fail(
        u"unauthorized"_s,
        (sent.isEmpty() ? u"The MCP server requires a token (401)"_s : u"The MCP server refused the token (401)"_s) +
            end,
        details);
}

QCoro::Task<Result<Secret>> anotherToken(ConnectionPtr connection, Secret token, OAuth::Refusal refusal,
                                         std::stop_token stop)
{
    const bool mayAsk = refusal.status == 401 || lacksScopes(refusal.challenge);
    if (!connection->session || !mayAsk)
        co_return refused(refusal, token);
    if (refusal.status == 401) {
        Result<Secret> renewed = co_await connection->session->renew(token, refusal, std::move(stop));
        co_return renewed;
    }
    Result<Secret> raised = co_await connection->session->stepUp(token, refusal, std::move(stop));
    co_return raised;
}

/// A server of 2025-11-25 may break a stream off and go on when the client asks for what follows an event.
bool canResume(const ConnectionPtr &connection, const Stream &stream, const Result<Reply> &reply)
{
    const QByteArray &last = stream.lastEventId;
    const bool isUnanswered =
        reply ? reply->response.status == 200 && !reply->reader->answer() && !reply->reader->events().isOverrun()
              : isBroken(reply.error());
    return isUnanswered && !isStateless(connection->speaker.revision) && !last.isEmpty() &&
           headerValue(QString::fromUtf8(last)) == last && stream.retry <= maxResumeDelay;
}

} // namespace

void take(const ConnectionPtr &connection, const std::shared_ptr<Stream> &stream, const RpcMessage &message)
{
    const auto *notification = std::get_if<RpcNotification>(&message);
    stream->hasSpoken |= !notification || notification->method != "notifications/subscriptions/acknowledged"_L1;
    const bool isPresent = stream->state == connection->state; // no other session's questions are answered in this one
    const auto *request = std::get_if<RpcRequest>(&message);
    if (request && isPresent)
        takeRequest(connection, stream, *request);
    if (!notification)
        return;
    if (notification->method == "notifications/cancelled"_L1 && isPresent)
        connection->withdraw(notification->params.value("requestId"_L1));
    if (notification->method == "notifications/elicitation/complete"_L1)
        connection->complete(notification->params.value("elicitationId"_L1).toString());
    if (connection->options.features.onNotification)
        connection->options.features.onNotification(notification->method, notification->params);
}

std::function<std::chrono::milliseconds()> personsTimeFromNow(const ConnectionPtr &connection, const Stream &stream)
{
    // Also of questions that came on another stream: servers ask where they can.
    const auto before = connection->questionTime.total();
    const auto most = std::max(std::chrono::milliseconds(0), stream.questionTimeBefore + maxUncountedTime - before);
    return [connection, before, most] { return std::min(connection->questionTime.total() - before, most); };
}

Outgoing streamRequest(const Connection &connection, const QByteArray &lastEventId)
{
    Outgoing message = outgoing(connection, {}, {});
    message.method = "GET";
    message.headers.removeAll(QHttpHeaders::WellKnownHeader::ContentType);
    message.headers.replaceOrAppend(QHttpHeaders::WellKnownHeader::Accept, "text/event-stream");
    if (!lastEventId.isEmpty())
        message.headers.append("Last-Event-ID", QLatin1StringView(lastEventId));
    return message;
}

bool isBroken(const Error &error)
{
    return error.code == "connection_closed"_L1 || error.code == "network_error"_L1 || error.code == "program_ended"_L1;
}

QCoro::Task<> pause(std::chrono::milliseconds time, std::stop_token stop)
{
    const auto promise = std::make_shared<QPromise<void>>();
    promise->start();
    QTimer timer;
    timer.setSingleShot(true);
    timer.callOnTimeout(&timer, [promise] { promise->finish(); });
    timer.start(time);
    const std::stop_callback wake(stop, [promise] { promise->finish(); });
    co_await promise->future();
}

Outgoing outgoing(const Connection &connection, const QString &method, const QJsonObject &params)
{
    Outgoing message{.headers = headersFor(connection.speaker, method, params), .stop = connection.stop.get_token()};
    message.stream->questionTimeBefore = connection.questionTime.total();
    message.stream->state = connection.state;
    if (!connection.state->id.isEmpty())
        message.headers.append(QLatin1StringView(sessionField), QLatin1StringView(connection.state->id));
    for (const auto &[name, value] : connection.options.headers.toListOfPairs()) {
        if (!isReservedField(name))
            message.headers.append(QLatin1StringView(name), QLatin1StringView(value));
    }
    if (isStateless(connection.speaker.revision) && method == "tools/call"_L1) {
        const auto wanted = connection.paramHeadersOf.value(params.value("name"_L1).toString());
        appendParamHeaders(message.headers, wanted, params.value("arguments"_L1).toObject());
    }
    return message;
}

QCoro::Task<Result<Reply>> sendFarewell(ConnectionPtr connection, Outgoing message)
{
    const Secret token = presentToken(connection);
    Result<Reply> sent = co_await sendOnce(connection, message, token);
    co_return sent;
}

QCoro::Task<Result<Reply>> sendQuietly(ConnectionPtr connection, Outgoing message)
{
    Result<Secret> token = co_await goodToken(connection, message.stop);
    for (bool isFirst = true; token; isFirst = false) {
        Result<Reply> sent = co_await sendOnce(connection, message, *token);
        const auto refusal = sent ? refusalIn(sent->response) : std::nullopt;
        if (!refusal)
            co_return sent;
        if (!isFirst || refusal->status != 401 || !connection->session)
            co_return refused(*refusal, *token);
        token = co_await connection->session->renewQuietly(*token, *refusal, message.stop);
    }
    co_return std::unexpected(token.error());
}

QCoro::Task<Result<Reply>> sendAuthorized(ConnectionPtr connection, Outgoing message)
{
    Result<Secret> token = co_await goodToken(connection, message.stop);
    bool isFresh = false; // issued since the last refusal
    for (int retries = 0; token; ++retries) {
        Result<Reply> sent = co_await sendOnce(connection, message, *token);
        const auto refusal = sent ? refusalIn(sent->response) : std::nullopt;
        if (!refusal) {
            if (sent && sent->response.status < 400 && connection->session)
                connection->session->succeeded();
            co_return sent;
        }
        if (isFresh && refusal->status == 401)
            co_return std::unexpected(OAuth::freshTokenRefused(*refusal, *token));
        if (retries == maxAuthorizationRetries)
            co_return refused(*refusal, *token);
        const Secret before = presentToken(connection);
        token = co_await anotherToken(connection, *token, *refusal, message.stop);
        isFresh = token && !(*token == before);
    }
    co_return std::unexpected(token.error());
}

QCoro::Task<Result<Reply>> sendRequest(ConnectionPtr connection, Outgoing message)
{
    const SessionStatePtr state = connection->state;
    Result<Reply> reply = co_await sendAuthorized(connection, message);
    int idle = 0;
    for (int i = 0; i < maxResumptions && idle < maxIdleResumptions && canResume(connection, *message.stream, reply);
         ++i) {
        co_await pause(message.stream->retry, message.stop);
        if (connection->state != state) // no other session has this stream
            break;
        const QByteArray before = message.stream->lastEventId;
        message.stream->hasSpoken = false;
        Outgoing again = streamRequest(*connection, message.stream->lastEventId);
        again.id = message.id;
        again.stop = message.stop;
        again.timeout = message.timeout;
        again.stream = message.stream;
        Result<Reply> next = co_await sendAuthorized(connection, std::move(again));
        if (next && next->response.status != 200)
            break; // it offers no such stream: the broken one is all there is
        idle = message.stream->hasSpoken || message.stream->lastEventId != before ? 0 : idle + 1;
        reply = std::move(next);
    }
    message.stream->over.request_stop();
    co_return reply;
}

void cancelAtServer(const ConnectionPtr &connection, qint64 id, const QString &method, const Error &error)
{
    const bool isOver = error.code == "cancelled"_L1 || error.code == "timeout"_L1;
    const bool isKnown = isStateless(connection->speaker.revision) && connection->options.command.isEmpty();
    if (isOver && !isKnown && method != "initialize"_L1 && connection->isConnected)
        tell(connection, u"notifications/cancelled"_s, {{u"requestId"_s, id}, {u"reason"_s, error.message}});
}

QCoro::Task<> tell(ConnectionPtr connection, QString method, QJsonObject params)
{
    const Background background(connection);
    Outgoing message = outgoing(*connection, method, params);
    message.body = rpcNotificationText(method, params);
    [[maybe_unused]] const Result<Reply> sent = co_await sendQuietly(connection, std::move(message));
}

} // namespace McpAuth::Mcp
