// Every reason for which a bearer token is refused: the table of MCP Auth.
#pragma once

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

} // namespace McpAuth::Bearer
