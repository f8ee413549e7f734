// Base64url without padding, as JOSE uses it (RFC 4648 §5, RFC 7515 §2).
#pragma once

#include "base/result.h"

#include <QByteArray>

namespace McpAuth {

[[nodiscard]] QByteArray encodeBase64Url(QByteArrayView bytes);

/// Strict: no padding, no character outside the alphabet, no impossible length, and unused trailing bits must be
/// zero, so that one byte string has one spelling. Errors: invalid_base64url.
[[nodiscard]] Result<QByteArray> decodeBase64Url(QByteArrayView text);

} // namespace McpAuth
