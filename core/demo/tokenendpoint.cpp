// The token endpoint: authorization_code, refresh_token, client_credentials (RFC 6749 §4.1.3, §6, §4.4).
#include "base/base64url.h"
#include "demo/providerstate_p.h"

#include <algorithm>
#include <array>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype minVerifier = 43; // RFC 7636 §4.1
constexpr qsizetype maxVerifier = 128;

std::unexpected<Error> invalidGrant(const QString &why)
{
    return fail(u"invalid_grant"_s, why);
}

/// RFC 7636 §4.6
bool verifies(const QString &verifier, const QString &challenge)
{
    if (verifier.size() < minVerifier || verifier.size() > maxVerifier)
        return false;
    const auto digest = Jose::sha256(verifier.toUtf8());
    return digest && equalInConstantTime(encodeBase64Url(*digest), challenge.toUtf8());
}

/// What the request names of what was granted; all of it, when it names nothing (RFC 8707 §2.2).
Result<QStringList> narrowedResources(const ProviderState &state, const Http::Form &form, const QStringList &granted)
{
    auto asked = readResources(form, state.has(Fault::ResourceRejected));
    if (!asked || asked->isEmpty())
        return asked.transform([&](const QStringList &) { return granted; });
    if (!std::ranges::all_of(*asked, [&](const QString &one) { return granted.contains(one); }))
        return fail(u"invalid_target"_s, u"A resource was not part of the authorization request."_s);
    return asked;
}

/// A code is good once: whoever brings it again ends what came of it (RFC 6749 §4.1.2).
Result<> spendCode(ProviderState &state, const OAuthClient &client, IssuedCode *code)
{
    if (code == nullptr || code->request.clientId != client.id)
        return invalidGrant(u"The code is not known, or another client's."_s);
    if (code->used) {
        revokeGrant(state, code->grant);
        return invalidGrant(u"The code was used before; what came of it is revoked."_s);
    }
    code->used = true;
    if (state.now() - code->issued > demoCodeLifetime.count())
        return invalidGrant(u"The code has expired."_s);
    return {};
}

Result<> checkBinding(const Http::Form &form, const AuthorizationRequest &request)
{
    // With PKCE it need not be sent again (OAuth 2.1 draft §10.2), but must be the same when it is.
    if (const QString uri = textOf(form, u"redirect_uri"); !uri.isEmpty() && uri != request.redirectUri)
        return invalidGrant(u"redirect_uri is not the one of the authorization request."_s);
    if (!verifies(textOf(form, u"code_verifier"), request.challenge))
        return invalidGrant(u"code_verifier does not fit the code_challenge."_s);
    return {};
}

Grant grantOf(const IssuedCode &code)
{
    Grant grant{.clientId = code.request.clientId, .subject = code.user, .scopes = code.request.scopes};
    grant.resources = code.request.resources;
    grant.authTime = code.authTime;
    grant.nonce = code.request.nonce;
    grant.saysAuthTime = code.request.maxAge.has_value();
    grant.refreshes = code.request.clientRefreshes || code.request.scopes.contains("offline_access"_L1);
    return grant;
}

Result<QJsonObject> redeemCode(const Call &call, const OAuthClient &client, const Http::Form &form)
{
    ProviderState &state = *call.state;
    if (textOf(form, u"code").isEmpty() || textOf(form, u"code_verifier").isEmpty())
        return fail(u"invalid_request"_s, u"code or code_verifier is missing."_s);
    IssuedCode *code = state.codes.find(textOf(form, u"code").toUtf8());
    if (auto spent = spendCode(state, client, code); !spent)
        return fail(spent.error());
    if (auto bound = checkBinding(form, code->request); !bound)
        return fail(bound.error());
    const auto resources = narrowedResources(state, form, code->request.resources);
    if (!resources)
        return fail(resources.error());
    const Grant grant = grantOf(*code);
    code->grant = freshName();
    state.grants.insert(code->grant, grant);
    call.event->subject = grant.subject;
    return issueTokens(state, {.grant = code->grant,
                               .scopes = grant.scopes,
                               .resources = *resources,
                               .withIdToken = grant.scopes.contains("openid"_L1)});
}

