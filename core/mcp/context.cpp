#include "mcp/context.h"

#include "base/base64url.h"
#include "mcp/scope_p.h"

#include <QCryptographicHash>

#include <cmath>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr QLatin1StringView levelNames[] = {"debug"_L1, "info"_L1,     "notice"_L1, "warning"_L1,
                                            "error"_L1, "critical"_L1, "alert"_L1,  "emergency"_L1};

constexpr auto elicitation = "elicitation/create"_L1;
constexpr auto samplingMethod = "sampling/createMessage"_L1;
constexpr auto rootsMethod = "roots/list"_L1;

/// ClientCapabilities that a client must have declared to be asked this.
QJsonObject neededFor(const InputRequest &request)
{
    if (request.method == elicitation) {
        const bool byUrl = request.params.value("mode"_L1) == "url"_L1;
        return {{u"elicitation"_s, QJsonObject{{byUrl ? u"url"_s : u"form"_s, QJsonObject()}}}};
    }
    if (request.method == samplingMethod) {
        const bool usesTools = request.params.contains("tools"_L1);
        return {{u"sampling"_s, usesTools ? QJsonObject{{u"tools"_s, QJsonObject()}} : QJsonObject()}};
    }
    return {{u"roots"_s, QJsonObject()}};
}

/// Whether `declared` has everything of `needed`, however deep.
bool declares(const QJsonObject &declared, const QJsonObject &needed)
{
    for (auto part = needed.begin(); part != needed.end(); ++part) {
        const QJsonValue found = declared.value(part.key());
        if (!part->isObject() && found != *part)
            return false;
        if (!part->isObject())
            continue;
        // An empty elicitation capability is that of forms (client/elicitation.mdx, Capabilities).
        const bool isImplied = part.key() == "form"_L1 && declared.isEmpty();
        if (!isImplied && (!found.isObject() || !declares(found.toObject(), part->toObject())))
            return false;
    }
    return true;
}

/// What has to be asked yet, since 2026-07-28.
Result<> note(RequestScope &scope, const InputRequests &requests)
{
    for (const auto &[name, request] : requests.asKeyValueRange()) {
        if (!scope.responses.contains(name))
            scope.needed.insert(name, request);
    }
    if (scope.needed.isEmpty())
        return {};
    return fail(u"input_required"_s, u"The client is asked first, and sends its request again."_s);
}

} // namespace

QLatin1StringView nameOfLevel(LogLevel level)
{
    return levelNames[static_cast<size_t>(level)];
}

std::optional<LogLevel> levelFromName(QStringView name)
{
    const auto found = std::ranges::find_if(levelNames, [name](QLatin1StringView level) { return level == name; });
    if (found == std::end(levelNames))
        return std::nullopt;
    return static_cast<LogLevel>(found - std::begin(levelNames));
}

InputRequest InputRequest::form(const QString &message, const QJsonObject &requestedSchema)
{
    return {.method = elicitation,
            .params = {{u"mode"_s, u"form"_s}, {u"message"_s, message}, {u"requestedSchema"_s, requestedSchema}}};
}

InputRequest InputRequest::url(const QString &message, const QString &url)
{
    return {.method = elicitation, .params = {{u"mode"_s, u"url"_s}, {u"message"_s, message}, {u"url"_s, url}}};
}

InputRequest InputRequest::sampling(const QJsonObject &createMessageParams)
{
    return {.method = samplingMethod, .params = createMessageParams};
}

InputRequest InputRequest::roots()
{
    return {.method = rootsMethod};
}

Context::Context(std::shared_ptr<const Bearer::AuthInfo> auth, QString sessionId, QString protocolVersion,
                 std::stop_token stop)
    : m_scope(std::make_shared<RequestScope>(RequestScope{.revision = findRevision(protocolVersion),
                                                          .auth = std::move(auth),
                                                          .sessionId = std::move(sessionId),
                                                          .stop = std::move(stop)}))
{
    if (!m_scope->revision)
        m_scope->revision = revisions().constData();
}

const Bearer::AuthInfo *Context::auth() const
{
    return m_scope->auth.get();
}

const QString &Context::sessionId() const
{
    return m_scope->sessionId;
}

const QString &Context::protocolVersion() const
{
    return m_scope->revision->name;
}

const QJsonObject &Context::clientCapabilities() const
{
    return m_scope->clientCapabilities;
}

const std::stop_token &Context::stop() const
{
    return m_scope->stop;
}

