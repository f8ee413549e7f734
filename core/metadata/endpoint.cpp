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

QJsonObject defaultServerMetadata(const QString &origin)
{
    return {{u"issuer"_s, origin},
            {u"authorization_endpoint"_s, origin + u"/authorize"_s},
            {u"token_endpoint"_s, origin + u"/token"_s},
            {u"registration_endpoint"_s, origin + u"/register"_s},
            {u"response_types_supported"_s, QJsonArray{u"code"_s}}};
}

} // namespace McpAuth::Metadata
