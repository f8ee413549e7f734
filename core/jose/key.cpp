#include "jose/key.h"

#include "base/base64url.h"
#include "jose/digest.h"
#include "jose/keydata_p.h"

namespace McpAuth::Jose {

namespace {

void insertBytes(QJsonObject *jwk, const QString &member, const QByteArray &bytes)
{
    if (!bytes.isEmpty())
        jwk->insert(member, QString::fromLatin1(encodeBase64Url(bytes)));
}

/// The members that make the key and nothing else: what a thumbprint is made of (RFC 7638 §3.2), plus the private ones.
QJsonObject members(const Key::Data &key, bool withPrivate)
{
    QJsonObject jwk{{QStringLiteral("kty"), toString(key.type)}};
    if (key.curve != Curve::None)
        jwk.insert(QStringLiteral("crv"), toString(key.curve));
    const EVP_PKEY *evp = key.material->evp.get();
    if (key.type == KeyType::Rsa) {
        const auto rsa = OpenSsl::exportRsa(evp, withPrivate);
        for (const auto &[member, bytes] : {std::pair(QStringLiteral("n"), &rsa.n),
                                            {QStringLiteral("e"), &rsa.e},
                                            {QStringLiteral("d"), &rsa.d},
                                            {QStringLiteral("p"), &rsa.p},
                                            {QStringLiteral("q"), &rsa.q},
                                            {QStringLiteral("dp"), &rsa.dp},
                                            {QStringLiteral("dq"), &rsa.dq},
                                            {QStringLiteral("qi"), &rsa.qi}})
            insertBytes(&jwk, member, *bytes);
    } else if (key.type == KeyType::Ec) {
        const auto ec = OpenSsl::exportEc(evp, key.curve, withPrivate);
        insertBytes(&jwk, QStringLiteral("x"), ec.x);
        insertBytes(&jwk, QStringLiteral("y"), ec.y);
        insertBytes(&jwk, QStringLiteral("d"), ec.d);
    } else if (key.type == KeyType::Okp) {
        const auto okp = OpenSsl::exportOkp(evp, key.curve, withPrivate);
        insertBytes(&jwk, QStringLiteral("x"), okp.x);
        insertBytes(&jwk, QStringLiteral("d"), okp.d);
    } else if (withPrivate) {
        insertBytes(&jwk, QStringLiteral("k"), key.material->secret.reveal());
    }
    return jwk;
}

/// What a private key signs its public half verifies (RFC 7517 §4.3).
QStringList publicOperations(const Key::Data &key)
{
    QStringList operations = key.keyOps;
    if (key.isPrivate && key.type != KeyType::Oct)
        operations.replaceInStrings(QStringLiteral("sign"), QStringLiteral("verify"));
    operations.removeDuplicates();
    return operations;
}

/// `required` are the members that make the key (RFC 7638 §3.2); QJsonObject sorts them as §3.3 asks.
QByteArray thumbprintOf(const QJsonObject &required)
{
    return encodeBase64Url(sha256(toJsonText(required)).value_or(QByteArray()));
}

QJsonObject described(QJsonObject jwk, const Key::Data &key, const QStringList &operations)
{
    if (!key.kid.isEmpty())
        jwk.insert(QStringLiteral("kid"), key.kid);
    if (!key.use.isEmpty())
        jwk.insert(QStringLiteral("use"), key.use);
    if (!key.alg.isEmpty())
        jwk.insert(QStringLiteral("alg"), QString::fromUtf8(key.alg));
    if (!operations.isEmpty())
        jwk.insert(QStringLiteral("key_ops"), QJsonArray::fromStringList(operations));
    return jwk;
}

std::unexpected<Error> mismatch(const QString &message)
{
    return fail(QStringLiteral("algorithm_key_mismatch"), message);
}

Result<> fitsType(const Key &key, const Algorithm &algorithm)
{
    const auto name = [&] { return QString::fromLatin1(algorithm.name); };
    if (key.type() != algorithm.keyType)
        return mismatch(QStringLiteral("%1 needs a key of type %2; this one is of type %3.")
                            .arg(name(), toString(algorithm.keyType), toString(key.type())));
    if (algorithm.curve != Curve::None && key.curve() != algorithm.curve)
        return mismatch(QStringLiteral("%1 needs a key on %2; this one is on %3.")
                            .arg(name(), toString(algorithm.curve), toString(key.curve())));
    // EdDSA and the name of the curve are two names of one algorithm (RFC 9864 §2.2).
    const bool otherName =
        algorithm.family == Family::EdDsa && (key.alg() == "EdDSA" || key.alg() == toString(key.curve()).toLatin1());
    if (!key.alg().isEmpty() && key.alg() != algorithm.name && !otherName)
        return mismatch(
            QStringLiteral("The key is declared for %1, not for %2.").arg(QString::fromUtf8(key.alg()), name()));
    return {};
}

} // namespace

Key wrapped(Key::Data data)
{
    const QJsonObject required = members(data, false);
    data.publicJwk = described(required, data, publicOperations(data));
    // k is what an oct key is made of.
    data.thumbprint = thumbprintOf(data.type == KeyType::Oct ? members(data, true) : required);
    return Key(std::make_shared<const Key::Data>(std::move(data)));
}

Key::Key() = default;

Key::Key(std::shared_ptr<const Data> data)
    : d(std::move(data))
{
}

bool Key::isNull() const
{
    return !d;
}

KeyType Key::type() const
{
    return d ? d->type : KeyType::Oct;
}

Curve Key::curve() const
{
    return d ? d->curve : Curve::None;
}

int Key::bits() const
{
    return d ? d->bits : 0;
}

bool Key::isPrivate() const
{
    return d && d->isPrivate;
}

const QString &Key::kid() const
{
    static const QString none;
    return d ? d->kid : none;
}

const QString &Key::use() const
{
    static const QString none;
    return d ? d->use : none;
}

const QStringList &Key::keyOps() const
{
    static const QStringList none;
    return d ? d->keyOps : none;
}

const QByteArray &Key::alg() const
{
    static const QByteArray none;
    return d ? d->alg : none;
}

Result<> fitsFor(const Key &key, const Algorithm &algorithm, QStringView operation)
{
    if (key.isNull())
        return mismatch(QStringLiteral("There is no key."));
    if (auto type = fitsType(key, algorithm); !type)
        return type;
    if (!key.use().isEmpty() && key.use() != u"sig")
        return fail(QStringLiteral("key_not_for_signatures"),
                    QStringLiteral("The key is not for signatures: its use is \"%1\".").arg(key.use()));
    if (!key.keyOps().isEmpty() && !key.keyOps().contains(operation))
        return fail(QStringLiteral("key_not_for_signatures"),
                    QStringLiteral("The key may not %1: its key_ops are \"%2\".")
                        .arg(operation, key.keyOps().join(QStringLiteral("\", \""))));
    if (algorithm.family == Family::Hmac && key.bits() < algorithm.digestBits)
        return fail(QStringLiteral("key_too_small"),
                    QStringLiteral("%1 needs a secret of at least %2 bytes; this one has %3.")
                        .arg(QString::fromLatin1(algorithm.name))
                        .arg(algorithm.digestBits / 8)
                        .arg(key.bits() / 8));
    return {};
}

Result<> Key::fits(const Algorithm &algorithm) const
{
    return fitsFor(*this, algorithm, u"verify");
}

QJsonObject Key::publicJwk() const
{
    return d ? d->publicJwk : QJsonObject();
}

QJsonObject Key::privateJwk() const
{
    return d ? described(members(*d, d->isPrivate), *d, d->keyOps) : QJsonObject();
}

QByteArray Key::publicPem() const
{
    return d && d->material->evp ? OpenSsl::publicPem(d->material->evp.get()) : QByteArray();
}

QByteArray Key::thumbprint() const
{
    return d ? d->thumbprint : QByteArray();
}

Key Key::withKid(const QString &kid) const
{
    if (!d)
        return {};
    Data copy = *d;
    copy.kid = kid;
    return wrapped(std::move(copy));
}

Key Key::withAlg(const QByteArray &alg) const
{
    if (!d)
        return {};
    Data copy = *d;
    copy.alg = alg;
    return wrapped(std::move(copy));
}

} // namespace McpAuth::Jose
