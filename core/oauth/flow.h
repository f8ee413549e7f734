// How a client gets a token for an MCP server: the whole flow, from the challenge to the token.
#pragma once

#include "http/challenge.h"
#include "http/form.h"
#include "oauth/browser.h"
#include "oauth/credentialstore.h"
#include "oauth/registration.h"
#include "oauth/step.h"
#include "oauth/tokenendpoint.h"

#include <functional>

namespace McpAuth::OAuth {

enum class RegistrationPreference {
    Automatic, ///< preregistered, then metadata document, then dynamic (the specification's order for the revision)
    MetadataDocument,
    Dynamic,
    Preregistered,
};

enum class GrantType { AuthorizationCode, ClientCredentials };

/// What refused the client: a 401 or 403, its WWW-Authenticate, and the body, where some servers say why.
struct Refusal
{
    int status = 401;
    QByteArray challenge; ///< the field's value; empty when there was none
    QByteArray body = {};
};

/// Things that a strict client refuses and a tester may want to try all the same. Each use is noted in its step.
struct Overrides
{
    bool allowMissingPkce = false;      ///< no code_challenge_methods_supported in the metadata (Entra ID, Cognito)
    bool omitResource = false;          ///< no `resource` in the requests (Entra ID v2)
    bool allowResourceMismatch = false; ///< the metadata's resource is not this server's
    bool allowHttp = false;             ///< endpoints on plain http beyond loopback
    /// URLs in the metadata of a server elsewhere that lead to this machine or a private network (MCP security best
    /// practices, Server-Side Request Forgery)
    bool allowPrivateAddresses = false;
    /// a client secret of which nobody said which issuer it belongs to, sent to the one that the MCP server names
    bool allowUnboundSecret = false;
};

struct FlowOptions
{
    QString mcpUrl;
    QString revision = QStringLiteral("2026-07-28"); ///< one of Metadata::specificationRevisions()
    std::optional<Refusal> refusal = {};             ///< known already; else the MCP server is asked
    GrantType grant = GrantType::AuthorizationCode;
    bool tryToken = true; ///< the step Call; false for a caller whose own request comes next

    RegistrationPreference registration = RegistrationPreference::Automatic;
    std::optional<ClientInformation> preregistered = {};
    QString clientMetadataUrl = {};   ///< a Client ID Metadata Document; its redirect_uris must list the redirect
    Jose::Key clientMetadataKey = {}; ///< for private_key_jwt, where that document says so
    std::optional<AssertionAudience> assertionAudience = {}; ///< of whichever client; nothing: the client's own
    ClientMetadata clientMetadata = {};
    std::shared_ptr<CredentialStore> store = {}; ///< for registrations; null: none is kept
    bool registerAnew = false; ///< a stored registration is not used, but replaced: the provider may have forgotten it

    /// Which of several, and the one to use where there is no resource metadata. Empty: the one of the preregistered
    /// client if it is listed, else the first.
    QString authorizationServer = {};
    QStringList scopes = {};         ///< asked for by the user: replaces the selection, but of a step-up, which joins
    QStringList previousScopes = {}; ///< of a step-up: these and the challenge's are asked for, and no others
    /// OpenID Connect Core 1.0 §3.1.2.1; empty: left out. Nothing: "consent" with offline_access (§11), else left out.
    std::optional<QString> prompt = {};
    Http::Form authorizationParameters = {}; ///< more of the authorization request's; none of the flow's own
    Overrides overrides = {};

    std::shared_ptr<const Browser> browser = {}; ///< for the authorization code grant
    /// Called with a step each time it changes.
    std::function<void(const Step &step)> onStep = {};
    /// Awaited before each step starts: stepping by hand.
    std::function<QCoro::Task<>(StepKind next)> gate = {};

    Clock clock = systemClock();
    std::stop_token stop = {};
};

/// A URL whose host, or an address of it, is this machine or in a private network, though the MCP server is elsewhere,
/// is a private_address in every step. Later requests, for a refresh, go where the flow went.
///
/// Steps by hand, in the order of StepKind; the client credentials grant skips the two of the browser, and needs a
/// preregistered client. Every failure is also the error of its step. Errors, by step. Challenge: invalid_options,
/// insecure_url, no_authorization_needed (details.status), not_an_mcp_server (details.status, details.content_type),
/// mcp_unreachable (details.status or details.cause).
/// ResourceMetadata: resource_metadata_not_found, invalid_resource_metadata, resource_mismatch
/// (details.expected, details.actual), no_authorization_server, unknown_authorization_server, invalid_url,
/// insecure_url. ProviderMetadata: those of Metadata::discover, pkce_not_supported, and of every endpoint in the
/// document invalid_url, insecure_url. Registration: no_client_id, credentials_of_another_issuer,
/// unbound_credentials, no_client_auth_method, those of registerClient, checkClientMetadataUrl and
/// RedirectListener::listen. Authorization: browser_failed. AuthorizationResponse: those of RedirectListener::wait and
/// of FollowUrl. Token: those of requestTokens. Anywhere: cancelled, also when the client goes.
///
/// Call: its failure comes in Authorization::callError, since the tokens are there: fresh_token_refused and
/// insufficient_scope (details as toJson(Refusal) has them), not_an_mcp_server, mcp_unreachable.
///
/// With a stored registration, and where the provider may have forgotten it, details.stored_client is its client ID:
/// registerAnew may help.
///
/// Requests go through a client of the flow's own with the limits and the log of the given one.
///
/// Revisions: 2025-03-26 knows no resource metadata: the provider's lies at the MCP server's origin, with the default
/// endpoints /authorize, /token, /register when it has none, and no `resource`. 2025-06-18 has it. From 2025-11-25 on
/// the metadata must name S256, OpenID Connect Discovery counts, and so do metadata documents. 2026-07-28 adds
/// application_type, the table of `iss`, and offline_access.
[[nodiscard]] QCoro::Task<Result<Authorization>> authorize(Http::Client *client, FlowOptions options);

/// 2026-07-28, Scope Selection Strategy: the challenge's, else scopes_supported; then offline_access where the provider
/// lists it, not alone (that revision only); `previous` first, each once.
[[nodiscard]] QStringList selectScopes(const QStringList &challenged, const QStringList &supportedByResource,
                                       const QStringList &supportedByProvider, const QStringList &previous,
                                       const QString &revision);

} // namespace McpAuth::OAuth
