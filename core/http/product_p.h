// How the program names itself to others. The version is CMake's.
#pragma once

#include <QByteArrayView>

namespace McpAuth::Http {

inline constexpr QByteArrayView productName = "MCP Auth Tester";
inline constexpr QByteArrayView productVersion = MCPAUTH_VERSION;
inline constexpr QByteArrayView userAgent = "mcp-auth-tester/" MCPAUTH_VERSION;

} // namespace McpAuth::Http
