// A key that signs or verifies, from a JWK, a PEM or a secret (RFC 7517, RFC 7518 §6, RFC 8037 §2).
#pragma once

#include "base/json.h"
#include "base/secret.h"
#include "jose/algorithm.h"

#include <memory>

namespace McpAuth::Jose {

/// A value, cheap to copy; immutable, so that threads may share it.
class Key
{
public:
    Key(); // no key: isNull()

    [[nodiscard]] bool isNull() const;
    [[nodiscard]] KeyType type() const;
    [[nodiscard]] Curve curve() const;
    [[nodiscard]] int bits() const;           ///< RSA modulus, curve size, or 8 times the secret's bytes
    [[nodiscard]] bool isPrivate() const;     ///< can sign; true for oct
    [[nodiscard]] const QString &kid() const; ///< empty when the JWK has none
    [[nodiscard]] const QString &use() const;
    [[nodiscard]] const QStringList &keyOps() const;
    [[nodiscard]] const QByteArray &alg() const; ///< declared by the JWK, or empty

    /// Whether this key's type, curve, size, use, key_ops and declared alg allow the algorithm for verifying.
    /// Errors: algorithm_key_mismatch, key_not_for_signatures, key_too_small.
    [[nodiscard]] Result<> fits(const Algorithm &algorithm) const;

    /// The public members only, in RFC 7517's names, with kid, use, key_ops and alg where they are set. For oct: no k.
    /// A private key's key_ops `sign` becomes `verify`.
    [[nodiscard]] QJsonObject publicJwk() const;
    /// With the private members (or k).
    [[nodiscard]] QJsonObject privateJwk() const;
    /// SubjectPublicKeyInfo as PEM; empty for oct.
    [[nodiscard]] QByteArray publicPem() const;
    /// RFC 7638 §3, SHA-256, base64url. An oct key's is a digest of the secret: not for publication.
    [[nodiscard]] QByteArray thumbprint() const;

    [[nodiscard]] Key withKid(const QString &kid) const;
    [[nodiscard]] Key withAlg(const QByteArray &alg) const;

    struct Data;
    [[nodiscard]] const Data *data() const { return d.get(); } // for this folder
    explicit Key(std::shared_ptr<const Data> data);

private:
    std::shared_ptr<const Data> d;
};

/// RSA, EC, OKP and oct. Every parameter is checked: base64url strictness, sizes, curve membership, RSA at least 2048
/// bits and an odd exponent over 1, oct not empty, `x5c`'s first certificate holding the same key. With only `x5c` the
/// key comes from the certificate. Private members are read when they are there, and must be whole. Errors:
/// invalid_key, unsupported_key, key_too_small.
[[nodiscard]] Result<Key> keyFromJwk(const QJsonObject &jwk);

/// SubjectPublicKeyInfo, PKCS#1 RSA public key, X.509 certificate, PKCS#8, PKCS#1 or SEC1 private key, unencrypted.
/// Errors: invalid_key, unsupported_key, key_too_small.
[[nodiscard]] Result<Key> keyFromPem(QByteArrayView pem);

/// PEM or JWK, by its first character. Errors: those of the two.
[[nodiscard]] Result<Key> keyFromText(QByteArrayView text);

/// For HS*. Errors: invalid_key when it is empty, or a PEM: a public key is no secret (RFC 8725 §2.1).
[[nodiscard]] Result<Key> keyFromSecret(const Secret &secret);

/// A fresh private key for the algorithm (RSA: 2048 bits; EdDSA: Ed25519), with alg, use "sig", and its thumbprint as
/// kid. Errors: crypto_failure.
[[nodiscard]] Result<Key> generateKey(const Algorithm &algorithm);

/// Bytes from the crypto library's generator.
[[nodiscard]] QByteArray randomBytes(int count);

} // namespace McpAuth::Jose
