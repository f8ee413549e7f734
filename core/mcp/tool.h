// A tool that an MCP server offers.
#pragma once

#include "base/json.h"
#include "mcp/handler.h"

#include <QJsonArray>

namespace McpAuth::Mcp {

struct ToolResult
{
    QJsonArray content = {}; ///< content blocks of the MCP schema; empty: structuredContent as text, where there is any
    /// Any JSON; clients to 2025-11-25 are told it as text unless it is an object.
    std::optional<QJsonValue> structuredContent = {};
    bool isError = false;
    QJsonObject meta = {}; ///< `_meta` of the result

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
/// As Handler: see there.
using ToolHandler = std::variant<ToolFunction, ToolCoroutine>;

struct Tool
{
    QString name;
    QString title = {};
    QString description = {};
    QJsonObject inputSchema;       ///< JSON Schema 2020-12 of type object; docs/decisions/json-schema.md has its limits
    QJsonObject outputSchema = {}; ///< of structuredContent, which every result without an error must then have; those
                                   ///< to 2025-11-25 know it only when it is of type object
    QStringList requiredScopes = {}; ///< on top of the endpoint's own; missing ones give 403 with a step-up challenge
    QJsonObject annotations = {};
    QJsonArray icons = {}; ///< of Icon objects
    ToolHandler handler = {};
};

} // namespace McpAuth::Mcp
