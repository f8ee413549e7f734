// Digests that the library itself takes: of tokens and of keys.
#pragma once

#include "base/result.h"

#include <QByteArray>

namespace McpAuth::Jose {

/// 32 bytes (FIPS 180-4). Callable on any thread. Errors: crypto_failure.
[[nodiscard]] Result<QByteArray> sha256(QByteArrayView bytes);

} // namespace McpAuth::Jose