void Context::progress(double value, std::optional<double> total, const QString &message) const
{
    const bool isMore = !m_scope->saidProgress || value > m_scope->lastProgress;
    if (m_scope->progressToken.isUndefined() || !m_scope->outlet || !isMore || !std::isfinite(value))
        return;
    m_scope->saidProgress = true;
    m_scope->lastProgress = value;
    QJsonObject params{{u"progressToken"_s, m_scope->progressToken}, {u"progress"_s, value}};
    if (total && std::isfinite(*total))
        params.insert(u"total"_s, *total);
    if (!message.isEmpty() && m_scope->revision->progressMessages)
        params.insert(u"message"_s, message);
    m_scope->outlet->send(rpcNotificationText(u"notifications/progress"_s, params));
}

void Context::log(LogLevel level, const QJsonValue &data, const QString &logger) const
{
    if (!m_scope->logLevel || level < *m_scope->logLevel || !m_scope->outlet)
        return;
    QJsonObject params{{u"level"_s, nameOfLevel(level)}, {u"data"_s, data}};
    if (!logger.isEmpty())
        params.insert(u"logger"_s, logger);
    m_scope->outlet->send(rpcNotificationText(u"notifications/message"_s, params));
}

Result<> Context::require(const QJsonObject &capabilities) const
{
    if (declares(m_scope->clientCapabilities, capabilities))
        return {};
    m_scope->missing = capabilities;
    return fail(
        u"capability_missing"_s,
        u"The client did not declare a capability that this needs: %1."_s.arg(capabilities.keys().join(u", "_s)),
        {{u"requiredCapabilities"_s, capabilities}});
}

QCoro::Task<Result<InputResponses>> Context::ask(InputRequests requests) const
{
    const auto scope = m_scope; // `this` may go while it waits
    if (requests.size() > maxInputRequests)
        co_return fail(u"too_many_requests"_s, u"A client is asked %1 questions at most."_s.arg(maxInputRequests));
    for (const InputRequest &request : std::as_const(requests)) {
        if (auto able = Context(scope).require(neededFor(request)); !able)
            co_return fail(able.error());
    }
    if (scope->revision->stateless && !scope->mayAsk)
        co_return fail(u"not_supported"_s, u"Nothing can be asked while this kind of request is answered."_s);
    if (scope->revision->stateless) {
        if (auto complete = note(*scope, requests); !complete)
            co_return fail(complete.error());
        InputResponses responses;
        for (const QString &name : requests.keys())
            responses.insert(name, scope->responses.value(name));
        co_return responses;
    }
    if (!scope->outlet)
        co_return fail(u"cancelled"_s, u"Nobody is there to be asked."_s);
    InputResponses responses;
    for (const auto &[name, request] : std::as_const(requests).asKeyValueRange()) {
        scope->waitingTime.begin();
        auto response = co_await scope->outlet->request(request.method, request.params, scope->stop);
        scope->waitingTime.end();
        if (!response)
            co_return fail(response.error());
        responses.insert(name, *response);
    }
    co_return responses;
}

namespace {

/// Named by its place among the handler's questions and by what it asks: a handler that runs again and takes another
/// turn gets no answer to another question.
QCoro::Task<Result<QJsonObject>> askOne(std::shared_ptr<RequestScope> scope, InputRequest request)
{
    const QByteArray question = request.method.toUtf8() + toJsonText(request.params);
    const QByteArray digest = QCryptographicHash::hash(question, QCryptographicHash::Sha256).first(6);
    const QString name =
        u"input-%1-%2"_s.arg(QString::number(++scope->asked), QLatin1StringView(encodeBase64Url(digest)));
    auto responses = co_await Context(scope).ask({{name, std::move(request)}});
    if (!responses)
        co_return fail(responses.error());
    co_return responses->value(name);
}

} // namespace

QCoro::Task<Result<QJsonObject>> Context::elicit(QString message, QJsonObject requestedSchema) const
{
    return askOne(m_scope, InputRequest::form(message, requestedSchema));
}

QCoro::Task<Result<QJsonObject>> Context::sample(QJsonObject createMessageParams) const
{
    return askOne(m_scope, InputRequest::sampling(createMessageParams));
}

QCoro::Task<Result<QJsonObject>> Context::roots() const
{
    return askOne(m_scope, InputRequest::roots());
}

void Context::disconnect(std::chrono::milliseconds retry) const
{
    if (m_scope->outlet)
        m_scope->outlet->disconnect(retry);
}

} // namespace McpAuth::Mcp
