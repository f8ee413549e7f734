// The part of JSON Schema that arguments are held against before a tool sees them.
#include "mcp/tool.h"

#include <cmath>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

/// Of a path, which the caller's own names make up, so much is repeated.
constexpr qsizetype shownPath = 200;

Result<> checkValue(const QJsonObject &schema, const QJsonValue &value, const QString &path);

std::unexpected<Error> unfit(const QString &path, const QString &why)
{
    const QString shown = path.left(shownPath);
    const QString where = shown.isEmpty() ? u"The arguments"_s : u"`%1`"_s.arg(shown);
    return fail(u"invalid_arguments"_s, u"%1 %2."_s.arg(where, why), {{u"path"_s, shown}});
}

QString memberPath(const QString &path, const QString &member)
{
    return path.isEmpty() ? member : path + u'.' + member;
}

bool isOfType(const QJsonValue &value, const QString &type)
{
    if (type == "integer"_L1) // JSON Schema 2020-12 core §4.2.3: 1.0 is an integer
        return value.isDouble() && std::trunc(value.toDouble()) == value.toDouble();
    static const QHash<QString, QJsonValue::Type> types{
        {u"null"_s, QJsonValue::Null},     {u"boolean"_s, QJsonValue::Bool}, {u"number"_s, QJsonValue::Double},
        {u"string"_s, QJsonValue::String}, {u"array"_s, QJsonValue::Array},  {u"object"_s, QJsonValue::Object}};
    const auto known = types.constFind(type);
    return known != types.constEnd() && value.type() == *known;
}

Result<> checkType(const QJsonValue &keyword, const QJsonValue &value, const QString &path)
{
    const QStringList allowed =
        keyword.isString() ? QStringList{keyword.toString()} : Json::strings(keyword).value_or(QStringList{});
    const auto fits = [&](const QString &type) { return isOfType(value, type); };
    if (std::ranges::any_of(allowed, fits))
        return {};
    return unfit(path, u"must be of type %1, not %2"_s.arg(allowed.join(u" or "_s), Json::typeName(value)));
}

Result<> checkEnum(const QJsonValue &keyword, const QJsonValue &value, const QString &path)
{
    const QJsonArray allowed = keyword.toArray();
    if (allowed.contains(value))
        return {};
    return unfit(path, u"must be one of %1"_s.arg(QString::fromUtf8(toJsonText(allowed))));
}

Result<> checkMinimum(const QJsonValue &keyword, const QJsonValue &value, const QString &path)
{
    if (!value.isDouble() || value.toDouble() >= keyword.toDouble())
        return {};
    return unfit(path, u"must be at least %1"_s.arg(keyword.toDouble()));
}

Result<> checkMaximum(const QJsonValue &keyword, const QJsonValue &value, const QString &path)
{
    if (!value.isDouble() || value.toDouble() <= keyword.toDouble())
        return {};
    return unfit(path, u"must be at most %1"_s.arg(keyword.toDouble()));
}

/// In characters of Unicode, as JSON Schema counts (RFC 8259 §1), not in UTF-16 units.
qsizetype characters(const QString &text)
{
    return text.size() - std::ranges::count_if(text, [](QChar unit) { return unit.isLowSurrogate(); });
}

Result<> checkMinLength(const QJsonValue &keyword, const QJsonValue &value, const QString &path)
{
    if (!value.isString() || characters(value.toString()) >= keyword.toInteger())
        return {};
    return unfit(path, u"must have at least %1 characters"_s.arg(keyword.toInteger()));
}

Result<> checkMaxLength(const QJsonValue &keyword, const QJsonValue &value, const QString &path)
{
    if (!value.isString() || characters(value.toString()) <= keyword.toInteger())
        return {};
    return unfit(path, u"must have at most %1 characters"_s.arg(keyword.toInteger()));
}

Result<> checkRequired(const QJsonValue &keyword, const QJsonValue &value, const QString &path)
{
    if (!value.isObject())
        return {};
    const QJsonObject object = value.toObject();
    const QStringList names = Json::strings(keyword).value_or(QStringList{});
    for (const QString &name : names) {
        if (!object.contains(name))
            return unfit(memberPath(path, name), u"is missing"_s);
    }
    return {};
}

Result<> checkItems(const QJsonValue &keyword, const QJsonValue &value, const QString &path)
{
    if (!value.isArray() || !keyword.isObject())
        return {};
    const QJsonArray items = value.toArray();
    for (qsizetype i = 0; i < items.size(); ++i) {
        if (auto fits = checkValue(keyword.toObject(), items.at(i), path + u'[' + QString::number(i) + u']'); !fits)
            return fits;
    }
    return {};
}

/// `properties` and `additionalProperties` together: the second is about what the first does not name.
Result<> checkMembers(const QJsonObject &schema, const QJsonObject &object, const QString &path)
{
    const QJsonObject properties = schema.value("properties"_L1).toObject();
    const QJsonValue others = schema.value("additionalProperties"_L1);
    for (auto member = object.constBegin(); member != object.constEnd(); ++member) {
        const QJsonValue named = properties.value(member.key());
        if (named.isUndefined() && others.isBool() && !others.toBool())
            return unfit(memberPath(path, member.key()), u"is not known here"_s);
        const QJsonValue rule = named.isUndefined() ? others : named;
        if (!rule.isObject())
            continue;
        if (auto fits = checkValue(rule.toObject(), member.value(), memberPath(path, member.key())); !fits)
            return fits;
    }
    return {};
}

struct Keyword
{
    QLatin1StringView name;
    Result<> (*check)(const QJsonValue &keyword, const QJsonValue &value, const QString &path);
};

constexpr Keyword keywords[] = {
    {"type"_L1, checkType},         {"enum"_L1, checkEnum},           {"minimum"_L1, checkMinimum},
    {"maximum"_L1, checkMaximum},   {"minLength"_L1, checkMinLength}, {"maxLength"_L1, checkMaxLength},
    {"required"_L1, checkRequired}, {"items"_L1, checkItems},
};

Result<> checkValue(const QJsonObject &schema, const QJsonValue &value, const QString &path)
{
    for (const auto &[name, check] : keywords) {
        const QJsonValue keyword = schema.value(name);
        if (keyword.isUndefined())
            continue;
        if (auto fits = check(keyword, value, path); !fits)
            return fits;
    }
    return value.isObject() ? checkMembers(schema, value.toObject(), path) : Result<>{};
}

} // namespace

Result<> checkArguments(const QJsonObject &schema, const QJsonObject &arguments)
{
    return checkValue(schema, arguments, {});
}

} // namespace McpAuth::Mcp
