#include "base/base64url.h"

#include <array>

namespace McpAuth {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr quint8 foreign = 0xff;

constexpr std::array<quint8, 256> makeValues()
{
    std::array<quint8, 256> values{};
    values.fill(foreign);
    for (size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<quint8>(alphabet[i])] = static_cast<quint8>(i);
    return values;
}

constexpr std::array<quint8, 256> values = makeValues();

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
    quint32 group = 0;
    quint8 seen = 0;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const quint8 value = values[static_cast<quint8>(text[i])];
        seen |= value;
        group = group << 6 | (value & 0x3f);
        if (i % 4 == 3) {
            *out++ = static_cast<char>(group >> 16);
            *out++ = static_cast<char>(group >> 8);
            *out++ = static_cast<char>(group);
            group = 0;
        }
    }
    if (seen & 0xc0)
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
