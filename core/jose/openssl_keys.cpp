#include "jose/openssl_p.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <utility>

namespace McpAuth::Jose::OpenSsl {

namespace {

constexpr int smallestRsaBits = 2048;
constexpr int largestRsaBits = 16384; // a bigger one costs whoever verifies seconds
constexpr int largestExponentBits = 64;

struct CurveNames
{
    Curve curve;
    const char *group; ///< as OpenSSL calls it
    int bytes;
    int bits;
};

constexpr std::array curveTable{
    CurveNames{Curve::P256, "prime256v1", 32, 256}, CurveNames{Curve::P384, "secp384r1", 48, 384},
    CurveNames{Curve::P521, "secp521r1", 66, 521},  CurveNames{Curve::Ed25519, "ED25519", 32, 256},
    CurveNames{Curve::Ed448, "ED448", 57, 456},
};

const CurveNames *namesOf(Curve curve)
{
    for (const CurveNames &names : curveTable)
        if (names.curve == curve)
            return &names;
    return nullptr;
}

/// OpenSSL's reason stays out: it names its source files, not what a person can do.
std::unexpected<Error> invalidKey(const QString &message)
{
    ERR_clear_error();
    return fail(QStringLiteral("invalid_key"), message);
}

const unsigned char *bytesOf(QByteArrayView bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}

using ParamBuild = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, OSSL_PARAM_free>;

/// Collects parameters. OpenSSL's builder refers to numbers and octets until it is turned into parameters, so both are
/// held here.
class KeyBuilder
{
public:
    KeyBuilder()
        : m_build(OSSL_PARAM_BLD_new())
    {
    }

    void number(const char *name, const QByteArray &bytes)
    {
        if (bytes.isEmpty())
            return;
        BigNumber number(BN_secure_new());
        BN_bin2bn(bytesOf(bytes), static_cast<int>(bytes.size()), number.get());
        OSSL_PARAM_BLD_push_BN(m_build.get(), name, number.get());
        m_numbers.push_back(std::move(number));
    }
    void text(const char *name, const char *value) { OSSL_PARAM_BLD_push_utf8_string(m_build.get(), name, value, 0); }
    void octets(const char *name, QByteArray bytes)
    {
        OSSL_PARAM_BLD_push_octet_string(m_build.get(), name, bytes.constData(), static_cast<size_t>(bytes.size()));
        m_octets.push_back(std::move(bytes));
    }

