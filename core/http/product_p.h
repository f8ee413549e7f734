// How the program names itself to others.
#pragma once

#include <QByteArrayView>

namespace McpAuth::Http {

inline constexpr QByteArrayView productName = "MCP Auth Tester";
inline constexpr QByteArrayView productVersion = "0.1.0";
inline constexpr QByteArrayView userAgent = "mcp-auth-tester/0.1.0";

} // namespace McpAuth::Http
