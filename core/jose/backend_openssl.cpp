#include "jose/backend_p.h"
#include "jose/digest.h"

#include <algorithm>
#include <array>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

namespace McpAuth::Jose {

namespace {

using namespace OpenSsl;

std::unexpected<Error> failure(const QString &message = QStringLiteral("OpenSSL could not compute the signature."))
{
    ERR_clear_error();
    return fail(QStringLiteral("crypto_failure"), message);
}

/// 256, 384 or 512 bits. Fetched once: looking a digest up by its name costs as much as a small hash.
const EVP_MD *digestOf(int bits)
{
    static const std::array<EvpDigest, 3> digests{EvpDigest(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
                                                  EvpDigest(EVP_MD_fetch(nullptr, "SHA384", nullptr)),
                                                  EvpDigest(EVP_MD_fetch(nullptr, "SHA512", nullptr))};
    return digests[static_cast<size_t>(bits / 128 - 2)].get();
}

const unsigned char *bytesOf(QByteArrayView bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

unsigned char *bytesOf(QByteArray &bytes)
{
    return reinterpret_cast<unsigned char *>(bytes.data());
}

size_t sizeOf(QByteArrayView bytes)
{
    return static_cast<size_t>(bytes.size());
}

struct Hash
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
};

std::optional<Hash> hashOf(const EVP_MD *digest, QByteArrayView input)
{
    thread_local const EvpDigestContext context(EVP_MD_CTX_new()); // making one takes longer than a small hash
    Hash hash;
    if (!digest || !context || EVP_DigestInit_ex2(context.get(), digest, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), input.data(), sizeOf(input)) != 1 ||
        EVP_DigestFinal_ex(context.get(), hash.bytes.data(), &hash.size) != 1)
        return std::nullopt;
    return hash;
}

/// r || s, each of the curve's size (RFC 7518 §3.4), as the DER sequence that OpenSSL takes; empty for another length.
QByteArray derFromRaw(QByteArrayView raw, int coordinateBytes)
{
    if (raw.size() != qsizetype{2} * coordinateBytes)
        return {};
    const EcSignature signature(ECDSA_SIG_new());
    BIGNUM *r = BN_bin2bn(bytesOf(raw), coordinateBytes, nullptr);
    BIGNUM *s = BN_bin2bn(bytesOf(raw.sliced(coordinateBytes)), coordinateBytes, nullptr);
    ECDSA_SIG_set0(signature.get(), r, s);
    QByteArray der(i2d_ECDSA_SIG(signature.get(), nullptr), Qt::Uninitialized);
    unsigned char *out = bytesOf(der);
    i2d_ECDSA_SIG(signature.get(), &out);
    return der;
}

QByteArray rawFromDer(QByteArrayView der, int coordinateBytes)
{
    const unsigned char *in = bytesOf(der);
    const EcSignature signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
    if (!signature)
        return {};
    QByteArray raw(qsizetype{2} * coordinateBytes, Qt::Uninitialized);
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytesOf(raw), coordinateBytes);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytesOf(raw) + coordinateBytes, coordinateBytes);
    return raw;
}

bool usePkcs1(EVP_PKEY_CTX *context, const EVP_MD *digest)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, digest) == 1;
}

/// Salt as long as the digest, MGF1 with the same hash (RFC 7518 §3.5).
bool usePss(EVP_PKEY_CTX *context, const EVP_MD *digest)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, digest) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

using Start = int (*)(EVP_PKEY_CTX *);

EvpKeyContext startedContext(const Algorithm &algorithm, const Key::Data &key, Start start)
{
    EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.material->evp.get(), nullptr));
    const EVP_MD *digest = digestOf(algorithm.digestBits);
    const bool ready = context && start(context.get()) == 1 &&
                       (algorithm.family != Family::RsaPss || usePss(context.get(), digest)) &&
                       (algorithm.family != Family::RsaPkcs1 || usePkcs1(context.get(), digest));
    return ready ? std::move(context) : nullptr;
}

/// Made once for a key: making it costs a tenth of an RSA signature's check. A context keeps the state of the operation
/// it is in, so each thread has its own, for the last few keys. Null: it cannot be made.
EVP_PKEY_CTX *threadsVerifier(const Algorithm &algorithm, const Key::Data &key)
{
    struct Verifier
    {
        std::shared_ptr<const KeyMaterial> of; // held, so that no other key can take its address
        const Algorithm *algorithm = nullptr;
        EvpKeyContext context;
    };
    constexpr size_t kept = 4;
    thread_local std::array<Verifier, kept> recent;
    thread_local size_t next = 0;

    const auto found = std::ranges::find_if(
        recent, [&](const Verifier &one) { return one.of == key.material && one.algorithm == &algorithm; });
    if (found != recent.end())
        return found->context.get();
    EvpKeyContext context = startedContext(algorithm, key, EVP_PKEY_verify_init);
    if (!context)
        return nullptr;
    Verifier &replaced = recent[next];
    next = (next + 1) % kept;
    replaced = {key.material, &algorithm, std::move(context)};
    return replaced.context.get();
}

