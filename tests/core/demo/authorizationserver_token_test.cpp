// The token endpoint, and what is asked about tokens afterwards.
#include "base/base64url.h"
#include "core/demo/providertest.h"
#include "jose/sign.h"
#include "jose/verify.h"

using namespace McpAuth;
using namespace McpAuth::Test;

namespace {

class TokenTest : public ProviderTest
{
protected:
    void SetUp() override { startWithAutoConsent(); }

    Answer clientToken(const Http::Form &changes = {}, const QByteArray &authorization = machine())
    {
        return token(changed({{u"grant_type"_s, u"client_credentials"_s}, {u"resource"_s, resource}}, changes),
                     authorization);
    }

    Answer introspect(const QString &secret) // as the server's owner
    {
        return post(u"introspection_endpoint"_s, {{u"token"_s, secret}}, machine());
    }

    bool isActive(const QString &secret) { return introspect(secret).json[u"active"].toBool(); }

    Answer userinfo(const QByteArray &authorization)
    {
        return send("GET", endpoint(u"userinfo_endpoint"_s), {}, {}, authorization);
    }
};

const QString accessName = u"access_token"_s;
const QString refreshName = u"refresh_token"_s;

} // namespace

TEST_F(TokenTest, GivesAnAccessTokenThatSaysForWhomByWhomAndForWhat) // RFC 9068 §2.2
{
    const Answer tokens = tokensFor({{u"scope"_s, u"read:todos create:todos"_s}});
    ASSERT_EQ(tokens.status, 200);
    EXPECT_EQ(tokens.response.header("Cache-Control"), QByteArray("no-store")); // RFC 6749 §5.1
    EXPECT_EQ(tokens.text(u"token_type"_s), u"Bearer"_s);
    EXPECT_EQ(tokens.json[u"expires_in"].toInt(), 900);
    EXPECT_EQ(tokens.text(u"scope"_s), u"read:todos create:todos"_s);
    EXPECT_FALSE(tokens.json.contains(u"id_token"));
    const QJsonObject claims = tokens.claims();
    EXPECT_EQ(claims[u"iss"].toString(), server.issuer());
    EXPECT_EQ(claims[u"sub"].toString(), u"alice"_s);
    EXPECT_EQ(claims[u"aud"].toString(), resource);
    EXPECT_EQ(claims[u"client_id"].toString(), u"app"_s);
    EXPECT_EQ(claims[u"scope"].toString(), u"read:todos create:todos"_s);
    EXPECT_EQ(claims[u"iat"].toInteger(), clock.seconds());
    EXPECT_EQ(claims[u"exp"].toInteger(), clock.seconds() + 900);
    EXPECT_EQ(claims[u"auth_time"].toInteger(), clock.seconds());
    const auto jws = Jose::parseJws(tokens.text(accessName).toUtf8()).value();
    EXPECT_EQ(jws.header[u"typ"].toString(), u"at+jwt"_s);
    EXPECT_TRUE(Jose::verifySignature(jws, server.publicKeys().first(), {"ES256"}));
}

TEST_F(TokenTest, ItsLifetimeIsAsChosen)
{
    server.setTokenLifetime(std::chrono::seconds{5});
    const Answer tokens = tokensFor();
    EXPECT_EQ(tokens.json[u"expires_in"].toInt(), 5);
    EXPECT_TRUE(isActive(tokens.text(accessName)));
    clock.advance(std::chrono::seconds{5});
    EXPECT_FALSE(isActive(tokens.text(accessName)));
}

TEST_F(TokenTest, GivesAnIdTokenForOpenid) // OpenID Connect Core 1.0 §2
{
    const Answer tokens = tokensFor({{u"scope"_s, u"openid"_s}, {u"nonce"_s, u"n-1"_s}, {u"max_age"_s, u"60"_s}});
    const auto jws = Jose::parseJws(tokens.text(u"id_token"_s).toUtf8()).value();
    EXPECT_TRUE(Jose::verifySignature(jws, server.publicKeys().first(), {"ES256"}));
    EXPECT_EQ(jws.header[u"typ"].toString(), u"JWT"_s); // at+jwt would make it pass as an access token
    const QJsonObject claims = Jose::parseClaims(jws).value();
    EXPECT_EQ(claims[u"iss"].toString(), server.issuer());
    EXPECT_EQ(claims[u"aud"].toString(), u"app"_s);
    EXPECT_EQ(claims[u"sub"].toString(), u"alice"_s);
    EXPECT_EQ(claims[u"nonce"].toString(), u"n-1"_s);
    EXPECT_EQ(claims[u"auth_time"].toInteger(), clock.seconds());
}

