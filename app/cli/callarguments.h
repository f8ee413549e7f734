// A tool's arguments from the command line's words.
#pragma once

#include "base/json.h"

namespace McpAuth::Cli {

/// K=V. Errors: invalid_arguments, where there is no '=' or nothing before it.
[[nodiscard]] Result<std::pair<QString, QString>> keyAndValue(const QString &word);

/// JSON where the text is JSON, else the text itself.
[[nodiscard]] QJsonValue jsonOrText(const QString &text);

/// Put over `document`. A value is read as the type that the schema gives it; without one, as jsonOrText().
/// Errors: invalid_arguments, with details.argument.
[[nodiscard]] Result<QJsonObject> callArguments(QJsonObject document, const QStringList &words,
                                                const QJsonObject &inputSchema);

} // namespace McpAuth::Cli
