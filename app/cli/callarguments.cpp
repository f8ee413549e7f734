#include "app/cli/callarguments.h"

#include "base/text.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::Cli {

namespace {

struct TypeName
{
    QLatin1StringView name;
    bool (*fits)(const QJsonValue &value);
};

constexpr TypeName typeNames[] = {
    {QLatin1StringView("integer"),
     [](const QJsonValue &value) { return value.isDouble() && value.toInteger(0) == value.toInteger(1); }},
    {QLatin1StringView("number"), [](const QJsonValue &value) { return value.isDouble(); }},
    {QLatin1StringView("boolean"), [](const QJsonValue &value) { return value.isBool(); }},
    {QLatin1StringView("object"), [](const QJsonValue &value) { return value.isObject(); }},
    {QLatin1StringView("array"), [](const QJsonValue &value) { return value.isArray(); }},
    {QLatin1StringView("null"), [](const QJsonValue &value) { return value.isNull(); }},
};

/// `type` is a name or a list of them (JSON Schema Validation §6.1.1).
QStringList typesOf(const QJsonObject &schema)
{
    const QJsonValue type = schema.value(QStringLiteral("type"));
    return type.isString() ? QStringList{type.toString()} : Json::strings(type).value_or(QStringList());
}

Result<QJsonValue> typed(const QString &name, const QString &text, const QStringList &types)
{
    const auto json = parseJson(text.toUtf8());
    for (const TypeName &type : typeNames) {
        if (json && types.contains(type.name) && type.fits(*json))
            return *json;
    }
    if (types.isEmpty())
        return jsonOrText(text);
    if (types.contains(QStringLiteral("string")))
        return text;
    return fail(QStringLiteral("invalid_arguments"),
                QStringLiteral("The tool wants %1 for %2.").arg(types.join(QStringLiteral(" or ")), name),
                {{QStringLiteral("argument"), name}});
}

} // namespace

Result<std::pair<QString, QString>> keyAndValue(const QString &word)
{
    if (auto pair = nameAndValue(word))
        return *std::move(pair);
    return fail(QStringLiteral("invalid_arguments"), QStringLiteral("%1 is not of the form NAME=VALUE.").arg(word),
                {{QStringLiteral("argument"), word}});
}

QJsonValue jsonOrText(const QString &text)
{
    return parseJson(text.toUtf8()).value_or(QJsonValue(text));
}

Result<QJsonObject> callArguments(QJsonObject document, const QStringList &words, const QJsonObject &inputSchema)
{
    const QJsonObject properties = inputSchema.value(QStringLiteral("properties")).toObject();
    for (const QString &word : words) {
        const auto pair = keyAndValue(word);
        if (!pair)
            return std::unexpected(pair.error());
        const auto &[name, text] = *pair;
        const auto value = typed(name, text, typesOf(properties.value(name).toObject()));
        if (!value)
            return std::unexpected(value.error());
        document.insert(name, *value);
    }
    return document;
}

} // namespace McpAuth::Cli
