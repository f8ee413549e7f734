// One trusted provider: its configuration and its keys, both fetched at first use and then shared by all who need them.
#pragma once

#include "bearer/mcpauth.h"

#include <QLoggingCategory>
#include <QPointer>

namespace McpAuth::Bearer {

Q_DECLARE_LOGGING_CATEGORY(bearerLog) // mcpauth.bearer

struct Provider
{
    QString issuer;
    QPointer<Http::Client> client;
    Metadata::LazyServerConfig config;
    std::shared_ptr<Jose::KeySource> keys; ///< null until they are known
    Jose::RemoteKeySetOptions keySet = {};
};

/// Errors: invalid_server_config (no issuer, or another one than the configuration's own).
[[nodiscard]] Result<std::shared_ptr<Provider>> makeProvider(Http::Client *client, AuthServer server);

/// The issuer of a server, as it is compared: its own, or its configuration's.
[[nodiscard]] QString issuerOf(const AuthServer &server);

/// The provider as BearerAuth takes it. Errors of its keys: those of LazyServerConfig and Metadata::jwksUriOf.
[[nodiscard]] TrustedIssuer trustedIssuer(std::shared_ptr<Provider> provider);

/// The provider's own document, byte for byte as it came; 500 server_error when it cannot be had.
[[nodiscard]] QCoro::Task<Http::Response> serveDocument(std::shared_ptr<Provider> provider);

} // namespace McpAuth::Bearer