TEST_F(TokenTest, RefusesRequestsThatAreNone)
{
    const QString code = codeFor(request());
    const QList<std::pair<Http::Form, QString>> cases{
        {{{u"grant_type"_s, {}}}, u"invalid_request"_s},
        {{{u"grant_type"_s, u"password"_s}}, u"unsupported_grant_type"_s},
        {{{u"grant_type"_s, u"client_credentials"_s}}, u"unauthorized_client"_s},
        {{{u"client_id"_s, {}}}, u"invalid_client"_s},
        {{{u"client_id"_s, u"unknown"_s}}, u"invalid_client"_s},
        {{{u"client_secret"_s, u"guess"_s}}, u"invalid_client"_s}, // a public client has none
        {{{u"code"_s, {}}}, u"invalid_request"_s},
        {{{u"code_verifier"_s, {}}}, u"invalid_request"_s},
        {{{u"code"_s, u"guess"_s}}, u"invalid_grant"_s}};
    for (const auto &[change, error] : cases) {
        const Answer answer = token(redemption(code, change));
        EXPECT_EQ(answer.error(), error) << change.first().first.toStdString();
        EXPECT_EQ(answer.status, error == u"invalid_client"_s ? 401 : 400);
        EXPECT_EQ(answer.response.header("Cache-Control"), QByteArray("no-store"));
    }
    EXPECT_EQ(token(redemption(code) + Http::Form{{u"code"_s, code}}).error(), u"invalid_request"_s);
    EXPECT_EQ(send("POST", endpoint(u"token_endpoint"_s), "application/json", "{}").error(), u"invalid_request"_s);
    EXPECT_EQ(send("GET", endpoint(u"token_endpoint"_s), {}, {}).status, 405);
    EXPECT_EQ(token(redemption(code)).status, 200); // none of them has used it up
}

TEST_F(TokenTest, ACodeIsBoundToVerifierAndRedirectUri) // RFC 7636 §4.6, RFC 6749 §4.1.3
{
    const QList<Http::Form> cases{{{u"code_verifier"_s, verifier.chopped(1) + u'A'}},
                                  {{u"code_verifier"_s, challenge}},
                                  {{u"code_verifier"_s, u"short"_s}},
                                  {{u"redirect_uri"_s, u"http://127.0.0.1:10/callback"_s}}};
    for (const Http::Form &change : cases) {
        const QString code = codeFor(request());
        EXPECT_EQ(token(redemption(code, change)).error(), u"invalid_grant"_s) << change.first().second.toStdString();
        EXPECT_EQ(token(redemption(code)).error(), u"invalid_grant"_s); // one guess, and it is gone
    }
    EXPECT_EQ(token(redemption(codeFor(request()), {{u"redirect_uri"_s, {}}})).status, 200); // OAuth 2.1 §10.2
}

TEST_F(TokenTest, ACodeIsBoundToItsClient)
{
    const QString code = codeFor(request());
    EXPECT_EQ(token(redemption(code, {{u"client_id"_s, {}}}), machine()).error(), u"invalid_grant"_s);
    EXPECT_EQ(token(redemption(code)).status, 200); // the thief has not taken it away
}

TEST_F(TokenTest, ACodeIsGoodForAMinute)
{
    const QString code = codeFor(request());
    clock.advance(Demo::demoCodeLifetime + std::chrono::seconds{1});
    EXPECT_EQ(token(redemption(code)).error(), u"invalid_grant"_s);
}

TEST_F(TokenTest, ACodeThatComesTwiceEndsWhatCameOfIt) // RFC 6749 §4.1.2
{
    const QString code = codeFor(request());
    const Answer tokens = token(redemption(code));
    EXPECT_TRUE(isActive(tokens.text(accessName)));
    EXPECT_EQ(token(redemption(code)).error(), u"invalid_grant"_s);
    EXPECT_FALSE(isActive(tokens.text(accessName)));
    EXPECT_EQ(token(refreshing(tokens)).error(), u"invalid_grant"_s);
}

