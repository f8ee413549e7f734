// Keywords of JSON Schema 2020-12 that hold no schema (validation §6).
#include "mcp/schema_p.h"

#include <QJsonArray>
#include <QSet>

#include <algorithm>
#include <cmath>
#include <limits>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> badRule(const QString &why)
{
    return fail(u"invalid_schema"_s, why);
}

/// Null when it is not an integer that QJsonValue keeps exactly.
std::optional<qint64> exactInteger(const QJsonValue &value)
{
    const qint64 integer = value.toInteger(0);
    return value.isDouble() && integer == value.toInteger(1) ? std::optional(integer) : std::nullopt;
}

/// Exact for integers of 64 bits too.
long double numberOf(const QJsonValue &value)
{
    const auto integer = exactInteger(value);
    return integer ? static_cast<long double>(*integer) : static_cast<long double>(value.toDouble());
}

QString textOf(const QJsonValue &value)
{
    return QString::fromUtf8(toJsonText(value));
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

Result<SchemaCheck> typeCheck(const QJsonValue &rule)
{
    const QStringList allowed =
        rule.isString() ? QStringList{rule.toString()} : Json::strings(rule).value_or(QStringList{});
    const QStringList known{u"null"_s, u"boolean"_s, u"number"_s, u"string"_s, u"array"_s, u"object"_s, u"integer"_s};
    if (allowed.isEmpty() || !std::ranges::all_of(allowed, [&](const QString &type) { return known.contains(type); }))
        return badRule(u"it must name types of JSON"_s);
    return [allowed](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        if (std::ranges::any_of(allowed, [&](const QString &type) { return isOfType(value, type); }))
            return {};
        return unfit(place, walk, [&] {
            return u"must be of type %1, not %2"_s.arg(allowed.join(u" or "_s), Json::typeName(value));
        });
    };
}

Result<SchemaCheck> enumCheck(const QJsonValue &rule)
{
    if (!rule.isArray())
        return badRule(u"it must be an array"_s);
    return [allowed = rule.toArray(), why = u"must be one of %1"_s.arg(textOf(rule))](
               const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        const bool fits = walk.spend(allowed.size()) && allowed.contains(value);
        return fits ? Result<>{} : unfit(place, walk, why);
    };
}

Result<SchemaCheck> constCheck(const QJsonValue &rule)
{
    return [rule, why = u"must be %1"_s.arg(textOf(rule))](const QJsonValue &value, const Place &place,
                                                           Walk &walk) -> Result<> {
        return value == rule ? Result<>{} : unfit(place, walk, why);
    };
}

template<typename Compare>
Result<SchemaCheck> boundCheck(const QJsonValue &rule, Compare fits, const QString &words)
{
    if (!rule.isDouble())
        return badRule(u"it must be a number"_s);
    return [bound = numberOf(rule), fits, why = words.arg(textOf(rule))](const QJsonValue &value, const Place &place,
                                                                         Walk &walk) -> Result<> {
        return !value.isDouble() || fits(numberOf(value), bound) ? Result<>{} : unfit(place, walk, why);
    };
}

bool isMultiple(const QJsonValue &value, const QJsonValue &of)
{
    const auto integer = exactInteger(value);
    const auto divisor = exactInteger(of);
    if (integer && divisor)
        return *integer % *divisor == 0;
    const long double quotient = numberOf(value) / numberOf(of); // decimal fractions are doubles here: 0.3 is 3 × 0.1
    return std::abs(quotient - std::round(quotient)) <= std::abs(quotient) * std::numeric_limits<double>::epsilon();
}

Result<SchemaCheck> multipleCheck(const QJsonValue &rule)
{
    if (!rule.isDouble() || rule.toDouble() <= 0)
        return badRule(u"it must be a number above 0"_s);
    return [rule, why = u"must be a multiple of %1"_s.arg(textOf(rule))](const QJsonValue &value, const Place &place,
                                                                         Walk &walk) -> Result<> {
        return !value.isDouble() || isMultiple(value, rule) ? Result<>{} : unfit(place, walk, why);
    };
}

/// Characters of Unicode (RFC 8259 §1); half of a pair that stands alone counts as one (§8.2).
qsizetype characterCount(QStringView text)
{
    qsizetype count = 0;
    for (qsizetype at = 0; at < text.size(); ++count) {
        const bool isPair = at + 1 < text.size() && text.at(at).isHighSurrogate() && text.at(at + 1).isLowSurrogate();
        at += isPair ? 2 : 1;
    }
    return count;
}

/// As JSON Schema counts: not in UTF-16 units.
qsizetype sizeOf(const QJsonValue &value)
{
    if (value.isArray())
        return value.toArray().size();
    if (value.isObject())
        return value.toObject().size();
    return characterCount(value.toString());
}

template<typename Compare>
Result<SchemaCheck> sizeCheck(const QJsonValue &rule, QJsonValue::Type type, Compare fits, const QString &words)
{
    const auto size = exactInteger(rule);
    if (!size || *size < 0)
        return badRule(u"it must be an integer of at least 0"_s);
    return [size = *size, type, fits, why = words.arg(*size)](const QJsonValue &value, const Place &place,
                                                              Walk &walk) -> Result<> {
        return value.type() != type || fits(sizeOf(value), size) ? Result<>{} : unfit(place, walk, why);
    };
}

Result<SchemaCheck> uniqueCheck(const QJsonValue &rule)
{
    if (!rule.isBool())
        return badRule(u"it must be true or false"_s);
    return [isAsked = rule.toBool()](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        QSet<QByteArray> seen; // as text: the hash of QJsonValue is that of a double, alike for neighbouring integers
        const QJsonArray items = isAsked ? value.toArray() : QJsonArray{};
        for (const QJsonValue item : items) {
            QByteArray text = toJsonText(QJsonArray{item});
            if (!walk.spend(text.size() / textUnitsPerStep))
                return std::unexpected(*walk.exhaustion);
            if (seen.contains(text))
                return unfit(place, walk, u"must not have an item twice"_s);
            seen.insert(std::move(text));
        }
        return {};
    };
}

Result<SchemaCheck> patternCheck(const QJsonValue &rule)
{
    auto matches = textMatcher(rule);
    if (!matches)
        return std::unexpected(matches.error());
    return [matches = *matches, why = u"must match the pattern %1"_s.arg(rule.toString())](
               const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        const bool fits = !value.isString() || matches(value.toString(), place, walk);
        return fits ? Result<>{} : unfit(place, walk, why);
    };
}

Result<> checkPresent(const QJsonObject &object, const QStringList &names, const Place &place, const Walk &walk)
{
    for (const QString &name : names) {
        if (!object.contains(name))
            return unfit(Place{.parent = &place, .member = name}, walk, u"is missing"_s);
    }
    return {};
}

Result<SchemaCheck> requiredCheck(const QJsonValue &rule)
{
    const auto names = Json::strings(rule);
    if (!names)
        return badRule(u"it must be an array of strings"_s);
    return [names = *names](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        return value.isObject() ? checkPresent(value.toObject(), names, place, walk) : Result<>{};
    };
}

Result<SchemaCheck> dependentRequiredCheck(const QJsonValue &rule)
{
    QList<std::pair<QString, QStringList>> rules;
    const QJsonObject object = rule.toObject();
    for (auto member = object.begin(); member != object.end(); ++member) {
        const auto names = Json::strings(member.value());
        if (!names)
            return badRule(u"its members must be arrays of strings"_s);
        rules.append({member.key(), *names});
    }
    if (!rule.isObject())
        return badRule(u"it must be an object"_s);
    return [rules](const QJsonValue &value, const Place &place, Walk &walk) -> Result<> {
        const QJsonObject given = value.toObject();
        for (const auto &[name, needed] : rules) {
            if (!given.contains(name))
                continue;
            if (auto fits = checkPresent(given, needed, place, walk); !fits)
                return fits;
        }
        return {};
    };
}

using MakeCheck = Result<SchemaCheck> (*)(const QJsonValue &rule);

const QHash<QString, MakeCheck> &makers()
{
    using Rule = const QJsonValue &;
    constexpr auto text = QJsonValue::String;
    constexpr auto list = QJsonValue::Array;
    constexpr auto object = QJsonValue::Object;
    using std::greater;
    using std::greater_equal;
    using std::less;
    using std::less_equal;
    static const QHash<QString, MakeCheck> all{
        {u"type"_s, typeCheck},
        {u"enum"_s, enumCheck},
        {u"const"_s, constCheck},
        {u"minimum"_s, [](Rule r) { return boundCheck(r, greater_equal<>(), u"must be at least %1"_s); }},
        {u"maximum"_s, [](Rule r) { return boundCheck(r, less_equal<>(), u"must be at most %1"_s); }},
        {u"exclusiveMinimum"_s, [](Rule r) { return boundCheck(r, greater<>(), u"must be more than %1"_s); }},
        {u"exclusiveMaximum"_s, [](Rule r) { return boundCheck(r, less<>(), u"must be less than %1"_s); }},
        {u"multipleOf"_s, multipleCheck},
        {u"minLength"_s,
         [](Rule r) { return sizeCheck(r, text, greater_equal<>(), u"must have at least %1 characters"_s); }},
        {u"maxLength"_s,
         [](Rule r) { return sizeCheck(r, text, less_equal<>(), u"must have at most %1 characters"_s); }},
        {u"minItems"_s, [](Rule r) { return sizeCheck(r, list, greater_equal<>(), u"must have at least %1 items"_s); }},
        {u"maxItems"_s, [](Rule r) { return sizeCheck(r, list, less_equal<>(), u"must have at most %1 items"_s); }},
        {u"minProperties"_s,
         [](Rule r) { return sizeCheck(r, object, greater_equal<>(), u"must have at least %1 members"_s); }},
        {u"maxProperties"_s,
         [](Rule r) { return sizeCheck(r, object, less_equal<>(), u"must have at most %1 members"_s); }},
        {u"pattern"_s, patternCheck},
        {u"uniqueItems"_s, uniqueCheck},
        {u"required"_s, requiredCheck},
        {u"dependentRequired"_s, dependentRequiredCheck},
    };
    return all;
}

} // namespace

Result<SchemaCheck> assertion(const QString &keyword, const QJsonValue &rule)
{
    const auto maker = makers().constFind(keyword);
    return maker == makers().constEnd() ? Result<SchemaCheck>{} : (*maker)(rule);
}

} // namespace McpAuth::Mcp
