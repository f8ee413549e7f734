// A listening socket whose port others may listen at, too, so that the system spreads connections over them.
#pragma once

#include <QAbstractSocket>
#include <QHostAddress>

#include <expected>

namespace McpAuth::Http {

struct SocketFailure
{
    QAbstractSocket::SocketError error;
    QString reason;
};

/// SO_REUSEPORT: all who listen there must have asked for it, as the same user. The descriptor is the caller's.
[[nodiscard]] std::expected<qintptr, SocketFailure> listenShared(const QHostAddress &address, quint16 port,
                                                                 int backlog);

} // namespace McpAuth::Http
