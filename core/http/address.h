// Which addresses are for everybody, and which belong to this machine or its network.
#pragma once

#include <QHostAddress>
#include <QString>

namespace McpAuth::Http {

/// An address of the public internet: not loopback, private, link-local, multicast or reserved (RFC 6890), also where
/// an IPv6 address carries an IPv4 address.
[[nodiscard]] bool isPublicAddress(QHostAddress address);

/// As an authority has it: IPv6 in brackets (RFC 3986 §3.2.2).
[[nodiscard]] QString hostText(const QHostAddress &address);

/// What counts as one caller: an address of IPv4, the /64 of IPv6, which one host may own whole (RFC 4291 §2.5.1).
[[nodiscard]] QHostAddress peerGroup(const QHostAddress &peer);

/// Whether the URL's host is this machine by name (localhost and below, RFC 6761 §6.3) or an address that is not
/// public. Other names are not looked up: they may lead to such an address too.
[[nodiscard]] bool isPrivateUrl(const QString &url);

} // namespace McpAuth::Http
