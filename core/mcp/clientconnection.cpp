#include "base/eitherstop.h"
#include "base/race.h"
#include "mcp/clientconnection_p.h"
#include "mcp/clientfollow_p.h"
#include "mcp/clientinput_p.h"
#include "mcp/clientprogram_p.h"
#include "mcp/clientsend_p.h"
#include "mcp/clienturls_p.h"

#include <QCoroFuture>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

QJsonObject resultOf(const Answer &answer)
{
    return answer.result;
}

QJsonObject asToBeFollowed(QJsonObject params, qint64 id)
{
    QJsonObject meta = params.value("_meta"_L1).toObject();
    if (meta.contains("progressToken"_L1))
        return params;
    meta.insert(u"progressToken"_s, id);
    params.insert(u"_meta"_s, meta);
    return params;
}

} // namespace

QCoro::Task<Result<Answer>> exchange(ConnectionPtr connection, QString method, QJsonObject params,
                                     RequestOptions options)
{
    params = paramsFor(connection->speaker, std::move(params));
    const qint64 id = ++connection->lastId;
    if (connection->options.features.onNotification && mayAskForInput(method))
        params = asToBeFollowed(std::move(params), id);
    Outgoing message = outgoing(*connection, method, params);
    message.id = id;
    message.body = rpcRequestText(id, method, params);
    message.timeout = options.timeout;
    message.stop = options.stop;
    const auto stream = message.stream;
    const bool isInSession = !connection->state->id.isEmpty();
    const Result<Reply> reply = co_await sendRequest(connection, std::move(message));
    if (!reply) {
        if (stream->wasSent)
            cancelAtServer(connection, id, method, reply.error());
        co_return std::unexpected(reply.error());
    }
    if (isInSession && reply->response.status == 404)
        co_return fail(u"session_expired"_s, u"The MCP server no longer knows the session."_s);
    const Result<QJsonObject> result = resultIn(reply->response, *reply->reader, id);
    if (!result)
        co_return std::unexpected(result.error());
    const bool mayAsk = mayAskForInput(method) && isStateless(connection->speaker.revision);
    if (asksForInput(*result) && !mayAsk)
        co_return fail(u"invalid_rpc_response"_s,
                       u"The server asks for input before it answers %1, which it must not."_s.arg(method));
    co_return Answer{.result = *result, .response = reply->response};
}

