// Credentials as the JSON text of a store's entry. Secrets in clear: for the keychain and memory only.
#pragma once

#include "oauth/tokens.h"

namespace McpAuth::OAuth {

[[nodiscard]] QByteArray toEntry(const ClientInformation &client);
/// Of the provider's metadata what a refresh and a revocation need: some keychains keep only a few kilobytes an entry.
[[nodiscard]] QByteArray toEntry(const Authorization &authorization);

/// Errors: invalid_stored_credentials, also when the entry belongs to another issuer or server than was asked for.
[[nodiscard]] Result<ClientInformation> clientFromEntry(QByteArrayView entry, const QString &issuer);
[[nodiscard]] Result<Authorization> authorizationFromEntry(QByteArrayView entry, const QString &mcpUrl);

/// Credentials whose issuer is not known, and authorizations without a server, cannot be found again. Errors:
/// invalid_stored_credentials.
[[nodiscard]] Result<> checkStorable(const ClientInformation &client);
[[nodiscard]] Result<> checkStorable(const Authorization &authorization);

/// Whether the secret is good no more (RFC 7591 §3.2.1).
[[nodiscard]] bool hasExpired(const ClientInformation &client, TimePoint now);

} // namespace McpAuth::OAuth
