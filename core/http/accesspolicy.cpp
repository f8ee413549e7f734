#include "http/accesspolicy_p.h"
#include "http/address.h"
#include "http/client.h"
#include "http/requestparser_p.h"
#include "http/router.h"

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

namespace {

/// As Host has it, also where an IPv6 address comes without its brackets.
QByteArray hostOf(const QString &host)
{
    const QHostAddress address(host);
    const bool isBare = address.protocol() == QAbstractSocket::IPv6Protocol;
    return (isBare ? hostText(address) : host).toLower().toUtf8();
}

} // namespace

AccessPolicy::AccessPolicy(const ServerOptions &options, std::shared_ptr<const Router> router)
    : m_router(std::move(router))
{
    if (options.address.isLoopback() || !options.allowedHosts.isEmpty())
        m_hosts = {hostText(options.address).toLower().toLatin1()};
    if (options.address.isLoopback())
        m_hosts.unite({"localhost", "127.0.0.1", "[::1]"});
    for (const QString &host : options.allowedHosts)
        m_hosts.insert(hostOf(host));
    for (const QString &origin : options.allowedOrigins)
        m_origins.insert(origin.toUtf8());
    m_anyOrigin = m_origins.contains("*");
}

std::optional<Response> AccessPolicy::refusal(const Request &request) const
{
    if (!takesHost(request))
        return Response::error(421, u"misdirected_request"_s, u"This server does not answer for the host in Host."_s);
    if (!takesOrigin(request))
        return Response::error(403, u"origin_not_allowed"_s, u"Web pages of this origin may not call this server."_s);
    return {};
}

std::optional<Response> AccessPolicy::refusalBeforeBody(const Request &head) const
{
    std::optional<Response> response = refusal(head);
    return response || !m_router ? response : m_router->unrouted(head);
}

bool AccessPolicy::takesHost(const Request &request) const
{
    if (m_hosts.isEmpty())
        return true;
    const QByteArray host = request.header("host");
    return host.isEmpty() || m_hosts.contains(hostOfAuthority(host).value_or(QByteArray())); // only HTTP/1.0 has none
}

bool AccessPolicy::takesOrigin(const Request &request) const
{
    if (m_anyOrigin || !request.headers.contains(QHttpHeaders::WellKnownHeader::Origin))
        return true;
    const QByteArray origin = request.header("origin"); // empty when there are several
    return m_origins.contains(origin) || isLoopbackUrl(QString::fromLatin1(origin)) ||
           (m_router && m_router->isOpen(request));
}

} // namespace McpAuth::Http
