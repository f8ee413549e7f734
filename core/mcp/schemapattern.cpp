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

/// What follows a backslash; `at` is moved behind it.
Result<QString> escapeAt(QStringView pattern, qsizetype &at)
{
    const QChar letter = at + 1 < pattern.size() ? pattern.at(at + 1) : QChar();
    const QStringView digits = pattern.mid(at + 2, 4);
    at += 2;
    if (letter == u'v') // all vertical space in PCRE2
        return u"\\x0b"_s;
    if (letter == u'u') {
        bool isHex = false;
        const uint unit = digits.toUInt(&isHex, 16);
        if (!isHex || digits.size() != 4 || QChar::isSurrogate(unit))
            return badPattern(u"\\u needs four hexadecimal digits of a character"_s);
        at += 4;
        return u"\\x{%1}"_s.arg(digits);
    }
    const bool isSame = u"dDwWsSbBnrtfcxpPk"_s.contains(letter) || !letter.isLetter();
    if (letter.isNull() || !isSame)
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

bool isForeignClass(QStringView rest)
{
    return rest.startsWith("[]"_L1) || rest.startsWith("[^]"_L1) || rest.startsWith("[:"_L1) ||
           rest.startsWith("[="_L1) || rest.startsWith("[."_L1);
}

Result<QString> translated(QStringView pattern)
{
    QString result;
    bool inClass = false;
    for (qsizetype at = 0; at < pattern.size();) {
        const QStringView rest = pattern.mid(at);
        const QChar unit = pattern.at(at);
        if (unit == u'\\') {
            auto escape = escapeAt(pattern, at);
            if (!escape)
                return std::unexpected(escape.error());
            result += *escape;
            continue;
        }
        if ((unit == u'[' && isForeignClass(rest)) || (unit == u'(' && !inClass && !isSharedGroup(rest)))
            return badPattern(u"\"%1\" is not known"_s.arg(rest.left(3)));
        if (unit == u'$' && !inClass)
            result += "\\z"_L1; // PCRE2's $ lets a line feed follow
        else
            result += unit == u'[' && inClass ? u"\\["_s : QString(unit);
        inClass = unit == u'[' || (inClass && unit != u']');
        ++at;
    }
    return result;
}

} // namespace

Result<TextMatcher> textMatcher(const QJsonValue &pattern)
{
    if (!pattern.isString() || pattern.toString().size() > maxPatternLength)
        return badPattern(u"it must be a string of at most %1 characters"_s.arg(maxPatternLength));
    const auto text = translated(pattern.toString());
    if (!text)
        return std::unexpected(text.error());
    const QRegularExpression expression(u"(*LIMIT_MATCH=%1)(*ANYCRLF)"_s.arg(patternMatchLimit) + *text);
    if (!expression.isValid())
        return badPattern(expression.errorString());
    return [expression](const QString &subject, Walk &walk) {
        if (subject.size() > maxPatternTextLength) {
            walk.exhausted = true;
            return false;
        }
        const QRegularExpressionMatch match = expression.match(subject);
        walk.exhausted = walk.exhausted || !match.isValid(); // PCRE2 gave up: its limit, or lone surrogates
        return match.hasMatch();
    };
}

} // namespace McpAuth::Mcp
