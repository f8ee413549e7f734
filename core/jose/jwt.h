// A signed token in its compact form, taken apart but not believed (RFC 7515 §3.1, RFC 7519 §7.2).
#pragma once

#include "base/json.h"

namespace McpAuth::Jose {

inline constexpr qsizetype maxTokenBytes = 16 * 1024;

struct Jws
{
    QJsonObject header;
    QByteArray alg;          ///< header's alg
    QString kid;             ///< header's kid, or empty
    QByteArray payload;      ///< decoded
    QByteArray signature;    ///< decoded
    QByteArray signingInput; ///< what the signature covers: the first two parts as they came
};

/// Errors: token_too_large, encrypted_token (five parts: a JWE), opaque_token (no dots at all, or no JOSE header),
/// invalid_jws (parts, base64url, JSON, duplicate members, alg or kid of a wrong type), unsupported_crit (RFC 7515
/// §4.1.11: any crit), unsupported_b64 (RFC 7797). Keys that the header brings along (jwk, jku, x5u, x5c) are never
/// used.
[[nodiscard]] Result<Jws> parseJws(QByteArrayView compact);

/// The payload as a claims set. Errors: invalid_claims (no JSON object, duplicate members).
[[nodiscard]] Result<QJsonObject> parseClaims(const Jws &jws);

} // namespace McpAuth::Jose
