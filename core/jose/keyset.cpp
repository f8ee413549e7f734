#include "jose/keyset.h"

#include "base/base64url.h"
#include "jose/keydata_p.h"
#include "jose/quoted.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::Jose {

namespace {

/// What signs stays with who signs: only the public members of a published key are looked at.
QJsonObject withoutPrivateMembers(QJsonObject jwk)
{
    for (const auto member : {u"d", u"p", u"q", u"dp", u"dq", u"qi", u"oth"})
        jwk.remove(QStringView(member));
    return jwk;
}

/// Reads on where RFC 7517 allows it or a library is known to write it so, and says what it passed over.
class Tolerance
{
public:
    explicit Tolerance(QJsonObject jwk)
        : m_jwk(std::move(jwk))
    {
    }

    [[nodiscard]] QJsonObject tolerated()
    {
        for (const QString &member : m_jwk.keys())
            passOver(member, m_jwk.value(member).isNull(), QStringLiteral("`%1` is null, which is read as absent."));
        const bool hasOwn = m_jwk.contains(u"n") || m_jwk.contains(u"x");
        passOver(QStringLiteral("x5c"), hasOwn && !hasCertificate(),
                 QStringLiteral("`%1` holds no certificate; the key's own parameters are used (RFC 7517 §4.7)."));
        if (hasOwn)
            m_jwk.remove(u"x5c");
        passOver(QStringLiteral("key_ops"), m_jwk.value(u"key_ops") == QJsonArray(),
                 QStringLiteral("`%1` is empty, which is read as absent (RFC 7517 §4.3)."));
        shorten(QStringLiteral("n"));
        shorten(QStringLiteral("e"));
        return m_jwk;
    }

    QStringList remarks;

private:
    void passOver(const QString &member, bool when, const QString &remark)
    {
        if (!when || !m_jwk.contains(member))
            return;
        m_jwk.remove(member);
        remarks.append(remark.arg(member));
    }

    [[nodiscard]] bool hasCertificate() const
    {
        const QJsonArray chain = m_jwk.value(u"x5c").toArray();
        return !chain.isEmpty() && !chain.first().toString().isEmpty();
    }

    /// Java's BigInteger writes a zero byte where the first bit is set.
    void shorten(const QString &member)
    {
        auto bytes = decodeBase64Url(m_jwk.value(member).toString().toUtf8());
        if (!bytes || !bytes->startsWith('\0'))
            return;
        while (bytes->startsWith('\0'))
            bytes->remove(0, 1);
        m_jwk.insert(member, QString::fromLatin1(encodeBase64Url(*bytes)));
        remarks.append(QStringLiteral("`%1` begins with a zero byte, which does not count (RFC 7518 §2).").arg(member));
    }

    QJsonObject m_jwk;
};

Result<Key> publishedKey(const QJsonValue &entry, QStringList *remarks)
{
    if (!entry.isObject())
        return fail(QStringLiteral("invalid_key"),
                    QStringLiteral("A key must be an object, not %1.").arg(Json::typeName(entry)));
    const QJsonObject jwk = entry.toObject();
    if (jwk.value(u"kty").toString() == u"oct")
        return fail(QStringLiteral("unsupported_key"),
                    QStringLiteral("A symmetric key in a published set is no secret; it is not used."));
    Tolerance reading(withoutPrivateMembers(jwk));
    auto key = keyFromJwk(reading.tolerated());
    *remarks = reading.remarks;
    return key;
}

Error placed(Error error, int index, const QJsonValue &entry)
{
    error.details.insert(QStringLiteral("index"), index);
    const QJsonValue kid = entry[QStringLiteral("kid")];
    if (kid.isString())
        error.details.insert(QStringLiteral("kid"), kid);
    return error;
}

/// What else there is in the set, for whoever looks for a key and does not find it.
QString besides(const KeySet &set)
{
    QString words;
    if (!set.rejected.isEmpty())
        words += QStringLiteral(" %1 of the set's keys cannot be used, the first because: %2")
                     .arg(QString::number(set.rejected.size()), set.rejected.first().message);
    if (set.leftOut > 0)
        words += QStringLiteral(" Only the first %1 keys of the set were looked at, and %2 were not.")
                     .arg(maxKeysInSet)
                     .arg(set.leftOut);
    return words;
}

std::unexpected<Error> noMatch(const KeySet &set, const Jws &jws)
{
    if (jws.kid.isEmpty())
        return fail(QStringLiteral("no_matching_key"),
                    QStringLiteral("No key fits the token's algorithm %1.").arg(QString::fromUtf8(jws.alg)) +
                        besides(set));
    return fail(QStringLiteral("no_matching_key"),
                QStringLiteral("No key has the token's kid %1.").arg(quoted(jws.kid)) + besides(set),
                {{QStringLiteral("kid"), jws.kid}});
}

/// The reason why the key of this name is not among those that are used, where it is in the set.
std::optional<Error> rejectionOf(const KeySet &set, const QString &kid)
{
    const auto found = std::ranges::find_if(
        set.rejected, [&](const Error &error) { return error.details.value(u"kid").toString() == kid; });
    if (found == set.rejected.end())
        return std::nullopt;
    return Error{QStringLiteral("unusable_key"),
                 QStringLiteral("The key %1 is in the set but cannot be used: %2").arg(quoted(kid), found->message),
                 {{QStringLiteral("kid"), kid}, {QStringLiteral("cause"), toJson(*found)}}};
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
        QStringList remarks;
        if (auto key = publishedKey(entries.at(i), &remarks))
            set.keys.append(*std::move(key));
        else
            set.rejected.append(placed(key.error(), i, entries.at(i)));
        for (const QString &remark : std::as_const(remarks))
            set.remarks.append(placed({QStringLiteral("lenient_reading"), remark, {}}, i, entries.at(i)));
    }
    set.leftOut = std::max<qsizetype>(0, entries.size() - maxKeysInSet);
    return set;
}

Result<QList<Key>> candidateKeys(const KeySet &set, const Jws &jws)
{
    const QList<Key> &keys = set.keys;
    const auto algorithm = signatureAlgorithm(jws.alg);
    if (!algorithm)
        return fail(algorithm.error());
    if (jws.kid.isEmpty()) {
        QList<Key> all = allFitting(keys, **algorithm);
        if (all.isEmpty())
            return noMatch(set, jws);
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
    if (auto rejection = rejectionOf(set, jws.kid))
        return fail(*std::move(rejection));
    // Keys without a name (a PEM has none) may have any.
    Fitting nameless = fitting(keys, QString(), **algorithm);
    if (nameless.keys.isEmpty())
        return noMatch(set, jws);
    return std::move(nameless.keys);
}

} // namespace McpAuth::Jose
