// Why a server refused a request, in words and as details of an error.
#pragma once

#include "oauth/flow.h"

namespace McpAuth::OAuth {

/// The challenge that counts where there are several: a Bearer challenge that names the resource metadata, else any
/// that does, else any Bearer challenge; null when there is none of these.
[[nodiscard]] const Http::Challenge *decisiveChallenge(const QList<Http::Challenge> &challenges);

/// {"status", "token_sent", "challenge"?, "error"?, "error_description"?, "error_uri"?}: the last three as the decisive
/// challenge says, else as the body does (an OAuth error, or a JSON-RPC error's message). The server's words come
/// without control characters, and cut where they are long; in them `sent`, the token that the request carried (empty:
/// none), is redacted.
[[nodiscard]] QJsonObject toJson(const Refusal &refusal, const Secret &sent);

/// What toJson() has put into an error's details, without a body; nothing where there is no such status.
[[nodiscard]] std::optional<Refusal> refusalOf(const Error &error);

/// "invalid_token (The token has expired)"; of a challenge that cannot be read all of it; empty where the server does
/// not say why.
[[nodiscard]] QString reasonOf(const Refusal &refusal, const Secret &sent);

/// fresh_token_refused: of a token that has just been issued. Another one would be refused, too.
[[nodiscard]] Error freshTokenRefused(const Refusal &refusal, const Secret &sent);

/// insufficient_scope: as toJson() has it, and the scopes that the challenge names in details.scope.
[[nodiscard]] Error insufficientScope(const Refusal &refusal, const Secret &sent);

/// Of the errors of the step Call: whether the server refused the token, as against not answering.
[[nodiscard]] bool isRefusalOfToken(const Error &error);

/// The scopes that the decisive challenge names.
[[nodiscard]] QStringList challengedScopes(const Refusal &refusal);

} // namespace McpAuth::OAuth
