// The keys of an issuer and the tokens signed with them.
#pragma once

#include "base/clock.h"
#include "demo/mintrequest.h"
#include "jose/key.h"

namespace McpAuth::Demo {

/// Keys that are published at most, the signing one among them.
inline constexpr qsizetype maxPublishedKeys = 8;

struct TokenSigner
{
    QString issuer;
    Clock clock = systemClock();
    QByteArray algorithm = "ES256";
    QList<Jose::Key> keys = {}; ///< private ones, the signing key first

    [[nodiscard]] Jose::Key signingKey() const { return keys.value(0); }
    [[nodiscard]] qint64 now() const; ///< seconds since the epoch
    [[nodiscard]] QJsonObject keySet() const;
    [[nodiscard]] QList<Jose::Key> publicKeys() const;
    [[nodiscard]] QStringList algorithms() const; ///< of the published keys

    /// iss, iat, exp, jti and what was asked for.
    [[nodiscard]] QJsonObject claims(const MintRequest &request) const;
    /// Errors: those of Jose::signJwt.
    [[nodiscard]] Result<QByteArray> mint(const MintRequest &request) const;
    /// A new signing key; the old ones stay published when `keepOld`. Errors: those of freshSigningKey.
    [[nodiscard]] Result<> rotate(bool keepOld, const QByteArray &name = {});
};

/// Errors: unsupported_algorithm (also HMAC: there is no public key), crypto_failure.
[[nodiscard]] Result<Jose::Key> freshSigningKey(const QByteArray &algorithm);

/// The issuer at a server's origin; the path may be empty.
[[nodiscard]] QString issuerFor(const QString &origin, const QString &path);
/// Endpoints hang below the issuer, whether it ends in a slash or not.
[[nodiscard]] QString below(const QString &issuer, const QString &path);
/// The path of a URL as a router takes it.
[[nodiscard]] QByteArray pathOf(const QString &url);

} // namespace McpAuth::Demo
