#include "jose/jwt.h"

#include "base/base64url.h"

#include <algorithm>
#include <array>

namespace McpAuth::Jose {

namespace {

constexpr qsizetype jweParts = 5;

std::unexpected<Error> invalid(const QString &message)
{
    return fail(QStringLiteral("invalid_jws"), message);
}

std::unexpected<Error> opaque()
{
    return fail(
        QStringLiteral("opaque_token"),
        QStringLiteral("The token is opaque: it has no JOSE header, so only its issuer can say what it means."));
}

/// The base64url of every text that begins with '{' begins with 'e' and one of "wxyz0123456789-_".
bool startsLikeJsonObject(QByteArrayView encoded)
{
    return encoded.size() >= 2 && encoded[0] == 'e' && QByteArrayView("wxyz0123456789-_").contains(encoded[1]);
}

Result<QJsonObject> decodeHeader(QByteArrayView encoded)
{
    auto header = decodeBase64Url(encoded).and_then([](const QByteArray &text) { return parseJsonObject(text); });
    if (header)
        return header;
    if (!startsLikeJsonObject(encoded))
        return opaque();
    return invalid(QStringLiteral("The token's header cannot be read: %1").arg(header.error().message));
}

/// What the header may not ask for. `b64` comes first: RFC 7797 tokens always carry `crit` too.
Result<> checkExtensions(const QJsonObject &header)
{
    const QJsonValue b64 = header.value(u"b64");
    if (!b64.isUndefined() && !(b64.isBool() && b64.toBool()))
        return fail(QStringLiteral("unsupported_b64"),
                    QStringLiteral("The token's payload is not base64url-encoded (b64, RFC 7797): this is refused."));
    if (header.contains(u"crit"))
        return fail(
            QStringLiteral("unsupported_crit"),
            QStringLiteral("The token's header names critical extensions (crit), and none is understood here."));
    return {};
}

struct ParsedHeader
{
    QByteArray encoded;
    QJsonObject header;
    QByteArray alg;
    QString kid;
};

Result<ParsedHeader> parseHeader(QByteArrayView encoded)
{
    auto header = decodeHeader(encoded);
    if (!header)
        return fail(header.error());
    const auto alg = Json::requiredString(*header, u"alg");
    if (!alg)
        return invalid(QStringLiteral("The token's header is wrong: %1").arg(alg.error().message));
    const auto kid = Json::optionalString(*header, u"kid");
    if (!kid)
        return invalid(QStringLiteral("The token's header is wrong: %1").arg(kid.error().message));
    if (const auto extensions = checkExtensions(*header); !extensions)
        return fail(extensions.error());
    return ParsedHeader{encoded.toByteArray(), *header, alg->toUtf8(), kid->value_or(QString())};
}

/// One key signs many tokens under the same header, so the last few readable headers are kept, a fixed number a thread.
Result<ParsedHeader> recentHeader(QByteArrayView encoded)
{
    constexpr size_t kept = 8;
    constexpr qsizetype longestKept = 512;
    thread_local std::array<ParsedHeader, kept> recent;
    thread_local size_t next = 0;

    const auto found =
        std::ranges::find_if(recent, [&](const ParsedHeader &known) { return known.encoded == encoded; });
    if (found != recent.end() && !encoded.isEmpty())
        return *found;
    auto parsed = parseHeader(encoded);
    if (parsed && encoded.size() <= longestKept) {
        recent[next] = *parsed;
        next = (next + 1) % kept;
    }
    return parsed;
}

/// Five parts are a JWE's (RFC 7516 §3.1); anything else without a JOSE header is opaque.
std::unexpected<Error> wrongNumberOfParts(QByteArrayView compact, qsizetype parts)
{
    if (!startsLikeJsonObject(compact))
        return opaque();
    if (parts == jweParts)
        return fail(QStringLiteral("encrypted_token"),
                    QStringLiteral("The token is encrypted (JWE). Ask the provider for signed access tokens (JWS)."));
    if (parts == 1)
        return opaque();
    return invalid(QStringLiteral("A signed token has three parts; this one has %1.").arg(parts));
}

} // namespace

Result<Jws> parseJws(QByteArrayView compact)
{
    if (compact.size() > maxTokenBytes)
        return fail(
            QStringLiteral("token_too_large"),
            QStringLiteral("The token has %1 bytes; at most %2 are read.").arg(compact.size()).arg(maxTokenBytes));
    const qsizetype headerEnd = compact.indexOf('.');
    const qsizetype payloadEnd = compact.indexOf('.', headerEnd + 1);
    if (headerEnd < 0 || payloadEnd < 0 || compact.indexOf('.', payloadEnd + 1) >= 0)
        return wrongNumberOfParts(compact, std::ranges::count(compact, '.') + 1);

    auto header = recentHeader(compact.first(headerEnd));
    if (!header)
        return fail(header.error());
    auto payload = decodeBase64Url(compact.sliced(headerEnd + 1, payloadEnd - headerEnd - 1));
    if (!payload)
        return invalid(QStringLiteral("The token's payload cannot be read: %1").arg(payload.error().message));
    auto signature = decodeBase64Url(compact.sliced(payloadEnd + 1));
    if (!signature)
        return invalid(QStringLiteral("The token's signature cannot be read: %1").arg(signature.error().message));
    return Jws{std::move(header->header), std::move(header->alg), std::move(header->kid),
               *std::move(payload),       *std::move(signature),  compact.first(payloadEnd).toByteArray()};
}

Result<QJsonObject> parseClaims(const Jws &jws)
{
    auto claims = parseJsonObject(jws.payload);
    if (!claims)
        return fail(QStringLiteral("invalid_claims"),
                    QStringLiteral("The token's payload is no claims set: %1").arg(claims.error().message));
    return claims;
}

} // namespace McpAuth::Jose
