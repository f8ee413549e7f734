// Regular expressions of ECMA-262, as JSON Schema has them, in PCRE2's words and within bounds.
#include "mcp/schema_p.h"

#include <QRegularExpression>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> badPattern(const QString &why)
{
    return fail(u"invalid_schema"_s, why);
}

bool isHex(QStringView digits, qsizetype count)
{
    static const QRegularExpression other(u"[^0-9A-Fa-f]"_s);
    return digits.size() == count && !other.matchView(digits).hasMatch();
}

/// What follows a backslash; `at` is moved behind it.
Result<QString> escapeAt(QStringView pattern, qsizetype &at)
{
    const QChar letter = at + 1 < pattern.size() ? pattern.at(at + 1) : QChar();
    const QStringView digits = pattern.mid(at + 2, 4);
    at += 2;
    if (letter == u'v') // all vertical space in PCRE2
        return u"\\x0b"_s;
    if (letter == u'u') {
        if (!isHex(digits, 4) || QChar::isSurrogate(digits.toUInt(nullptr, 16)))
            return badPattern(u"\\u needs four hexadecimal digits of a character"_s);
        at += 4;
        return u"\\x{%1}"_s.arg(digits);
    }
    if (letter == u'x' && !isHex(digits.left(2), 2))
        return badPattern(u"\\x needs two hexadecimal digits"_s);
    // A reference to a group that took no part matches nothing in PCRE2 and the empty text in ECMA-262.
    const bool isReference = letter == u'k' || (letter >= u'1' && letter <= u'9');
    const bool isSame = u"dDwWsSbBnrtfcxpP"_s.contains(letter) || !letter.isLetter();
    if (letter.isNull() || isReference || !isSame)
        return badPattern(u"\\%1 is not known"_s.arg(letter));
    return u"\\"_s + letter;
}

/// A group that ECMA-262 and PCRE2 read alike.
bool isSharedGroup(QStringView rest)
{
    if (!rest.startsWith("(?"_L1))
        return !rest.startsWith("(*"_L1);
    return rest.startsWith("(?:"_L1) || rest.startsWith("(?="_L1) || rest.startsWith("(?!"_L1) ||
           rest.startsWith("(?<"_L1);
}

/// A bracket that PCRE2 reads otherwise: one that begins a class, or stands in one.
bool isForeignClass(QStringView rest, bool inClass)
{
    const bool isNamed = rest.startsWith("[:"_L1) || rest.startsWith("[="_L1) || rest.startsWith("[."_L1);
    return isNamed || (!inClass && (rest.startsWith("[]"_L1) || rest.startsWith("[^]"_L1)));
}

/// How much of `rest` is a quantifier, with the ? that makes it lazy; 0 when it does not begin with one.
qsizetype quantifierLength(QStringView rest)
{
    static const QRegularExpression quantifier(u"^(?:[*+?]|\\{[0-9]+(?:,[0-9]*)?\\})\\??"_s);
    return quantifier.matchView(rest).capturedLength();
}

/// Braces that are a quantifier for PCRE2 from 10.43 on: {,3} and { 1, 3 }.
bool isForeignBrace(QStringView rest)
{
    return rest.startsWith(u'{') && rest.size() > 1 && u" \t,0123456789"_s.contains(rest.at(1));
}

/// Reads a pattern from left to right.
class Translation
{
public:
    explicit Translation(QStringView pattern)
        : m_pattern(pattern)
    {
    }

    Result<QString> run()
    {
        while (m_at < m_pattern.size()) {
            const QStringView rest = m_pattern.mid(m_at);
            if (rest.startsWith(u'\\')) {
                auto escape = escapeAt(m_pattern, m_at);
                if (!escape)
                    return std::unexpected(escape.error());
                m_result += *escape;
            } else if (const qsizetype length = m_inClass ? 0 : quantifierLength(rest); length > 0) {
                if (rest.mid(length).startsWith(u'+')) // PCRE2's, which gives nothing back
                    return unknown(rest.left(length + 1));
                take(rest.left(length));
            } else if (isForeign(rest)) {
                return unknown(rest.left(3));
            } else {
                takeUnit(rest.front());
            }
        }
        return m_result;
    }

private:
    static std::unexpected<Error> unknown(QStringView what) { return badPattern(u"\"%1\" is not known"_s.arg(what)); }

    [[nodiscard]] bool isForeign(QStringView rest) const
    {
        if (rest.startsWith(u'['))
            return isForeignClass(rest, m_inClass);
        return !m_inClass && (isForeignBrace(rest) || (rest.startsWith(u'(') && !isSharedGroup(rest)));
    }

    void take(QStringView text)
    {
        m_result += text;
        m_at += text.size();
    }

    void takeUnit(QChar unit)
    {
        if (unit == u'$' && !m_inClass)
            m_result += "\\z"_L1; // PCRE2's $ lets a line feed follow
        else
            m_result += unit == u'[' && m_inClass ? u"\\["_s : QString(unit);
        m_inClass = unit == u'[' || (m_inClass && unit != u']');
        ++m_at;
    }

    QStringView m_pattern;
    qsizetype m_at = 0;
    bool m_inClass = false;
    QString m_result;
};

} // namespace

Result<TextMatcher> textMatcher(const QJsonValue &pattern)
{
    if (!pattern.isString() || pattern.toString().size() > maxPatternLength)
        return badPattern(u"it must be a string of at most %1 characters"_s.arg(maxPatternLength));
    const QString given = pattern.toString();
    const auto text = Translation(given).run();
    if (!text)
        return std::unexpected(text.error());
    const QRegularExpression expression(u"(*LIMIT_MATCH=%1)(*ANYCRLF)"_s.arg(patternMatchLimit) + *text);
    if (!expression.isValid())
        return badPattern(expression.errorString());
    return [expression](const QString &subject, const Place &place, Walk &walk) {
        walk.patternUnits += 1 + subject.size();
        if (subject.size() > maxPatternTextLength)
            walk.exhaust(place, u"is longer than the %1 characters that can be checked"_s.arg(maxPatternTextLength));
        else if (walk.patternUnits > maxPatternTextUnits)
            walk.exhaust({}, u"cannot be checked: there is too much text for patterns"_s);
        if (walk.exhaustion)
            return false;
        const QRegularExpressionMatch match = expression.match(subject);
        if (!match.isValid()) // PCRE2 gave up: its limit, or lone surrogates
            walk.exhaust(place, u"cannot be checked: its text or its pattern takes too long"_s);
        return match.hasMatch();
    };
}

} // namespace McpAuth::Mcp
