// From an authorization request to a page, a code, or a refusal.
#pragma once

#include "demo/providerstate_p.h"

namespace McpAuth::Demo {

/// Below /authorize, where the session's cookie is sent.
inline constexpr auto signInPath = "/authorize/sign-in";
inline constexpr auto consentPath = "/authorize/consent";

/// Whether it has waited for longer than demoSignInLifetime.
[[nodiscard]] bool isStale(const OpenSignIn &signIn, qint64 now);

/// The browser's session; null when its cookie names none.
[[nodiscard]] BrowserSession *sessionOf(ProviderState &state, const Http::Request &request);
/// Puts the session under a fresh cookie value, which the response sets.
void setSession(ProviderState &state, BrowserSession session, Http::Response *response);
/// Forgets what the browser's cookie names.
void forgetSession(ProviderState &state, const Http::Request &request);

/// Whether the session's user has agreed to all of it before.
[[nodiscard]] bool hasConsented(const BrowserSession &session, const AuthorizationRequest &request);
void rememberConsent(BrowserSession *session, const AuthorizationRequest &request);

/// To the client, with `state` and `iss` (RFC 6749 §4.1.2, RFC 9207 §2). 303, so that a form's POST becomes a GET.
[[nodiscard]] Http::Response redirectWithCode(const Call &call, const AuthorizationRequest &request,
                                              const QString &user, qint64 authTime);
[[nodiscard]] Http::Response redirectWithError(const Call &call, const QString &redirectUri, const QString &oauthState,
                                               const Error &error);
/// The error in a page, noted in the event: it must not be sent anywhere.
[[nodiscard]] Http::Response errorOnPage(const Call &call, int status, const Error &error);

} // namespace McpAuth::Demo
