// Tokens that endpoints give, and what becomes of them.
#include "demo/providerstate_p.h"
#include "jose/sign.h"

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

const auto strangeAudience = QStringLiteral("https://other-resource.example/mcp"); // Fault::WrongAudience
constexpr std::chrono::seconds expiredSince{3'600};                                // Fault::ExpiredTokens

QStringList audienceOf(const ProviderState &state, const TokenRequest &request)
{
    if (state.has(Fault::WrongAudience))
        return {strangeAudience};
    // RFC 9068 §3: some default resource, when none was asked for.
    return request.resources.isEmpty() ? QStringList{state.signer.issuer} : request.resources;
}

Jose::Key signingKey(const ProviderState &state)
{
    return state.has(Fault::RotatedKeys) ? state.unpublishedKey : state.signer.signingKey();
}

/// RFC 9068 §2.2
QJsonObject accessClaims(const ProviderState &state, const Grant &grant, const TokenRequest &request)
{
    MintRequest mint{.subject = grant.subject, .clientId = grant.clientId};
    mint.audience = audienceOf(state, request);
    mint.scopes = request.scopes;
    mint.lifetime = state.options.tokenLifetime;
    if (grant.authTime != 0)
        mint.claims.insert(u"auth_time"_s, grant.authTime);
    QJsonObject claims = state.signer.claims(mint);
    if (state.has(Fault::ExpiredTokens)) {
        claims.insert(u"exp"_s, state.now() - expiredSince.count());
        claims.insert(u"iat"_s, state.now() - expiredSince.count() - state.options.tokenLifetime.count());
    }
    return claims;
}

Result<QByteArray> accessToken(ProviderState &state, const Grant &grant, const TokenRequest &request)
{
    const QJsonObject claims = accessClaims(state, grant, request);
    const auto token =
        state.has(Fault::OpaqueTokens) ? Result<QByteArray>(freshName()) : Jose::signJwt({}, claims, signingKey(state));
    if (token)
        state.accessTokens.insert(*token, {.grant = request.grant, .claims = claims});
    return token;
}

/// OpenID Connect Core 1.0 §2, §5.4
Result<QByteArray> idToken(const ProviderState &state, const Grant &grant)
{
    MintRequest mint{.subject = grant.subject, .clientId = {}, .audience = {grant.clientId}};
    mint.lifetime = state.options.tokenLifetime;
    if (!grant.nonce.isEmpty())
        mint.claims.insert(u"nonce"_s, grant.nonce);
    if (grant.saysAuthTime)
        mint.claims.insert(u"auth_time"_s, grant.authTime);
    return Jose::signJwt({{u"typ"_s, u"JWT"_s}}, state.signer.claims(mint), signingKey(state));
}

QString refreshToken(ProviderState &state, const QByteArray &grant)
{
    const QByteArray token = freshName();
    state.refreshTokens.insert(token, {.grant = grant, .expires = state.now() + state.options.refreshLifetime.count()});
    return QString::fromLatin1(token);
}

} // namespace

Result<QJsonObject> issueTokens(ProviderState &state, const TokenRequest &request)
{
    const Grant grant = *state.grants.find(request.grant);
    const auto access = accessToken(state, grant, request);
    if (!access)
        return fail(access.error());
    QJsonObject tokens{{u"access_token"_s, QString::fromLatin1(*access)},
                       {u"token_type"_s, u"Bearer"_s},
                       {u"expires_in"_s, static_cast<qint64>(state.options.tokenLifetime.count())}};
    if (!request.scopes.isEmpty())
        tokens.insert(u"scope"_s, request.scopes.join(u' '));
    if (grant.refreshes)
        tokens.insert(u"refresh_token"_s, refreshToken(state, request.grant));
    if (!request.withIdToken)
        return tokens;
    const auto id = idToken(state, grant);
    if (!id)
        return fail(id.error());
    tokens.insert(u"id_token"_s, QString::fromLatin1(*id));
    return tokens;
}

void revokeGrant(ProviderState &state, const QByteArray &grant)
{
    state.grants.remove(grant);
    state.refreshTokens.removeIf([&](const RefreshToken &token) { return token.grant == grant; });
    state.accessTokens.removeIf([&](const AccessToken &token) { return token.grant == grant; });
}

const AccessToken *activeAccessToken(ProviderState &state, QByteArrayView token)
{
    const AccessToken *known = state.accessTokens.find(token);
    const bool isActive = known != nullptr && known->claims.value("exp"_L1).toInteger() > state.now() &&
                          state.grants.find(known->grant) != nullptr;
    return isActive ? known : nullptr;
}

const RefreshToken *activeRefreshToken(ProviderState &state, QByteArrayView token)
{
    const RefreshToken *known = state.refreshTokens.find(token);
    const bool isActive =
        known != nullptr && !known->used && known->expires > state.now() && state.grants.find(known->grant) != nullptr;
    return isActive ? known : nullptr;
}

} // namespace McpAuth::Demo
