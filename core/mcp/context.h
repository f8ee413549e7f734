// What a handler knows of the request that it answers, and what it may say to the client before it has answered.
#pragma once

#include "base/result.h"
#include "bearer/authinfo.h"

#include <QCoroTask>
#include <QMap>

#include <chrono>
#include <memory>
#include <stop_token>

namespace McpAuth::Mcp {

/// RFC 5424 §6.2.1, from the least to the most severe.
enum class LogLevel { Debug, Info, Notice, Warning, Error, Critical, Alert, Emergency };

/// What a server asks of the client, and through it of the person or the model, before it can answer.
struct InputRequest
{
    QString method; ///< "elicitation/create", "sampling/createMessage" or "roots/list"
    QJsonObject params = {};

    /// `requestedSchema`: an object of flat properties (ElicitRequestFormParams).
    [[nodiscard]] static InputRequest form(const QString &message, const QJsonObject &requestedSchema);
    /// The person opens the URL; what happens there the client does not see.
    [[nodiscard]] static InputRequest url(const QString &message, const QString &url);
    [[nodiscard]] static InputRequest sampling(const QJsonObject &createMessageParams);
    [[nodiscard]] static InputRequest roots();
};

/// By names that the handler chooses, each once in a request.
using InputRequests = QMap<QString, InputRequest>;
/// The client's results, by the same names: {"action", "content"} of elicitation, and so on.
using InputResponses = QMap<QString, QJsonObject>;

/// What one handler may ask at once.
inline constexpr int maxInputRequests = 32;

struct RequestScope;

/// A handle: copies speak of the same request. On the endpoint's thread only.
class Context
{
public:
    /// For a handler's own tests: nobody listens.
    Context(std::shared_ptr<const Bearer::AuthInfo> auth, QString sessionId, QString protocolVersion,
            std::stop_token stop = {});
    explicit Context(std::shared_ptr<RequestScope> scope)
        : m_scope(std::move(scope))
    {
    }

    /// The caller; null when the server runs without auth.
    [[nodiscard]] const Bearer::AuthInfo *auth() const;
    [[nodiscard]] const QString &sessionId() const; ///< empty since 2026-07-28
    [[nodiscard]] const QString &protocolVersion() const;
    /// As ClientCapabilities of the schema; to 2025-11-25 roots, sampling and elicitation alone.
    [[nodiscard]] const QJsonObject &clientCapabilities() const;
    /// Requested when nobody waits for the result any more: the client cancelled the request, closed its connection
    /// (since 2026-07-28; before, that means nothing), the handler's time is over, or the endpoint goes. The handler
    /// should then return soon.
    [[nodiscard]] const std::stop_token &stop() const;

    /// Sent where the client asked for it, and the value is more than the one before.
    void progress(double value, std::optional<double> total = {}, const QString &message = {}) const;
    /// Sent where the client wants that level. No secrets: the client shows and keeps it. `data` is any JSON.
    void log(LogLevel level, const QJsonValue &data, const QString &logger = {}) const;

    /// As ClientCapabilities: what the request cannot do without. Errors: capability_missing; whatever the handler
    /// returns then, the client learns what is missing.
    [[nodiscard]] Result<> require(const QJsonObject &capabilities) const;

    /// The same in every revision. To 2025-11-25 the client is asked while the request waits. Since 2026-07-28 the
    /// request ends here: an error with code input_required comes back, the handler returns, whatever it returns, and
    /// when the client has the answers it sends the request again; the handler then runs from its start and gets them
    /// here. So what it does before it asks happens again, and its names must be the same each time.
    /// Only for tools, prompts and resources in that revision. Where a handler can do without, it looks at
    /// clientCapabilities() first: asking what the client cannot be asked refuses the request there.
    /// Errors: input_required, capability_missing (the client does not do this), client_error (it refused; details as
    /// RpcError), cancelled, not_supported, too_many_requests.
    [[nodiscard]] QCoro::Task<Result<InputResponses>> ask(InputRequests requests) const;
    /// One of them, named by its place among the handler's questions and its words. Result: {"action", "content"}.
    [[nodiscard]] QCoro::Task<Result<QJsonObject>> elicit(QString message, QJsonObject requestedSchema) const;
    [[nodiscard]] QCoro::Task<Result<QJsonObject>> sample(QJsonObject createMessageParams) const;
    [[nodiscard]] QCoro::Task<Result<QJsonObject>> roots() const;

    /// Ends the connection, not the request: a client of a revision with resumable streams (2025-11-25) comes back
    /// after `retry` and gets what was said meanwhile. Without effect in others.
    void disconnect(std::chrono::milliseconds retry) const;

private:
    std::shared_ptr<RequestScope> m_scope;
};

} // namespace McpAuth::Mcp
