// A tool that an MCP server offers, and what it knows of its caller.
#pragma once

#include "base/json.h"
#include "bearer/authinfo.h"

#include <QCoroTask>
#include <QJsonArray>

#include <functional>
#include <memory>
#include <stop_token>
#include <variant>

namespace McpAuth::Mcp {

/// What a handler may ask about the call.
class Context
{
public:
    Context(std::shared_ptr<const Bearer::AuthInfo> auth, QString sessionId, QString protocolVersion,
            std::stop_token stop = {})
        : m_auth(std::move(auth))
        , m_sessionId(std::move(sessionId))
        , m_protocolVersion(std::move(protocolVersion))
        , m_stop(std::move(stop))
    {
    }

    /// The caller; null when the server runs without auth.
    [[nodiscard]] const Bearer::AuthInfo *auth() const { return m_auth.get(); }
    [[nodiscard]] const QString &sessionId() const { return m_sessionId; }
    [[nodiscard]] const QString &protocolVersion() const { return m_protocolVersion; }
    /// Requested when nobody waits for the result any more: the client cancelled the request or closed its connection,
    /// the tool's time is over, or the endpoint goes. The handler should then return soon.
    [[nodiscard]] const std::stop_token &stop() const { return m_stop; }

private:
    std::shared_ptr<const Bearer::AuthInfo> m_auth;
    QString m_sessionId;
    QString m_protocolVersion;
    std::stop_token m_stop;
};

struct ToolResult
{
    QJsonArray content = {}; ///< content blocks of the MCP schema; empty: structuredContent as text, where there is any
    std::optional<QJsonObject> structuredContent = {};
    bool isError = false;

    [[nodiscard]] static ToolResult text(const QString &text);
    /// Structured; the endpoint says the same as text, for clients that do not read it.
    [[nodiscard]] static ToolResult json(const QJsonObject &object);
    /// The tool ran and says no: a result that the model sees, not a protocol error.
    [[nodiscard]] static ToolResult error(const QString &text);
};

/// Answers at once, and so is neither timed nor stopped. An error becomes ToolResult::error() of its message.
using ToolFunction = std::function<Result<ToolResult>(const QJsonObject &arguments, const Context &context)>;
/// Answers later: a coroutine, which takes its parameters by value, or what else returns a task.
using ToolCoroutine = std::function<QCoro::Task<ToolResult>(QJsonObject arguments, Context context)>;
/// Either, as a lambda or a plain function. It runs on the endpoint's thread: what blocks there blocks every request.
using ToolHandler = std::variant<ToolFunction, ToolCoroutine>;

struct Tool
{
    QString name;
    QString title = {};
    QString description = {};
    QJsonObject inputSchema;       ///< JSON Schema 2020-12 of type object; docs/decisions/json-schema.md has its limits
    QJsonObject outputSchema = {}; ///< of structuredContent, which every result without an error must then have
    QStringList requiredScopes = {}; ///< on top of the endpoint's own; missing ones give 403 with a step-up challenge
    QJsonObject annotations = {};
    ToolHandler handler = {};
};

} // namespace McpAuth::Mcp
