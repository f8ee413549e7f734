// Strict JSON reading on top of Qt's: what QJsonDocument lets pass silently is refused here.
#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QJsonValue>
#include <QStringList>

#include <optional>

namespace McpAuth {

/// How deep arrays and objects may be nested, everywhere in the project.
inline constexpr int maxJsonDepth = 64;

/// One JSON text (RFC 8259) of any type. Refuses what is not JSON, bytes after it, ill-formed UTF-8, nesting deeper
/// than maxJsonDepth and an object that names a member twice (RFC 8725 §2.4, RFC 7515 §4).
/// Errors: invalid_json, json_too_deep, duplicate_member.
[[nodiscard]] Result<QJsonValue> parseJson(QByteArrayView text);

/// The same, and it must be an object. Errors: those of parseJson, not_an_object.
[[nodiscard]] Result<QJsonObject> parseJsonObject(QByteArrayView text);

/// Compact UTF-8 text of any value. JSON numbers that are integers are written without a fraction.
[[nodiscard]] QByteArray toJsonText(const QJsonObject &object);
[[nodiscard]] QByteArray toJsonText(const QJsonArray &array);
[[nodiscard]] QByteArray toJsonText(const QJsonValue &value);

/// Appends a JSON string, in its quotes, to JSON that is written by hand. `text` is UTF-8.
void appendJsonString(QByteArray &json, QByteArrayView text);

/// Typed access to members. An absent member is an empty optional; a present one of another type is an error, with the
/// member's name in details.member. JSON null counts as another type. Errors: missing_member, wrong_type.
namespace Json {

[[nodiscard]] Result<QString> requiredString(const QJsonObject &object, QStringView member);
[[nodiscard]] Result<std::optional<QString>> optionalString(const QJsonObject &object, QStringView member);
[[nodiscard]] Result<QStringList> requiredStrings(const QJsonObject &object, QStringView member);
[[nodiscard]] Result<std::optional<QStringList>> optionalStrings(const QJsonObject &object, QStringView member);
[[nodiscard]] Result<std::optional<bool>> optionalBool(const QJsonObject &object, QStringView member);

/// Every element is a string, or nothing.
[[nodiscard]] std::optional<QStringList> strings(const QJsonValue &value);

/// "string", "number", "object"…: the type's name in a message.
[[nodiscard]] QString typeName(const QJsonValue &value);

} // namespace Json
} // namespace McpAuth
