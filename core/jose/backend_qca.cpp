#include "jose/backend_p.h"

#include <QtCrypto>

#include <openssl/rand.h>

namespace McpAuth::Jose {

/// A prototype: a QCA key keeps the state of the operation it is in, so every operation works on a copy.
struct QcaKey
{
    QCA::PrivateKey privateKey;
};

namespace {

std::unexpected<Error> qcaFailure(const QString &message)
{
    return fail(QStringLiteral("crypto_failure"), message);
}

/// Starts QCA when it is first needed: it loads every plugin that it finds. Never ended, for keys may outlive whatever
/// would end it: QCoreApplication takes one start back when it goes, so there are two.
bool started()
{
    QCA::init();
    QCA::init();
    return true;
}

Result<> requirePlugin()
{
    if (!isQcaComplete())
        return qcaFailure(
            QStringLiteral("QCA's OpenSSL plugin (libqca-ossl) was not found: install it, on Debian and Ubuntu "
                           "with the package libqca-qt6-plugins."));
    return {};
}

QCA::SignatureAlgorithm signatureAlgorithmOf(const Algorithm &algorithm)
{
    switch (algorithm.digestBits) {
    case 256:
        return QCA::EMSA3_SHA256;
    case 384:
        return QCA::EMSA3_SHA384;
    default:
        return QCA::EMSA3_SHA512;
    }
}

std::shared_ptr<const QcaKey> convert(const Key::Data &key)
{
    auto converted = std::make_shared<QcaKey>();
    QCA::ConvertResult result = QCA::ConvertGood;
    converted->privateKey =
        QCA::PrivateKey::fromDER(OpenSsl::privateDer(key.material->evp.get()), QCA::SecureArray(), &result);
    return result == QCA::ConvertGood ? converted : nullptr;
}

Result<std::shared_ptr<const QcaKey>> qcaKey(const Key::Data &key)
{
    if (auto plugin = requirePlugin(); !plugin)
        return fail(plugin.error());
    const KeyMaterial &material = *key.material;
    std::call_once(material.qcaOnce, [&] { material.qca = convert(key); });
    if (!material.qca)
        return qcaFailure(QStringLiteral("QCA cannot read the RSA key."));
    return material.qca;
}

QByteArray borrowed(QByteArrayView bytes)
{
    return QByteArray::fromRawData(bytes.data(), bytes.size());
}

Result<QByteArray> signRsa(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input)
{
    const auto prepared = qcaKey(key);
    if (!prepared)
        return fail(prepared.error());
    QCA::PrivateKey signer = (*prepared)->privateKey;
    QByteArray signature = signer.signMessage(borrowed(input), signatureAlgorithmOf(algorithm));
    if (signature.isEmpty())
        return qcaFailure(QStringLiteral("QCA could not sign with the RSA key."));
    return signature;
}

Result<QByteArray> authenticationCode(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input)
{
    if (auto plugin = requirePlugin(); !plugin)
        return fail(plugin.error());
    QCA::MessageAuthenticationCode code(QStringLiteral("hmac(sha%1)").arg(algorithm.digestBits),
                                        QCA::SymmetricKey(key.material->secret.reveal()));
    code.update(borrowed(input));
    return code.final().toByteArray();
}

class QcaBackend : public Backend
{
public:
    Result<> verify(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input,
                    QByteArrayView signature) const override
    {
        return authenticationCode(algorithm, key, input).and_then([&](const QByteArray &expected) -> Result<> {
            if (!equalInConstantTime(expected, signature))
                return signatureMismatch();
            return {};
        });
    }

    Result<QByteArray> sign(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input) const override
    {
        return algorithm.family == Family::RsaPkcs1 ? signRsa(algorithm, key, input)
                                                    : authenticationCode(algorithm, key, input);
    }
};

} // namespace

bool isQcaComplete()
{
    static const bool complete =
        started() && QCA::isSupported({QStringLiteral("pkey"), QStringLiteral("cert"), QStringLiteral("hmac(sha256)"),
                                       QStringLiteral("hmac(sha384)"), QStringLiteral("hmac(sha512)")});
    return complete;
}

const Backend &qcaBackend()
{
    static const QcaBackend backend;
    return backend;
}

Result<QByteArray> rsaKeyOfCertificate(const QByteArray &der)
{
    if (auto plugin = requirePlugin(); !plugin)
        return fail(plugin.error());
    QCA::ConvertResult result = QCA::ErrorDecode;
    const QCA::Certificate certificate = QCA::Certificate::fromDER(der, &result);
    if (result != QCA::ConvertGood)
        return fail(QStringLiteral("invalid_key"), QStringLiteral("x5c holds no X.509 certificate."));
    const QCA::PublicKey key = certificate.subjectPublicKey();
    if (!key.isRSA())
        return fail(QStringLiteral("invalid_key"), QStringLiteral("The certificate in x5c holds no RSA key."));
    return key.toDER();
}

QByteArray randomBytes(int count)
{
    if (requirePlugin())
        return QCA::Random::randomArray(count).toByteArray();
    // Without its plugin QCA has a generator that is not made for secrets.
    QByteArray bytes(count, Qt::Uninitialized);
    if (RAND_bytes(reinterpret_cast<unsigned char *>(bytes.data()), count) != 1)
        qFatal("The system has no random numbers.");
    return bytes;
}

} // namespace McpAuth::Jose
