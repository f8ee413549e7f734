// Words of others in sentences of ours.
#pragma once

#include <QString>

namespace McpAuth {

/// The text, or its first `longest` UTF-16 units and "…"; no character is cut in half.
[[nodiscard]] QString shortened(QStringView text, qsizetype longest);

} // namespace McpAuth
