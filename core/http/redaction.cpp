#include "base/secret.h"
#include "http/redaction_p.h"

#include <algorithm>
#include <array>

namespace McpAuth::Http {

namespace {

// RFC 6749, 7009, 7521, 7523, 7591, 7592, 7636, 7662, 8628, 8693; OpenID Connect Core and RP-Initiated Logout
constexpr std::array<QByteArrayView, 19> secretNames{"access_token",
                                                     "refresh_token",
                                                     "id_token",
                                                     "id_token_hint",
                                                     "token",
                                                     "subject_token",
                                                     "actor_token",
                                                     "code",
                                                     "code_verifier",
                                                     "device_code",
                                                     "user_code",
                                                     "client_secret",
                                                     "password",
                                                     "assertion",
                                                     "client_assertion",
                                                     "initial_access_token",
                                                     "software_statement",
                                                     "registration_access_token",
                                                     "state"};
constexpr qsizetype longestName = 25;

bool isSecretName(QByteArrayView name)
{
    return std::ranges::any_of(secretNames,
                               [&](QByteArrayView secret) { return name.compare(secret, Qt::CaseInsensitive) == 0; });
}

bool isWordCharacter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// redacted(), whose four bytes must not be half of an escape or of a character.
QByteArray shown(QByteArrayView secret)
{
    const auto start = secret.first(qMin<qsizetype>(4, secret.size()));
    if (std::ranges::all_of(start, [](char c) { return isWordCharacter(c) || c == '.'; }))
        return redacted(secret).toUtf8();
    return QStringLiteral("…(%1 bytes)").arg(secret.size()).toUtf8();
}

/// Every compact JWS or JWE, also one that the end of the text cuts.
QByteArray withoutTokens(QByteArrayView text)
{
    constexpr QByteArrayView start = "eyJ"; // {"
    QByteArray result;
    qsizetype from = 0;
    for (qsizetype at = text.indexOf(start); at != -1; at = text.indexOf(start, at)) {
        const auto *last =
            std::find_if_not(text.begin() + at, text.end(), [](char c) { return isWordCharacter(c) || c == '.'; });
        const QByteArrayView token = text.sliced(at, last - text.begin() - at);
        const bool isCut = last == text.end() && token.size() > start.size();
        if (isCut || std::ranges::count(token, '.') >= 2) {
            result.append(text.sliced(from, at - from)).append(shown(token));
            from = at + token.size();
        }
        at += token.size();
    }
    return result.append(text.sliced(from));
}

QByteArray withoutSecrets(QByteArrayView text);

/// A value that holds a URL or a document of its own, percent-encoded: the page to go to after a sign-in.
QByteArray withoutInnerSecrets(QByteArrayView value)
{
    const QByteArray decoded = QByteArray::fromPercentEncoding(value.toByteArray());
    const QByteArray clean = withoutSecrets(decoded);
    return clean == decoded ? value.toByteArray() : clean.toPercentEncoding();
}

/// name=value pairs between '&', as in queries and forms; names may be percent-encoded.
QByteArray withoutSecretPairs(QByteArrayView pairs)
{
    QByteArray result;
    for (qsizetype at = 0; at <= pairs.size();) {
        qsizetype end = pairs.indexOf('&', at);
        if (end == -1)
            end = pairs.size();
        const QByteArrayView pair = pairs.sliced(at, end - at);
        const qsizetype equals = pair.indexOf('=');
        if (at > 0)
            result.append('&');
        if (equals > 0 && equals + 1 < pair.size() &&
            isSecretName(QByteArray::fromPercentEncoding(pair.first(equals).toByteArray())))
            result.append(pair.first(equals + 1)).append(shown(pair.sliced(equals + 1)));
        else
            result.append(pair.first(equals + 1)).append(withoutInnerSecrets(pair.sliced(equals + 1)));
        at = end + 1;
    }
    return result;
}

qsizetype backslashesBefore(QByteArrayView text, qsizetype at)
{
    qsizetype count = 0;
    while (at > count && text[at - count - 1] == '\\')
        ++count;
    return count;
}

/// Where the content ends of a string that begins at `at`, after a quotation mark with so many backslashes before it.
qsizetype endOfString(QByteArrayView text, qsizetype at, qsizetype escapes)
{
    for (qsizetype quote = text.indexOf('"', at); quote != -1; quote = text.indexOf('"', quote + 1)) {
        const qsizetype before = qMin(backslashesBefore(text, quote), quote - at);
        if (escapes == 0 ? before % 2 == 0 : before <= escapes)
            return quote - (escapes == 0 ? 0 : before);
    }
    return text.size();
}

/// name=value and name="value" anywhere in a text: URLs in documents, parameters in headers. The quotation marks may
/// stand escaped in a string of JSON.
QByteArray withoutSecretParameters(QByteArrayView text)
{
    constexpr QByteArrayView ends = "&#\"'<>\\,; \t\r\n)";
    QByteArray result;
    qsizetype from = 0;
    for (qsizetype equals = text.indexOf('='); equals != -1; equals = text.indexOf('=', equals + 1)) {
        qsizetype nameStart = equals;
        while (nameStart > from && equals - nameStart <= longestName && isWordCharacter(text[nameStart - 1]))
            --nameStart;
        if (nameStart == equals || equals < from || !isSecretName(text.sliced(nameStart, equals - nameStart)))
            continue;
        qsizetype start = equals + 1;
        while (start < text.size() && text[start] == '\\')
            ++start;
        const bool isQuoted = start < text.size() && text[start] == '"';
        qsizetype end = isQuoted ? endOfString(text, start + 1, start - equals - 1) : start;
        start += isQuoted ? 1 : 0;
        while (!isQuoted && end < text.size() && !ends.contains(text[end]))
            ++end;
        if (end == start)
            continue;
        result.append(text.sliced(from, start - from)).append(shown(text.sliced(start, end - start)));
        from = end;
    }
    return result.append(text.sliced(from));
}

/// Finds `"secret name": value` in JSON and in anything around JSON, without trusting that it is well-formed: every
/// quotation mark may begin a name, and what has no end is a secret to the end of the text. JSON that stands escaped
/// in a string of JSON is found too.
class JsonRedaction
{
public:
    explicit JsonRedaction(QByteArrayView text)
        : m_text(text)
    {
    }