Result<> verifyHashed(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input, QByteArrayView signature)
{
    const auto hash = hashOf(digestOf(algorithm.digestBits), input);
    EVP_PKEY_CTX *context = threadsVerifier(algorithm, key);
    if (!hash || !context)
        return failure();
    if (EVP_PKEY_verify(context, bytesOf(signature), sizeOf(signature), hash->bytes.data(), hash->size) != 1) {
        ERR_clear_error();
        return signatureMismatch();
    }
    return {};
}

Result<QByteArray> signHashed(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input)
{
    const auto hash = hashOf(digestOf(algorithm.digestBits), input);
    const EvpKeyContext context = startedContext(algorithm, key, EVP_PKEY_sign_init);
    QByteArray signature(EVP_PKEY_get_size(key.material->evp.get()), Qt::Uninitialized);
    size_t size = sizeOf(signature);
    if (!hash || !context ||
        EVP_PKEY_sign(context.get(), bytesOf(signature), &size, hash->bytes.data(), hash->size) != 1)
        return failure();
    signature.truncate(static_cast<qsizetype>(size));
    return signature;
}

Result<> verifyEdDsa(const Key::Data &key, QByteArrayView input, QByteArrayView signature)
{
    const EvpDigestContext context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.material->evp.get(),
                                            nullptr) != 1)
        return failure();
    if (EVP_DigestVerify(context.get(), bytesOf(signature), sizeOf(signature), bytesOf(input), sizeOf(input)) != 1) {
        ERR_clear_error();
        return signatureMismatch();
    }
    return {};
}

Result<QByteArray> signEdDsa(const Key::Data &key, QByteArrayView input)
{
    const EvpDigestContext context(EVP_MD_CTX_new());
    EVP_PKEY *evp = key.material->evp.get();
    QByteArray signature(EVP_PKEY_get_size(evp), Qt::Uninitialized);
    size_t size = sizeOf(signature);
    if (!context || EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, evp, nullptr) != 1 ||
        EVP_DigestSign(context.get(), bytesOf(signature), &size, bytesOf(input), sizeOf(input)) != 1)
        return failure();
    signature.truncate(static_cast<qsizetype>(size));
    return signature;
}

Result<QByteArray> macOf(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input)
{
    const QByteArray &secret = key.material->secret.reveal();
    QByteArray code(EVP_MAX_MD_SIZE, Qt::Uninitialized);
    unsigned int size = 0;
    if (!HMAC(digestOf(algorithm.digestBits), secret.data(), static_cast<int>(secret.size()), bytesOf(input),
              sizeOf(input), bytesOf(code), &size))
        return failure();
    code.truncate(size);
    return code;
}

Result<> verifyMac(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input, QByteArrayView signature)
{
    const auto code = macOf(algorithm, key, input);
    if (!code)
        return fail(code.error());
    if (code->size() != signature.size() || CRYPTO_memcmp(code->data(), signature.data(), sizeOf(signature)) != 0)
        return signatureMismatch();
    return {};
}

class OpenSslBackend : public Backend
{
public:
    Result<> verify(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input,
                    QByteArrayView signature) const override
    {
        if (algorithm.family == Family::EdDsa)
            return verifyEdDsa(key, input, signature);
        if (algorithm.family == Family::Hmac)
            return verifyMac(algorithm, key, input, signature);
        if (algorithm.family == Family::Ecdsa) {
            const QByteArray der = derFromRaw(signature, curveBytes(key.curve));
            if (der.isEmpty())
                return signatureMismatch();
            return verifyHashed(algorithm, key, input, der);
        }
        if (signature.size() != (key.bits + 7) / 8)
            return signatureMismatch();
        return verifyHashed(algorithm, key, input, signature);
    }

    Result<QByteArray> sign(const Algorithm &algorithm, const Key::Data &key, QByteArrayView input) const override
    {
        if (algorithm.family == Family::EdDsa)
            return signEdDsa(key, input);
        if (algorithm.family == Family::Hmac)
            return macOf(algorithm, key, input);
        auto signature = signHashed(algorithm, key, input);
        if (signature && algorithm.family == Family::Ecdsa)
            return rawFromDer(*signature, curveBytes(key.curve));
        return signature;
    }
};

} // namespace

const Backend &openSslBackend()
{
    static const OpenSslBackend backend;
    return backend;
}

Result<QByteArray> sha256(QByteArrayView bytes)
{
    const auto hash = hashOf(digestOf(256), bytes);
    if (!hash)
        return failure(QStringLiteral("OpenSSL could not compute the digest."));
    return QByteArray(reinterpret_cast<const char *>(hash->bytes.data()), hash->size);
}

} // namespace McpAuth::Jose
