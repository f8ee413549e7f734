// Proof Key for Code Exchange (RFC 7636), S256 only.
#pragma once

#include "base/secret.h"

namespace McpAuth::OAuth {

struct Pkce
{
    Secret verifier;      ///< 43 characters: 256 random bits (§4.1)
    QByteArray challenge; ///< base64url(SHA-256(verifier)) (§4.2)
};

[[nodiscard]] Pkce generatePkce();
[[nodiscard]] QByteArray s256Challenge(const Secret &verifier);
/// `state`: 128 random bits, base64url.
[[nodiscard]] Secret generateState();

} // namespace McpAuth::OAuth
