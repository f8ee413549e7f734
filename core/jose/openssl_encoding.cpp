// Keys as PEM and DER (RFC 7468, RFC 5280, RFC 5958, RFC 8017 appendix A.1, RFC 5915).
#include "jose/openssl_p.h"

#include <array>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace McpAuth::Jose::OpenSsl {

namespace {

constexpr qsizetype largestPem = 64 * 1024;

std::unexpected<Error> invalid(const QString &message)
{
    ERR_clear_error();
    return fail(QStringLiteral("invalid_key"), message);
}

using Decode = EVP_PKEY *(*)(const unsigned char **, long);

EVP_PKEY *decodePublic(const unsigned char **at, long size)
{
    return d2i_PUBKEY(nullptr, at, size);
}

EVP_PKEY *decodeRsaPublic(const unsigned char **at, long size)
{
    return d2i_PublicKey(EVP_PKEY_RSA, nullptr, at, size);
}

EVP_PKEY *decodePrivate(const unsigned char **at, long size)
{
    return d2i_AutoPrivateKey(nullptr, at, size);
}

EVP_PKEY *decodeCertificate(const unsigned char **at, long size)
{
    const Certificate certificate(d2i_X509(nullptr, at, size));
    return certificate ? X509_get_pubkey(certificate.get()) : nullptr;
}

struct Label
{
    QByteArrayView name;
    Decode decode;
    bool isPrivate;
};

constexpr std::array labels{
    Label{"PUBLIC KEY", decodePublic, false},       Label{"RSA PUBLIC KEY", decodeRsaPublic, false},
    Label{"CERTIFICATE", decodeCertificate, false}, Label{"PRIVATE KEY", decodePrivate, true},
    Label{"RSA PRIVATE KEY", decodePrivate, true},  Label{"EC PRIVATE KEY", decodePrivate, true},
};

Result<EvpKey> decodeWhole(Decode decode, QByteArrayView der, const QString &what)
{
    const auto *at = reinterpret_cast<const unsigned char *>(der.data());
    const auto *end = at + der.size();
    EvpKey key(decode(&at, static_cast<long>(der.size())));
    if (!key || at != end)
        return invalid(QStringLiteral("The %1 cannot be read.").arg(what));
    return key;
}

/// One PEM block; the library's reader asks for no passphrase, it only hands out what stands there.
struct Block
{
    QByteArray name;
    bool encrypted = false;
    QByteArray der;
};

std::optional<Block> nextBlock(BIO *bio)
{
    char *name = nullptr;
    char *header = nullptr;
    unsigned char *data = nullptr;
    long size = 0;
    if (PEM_read_bio(bio, &name, &header, &data, &size) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    Block block{name, *header != '\0', QByteArray(reinterpret_cast<const char *>(data), size)};
    block.encrypted |= block.name == "ENCRYPTED PRIVATE KEY";
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(size));
    return block;
}

Result<PemKey> decodeBlock(const Block &block)
{
    const QString name = QString::fromLatin1(block.name);
    if (block.encrypted)
        return fail(QStringLiteral("unsupported_key"),
                    QStringLiteral("The key is encrypted. Decrypt it first: openssl pkey -in key.pem -out plain.pem"));
    for (const Label &label : labels) {
        if (label.name != block.name)
            continue;
        auto key = decodeWhole(label.decode, block.der, name);
        if (!key)
            return fail(key.error());
        return PemKey{std::move(*key), label.isPrivate};
    }
    return fail(QStringLiteral("unsupported_key"),
                QStringLiteral("A PEM block \"%1\" is not a key that is used here.").arg(name));
}

using Write = int (*)(BIO *, const EVP_PKEY *);

QByteArray written(const EVP_PKEY *key, Write write)
{
    const Bio bio(BIO_new(BIO_s_mem()));
    if (!bio || write(bio.get(), key) != 1)
        return {};
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return QByteArray(data, size);
}

} // namespace

Result<PemKey> importPem(QByteArrayView pem)
{
    if (pem.size() > largestPem)
        return invalid(QStringLiteral("The PEM text is larger than %1 bytes.").arg(largestPem));
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    while (const auto block = nextBlock(bio.get()))
        if (block->name != "EC PARAMETERS") // written before a SEC1 key by `openssl ecparam`, and repeated in it
            return decodeBlock(*block);
    return invalid(QStringLiteral("There is no readable PEM block (-----BEGIN …-----)."));
}

Result<EvpKey> importPublicDer(QByteArrayView subjectPublicKeyInfo)
{
    return decodeWhole(decodePublic, subjectPublicKeyInfo, QStringLiteral("public key"));
}

Result<EvpKey> importCertificate(QByteArrayView der)
{
    return decodeWhole(decodeCertificate, der, QStringLiteral("certificate"));
}

QByteArray publicPem(const EVP_PKEY *key)
{
    return written(key, PEM_write_bio_PUBKEY);
}

QByteArray publicDer(const EVP_PKEY *key)
{
    return written(key, i2d_PUBKEY_bio);
}

QByteArray privateDer(const EVP_PKEY *key)
{
    return written(key, i2d_PKCS8PrivateKeyInfo_bio);
}

} // namespace McpAuth::Jose::OpenSsl
