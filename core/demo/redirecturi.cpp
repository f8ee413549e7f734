#include "demo/redirecturi_p.h"
#include "http/client.h"
#include "http/url.h"

#include <QSet>

#include <algorithm>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype maxRedirectUri = 2'048;

std::unexpected<Error> refused(const QString &uri, const QString &why)
{
    return fail(u"invalid_redirect_uri"_s, u"The redirect URI %1 %2."_s.arg(Http::shownUrl(uri), why));
}

QString schemeOf(const QString &uri)
{
    const qsizetype colon = uri.indexOf(u':');
    return colon < 1 ? QString() : uri.first(colon).toLower();
}

bool isScheme(const QString &scheme) // RFC 3986 §3.1
{
    const auto isLetter = [](QChar c) { return c >= u'a' && c <= u'z'; };
    return !scheme.isEmpty() && isLetter(scheme.front()) && std::ranges::all_of(scheme, [&](QChar c) {
        return isLetter(c) || (c >= u'0' && c <= u'9') || c == u'+' || c == u'-' || c == u'.';
    });
}

/// Schemes that a browser, or the system, would act on itself.
bool isDangerousScheme(const QString &scheme)
{
    static const QSet<QString> schemes{u"javascript"_s, u"vbscript"_s, u"data"_s, u"blob"_s,        u"file"_s,
                                       u"filesystem"_s, u"about"_s,    u"ftp"_s,  u"view-source"_s, u"ws"_s,
                                       u"wss"_s,        u"mailto"_s,   u"tel"_s,  u"urn"_s};
    return schemes.contains(scheme);
}

Result<> checkWebUrl(const QString &uri, const QString &scheme, const QString &applicationType)
{
    if (const auto parts = Http::splitUrl(uri); !parts)
        return refused(uri, u"is no usable URL"_s);
    const bool isLoopback = Http::isLoopbackUrl(uri);
    if (scheme == "http"_L1 && !isLoopback)
        return refused(uri, u"must be https: plain http is for loopback only"_s);
    if (applicationType == "web"_L1 && isLoopback)
        return refused(uri, u"is on this machine, which is for application_type native"_s);
    if (applicationType == "native"_L1 && scheme == "https"_L1 && isLoopback)
        return refused(uri, u"must be http: on loopback a native application has no certificate"_s);
    return {};
}

/// Of an authority as written, with the port cut off.
QStringView withoutPort(QStringView authority)
{
    const qsizetype colon = authority.lastIndexOf(u':');
    return colon > authority.lastIndexOf(u']') ? authority.first(colon) : authority;
}

} // namespace

Result<> checkRedirectUri(const QString &uri, const QString &applicationType)
{
    if (uri.isEmpty() || uri.size() > maxRedirectUri)
        return refused(uri, u"is empty or too long"_s);
    const auto isPrintable = [](QChar c) { return c > u' ' && c < u'\x7f' && c != u'"' && c != u'<' && c != u'>'; };
    if (!std::ranges::all_of(uri, isPrintable))
        return refused(uri, u"has characters that a URL cannot have"_s);
    if (uri.contains(u'#'))
        return refused(uri, u"has a fragment (RFC 6749 3.1.2)"_s);
    const QString scheme = schemeOf(uri);
    if (scheme == "https"_L1 || scheme == "http"_L1)
        return checkWebUrl(uri, scheme, applicationType);
    if (!isScheme(scheme) || uri.size() == scheme.size() + 1 || isDangerousScheme(scheme))
        return refused(uri, u"has no scheme that an application can have for itself"_s);
    if (applicationType == "web"_L1)
        return refused(uri, u"must be https for application_type web"_s);
    return {};
}

bool redirectMatches(const QString &registered, const QString &sent)
{
    if (registered == sent)
        return true;
    const auto known = Http::splitUrl(registered);
    const auto asked = Http::splitUrl(sent);
    if (!known || !asked || known->scheme != "http"_L1 || asked->scheme != "http"_L1 ||
        !Http::isLoopbackUrl(registered) || sent.contains(u'#'))
        return false;
    return withoutPort(known->authority) == withoutPort(asked->authority) && known->path == asked->path &&
           known->hasQuery == asked->hasQuery && known->query == asked->query;
}

bool isLoopbackRedirect(const QString &uri)
{
    return Http::splitUrl(uri).has_value() && Http::isLoopbackUrl(uri);
}

QString redirectHost(const QString &uri)
{
    const auto parts = Http::splitUrl(uri);
    return parts ? parts->authority : schemeOf(uri) + u':';
}

QString formActionSource(const QString &uri)
{
    const auto parts = Http::splitUrl(uri);
    if (!parts)
        return schemeOf(uri) + u':';
    // The grammar of host sources has no addresses in brackets.
    return parts->authority.startsWith(u'[') ? parts->scheme + u':' : parts->origin();
}

} // namespace McpAuth::Demo
