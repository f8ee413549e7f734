// Which addresses are for everybody, and which belong to this machine or its network.
#pragma once

#include "base/result.h"

#include <QCoroTask>
#include <QHostAddress>
#include <QList>
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
/// public. Other names are not looked up: see ClientOptions::isAllowedAddress.
[[nodiscard]] bool isPrivateUrl(const QString &url);

/// private_address: of a URL that leads to this machine or a private network, where `namedBy`, the URL of the server
/// that names it, does not (MCP security best practices, Server-Side Request Forgery). `what` begins the sentence: "The
/// token_endpoint".
[[nodiscard]] Result<> checkReach(const QString &what, const QString &url, const QString &namedBy);

/// Of a name by the system's resolver, of an address itself; empty: not found.
[[nodiscard]] QCoro::Task<QList<QHostAddress>> lookUpHost(QString host);

} // namespace McpAuth::Http