namespace {

/// Whether anything that comes on a session's own stream would reach anybody.
bool hears(const ClientFeatures &features)
{
    return features.onNotification || !capabilitiesOf(features).isEmpty();
}

bool hasLogging(const QJsonObject &introduction)
{
    return introduction.value("capabilities"_L1)["logging"_L1].isObject();
}

std::unexpected<Error> versionRefused(const QStringList &supported)
{
    return fail(u"protocol_version_refused"_s,
                u"The MCP server speaks none of the revisions that this client does; it offers %1."_s.arg(
                    supported.isEmpty() ? u"none"_s : supported.join(u", "_s)),
                {{u"supported"_s, QJsonArray::fromStringList(supported)}});
}

std::unexpected<Error> onlyVersionRefused(const QString &asked, const QString &answer, const QStringList &supported)
{
    return fail(u"protocol_version_refused"_s,
                u"The MCP server does not speak revision %1, and no other is wanted. %2"_s.arg(asked, answer),
                {{u"supported"_s, QJsonArray::fromStringList(supported)}});
}

QCoro::Task<Result<QJsonObject>> discover(ConnectionPtr connection, std::stop_token stop)
{
    RequestOptions options{.stop = std::move(stop)};
    const bool mayBeIgnored = !connection->options.command.isEmpty() && !connection->options.keepsRevision;
    if (mayBeIgnored)
        options.timeout = maxProbeTime;
    const Result<Answer> answer = co_await exchange(connection, u"server/discover"_s, {}, options);
    co_return answer.transform(resultOf);
}

QCoro::Task<Result<QJsonObject>> announceInitialized(ConnectionPtr connection, QJsonObject introduction,
                                                     std::stop_token stop)
{
    const QString method = u"notifications/initialized"_s;
    Outgoing message = outgoing(*connection, method, {});
    message.stop = std::move(stop);
    message.body = rpcNotificationText(method);
    const Result<Reply> reply = co_await sendAuthorized(connection, std::move(message));
    if (!reply)
        co_return std::unexpected(reply.error());
    if (reply->response.status >= 400) {
        Result<QJsonObject> failure = resultIn(reply->response, *reply->reader, 0);
        co_return failure;
    }
    co_return introduction;
}

/// A program may end as soon as it has answered.
Error overAtOnce()
{
    return {u"session_expired"_s, u"What was agreed with the server was over at once."_s};
}

QCoro::Task<Result<QJsonObject>> initialize(ConnectionPtr connection, std::stop_token stop)
{
    const SessionStatePtr state = connection->state;
    const QJsonObject params{{u"protocolVersion"_s, connection->speaker.revision},
                             {u"capabilities"_s, connection->speaker.capabilities},
                             {u"clientInfo"_s, implementation(connection->speaker)}};
    const Result<Answer> answer = co_await exchange(connection, u"initialize"_s, params, {.stop = stop});
    if (!answer)
        co_return std::unexpected(answer.error());
    if (stop.stop_requested())
        co_return fail(cancelledRequest());
    if (connection->state != state)
        co_return fail(overAtOnce());
    const QString agreed = answer->result.value("protocolVersion"_L1).toString();
    if (connection->options.keepsRevision && agreed != connection->options.revision)
        co_return onlyVersionRefused(connection->options.revision, u"It offers %1."_s.arg(agreed.left(64)),
                                     {agreed.left(64)});
    if (!clientProtocolVersions().contains(agreed) || isStateless(agreed))
        co_return versionRefused(agreed.isEmpty() ? QStringList() : QStringList{agreed.left(64)});
    const Result<QByteArray> session = sessionIdIn(answer->response);
    if (!session)
        co_return std::unexpected(session.error());
    connection->speaker.revision = agreed;
    connection->state->id = *session;
    Result<QJsonObject> announced = co_await announceInitialized(connection, answer->result, std::move(stop));
    co_return announced;
}

/// What a server that knows no stateless revision may say to one.
bool isLegacyRefusal(const Connection &connection, const Error &error)
{
    const bool isSilent = error.code == "timeout"_L1 || error.code == "program_ended"_L1;
    if (!connection.options.command.isEmpty() && isSilent) // 2026-07-28 stdio, Backward Compatibility
        return true;
    constexpr int legacyStatuses[] = {200, 400, 404, 405};
    const bool fits = std::ranges::contains(legacyStatuses, error.details.value("status"_L1).toInt());
    constexpr RpcErrorCode modernCodes[] = {RpcErrorCode::HeaderMismatch, RpcErrorCode::MissingRequiredClientCapability,
                                            RpcErrorCode::UnsupportedProtocolVersion};
    const bool isModern = std::ranges::contains(modernCodes, rpcCodeOf(error));
    return fits && !isModern && (error.code == "http_error"_L1 || error.code == "rpc_error"_L1);
}

/// A revision that was refused and is offered all the same gets a second try: the server may have changed its mind.
QString nextCandidate(const QStringList &offered, const QStringList &tried)
{
    const auto triedTimes = [&](qsizetype times) {
        const auto fits = [&](const QString &version) {
            return offered.contains(version) && tried.count(version) == times;
        };
        const auto found = std::ranges::find_if(clientProtocolVersions(), fits);
        return found == clientProtocolVersions().end() ? QString() : *found;
    };
    const QString fresh = triedTimes(0);
    return fresh.isEmpty() ? triedTimes(1) : fresh;
}

QStringList statefulVersions()
{
    QStringList versions = clientProtocolVersions();
    versions.removeIf([](const QString &version) { return isStateless(version); });
    return versions;
}

/// The revision to try after a refusal; the error when there is none.
Result<QString> nextRevision(const Connection &connection, const Error &error, const QStringList &tried)
{
    QString next;
    if (rpcCodeOf(error) == RpcErrorCode::UnsupportedProtocolVersion) {
        const auto supported = Json::strings(error.details.value("data"_L1)["supported"_L1]).value_or(QStringList());
        next = nextCandidate(supported, tried);
        if (next.isEmpty())
            return versionRefused(supported);
    } else if (isStateless(tried.last()) && isLegacyRefusal(connection, error)) {
        next = nextCandidate(statefulVersions(), tried);
    }
    return next.isEmpty() ? Result<QString>(std::unexpected(error)) : next;
}

/// The refusal of the only revision that will do, or what else went wrong.
Error withoutAlternative(const Connection &connection, const Error &error, const QString &revision)
{
    if (rpcCodeOf(error) == RpcErrorCode::UnsupportedProtocolVersion) {
        const auto supported = Json::strings(error.details.value("data"_L1)["supported"_L1]).value_or(QStringList());
        return onlyVersionRefused(revision, u"It offers %1."_s.arg(supported.join(u", "_s)), supported).error();
    }
    if (isStateless(revision) && isLegacyRefusal(connection, error))
        return onlyVersionRefused(revision, error.message, {}).error();
    return error;
}

QCoro::Task<Result<QJsonObject>> introduce(ConnectionPtr connection, std::stop_token stop)
{
    if (isStateless(connection->speaker.revision)) {
        Result<QJsonObject> discovered = co_await discover(connection, std::move(stop));
        co_return discovered;
    }
    Result<QJsonObject> initialized = co_await initialize(connection, std::move(stop));
    co_return initialized;
}

/// What a session begins with, once there is one.
QCoro::Task<> setUpSession(ConnectionPtr connection, QJsonObject introduction, std::stop_token stop)
{
    if (hears(connection->options.features))
        co_await openSessionStream(connection, stop);
    const QString level = connection->options.features.logLevel;
    if (!level.isEmpty() && hasLogging(introduction))
        co_await exchange(connection, u"logging/setLevel"_s, {{u"level"_s, level}}, {.stop = std::move(stop)});
}

QCoro::Task<Result<QJsonObject>> negotiate(ConnectionPtr connection, std::stop_token stop)
{
    QStringList tried;
    Result<QString> revision = connection->options.revision;
    while (true) {
        connection->speaker.revision = *revision;
        connection->forgetSession();
        const SessionStatePtr state = connection->state;
        Result<QJsonObject> introduction = co_await introduce(connection, stop);
        if (introduction && connection->state != state)
            introduction = fail(overAtOnce());
        if (introduction && !stop.stop_requested()) {
            connection->isConnected = true;
            if (!isStateless(connection->speaker.revision))
                co_await setUpSession(connection, *introduction, stop);
        }
        if (stop.stop_requested())
            co_return fail(cancelledRequest());
        if (introduction)
            co_return introduction;
        if (connection->options.keepsRevision)
            co_return std::unexpected(withoutAlternative(*connection, introduction.error(), *revision));
        tried.append(*revision);
        revision = nextRevision(*connection, introduction.error(), tried);
        if (!revision)
            co_return std::unexpected(revision.error());
    }
}

QCoro::Task<> runHandshake(ConnectionPtr connection)
{
    const auto promise = connection->connecting;
    Result<QJsonObject> introduction = co_await negotiate(connection, connection->stop.get_token());
    if (connection->connecting == promise) // else another one has begun
        connection->connecting.reset();
    promise->addResult(std::move(introduction));
    promise->finish();
}

} // namespace

