// A set of keys, and which of them may have signed a token (RFC 7517 §5).
#pragma once

#include "jose/jwt.h"
#include "jose/key.h"

namespace McpAuth::Jose {

/// Keys in a set that are looked at; of the rest only the number is told.
inline constexpr int maxKeysInSet = 1'024;
/// Keys that are tried for one token that names none.
inline constexpr int maxCandidateKeys = 8;

struct KeySet
{
    QList<Key> keys;
    QList<Error> rejected = {}; ///< entries that are no usable key, each with details.index and details.kid
    /// Of keys that are used all the same: what a stricter reader would refuse them for, with the same details.
    QList<Error> remarks = {};
    qsizetype leftOut = 0; ///< entries beyond maxKeysInSet
    QJsonObject raw = {};
};

/// {"keys": […]}. Entries that cannot be used are left out (RFC 7517 §5), oct keys too: a published secret is none. Of
/// private keys only the public members are read. A member that is null counts as absent, `x5c` is not looked at beside
/// the key's own parameters (§4.7 makes it optional), and zero bytes in front of a modulus do not count; each is a
/// remark. Errors: invalid_key_set.
[[nodiscard]] Result<KeySet> parseKeySet(const QJsonObject &document);

/// The fitting keys of the token's kid (several may share it), else those that have no kid; without a kid all that fit
/// the algorithm. At most maxCandidateKeys. Errors: no_matching_key (details.kid; says how many keys were not looked
/// at), unusable_key when the kid is that of a rejected key (details.kid, details.cause), algorithm_key_mismatch when
/// the kid is known but its key does not fit, unsupported_algorithm.
[[nodiscard]] Result<QList<Key>> candidateKeys(const KeySet &set, const Jws &jws);
[[nodiscard]] inline Result<QList<Key>> candidateKeys(const QList<Key> &keys, const Jws &jws)
{
    return candidateKeys(KeySet{.keys = keys}, jws);
}

} // namespace McpAuth::Jose
