#include "mcp/paramheaders_p.h"
#include "mcp/wire_p.h"

#include <QJsonArray>
#include <QSet>

#include <cmath>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr auto annotation = "x-mcp-header"_L1;
constexpr QLatin1StringView primitiveTypes[] = {"string"_L1, "integer"_L1, "boolean"_L1};
/// Keywords whose members are schemas by name, and those whose values are data, not schemas.
constexpr QLatin1StringView schemaMaps[] = {"properties"_L1, "patternProperties"_L1, "$defs"_L1, "definitions"_L1,
                                            "dependentSchemas"_L1};
constexpr QLatin1StringView dataKeywords[] = {"default"_L1, "const"_L1, "enum"_L1, "examples"_L1};
constexpr double maxSafeInteger = 9007199254740991.0; // 2^53 - 1

std::unexpected<Error> invalid(const QString &reason)
{
    return fail(u"invalid_tool"_s, u"The tool's inputSchema has an x-mcp-header %1."_s.arg(reason));
}

bool isTokenCharacter(QChar character)
{
    const char16_t code = character.unicode();
    const bool isAlphanumeric =
        (code >= u'0' && code <= u'9') || (code >= u'a' && code <= u'z') || (code >= u'A' && code <= u'Z');
    return isAlphanumeric || u"!#$%&'*+-.^_`|~"_s.contains(character);
}

class Collector
{
public:
    /// `path` is the way through `properties`; nothing where another keyword was on it.
    Result<> visit(const QJsonObject &schema, const std::optional<QStringList> &path)
    {
        if (schema.contains(annotation)) {
            if (auto taken = take(schema, path); !taken)
                return taken;
        }
        for (auto member = schema.begin(); member != schema.end(); ++member) {
            if (std::ranges::contains(dataKeywords, member.key()))
                continue;
            const bool isMap = member->isObject() && std::ranges::contains(schemaMaps, member.key());
            auto visited = isMap ? visitMap(member->toObject(), member.key() == "properties"_L1 ? path : std::nullopt)
                                 : visitHidden(*member);
            if (!visited)
                return visited;
        }
        return {};
    }

    QList<ParamHeader> found;

private:
    Result<> visitMap(const QJsonObject &map, const std::optional<QStringList> &path)
    {
        for (auto member = map.begin(); member != map.end(); ++member) {
            const auto below = path ? std::optional(*path + QStringList{member.key()}) : std::nullopt;
            if (auto visited = visit(member->toObject(), below); !visited)
                return visited;
        }
        return {};
    }

    /// Whatever another keyword holds: a schema, several, or none.
    Result<> visitHidden(const QJsonValue &value)
    {
        if (value.isObject())
            return visit(value.toObject(), std::nullopt);
        for (const QJsonValue element : value.toArray()) {
            if (auto visited = visitHidden(element); !visited)
                return visited;
        }
        return {};
    }

    Result<> take(const QJsonObject &schema, const std::optional<QStringList> &path)
    {
        const QString name = schema.value(annotation).toString();
        const QString type = schema.value("type"_L1).toString();
        if (!path || path->isEmpty())
            return invalid(u"where no chain of `properties` leads to it"_s);
        if (name.isEmpty() || !std::ranges::all_of(name, isTokenCharacter))
            return invalid(u"that is no name of a header field"_s);
        if (!std::ranges::contains(primitiveTypes, type))
            return invalid(u"on %1, which is no string, integer or boolean"_s.arg(path->join(u'.')));
        if (m_names.contains(name.toLower()))
            return invalid(u"named %1 twice"_s.arg(name));
        m_names.insert(name.toLower());
        found.append({.name = name, .path = *path, .type = type});
        return {};
    }

    QSet<QString> m_names;
};

QJsonValue valueAt(const QJsonObject &arguments, const QStringList &path)
{
    QJsonValue value = arguments;
    for (const QString &member : path)
        value = value[member];
    return value;
}

std::optional<QString> text(const QJsonValue &value, const QString &type)
{
    if (type == "string"_L1 && value.isString())
        return value.toString();
    if (type == "boolean"_L1 && value.isBool())
        return value.toBool() ? u"true"_s : u"false"_s;
    const double number = value.toDouble(0.5);
    if (type == "integer"_L1 && number == std::floor(number) && std::abs(number) <= maxSafeInteger)
        return QString::number(value.toInteger());
    return std::nullopt;
}

} // namespace

Result<QList<ParamHeader>> paramHeaders(const QJsonObject &inputSchema)
{
    Collector collector;
    if (auto visited = collector.visit(inputSchema, QStringList()); !visited)
        return std::unexpected(visited.error());
    return collector.found;
}

void appendParamHeaders(QHttpHeaders &headers, const QList<ParamHeader> &wanted, const QJsonObject &arguments)
{
    for (const ParamHeader &header : wanted) {
        const auto value = text(valueAt(arguments, header.path), header.type);
        if (!value)
            continue;
        const QByteArray field = headerValue(*value);
        headers.append(QString(paramFieldPrefix + header.name), QLatin1StringView(field));
    }
}

bool agrees(const ParamHeader &header, const QJsonObject &arguments, qsizetype fields, const QByteArray &field)
{
    const QJsonValue value = valueAt(arguments, header.path);
    if (value.isUndefined() || value.isNull())
        return fields == 0;
    const auto said = fields == 1 ? valueOfHeader(field) : std::nullopt;
    const auto wanted = text(value, header.type);
    if (!wanted) // of another type than the schema says, which the schema's check refuses
        return said.has_value();
    if (!said || header.type != "integer"_L1)
        return said == wanted;
    bool isNumber = false;
    const double number = said->toDouble(&isNumber);
    return isNumber && number == value.toDouble();
}

} // namespace McpAuth::Mcp
