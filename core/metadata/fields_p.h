// Typed members of a metadata document as a table: wire name, and where the value goes.
#pragma once

#include "base/json.h"

#include <QJsonArray>

#include <array>
#include <optional>
#include <span>
#include <variant>

namespace McpAuth::Metadata {

enum class Presence { Required, Optional };

/// The member's type says how it is read. An optional one may be absent, and then JSON null counts as absent too.
template<typename Document>
struct Field
{
    QStringView name;
    std::variant<QString Document::*, QStringList Document::*, std::optional<QString> Document::*,
                 std::optional<QStringList> Document::*, std::optional<bool> Document::*>
        member;
    Presence presence = std::holds_alternative<QString Document::*>(member) ? Presence::Required : Presence::Optional;
};

namespace Fields {

inline bool take(const QJsonValue &value, QString &to)
{
    to = value.toString();
    return value.isString();
}

inline bool take(const QJsonValue &value, QStringList &to)
{
    const auto list = Json::strings(value);
    to = list.value_or(QStringList());
    return list.has_value();
}

inline bool take(const QJsonValue &value, bool &to)
{
    to = value.toBool();
    return value.isBool();
}

template<typename Value>
bool take(const QJsonValue &value, std::optional<Value> &to)
{
    if (take(value, to.emplace()))
        return true;
    to.reset();
    return false;
}

/// The type's name in a message, by the index of Field::member.
inline constexpr std::array typeNames{QLatin1StringView("a string"), QLatin1StringView("an array of strings"),
                                      QLatin1StringView("a string"), QLatin1StringView("an array of strings"),
                                      QLatin1StringView("a boolean")};

inline std::optional<QJsonValue> written(const QString &value)
{
    return QJsonValue(value);
}

inline std::optional<QJsonValue> written(const QStringList &value)
{
    return QJsonValue(QJsonArray::fromStringList(value));
}

inline std::optional<QJsonValue> written(bool value)
{
    return QJsonValue(value);
}

template<typename Value>
std::optional<QJsonValue> written(const std::optional<Value> &value)
{
    return value ? written(*value) : std::nullopt;
}

} // namespace Fields

/// Reads what can be read; a faulty member stays as an absent one. Codes of the faults: missing_member, wrong_type
/// (with details.expected) and null_member, each with details.member.
template<typename Document>
QList<Error> readFields(const QJsonObject &object, std::span<const Field<Document>> fields, Document &document)
{
    QList<Error> faults;
    const auto note = [&](QStringView name, const QString &code, const QString &message, QJsonObject details = {}) {
        details.insert(QStringLiteral("member"), name.toString());
        faults.append({code, message, std::move(details)});
    };
    for (const Field<Document> &field : fields) {
        const QJsonValue value = object.value(field.name);
        const bool isRequired = field.presence == Presence::Required;
        const auto take = [&](auto member) { return Fields::take(value, document.*member); };
        if (value.isUndefined() && isRequired)
            note(field.name, QStringLiteral("missing_member"), QStringLiteral("`%1` is missing.").arg(field.name));
        else if (value.isNull() && !isRequired)
            note(field.name, QStringLiteral("null_member"),
                 QStringLiteral("`%1` is null, which is read as absent.").arg(field.name));
        else if (!value.isUndefined() && !std::visit(take, field.member)) {
            const QString expected = Fields::typeNames.at(field.member.index());
            note(field.name, QStringLiteral("wrong_type"),
                 QStringLiteral("`%1` must be %2, not %3.").arg(field.name, expected, Json::typeName(value)),
                 {{QStringLiteral("expected"), expected}});
        }
    }
    document.raw = object;
    return faults;
}

[[nodiscard]] inline bool isNull(const Error &fault)
{
    return fault.code == QLatin1StringView("null_member");
}

/// One error for all faults, so that a provider's operator need not fix them one by one. Nulls are none.
[[nodiscard]] inline Result<> refuseFaults(QList<Error> faults, const QString &code)
{
    faults.removeIf(isNull);
    if (faults.isEmpty())
        return {};
    QStringList sentences;
    for (const Error &fault : std::as_const(faults))
        sentences.append(fault.message);
    QJsonObject details{{QStringLiteral("member"), faults.first().details.value(QLatin1StringView("member"))}};
    if (faults.size() > 1)
        details.insert(QStringLiteral("faults"), QJsonArray::fromStringList(sentences));
    return fail(code, sentences.join(u' '), details);
}

template<typename Document>
QJsonObject writeFields(const Document &document, std::span<const Field<Document>> fields)
{
    QJsonObject object = document.raw;
    for (const Field<Document> &field : fields) {
        const auto value = std::visit([&](auto member) { return Fields::written(document.*member); }, field.member);
        if (value)
            object.insert(field.name, *value);
    }
    return object;
}

} // namespace McpAuth::Metadata
