#include "http/address.h"

#include "http/client.h"
#include "http/url.h"

#include <QCoroFuture>
#include <QHostInfo>
#include <QPromise>

#include <algorithm>
#include <array>

namespace McpAuth::Http {

using namespace Qt::StringLiterals;

namespace {

struct Subnet
{
    QLatin1StringView address;
    int bits;
};

// Not for the public, though QHostAddress calls them global.
constexpr std::array reservedNets{
    Subnet{"100.64.0.0"_L1, 10},  // RFC 6598
    Subnet{"192.0.0.0"_L1, 24},   // RFC 6890
    Subnet{"198.18.0.0"_L1, 15},  // RFC 2544
    Subnet{"fec0::"_L1, 10},      // RFC 3879, site-local
    Subnet{"64:ff9b::"_L1, 96},   // RFC 6052, an IPv4 address within
    Subnet{"64:ff9b:1::"_L1, 48}, // RFC 8215, the same
    Subnet{"2002::"_L1, 16},      // RFC 3056, the same
    Subnet{"2001::"_L1, 32},      // RFC 4380, the same
};

} // namespace

bool isPublicAddress(QHostAddress address)
{
    bool isMapped = false; // ::ffff:10.0.0.1 is 10.0.0.1
    const quint32 ipv4 = address.toIPv4Address(&isMapped);
    if (isMapped)
        address = QHostAddress(ipv4);
    const bool isReserved = std::ranges::any_of(reservedNets, [&](const Subnet &subnet) {
        return address.isInSubnet(QHostAddress(QString(subnet.address)), subnet.bits);
    });
    return address.isGlobal() && !address.isLoopback() && !address.isPrivateUse() && !address.isMulticast() &&
           !isReserved;
}

QString hostText(const QHostAddress &address)
{
    const QString text = address.toString();
    return address.protocol() == QAbstractSocket::IPv6Protocol ? u'[' + text + u']' : text;
}

QHostAddress peerGroup(const QHostAddress &peer)
{
    if (peer.protocol() != QAbstractSocket::IPv6Protocol)
        return peer;
    Q_IPV6ADDR bytes = peer.toIPv6Address();
    std::fill(bytes.c + 8, bytes.c + 16, quint8(0));
    return QHostAddress(bytes);
}

bool isPrivateUrl(const QString &url)
{
    if (isLoopbackUrl(url))
        return true;
    const auto parts = splitUrl(url);
    if (!parts)
        return false;
    const QHostAddress address(parts->host);
    return !address.isNull() && !isPublicAddress(address);
}

Result<> checkReach(const QString &what, const QString &url, const QString &namedBy)
{
    if (!isPrivateUrl(url) || isPrivateUrl(namedBy))
        return {};
    return fail(
        u"private_address"_s,
        u"%1 leads to this computer or a private network (%2), though the server that names it is elsewhere: it "
        u"could make this client send requests there."_s.arg(what, shownUrl(url)),
        {{u"url"_s, shownUrl(url)}});
}

QCoro::Task<QList<QHostAddress>> lookUpHost(QString host)
{
    if (const QHostAddress address(host); !address.isNull())
        co_return QList{address};
    auto promise = std::make_shared<QPromise<QList<QHostAddress>>>();
    promise->start();
    const QFuture<QList<QHostAddress>> found = promise->future();
    QHostInfo::lookupHost(host, [promise](const QHostInfo &info) {
        promise->addResult(info.addresses());
        promise->finish();
    });
    co_return co_await found;
}

} // namespace McpAuth::Http
