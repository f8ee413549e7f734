// Keys and small helpers that the tests of this folder share; keys are made once a program.
#pragma once

#include "base/base64url.h"
#include "jose/sign.h"
#include "jose/verify.h"
#include "support/result.h"
#include "vectors.h"

#include <map>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace McpAuth::Jose::Test {

using namespace McpAuth::Test;

inline QJsonObject json(const char *text)
{
    return parseJsonObject(text).value();
}

inline Key jwk(const char *text)
{
    return keyFromJwk(json(text)).value();
}

inline const Algorithm &algorithm(const QByteArray &name)
{
    return *findAlgorithm(name);
}

/// A private key for the algorithm, without alg, use and kid. RSA keys are all the same one.
inline Key keyFor(const QByteArray &name)
{
    static std::map<QByteArray, Key> keys;
    const QByteArray slot = algorithm(name).keyType == KeyType::Rsa ? QByteArrayLiteral("RSA") : name;
    auto found = keys.find(slot);
    if (found == keys.end()) {
        QJsonObject plain = slot == "RSA" ? json(Vectors::a2Key) : generateKey(algorithm(name)).value().privateJwk();
        for (const auto member : {u"alg", u"use", u"kid"})
            plain.remove(QStringView(member));
        found = keys.emplace(slot, keyFromJwk(plain).value()).first;
    }
    return found->second;
}

inline Key publicKey(const Key &key)
{
    return keyFromJwk(key.publicJwk()).value();
}

inline QByteArray signedWith(const QByteArray &alg, const Key &key, QJsonObject header = {})
{
    header.insert(QStringLiteral("alg"), QString::fromLatin1(alg));
    return signJws(header, R"({"sub":"alice"})", key).value();
}

inline Result<> verified(const QByteArray &token, const Key &key)
{
    const auto jws = parseJws(token);
    if (!jws)
        return fail(jws.error());
    return verifySignature(*jws, key, {jws->alg});
}

inline QByteArray encodedHeader(const char *text)
{
    return encodeBase64Url(text);
}

/// The PEM of a fresh key that this library would not make itself.
inline QByteArray privatePem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    const QByteArray pem(data, size);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

/// A certificate over the key, as DER, signed by a key that nobody knows.
inline QByteArray certificate(const Key &key)
{
    X509 *x509 = X509_new();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char *>("test"), -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));

    const auto load = [](const QByteArray &pem) {
        BIO *bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
        EVP_PKEY *evp = PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
        BIO_free(bio);
        return evp;
    };
    EVP_PKEY *subject = load(key.publicPem());
    static EVP_PKEY *const signer = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048});
    X509_set_pubkey(x509, subject);
    X509_sign(x509, signer, EVP_sha256());
    unsigned char *out = nullptr;
    const int size = i2d_X509(x509, &out);
    const QByteArray der(reinterpret_cast<const char *>(out), size);
    OPENSSL_free(out);
    EVP_PKEY_free(subject);
    X509_free(x509);
    return der;
}

} // namespace McpAuth::Jose::Test
