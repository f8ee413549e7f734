#include "base/base64url.h"

#include <array>

namespace McpAuth {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr quint32 foreign = 0xff000000; // over the 24 bits of a group

/// What each character adds to its group of four.
constexpr std::array<quint32, 256> makeValues(int shift)
{
    std::array<quint32, 256> values{};
    values.fill(foreign);
    for (size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<quint8>(alphabet[i])] = static_cast<quint32>(i) << shift;
    return values;
}

constexpr std::array values{makeValues(18), makeValues(12), makeValues(6), makeValues(0)};

std::unexpected<Error> invalid(const QString &message)
{
    return fail(QStringLiteral("invalid_base64url"), message);
}

} // namespace

QByteArray encodeBase64Url(QByteArrayView bytes)
{
    return QByteArray::fromRawData(bytes.data(), bytes.size())
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

// Qt's decoder accepts non-canonical trailing bits, which would give one signature many spellings.
Result<QByteArray> decodeBase64Url(QByteArrayView text)
{
    const qsizetype rest = text.size() % 4;
    if (rest == 1)
        return invalid(QStringLiteral("The length %1 is not possible in base64url.").arg(text.size()));

    QByteArray bytes(text.size() / 4 * 3 + (rest ? rest - 1 : 0), Qt::Uninitialized);
    char *out = bytes.data();
    const auto *in = reinterpret_cast<const quint8 *>(text.data());
    const auto *const lastGroup = in + (text.size() - rest);
    quint32 seen = 0;
    for (; in != lastGroup; in += 4) {
        const quint32 group = values[0][in[0]] | values[1][in[1]] | values[2][in[2]] | values[3][in[3]];
        seen |= group;
        *out++ = static_cast<char>(group >> 16);
        *out++ = static_cast<char>(group >> 8);
        *out++ = static_cast<char>(group);
    }
    quint32 group = 0;
    for (qsizetype i = 0; i < rest; ++i)
        group |= values[static_cast<size_t>(4 - rest + i)][in[i]];
    seen |= group;
    if (seen & foreign)
        return invalid(QStringLiteral("A character does not belong to base64url (padding is not allowed either)."));
    if (rest == 2) {
        if (group & 0x0f)
            return invalid(QStringLiteral("The unused bits at the end are not zero."));
        *out++ = static_cast<char>(group >> 4);
    } else if (rest == 3) {
        if (group & 0x03)
            return invalid(QStringLiteral("The unused bits at the end are not zero."));
        *out++ = static_cast<char>(group >> 10);
        *out++ = static_cast<char>(group >> 2);
    }
    return bytes;
}

} // namespace McpAuth
