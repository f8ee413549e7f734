// What somebody else wrote, in a sentence.
#pragma once

#include <QString>

namespace McpAuth::Jose {

/// In quotation marks; a long one is cut.
[[nodiscard]] inline QString quoted(const QString &value)
{
    constexpr qsizetype longest = 200;
    const QString shown = value.size() > longest ? value.first(longest) + u'…' : value;
    return u'"' + shown + u'"';
}

} // namespace McpAuth::Jose
