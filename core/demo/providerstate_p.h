// What the authorization server knows, and what its endpoints share.
#pragma once

#include "demo/authorizationrequest_p.h"
#include "demo/boundedstore_p.h"
#include "demo/tokensigner_p.h"

#include <QPointer>

namespace McpAuth::Demo {

/// Of a browser's session, what was agreed to: prompt=none asks for no more.
struct Consent
{
    QString clientId;
    QString redirectUri;
    QStringList scopes;
    QStringList resources;
};

/// Kept under the value of its cookie, which changes at a sign-in.
struct BrowserSession
{
    QByteArray id; ///< stays the same for the session's life
    QString user = {};
    qint64 authTime = 0;
    QList<Consent> consents = {};
};

/// A request whose user is being asked. Kept under its id.
struct OpenSignIn
{
    AuthorizationRequest request;
    QByteArray session; ///< BrowserSession::id: nobody else may answer
    QByteArray csrf;
    qint64 started = 0;
    QString user = {}; ///< empty until the sign-in
    qint64 authTime = 0;
};

struct IssuedCode
{
    AuthorizationRequest request;
    QString user;
    qint64 authTime = 0;
    qint64 issued = 0;
    bool used = false;
    QByteArray grant = {}; ///< what came of it
};

/// What a user, or a client for itself, has given. Its end is the end of all its tokens.
struct Grant
{
    QString clientId;
    QString subject;
    QStringList scopes = {};
    QStringList resources = {};
    qint64 authTime = 0; ///< 0: nobody signed in
    QString nonce = {};
    bool saysAuthTime = false; ///< max_age was asked for
    bool refreshes = false;
};

struct RefreshToken
{
    QByteArray grant;
    qint64 expires = 0;
    bool used = false;
};

struct AccessToken
{
    QByteArray grant;
    QJsonObject claims;
};

/// A fetched Client ID Metadata Document.
struct CachedDocument
{
    OAuthClient client;
    qint64 expires = 0;
};

struct ProviderState
{
    AuthorizationServerOptions options; ///< faults, autoConsent and tokenLifetime change while it runs
    TokenSigner signer;
    Jose::Key unpublishedKey;              ///< for Fault::RotatedKeys
    QPointer<Http::Client> documents = {}; ///< fetches them; null: not supported, or the server has gone
    QPointer<QObject> pauses = {};         ///< the life of what Fault::Slow holds back
    std::function<void(const ProviderEvent &)> tell = {};

    BoundedStore<OAuthClient> registered{};
    BoundedStore<CachedDocument> cachedDocuments{};
    BoundedStore<BrowserSession> sessions{};
    BoundedStore<OpenSignIn> signIns{};
    BoundedStore<IssuedCode> codes{};
    BoundedStore<Grant> grants{};
    BoundedStore<RefreshToken> refreshTokens{};
    BoundedStore<AccessToken> accessTokens{};
    BoundedStore<qint64> assertions{}; ///< when they expire, under client and jti (RFC 7523 §3)

    [[nodiscard]] bool has(Fault fault) const { return options.faults.contains(fault); }
    [[nodiscard]] qint64 now() const { return signer.now(); }
    [[nodiscard]] QString url(const char *endpoint) const; ///< "/token" below the issuer
    [[nodiscard]] QStringList scopes() const;              ///< scopes_supported
    [[nodiscard]] const DemoUser *user(const QString &name) const;
};

using ProviderStatePtr = std::shared_ptr<ProviderState>;

/// One request on its way through an endpoint, which notes in `event` what it finds out.
struct Call
{
    ProviderStatePtr state;
    Http::Request request;
    std::shared_ptr<ProviderEvent> event;
};

/// An unguessable name: 256 bits, base64url.
[[nodiscard]] QByteArray freshName();

/// Fields of a POST, or of the query of a GET, without empty ones. Errors: invalid_request.
[[nodiscard]] Result<Http::Form> formOf(const Http::Request &request);

/// OAuth's error as JSON with its status (RFC 6749 §5.2), noted in the event.
[[nodiscard]] Http::Response refusal(const Call &call, const Error &error);
/// As JSON, not to be stored (RFC 6749 §5.1).
[[nodiscard]] Http::Response confidential(int status, const QJsonObject &document);
/// What an error_description may have (RFC 6749 §5.2); the rest becomes '?'.
[[nodiscard]] QString describable(const QString &text);

[[nodiscard]] QJsonObject providerMetadata(const ProviderState &state);

// The endpoints.
[[nodiscard]] QCoro::Task<Http::Response> answerMetadata(Call call);
[[nodiscard]] QCoro::Task<Http::Response> answerKeys(Call call);
[[nodiscard]] QCoro::Task<Http::Response> answerAuthorize(Call call);
[[nodiscard]] QCoro::Task<Http::Response> answerSignIn(Call call);
[[nodiscard]] QCoro::Task<Http::Response> answerConsent(Call call);
[[nodiscard]] QCoro::Task<Http::Response> answerToken(Call call);
[[nodiscard]] QCoro::Task<Http::Response> answerRegister(Call call);
[[nodiscard]] QCoro::Task<Http::Response> answerIntrospect(Call call);
[[nodiscard]] QCoro::Task<Http::Response> answerRevoke(Call call);
[[nodiscard]] QCoro::Task<Http::Response> answerUserinfo(Call call);

// What a grant gives.
struct TokenRequest
{
    QByteArray grant; ///< its name in ProviderState::grants
    QStringList scopes;
    QStringList resources;
    bool withIdToken = false;
};
/// access_token, token_type, expires_in, scope, and refresh_token and id_token where they belong. Errors: those of
/// Jose::signJwt.
[[nodiscard]] Result<QJsonObject> issueTokens(ProviderState &state, const TokenRequest &request);
/// The grant and whatever was issued for it are void.
void revokeGrant(ProviderState &state, const QByteArray &grant);
/// A token that an endpoint gave, that has not expired and whose grant holds; null otherwise.
[[nodiscard]] const AccessToken *activeAccessToken(ProviderState &state, QByteArrayView token);
[[nodiscard]] const RefreshToken *activeRefreshToken(ProviderState &state, QByteArrayView token);

} // namespace McpAuth::Demo
