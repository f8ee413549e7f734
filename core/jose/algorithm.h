// The signature algorithms, a table (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

namespace McpAuth::Jose {

enum class KeyType { Rsa, Ec, Okp, Oct };
enum class Curve { None, P256, P384, P521, Ed25519, Ed448 };
enum class Family { RsaPkcs1, RsaPss, Ecdsa, EdDsa, Hmac };

struct Algorithm
{
    QByteArray name; ///< "RS256"
    Family family;
    KeyType keyType;
    Curve curve;    ///< None where any of the family fits (EdDSA) or there is none
    int digestBits; ///< 256, 384, 512; 0 for the Edwards curves
};

/// Exact spelling only; null for `none`, for anything unknown and for encryption algorithms.
[[nodiscard]] const Algorithm *findAlgorithm(QByteArrayView name);
[[nodiscard]] const QList<Algorithm> &algorithms();
/// All but HMAC: what a token may use when nothing else was said.
[[nodiscard]] const QList<QByteArray> &asymmetricAlgorithmNames();

[[nodiscard]] QString toString(KeyType type); ///< "RSA", "EC", "OKP", "oct"
[[nodiscard]] QString toString(Curve curve);  ///< "P-256"…; empty for None

} // namespace McpAuth::Jose
