// The token and revocation endpoints, as a client uses them (RFC 6749 §3.2, RFC 7009, RFC 7523).
#pragma once

#include "http/client.h"
#include "http/form.h"
#include "oauth/tokens.h"

namespace McpAuth::OAuth {

struct TokenRequest
{
    Metadata::AuthorizationServerMetadata server;
    ClientInformation client;
    Http::Form fields; ///< grant_type and what belongs to it; the client's authentication is added
    QStringList requestedScopes = {};
    Clock clock = systemClock();
    std::stop_token stop = {};
};

/// client_secret_basic has ID and secret form-encoded first (RFC 6749 §2.3.1); private_key_jwt has `aud` the issuer,
/// 60 s of life and a fresh `jti` (RFC 7523 §3). Errors: token_request_refused (details: status, error,
/// error_description, error_uri as answered, RFC 6749 §5.2), invalid_token_response (no JSON, members of wrong types,
/// a token_type other than Bearer), no_client_auth_method, no_signing_algorithm (details.supported), insecure_url,
/// those of Http::Client::send. Of what a provider says in an error its secrets, control characters and length are
/// taken out.
[[nodiscard]] QCoro::Task<Result<Tokens>> requestTokens(Http::Client *client, TokenRequest request);

/// RFC 7009 §2.1; without authentication methods of its own the endpoint has the token endpoint's. A provider without
/// the endpoint: error revocation_not_supported; else like requestTokens, with revocation_refused.
[[nodiscard]] QCoro::Task<Result<>> revokeToken(Http::Client *client, Metadata::AuthorizationServerMetadata server,
                                                ClientInformation information, Secret token, QString tokenTypeHint,
                                                Clock clock = systemClock());

} // namespace McpAuth::OAuth
