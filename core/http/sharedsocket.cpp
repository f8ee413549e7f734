#include "http/sharedsocket_p.h"

#include <QNetworkInterface>

#ifdef Q_OS_UNIX
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace McpAuth::Http {

#ifdef SO_REUSEPORT

namespace {

QAbstractSocket::SocketError errorOf(int code)
{
    switch (code) {
    case EADDRINUSE:
        return QAbstractSocket::AddressInUseError;
    case EADDRNOTAVAIL:
        return QAbstractSocket::SocketAddressNotAvailableError;
    case EACCES:
    case EPERM:
        return QAbstractSocket::SocketAccessError;
    default:
        return QAbstractSocket::UnknownSocketError;
    }
}

bool isIpv6(const QHostAddress &address)
{
    return address.protocol() != QAbstractSocket::IPv4Protocol; // QHostAddress::Any is both
}

bool allow(int socket, int level, int option, bool isOn = true)
{
    const int value = isOn ? 1 : 0;
    return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

/// As QTcpServer has it: an IPv6 address is for IPv6 alone, and any address for both.
bool setUp(int socket, const QHostAddress &address)
{
    return allow(socket, SOL_SOCKET, SO_REUSEADDR) && allow(socket, SOL_SOCKET, SO_REUSEPORT) &&
           (!isIpv6(address) || allow(socket, IPPROTO_IPV6, IPV6_V6ONLY, address != QHostAddress::Any));
}

bool bindTo(int socket, const QHostAddress &address, quint16 port)
{
    if (isIpv6(address)) {
        sockaddr_in6 to{};
        to.sin6_family = AF_INET6;
        to.sin6_port = htons(port);
        to.sin6_scope_id = static_cast<uint32_t>(QNetworkInterface::interfaceIndexFromName(address.scopeId()));
        const Q_IPV6ADDR bytes = address.toIPv6Address();
        std::ranges::copy(bytes.c, to.sin6_addr.s6_addr);
        return ::bind(socket, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0;
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(address.toIPv4Address());
    return ::bind(socket, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0;
}

} // namespace

std::expected<qintptr, SocketFailure> listenShared(const QHostAddress &address, quint16 port, int backlog)
{
    const int socket = ::socket(isIpv6(address) ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool listens =
        socket >= 0 && setUp(socket, address) && bindTo(socket, address, port) && ::listen(socket, backlog) == 0;
    if (listens)
        return socket;
    const int code = errno;
    if (socket >= 0)
        ::close(socket);
    return std::unexpected(SocketFailure{errorOf(code), qt_error_string(code)});
}

#else

std::expected<qintptr, SocketFailure> listenShared(const QHostAddress &, quint16, int)
{
    return std::unexpected(SocketFailure{QAbstractSocket::UnsupportedSocketOperationError,
                                         QStringLiteral("this system has no SO_REUSEPORT")});
}

#endif

} // namespace McpAuth::Http
