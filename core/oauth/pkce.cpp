#include "oauth/pkce.h"

#include "base/base64url.h"
#include "jose/key.h"

#include <QCryptographicHash>

namespace McpAuth::OAuth {

Pkce generatePkce()
{
    Secret verifier(encodeBase64Url(Jose::randomBytes(32)));
    QByteArray challenge = s256Challenge(verifier);
    return {std::move(verifier), std::move(challenge)};
}

QByteArray s256Challenge(const Secret &verifier)
{
    return encodeBase64Url(QCryptographicHash::hash(verifier.reveal(), QCryptographicHash::Sha256));
}

Secret generateState()
{
    return Secret(encodeBase64Url(Jose::randomBytes(16)));
}

} // namespace McpAuth::OAuth