Connection::Connection(Http::Client *httpClient, ClientOptions clientOptions)
    : http(httpClient)
    , options(std::move(clientOptions))
    , session(options.session)
    , speaker{.name = options.name,
              .version = options.version.isEmpty() ? u"0"_s : options.version,
              .revision = options.revision,
              .capabilities = capabilitiesOf(options.features),
              .logLevel = options.features.logLevel}
{
    stopsWithCaller.emplace(options.stop, [source = stop]() mutable { source.request_stop(); });
}

void Connection::cancel()
{
    connecting.reset();
    std::stop_source former = std::exchange(stop, std::stop_source());
    stopsWithCaller.emplace(options.stop, [source = stop]() mutable { source.request_stop(); });
    former.request_stop();
}

Background::~Background()
{
    if (--m_connection->background == 0 && m_connection->idle)
        std::exchange(m_connection->idle, nullptr)->finish();
}

void Connection::forgetSession()
{
    isConnected = false;
    std::exchange(state, std::make_shared<SessionState>())->over.request_stop();
}

void Connection::withdraw(const QJsonValue &requestId)
{
    const auto question = state->questions.find(toJsonText(requestId));
    if (question != state->questions.end())
        std::stop_source(*question).request_stop(); // a copy, since whoever is stopped may remove it
}

