// Redirect URIs: which may be registered, which one a request means, and how an answer is put on it.
#pragma once

#include "base/result.h"
#include "http/form.h"

namespace McpAuth::Demo {

/// `applicationType`: "web" (https, not on this machine), "native" (loopback, a private-use scheme, or a claimed https
/// URL), or empty, where all of these are fine (OpenID Connect Dynamic Client Registration 1.0 §2, RFC 8252 §7).
/// Errors: invalid_redirect_uri.
[[nodiscard]] Result<> checkRedirectUri(const QString &uri, const QString &applicationType = {});

/// Byte for byte, but for the port of http URLs on loopback (RFC 8252 §7.3).
[[nodiscard]] bool redirectMatches(const QString &registered, const QString &sent);

[[nodiscard]] bool isLoopbackRedirect(const QString &uri);
/// What a page shows: "127.0.0.1:49152", "app.example", "com.example.app:".
[[nodiscard]] QString redirectHost(const QString &uri);
/// The source expression that lets a form be redirected there (CSP Level 3 §2.3.1).
[[nodiscard]] QString formActionSource(const QString &uri);

} // namespace McpAuth::Demo
