// What holders and resource servers ask about tokens: introspection, revocation, userinfo.
#include "demo/providerstate_p.h"

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

struct Question
{
    OAuthClient client;
    QByteArray token;
};

/// The form that introspection and revocation have in common.
QCoro::Task<Result<Question>> questionOf(Call call)
{
    const auto form = formOf(call.request);
    if (!form)
        co_return fail(form.error());
    if (auto once = checkRepetition(*form); !once)
        co_return fail(once.error());
    const auto client = co_await authenticatedClient(call.state, call.request, *form);
    if (!client)
        co_return fail(client.error());
    call.event->clientId = client->id;
    const QByteArray token = textOf(*form, u"token").toUtf8();
    if (token.isEmpty())
        co_return fail(u"invalid_request"_s, u"token is missing."_s);
    co_return Question{.client = *client, .token = token};
}

/// Anybody can register, so that only a client of the server's owner may see what others hold.
bool mayInspect(const OAuthClient &client, const Grant &grant)
{
    return client.origin == ClientOrigin::Known || grant.clientId == client.id;
}

QJsonObject describeRefresh(const RefreshToken &token, const Grant &grant)
{
    return {{u"active"_s, true},
            {u"client_id"_s, grant.clientId},
            {u"sub"_s, grant.subject},
            {u"username"_s, grant.subject},
            {u"scope"_s, grant.scopes.join(u' ')},
            {u"exp"_s, token.expires}};
}

/// RFC 7662 §2.2
QJsonObject introspection(ProviderState &state, const Question &question)
{
    QJsonObject inactive{{u"active"_s, false}};
    if (const AccessToken *access = activeAccessToken(state, question.token)) {
        const Grant &grant = *state.grants.find(access->grant);
        if (!mayInspect(question.client, grant))
            return inactive;
        QJsonObject answer = access->claims;
        answer.insert(u"active"_s, true);
        answer.insert(u"token_type"_s, u"Bearer"_s);
        answer.insert(u"username"_s, grant.subject);
        return answer;
    }
    const RefreshToken *refresh = activeRefreshToken(state, question.token);
    const Grant *grant = refresh != nullptr ? state.grants.find(refresh->grant) : nullptr;
    return grant != nullptr && mayInspect(question.client, *grant) ? describeRefresh(*refresh, *grant) : inactive;
}

/// RFC 7009 §2.1: only its own client may revoke a token; one that is not known is as good as revoked (§2.2).
Result<> revoke(ProviderState &state, const Question &question)
{
    const AccessToken *access = state.accessTokens.find(question.token);
    const RefreshToken *refresh = state.refreshTokens.find(question.token);
    if (access == nullptr && refresh == nullptr)
        return {};
    const QByteArray name = access != nullptr ? access->grant : refresh->grant;
    if (const Grant *grant = state.grants.find(name); grant != nullptr && grant->clientId != question.client.id)
        return fail(u"invalid_grant"_s, u"The token is another client's."_s);
    if (access != nullptr)
        state.accessTokens.remove(question.token);
    else
        revokeGrant(state, name);
    return {};
}

QByteArray bearerToken(const Http::Request &request)
{
    const QByteArray header = request.header("Authorization");
    return header.first(qMin<qsizetype>(7, header.size())).toLower() == "bearer " ? header.sliced(7).trimmed()
                                                                                  : QByteArray();
}

/// RFC 6750 §3
Http::Response bearerRefusal(const Call &call, const Error &error)
{
    Http::Response response = refusal(call, error);
    response.set("WWW-Authenticate", "Bearer error=\"" + error.code.toLatin1() + "\"" +
                                         (error.code == "insufficient_scope"_L1 ? ", scope=\"openid\"" : ""));
    return response;
}

/// OpenID Connect Core 1.0 §5.3.2, §5.4
QJsonObject userClaims(const QString &subject, const DemoUser *user, const QStringList &scopes)
{
    QJsonObject claims{{u"sub"_s, subject}};
    if (user == nullptr)
        return claims;
    if (scopes.contains("profile"_L1)) {
        claims.insert(u"preferred_username"_s, user->name);
        if (!user->fullName.isEmpty())
            claims.insert(u"name"_s, user->fullName);
    }
    if (scopes.contains("email"_L1) && !user->email.isEmpty()) {
        claims.insert(u"email"_s, user->email);
        claims.insert(u"email_verified"_s, true);
    }
    return claims;
}

} // namespace

QCoro::Task<Http::Response> answerIntrospect(Call call)
{
    const auto question = co_await questionOf(call);
    if (!question)
        co_return refusal(call, question.error());
    if (!question->client.isConfidential())
        co_return refusal(call, {u"invalid_client"_s, u"Introspection needs a client that can authenticate itself."_s});
    co_return confidential(200, introspection(*call.state, *question));
}

QCoro::Task<Http::Response> answerRevoke(Call call)
{
    const auto question = co_await questionOf(call);
    if (!question)
        co_return refusal(call, question.error());
    if (const auto revoked = revoke(*call.state, *question); !revoked)
        co_return refusal(call, revoked.error());
    Http::Response response = Http::Response::empty(200);
    response.set("Cache-Control", "no-store");
    co_return response;
}

QCoro::Task<Http::Response> answerUserinfo(Call call)
{
    const QByteArray token = bearerToken(call.request);
    if (token.isEmpty()) { // without any credentials there is no error to tell (RFC 6750 §3.1)
        Http::Response response = refusal(call, {u"invalid_token"_s, u"There is no bearer token."_s});
        response.set("WWW-Authenticate", "Bearer");
        co_return response;
    }
    const AccessToken *access = activeAccessToken(*call.state, token);
    if (access == nullptr)
        co_return bearerRefusal(call, {u"invalid_token"_s, u"The token is not known, expired, or revoked."_s});
    call.event->clientId = access->claims.value("client_id"_L1).toString();
    const QString subject = access->claims.value("sub"_L1).toString();
    call.event->subject = subject;
    const QStringList scopes = access->claims.value("scope"_L1).toString().split(u' ');
    if (!scopes.contains("openid"_L1))
        co_return bearerRefusal(call, {u"insufficient_scope"_s, u"userinfo needs the scope openid."_s});
    co_return confidential(200, userClaims(subject, call.state->user(subject), scopes));
}

} // namespace McpAuth::Demo
