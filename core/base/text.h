// Words of others: in sentences of ours, and taken apart.
#pragma once

#include <QString>

#include <optional>
#include <utility>

namespace McpAuth {

/// The text, or its first `longest` UTF-16 units and "…"; no character is cut in half.
[[nodiscard]] QString shortened(QStringView text, qsizetype longest);

/// What a terminal obeys, changes the order in which the rest is read, or is no character at all.
[[nodiscard]] bool isTreacherous(char32_t character);

/// Spaces stand for the characters that isTreacherous() names.
[[nodiscard]] QString withoutTreacherous(const QString &text);

/// NAME=VALUE, parted at the first equals sign; nothing without one, or without a name.
[[nodiscard]] std::optional<std::pair<QString, QString>> nameAndValue(const QString &text);

} // namespace McpAuth