TEST_F(TokenTest, ResourcesOfTheTokenRequestAreAmongTheGranted) // RFC 8707 §2.2
{
    const QString other = u"urn:example:other"_s;
    const Http::Form two = request() + Http::Form{{u"resource"_s, other}};
    const Answer both = token(redemption(codeFor(two)));
    EXPECT_EQ(both.claims()[u"aud"].toArray(), (QJsonArray{resource, other}));
    const Answer one = token(redemption(codeFor(two), {{u"resource"_s, other}}));
    EXPECT_EQ(one.claims()[u"aud"].toString(), other);
    EXPECT_EQ(token(refreshing(one, {{u"resource"_s, resource}})).claims()[u"aud"].toString(), resource);
    for (const QString &bad : {u"https://mcp.example/mcp/"_s, u"https://elsewhere.example"_s, u"mcp"_s})
        EXPECT_EQ(token(redemption(codeFor(two), {{u"resource"_s, bad}})).error(), u"invalid_target"_s);
    EXPECT_EQ(tokensFor({{u"resource"_s, {}}}).claims()[u"aud"].toString(), server.issuer()); // RFC 9068 §3
}

TEST_F(TokenTest, RefreshTokensRotate)
{
    const Answer first = tokensFor();
    clock.advance(std::chrono::seconds{100});
    const Answer second = token(refreshing(first));
    EXPECT_EQ(second.status, 200) << second.response.body.constData();
    EXPECT_NE(second.text(refreshName), first.text(refreshName));
    EXPECT_EQ(second.claims()[u"aud"].toString(), resource);
    EXPECT_EQ(second.claims()[u"exp"].toInteger(), clock.seconds() + 900);
    EXPECT_EQ(second.claims()[u"auth_time"], first.claims()[u"auth_time"]);
    EXPECT_EQ(token(refreshing(second)).status, 200);
}

TEST_F(TokenTest, ARefreshTokenThatComesTwiceEndsItsFamily) // OAuth 2.1 draft §4.3.1
{
    const Answer first = tokensFor();
    const Answer second = token(refreshing(first));
    const Answer other = tokensFor();
    EXPECT_EQ(token(refreshing(first)).error(), u"invalid_grant"_s);
    EXPECT_EQ(token(refreshing(second)).error(), u"invalid_grant"_s);
    EXPECT_FALSE(isActive(second.text(accessName)));
    EXPECT_TRUE(isActive(other.text(accessName)));
}

TEST_F(TokenTest, ARefreshMayNarrowScopesButNotWiden) // RFC 6749 §6
{
    const Answer wide = tokensFor({{u"scope"_s, u"read:todos create:todos"_s}});
    EXPECT_EQ(token(refreshing(wide, {{u"scope"_s, u"delete:todos"_s}})).error(), u"invalid_scope"_s);
    const Answer narrow = token(refreshing(wide, {{u"scope"_s, u"read:todos"_s}}));
    EXPECT_EQ(narrow.text(u"scope"_s), u"read:todos"_s);
    EXPECT_EQ(token(refreshing(narrow)).text(u"scope"_s), u"read:todos create:todos"_s);
}

