#include "mcp/tool.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

QJsonArray textContent(const QString &text)
{
    return {QJsonObject{{u"type"_s, u"text"_s}, {u"text"_s, text}}};
}

} // namespace

ToolResult ToolResult::text(const QString &text)
{
    return {.content = textContent(text)};
}

ToolResult ToolResult::json(const QJsonObject &object)
{
    return {.structuredContent = object};
}

ToolResult ToolResult::error(const QString &text)
{
    return {.content = textContent(text), .isError = true};
}

} // namespace McpAuth::Mcp