    QByteArray run()
    {
        for (qsizetype at = m_text.indexOf('"'); at != -1; at = m_text.indexOf('"', qMax(at + 1, m_copied)))
            tryMember(at);
        return m_result.append(m_text.sliced(m_copied));
    }

private:
    void tryMember(qsizetype quote)
    {
        const qsizetype escapes = backslashesBefore(m_text, quote);
        const qsizetype nameEnd = m_text.indexOf('"', quote + 1);
        if (nameEnd == -1 || nameEnd - quote > 8 * longestName)
            return;
        const qsizetype nameEscapes = backslashesBefore(m_text, nameEnd);
        const QByteArrayView name =
            m_text.sliced(quote + 1, nameEnd - quote - 1 - qMin(nameEscapes, nameEnd - quote - 1));
        qsizetype at = skipSpace(nameEnd + 1);
        if (nameEscapes != escapes || at >= m_text.size() || m_text[at] != ':' || !isSecretName(unescaped(name)))
            return;
        at = skipSpace(at + 1);
        if (at < m_text.size())
            redactValue(at);
    }

    void redactValue(qsizetype start)
    {
        qsizetype opening = start;
        while (opening < m_text.size() && m_text[opening] == '\\')
            ++opening;
        if (opening < m_text.size() && m_text[opening] == '"') {
            const qsizetype content = opening + 1;
            replace(content, endOfString(m_text, content, opening - start), {});
            return;
        }
        const QByteArrayView quote = start > 0 && m_text[start - 1] == '"' ? QByteArrayView() : QByteArrayView("\"");
        if (m_text[start] == '{' || m_text[start] == '[')
            replace(start, endOfContainer(start), quote);
        else if (m_text[start] >= '0' && m_text[start] <= '9') // negative numbers are JSON-RPC's error codes
            replace(start, endOfNumber(start), quote);
    }

    void replace(qsizetype start, qsizetype end, QByteArrayView quote)
    {
        if (end == start)
            return;
        m_result.append(m_text.sliced(m_copied, start - m_copied)).append(quote);
        m_result.append(shown(m_text.sliced(start, end - start))).append(quote);
        m_copied = end;
    }

    [[nodiscard]] qsizetype endOfContainer(qsizetype at) const
    {
        int depth = 0;
        for (; at < m_text.size(); ++at) {
            if (m_text[at] == '"')
                at = qMin(endOfString(m_text, at + 1, 0), m_text.size() - 1);
            else if (m_text[at] == '{' || m_text[at] == '[')
                ++depth;
            else if ((m_text[at] == '}' || m_text[at] == ']') && --depth == 0)
                return at + 1;
        }
        return m_text.size();
    }

    [[nodiscard]] qsizetype endOfNumber(qsizetype at) const
    {
        while (at < m_text.size() && (isWordCharacter(m_text[at]) || m_text[at] == '.' || m_text[at] == '+'))
            ++at;
        return at;
    }

    [[nodiscard]] qsizetype skipSpace(qsizetype at) const
    {
        while (at < m_text.size() && isSpace(m_text[at]))
            ++at;
        return at;
    }

