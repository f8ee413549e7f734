#include "base/base64url.h"
#include "jose/backend_p.h"

#include <algorithm>
#include <array>

namespace McpAuth::Jose {

namespace {

constexpr int generatedRsaBits = 2048;

std::unexpected<Error> invalid(const QString &message)
{
    return fail(QStringLiteral("invalid_key"), message);
}

std::unexpected<Error> invalid(const Error &error)
{
    return invalid(QStringLiteral("The JWK is wrong: %1").arg(error.message));
}

/// A base64url member; `size` bytes of it, or any number but none.
Result<QByteArray> bytes(const QJsonObject &jwk, const QString &member, qsizetype size = 0)
{
    const auto text = Json::requiredString(jwk, member);
    if (!text)
        return invalid(text.error());
    auto decoded = decodeBase64Url(text->toUtf8());
    if (!decoded)
        return invalid(QStringLiteral("The JWK's `%1` is wrong: %2").arg(member, decoded.error().message));
    if (decoded->isEmpty() || (size > 0 && decoded->size() != size))
        return invalid(QStringLiteral("The JWK's `%1` has %2 bytes, not %3.")
                           .arg(member)
                           .arg(decoded->size())
                           .arg(size > 0 ? QString::number(size) : QStringLiteral("one or more")));
    return decoded;
}

/// A number in its shortest form (RFC 7518 §2, Base64urlUInt).
Result<QByteArray> number(const QJsonObject &jwk, const QString &member)
{
    auto decoded = bytes(jwk, member);
    if (decoded && decoded->front() == '\0')
        return invalid(QStringLiteral("The JWK's `%1` begins with a zero byte (RFC 7518 §2).").arg(member));
    return decoded;
}

struct RsaMember
{
    QString name;
    QByteArray OpenSsl::RsaMembers::*bytes;
};

const QList<RsaMember> &privateRsaMembers()
{
    static const QList<RsaMember> table{
        {QStringLiteral("d"), &OpenSsl::RsaMembers::d},   {QStringLiteral("p"), &OpenSsl::RsaMembers::p},
        {QStringLiteral("q"), &OpenSsl::RsaMembers::q},   {QStringLiteral("dp"), &OpenSsl::RsaMembers::dp},
        {QStringLiteral("dq"), &OpenSsl::RsaMembers::dq}, {QStringLiteral("qi"), &OpenSsl::RsaMembers::qi},
    };
    return table;
}

/// The first certificate of x5c: base64, not base64url (RFC 7517 §4.7).
Result<QByteArray> firstCertificate(const QJsonValue &x5c)
{
    const auto chain = Json::strings(x5c);
    if (!chain || chain->isEmpty())
        return invalid(QStringLiteral("The JWK's `x5c` must be a list of certificates."));
    const auto decoded =
        QByteArray::fromBase64Encoding(chain->first().toUtf8(), QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded)
        return invalid(QStringLiteral("The JWK's `x5c` is not base64."));
    return *decoded;
}

Result<OpenSsl::EvpKey> certificateKey(const QJsonValue &x5c, KeyType type)
{
    const auto der = firstCertificate(x5c);
    if (!der)
        return fail(der.error());
    if (type != KeyType::Rsa || !isQcaComplete()) // QCA has no elliptic curves
        return OpenSsl::importCertificate(*der);
    return rsaKeyOfCertificate(*der).and_then([](const QByteArray &key) { return OpenSsl::importPublicDer(key); });
}

Result<Key::Data> rsaKey(const QJsonObject &jwk)
{
    OpenSsl::RsaMembers members;
    QList<RsaMember> wanted{{QStringLiteral("n"), &OpenSsl::RsaMembers::n},
                            {QStringLiteral("e"), &OpenSsl::RsaMembers::e}};
    if (jwk.contains(u"oth"))
        return fail(QStringLiteral("unsupported_key"),
                    QStringLiteral("RSA keys of more than two primes are not used."));
    const bool isPrivate =
        std::ranges::any_of(privateRsaMembers(), [&](const RsaMember &member) { return jwk.contains(member.name); });
    if (isPrivate)
        wanted += privateRsaMembers();
    for (const RsaMember &member : std::as_const(wanted)) {
        auto value = number(jwk, member.name);
        if (!value)
            return fail(value.error());
        members.*member.bytes = *std::move(value);
    }
    auto key = OpenSsl::importRsa(members);
    if (!key)
        return fail(key.error());
    return keyData(*std::move(key), isPrivate);
}

Result<Curve> curveOf(const QJsonObject &jwk, std::initializer_list<Curve> known)
{
    const auto name = Json::requiredString(jwk, u"crv");
    if (!name)
        return invalid(name.error());
    for (const Curve curve : known)
        if (toString(curve) == *name)
            return curve;
    return fail(QStringLiteral("unsupported_key"), QStringLiteral("The curve \"%1\" is not used here.").arg(*name));
}

Result<Key::Data> ecKey(const QJsonObject &jwk, Curve curve)
{
    const int size = OpenSsl::curveBytes(curve); // coordinates are never shortened (RFC 7518 §6.2.1.2)
    const auto x = bytes(jwk, QStringLiteral("x"), size);
    if (!x)
        return fail(x.error());
    const auto y = bytes(jwk, QStringLiteral("y"), size);
    if (!y)
        return fail(y.error());
    const bool isPrivate = jwk.contains(u"d");
    const auto d = isPrivate ? bytes(jwk, QStringLiteral("d"), size) : QByteArray();
    if (!d)
        return fail(d.error());
    auto key = OpenSsl::importEc({curve, *x, *y, *d});
    if (!key)
        return fail(key.error());
    return keyData(*std::move(key), isPrivate);
}

Result<Key::Data> okpKey(const QJsonObject &jwk, Curve curve)
{
    const int size = OpenSsl::curveBytes(curve);
    const auto x = bytes(jwk, QStringLiteral("x"), size);
    if (!x)
        return fail(x.error());
    const bool isPrivate = jwk.contains(u"d");
    const auto d = isPrivate ? bytes(jwk, QStringLiteral("d"), size) : QByteArray();
    if (!d)
        return fail(d.error());
    auto key = OpenSsl::importOkp({curve, *x, *d});
    if (!key)
        return fail(key.error());
    return keyData(*std::move(key), isPrivate);
}

struct Kind
{
    KeyType type;
    Curve curve = Curve::None;
};

Result<Kind> kindOf(const QJsonObject &jwk)
{
    if (jwk.contains(u"keys"))
        return invalid(QStringLiteral("This is a key set; a single key is expected."));
    const auto kty = Json::requiredString(jwk, u"kty");
    if (!kty)
        return invalid(kty.error());
    if (*kty == u"RSA")
        return Kind{KeyType::Rsa};
    if (*kty == u"oct")
        return Kind{KeyType::Oct};
    if (*kty == u"EC")
        return curveOf(jwk, {Curve::P256, Curve::P384, Curve::P521}).transform([](Curve c) {
            return Kind{KeyType::Ec, c};
        });
    if (*kty == u"OKP")
        return curveOf(jwk, {Curve::Ed25519, Curve::Ed448}).transform([](Curve c) { return Kind{KeyType::Okp, c}; });
    return fail(QStringLiteral("unsupported_key"), QStringLiteral("Keys of type \"%1\" are not used here.").arg(*kty));
}

Result<Key::Data> parameters(const QJsonObject &jwk, Kind kind)
{
    switch (kind.type) {
    case KeyType::Rsa:
        return rsaKey(jwk);
    case KeyType::Ec:
        return ecKey(jwk, kind.curve);
    case KeyType::Okp:
        return okpKey(jwk, kind.curve);
    case KeyType::Oct:
        break;
    }
    return bytes(jwk, QStringLiteral("k")).and_then([](const QByteArray &k) { return keyData(Secret(k)); });
}

/// The key from its own parameters, which must be those of its certificate.
Result<Key::Data> certifiedParameters(const QJsonObject &jwk, Kind kind, const EVP_PKEY *certified)
{
    auto key = parameters(jwk, kind);
    if (key && EVP_PKEY_eq(key->material->evp.get(), certified) != 1)
        return invalid(QStringLiteral("The JWK and its certificate (x5c) hold different keys."));
    return key;
}

/// The key from its own parameters, from its certificate, or from both when they agree.
Result<Key::Data> keyOrCertificate(const QJsonObject &jwk, Kind kind)
{
    const QJsonValue x5c = jwk.value(u"x5c");
    const bool hasOwn =
        jwk.contains(u"n") || jwk.contains(u"e") || jwk.contains(u"x") || jwk.contains(u"y") || jwk.contains(u"d");
    if (x5c.isUndefined() || kind.type == KeyType::Oct)
        return parameters(jwk, kind);
    auto certified = certificateKey(x5c, kind.type);
    if (!certified)
        return fail(certified.error());
    auto key = hasOwn ? certifiedParameters(jwk, kind, certified->get()) : keyData(*std::move(certified), false);
    if (!key)
        return key;
    if (key->type != kind.type || key->curve != kind.curve)
        return invalid(QStringLiteral("The certificate (x5c) holds a key of another kind than the JWK says."));
    return key;
}

/// kid, use, key_ops and alg.
Result<> readDescription(const QJsonObject &jwk, Key::Data *key)
{
    const auto kid = Json::optionalString(jwk, u"kid");
    const auto use = Json::optionalString(jwk, u"use");
    const auto alg = Json::optionalString(jwk, u"alg");
    const auto operations = Json::optionalStrings(jwk, u"key_ops");
    for (const auto *text : {&kid, &use, &alg})
        if (!*text)
            return invalid(text->error());
    if (!operations)
        return invalid(operations.error());
    key->kid = kid->value_or(QString());
    key->use = use->value_or(QString());
    key->alg = alg->value_or(QString()).toUtf8();
    key->keyOps = operations->value_or(QStringList());
    if (QStringList(key->keyOps).removeDuplicates() > 0)
        return invalid(QStringLiteral("The JWK's `key_ops` names an operation twice (RFC 7517 §4.3)."));
    return {};
}

} // namespace

Result<Key::Data> keyData(OpenSsl::EvpKey evp, bool isPrivate)
{
    const auto shape = OpenSsl::examine(evp.get(), isPrivate);
    if (!shape)
        return fail(shape.error());
    auto material = std::make_shared<KeyMaterial>();
    material->evp = std::move(evp);
    return Key::Data{.type = shape->type,
                     .curve = shape->curve,
                     .bits = shape->bits,
                     .isPrivate = isPrivate,
                     .material = std::move(material)};
}

Result<Key::Data> keyData(const Secret &secret)
{
    if (secret.isEmpty())
        return invalid(QStringLiteral("The secret is empty."));
    auto material = std::make_shared<KeyMaterial>();
    material->secret = secret;
    return Key::Data{
        .bits = static_cast<int>(secret.reveal().size() * 8), .isPrivate = true, .material = std::move(material)};
}

Result<Key> keyFromJwk(const QJsonObject &jwk)
{
    const auto kind = kindOf(jwk);
    if (!kind)
        return fail(kind.error());
    auto key = keyOrCertificate(jwk, *kind);
    if (!key)
        return fail(key.error());
    if (const auto description = readDescription(jwk, &*key); !description)
        return fail(description.error());
    return wrapped(*std::move(key));
}

Result<Key> keyFromPem(QByteArrayView pem)
{
    auto read = OpenSsl::importPem(pem);
    if (!read)
        return fail(read.error());
    return keyData(std::move(read->key), read->isPrivate).transform(wrapped);
}

Result<Key> keyFromText(QByteArrayView text)
{
    const QByteArrayView trimmed = text.trimmed();
    if (trimmed.startsWith('-'))
        return keyFromPem(trimmed);
    if (!trimmed.startsWith('{'))
        return invalid(QStringLiteral("The text is neither a PEM key (-----BEGIN …) nor a JWK ({\"kty\": …})."));
    const auto jwk = parseJsonObject(trimmed);
    if (!jwk)
        return invalid(jwk.error());
    return keyFromJwk(*jwk);
}

Result<Key> keyFromSecret(const Secret &secret)
{
    // A public key used as a secret is a secret that everybody knows (RFC 8725 §2.1).
    if (secret.reveal().contains("-----BEGIN "))
        return invalid(QStringLiteral("This is a PEM key, not a secret: give it as a key."));
    return keyData(secret).transform(wrapped);
}

Result<Key> generateKey(const Algorithm &algorithm)
{
    Result<Key::Data> data;
    if (algorithm.keyType == KeyType::Oct) {
        data = keyData(Secret(randomBytes(algorithm.digestBits / 8)));
    } else {
        const bool anyEdwards = algorithm.family == Family::EdDsa && algorithm.curve == Curve::None;
        const Curve curve = anyEdwards ? Curve::Ed25519 : algorithm.curve;
        auto evp = OpenSsl::generate(algorithm.keyType, curve, generatedRsaBits);
        if (!evp)
            return fail(evp.error());
        // The private half was made from nothing a moment ago: testing its primes again would double the time.
        data = keyData(*std::move(evp), false);
    }
    if (!data)
        return fail(data.error());
    data->isPrivate = true;
    data->alg = algorithm.name;
    data->use = QStringLiteral("sig");
    const Key key = wrapped(*std::move(data));
    return key.withKid(QString::fromLatin1(key.thumbprint()));
}

} // namespace McpAuth::Jose
