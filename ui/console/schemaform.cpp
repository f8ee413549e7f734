#include "ui/console/schemaform.h"

#include "base/json.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>
#include <array>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

struct SchemaFormTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::SchemaForm)
};

/// Values within the examples of one form: a few schemas that refer to each other could ask for any number.
constexpr int maxExampleValues = 200;
/// References and lone alternatives that are followed from one schema; against those that go in circles.
constexpr int maxIndirections = 16;

/// What a JSON Pointer in a fragment names (RFC 6901 §6).
QJsonObject referred(const QString &reference, const QJsonObject &root)
{
    if (!reference.startsWith("#/"_L1))
        return {};
    QJsonValue found = root;
    for (QString step : reference.sliced(2).split(u'/'))
        found = found[step.replace("~1"_L1, "/"_L1).replace("~0"_L1, "~"_L1)];
    return found.toObject();
}

bool isNullSchema(const QJsonValue &schema)
{
    return schema["type"_L1] == "null"_L1;
}

/// The only schema among the alternatives that is not null's; empty where there are several.
QJsonObject loneAlternative(const QJsonArray &alternatives)
{
    QList<QJsonObject> others;
    for (const QJsonValue alternative : alternatives) {
        if (!isNullSchema(alternative))
            others.append(alternative.toObject());
    }
    return others.size() == 1 ? others.first() : QJsonObject();
}

/// What stands beside a reference wins over what it refers to.
QJsonObject merged(QJsonObject inner, const QJsonObject &outer)
{
    for (auto member = outer.begin(); member != outer.end(); ++member)
        inner.insert(member.key(), member.value());
    return inner;
}

QJsonObject resolved(QJsonObject schema, const QJsonObject &root)
{
    for (int i = 0; i < maxIndirections; ++i) {
        QJsonObject inner;
        const QJsonValue reference = schema.take("$ref"_L1);
        if (reference.isString())
            inner = referred(reference.toString(), root);
        for (const auto key : {"anyOf"_L1, "oneOf"_L1, "allOf"_L1}) {
            if (!inner.isEmpty())
                break;
            inner = loneAlternative(schema.value(key).toArray());
            if (!inner.isEmpty())
                schema.remove(key);
        }
        if (inner.isEmpty())
            break;
        schema = merged(inner, schema);
    }
    return schema;
}

/// The one type besides null; empty for none or several.
QString typeOf(const QJsonObject &schema)
{
    const QJsonValue type = schema.value("type"_L1);
    QStringList types = type.isString() ? QStringList{type.toString()} : Json::strings(type).value_or(QStringList());
    types.removeAll("null"_L1);
    return types.size() == 1 ? types.first() : QString();
}

QJsonArray choicesOf(const QJsonObject &schema, const QString &type)
{
    if (schema.contains("const"_L1))
        return {schema.value("const"_L1)};
    if (const QJsonArray listed = schema.value("enum"_L1).toArray(); !listed.isEmpty())
        return listed;
    for (const auto key : {"oneOf"_L1, "anyOf"_L1}) {
        QJsonArray constants;
        const QJsonArray alternatives = schema.value(key).toArray();
        for (const QJsonValue alternative : alternatives) {
            if (alternative.toObject().contains("const"_L1))
                constants.append(alternative["const"_L1]);
        }
        if (!constants.isEmpty() && constants.size() == alternatives.size())
            return constants;
    }
    return type == "boolean"_L1 ? QJsonArray{true, false} : QJsonArray();
}

FieldKind kindOf(const FormField &field)
{
    struct Entry
    {
        QLatin1StringView type;
        FieldKind kind;
    };
    constexpr Entry kinds[] = {
        {"string"_L1, FieldKind::Text}, {"number"_L1, FieldKind::Number}, {"integer"_L1, FieldKind::Integer}};
    if (!field.choices.isEmpty())
        return FieldKind::Choice;
    const auto found = std::ranges::find_if(kinds, [&](const Entry &entry) { return entry.type == field.type; });
    return found == std::end(kinds) ? FieldKind::Json : found->kind;
}

std::optional<double> numberIn(const QJsonObject &schema, QLatin1StringView keyword)
{
    const QJsonValue value = schema.value(keyword);
    return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
}

std::optional<qsizetype> lengthIn(const QJsonObject &schema, QLatin1StringView keyword)
{
    const QJsonValue value = schema.value(keyword);
    return value.isDouble() && value.toDouble() >= 0 ? std::optional(qsizetype(value.toInteger())) : std::nullopt;
}

