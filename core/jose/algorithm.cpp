#include "jose/algorithm.h"

#include <algorithm>

namespace McpAuth::Jose {

const QList<Algorithm> &algorithms()
{
    static const QList<Algorithm> table{
        {"RS256", Family::RsaPkcs1, KeyType::Rsa, Curve::None, 256},
        {"RS384", Family::RsaPkcs1, KeyType::Rsa, Curve::None, 384},
        {"RS512", Family::RsaPkcs1, KeyType::Rsa, Curve::None, 512},
        {"PS256", Family::RsaPss, KeyType::Rsa, Curve::None, 256},
        {"PS384", Family::RsaPss, KeyType::Rsa, Curve::None, 384},
        {"PS512", Family::RsaPss, KeyType::Rsa, Curve::None, 512},
        {"ES256", Family::Ecdsa, KeyType::Ec, Curve::P256, 256},
        {"ES384", Family::Ecdsa, KeyType::Ec, Curve::P384, 384},
        {"ES512", Family::Ecdsa, KeyType::Ec, Curve::P521, 512},
        {"EdDSA", Family::EdDsa, KeyType::Okp, Curve::None, 0},
        {"Ed25519", Family::EdDsa, KeyType::Okp, Curve::Ed25519, 0},
        {"Ed448", Family::EdDsa, KeyType::Okp, Curve::Ed448, 0},
        {"HS256", Family::Hmac, KeyType::Oct, Curve::None, 256},
        {"HS384", Family::Hmac, KeyType::Oct, Curve::None, 384},
        {"HS512", Family::Hmac, KeyType::Oct, Curve::None, 512},
    };
    return table;
}

const Algorithm *findAlgorithm(QByteArrayView name)
{
    const QList<Algorithm> &table = algorithms();
    const auto found = std::ranges::find_if(table, [&](const Algorithm &algorithm) { return algorithm.name == name; });
    return found == table.end() ? nullptr : &*found;
}

const QList<QByteArray> &asymmetricAlgorithmNames()
{
    static const QList<QByteArray> names = [] {
        QList<QByteArray> list;
        for (const Algorithm &algorithm : algorithms())
            if (algorithm.family != Family::Hmac)
                list.append(algorithm.name);
        return list;
    }();
    return names;
}

QString toString(KeyType type)
{
    switch (type) {
    case KeyType::Rsa:
        return QStringLiteral("RSA");
    case KeyType::Ec:
        return QStringLiteral("EC");
    case KeyType::Okp:
        return QStringLiteral("OKP");
    case KeyType::Oct:
        break;
    }
    return QStringLiteral("oct");
}

QString toString(Curve curve)
{
    switch (curve) {
    case Curve::P256:
        return QStringLiteral("P-256");
    case Curve::P384:
        return QStringLiteral("P-384");
    case Curve::P521:
        return QStringLiteral("P-521");
    case Curve::Ed25519:
        return QStringLiteral("Ed25519");
    case Curve::Ed448:
        return QStringLiteral("Ed448");
    case Curve::None:
        break;
    }
    return {};
}

} // namespace McpAuth::Jose
