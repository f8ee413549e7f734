#include "metadata/endpoint.h"

#include "http/client.h"
#include "http/url.h"

#include <QJsonArray>

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

namespace {

struct EndpointMember
{
    QLatin1StringView name;
    EndpointUse use;
};

constexpr EndpointMember endpointMembers[] = {
    {"authorization_endpoint"_L1, EndpointUse::Client},
    {"token_endpoint"_L1, EndpointUse::Client},
    {"jwks_uri"_L1, EndpointUse::ResourceServer},
    {"registration_endpoint"_L1, EndpointUse::Client},
    {"revocation_endpoint"_L1, EndpointUse::Client},
    {"introspection_endpoint"_L1, EndpointUse::None},
    {"userinfo_endpoint"_L1, EndpointUse::None},
    {"end_session_endpoint"_L1, EndpointUse::None},
    {"pushed_authorization_request_endpoint"_L1, EndpointUse::None},
    {"device_authorization_endpoint"_L1, EndpointUse::None},
};

} // namespace

QList<Endpoint> endpointsOf(const AuthorizationServerMetadata &metadata)
{
    QList<Endpoint> endpoints;
    for (const EndpointMember &member : endpointMembers) {
        const QJsonValue value = metadata.raw.value(member.name);
        if (value.isString())
            endpoints.append({member.name, value.toString(), member.use});
    }
    return endpoints;
}

Result<> checkEndpointUrl(const QString &what, const QString &url, bool allowHttp)
{
    const auto parts = Http::splitUrl(url);
    if (!parts)
        return fail(u"invalid_url"_s, QString(parts.error().message).replace("This is"_L1, what + " is"_L1),
                    {{u"url"_s, Http::shownUrl(url)}});
    if (parts->hasFragment)
        return fail(u"invalid_url"_s, what + u" has a fragment, which it must not have."_s,
                    {{u"url"_s, Http::shownUrl(url)}});
    if (parts->scheme == u"http" && !Http::isLoopbackUrl(url) && !allowHttp)
        return fail(u"insecure_url"_s, what + u" is on plain http, which anyone on the network path can read."_s,
                    {{u"url"_s, Http::shownUrl(url)}});
    return {};
}

Result<QString> jwksUriOf(const AuthorizationServerMetadata &metadata, bool allowHttp)
{
    const auto unusable = [&](const QString &why) {
        return fail(u"invalid_server_metadata"_s,
                    u"The metadata of %1 cannot be used: %2"_s.arg(Http::shownUrl(metadata.issuer), why));
    };
    if (const auto fault = memberFault(metadata, u"jwks_uri"))
        return unusable(fault->message);
    QString url = metadata.jwksUri.value_or(QString());
    if (url.isEmpty())
        return fail(
            u"missing_jwks_uri"_s,
            u"The metadata of %1 has no jwks_uri, so its tokens cannot be verified without keys given by hand."_s.arg(
                Http::shownUrl(metadata.issuer)));
    if (const auto usable = checkEndpointUrl(u"The jwks_uri"_s, url, allowHttp); !usable)
        return unusable(usable.error().message);
    if (Http::isLoopbackUrl(url) && !Http::isLoopbackUrl(metadata.issuer))
        return unusable(u"The jwks_uri is on this computer, although the issuer is not."_s);
    return url;
}

QJsonObject defaultServerMetadata(const QString &origin)
{
    return {{u"issuer"_s, origin},
            {u"authorization_endpoint"_s, origin + u"/authorize"_s},
            {u"token_endpoint"_s, origin + u"/token"_s},
            {u"registration_endpoint"_s, origin + u"/register"_s},
            {u"response_types_supported"_s, QJsonArray{u"code"_s}}};
}

} // namespace McpAuth::Metadata
