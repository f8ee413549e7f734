#include "base/json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QVarLengthArray>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace McpAuth {

namespace {

/// The second of two equal names, or nothing. Sorts the longer lists: a peer chooses how many names there are.
std::optional<QByteArrayView> findTwin(std::span<QByteArrayView> names)
{
    constexpr size_t few = 16;
    if (names.size() <= few) {
        for (auto name = names.begin(); name != names.end(); ++name) {
            if (std::find(names.begin(), name, *name) != name)
                return *name;
        }
        return {};
    }
    std::sort(names.begin(), names.end());
    const auto twin = std::adjacent_find(names.begin(), names.end());
    return twin == names.end() ? std::nullopt : std::optional(*twin);
}

/// Walks a text that QJsonDocument has accepted and looks for what it lets pass. Strings are the only place where
/// structure characters mean nothing, so knowing where strings end is all the grammar that is needed.
class StructureCheck
{
public:
    explicit StructureCheck(QByteArrayView text)
        : m_text(text)
    {
    }

    Result<> run()
    {
        for (m_at = 0; m_at < m_text.size(); ++m_at) {
            switch (m_text[m_at]) {
            case '{':
            case '[':
                if (m_open.size() >= maxJsonDepth)
                    return fail(QStringLiteral("json_too_deep"),
                                QStringLiteral("The JSON is nested deeper than %1 levels.").arg(maxJsonDepth));
                m_expectName = m_text[m_at] == '{';
                m_open.push_back({m_expectName, m_names.size()});
                break;
            case '}':
            case ']':
                if (auto closed = close(); !closed)
                    return closed;
                break;
            case ',':
                m_expectName = !m_open.empty() && m_open.back().isObject;
                break;
            case '"':
                if (auto read = string(); !read)
                    return read;
                break;
            case '.': // of a number, for strings are skipped whole
                if (!isDigit(m_at - 1) || !isDigit(m_at + 1))
                    return notJson(QStringLiteral("a digit is missing beside the point"));
                break;
            default:
                break;
            }
        }
        return {};
    }

private:
    struct Container
    {
        bool isObject;
        qsizetype firstName;
    };

    [[nodiscard]] std::unexpected<Error> notJson(const QString &why) const
    {
        return fail(QStringLiteral("invalid_json"),
                    QStringLiteral("This is not JSON: %1 at byte %2.").arg(why).arg(m_at));
    }

    [[nodiscard]] bool isDigit(qsizetype at) const
    {
        return at >= 0 && at < m_text.size() && m_text[at] >= '0' && m_text[at] <= '9';
    }

    /// QJsonDocument lets control characters and unknown escapes pass (RFC 8259 §7).
    Result<> string()
    {
        const qsizetype start = m_at;
        bool escaped = false;
        qsizetype at = start + 1; // a member would be stored at every step
        for (; m_text[at] != '"'; ++at) {
            if (static_cast<unsigned char>(m_text[at]) < 0x20)
                return notJson(QStringLiteral("a control character in a string"));
            if (m_text[at] == '\\') {
                escaped = true;
                ++at;
                if (!QByteArrayView("\"\\/bfnrtu").contains(m_text[at]))
                    return notJson(QStringLiteral("an unknown escape in a string"));
            }
        }
        m_at = at;
        if (!std::exchange(m_expectName, false))
            return {};
        const QByteArrayView quoted = m_text.sliced(start, m_at - start + 1);
        m_names.push_back(escaped ? decoded(quoted) : quoted.sliced(1, quoted.size() - 2));
        return {};
    }

    QByteArrayView decoded(QByteArrayView quoted) // "a" and "\u0061" are the same member
    {
        return m_decoded.emplace_back(
            QJsonDocument::fromJson('[' + quoted.toByteArray() + ']').array().at(0).toString().toUtf8());
    }

    Result<> close()
    {
        const qsizetype first = m_open.back().firstName;
        const auto twin = findTwin(std::span(m_names).subspan(static_cast<size_t>(first)));
        if (twin)
            return fail(QStringLiteral("duplicate_member"),
                        QStringLiteral("The member \"%1\" occurs twice in one object.").arg(QString::fromUtf8(*twin)));
        m_names.resize(first);
        m_open.pop_back();
        m_expectName = false;
        return {};
    }

    QByteArrayView m_text;
    qsizetype m_at = 0;
    bool m_expectName = false;
    QVarLengthArray<Container, maxJsonDepth> m_open;
    QVarLengthArray<QByteArrayView, 32> m_names; // of all open objects
    std::vector<QByteArray> m_decoded;           // what some of the names lie in
};

std::unexpected<Error> wrongType(QStringView member, QLatin1StringView expected, const QJsonValue &actual)
{
    return fail(QStringLiteral("wrong_type"),
                QStringLiteral("`%1` must be %2, not %3.").arg(member, expected, Json::typeName(actual)),
                {{QStringLiteral("member"), member.toString()}});
}

std::unexpected<Error> missing(QStringView member)
{
    return fail(QStringLiteral("missing_member"), QStringLiteral("`%1` is missing.").arg(member),
                {{QStringLiteral("member"), member.toString()}});
}

} // namespace

