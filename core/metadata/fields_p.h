// Typed members of a metadata document as a table: wire name, and where the value goes.
#pragma once

#include "base/json.h"

#include <QJsonArray>

#include <optional>
#include <span>
#include <variant>

namespace McpAuth::Metadata {

/// The member's type says how it is read: a bare one is required, an optional one is not.
template<typename Document>
struct Field
{
    QStringView name;
    std::variant<QString Document::*, QStringList Document::*, std::optional<QString> Document::*,
                 std::optional<QStringList> Document::*, std::optional<bool> Document::*>
        member;
};

namespace Fields {

template<typename Value>
Result<> assign(Result<Value> from, Value &to)
{
    if (!from)
        return fail(std::move(from.error()));
    to = *std::move(from);
    return {};
}

inline Result<> read(const QJsonObject &object, QStringView name, QString &to)
{
    return assign(Json::requiredString(object, name), to);
}

inline Result<> read(const QJsonObject &object, QStringView name, QStringList &to)
{
    return assign(Json::requiredStrings(object, name), to);
}

inline Result<> read(const QJsonObject &object, QStringView name, std::optional<QString> &to)
{
    return assign(Json::optionalString(object, name), to);
}

inline Result<> read(const QJsonObject &object, QStringView name, std::optional<QStringList> &to)
{
    return assign(Json::optionalStrings(object, name), to);
}

inline Result<> read(const QJsonObject &object, QStringView name, std::optional<bool> &to)
{
    return assign(Json::optionalBool(object, name), to);
}

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

/// Every fault is told at once, so that a provider's operator need not mend them one by one.
template<typename Document>
Result<Document> readFields(const QJsonObject &object, std::span<const Field<Document>> fields, const QString &code)
{
    Document document;
    QStringList faults;
    QJsonObject details;
    for (const Field<Document> &field : fields) {
        const auto outcome =
            std::visit([&](auto member) { return Fields::read(object, field.name, document.*member); }, field.member);
        if (outcome)
            continue;
        if (faults.isEmpty())
            details.insert(QStringLiteral("member"), field.name.toString());
        faults.append(outcome.error().message);
    }
    if (faults.size() > 1)
        details.insert(QStringLiteral("faults"), QJsonArray::fromStringList(faults));
    if (!faults.isEmpty())
        return fail(code, faults.join(u' '), details);
    document.raw = object;
    return document;
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