/// `values`: how many more there may be.
QJsonValue exampleOf(const QJsonObject &given, const QJsonObject &root, int &values)
{
    const QJsonObject schema = resolved(given, root);
    const QString type = typeOf(schema);
    if (schema.contains("default"_L1))
        return schema.value("default"_L1);
    if (const QJsonArray choices = choicesOf(schema, type); !choices.isEmpty())
        return choices.first();
    if (type == "string"_L1)
        return QString();
    if (type == "number"_L1 || type == "integer"_L1)
        return schema.value("minimum"_L1).toInteger();
    if (type == "array"_L1) {
        const QJsonValue items = schema.value("items"_L1);
        return items.isObject() && --values > 0 ? QJsonArray{exampleOf(items.toObject(), root, values)} : QJsonArray();
    }
    if (type != "object"_L1)
        return {};
    QJsonObject object;
    const QJsonArray required = schema.value("required"_L1).toArray();
    for (auto name = required.begin(); name != required.end() && --values > 0; ++name)
        object.insert(name->toString(),
                      exampleOf(schema.value("properties"_L1)[name->toString()].toObject(), root, values));
    return object;
}

FormField fieldOf(const QString &name, const QJsonObject &schema, bool isRequired)
{
    FormField field;
    field.name = name;
    field.title = schema.value("title"_L1).toString();
    field.description = schema.value("description"_L1).toString();
    field.type = typeOf(schema);
    field.isRequired = isRequired;
    field.minimum = numberIn(schema, "minimum"_L1);
    field.maximum = numberIn(schema, "maximum"_L1);
    field.exclusiveMinimum = numberIn(schema, "exclusiveMinimum"_L1);
    field.exclusiveMaximum = numberIn(schema, "exclusiveMaximum"_L1);
    field.minLength = lengthIn(schema, "minLength"_L1).value_or(0);
    field.maxLength = lengthIn(schema, "maxLength"_L1);
    field.choices = choicesOf(schema, field.type);
    field.defaultValue = schema.value("default"_L1);
    field.kind = kindOf(field);
    return field;
}

QString number(double value)
{
    return compactJson(value);
}

/// Why the number may not be; empty when it may.
QString rangeProblem(const FormField &field, double value)
{
    struct Bound
    {
        std::optional<double> FormField::*limit;
        bool (*isKept)(double value, double limit);
        const char *words;
    };
    static constexpr Bound bounds[] = {
        {&FormField::minimum, [](double v, double limit) { return v >= limit; },
         QT_TRANSLATE_NOOP("McpAuth::Ui::SchemaForm", "It must be at least %1.")},
        {&FormField::maximum, [](double v, double limit) { return v <= limit; },
         QT_TRANSLATE_NOOP("McpAuth::Ui::SchemaForm", "It must be at most %1.")},
        {&FormField::exclusiveMinimum, [](double v, double limit) { return v > limit; },
         QT_TRANSLATE_NOOP("McpAuth::Ui::SchemaForm", "It must be more than %1.")},
        {&FormField::exclusiveMaximum, [](double v, double limit) { return v < limit; },
         QT_TRANSLATE_NOOP("McpAuth::Ui::SchemaForm", "It must be less than %1.")},
    };
    for (const Bound &bound : bounds) {
        const auto &limit = field.*bound.limit;
        if (limit && !bound.isKept(value, *limit))
            return SchemaFormTexts::tr(bound.words).arg(number(*limit));
    }
    return {};
}

bool isIntegral(const QJsonValue &value)
{
    return value.isDouble() && value.toInteger(0) == value.toInteger(1);
}

std::unexpected<Error> problem(const FormField &field, const QString &message)
{
    return fail(u"invalid_argument"_s, message, {{u"field"_s, field.name}});
}

Result<QJsonValue> textValue(const FormField &field, const QString &text)
{
    const qsizetype length = text.toUcs4().size();
    if (length < field.minLength)
        return problem(field, length == 0
                                  ? SchemaFormTexts::tr("It is needed.")
                                  : SchemaFormTexts::tr("It must have at least %1 characters.").arg(field.minLength));
    if (field.maxLength && length > *field.maxLength)
        return problem(field, SchemaFormTexts::tr("It may have at most %1 characters.").arg(*field.maxLength));
    return text;
}

Result<QJsonValue> numberValue(const FormField &field, const QString &text)
{
    const auto parsed = parseJson(text.trimmed().toUtf8());
    if (!parsed || !parsed->isDouble())
        return problem(field, SchemaFormTexts::tr("It must be a number, such as 12.5 or -3."));
    if (field.kind == FieldKind::Integer && !isIntegral(*parsed))
        return problem(field, SchemaFormTexts::tr("It must be a whole number."));
    if (const QString outside = rangeProblem(field, parsed->toDouble()); !outside.isEmpty())
        return problem(field, outside);
    return *parsed;
}

Result<QJsonValue> jsonValue(const FormField &field, const QString &text)
{
    const auto parsed = parseJson(text.trimmed().toUtf8());
    if (!parsed)
        return problem(field, SchemaFormTexts::tr("This is no JSON: %1").arg(parsed.error().message));
    if (field.kind == FieldKind::Choice && !field.choices.contains(*parsed))
        return problem(field, SchemaFormTexts::tr("It must be one of those that the tool names."));
    if (field.kind == FieldKind::Json && field.type == "array"_L1 && !parsed->isArray())
        return problem(field, SchemaFormTexts::tr("It must be a JSON array: [ … ]."));
    if (field.kind == FieldKind::Json && field.type == "object"_L1 && !parsed->isObject())
        return problem(field, SchemaFormTexts::tr("It must be a JSON object: { … }."));
    return *parsed;
}

} // namespace

