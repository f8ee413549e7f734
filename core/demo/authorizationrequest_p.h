// An authorization request, read and judged: no I/O, no state.
#pragma once

#include "demo/oauthclient_p.h"

#include <optional>

namespace McpAuth::Demo {

struct AuthorizationRequest
{
    QString clientId;
    QString clientName;
    ClientOrigin clientOrigin = ClientOrigin::Known;
    bool clientRefreshes = false; ///< refresh_token is among its grant types
    bool clientIsLocal = false;   ///< it has redirect URIs on loopback only
    QString redirectUri;          ///< where the answer goes, as sent
    QString state;                ///< empty: none
    QStringList scopes;
    QStringList resources;
    QString challenge;
    QString nonce;
    QStringList prompts;
    std::optional<qint64> maxAge; ///< seconds
    QString loginHint;
};

/// What the server lets through.
struct AuthorizationRules
{
    QStringList scopes;
    bool rejectsResources = false; ///< Fault::ResourceRejected
};

/// Without fields that have no value, which are as good as absent (RFC 6749 §3.1).
[[nodiscard]] Http::Form withoutEmpty(Http::Form form);
/// The one value, or empty; a repeated field counts as absent.
[[nodiscard]] QString textOf(const Http::Form &form, QStringView name);
/// No parameter but `resource` twice (RFC 6749 §3.1, RFC 8707 §2). Errors: invalid_request.
[[nodiscard]] Result<> checkRepetition(const Http::Form &form);

/// The redirect URI to answer at: the one sent, when it is registered, or the only registered one. Errors:
/// invalid_request, which must not be sent anywhere (RFC 6749 §4.1.2.1).
[[nodiscard]] Result<QString> redirectUriFor(const Http::Form &form, const OAuthClient &client);

/// Everything beside client and redirect URI. Errors, by OAuth's codes: invalid_request, unauthorized_client,
/// unsupported_response_type, invalid_scope, invalid_target, request_not_supported, request_uri_not_supported,
/// registration_not_supported.
[[nodiscard]] Result<AuthorizationRequest> readAuthorizationRequest(const Http::Form &form, const OAuthClient &client,
                                                                    const QString &redirectUri,
                                                                    const AuthorizationRules &rules);

/// The list of a scope parameter. Errors: invalid_scope (RFC 6749 §3.3).
[[nodiscard]] Result<QStringList> readScopes(const QString &scope, const QStringList &supported);
/// All `resource` parameters (RFC 8707 §2). Errors: invalid_target.
[[nodiscard]] Result<QStringList> readResources(const Http::Form &form, bool rejected);

} // namespace McpAuth::Demo