/// A refresh token is good once, too: a second use means that somebody else has it (OAuth 2.1 draft §4.3.1).
Result<> checkRefreshToken(ProviderState &state, const OAuthClient &client, const RefreshToken *token)
{
    const Grant *grant = token != nullptr ? state.grants.find(token->grant) : nullptr;
    if (grant == nullptr || grant->clientId != client.id)
        return invalidGrant(u"The refresh token is not known, revoked, or another client's."_s);
    if (token->used) {
        revokeGrant(state, QByteArray(token->grant));
        return invalidGrant(u"The refresh token was used before; all tokens of its grant are revoked."_s);
    }
    if (token->expires <= state.now())
        return invalidGrant(u"The refresh token has expired."_s);
    return {};
}

Result<QJsonObject> refresh(const Call &call, const OAuthClient &client, const Http::Form &form)
{
    ProviderState &state = *call.state;
    if (textOf(form, u"refresh_token").isEmpty())
        return fail(u"invalid_request"_s, u"refresh_token is missing."_s);
    RefreshToken *token = state.refreshTokens.find(textOf(form, u"refresh_token").toUtf8());
    if (auto good = checkRefreshToken(state, client, token); !good)
        return fail(good.error());
    const Grant grant = *state.grants.find(token->grant);
    const auto scopes = readScopes(textOf(form, u"scope"), grant.scopes); // narrower at most (RFC 6749 §6)
    const auto resources = narrowedResources(state, form, grant.resources);
    if (!scopes || !resources)
        return fail(!scopes ? scopes.error() : resources.error());
    token->used = true;
    call.event->subject = grant.subject;
    return issueTokens(state, {.grant = token->grant,
                               .scopes = scopes->isEmpty() ? grant.scopes : *scopes,
                               .resources = *resources,
                               .withIdToken = false});
}

Result<QJsonObject> giveClientToken(const Call &call, const OAuthClient &client, const Http::Form &form)
{
    ProviderState &state = *call.state;
    if (!client.isConfidential())
        return fail(u"unauthorized_client"_s, u"client_credentials needs a client that can authenticate itself."_s);
    const auto scopes = readScopes(textOf(form, u"scope"), state.options.scopes); // there is no user to tell of
    const auto resources = readResources(form, state.has(Fault::ResourceRejected));
    if (!scopes || !resources)
        return fail(!scopes ? scopes.error() : resources.error());
    const QByteArray grant = freshName();
    state.grants.insert(grant,
                        {.clientId = client.id, .subject = client.id, .scopes = *scopes, .resources = *resources});
    call.event->subject = client.id;
    return issueTokens(state, {.grant = grant, .scopes = *scopes, .resources = *resources});
}

struct GrantType
{
    QLatin1StringView name;
    bool isRegistered; ///< the client must have registered for it
    Result<QJsonObject> (*answer)(const Call &, const OAuthClient &, const Http::Form &);
};

// A refresh token is proof enough that its client may refresh.
constexpr std::array grantTypes{
    GrantType{"authorization_code"_L1, true, redeemCode},
    GrantType{"refresh_token"_L1, false, refresh},
    GrantType{"client_credentials"_L1, true, giveClientToken},
};

Result<QJsonObject> answerGrant(const Call &call, const OAuthClient &client, const Http::Form &form)
{
    const QString name = textOf(form, u"grant_type");
    if (name.isEmpty())
        return fail(u"invalid_request"_s, u"grant_type is missing."_s);
    const auto *type = std::ranges::find(grantTypes, name, &GrantType::name);
    if (type == grantTypes.end())
        return fail(u"unsupported_grant_type"_s, u"This grant type is not supported."_s);
    call.event->grant = type->name;
    if (type->isRegistered && !client.uses(type->name))
        return fail(u"unauthorized_client"_s, u"This client is not registered for %1."_s.arg(type->name));
    return type->answer(call, client, form);
}

} // namespace

QCoro::Task<Http::Response> answerToken(Call call)
{
    if (call.state->has(Fault::TokenEndpointDown))
        co_return refusal(call, {u"server_error"_s, u"The token endpoint is down, as it was told to be."_s});
    const auto form = formOf(call.request);
    if (!form)
        co_return refusal(call, form.error());
    if (auto once = checkRepetition(*form); !once)
        co_return refusal(call, once.error());
    const auto client = co_await authenticatedClient(call.state, call.request, *form);
    if (!client)
        co_return refusal(call, client.error());
    call.event->clientId = client->id;
    const auto tokens = answerGrant(call, *client, *form);
    co_return tokens ? confidential(200, *tokens) : refusal(call, tokens.error());
}

} // namespace McpAuth::Demo
