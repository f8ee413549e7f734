// What a Key is made of, for this folder.
#pragma once

#include "jose/key.h"
#include "jose/openssl_p.h"

#include <mutex>

namespace McpAuth::Jose {

struct QcaKey;

/// Shared by all copies of a key, whatever kid or alg they carry.
struct KeyMaterial
{
    OpenSsl::EvpKey evp; ///< null for oct
    Secret secret;       ///< of oct

    /// The same private RSA key for QCA, made when it first signs: loading QCA's plugin takes its time.
    mutable std::once_flag qcaOnce;
    mutable std::shared_ptr<const QcaKey> qca;
};

struct Key::Data
{
    KeyType type = KeyType::Oct;
    Curve curve = Curve::None;
    int bits = 0;
    bool isPrivate = false;
    QString kid = {};
    QString use = {};
    QStringList keyOps = {};
    QByteArray alg = {};
    std::shared_ptr<const KeyMaterial> material = {};

    // Written once, by wrapped(): every verdict tells which key it rests on.
    QJsonObject publicJwk = {};
    QByteArray thumbprint = {};
};

/// The finished key.
[[nodiscard]] Key wrapped(Key::Data data);

/// Examines the key and wraps it. Errors: invalid_key, unsupported_key, key_too_small.
[[nodiscard]] Result<Key::Data> keyData(OpenSsl::EvpKey evp, bool isPrivate);
/// Errors: invalid_key.
[[nodiscard]] Result<Key::Data> keyData(const Secret &secret);

/// Key::fits for "verify" or "sign".
[[nodiscard]] Result<> fitsFor(const Key &key, const Algorithm &algorithm, QStringView operation);

/// The algorithm of a token's header. Errors: unsupported_algorithm, with words of its own for `none`.
[[nodiscard]] Result<const Algorithm *> signatureAlgorithm(const QByteArray &name);

} // namespace McpAuth::Jose