    [[nodiscard]] EvpKey build(const char *type, bool isPrivate)
    {
        const Params params(OSSL_PARAM_BLD_to_param(m_build.get()));
        const EvpKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
        EVP_PKEY *key = nullptr;
        if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
            EVP_PKEY_fromdata(context.get(), &key, isPrivate ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params.get()) !=
                1)
            return nullptr;
        return EvpKey(key);
    }

private:
    ParamBuild m_build;
    std::vector<BigNumber> m_numbers;
    std::vector<QByteArray> m_octets;
};

QByteArray numberOf(const EVP_PKEY *key, const char *name, int size = 0)
{
    BIGNUM *raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1)
        return {};
    const BigNumber number(raw);
    QByteArray bytes(size > 0 ? size : BN_num_bytes(raw), Qt::Uninitialized);
    BN_bn2binpad(raw, reinterpret_cast<unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
    return bytes;
}

using RawExport = int (*)(const EVP_PKEY *, unsigned char *, size_t *);

QByteArray rawOf(const EVP_PKEY *key, Curve curve, RawExport read)
{
    size_t size = static_cast<size_t>(curveBytes(curve));
    QByteArray bytes(static_cast<qsizetype>(size), Qt::Uninitialized);
    return read(key, reinterpret_cast<unsigned char *>(bytes.data()), &size) == 1 ? bytes : QByteArray();
}

using Check = int (*)(EVP_PKEY_CTX *);

bool passes(EVP_PKEY *key, Check check)
{
    const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return context && check(context.get()) == 1;
}

/// Keys that Infineon's library made between 2012 and 2017: modulo each small prime their modulus is a power of 65537,
/// and their private half can be computed (CVE-2017-15361). Another modulus looks so once in 2^27.
bool hasRocaFingerprint(const QByteArray &modulus)
{
    constexpr std::array<int, 38> primes{3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                         47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                         107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
    return std::ranges::all_of(primes, [&](int prime) {
        const auto step = [prime](int value, char byte) {
            return (value * 256 + static_cast<unsigned char>(byte)) % prime;
        };
        const int rest = std::accumulate(modulus.begin(), modulus.end(), 0, step);
        int power = 1;
        do {
            if (power == rest)
                return true;
            power = power * (65'537 % prime) % prime;
        } while (power != 1);
        return false;
    });
}

Result<Shape> examineRsa(EVP_PKEY *key)
{
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < smallestRsaBits)
        return fail(QStringLiteral("key_too_small"),
                    QStringLiteral("The RSA key has %1 bits; at least %2 are needed.").arg(bits).arg(smallestRsaBits));
    if (bits > largestRsaBits)
        return fail(QStringLiteral("unsupported_key"),
                    QStringLiteral("The RSA key has %1 bits; at most %2 are used.").arg(bits).arg(largestRsaBits));
    const QByteArray modulus = numberOf(key, OSSL_PKEY_PARAM_RSA_N);
    if (modulus.isEmpty() || !(modulus.back() & 1))
        return invalidKey(QStringLiteral("The RSA modulus is even: it is no product of two primes."));
    if (hasRocaFingerprint(modulus))
        return invalidKey(
            QStringLiteral("The RSA key was made by a faulty library, and its private key can be computed "
                           "(ROCA, CVE-2017-15361): replace it."));
    const QByteArray exponent = numberOf(key, OSSL_PKEY_PARAM_RSA_E);
    if (exponent.isEmpty() || !(exponent.back() & 1) || exponent == QByteArray(1, '\1'))
        return invalidKey(QStringLiteral("The RSA exponent must be an odd number over 1."));
    if (exponent.size() * 8 > largestExponentBits)
        return fail(QStringLiteral("unsupported_key"),
                    QStringLiteral("The RSA exponent is longer than %1 bits.").arg(largestExponentBits));
    return Shape{KeyType::Rsa, Curve::None, bits};
}

Result<Shape> shapeOf(EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "RSA"))
        return examineRsa(key);
    std::array<char, 64> group{};
    if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1)
        return fail(QStringLiteral("unsupported_key"), QStringLiteral("The key's curve has no name."));
    for (const CurveNames &names : curveTable) {
        if (EVP_PKEY_is_a(key, names.group))
            return Shape{KeyType::Okp, names.curve, names.bits};
        if (QByteArrayView(names.group) == group.data())
            return Shape{KeyType::Ec, names.curve, names.bits};
    }
    return fail(QStringLiteral("unsupported_key"),
                QStringLiteral("Keys of this kind are not used for signatures: RSA, P-256, P-384, P-521, Ed25519 and "
                               "Ed448 are."));
}

bool isSoundPoint(EVP_PKEY *key, const Shape &shape)
{
    return shape.type == KeyType::Okp ? isSoundEdwardsPoint(shape.curve, exportOkp(key, shape.curve, false).x)
                                      : passes(key, EVP_PKEY_public_check);
}

} // namespace

int curveBytes(Curve curve)
{
    const CurveNames *names = namesOf(curve);
    return names ? names->bytes : 0;
}

Result<EvpKey> importRsa(const RsaMembers &members)
{
    const std::array<std::pair<const char *, const QByteArray *>, 8> numbers{{
        {OSSL_PKEY_PARAM_RSA_N, &members.n},
        {OSSL_PKEY_PARAM_RSA_E, &members.e},
        {OSSL_PKEY_PARAM_RSA_D, &members.d},
        {OSSL_PKEY_PARAM_RSA_FACTOR1, &members.p},
        {OSSL_PKEY_PARAM_RSA_FACTOR2, &members.q},
        {OSSL_PKEY_PARAM_RSA_EXPONENT1, &members.dp},
        {OSSL_PKEY_PARAM_RSA_EXPONENT2, &members.dq},
        {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &members.qi},
    }};
    for (const auto &[name, bytes] : numbers)
        if (bytes->size() * 8 > largestRsaBits)
            return fail(QStringLiteral("unsupported_key"),
                        QStringLiteral("The RSA key has more than %1 bits.").arg(largestRsaBits));
    KeyBuilder builder;
    for (const auto &[name, bytes] : numbers)
        builder.number(name, *bytes);
    EvpKey key = builder.build("RSA", !members.d.isEmpty());
    if (!key)
        return invalidKey(QStringLiteral("The RSA parameters make no key."));
    return key;
}

