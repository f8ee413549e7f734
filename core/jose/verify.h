// Is the signature right, and do the claims hold (RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725, RFC 9068 §4).
#pragma once

#include "base/check.h"
#include "base/clock.h"
#include "jose/jwt.h"
#include "jose/key.h"

#include <optional>

namespace McpAuth::Jose {

/// The algorithm that a token's header names. Errors: unsupported_algorithm (with words of its own for `none`),
/// algorithm_not_allowed.
[[nodiscard]] Result<const Algorithm *> allowedAlgorithm(const QByteArray &name, const QList<QByteArray> &allowed);

/// The algorithm must be known, named in `allowed`, and fit the key; then the signature is checked.
/// Errors: unsupported_algorithm, algorithm_not_allowed, algorithm_key_mismatch, key_not_for_signatures, key_too_small,
/// signature_mismatch.
[[nodiscard]] Result<> verifySignature(const Jws &jws, const Key &key, const QList<QByteArray> &allowed);

/// Which JWTs are taken for access tokens (RFC 8725 §3.11, §3.12).
enum class TokenKinds {
    /// Whatever does not declare itself another kind. Refused are a typ of another kind (all with a + but at+jwt:
    /// logout+jwt, dc+sd-jwt…), a logout token by its events (Back-Channel Logout 1.0 §2.4), what Keycloak's own `typ`
    /// claim calls ID, Refresh, Offline or Logout, and an ID token: by at_hash or c_hash (OpenID Connect Core 1.0
    /// §3.1.3.6, §3.3.2.11), by Cognito's token_use, and by nonce or auth_time (§2) where neither scopes, roles nor a
    /// client are named.
    Common,
    /// RFC 9068 and nothing else: typ at+jwt or application/at+jwt (§4), and iss, exp, aud, sub, client_id, iat, jti
    /// (§2.2).
    AccessToken,
};

struct ClaimRules
{
    QStringList issuers = {};        ///< iss must be one of them, byte for byte; empty: not checked
    QStringList audiences = {};      ///< aud must name one of them; empty: not checked
    std::chrono::seconds leeway{60}; ///< for exp, nbf and iat
    TokenKinds kinds = TokenKinds::Common;
    bool headerIsKnown = true; ///< without the header, kinds asks for claims only and not for typ
    /// A token that is bound to a key (cnf, RFC 7800 §3) is refused, since no proof of possession is checked; with
    /// this it counts as a bearer token, which whoever has stolen it can use.
    bool ignoreBinding = false;
};

/// One check a rule, in this order: type, binding, expiry, not_before, issued_at, issuer, audience. Times must be
/// finite numbers. Skipped where there is nothing to check.
[[nodiscard]] QList<Check> checkClaims(const QJsonObject &header, const QJsonObject &claims, const ClaimRules &rules,
                                       TimePoint now);

/// `scope` (string or array), else `scopes`, else `scp`; empty when none is there (mcp-auth's order).
[[nodiscard]] QStringList scopesOf(const QJsonObject &claims);
/// `client_id`, `azp`, `appid`, `cid`; empty when none is a string.
[[nodiscard]] QString clientIdOf(const QJsonObject &claims);
/// `aud` as a list: a string is a list of one; anything else is empty.
[[nodiscard]] QStringList audiencesOf(const QJsonObject &claims);

} // namespace McpAuth::Jose