    /// "token" and "\u0074oken" are the same member.
    static QByteArray unescaped(QByteArrayView name)
    {
        QByteArray result;
        for (qsizetype at = 0; at < name.size(); ++at) {
            if (name[at] == '\\')
                continue;
            const bool isEscape = at > 0 && name[at - 1] == '\\' && name[at] == 'u' && at + 4 < name.size();
            bool ok = false;
            const int code = isEscape ? name.sliced(at + 1, 4).toInt(&ok, 16) : 0;
            if (ok)
                at += 4;
            result.append(ok && code < 0x80 ? static_cast<char>(code) : name[at]);
        }
        return result;
    }

    QByteArrayView m_text;
    QByteArray m_result;
    qsizetype m_copied = 0; // up to here the text is in the result, in one form or the other
};

QByteArray withoutSecrets(QByteArrayView text)
{
    return withoutTokens(withoutSecretParameters(JsonRedaction(text).run()));
}

/// Some providers send JSON under the type of a form.
bool isForm(QByteArrayView body, QByteArrayView contentType)
{
    const QByteArray type = contentType.toByteArray().trimmed().toLower();
    const QByteArrayView content = body.trimmed();
    return type.startsWith("application/x-www-form-urlencoded") && !content.startsWith('{') && !content.startsWith('[');
}

/// "name=value" with the value redacted; a cookie without a name is all value.
QByteArray redactedCookie(QByteArrayView cookie)
{
    const qsizetype equals = cookie.indexOf('=');
    return cookie.first(equals + 1).toByteArray() + shown(cookie.sliced(equals + 1));
}

QByteArray redactedCookies(const QByteArray &value)
{
    QByteArrayList cookies = value.split(';');
    std::ranges::transform(cookies, cookies.begin(), [](const QByteArray &cookie) { return redactedCookie(cookie); });
    return cookies.join(';');
}

QByteArray redactedSetCookie(const QByteArray &value)
{
    const qsizetype end = value.indexOf(';');
    const QByteArray attributes = end == -1 ? QByteArray() : value.sliced(end);
    return redactedCookie(QByteArrayView(value).first(end == -1 ? value.size() : end)) + attributes;
}

QByteArray redactedCredentials(const QByteArray &value)
{
    const qsizetype space = value.indexOf(' ');
    return value.first(space + 1) + shown(QByteArrayView(value).sliced(space + 1));
}

QByteArray redactedLocation(const QByteArray &value)
{
    return redactedUrl(QString::fromUtf8(value)).toUtf8();
}

struct HeaderRule
{
    QByteArrayView name;
    QByteArray (*redact)(const QByteArray &value);
};

constexpr std::array headerRules{
    HeaderRule{"authorization", redactedCredentials},
    HeaderRule{"proxy-authorization", redactedCredentials},
    HeaderRule{"cookie", redactedCookies},
    HeaderRule{"set-cookie", redactedSetCookie},
    HeaderRule{"location", redactedLocation},
    HeaderRule{"content-location", redactedLocation},
    HeaderRule{"referer", redactedLocation},
};

} // namespace

QString redactedUrl(const QString &url)
{
    const QByteArray text = url.toUtf8();
    const qsizetype fragment = text.indexOf('#');
    const QByteArray main = fragment == -1 ? text : text.first(fragment);
    const qsizetype query = main.indexOf('?');
    QByteArray result = query == -1 ? main : main.first(query);
    const qsizetype authority = result.indexOf("//");
    if (authority != -1) {
        const qsizetype slash = result.indexOf('/', authority + 2);
        const qsizetype at = result.lastIndexOf('@', slash == -1 ? -1 : slash);
        if (at > authority)
            result.replace(authority + 2, at - authority - 2, shown(result.sliced(authority + 2, at - authority - 2)));
    }
    if (query != -1)
        result += '?' + withoutSecretPairs(main.sliced(query + 1));
    if (fragment != -1)
        result += '#' + withoutSecretPairs(text.sliced(fragment + 1));
    return QString::fromUtf8(withoutTokens(result));
}

QHttpHeaders redactedHeaders(const QHttpHeaders &headers)
{
    QHttpHeaders result;
    for (qsizetype i = 0; i < headers.size(); ++i) {
        const QByteArrayView name(headers.nameAt(i).data(), headers.nameAt(i).size());
        const auto *rule = std::ranges::find_if(headerRules, [&](const HeaderRule &candidate) {
            return candidate.name.compare(name, Qt::CaseInsensitive) == 0;
        });
        const QByteArray value = headers.valueAt(i).toByteArray();
        result.append(headers.nameAt(i), rule == headerRules.end() ? withoutSecrets(value) : rule->redact(value));
    }
    return result;
}

QByteArray redactedBody(const QByteArray &body, QByteArrayView contentType)
{
    return isForm(body, contentType) ? withoutTokens(withoutSecretPairs(body)) : withoutSecrets(body);
}

} // namespace McpAuth::Http