Result<EvpKey> importEc(const EcMembers &members)
{
    constexpr char uncompressed = 4; // SEC 1 §2.3.3
    KeyBuilder builder;
    builder.text(OSSL_PKEY_PARAM_GROUP_NAME, namesOf(members.curve)->group);
    builder.octets(OSSL_PKEY_PARAM_PUB_KEY, uncompressed + members.x + members.y);
    builder.number(OSSL_PKEY_PARAM_PRIV_KEY, members.d);
    EvpKey key = builder.build("EC", !members.d.isEmpty());
    if (!key)
        return invalidKey(QStringLiteral("The point (x, y) is not on the curve %1.").arg(toString(members.curve)));
    return key;
}

Result<EvpKey> importOkp(const OkpMembers &members)
{
    const char *type = namesOf(members.curve)->group;
    const auto size = [](const QByteArray &bytes) { return static_cast<size_t>(bytes.size()); };
    EvpKey key(members.d.isEmpty()
                   ? EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, bytesOf(members.x), size(members.x))
                   : EVP_PKEY_new_raw_private_key_ex(nullptr, type, nullptr, bytesOf(members.d), size(members.d)));
    if (!key)
        return invalidKey(QStringLiteral("The bytes are no %1 key.").arg(toString(members.curve)));
    if (!members.d.isEmpty() && exportOkp(key.get(), members.curve, false).x != members.x)
        return invalidKey(QStringLiteral("The private member d does not belong to x."));
    return key;
}

RsaMembers exportRsa(const EVP_PKEY *key, bool withPrivate)
{
    RsaMembers members;
    members.n = numberOf(key, OSSL_PKEY_PARAM_RSA_N);
    members.e = numberOf(key, OSSL_PKEY_PARAM_RSA_E);
    if (!withPrivate)
        return members;
    members.d = numberOf(key, OSSL_PKEY_PARAM_RSA_D);
    members.p = numberOf(key, OSSL_PKEY_PARAM_RSA_FACTOR1);
    members.q = numberOf(key, OSSL_PKEY_PARAM_RSA_FACTOR2);
    members.dp = numberOf(key, OSSL_PKEY_PARAM_RSA_EXPONENT1);
    members.dq = numberOf(key, OSSL_PKEY_PARAM_RSA_EXPONENT2);
    members.qi = numberOf(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
    return members;
}

EcMembers exportEc(const EVP_PKEY *key, Curve curve, bool withPrivate)
{
    const int size = curveBytes(curve);
    return {curve, numberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, size), numberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, size),
            withPrivate ? numberOf(key, OSSL_PKEY_PARAM_PRIV_KEY, size) : QByteArray()};
}

OkpMembers exportOkp(const EVP_PKEY *key, Curve curve, bool withPrivate)
{
    return {curve, rawOf(key, curve, EVP_PKEY_get_raw_public_key),
            withPrivate ? rawOf(key, curve, EVP_PKEY_get_raw_private_key) : QByteArray()};
}

Result<Shape> examine(EVP_PKEY *key, bool isPrivate)
{
    auto shape = shapeOf(key);
    if (!shape)
        return shape;
    // RSA is left out: OpenSSL tests the modulus for primality, some milliseconds a key, which a key set could
    // multiply.
    if (shape->type != KeyType::Rsa && !isSoundPoint(key, *shape))
        return invalidKey(QStringLiteral("The public key is not a valid point of its curve."));
    if (isPrivate && !passes(key, EVP_PKEY_pairwise_check))
        return invalidKey(QStringLiteral("The private and the public part of the key do not belong together."));
    return shape;
}

Result<EvpKey> generate(KeyType type, Curve curve, int rsaBits)
{
    EVP_PKEY *key = nullptr;
    if (type == KeyType::Rsa)
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(rsaBits));
    else if (type == KeyType::Ec)
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", namesOf(curve)->group);
    else
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, namesOf(curve)->group);
    if (!key) {
        ERR_clear_error();
        return fail(QStringLiteral("crypto_failure"), QStringLiteral("OpenSSL could not make a key."));
    }
    return EvpKey(key);
}

} // namespace McpAuth::Jose::OpenSsl
