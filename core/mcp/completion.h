// Values that a client may offer a person who fills in an argument (utilities/completion.mdx).
#pragma once

#include "mcp/handler.h"

#include <QStringList>

namespace McpAuth::Mcp {

struct CompletionRequest
{
    QString argument;               ///< its name
    QString value;                  ///< as far as it was written
    QMap<QString, QString> context; ///< arguments that are filled in already
};

struct Completion
{
    QStringList values;               ///< the best first; the client gets maxCompletionValues of them at most
    std::optional<qint64> total = {}; ///< of all that there are, where it is known; at least the number of values
};

inline constexpr int maxCompletionValues = 100;

using CompletionHandler = Handler<Completion, CompletionRequest>;

} // namespace McpAuth::Mcp
