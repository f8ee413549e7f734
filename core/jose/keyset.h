// A set of keys, and which of them may have signed a token (RFC 7517 §5).
#pragma once

#include "jose/jwt.h"
#include "jose/key.h"

namespace McpAuth::Jose {

/// Keys in a set that are looked at; the rest is left out.
inline constexpr int maxKeysInSet = 256;
/// Keys that are tried for one token that names none.
inline constexpr int maxCandidateKeys = 8;

struct KeySet
{
    QList<Key> keys;
    QList<Error> rejected; ///< entries that are no usable key, each with details.index and details.kid
    QJsonObject raw;
};

/// {"keys": […]}. Entries that cannot be used are left out (RFC 7517 §5), oct keys too: a published secret is none. Of
/// private keys only the public members are read.
/// Errors: invalid_key_set.
[[nodiscard]] Result<KeySet> parseKeySet(const QJsonObject &document);

/// The fitting keys of the token's kid (several may share it), else those that have no kid; without a kid all that fit
/// the algorithm. At most maxCandidateKeys. Errors: no_matching_key (details.kid), algorithm_key_mismatch when the kid
/// is known but its key does not fit, unsupported_algorithm.
[[nodiscard]] Result<QList<Key>> candidateKeys(const QList<Key> &keys, const Jws &jws);

} // namespace McpAuth::Jose
