// May this request pass? One decision for one endpoint.
#pragma once

#include "base/clock.h"
#include "bearer/verdict.h"
#include "jose/keysource.h"
#include "jose/verify.h"

#include <QCoroTask>
#include <QHash>

#include <functional>
#include <memory>
#include <optional>

namespace McpAuth::Bearer {

/// Returns the claims of a token that it found good. Errors: where the token is at fault, invalid_token (InvalidToken),
/// token_verification_failed (TokenVerificationFailed) or another code that blameFor() knows for the token's. Every
/// other code, and an exception, becomes ServerError (500): a client cannot get a better token than the one it has.
using TokenVerifier = std::function<QCoro::Task<Result<QJsonObject>>(Secret token)>;

struct BearerAuthOptions
{
    QStringList requiredScopes = {}; ///< all of them
    /// What a scope includes: "admin" → "read", "write". Over several steps, too (MCP 2026-07-28, Step-Up
    /// Authorization Flow: servers account for scope hierarchies).
    QHash<QString, QStringList> impliedScopes = {};
    /// aud must name one of them. Left out: the resource (MCP basic/authorization, Token Handling). An empty list takes
    /// tokens for every server, also those that were meant for another one.
    std::optional<QStringList> audience = {};
    QString resource = {}; ///< the protected resource this endpoint belongs to
    bool showErrorDetails = false;
    std::chrono::seconds leeway{60};
    QList<QByteArray> algorithms = {}; ///< empty: all asymmetric ones (HMAC too with keys given by hand)
    Jose::TokenKinds kinds = Jose::TokenKinds::Common;
    bool ignoreBinding = false; ///< take a token with cnf as a bearer token: see Jose::ClaimRules
    bool cache = true; ///< of verified tokens and their verdicts, in memory: at most cacheEntries and cacheBytes for
                       ///< cacheLifetime, never past exp
    Clock clock = systemClock();
};

inline constexpr int cacheEntries = 10'000;
inline constexpr qsizetype cacheBytes = 64 * 1024 * 1024; ///< of all entries, as TokenCache estimates them
inline constexpr std::chrono::seconds cacheLifetime{60};

/// One issuer that is trusted, and where its keys come from. `keys` is asked only for tokens that name this issuer.
struct TrustedIssuer
{
    QString issuer; ///< byte for byte
    /// Errors become ServerError with the error as cause: missing_jwks_uri, fetch_server_config_error…
    std::function<QCoro::Task<Result<std::shared_ptr<Jose::KeySource>>>()> keys;
    /// The same without waiting, where it is known already; null otherwise. May be empty.
    std::function<std::shared_ptr<Jose::KeySource>()> keysNow = {};
};

/// Keys that are known from the start.
[[nodiscard]] TrustedIssuer trustedIssuer(QString issuer, std::shared_ptr<Jose::KeySource> keys);

class BearerAuth
{
public:
    /// "jwt": tokens are JWTs of these issuers. With one issuer whose name is empty, any `iss` is taken (keys by hand,
    /// no expected issuer).
    BearerAuth(QList<TrustedIssuer> issuers, BearerAuthOptions options);
    /// Tokens are what `verifier` takes; times, issuer, subject, audience and scopes are checked here all the same. An
    /// issuer whose name is empty takes any. Nothing is cached: the verifier may know of tokens that were revoked.
    BearerAuth(TokenVerifier verifier, QStringList issuers, BearerAuthOptions options);
    ~BearerAuth();
    BearerAuth(BearerAuth &&) noexcept;
    BearerAuth &operator=(BearerAuth &&) noexcept;

    /// Reads Authorization and judges it. Never throws, never fails: a fault is a verdict with ServerError.
    /// `extraScopes` are required on top (a tool's own). The object may go before the task ends.
    [[nodiscard]] QCoro::Task<Verdict> authorize(Http::Request request, QStringList extraScopes = {}) const;
    /// The same without waiting for a token that is in the cache; null for any other request.
    [[nodiscard]] std::shared_ptr<const Verdict> authorizeNow(const Http::Request &request) const;
    /// The same for a token that is already at hand, and so that the verdict tells all: authorize() waits for no keys
    /// where the claims refuse the token anyway.
    [[nodiscard]] QCoro::Task<Verdict> judge(Secret token, QStringList extraScopes = {}) const;
    /// A refusal that can be told without waiting, before the request's body is read (Http::Admission): what
    /// authorize() would refuse with the keys that are known already, but for missing scopes, to whose challenge a tool
    /// may add. Nothing for an acceptable token, and where keys must be fetched or a verifier be asked first.
    [[nodiscard]] std::optional<Verdict> refusalNow(const Http::Request &head) const;
    /// Whether an accepted caller may also do what needs these scopes: accepted, or a 403 step-up verdict whose
    /// challenge names everything the operation needs. A refused one stays refused.
    [[nodiscard]] Verdict requireScopes(const Verdict &accepted, const QStringList &scopes) const;

    [[nodiscard]] const BearerAuthOptions &options() const;
    [[nodiscard]] QStringList issuers() const;
    void clearCache();
    [[nodiscard]] qsizetype cachedTokens() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Bearer
