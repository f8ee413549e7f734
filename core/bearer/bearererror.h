// Every reason for which a bearer token is refused: the table of MCP Auth.
#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QString>

namespace McpAuth::Bearer {

enum class BearerError {
    None,
    MissingAuthHeader,
    InvalidAuthHeaderFormat,
    MissingBearerToken,
    InvalidIssuer,
    InvalidAudience,
    MissingRequiredScopes,
    InvalidToken,
    TokenVerificationFailed,
    ServerError, ///< a fault of configuration or provider, not of the token
};

struct BearerErrorInfo
{
    BearerError error;
    QString code;          ///< in the body: "invalid_audience"
    int status;            ///< 401, 403, 500
    QByteArray registered; ///< in WWW-Authenticate (RFC 6750 §3.1): "invalid_token"; empty where no credentials came
    QString description;   ///< one sentence
};

[[nodiscard]] const BearerErrorInfo &info(BearerError error);

/// Whose fault an error is that came up while a token was verified. InvalidToken: invalid_token and what the functions
/// of core/jose say of a token (parseJws, parseClaims, candidateKeys, verifySignature, but not crypto_failure).
/// TokenVerificationFailed: token_verification_failed. Everything else is no fault of the token: ServerError.
[[nodiscard]] BearerError blameFor(const Error &error);

} // namespace McpAuth::Bearer