QString compactJson(const QJsonValue &value)
{
    return QString::fromUtf8(toJsonText(value));
}

QList<FormField> fieldsOf(const QJsonObject &inputSchema)
{
    const QJsonObject root = resolved(inputSchema, inputSchema);
    const QJsonObject properties = root.value("properties"_L1).toObject();
    const QStringList names = Json::strings(root.value("required"_L1)).value_or(QStringList());
    const QSet<QString> required(names.begin(), names.end());
    QList<FormField> fields;
    for (auto property = properties.begin(); property != properties.end(); ++property) {
        const QJsonObject schema = resolved(property.value().toObject(), inputSchema);
        fields.append(fieldOf(property.key(), schema, required.contains(property.key())));
    }
    std::ranges::stable_partition(fields, &FormField::isRequired);
    fields = fields.mid(0, maxFormFields);
    int values = maxExampleValues;
    for (FormField &field : fields) {
        if (field.kind == FieldKind::Json)
            field.example = exampleOf(properties.value(field.name).toObject(), inputSchema, values);
    }
    return fields;
}

bool hasOtherForms(const QJsonObject &inputSchema)
{
    const QJsonObject root = resolved(inputSchema, inputSchema);
    return std::ranges::any_of(std::array{"oneOf"_L1, "anyOf"_L1, "allOf"_L1, "$ref"_L1, "$dynamicRef"_L1, "if"_L1,
                                          "dependentSchemas"_L1, "patternProperties"_L1},
                               [&](QLatin1StringView keyword) { return root.contains(keyword); });
}

QJsonObject initialArguments(const QList<FormField> &fields)
{
    QJsonObject arguments;
    for (const FormField &field : fields) {
        if (!field.defaultValue.isUndefined())
            arguments.insert(field.name, field.defaultValue);
        else if (field.isRequired && field.kind == FieldKind::Choice)
            arguments.insert(field.name, field.choices.first());
        else if (field.isRequired && field.kind == FieldKind::Text)
            arguments.insert(field.name, QString());
    }
    return arguments;
}

Result<QJsonValue> valueOf(const FormField &field, const QString &text)
{
    const bool isEmpty = field.kind == FieldKind::Text ? text.isEmpty() : text.trimmed().isEmpty();
    if (isEmpty && !field.isRequired)
        return QJsonValue(QJsonValue::Undefined);
    if (field.kind == FieldKind::Text)
        return textValue(field, text);
    if (isEmpty)
        return problem(field, SchemaFormTexts::tr("It is needed."));
    const bool isNumber = field.kind == FieldKind::Number || field.kind == FieldKind::Integer;
    return isNumber ? numberValue(field, text) : jsonValue(field, text);
}

QString textOf(const FormField &field, const QJsonValue &value)
{
    if (value.isUndefined())
        return {};
    return field.kind == FieldKind::Text && value.isString() ? value.toString() : compactJson(value);
}

QJsonObject withValue(QJsonObject arguments, const FormField &field, const QJsonValue &value)
{
    if (value.isUndefined())
        arguments.remove(field.name);
    else
        arguments.insert(field.name, value);
    return arguments;
}

QString typeInWords(const FormField &field)
{
    QStringList words{field.type.isEmpty() && field.kind == FieldKind::Json ? SchemaFormTexts::tr("any JSON")
                                                                            : field.type};
    if (field.kind == FieldKind::Text && field.maxLength)
        words.append(SchemaFormTexts::tr("%1 to %2 characters").arg(field.minLength).arg(*field.maxLength));
    else if (field.kind == FieldKind::Text && field.minLength > 0)
        words.append(SchemaFormTexts::tr("at least %1 characters").arg(field.minLength));
    if (field.minimum && field.maximum)
        words.append(SchemaFormTexts::tr("%1 to %2").arg(number(*field.minimum), number(*field.maximum)));
    else if (field.minimum)
        words.append(SchemaFormTexts::tr("at least %1").arg(number(*field.minimum)));
    else if (field.maximum)
        words.append(SchemaFormTexts::tr("at most %1").arg(number(*field.maximum)));
    if (field.exclusiveMinimum)
        words.append(SchemaFormTexts::tr("more than %1").arg(number(*field.exclusiveMinimum)));
    if (field.exclusiveMaximum)
        words.append(SchemaFormTexts::tr("less than %1").arg(number(*field.exclusiveMaximum)));
    words.removeAll(QString());
    return words.join(u", "_s);
}

} // namespace McpAuth::Ui
