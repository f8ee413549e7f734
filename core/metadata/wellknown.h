// Where metadata lies for an identifier. Pure string work: no byte of the identifier is normalised.
#pragma once

#include "base/result.h"

#include <QString>
#include <QStringList>

#include <optional>

namespace McpAuth::Metadata {

/// https://host/.well-known/oauth-authorization-server/path (RFC 8414 §3.1: inserted; a path that is only "/" counts as
/// none, a trailing slash is dropped). Errors, here and below: invalid_url.
[[nodiscard]] Result<QString> oauthWellKnownUrl(const QString &issuer);
/// https://host/.well-known/openid-configuration/path (RFC 8414 §5)
[[nodiscard]] Result<QString> oidcInsertedWellKnownUrl(const QString &issuer);
/// https://host/path/.well-known/openid-configuration (OpenID Connect Discovery 1.0 §4.1; a trailing slash is dropped)
[[nodiscard]] Result<QString> oidcWellKnownUrl(const QString &issuer);

/// In the order of the MCP specification (2025-11-25 basic/authorization, Authorization Server Metadata Discovery):
/// three for an issuer with a path, two without.
[[nodiscard]] Result<QStringList> discoveryUrls(const QString &issuer);

/// https://host/.well-known/oauth-protected-resource/path?query (RFC 9728 §3.1)
[[nodiscard]] Result<QString> protectedResourceMetadataUrl(const QString &resource);

/// The issuer whose metadata lies at this URL, for someone who pasted the document's own URL; nothing when the URL is
/// no well-known one.
[[nodiscard]] std::optional<QString> issuerOfWellKnownUrl(const QString &url);

} // namespace McpAuth::Metadata
