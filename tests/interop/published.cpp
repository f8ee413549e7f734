#include "interop/published.h"

#include <QJsonArray>

namespace McpAuth::Test {

using namespace Qt::StringLiterals;

namespace {

QCoro::Task<Http::Response> ready(Http::Response response)
{
    co_return response;
}

void publish(Http::Router *router, const QByteArray &path, const Http::Response &response)
{
    router->add("GET", path, [response](const Http::Request &) { return ready(response); });
}

} // namespace

PublishedKeys::PublishedKeys()
    : m_server(m_router)
{
    if (const auto listening = m_server.listen(); !listening)
        qFatal("The publisher cannot listen: %ls", qUtf16Printable(listening.error().message));
    publish(m_router.get(), "/.well-known/openid-configuration",
            Http::Response::json(200, {{u"issuer"_s, issuer()},
                                       {u"authorization_endpoint"_s, issuer() + u"/authorize"_s},
                                       {u"token_endpoint"_s, issuer() + u"/token"_s},
                                       {u"jwks_uri"_s, issuer() + u"/jwks"_s},
                                       {u"response_types_supported"_s, QJsonArray{u"code"_s}},
                                       {u"code_challenge_methods_supported"_s, QJsonArray{u"S256"_s}}}));
    publish(m_router.get(), "/jwks", Http::Response::text(503, u"There are no keys yet."_s));
}

void PublishedKeys::setKeys(const QJsonObject &keySet)
{
    publish(m_router.get(), "/jwks", Http::Response::json(200, keySet));
}

} // namespace McpAuth::Test
