#include "jose/verify.h"

#include "jose/backend_p.h"
#include "jose/quoted.h"

namespace McpAuth::Jose {

Result<const Algorithm *> signatureAlgorithm(const QByteArray &name)
{
    if (const Algorithm *algorithm = findAlgorithm(name))
        return algorithm;
    if (name.compare("none", Qt::CaseInsensitive) == 0)
        return fail(QStringLiteral("unsupported_algorithm"),
                    QStringLiteral("The token is not signed (alg \"none\"): anyone could have made it."));
    return fail(QStringLiteral("unsupported_algorithm"),
                QStringLiteral("The token's algorithm %1 is not supported.").arg(quoted(QString::fromUtf8(name))));
}

Result<const Algorithm *> allowedAlgorithm(const QByteArray &name, const QList<QByteArray> &allowed)
{
    auto algorithm = signatureAlgorithm(name);
    if (algorithm && !allowed.contains(name))
        return fail(QStringLiteral("algorithm_not_allowed"),
                    QStringLiteral("The token's algorithm %1 is not among those allowed: %2.")
                        .arg(QString::fromLatin1(name), QString::fromLatin1(allowed.join(", "))));
    return algorithm;
}

Result<> verifySignature(const Jws &jws, const Key &key, const QList<QByteArray> &allowed)
{
    const auto algorithm = allowedAlgorithm(jws.alg, allowed);
    if (!algorithm)
        return fail(algorithm.error());
    if (auto fits = key.fits(**algorithm); !fits)
        return fits;
    return verifierFor((*algorithm)->family).verify(**algorithm, *key.data(), jws.signingInput, jws.signature);
}

} // namespace McpAuth::Jose
