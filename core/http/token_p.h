// The characters of names in HTTP.
#pragma once

#include <QByteArrayView>

namespace McpAuth::Http {

[[nodiscard]] inline bool isAlphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// RFC 9110 §5.6.2
[[nodiscard]] inline bool isTokenCharacter(char c)
{
    return isAlphanumeric(c) || QByteArrayView("!#$%&'*+-.^_`|~").contains(c);
}

} // namespace McpAuth::Http
