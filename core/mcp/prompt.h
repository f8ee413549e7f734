// Messages for a model that a person chooses by name (server/prompts.mdx).
#pragma once

#include "mcp/completion.h"

#include <QJsonArray>

namespace McpAuth::Mcp {

struct PromptArgument
{
    QString name;
    QString description = {};
    bool required = false;
    QString title = {};
};

struct PromptMessage
{
    QString role = QStringLiteral("user"); ///< or "assistant"
    QJsonObject content;                   ///< a content block of the schema

    [[nodiscard]] static PromptMessage text(const QString &text, const QString &role = QStringLiteral("user"));
};

struct PromptResult
{
    QList<PromptMessage> messages;
    QString description = {};
};

/// Errors: any; the client gets its message.
using PromptHandler = Handler<PromptResult, QMap<QString, QString>>;

struct Prompt
{
    QString name;
    QString title = {};
    QString description = {};
    QList<PromptArgument> arguments = {};
    QJsonArray icons = {};           ///< of Icon objects
    QStringList requiredScopes = {}; ///< on top of the endpoint's own; missing ones give 403 with a step-up challenge
    PromptHandler handler = {};
    CompletionHandler complete = {}; ///< of its arguments; may be empty
};

} // namespace McpAuth::Mcp
