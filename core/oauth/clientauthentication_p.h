// How a client proves at the token endpoint who it is.
#pragma once

#include "http/client.h"
#include "http/form.h"
#include "oauth/clientinformation.h"

namespace McpAuth::OAuth {

/// How long a client's assertion is good for (RFC 7523 §3, 4).
inline constexpr std::chrono::seconds assertionLifetime{60};

/// Puts the client's ID and proof into the header and the form, in place of any that the form has. Errors: those of
/// chooseClientAuthMethod, no_signing_algorithm (details.supported), those of Jose::signJwt.
[[nodiscard]] Result<> authenticateClient(Http::ClientRequest &request, Http::Form &form,
                                          const Metadata::AuthorizationServerMetadata &server,
                                          const ClientInformation &client, TimePoint now);

/// What deviating providers that refuse this client (invalid_client) may want instead; empty: nothing is known.
[[nodiscard]] QString hintAfterRefusal(const Metadata::AuthorizationServerMetadata &server,
                                       const ClientInformation &client);

/// What must not come back in an error's words: the client's secret, in all its forms, and the secrets of the form.
[[nodiscard]] QList<Secret> secretsOf(const Http::ClientRequest &request, const Http::Form &form,
                                      const ClientInformation &client);

} // namespace McpAuth::OAuth
