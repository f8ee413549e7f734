// What a token endpoint answered (RFC 6749 §5). What cannot be misunderstood is read, with a remark: null for an absent
// member, a number as text, another success than 200.
#pragma once

#include "http/client.h"
#include "oauth/tokens.h"

namespace McpAuth::OAuth {

/// Longer lifetimes count as this one.
inline constexpr std::chrono::hours longestTokenLifetime{24 * 366 * 10};

/// Errors: token_request_refused, invalid_token_response. `secrets` do not get into them.
[[nodiscard]] Result<Tokens> tokensFrom(const Http::ClientResponse &response, const QStringList &requestedScopes,
                                        TimePoint now, const QList<Secret> &secrets);

/// The error for a refusal, with status and what untrustedError() gives in its details. `what` begins the sentence:
/// "The token request".
[[nodiscard]] Error refusalFrom(const Http::ClientResponse &response, const QString &code, const QString &what,
                                const QList<Secret> &secrets);

} // namespace McpAuth::OAuth
