#include "bearer/bearererror.h"

#include <algorithm>
#include <array>

namespace McpAuth::Bearer {

namespace {

// The sentences go into a quoted string of the challenge too: no quotes and no backslashes (RFC 6750 §3).
const std::array<BearerErrorInfo, 10> &table()
{
    static const std::array<BearerErrorInfo, 10> rows{{
        {BearerError::None, QString(), 200, QByteArray(), QString()},
        {BearerError::MissingAuthHeader, QStringLiteral("missing_auth_header"), 401, QByteArray(),
         QStringLiteral("The request has no Authorization header; send a bearer token.")},
        {BearerError::InvalidAuthHeaderFormat, QStringLiteral("invalid_auth_header_format"), 401, "invalid_request",
         QStringLiteral("The Authorization header is malformed; it must be one field of the form: Bearer TOKEN.")},
        {BearerError::MissingBearerToken, QStringLiteral("missing_bearer_token"), 401, QByteArray(),
         QStringLiteral("The Authorization header names the scheme Bearer but carries no token.")},
        {BearerError::InvalidIssuer, QStringLiteral("invalid_issuer"), 401, "invalid_token",
         QStringLiteral("The token was issued by someone this server does not trust.")},
        {BearerError::InvalidAudience, QStringLiteral("invalid_audience"), 401, "invalid_token",
         QStringLiteral("The token is meant for another audience than this server.")},
        {BearerError::MissingRequiredScopes, QStringLiteral("missing_required_scopes"), 403, "insufficient_scope",
         QStringLiteral("The token lacks scopes that this request needs.")},
        {BearerError::InvalidToken, QStringLiteral("invalid_token"), 401, "invalid_token",
         QStringLiteral("The token is invalid or has expired.")},
        {BearerError::TokenVerificationFailed, QStringLiteral("token_verification_failed"), 401, "invalid_token",
         QStringLiteral("The token could not be verified.")},
        {BearerError::ServerError, QStringLiteral("server_error"), 500, QByteArray(),
         QStringLiteral("The authorization server, or its configuration here, is at fault; the token was not judged.")},
    }};
    return rows;
}

} // namespace

const BearerErrorInfo &info(BearerError error)
{
    const auto &rows = table();
    return *std::ranges::find(rows, error, &BearerErrorInfo::error);
}

} // namespace McpAuth::Bearer
