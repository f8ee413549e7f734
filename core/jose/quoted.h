// What somebody else wrote, in a sentence.
#pragma once

#include "base/text.h"

namespace McpAuth::Jose {

inline constexpr qsizetype longestQuoted = 200;

/// In quotation marks; a long one is cut.
[[nodiscard]] inline QString quoted(const QString &value)
{
    return u'"' + shortened(value, longestQuoted) + u'"';
}

} // namespace McpAuth::Jose
