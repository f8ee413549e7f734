#include "metadata/wellknown.h"

#include "http/url.h"

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

namespace {

constexpr auto oauthSuffix = "/.well-known/oauth-authorization-server"_L1;
constexpr auto oidcSuffix = "/.well-known/openid-configuration"_L1;
constexpr auto resourceSuffix = "/.well-known/oauth-protected-resource"_L1;

/// RFC 8414 §2: an issuer has neither a query nor a fragment.
Result<Http::UrlParts> splitIssuer(const QString &issuer)
{
    auto parts = Http::splitUrl(issuer);
    if (parts && (parts->hasQuery || parts->hasFragment))
        return fail(u"invalid_url"_s, u"An issuer has no query and no fragment: remove what follows the path."_s,
                    {{u"url"_s, Http::shownUrl(issuer)}});
    return parts;
}

QString withoutTrailingSlash(const QString &path)
{
    return path.endsWith(u'/') ? path.chopped(1) : path;
}

QString inserted(const Http::UrlParts &parts, QLatin1StringView suffix)
{
    return parts.origin() + suffix + withoutTrailingSlash(parts.path);
}

/// The path that is left when `suffix` is taken from the front ("inserted") or from the end ("appended").
std::optional<QString> pathWithout(const QString &path, QLatin1StringView suffix)
{
    if (path.startsWith(suffix)) {
        QString rest = path.sliced(suffix.size());
        if (rest.isEmpty() || rest == u'/')
            return QString();
        if (rest.startsWith(u'/'))
            return rest;
    }
    if (path.endsWith(suffix))
        return path.chopped(suffix.size());
    return std::nullopt;
}

} // namespace

Result<QString> oauthWellKnownUrl(const QString &issuer)
{
    return splitIssuer(issuer).transform([](const auto &parts) { return inserted(parts, oauthSuffix); });
}

Result<QString> oidcInsertedWellKnownUrl(const QString &issuer)
{
    return splitIssuer(issuer).transform([](const auto &parts) { return inserted(parts, oidcSuffix); });
}

Result<QString> oidcWellKnownUrl(const QString &issuer)
{
    return splitIssuer(issuer).transform(
        [](const auto &parts) -> QString { return parts.origin() + withoutTrailingSlash(parts.path) + oidcSuffix; });
}

Result<QStringList> discoveryUrls(const QString &issuer)
{
    return splitIssuer(issuer).transform([](const auto &parts) {
        QStringList urls{inserted(parts, oauthSuffix), inserted(parts, oidcSuffix)};
        if (const QString path = withoutTrailingSlash(parts.path); !path.isEmpty())
            urls.append(parts.origin() + path + oidcSuffix);
        return urls;
    });
}

Result<QString> protectedResourceMetadataUrl(const QString &resource)
{
    const auto parts = Http::splitUrl(resource);
    if (!parts)
        return fail(parts.error());
    if (parts->hasFragment)
        return fail(u"invalid_url"_s, u"A resource identifier has no fragment: remove what follows the #."_s,
                    {{u"url"_s, Http::shownUrl(resource)}});
    // Only the slash right after the host goes: /mcp and /mcp/ are two resources (RFC 9728 §3.1).
    QString url = parts->origin() + resourceSuffix;
    if (parts->path != u'/')
        url += parts->path;
    if (parts->hasQuery)
        url += u'?' + parts->query;
    return url;
}

std::optional<QString> issuerOfWellKnownUrl(const QString &url)
{
    const auto parts = Http::splitUrl(url);
    if (!parts || parts->hasFragment)
        return std::nullopt;
    for (const auto suffix : {oauthSuffix, oidcSuffix}) {
        if (const auto path = pathWithout(parts->path, suffix))
            return parts->origin() + *path;
    }
    return std::nullopt;
}

} // namespace McpAuth::Metadata
