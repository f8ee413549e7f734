// The two crypto libraries behind one interface: QCA signs with RSA PKCS#1 v1.5 and does HMAC, random numbers and
// certificates; OpenSSL's EVP does what QCA has not, elliptic curves, PSS and EdDSA, what every token needs, digests
// and the check of RSA signatures, for which QCA need not be loaded, and everything where QCA's plugin is missing.
#pragma once

#include "jose/keydata_p.h"

namespace McpAuth::Jose {

class Backend
{
public:
    Backend() = default;
    Backend(const Backend &) = delete;
    Backend &operator=(const Backend &) = delete;
    virtual ~Backend() = default;

    /// The key fits the algorithm. Callable on any thread. Errors: signature_mismatch, crypto_failure.
    [[nodiscard]] virtual Result<> verify(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input,
                                          QByteArrayView signature) const = 0;
    /// The key fits the algorithm and is private. Errors: crypto_failure.
    [[nodiscard]] virtual Result<QByteArray> sign(const Algorithm &algorithm, const Key::Data &key,
                                                  QByteArrayView input) const = 0;
};

[[nodiscard]] const Backend &qcaBackend();     ///< signs for RsaPkcs1 and Hmac, verifies for Hmac
[[nodiscard]] const Backend &openSslBackend(); ///< every family
/// Whether QCA's OpenSSL plugin is there, which is a package of its own.
[[nodiscard]] bool isQcaComplete();

/// Without QCA's plugin OpenSSL does QCA's part too: a missing package is no reason to refuse good tokens.
[[nodiscard]] inline const Backend &signerFor(Family family)
{
    return (family == Family::RsaPkcs1 || family == Family::Hmac) && isQcaComplete() ? qcaBackend() : openSslBackend();
}
[[nodiscard]] inline const Backend &verifierFor(Family family)
{
    return family == Family::Hmac ? signerFor(family) : openSslBackend();
}

[[nodiscard]] inline std::unexpected<Error> signatureMismatch()
{
    return fail(QStringLiteral("signature_mismatch"),
                QStringLiteral("The signature does not belong to this token and key."));
}

/// The RSA key of an X.509 certificate as SubjectPublicKeyInfo, through QCA. Errors: invalid_key, crypto_failure.
[[nodiscard]] Result<QByteArray> rsaKeyOfCertificate(const QByteArray &der);

} // namespace McpAuth::Jose