Result<QJsonValue> parseJson(QByteArrayView text)
{
    if (text.startsWith("\xEF\xBB\xBF"))
        return fail(
            QStringLiteral("invalid_json"),
            QStringLiteral("This is not JSON: it begins with a byte order mark (the bytes EF BB BF), which JSON "
                           "must not have (RFC 8259 §8.1)."),
            {{QStringLiteral("reason"), QStringLiteral("byte_order_mark")}});
    const bool isObject = text.startsWith('{');
    // QJsonDocument takes only objects and arrays, so any other value is read as the one element of an array.
    const QByteArray input = isObject ? QByteArray::fromRawData(text.data(), text.size())
                                      : '[' + QByteArray::fromRawData(text.data(), text.size()) + ']';
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(input, &error);
    if (error.error == QJsonParseError::DeepNesting)
        return fail(QStringLiteral("json_too_deep"),
                    QStringLiteral("The JSON is nested deeper than %1 levels.").arg(maxJsonDepth));
    if (error.error != QJsonParseError::NoError)
        return fail(QStringLiteral("invalid_json"), QStringLiteral("This is not JSON: %1 at byte %2.")
                                                        .arg(error.errorString())
                                                        .arg(error.offset - (isObject ? 0 : 1)));
    if (!isObject && document.array().size() != 1)
        return fail(QStringLiteral("invalid_json"), QStringLiteral("Exactly one JSON value is expected."));
    if (auto structure = StructureCheck(text).run(); !structure)
        return fail(structure.error());
    return isObject ? QJsonValue(document.object()) : document.array().at(0);
}

Result<QJsonObject> parseJsonObject(QByteArrayView text)
{
    auto value = parseJson(text);
    if (!value)
        return fail(value.error());
    if (!value->isObject())
        return fail(QStringLiteral("not_an_object"),
                    QStringLiteral("A JSON object is expected, not %1.").arg(Json::typeName(*value)));
    return value->toObject();
}

QByteArray toJsonText(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QByteArray toJsonText(const QJsonArray &array)
{
    return QJsonDocument(array).toJson(QJsonDocument::Compact);
}

QByteArray toJsonText(const QJsonValue &value)
{
    if (value.isObject())
        return toJsonText(value.toObject());
    if (value.isArray())
        return toJsonText(value.toArray());
    return toJsonText(QJsonArray{value}).sliced(1).chopped(1);
}

void appendJsonString(QByteArray &json, QByteArrayView text)
{
    constexpr char hexDigits[] = "0123456789abcdef";
    const auto needsEscape = [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; };
    json += '"';
    while (!text.isEmpty()) {
        const auto plain = std::ranges::find_if(text, needsEscape) - text.begin();
        json += text.first(plain);
        text = text.sliced(plain);
        if (text.isEmpty())
            break;
        const auto c = static_cast<unsigned char>(text.front());
        if (c < 0x20)
            json.append("\\u00").append(hexDigits[c >> 4]).append(hexDigits[c & 0xf]);
        else
            json.append('\\').append(text.front());
        text = text.sliced(1);
    }
    json += '"';
}

namespace Json {

QString typeName(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::Null:
        return QStringLiteral("null");
    case QJsonValue::Bool:
        return QStringLiteral("a boolean");
    case QJsonValue::Double:
        return QStringLiteral("a number");
    case QJsonValue::String:
        return QStringLiteral("a string");
    case QJsonValue::Array:
        return QStringLiteral("an array");
    case QJsonValue::Object:
        return QStringLiteral("an object");
    case QJsonValue::Undefined:
        break;
    }
    return QStringLiteral("nothing");
}

std::optional<QStringList> strings(const QJsonValue &value)
{
    if (!value.isArray())
        return std::nullopt;
    QStringList list;
    const QJsonArray array = value.toArray();
    for (const QJsonValue &element : array) {
        if (!element.isString())
            return std::nullopt;
        list.append(element.toString());
    }
    return list;
}

Result<std::optional<QString>> optionalString(const QJsonObject &object, QStringView member)
{
    const QJsonValue value = object.value(member);
    if (value.isUndefined())
        return std::optional<QString>();
    if (!value.isString())
        return wrongType(member, QLatin1StringView("a string"), value);
    return value.toString();
}

Result<QString> requiredString(const QJsonObject &object, QStringView member)
{
    return optionalString(object, member).and_then([&](auto value) -> Result<QString> {
        if (!value)
            return missing(member);
        return *value;
    });
}

Result<std::optional<QStringList>> optionalStrings(const QJsonObject &object, QStringView member)
{
    const QJsonValue value = object.value(member);
    if (value.isUndefined())
        return std::optional<QStringList>();
    auto list = strings(value);
    if (!list)
        return wrongType(member, QLatin1StringView("an array of strings"), value);
    return list;
}

Result<QStringList> requiredStrings(const QJsonObject &object, QStringView member)
{
    return optionalStrings(object, member).and_then([&](auto value) -> Result<QStringList> {
        if (!value)
            return missing(member);
        return *value;
    });
}

Result<std::optional<bool>> optionalBool(const QJsonObject &object, QStringView member)
{
    const QJsonValue value = object.value(member);
    if (value.isUndefined())
        return std::optional<bool>();
    if (!value.isBool())
        return wrongType(member, QLatin1StringView("a boolean"), value);
    return value.toBool();
}

} // namespace Json
} // namespace McpAuth
