#include "mcp/clientsend_p.h"
#include "oauth/refusal.h"

#include <QCoroFuture>
#include <QTimer>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> cancelled()
{
    return fail(u"cancelled"_s, u"The request was cancelled."_s);
}

/// The server may ask before it answers, and waits for us then.
QJsonObject answerTo(const RpcRequest &request)
{
    if (request.method == "ping"_L1)
        return rpcResult(request.id, {});
    return rpcError(request.id, {.code = static_cast<int>(RpcErrorCode::MethodNotFound),
                                 .message = u"This client declared no such capability."_s});
}

QCoro::Task<> reply(ConnectionPtr connection, RpcRequest request)
{
    Outgoing message = outgoing(*connection, {}, {});
    message.body = toJsonText(answerTo(request));
    [[maybe_unused]] const Result<Reply> sent = co_await sendAsIs(connection, std::move(message));
}

QCoro::Task<Result<Reply>> sendOnce(ConnectionPtr connection, Outgoing message, Secret token)
{
    if (!connection->http || message.stop.stop_requested())
        co_return cancelled();
    const auto onRequest = [connection](const RpcRequest &request) {
        if (!isStateless(connection->speaker.revision))
            reply(connection, request);
    };
    const auto reader = std::make_shared<StreamReader>(message.id.value_or(0), onRequest);
    Http::ClientRequest request;
    request.method = message.method;
    request.url = connection->options.url;
    request.headers = message.headers;
    request.body = message.body;
    request.stop = message.stop;
    if (message.id)
        request.isWhole = [reader](const QHttpHeaders &headers, const QByteArray &body) {
            return reader->read(headers, body);
        };
    if (!token.isEmpty())
        request.headers.replaceOrAppend(QHttpHeaders::WellKnownHeader::Authorization, "Bearer " + token.reveal());
    Result<Http::ClientResponse> response = co_await connection->http->send(std::move(request));
    if (!response)
        co_return std::unexpected(response.error());
    co_return Reply{.response = *std::move(response), .reader = reader};
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
bool canResume(const ConnectionPtr &connection, const Reply &reply)
{
    const QByteArray &last = reply.reader->events().lastId();
    return !isStateless(connection->speaker.revision) && reply.response.status == 200 && !reply.reader->answer() &&
           !last.isEmpty() && headerValue(QString::fromUtf8(last)) == last &&
           reply.reader->events().retry().value_or(resumeDelay) <= maxResumeDelay;
}

Outgoing resumption(const Connection &connection, const QByteArray &lastEventId, std::optional<qint64> id)
{
    Outgoing message = outgoing(connection, {}, {});
    message.method = "GET";
    message.id = id;
    message.headers.removeAll(QHttpHeaders::WellKnownHeader::ContentType);
    message.headers.replaceOrAppend(QHttpHeaders::WellKnownHeader::Accept, "text/event-stream");
    message.headers.append("Last-Event-ID", QLatin1StringView(lastEventId));
    return message;
}

/// Ends early when it is stopped.
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

} // namespace

Outgoing outgoing(const Connection &connection, const QString &method, const QJsonObject &params)
{
    Outgoing message{.headers = headersFor(connection.speaker, method, params), .stop = connection.stop.get_token()};
    if (!connection.sessionId.isEmpty())
        message.headers.append(QLatin1StringView(sessionField), QLatin1StringView(connection.sessionId));
    if (isStateless(connection.speaker.revision) && method == "tools/call"_L1) {
        const auto wanted = connection.paramHeadersOf.value(params.value("name"_L1).toString());
        appendParamHeaders(message.headers, wanted, params.value("arguments"_L1).toObject());
    }
    return message;
}

QCoro::Task<Result<Reply>> sendFarewell(ConnectionPtr connection, Outgoing message)
{
    const Secret token = presentToken(connection);
    Result<Reply> sent = co_await sendOnce(connection, std::move(message), token);
    co_return sent;
}

QCoro::Task<Result<Reply>> sendAsIs(ConnectionPtr connection, Outgoing message)
{
    const Result<Secret> token = co_await goodToken(connection, message.stop);
    if (!token)
        co_return std::unexpected(token.error());
    Result<Reply> sent = co_await sendOnce(connection, std::move(message), *token);
    co_return sent;
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
    const std::optional<qint64> id = message.id;
    const std::stop_token stop = message.stop;
    Result<Reply> reply = co_await sendAuthorized(connection, std::move(message));
    for (int i = 0; i < maxResumptions && reply && canResume(connection, *reply); ++i) {
        const Http::EventStream &events = reply->reader->events();
        const QByteArray last = events.lastId();
        co_await pause(events.retry().value_or(resumeDelay), stop);
        Outgoing again = resumption(*connection, last, id);
        again.stop = stop;
        Result<Reply> next = co_await sendAuthorized(connection, std::move(again));
        if (next && next->response.status != 200)
            break; // it offers no such stream: the broken one is all there is
        reply = std::move(next);
    }
    co_return reply;
}

} // namespace McpAuth::Mcp
