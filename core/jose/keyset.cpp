#include "jose/keyset.h"

#include "jose/keydata_p.h"
#include "jose/quoted.h"

namespace McpAuth::Jose {

namespace {

/// What signs stays with who signs: only the public members of a published key are looked at.
QJsonObject withoutPrivateMembers(QJsonObject jwk)
{
    for (const auto member : {u"d", u"p", u"q", u"dp", u"dq", u"qi", u"oth"})
        jwk.remove(QStringView(member));
    return jwk;
}

Result<Key> publishedKey(const QJsonValue &entry)
{
    if (!entry.isObject())
        return fail(QStringLiteral("invalid_key"),
                    QStringLiteral("A key must be an object, not %1.").arg(Json::typeName(entry)));
    const QJsonObject jwk = entry.toObject();
    if (jwk.value(u"kty").toString() == u"oct")
        return fail(QStringLiteral("unsupported_key"),
                    QStringLiteral("A symmetric key in a published set is no secret; it is not used."));
    return keyFromJwk(withoutPrivateMembers(jwk));
}

Error placed(Error error, int index, const QJsonValue &entry)
{
    error.details.insert(QStringLiteral("index"), index);
    const QJsonValue kid = entry[QStringLiteral("kid")];
    if (kid.isString())
        error.details.insert(QStringLiteral("kid"), kid);
    return error;
}

std::unexpected<Error> noMatch(const Jws &jws)
{
    if (jws.kid.isEmpty())
        return fail(QStringLiteral("no_matching_key"),
                    QStringLiteral("No key fits the token's algorithm %1.").arg(QString::fromUtf8(jws.alg)));
    return fail(QStringLiteral("no_matching_key"),
                QStringLiteral("No key has the token's kid %1.").arg(quoted(jws.kid)),
                {{QStringLiteral("kid"), jws.kid}});
}

/// The keys of one kid (or of none) that fit; what the last one lacked, when there were some and none fits.
struct Fitting
{
    QList<Key> keys;
    std::optional<Error> lacking;
};

Fitting fitting(const QList<Key> &keys, const QString &kid, const Algorithm &algorithm)
{
    Fitting result;
    for (const Key &key : keys) {
        if (key.kid() != kid)
            continue;
        if (const auto fits = key.fits(algorithm); !fits)
            result.lacking = fits.error();
        else if (result.keys.size() < maxCandidateKeys)
            result.keys.append(key);
    }
    return result;
}

QList<Key> allFitting(const QList<Key> &keys, const Algorithm &algorithm)
{
    QList<Key> result;
    for (const Key &key : keys)
        if (result.size() < maxCandidateKeys && key.fits(algorithm))
            result.append(key);
    return result;
}

} // namespace

Result<KeySet> parseKeySet(const QJsonObject &document)
{
    const QJsonValue value = document.value(u"keys");
    if (!value.isArray())
        return fail(QStringLiteral("invalid_key_set"),
                    QStringLiteral("A key set must have a list of `keys`, not %1.").arg(Json::typeName(value)));
    const QJsonArray entries = value.toArray();
    KeySet set;
    set.raw = document;
    for (int i = 0; i < std::min<qsizetype>(entries.size(), maxKeysInSet); ++i) {
        if (auto key = publishedKey(entries.at(i)))
            set.keys.append(*std::move(key));
        else
            set.rejected.append(placed(key.error(), i, entries.at(i)));
    }
    return set;
}

Result<QList<Key>> candidateKeys(const QList<Key> &keys, const Jws &jws)
{
    const auto algorithm = signatureAlgorithm(jws.alg);
    if (!algorithm)
        return fail(algorithm.error());
    if (jws.kid.isEmpty()) {
        QList<Key> all = allFitting(keys, **algorithm);
        if (all.isEmpty())
            return noMatch(jws);
        return all;
    }
    Fitting named = fitting(keys, jws.kid, **algorithm);
    if (!named.keys.isEmpty())
        return std::move(named.keys);
    if (named.lacking)
        return fail(
            QStringLiteral("algorithm_key_mismatch"),
            QStringLiteral("The key %1 cannot have signed this token. %2").arg(quoted(jws.kid), named.lacking->message),
            {{QStringLiteral("kid"), jws.kid}});
    // Keys without a name (a PEM has none) may have any.
    Fitting nameless = fitting(keys, QString(), **algorithm);
    if (nameless.keys.isEmpty())
        return noMatch(jws);
    return std::move(nameless.keys);
}

} // namespace McpAuth::Jose
