// Making signed tokens: for the demo provider, tests and `mint`.
#pragma once

#include "jose/key.h"

namespace McpAuth::Jose {

/// Compact JWS over any bytes. `header` needs no alg: the key's algorithm, or the first that fits it, is put in; kid
/// too, when the key has one and the header none. Errors: key_not_private, unsupported_algorithm,
/// algorithm_key_mismatch, crypto_failure.
[[nodiscard]] Result<QByteArray> signJws(QJsonObject header, QByteArrayView payload, const Key &key);

/// The same with `typ` at+jwt unless the header says otherwise.
[[nodiscard]] Result<QByteArray> signJwt(QJsonObject header, const QJsonObject &claims, const Key &key);

} // namespace McpAuth::Jose
