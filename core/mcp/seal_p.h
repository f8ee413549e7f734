// Values that a client keeps for the server and cannot change: nothing has to be looked up when they come back.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

#include <QJsonObject>

#include <chrono>

namespace McpAuth::Mcp {

/// Bytes of a key that is made where none is given.
inline constexpr int sealKeyBytes = 32;
/// Of a sealed value that comes back; more is not looked at.
inline constexpr qsizetype maxSealedBytes = 256 * 1024;

/// base64url(payload) "." base64url(HMAC-SHA256): whole, not secret. Whoever has the key may open what another sealed.
class Seals
{
public:
    /// `key` empty: one of its own, which nobody else has. `server`: what is sealed by another opens for none.
    Seals(Secret key, QByteArray server, Clock clock);

    /// `purpose`: what is sealed for one opens for no other.
    [[nodiscard]] QByteArray seal(QByteArrayView purpose, QJsonObject payload, std::chrono::seconds lifetime) const;
    /// Errors: invalid_seal, expired_seal.
    [[nodiscard]] Result<QJsonObject> open(QByteArrayView purpose, QByteArrayView sealed) const;

private:
    [[nodiscard]] QByteArray tagOf(QByteArrayView purpose, QByteArrayView body) const;

    Secret m_key;
    QByteArray m_server;
    Clock m_clock;
};

} // namespace McpAuth::Mcp
