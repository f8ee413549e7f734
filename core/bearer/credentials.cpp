#include "bearer/credentials_p.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace McpAuth::Bearer {

namespace {

/// The characters that a token is made of, besides the '=' at its end (RFC 6750 §2.1).
constexpr std::array<bool, 256> b64Characters = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"))
        table[static_cast<quint8>(c)] = true;
    return table;
}();

bool isB64Token(QByteArrayView text)
{
    const auto end = std::ranges::find_if_not(text, [](char c) { return b64Characters[static_cast<quint8>(c)]; });
    return end != text.begin() && std::all_of(end, text.end(), [](char c) { return c == '='; });
}

std::unexpected<Refusal> refuse(BearerError error, const QString &why)
{
    return std::unexpected(Refusal{error, Error{info(error).code, why}});
}

} // namespace

std::expected<Secret, Refusal> sentToken(const Http::Request &request)
{
    const QByteArray value = request.header("Authorization");
    const QByteArrayView text = QByteArrayView(value).trimmed();
    const qsizetype fields = text.isEmpty() ? request.headerCount("Authorization") : 1;
    if (fields > 1)
        return refuse(BearerError::InvalidAuthHeaderFormat,
                      QStringLiteral("There are %1 Authorization fields; one is allowed.").arg(fields));
    if (text.isEmpty())
        return refuse(BearerError::MissingAuthHeader, QStringLiteral("No Authorization header came."));

    const qsizetype space = text.indexOf(' ');
    const qsizetype schemeEnd = space < 0 ? text.size() : space;
    if (text.first(schemeEnd).compare("bearer", Qt::CaseInsensitive) != 0)
        return std::unexpected(
            Refusal{BearerError::InvalidAuthHeaderFormat,
                    Error{QStringLiteral("unsupported_scheme"), QStringLiteral("The scheme is not Bearer.")}});
    QByteArrayView token = text.sliced(schemeEnd);
    while (token.startsWith(' '))
        token = token.sliced(1);
    if (token.isEmpty())
        return refuse(BearerError::MissingBearerToken, QStringLiteral("No token follows the scheme."));
    return Secret(token.toByteArray());
}

std::expected<Secret, Refusal> bearerToken(const Http::Request &request)
{
    auto token = sentToken(request);
    if (token && !isB64Token(token->reveal()))
        return refuse(BearerError::InvalidAuthHeaderFormat,
                      QStringLiteral("The token has characters that no bearer token may have (RFC 6750 §2.1)."));
    return token;
}

} // namespace McpAuth::Bearer
