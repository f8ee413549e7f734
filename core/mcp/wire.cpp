#include "mcp/wire_p.h"

#include <QStringDecoder>

#include <algorithm>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr QByteArrayView encodedPrefix = "=?base64?";
constexpr QByteArrayView encodedSuffix = "?=";

/// Where a request names what it is about.
struct NameSource
{
    QLatin1StringView method;
    QLatin1StringView member;
};

constexpr NameSource nameSources[] = {
    {"tools/call"_L1, "name"_L1}, {"prompts/get"_L1, "name"_L1}, {"resources/read"_L1, "uri"_L1}};

bool isGraphic(char character)
{
    return character > 0x20 && character < 0x7f;
}

bool looksEncoded(QByteArrayView value)
{
    return value.size() >= encodedPrefix.size() + encodedSuffix.size() && value.startsWith(encodedPrefix) &&
           value.endsWith(encodedSuffix);
}

bool isPlainInField(QByteArrayView value)
{
    const auto mayStand = [](char character) { return isGraphic(character) || character == ' ' || character == '\t'; };
    return !value.isEmpty() && isGraphic(value.front()) && isGraphic(value.back()) &&
           std::ranges::all_of(value, mayStand);
}

} // namespace

QByteArray headerValue(const QString &value)
{
    const QByteArray bytes = value.toUtf8();
    return isPlainInField(bytes) && !looksEncoded(bytes)
               ? bytes
               : encodedPrefix.toByteArray() + bytes.toBase64().append(encodedSuffix);
}

std::optional<QString> valueOfHeader(QByteArrayView field)
{
    if (!looksEncoded(field)) {
        if (!isPlainInField(field))
            return std::nullopt;
        return QString::fromLatin1(field);
    }
    const QByteArrayView text = field.sliced(encodedPrefix.size()).chopped(encodedSuffix.size());
    const auto bytes = QByteArray::fromBase64Encoding(text.toByteArray(), QByteArray::AbortOnBase64DecodingErrors);
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    QString value = decoder(bytes.decoded);
    if (!bytes || decoder.hasError() || bytes.decoded.toBase64() != text) // Qt takes it without its padding
        return std::nullopt;
    return value;
}

QLatin1StringView nameMemberOf(QStringView method)
{
    const auto isOf = [method](const NameSource &source) { return method == source.method; };
    const auto source = std::ranges::find_if(nameSources, isOf);
    return source == std::end(nameSources) ? QLatin1StringView() : source->member;
}

} // namespace McpAuth::Mcp
