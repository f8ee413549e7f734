// Words of others: in sentences of ours, and taken apart.
#pragma once

#include <QString>

#include <optional>
#include <utility>

namespace McpAuth {

/// The text, or its first `longest` UTF-16 units and "…"; no character is cut in half.
[[nodiscard]] QString shortened(QStringView text, qsizetype longest);

/// NAME=VALUE, parted at the first equals sign; nothing without one, or without a name.
[[nodiscard]] std::optional<std::pair<QString, QString>> nameAndValue(const QString &text);

} // namespace McpAuth
