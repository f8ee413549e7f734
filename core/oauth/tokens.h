// What a flow ends with: tokens, and all that is needed to renew them.
#pragma once

#include "oauth/clientinformation.h"

namespace McpAuth::OAuth {

/// RFC 6749 §5.1.
struct Tokens
{
    Secret accessToken;
    QString tokenType = QStringLiteral("Bearer");
    Secret refreshToken = {};
    Secret idToken = {};
    std::optional<TimePoint> expiresAt = {}; ///< by the clock at the answer's arrival; nothing: not said
    QStringList scopes = {};                 ///< granted: as answered, else as requested (RFC 6749 §5.1)
    QStringList remarks = {};                ///< what is wrong with the answer, and was read all the same; not stored
};

/// A grant of access to one MCP server: the outcome of authorize().
struct Authorization
{
    QString mcpUrl;   ///< the server that it was obtained for
    QString resource; ///< the identifier in the requests; empty where it was left out
    Metadata::AuthorizationServerMetadata server;
    ClientInformation client;
    QStringList requestedScopes; ///< the base of a step-up's union
    Tokens tokens;
    /// Of the call at the flow's end: why the MCP server did not take the token. Nothing: it did, or was not asked.
    std::optional<Error> callError = {};
};

/// {"access_token", "token_type", "expires_in"?, "expires_at"?, "refresh_token"?, "id_token"?, "scope"?, "issuer",
/// "client_id", "resource"?}: with the secrets, for whoever asked for them. `expires_at` in seconds since 1970.
[[nodiscard]] QJsonObject toJson(const Authorization &authorization, TimePoint now);

} // namespace McpAuth::OAuth
