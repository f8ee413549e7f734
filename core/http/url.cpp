#include "http/url.h"

#include "base/text.h"

#include <QHostAddress>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

namespace {

std::unexpected<Error> invalid(const QString &url, const QString &why)
{
    return fail(u"invalid_url"_s, u"This is not a usable URL: "_s + why, {{u"url"_s, shownUrl(url)}});
}

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

bool isLetterOrDigit(QChar c)
{
    return isDigit(c) || (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z');
}

bool isHexDigit(QChar c)
{
    return isDigit(c) || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
}

/// The characters of RFC 3986 §2, with '%' looked at apart.
bool isUrlCharacter(QChar c)
{
    return isLetterOrDigit(c) || QStringView(u"-._~:/?#[]@!$&'()*+,;=%").contains(c);
}

/// The first sentence that speaks against the characters; empty when none does.
QString characterFault(QStringView url)
{
    for (qsizetype i = 0; i < url.size(); ++i) {
        const QChar c = url.at(i);
        if (c.isSpace() || c.unicode() < 0x20 || c.unicode() == 0x7f)
            return u"it contains a space or a control character at position %1"_s.arg(i + 1);
        if (c.unicode() > 0x7f)
            return u"the character '%1' must be percent-encoded, or written as xn--… in a host"_s.arg(c);
        if (!isUrlCharacter(c))
            return u"the character '%1' must be percent-encoded"_s.arg(c);
        if (c == u'%' && (i + 2 >= url.size() || !isHexDigit(url.at(i + 1)) || !isHexDigit(url.at(i + 2))))
            return u"'%' is not followed by two hexadecimal digits"_s;
    }
    return {};
}

bool isHostName(QStringView host)
{
    return !host.isEmpty() &&
           std::ranges::all_of(host, [](QChar c) { return isLetterOrDigit(c) || QStringView(u"-._~").contains(c); });
}

bool isIpv6(QStringView host)
{
    QHostAddress address;
    return !host.contains(u'%') && address.setAddress(host.toString()) &&
           address.protocol() == QAbstractSocket::IPv6Protocol;
}

/// Fills host and port; the sentence that speaks against the authority, or nothing.
QString readAuthority(UrlParts &parts)
{
    const QStringView authority = parts.authority;
    if (authority.isEmpty())
        return u"the host is missing"_s;
    if (authority.contains(u'@'))
        return u"user information before '@' is not allowed"_s;

    qsizetype hostEnd = authority.indexOf(u':');
    if (authority.startsWith(u'[')) {
        const qsizetype bracket = authority.indexOf(u']');
        if (bracket < 0 || !isIpv6(authority.sliced(1, bracket - 1)))
            return u"the address in brackets is not an IPv6 address"_s;
        parts.host = authority.sliced(1, bracket - 1).toString().toLower();
        hostEnd = bracket + 1 == authority.size() ? -1 : bracket + 1;
    } else {
        const QStringView host = hostEnd < 0 ? authority : authority.first(hostEnd);
        if (!isHostName(host))
            return host.isEmpty() ? u"the host is missing"_s : u"the host '%1' is not a host name"_s.arg(host);
        parts.host = host.toString().toLower();
    }
    if (hostEnd < 0)
        return {};

    const QStringView port = authority.sliced(hostEnd + 1);
    if (authority.at(hostEnd) != u':' || port.isEmpty() || port.size() > 5 || !std::ranges::all_of(port, isDigit) ||
        port.toInt() < 1 || port.toInt() > 65'535)
        return u"the port is not a number from 1 to 65535"_s;
    parts.port = port.toInt();
    return {};
}

} // namespace

QString shownUrl(const QString &url)
{
    constexpr qsizetype longest = 500;
    const auto isMark = [](QChar c) { return c == u'?' || c == u'#'; };
    const qsizetype end = std::ranges::find_if(url, isMark) - url.begin();
    const QStringView main = QStringView(url).first(end);
    const qsizetype schemeEnd = main.indexOf(u"//");
    const qsizetype start = schemeEnd < 0 ? 0 : schemeEnd + 2;
    // Up to the last '@': a password with a slash in it is no URL, but it is still a password.
    const qsizetype at = main.lastIndexOf(u'@');
    QString shown = at < start ? main.toString() : main.first(start).toString() + u"…"_s + main.sliced(at).toString();
    if (end == url.size())
        return shortened(shown, longest);
    shown += url[end];
    for (const QStringView pair : QStringView(url).sliced(end + 1).split(u'&'))
        shown += pair.first(pair.indexOf(u'=') + 1).toString() + u"…&"_s;
    return shortened(QStringView(shown).chopped(1), longest);
}

QString UrlParts::origin() const
{
    return scheme + u"://"_s + authority;
}

Result<UrlParts> splitUrl(const QString &url)
{
    if (url.isEmpty())
        return invalid(url, u"it is empty"_s);
    if (const QString fault = characterFault(url); !fault.isEmpty())
        return invalid(url, fault);

    const qsizetype schemeEnd = url.indexOf("://"_L1);
    if (schemeEnd < 1 || !std::ranges::all_of(QStringView(url).first(schemeEnd), isLetterOrDigit))
        return invalid(url, u"the scheme is missing: https://…"_s);

    UrlParts parts;
    parts.scheme = url.first(schemeEnd).toLower();
    if (parts.scheme != "https"_L1 && parts.scheme != "http"_L1)
        return invalid(url, u"the scheme must be https or http, not %1"_s.arg(parts.scheme));

    QStringView rest = QStringView(url).sliced(schemeEnd + 3);
    if (const qsizetype hash = rest.indexOf(u'#'); hash >= 0) {
        parts.hasFragment = true;
        rest = rest.first(hash);
    }
    if (const qsizetype mark = rest.indexOf(u'?'); mark >= 0) {
        parts.hasQuery = true;
        parts.query = rest.sliced(mark + 1).toString();
        rest = rest.first(mark);
    }
    const qsizetype slash = rest.indexOf(u'/');
    parts.authority = (slash < 0 ? rest : rest.first(slash)).toString();
    parts.path = slash < 0 ? QString() : rest.sliced(slash).toString();

    if (const QString fault = readAuthority(parts); !fault.isEmpty())
        return invalid(url, fault);
    return parts;
}

bool haveSameOrigin(const UrlParts &a, const UrlParts &b)
{
    const auto port = [](const UrlParts &parts) {
        const int usual = parts.scheme == u"https" ? 443 : 80;
        return parts.port == -1 ? usual : parts.port;
    };
    return a.scheme == b.scheme && a.host == b.host && port(a) == port(b);
}

bool hasDotSegments(const QString &path)
{
    const QStringList segments = path.split(u'/');
    return std::ranges::any_of(segments, [](const QString &segment) {
        const QString plain = QString(segment).replace(u"%2e"_s, u"."_s, Qt::CaseInsensitive);
        return plain == u"." || plain == u"..";
    });
}

} // namespace McpAuth::Http
