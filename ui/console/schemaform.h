// A tool's JSON Schema as the fields of a form, and what is typed into them as JSON. Pure functions.
#pragma once

#include "base/result.h"

#include <QJsonArray>
#include <QJsonObject>

#include <optional>

namespace McpAuth::Ui {

/// Fields of one form; what is beyond is for the JSON side.
inline constexpr qsizetype maxFormFields = 100;

enum class FieldKind {
    Text,
    Number,
    Integer,
    Choice, ///< of `choices`; booleans too
    Json,   ///< arrays, objects, and whatever has no one type
};

struct FormField
{
    QString name;
    QString title; ///< empty: the name says it
    QString description;
    FieldKind kind = FieldKind::Json;
    QString type; ///< the schema's word: "string", "array"…; empty: any
    bool isRequired = false;
    std::optional<double> minimum = {};
    std::optional<double> maximum = {};
    std::optional<double> exclusiveMinimum = {};
    std::optional<double> exclusiveMaximum = {};
    qsizetype minLength = 0; ///< in characters (JSON Schema Validation §6.3)
    std::optional<qsizetype> maxLength = {};
    QJsonArray choices = {};
    QJsonValue defaultValue = QJsonValue::Undefined;
    QJsonValue example = QJsonValue::Undefined; ///< of the kind Json: a value with the members that it must have
};

/// Required ones first, then by name: QJsonObject keeps no other order. References within the schema are followed;
/// alternatives of which all but one are null are that one.
[[nodiscard]] QList<FormField> fieldsOf(const QJsonObject &inputSchema);

/// Whether the schema asks for more than its properties say: alternatives, conditions, members by a pattern. A form
/// cannot show that.
[[nodiscard]] bool hasOtherForms(const QJsonObject &inputSchema);

/// What a form says before anybody has typed: defaults, the first of required choices, empty required texts.
[[nodiscard]] QJsonObject initialArguments(const QList<FormField> &fields);

/// What was typed, as JSON; undefined: the argument is left out. A choice is typed as compact JSON. Errors:
/// invalid_argument (details.field).
[[nodiscard]] Result<QJsonValue> valueOf(const FormField &field, const QString &text);
/// The reverse, whatever the value's type; empty for undefined.
[[nodiscard]] QString textOf(const FormField &field, const QJsonValue &value);

/// With the field's member set, or without it where the value is undefined; other members stay.
[[nodiscard]] QJsonObject withValue(QJsonObject arguments, const FormField &field, const QJsonValue &value);

/// "number, at least 0", "string, 1 to 1000 characters"
[[nodiscard]] QString typeInWords(const FormField &field);

/// Of any value: a string with its quotes.
[[nodiscard]] QString compactJson(const QJsonValue &value);

} // namespace McpAuth::Ui
