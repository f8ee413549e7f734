// The answer to one token at one endpoint. The command line, the Token page and the request log all show this.
#pragma once

#include "base/check.h"
#include "bearer/authinfo.h"
#include "bearer/bearererror.h"
#include "http/message.h"

namespace McpAuth::Bearer {

struct Verdict
{
    bool accepted = false;
    int status = 200;
    BearerError error = BearerError::None;
    QString errorDescription = {}; ///< the sentence; empty when accepted
    Error cause = {};              ///< what exactly went wrong; served only with showErrorDetails
    QByteArray challenge = {};     ///< WWW-Authenticate's value; empty when accepted and for 500
    QList<Check> checks = {};      ///< every check, in the order they were made; skipped ones too
    QStringList grantedScopes = {};
    QStringList requiredScopes = {};
    QStringList missingScopes = {};
    QJsonObject header = {};           ///< of the token, as far as it could be read
    QJsonObject claims = {};           ///< unverified unless accepted
    QString keyId = {};                ///< thumbprint or kid of the key that verified it; empty when none did
    QJsonObject keyJwk = {};           ///< that key's public JWK
    std::optional<AuthInfo> auth = {}; ///< when accepted
    bool showErrorDetails = false;
};

/// The body of a refusal: {"error", "error_description", "missing_scopes"?, "cause"? with showErrorDetails}.
[[nodiscard]] QJsonObject errorBody(const Verdict &verdict);
/// The whole refusal, as the server sends it. Only for a verdict that is not accepted.
[[nodiscard]] Http::Response toResponse(const Verdict &verdict);
/// The JSON of `verify`.
[[nodiscard]] QJsonObject toJson(const Verdict &verdict);

} // namespace McpAuth::Bearer