CompletionPtr Connection::completionOf(const QString &elicitationId)
{
    completions.removeIf([](const auto &entry) { return entry.value().expired(); });
    CompletionPtr completion = completions.value(elicitationId).lock();
    if (!completion) {
        completion = std::make_shared<QPromise<void>>();
        completion->start();
        completions.insert(elicitationId, completion);
    }
    return completion;
}

void Connection::complete(const QString &elicitationId)
{
    if (const CompletionPtr completion = completions.take(elicitationId).lock())
        completion->finish();
}

bool Connection::learn(const QString &tool, const QJsonObject &inputSchema)
{
    if (!isStateless(speaker.revision))
        return true;
    const auto headers = paramHeaders(inputSchema);
    if (headers)
        paramHeadersOf.insert(tool, *headers);
    return headers.has_value();
}

QCoro::Task<Result<QJsonObject>> connected(ConnectionPtr connection)
{
    const bool isFirst = !connection->connecting;
    if (isFirst) {
        connection->connecting = std::make_shared<QPromise<Result<QJsonObject>>>();
        connection->connecting->start();
    }
    const QFuture<Result<QJsonObject>> future = connection->connecting->future();
    if (isFirst)
        runHandshake(connection);
    Result<QJsonObject> introduction = co_await future;
    co_return introduction;
}

QCoro::Task<Result<Answer>> answerFor(ConnectionPtr connection, QString method, QJsonObject params,
                                      RequestOptions options)
{
    Error expired;
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (!connection->isConnected) {
            const Result<QJsonObject> introduction =
                co_await raced(connected(connection), options.stop, cancelledRequest());
            if (!introduction)
                co_return std::unexpected(introduction.error());
        }
        if (!connection->isConnected)
            co_return fail(overAtOnce());
        const SessionStatePtr state = connection->state;
        Result<Answer> answer = co_await exchange(connection, method, params, options);
        if (answer || answer.error().code != "session_expired"_L1)
            co_return answer;
        expired = answer.error();
        if (connection->state == state) // else another caller has begun a new one
            connection->forgetSession();
    }
    co_return std::unexpected(expired);
}

QCoro::Task<Result<QJsonObject>> perform(ConnectionPtr connection, QString method, QJsonObject params,
                                         RequestOptions options)
{
    const EitherStop stop(connection->stop.get_token(), options.stop);
    options.stop = stop.token();
    for (int round = 0;; ++round) {
        const Result<Answer> answer = co_await answerFor(connection, method, params, options);
        const bool wantsVisits = !answer && asksForVisits(*connection, answer.error());
        if (!wantsVisits && !(answer && asksForInput(answer->result)))
            co_return answer.transform(resultOf);
        if (round == maxInputRounds)
            break;
        if (wantsVisits) {
            const Result<> done = co_await visited(connection, answer.error(), options.stop);
            if (!done)
                co_return std::unexpected(done.error());
            continue;
        }
        const Result<QJsonObject> next =
            co_await withInput(connection->options.features, params, answer->result, options.stop);
        if (!next)
            co_return std::unexpected(next.error());
        params = *next;
    }
    co_return fail(u"too_many_rounds"_s,
                   u"The server asked for input more than %1 times before it answered."_s.arg(maxInputRounds));
}

namespace {

/// Until what was cancelled has ended.
QCoro::Task<> untilIdle(ConnectionPtr connection)
{
    if (connection->background == 0)
        co_return;
    if (!connection->idle) {
        connection->idle = std::make_shared<QPromise<void>>();
        connection->idle->start();
    }
    const QFuture<void> idle = connection->idle->future();
    [[maybe_unused]] const Result<> ended = co_await raced(awaited(idle), std::stop_token(), Error(), closeTimeout);
}

} // namespace

QCoro::Task<> endSession(ConnectionPtr connection)
{
    Outgoing message = outgoing(*connection, {}, {});
    message.method = "DELETE";
    const bool hasSession = !connection->state->id.isEmpty();
    connection->cancel();
    message.stop = connection->stop.get_token();
    message.timeout = closeTimeout;
    connection->forgetSession();
    if (hasSession)
        co_await sendFarewell(connection, std::move(message));
    if (const auto program = std::exchange(connection->program, nullptr))
        co_await ServerProgram::close(program);
    co_await untilIdle(connection);
}

} // namespace McpAuth::Mcp
