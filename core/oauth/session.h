// Tokens in use: renewed before they expire, renewed when they are refused, and raised when their scopes are too few.
#pragma once

#include "oauth/flow.h"

#include <QObject>

namespace McpAuth::OAuth {

/// A token is renewed when less than this is left of it, or less than a quarter of a short life.
inline constexpr std::chrono::seconds renewBefore{30};
/// Step-ups for one session in a row without a call that got through (2026-07-28, Step-Up Authorization Flow, 4): with
/// the first authorization three in all, which is what the official conformance suite takes for a few.
inline constexpr int maxStepUps = 2;

struct SessionOptions
{
    /// How a flow is run when one is needed: mcpUrl, registration, browser… Its `refusal` and `previousScopes` are
    /// filled in; without a store of its own it gets the one below. Credentials without an issuer belong to the first
    /// one that gave a token for them: later flows of the session show them to no other (2026-07-28,
    /// client-registration, Authorization Server Binding; error credentials_of_another_issuer).
    FlowOptions flow;
    /// Whether a flow may be started that needs somebody (any but client credentials); without it the error is
    /// authorization_required, or insufficient_scope.
    bool interactive = true;
    /// Tokens are read from it at the first use and around each refresh, and written to it after each change: what
    /// another session has stored there since is used, and what another has removed is not written again. Null: memory
    /// of its own.
    std::shared_ptr<CredentialStore> store = {};
};

/// Lives on one thread. However many callers wait, one refresh or one flow runs at a time, and all get its outcome.
/// Who waits with a stop token gets the error cancelled when it is stopped; what it waited for goes on for the others.
class Session : public QObject
{
    Q_OBJECT

public:
    Session(Http::Client *client, SessionOptions options, QObject *parent = nullptr);
    ~Session() override; // who waits gets the error cancelled

    /// A token that is good for a while yet: the present one, a refreshed one, or one that needs nobody (client
    /// credentials). Also one that had expired when it came and cannot be refreshed: the server is to say what it
    /// thinks of it. Empty when there is none: the request then goes without, and its refusal leads to renew(). Errors:
    /// those of requestTokens, when what is left has expired; cancelled.
    [[nodiscard]] QCoro::Task<Result<Secret>> accessToken(std::stop_token stop = {});
    /// After a 401 to a request that carried `refused`: the token that another caller has got meanwhile, a refreshed
    /// one, or one from a whole flow. There is no refresh where the refusal's resource metadata, at the server's own
    /// origin, no longer lists the provider, nor where `refused` itself came from one, still lives, and no call has
    /// succeeded since. Errors: authorization_required (details of toJson(Refusal)), those of authorize().
    [[nodiscard]] QCoro::Task<Result<Secret>> renew(Secret refused, Refusal refusal, std::stop_token stop = {});
    /// As renew(), but never by a flow that needs somebody: for messages that are no reason to ask.
    [[nodiscard]] QCoro::Task<Result<Secret>> renewQuietly(Secret refused, Refusal refusal, std::stop_token stop = {});
    /// After a 403 with insufficient_scope: a flow with the union of scopes. Errors: insufficient_scope (not
    /// interactive) and step_up_limit (details.scope, and those of toJson(Refusal)), those of authorize().
    [[nodiscard]] QCoro::Task<Result<Secret>> stepUp(Secret refused, Refusal refusal, std::stop_token stop = {});
    /// A call got through: the count of step-ups starts again, and the present token is one that the server takes.
    void succeeded();

    /// Takes over what a flow gave.
    void setAuthorization(Authorization authorization);
    [[nodiscard]] const std::optional<Authorization> &authorization() const;
    void setInteractive(bool interactive);

    /// Revokes the refresh token, then the access token, where the provider can (RFC 7009); forgets them in any case,
    /// and ends when the store has, too. A flow under way is cancelled. Errors: those of revokeToken.
    [[nodiscard]] QCoro::Task<Result<>> logOut();

Q_SIGNALS:
    void authorizationChanged();
    void refreshed();
    /// The store cannot be read or written; the tokens in use are kept in memory all the same.
    void storeFailed(const McpAuth::Error &error);

private:
    struct Private;
    std::shared_ptr<Private> d;
};

} // namespace McpAuth::OAuth
