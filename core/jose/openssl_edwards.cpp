// Points of the Edwards curves a x² + y² = 1 + d x² y² (RFC 8032 §5): EVP_PKEY_public_check takes any bytes for one.
#include "jose/openssl_p.h"

namespace McpAuth::Jose::OpenSsl {

namespace {

struct EdwardsCurve
{
    const char *prime; ///< hexadecimal, as the others
    const char *a;
    const char *d;
    int doublings; ///< that take every point of small order to the neutral one: the cofactor's logarithm
};

// RFC 8032 §5.1 and §5.2.
constexpr EdwardsCurve ed25519{"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed", "-1",
                               "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3", 3};
constexpr EdwardsCurve ed448{"fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
                             "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                             "1", "-98a9", 2};

using Context = Owned<BN_CTX, BN_CTX_free>;

BigNumber fromHex(const char *digits)
{
    BIGNUM *number = nullptr;
    BN_hex2bn(&number, digits);
    return BigNumber(number);
}

/// Numbers modulo the curve's prime.
class Field
{
public:
    explicit Field(const char *prime)
        : m_prime(fromHex(prime))
        , m_context(BN_CTX_new())
    {
    }

    [[nodiscard]] bool contains(const BigNumber &number) const { return BN_cmp(number.get(), m_prime.get()) < 0; }
    [[nodiscard]] bool isSquare(const BigNumber &number) const
    {
        return BN_kronecker(number.get(), m_prime.get(), m_context.get()) >= 0;
    }
    [[nodiscard]] BigNumber minus(const BigNumber &a, const BigNumber &b) const
    {
        BigNumber result(BN_new());
        BN_mod_sub(result.get(), a.get(), b.get(), m_prime.get(), m_context.get());
        return result;
    }
    [[nodiscard]] BigNumber times(const BigNumber &a, const BigNumber &b) const
    {
        BigNumber result(BN_new());
        BN_mod_mul(result.get(), a.get(), b.get(), m_prime.get(), m_context.get());
        return result;
    }
    [[nodiscard]] BigNumber over(const BigNumber &a, const BigNumber &b) const
    {
        const BigNumber inverse(BN_mod_inverse(nullptr, b.get(), m_prime.get(), m_context.get()));
        return times(a, inverse);
    }

private:
    BigNumber m_prime;
    Context m_context;
};

} // namespace

// x² and y² are enough to double a point, so no root is taken. Neither divisor is zero, for d is no square.
bool isSoundEdwardsPoint(Curve curve, QByteArray encoded)
{
    const EdwardsCurve &parameters = curve == Curve::Ed25519 ? ed25519 : ed448;
    const Field field(parameters.prime);
    const BigNumber one = fromHex("1");
    const BigNumber two = fromHex("2");
    const BigNumber a = fromHex(parameters.a);
    const BigNumber d = fromHex(parameters.d);

    encoded.back() = static_cast<char>(encoded.back() & 0x7f); // the sign of x
    BigNumber y(BN_lebin2bn(reinterpret_cast<const unsigned char *>(encoded.constData()),
                            static_cast<int>(encoded.size()), nullptr));
    if (!field.contains(y))
        return false;
    for (int i = 0; i < parameters.doublings; ++i) {
        const BigNumber y2 = field.times(y, y);
        const BigNumber x2 = field.over(field.minus(y2, one), field.minus(field.times(d, y2), a));
        if (!field.isSquare(x2))
            return false;
        const BigNumber ax2 = field.times(a, x2);
        y = field.over(field.minus(y2, ax2), field.minus(field.minus(two, ax2), y2));
    }
    return !BN_is_one(y.get());
}

} // namespace McpAuth::Jose::OpenSsl
