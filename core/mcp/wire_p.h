// Names and values on the wire that server and client share (2026-07-28 Streamable HTTP, and the schemas).
#pragma once

#include <QByteArray>
#include <QLatin1StringView>
#include <QString>

#include <optional>

namespace McpAuth::Mcp {

inline constexpr QByteArrayView versionField = "MCP-Protocol-Version";
inline constexpr QByteArrayView sessionField = "Mcp-Session-Id";
inline constexpr QByteArrayView methodField = "Mcp-Method";
inline constexpr QByteArrayView nameField = "Mcp-Name";
/// Before the name that a schema annotates with x-mcp-header.
inline constexpr QLatin1StringView paramFieldPrefix("Mcp-Param-");

/// Members of `_meta` in which a stateless request speaks of itself, and a result of its server.
namespace MetaKey {
inline constexpr QLatin1StringView protocolVersion("io.modelcontextprotocol/protocolVersion");
inline constexpr QLatin1StringView clientInfo("io.modelcontextprotocol/clientInfo");
inline constexpr QLatin1StringView clientCapabilities("io.modelcontextprotocol/clientCapabilities");
inline constexpr QLatin1StringView logLevel("io.modelcontextprotocol/logLevel");
inline constexpr QLatin1StringView serverInfo("io.modelcontextprotocol/serverInfo");
inline constexpr QLatin1StringView subscriptionId("io.modelcontextprotocol/subscriptionId");
} // namespace MetaKey

/// A value as a header field carries it: itself, or =?base64?…?= of its UTF-8 where it could not stand there (Value
/// Encoding).
[[nodiscard]] QByteArray headerValue(const QString &value);
/// What headerValue() made a field of; nothing where it cannot have made it.
[[nodiscard]] std::optional<QString> valueOfHeader(QByteArrayView field);

/// The member of `params` that Mcp-Name repeats; empty for a method whose requests have no such field.
[[nodiscard]] QLatin1StringView nameMemberOf(QStringView method);

} // namespace McpAuth::Mcp