TEST_F(TokenTest, ARefreshTokenIsBoundToItsClientAndItsTime)
{
    const Answer tokens = tokensFor();
    EXPECT_EQ(token(refreshing(tokens, {{u"client_id"_s, {}}}), machine()).error(), u"invalid_grant"_s);
    EXPECT_EQ(token(refreshing(tokens, {{u"refresh_token"_s, {}}})).error(), u"invalid_request"_s);
    clock.advance(std::chrono::seconds{86'400});
    EXPECT_EQ(token(refreshing(tokens)).error(), u"invalid_grant"_s);
}

TEST_F(TokenTest, RefreshTokensAreForThoseWhoAskForThem)
{
    const Http::Form machines{{u"client_id"_s, u"machine"_s}}; // not registered for refresh_token
    const auto redeem = [&](const Http::Form &more) {
        return token(redemption(codeFor(request(machines + more)), {{u"client_id"_s, {}}}), machine());
    };
    EXPECT_FALSE(redeem({}).json.contains(refreshName));
    const Answer offline = redeem({{u"scope"_s, u"offline_access"_s}});
    EXPECT_TRUE(offline.json.contains(refreshName));
    EXPECT_EQ(token(refreshing(offline, {{u"client_id"_s, {}}}), machine()).status, 200);
}

TEST_F(TokenTest, ConfidentialClientsProveThemselves) // RFC 6749 §2.3.1
{
    const Http::Form posted{{u"client_id"_s, u"machine"_s}, {u"client_secret"_s, u"s3cret+%"_s}};
    EXPECT_EQ(clientToken().status, 200);
    EXPECT_EQ(clientToken(posted, {}).status, 200);
    EXPECT_EQ(clientToken({{u"client_id"_s, u"machine"_s}}).status, 200); // named twice, but the same
    const QList<std::tuple<Http::Form, QByteArray, QString>> cases{
        {{}, {}, u"invalid_client"_s},
        {{{u"client_id"_s, u"machine"_s}}, {}, u"invalid_client"_s},
        {changed(posted, {{u"client_secret"_s, u"s3cret"_s}}), {}, u"invalid_client"_s},
        {posted, machine(), u"invalid_request"_s}, // one way at a time
        {{{u"client_id"_s, u"app"_s}}, machine(), u"invalid_client"_s},
        {{}, basic("machine:s3cret+%"), u"invalid_client"_s}, // not form-encoded
        {{}, basic("machine:"), u"invalid_client"_s},
        {{}, basic("machine"), u"invalid_client"_s},
        {{}, basic("app:"), u"invalid_client"_s},
        {{}, "Basic ???", u"invalid_client"_s},
        {{}, "Bearer abc", u"invalid_client"_s}};
    for (const auto &[form, authorization, error] : cases) {
        const Answer answer = clientToken(form, authorization);
        EXPECT_EQ(answer.error(), error) << authorization.constData();
        const bool challenges = answer.status == 401 && !authorization.isEmpty(); // RFC 6749 §5.2
        EXPECT_EQ(answer.response.header("WWW-Authenticate").startsWith("Basic "), challenges);
    }
}

TEST_F(TokenTest, MachinesHaveTokensForThemselves) // RFC 6749 §4.4
{
    const Answer tokens = clientToken({{u"scope"_s, u"read:todos"_s}});
    EXPECT_EQ(tokens.claims()[u"sub"].toString(), u"machine"_s);
    EXPECT_EQ(tokens.claims()[u"client_id"].toString(), u"machine"_s);
    EXPECT_EQ(tokens.claims()[u"aud"].toString(), resource);
    EXPECT_FALSE(tokens.claims().contains(u"auth_time"));
    EXPECT_FALSE(tokens.json.contains(refreshName));
    EXPECT_EQ(clientToken({{u"scope"_s, u"openid"_s}}).error(), u"invalid_scope"_s); // there is no user
    EXPECT_EQ(clientToken({{u"resource"_s, u"x"_s}}).error(), u"invalid_target"_s);
}

TEST_F(TokenTest, IntrospectionTellsConfidentialClientsOnly) // RFC 7662 §2
{
    const Answer tokens = tokensFor({{u"scope"_s, u"openid read:todos"_s}});
    const QJsonObject known = introspect(tokens.text(accessName)).json;
    EXPECT_EQ(known[u"active"], QJsonValue(true));
    EXPECT_EQ(known[u"scope"].toString(), u"openid read:todos"_s);
    EXPECT_EQ(known[u"username"].toString(), u"alice"_s);
    EXPECT_EQ(known[u"client_id"].toString(), u"app"_s);
    EXPECT_EQ(known[u"aud"].toString(), resource);
    EXPECT_EQ(known[u"token_type"].toString(), u"Bearer"_s);
    EXPECT_EQ(introspect(tokens.text(refreshName)).json[u"active"], QJsonValue(true));
    EXPECT_EQ(introspect(u"guess"_s).json, (QJsonObject{{u"active"_s, false}}));
    EXPECT_EQ(introspect({}).error(), u"invalid_request"_s);
    const QString endpointName = u"introspection_endpoint"_s;
    EXPECT_EQ(post(endpointName, {{u"token"_s, tokens.text(accessName)}}).status, 401);
    EXPECT_EQ(post(endpointName, {{u"token"_s, tokens.text(accessName)}, {u"client_id"_s, u"app"_s}}).status, 401);
}

TEST_F(TokenTest, WhoRegisteredThemselvesSeeOnlyTheirOwnTokens)
{
    const Answer registered =
        send("POST", endpoint(u"registration_endpoint"_s), "application/json",
             R"({"grant_types":["client_credentials"],"token_endpoint_auth_method":"client_secret_post"})");
    ASSERT_EQ(registered.status, 201) << registered.response.body.constData();
    const Http::Form proof{{u"client_id"_s, registered.text(u"client_id"_s)},
                           {u"client_secret"_s, registered.text(u"client_secret"_s)}};
    const auto sees = [&](const QString &secret) {
        return post(u"introspection_endpoint"_s, proof + Http::Form{{u"token"_s, secret}}).json[u"active"].toBool();
    };
    EXPECT_FALSE(sees(tokensFor().text(accessName)));
    EXPECT_FALSE(sees(tokensFor().text(refreshName)));
    EXPECT_TRUE(sees(clientToken(proof, {}).text(accessName)));
}

TEST_F(TokenTest, RevocationEndsATokenOrAWholeGrant) // RFC 7009 §2
{
    const auto revoke = [&](const QString &secret, const QString &who) {
        return post(u"revocation_endpoint"_s, {{u"token"_s, secret}, {u"client_id"_s, who}});
    };
    const Answer first = tokensFor();
    EXPECT_EQ(revoke(first.text(accessName), u"app"_s).status, 200);
    EXPECT_FALSE(isActive(first.text(accessName)));
    EXPECT_TRUE(isActive(first.text(refreshName)));
    const Answer second = token(refreshing(first));
    EXPECT_EQ(revoke(second.text(refreshName), u"app"_s).status, 200);
    EXPECT_FALSE(isActive(second.text(accessName)));
    EXPECT_EQ(token(refreshing(second)).error(), u"invalid_grant"_s);
    EXPECT_EQ(revoke(u"guess"_s, u"app"_s).status, 200); // §2.2: as good as revoked
    EXPECT_EQ(revoke(u"guess"_s, u"unknown"_s).error(), u"invalid_client"_s);
    const Answer third = tokensFor();
    const Answer foreign = post(u"revocation_endpoint"_s, {{u"token"_s, third.text(accessName)}}, machine());
    EXPECT_EQ(foreign.error(), u"invalid_grant"_s);
    EXPECT_TRUE(isActive(third.text(accessName)));
}

TEST_F(TokenTest, UserinfoTellsWhatTheScopesAllow) // OpenID Connect Core 1.0 §5.3, §5.4
{
    const auto claims = [&](const QString &scope) {
        return userinfo("Bearer " + tokensFor({{u"scope"_s, scope}}).text(accessName).toUtf8()).json;
    };
    EXPECT_EQ(claims(u"openid"_s), (QJsonObject{{u"sub"_s, u"alice"_s}}));
    EXPECT_EQ(claims(u"openid profile"_s)[u"name"].toString(), u"Alice Example"_s);
    EXPECT_EQ(claims(u"openid email"_s)[u"email"].toString(), u"alice@example.com"_s);
}

TEST_F(TokenTest, UserinfoRefusesAsResourceServersDo) // RFC 6750 §3.1
{
    const Answer nothing = userinfo({});
    EXPECT_EQ(nothing.status, 401);
    EXPECT_EQ(nothing.response.header("WWW-Authenticate"), QByteArray("Bearer"));
    const Answer wrong = userinfo("Bearer guess");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.response.header("WWW-Authenticate"), QByteArray("Bearer error=\"invalid_token\""));
    const Answer narrow = userinfo("Bearer " + tokensFor().text(accessName).toUtf8());
    EXPECT_EQ(narrow.status, 403);
    EXPECT_TRUE(narrow.response.header("WWW-Authenticate").contains("scope=\"openid\""));
}

namespace {

/// A client that signs its assertions (RFC 7523 §2.2).
class AssertionTest : public ProviderTest
{
protected:
    void SetUp() override
    {
        key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
        auto options = withClients();
        options.clients.append({.clientId = u"signer"_s,
                                .grantTypes = {u"client_credentials"_s},
                                .key = Jose::keyFromJwk(key.publicJwk()).value()});
        start(options);
    }

    QJsonObject claims(const QJsonObject &over = {}) const
    {
        QJsonObject all{{u"iss"_s, u"signer"_s},
                        {u"sub"_s, u"signer"_s},
                        {u"aud"_s, server.issuer()},
                        {u"jti"_s, QString::fromLatin1(encodeBase64Url(Jose::randomBytes(8)))},
                        {u"exp"_s, clock.seconds() + 60}};
        for (auto member = over.begin(); member != over.end(); ++member)
            all.insert(member.key(), member.value());
        return all;
    }

    Answer present(const QByteArray &assertion, const Http::Form &changes = {})
    {
        return token(changed({{u"grant_type"_s, u"client_credentials"_s},
                              {u"client_assertion_type"_s, u"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"_s},
                              {u"client_assertion"_s, QString::fromLatin1(assertion)}},
                             changes));
    }

    QByteArray sign(const QJsonObject &all) const { return Jose::signJwt({{u"typ"_s, u"JWT"_s}}, all, key).value(); }

    Jose::Key key;
};

} // namespace

TEST_F(AssertionTest, IsTakenForTheIssuerAndForTheTokenEndpoint) // RFC 7523 §3
{
    EXPECT_EQ(present(sign(claims())).status, 200);
    EXPECT_EQ(present(sign(claims({{u"aud"_s, endpoint(u"token_endpoint"_s)}}))).status, 200);
    EXPECT_EQ(present(sign(claims()), {{u"client_id"_s, u"signer"_s}}).status, 200);
}

TEST_F(AssertionTest, IsGoodOnce)
{
    const QByteArray assertion = sign(claims());
    EXPECT_EQ(present(assertion).status, 200);
    EXPECT_EQ(present(assertion).error(), u"invalid_client"_s);
}

TEST_F(AssertionTest, IsRefusedWhenItDoesNotHold)
{
    const QList<QJsonObject> cases{{{u"iss"_s, u"app"_s}},
                                   {{u"sub"_s, u"app"_s}},
                                   {{u"sub"_s, 1}},
                                   {{u"aud"_s, u"https://elsewhere.example"_s}},
                                   {{u"exp"_s, clock.seconds() - 61}},
                                   {{u"exp"_s, clock.seconds() + 3'601}},
                                   {{u"exp"_s, QJsonValue::Null}},
                                   {{u"nbf"_s, clock.seconds() + 61}},
                                   {{u"jti"_s, u""_s}}};
    for (const QJsonObject &over : cases)
        EXPECT_EQ(present(sign(claims(over))).error(), u"invalid_client"_s) << toJsonText(over).constData();
    const auto stranger = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
    EXPECT_EQ(present(Jose::signJwt({}, claims(), stranger).value()).error(), u"invalid_client"_s);
    EXPECT_EQ(present("not.a.jwt").error(), u"invalid_client"_s);
    EXPECT_EQ(present(sign(claims()), {{u"client_assertion_type"_s, u"urn:other"_s}}).error(), u"invalid_client"_s);
    EXPECT_EQ(present(sign(claims()), {{u"client_id"_s, u"machine"_s}}).error(), u"invalid_client"_s);
    EXPECT_EQ(present(sign(claims()), {{u"client_secret"_s, u"x"_s}}).error(), u"invalid_request"_s);
}

TEST_F(AssertionTest, RefusesRatherThanForgetWhichWereUsed)
{
    for (int i = 0; i < Demo::maxDemoEntries; ++i)
        ASSERT_EQ(present(sign(claims())).status, 200);
    EXPECT_EQ(present(sign(claims())).error(), u"invalid_client"_s);
    clock.advance(std::chrono::seconds{200});
    EXPECT_EQ(present(sign(claims())).status, 200);
}
