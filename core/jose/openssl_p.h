// What this folder needs of OpenSSL's EVP interface: owned objects, and keys in and out.
#pragma once

#include "base/result.h"
#include "jose/algorithm.h"

#include <memory>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

namespace McpAuth::Jose::OpenSsl {

template<auto release>
struct Release
{
    template<typename T>
    void operator()(T *object) const
    {
        release(object);
    }
};

template<typename T, auto release>
using Owned = std::unique_ptr<T, Release<release>>;

using EvpKey = Owned<EVP_PKEY, EVP_PKEY_free>;
using EvpKeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using EvpDigest = Owned<EVP_MD, EVP_MD_free>;
using EvpDigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using BigNumber = Owned<BIGNUM, BN_clear_free>;
using Bio = Owned<BIO, BIO_free_all>;
using EcSignature = Owned<ECDSA_SIG, ECDSA_SIG_free>;
using Certificate = Owned<X509, X509_free>;

/// A JWK's parameters (RFC 7518 §6, RFC 8037 §2) as big-endian bytes; empty where they are not there.
struct RsaMembers
{
    QByteArray n, e, d, p, q, dp, dq, qi;
};

struct EcMembers
{
    Curve curve = Curve::None;
    QByteArray x, y, d;
};

struct OkpMembers
{
    Curve curve = Curve::None;
    QByteArray x, d;
};

/// Bytes of one coordinate, or of an OKP key.
[[nodiscard]] int curveBytes(Curve curve);

/// Errors: invalid_key.
[[nodiscard]] Result<EvpKey> importRsa(const RsaMembers &members);
[[nodiscard]] Result<EvpKey> importEc(const EcMembers &members);
[[nodiscard]] Result<EvpKey> importOkp(const OkpMembers &members);

[[nodiscard]] RsaMembers exportRsa(const EVP_PKEY *key, bool withPrivate);
[[nodiscard]] EcMembers exportEc(const EVP_PKEY *key, Curve curve, bool withPrivate);
[[nodiscard]] OkpMembers exportOkp(const EVP_PKEY *key, Curve curve, bool withPrivate);

struct PemKey
{
    EvpKey key;
    bool isPrivate = false;
};

/// The first key or certificate of a PEM text. Errors: invalid_key, unsupported_key.
[[nodiscard]] Result<PemKey> importPem(QByteArrayView pem);
/// Errors: invalid_key.
[[nodiscard]] Result<EvpKey> importPublicDer(QByteArrayView subjectPublicKeyInfo);
/// The subject's key of an X.509 certificate. Errors: invalid_key.
[[nodiscard]] Result<EvpKey> importCertificate(QByteArrayView der);

[[nodiscard]] QByteArray publicPem(const EVP_PKEY *key);
[[nodiscard]] QByteArray publicDer(const EVP_PKEY *key);  ///< SubjectPublicKeyInfo
[[nodiscard]] QByteArray privateDer(const EVP_PKEY *key); ///< PKCS#8, not encrypted

/// Whether an OKP key's bytes are a point of Ed25519 or Ed448 (RFC 8032 §5.1.3, §5.2.3), and not one of the few of
/// small order, under which signatures hold that nobody made.
[[nodiscard]] bool isSoundEdwardsPoint(Curve curve, QByteArray encoded);

struct Shape
{
    KeyType type = KeyType::Oct;
    Curve curve = Curve::None;
    int bits = 0;
};

/// What kind of key it is; refuses kinds, curves and sizes that are not used here, and keys that are not sound.
/// Errors: invalid_key, unsupported_key, key_too_small.
[[nodiscard]] Result<Shape> examine(EVP_PKEY *key, bool isPrivate);

/// Errors: crypto_failure.
[[nodiscard]] Result<EvpKey> generate(KeyType type, Curve curve, int rsaBits);

} // namespace McpAuth::Jose::OpenSsl
