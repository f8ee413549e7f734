#include "jose/sign.h"

#include "base/base64url.h"
#include "jose/backend_p.h"

namespace McpAuth::Jose {

namespace {

std::unexpected<Error> unsupported(const QString &name)
{
    return fail(QStringLiteral("unsupported_algorithm"), QStringLiteral("Nothing is signed with \"%1\".").arg(name));
}

/// The header's algorithm, else the key's own, else the first that fits.
Result<const Algorithm *> chooseAlgorithm(const QJsonObject &header, const Key &key)
{
    const QJsonValue named = header.value(u"alg");
    if (!named.isUndefined() || !key.alg().isEmpty()) {
        const QString name = named.isUndefined() ? QString::fromUtf8(key.alg()) : named.toString();
        const Algorithm *algorithm = findAlgorithm(name.toUtf8());
        if (!algorithm)
            return unsupported(name);
        return algorithm;
    }
    for (const Algorithm &algorithm : algorithms())
        if (fitsFor(key, algorithm, u"sign"))
            return &algorithm;
    return fail(QStringLiteral("algorithm_key_mismatch"), QStringLiteral("No algorithm fits the key."));
}

} // namespace

Result<QByteArray> signJws(QJsonObject header, QByteArrayView payload, const Key &key)
{
    if (!key.isPrivate())
        return fail(QStringLiteral("key_not_private"),
                    QStringLiteral("Signing needs a private key; this one is public."));
    const auto algorithm = chooseAlgorithm(header, key);
    if (!algorithm)
        return fail(algorithm.error());
    if (const auto fits = fitsFor(key, **algorithm, u"sign"); !fits)
        return fail(QStringLiteral("algorithm_key_mismatch"), fits.error().message);

    header.insert(QStringLiteral("alg"), QString::fromLatin1((*algorithm)->name));
    if (!header.contains(u"kid") && !key.kid().isEmpty())
        header.insert(QStringLiteral("kid"), key.kid());
    QByteArray token = encodeBase64Url(toJsonText(header)) + '.' + encodeBase64Url(payload);
    const auto signature = signerFor((*algorithm)->family).sign(**algorithm, *key.data(), token);
    if (!signature)
        return signature;
    return token + '.' + encodeBase64Url(*signature);
}

Result<QByteArray> signJwt(QJsonObject header, const QJsonObject &claims, const Key &key)
{
    if (!header.contains(u"typ"))
        header.insert(QStringLiteral("typ"), QStringLiteral("at+jwt"));
    return signJws(std::move(header), toJsonText(claims), key);
}

} // namespace McpAuth::Jose
