#include "http/challenge.h"

#include "http/token_p.h"

#include <algorithm>

namespace McpAuth::Http {

namespace {

constexpr qsizetype maxFieldBytes = 16 * 1024;
constexpr qsizetype maxChallenges = 32;

bool isToken68Character(char c) // RFC 9110 §11.2, without the padding
{
    return isAlphanumeric(c) || QByteArrayView("-._~+/").contains(c);
}

bool isTextCharacter(char c) // inside a quoted-string, RFC 9110 §5.6.4
{
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
}

bool isSpace(char c)
{
    return c == ' ' || c == '\t';
}

QByteArray onlyOf(bool (*allowed)(char), QByteArrayView text)
{
    QByteArray result;
    std::ranges::copy_if(text, std::back_inserter(result), allowed);
    return result;
}

QByteArray quoted(QByteArrayView value)
{
    QByteArray result = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\')
            result.append('\\');
        result.append(c >= 0x20 && c < 0x7f ? c : ' ');
    }
    return result.append('"');
}

/// One pass over a field value; every reader leaves m_at behind what it has read.
class ChallengeParser
{
public:
    explicit ChallengeParser(QByteArrayView text)
        : m_text(text)
    {
    }

    Result<QList<Challenge>> run()
    {
        if (m_text.size() > maxFieldBytes)
            return invalid("The field is longer than 16 KiB", maxFieldBytes);
        while (true) {
            skipEmptyElements();
            if (atEnd())
                return std::move(m_challenges);
            if (auto element = readElement(); !element)
                return McpAuth::fail(element.error());
            skip(isSpace);
            if (!atEnd() && m_text[m_at] != ',')
                return invalid("A comma is missing", m_at);
        }
    }

private:
    /// A new challenge with its first parameter, or one more parameter of the last challenge.
    Result<> readElement()
    {
        const qsizetype start = m_at;
        const QByteArrayView word = take(isTokenCharacter);
        if (word.isEmpty())
            return invalid("A scheme or a parameter name is expected", start);
        const qsizetype afterWord = m_at;
        skip(isSpace);
        if (!atEnd() && m_text[m_at] == '=')
            return readParameter(word, start);
        if (m_challenges.size() == maxChallenges)
            return invalid("There are more than 32 challenges", start);
        m_challenges.append({word.toByteArray(), {}, {}});
        if (atEnd() || m_text[m_at] == ',')
            return {};
        if (m_at == afterWord || m_text.sliced(afterWord, m_at - afterWord).contains('\t'))
            return invalid("A space is expected after the scheme", afterWord);
        return readFirstOfChallenge();
    }

    Result<> readFirstOfChallenge()
    {
        const qsizetype start = m_at;
        take(isToken68Character);
        take([](char c) { return c == '='; });
        const QByteArrayView word = m_text.sliced(start, m_at - start);
        skip(isSpace);
        if (isToken68Character(m_text[start]) && (atEnd() || m_text[m_at] == ',')) {
            m_challenges.last().token68 = word.toByteArray();
            return {};
        }
        m_at = start;
        const QByteArrayView name = take(isTokenCharacter);
        skip(isSpace);
        if (name.isEmpty() || atEnd() || m_text[m_at] != '=')
            return invalid("A parameter is expected", start);
        return readParameter(name, start);
    }

    /// From the equals sign on.
    Result<> readParameter(QByteArrayView writtenName, qsizetype start)
    {
        if (m_challenges.isEmpty())
            return invalid("A parameter stands before any scheme", start);
        Challenge &challenge = m_challenges.last();
        if (!challenge.token68.isEmpty())
            return invalid("A challenge has either parameters or a token", start);
        const QByteArray name = writtenName.toByteArray().toLower();
        if (std::ranges::contains(challenge.parameters, name, &std::pair<QByteArray, QByteArray>::first))
            return invalid("A parameter occurs twice in one challenge", start);
        ++m_at;
        skip(isSpace);
        auto value = !atEnd() && m_text[m_at] == '"' ? readQuoted() : readToken();
        if (!value)
            return McpAuth::fail(value.error());
        challenge.parameters.append({name, *std::move(value)});
        return {};
    }

    Result<QByteArray> readToken()
    {
        const qsizetype start = m_at;
        const QByteArrayView value = take(isTokenCharacter);
        if (value.isEmpty())
            return invalid("A parameter has no value", start);
        return value.toByteArray();
    }

    Result<QByteArray> readQuoted()
    {
        QByteArray value("");
        const qsizetype start = m_at;
        for (++m_at; !atEnd(); ++m_at) {
            if (m_text[m_at] == '"') {
                ++m_at;
                return value;
            }
            if (m_text[m_at] == '\\' && ++m_at == m_text.size())
                break;
            if (!isTextCharacter(m_text[m_at]))
                return invalid("A quoted string holds a control character", m_at);
            value.append(m_text[m_at]);
        }
        return invalid("A quoted string does not end", start);
    }

    void skipEmptyElements()
    {
        skip([](char c) { return isSpace(c) || c == ','; });
    }

    template<typename Predicate>
    void skip(Predicate wanted)
    {
        take(wanted);
    }

    template<typename Predicate>
    QByteArrayView take(Predicate wanted)
    {
        const qsizetype start = m_at;
        while (!atEnd() && wanted(m_text[m_at]))
            ++m_at;
        return m_text.sliced(start, m_at - start);
    }

    [[nodiscard]] bool atEnd() const { return m_at >= m_text.size(); }

    static std::unexpected<Error> invalid(const char *sentence, qsizetype offset)
    {
        return McpAuth::fail(QStringLiteral("invalid_challenge"),
                             QStringLiteral("%1 (byte %2).").arg(QLatin1StringView(sentence)).arg(offset),
                             {{QStringLiteral("offset"), offset}});
    }

    QByteArrayView m_text;
    qsizetype m_at = 0;
    QList<Challenge> m_challenges;
};

} // namespace

QByteArray Challenge::parameter(QByteArrayView name) const
{
    const auto found = std::ranges::find_if(
        parameters, [&](const auto &candidate) { return candidate.first.compare(name, Qt::CaseInsensitive) == 0; });
    return found == parameters.end() ? QByteArray() : found->second;
}

bool Challenge::isBearer() const
{
    return scheme.compare("Bearer", Qt::CaseInsensitive) == 0;
}

QByteArray toFieldValue(const Challenge &challenge)
{
    // Names are the program's own; should a stranger's get in, it cannot end what it stands in either.
    QByteArray result = onlyOf(isTokenCharacter, challenge.scheme);
    if (!challenge.token68.isEmpty())
        return result + ' ' + onlyOf([](char c) { return isToken68Character(c) || c == '='; }, challenge.token68);
    QByteArrayView separator = " ";
    for (const auto &[name, value] : challenge.parameters) {
        result.append(separator).append(onlyOf(isTokenCharacter, name)).append('=').append(quoted(value));
        separator = ", ";
    }
    return result;
}

Result<QList<Challenge>> parseChallenges(QByteArrayView fieldValue)
{
    return ChallengeParser(fieldValue).run();
}

} // namespace McpAuth::Http
