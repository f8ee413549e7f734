#include "base/base64url.h"
#include "jose/jwt.h"
#include "jose/verify.h"
#include "oauth/tokenendpoint.h"
#include "support/clock.h"
#include "testprovider.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {
namespace {

using namespace Test;

QString valueOf(const Http::Form &form, QStringView name)
{
    return Http::formValue(form, name).value().value_or(QString());
}

QJsonObject tokenAnswer(const QString &accessToken, const QJsonObject &more = {})
{
    QJsonObject answer{{u"access_token"_s, accessToken}, {u"token_type"_s, u"Bearer"_s}};
    for (auto member = more.begin(); member != more.end(); ++member)
        answer.insert(member.key(), member.value());
    return answer;
}

class TokenEndpoint : public testing::Test
{
protected:
    TokenEndpoint()
    {
        provider.metadata.insert(u"revocation_endpoint"_s, provider.url(u"/revoke"_s));
        provider.metadata.insert(u"token_endpoint_auth_methods_supported"_s,
                                 QJsonArray{u"client_secret_basic"_s, u"client_secret_post"_s, u"private_key_jwt"_s});
        provider.on("/token", tokenAnswer(u"first-token"_s));
    }

    [[nodiscard]] Metadata::AuthorizationServerMetadata metadata() const
    {
        return Metadata::parseAuthorizationServerMetadata(provider.metadata).value();
    }

    [[nodiscard]] TokenRequest request(ClientInformation information = {.clientId = u"alice's tool"_s, .issuer = {}})
    {
        return {.server = metadata(),
                .client = std::move(information),
                .fields = {{u"grant_type"_s, u"authorization_code"_s}, {u"code"_s, u"splendid-code"_s}},
                .requestedScopes = {u"read"_s, u"write"_s},
                .clock = clock.clock(),
                .stop = {}};
    }

    Result<Tokens> answered(const QJsonObject &answer)
    {
        provider.on("/token", answer);
        return wait(requestTokens(&client, request()));
    }

    [[nodiscard]] Http::Request lastRequest() const { return provider.last("/token"); }

    Journal journal;
    TestProvider provider{journal};
    ManualClock clock;
    Http::Client client;
};

ClientInformation confidential()
{
    return {.clientId = u"id:with/colon"_s, .issuer = {}, .clientSecret = Secret("s e+c%r&t")};
}

// RFC 6749 §2.3.1: form-encoded first, so that a ':' in the ID does not end it.
TEST_F(TokenEndpoint, EncodesIdAndSecretBeforeBasic)
{
    ASSERT_TRUE(wait(requestTokens(&client, request(confidential()))));
    EXPECT_EQ(lastRequest().header("authorization"),
              "Basic " + QByteArray("id%3Awith%2Fcolon:s+e%2Bc%25r%26t").toBase64());
    EXPECT_EQ(valueOf(provider.formOf("/token"), u"client_secret"), QString());
    EXPECT_EQ(lastRequest().header("content-type"), "application/x-www-form-urlencoded");
}

TEST_F(TokenEndpoint, SendsTheSecretInTheBodyWhereOnlyThatIsTaken)
{
    TokenRequest post = request(confidential());
    post.server.tokenEndpointAuthMethodsSupported = QStringList{u"client_secret_post"_s};
    ASSERT_TRUE(wait(requestTokens(&client, post)));
    EXPECT_EQ(lastRequest().headerCount("authorization"), 0);
    EXPECT_EQ(valueOf(provider.formOf("/token"), u"client_id"), u"id:with/colon");
    EXPECT_EQ(valueOf(provider.formOf("/token"), u"client_secret"), u"s e+c%r&t");
}

TEST_F(TokenEndpoint, NamesAPublicClientInTheBodyOnce)
{
    TokenRequest once = request();
    once.fields.emplace_back(u"client_id"_s, u"somebody else"_s);
    ASSERT_TRUE(wait(requestTokens(&client, once)));
    EXPECT_EQ(lastRequest().headerCount("authorization"), 0);
    EXPECT_EQ(valueOf(provider.formOf("/token"), u"client_id"), u"alice's tool");
    EXPECT_EQ(valueOf(provider.formOf("/token"), u"code"), u"splendid-code");
}

// RFC 7523 §2.2 and §3, with the issuer alone as the audience.
TEST_F(TokenEndpoint, SignsAnAssertionForTheIssuer)
{
    const Jose::Key key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
    ClientInformation machine{.clientId = u"machine"_s, .issuer = {}, .key = key};
    ASSERT_TRUE(wait(requestTokens(&client, request(machine))));
    ASSERT_TRUE(wait(requestTokens(&client, request(machine))));

    QStringList identifiers;
    for (const Http::Request &sent : provider.requests()) {
        const Http::Form form = Http::parseForm(sent.body).value();
        EXPECT_EQ(valueOf(form, u"client_assertion_type"), u"urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        const Jose::Jws jws = Jose::parseJws(valueOf(form, u"client_assertion").toLatin1()).value();
        EXPECT_TRUE(Jose::verifySignature(jws, key, {"ES256"}));
        EXPECT_EQ(jws.header.value(u"typ"), u"JWT"_s);
        const QJsonObject claims = Jose::parseClaims(jws).value();
        EXPECT_EQ(claims.value(u"iss"), u"machine"_s);
        EXPECT_EQ(claims.value(u"sub"), u"machine"_s);
        EXPECT_EQ(claims.value(u"aud"), provider.origin());
        EXPECT_EQ(claims.value(u"iat").toInteger(), clock.seconds());
        EXPECT_EQ(claims.value(u"exp").toInteger(), clock.seconds() + 60);
        identifiers.append(claims.value(u"jti").toString());
    }
    EXPECT_NE(identifiers.at(0), identifiers.at(1));
}

TEST_F(TokenEndpoint, SignsWithAnAlgorithmThatTheProviderLists)
{
    const QJsonObject jwk = Jose::generateKey(*Jose::findAlgorithm("RS256")).value().privateJwk();
    QJsonObject undeclared = jwk;
    undeclared.remove(u"alg");
    TokenRequest signedRequest =
        request({.clientId = u"machine"_s, .issuer = {}, .key = Jose::keyFromJwk(undeclared).value()});
    signedRequest.server.tokenEndpointAuthSigningAlgValuesSupported = QStringList{u"ES256"_s, u"PS256"_s};
    ASSERT_TRUE(wait(requestTokens(&client, signedRequest)));
    const QString assertion = valueOf(provider.formOf("/token"), u"client_assertion");
    EXPECT_EQ(Jose::parseJws(assertion.toLatin1()).value().alg, "PS256");

    signedRequest.server.tokenEndpointAuthSigningAlgValuesSupported = QStringList{u"ES256"_s};
    EXPECT_EQ(codeOf(wait(requestTokens(&client, signedRequest))), u"no_signing_algorithm");
    EXPECT_EQ(provider.requests().size(), 1);
}

// RFC 7523 §3 allows the token endpoint's URL; some providers take nothing else.
TEST_F(TokenEndpoint, SignsAnAssertionForTheTokenEndpointWhereThatIsAskedFor)
{
    const ClientInformation machine{.clientId = u"machine"_s,
                                    .issuer = {},
                                    .key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value(),
                                    .assertionAudience = AssertionAudience::TokenEndpoint};
    const TokenRequest asked = request(machine);
    ASSERT_TRUE(wait(requestTokens(&client, asked)));
    const QString assertion = valueOf(provider.formOf("/token"), u"client_assertion");
    const QJsonObject claims = Jose::parseClaims(Jose::parseJws(assertion.toLatin1()).value()).value();
    EXPECT_EQ(claims.value(u"aud"), asked.server.tokenEndpoint);
}

TEST(ClientAuthentication, PrefersWhatTheRegistrationSays)
{
    ClientInformation information = confidential();
    information.registeredMethod = ClientAuthMethod::ClientSecretPost;
    EXPECT_EQ(chooseClientAuthMethod({}, information), ClientAuthMethod::ClientSecretPost);
    information.registeredMethod = ClientAuthMethod::None;
    EXPECT_EQ(chooseClientAuthMethod({}, information), ClientAuthMethod::None);
    information.registeredMethod = ClientAuthMethod::PrivateKeyJwt; // without a key it cannot
    EXPECT_EQ(chooseClientAuthMethod({}, information), ClientAuthMethod::ClientSecretBasic);
}

TEST(ClientAuthentication, FailsWhereNothingThatTheClientHasIsTaken)
{
    Metadata::AuthorizationServerMetadata server;
    server.tokenEndpointAuthMethodsSupported = QStringList{u"private_key_jwt"_s, u"tls_client_auth"_s};
    const auto method = chooseClientAuthMethod(server, confidential());
    ASSERT_EQ(codeOf(method), u"no_client_auth_method");
    EXPECT_EQ(method.error().details.value(u"supported").toArray().size(), 2);
    // A client with nothing to show is public, whatever is listed.
    EXPECT_EQ(chooseClientAuthMethod(server, {.clientId = u"public"_s, .issuer = {}}), ClientAuthMethod::None);
}

TEST(ClientAuthentication, KnowsTheNamesOfMethods)
{
    for (const auto method : {ClientAuthMethod::None, ClientAuthMethod::ClientSecretBasic,
                              ClientAuthMethod::ClientSecretPost, ClientAuthMethod::PrivateKeyJwt})
        EXPECT_EQ(clientAuthMethodFrom(toString(method)), method);
    EXPECT_EQ(clientAuthMethodFrom(u"Client_Secret_Basic"), std::nullopt);
}

// RFC 6749 §5.1
TEST_F(TokenEndpoint, ReadsAWholeAnswer)
{
    const auto tokens = answered({{u"access_token"_s, u"a"_s},
                                  {u"token_type"_s, u"bEARER"_s},
                                  {u"expires_in"_s, 90.5},
                                  {u"refresh_token"_s, u"r"_s},
                                  {u"id_token"_s, u"i"_s},
                                  {u"scope"_s, u"read  offline_access"_s}});
    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->accessToken.reveal(), "a");
    EXPECT_EQ(tokens->tokenType, u"Bearer");
    EXPECT_EQ(tokens->expiresAt, clock.now() + std::chrono::milliseconds(90'500));
    EXPECT_EQ(tokens->refreshToken.reveal(), "r");
    EXPECT_EQ(tokens->idToken.reveal(), "i");
    EXPECT_EQ(tokens->scopes, (QStringList{u"read"_s, u"offline_access"_s}));
}

TEST_F(TokenEndpoint, TakesTheRequestedScopesAndNoExpiryWhenNothingIsSaid)
{
    const auto tokens = answered(tokenAnswer(u"a"_s));
    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->scopes, (QStringList{u"read"_s, u"write"_s}));
    EXPECT_EQ(tokens->expiresAt, std::nullopt);
    EXPECT_TRUE(tokens->refreshToken.isEmpty());
}

TEST_F(TokenEndpoint, BoundsALifetime)
{
    const auto tokens = answered(tokenAnswer(u"a"_s, {{u"expires_in"_s, 1e300}}));
    ASSERT_TRUE(tokens);
    EXPECT_LT(*tokens->expiresAt, clock.now() + std::chrono::years(11));
    EXPECT_GT(*tokens->expiresAt, clock.now() + std::chrono::years(9));
}

class InvalidTokenAnswer : public TokenEndpoint, public testing::WithParamInterface<const char *>
{
};

TEST_P(InvalidTokenAnswer, IsRefused)
{
    const QByteArray body = GetParam();
    provider.on("/token", [body](const Http::Request &) { return Http::Response::jsonText(200, body); });
    EXPECT_EQ(codeOf(wait(requestTokens(&client, request()))), u"invalid_token_response");
}

INSTANTIATE_TEST_SUITE_P(Strictly, InvalidTokenAnswer,
                         testing::Values("", "[]", "access_token=a&token_type=bearer", R"({"token_type":"Bearer"})",
                                         R"({"access_token":"a"})", R"({"access_token":"a","token_type":"DPoP"})",
                                         R"({"access_token":"","token_type":"Bearer"})",
                                         R"({"access_token":7,"token_type":"Bearer"})",
                                         R"({"access_token":"a b","token_type":"Bearer"})",
                                         R"({"access_token":"a\r\nX-Evil: 1","token_type":"Bearer"})",
                                         R"({"access_token":"a","access_token":"b","token_type":"Bearer"})",
                                         R"({"access_token":"a","token_type":"Bearer","expires_in":"soon"})",
                                         R"({"access_token":null,"token_type":"Bearer"})",
                                         R"({"access_token":"a","token_type":"Bearer","expires_in":-1})",
                                         R"({"access_token":"a","token_type":"Bearer","scope":["read"]})"));

TEST_F(TokenEndpoint, ReadsWhatCannotBeMisunderstoodWithARemark)
{
    const std::pair<const char *, QString> rows[] = {
        {R"({"access_token":"a","token_type":"Bearer","expires_in":"3600"})", u"`expires_in` is text"_s},
        {R"({"access_token":"a","token_type":"Bearer","expires_in":null})", u"`expires_in` is null"_s},
        {R"({"access_token":"a","token_type":"Bearer","refresh_token":null})", u"`refresh_token` is null"_s},
        {R"({"access_token":"a","token_type":"Bearer","id_token":null})", u"`id_token` is null"_s},
        {R"({"access_token":"a","token_type":"Bearer","scope":null})", u"`scope` is null"_s},
    };
    for (const auto &[body, remark] : rows) {
        provider.on("/token", Http::Response::jsonText(200, body));
        const auto tokens = wait(requestTokens(&client, request()));
        ASSERT_TRUE(tokens) << body;
        ASSERT_EQ(tokens->remarks.size(), 1) << body;
        EXPECT_TRUE(tokens->remarks.first().startsWith(remark)) << tokens->remarks.first().toStdString();
        EXPECT_EQ(tokens->expiresAt.has_value(), QByteArray(body).contains("3600"));
    }
    provider.on("/token",
                Http::Response::json(200, {{u"error"_s, u"invalid_grant"_s}, {u"access_token"_s, QJsonValue()}}));
    EXPECT_EQ(codeOf(wait(requestTokens(&client, request()))), u"token_request_refused");
    provider.on("/token", Http::Response::json(201, tokenAnswer(u"a"_s)));
    const auto created = wait(requestTokens(&client, request()));
    ASSERT_TRUE(created);
    EXPECT_TRUE(created->remarks.join(u' ').contains(u"HTTP 201"));
    provider.on("/token", Http::Response::json(200, tokenAnswer(u"a"_s)));
    EXPECT_TRUE(wait(requestTokens(&client, request()))->remarks.isEmpty());
}

TEST_F(TokenEndpoint, SaysThatAnAnswerIsCompressed) // RFC 9110 §12.5.3
{
    provider.on("/token", Http::Response::jsonText(200, "\x1f\x8b").set("Content-Encoding", "gzip"));
    const auto tokens = wait(requestTokens(&client, request()));
    ASSERT_EQ(codeOf(tokens), u"invalid_token_response");
    EXPECT_TRUE(tokens.error().message.contains(u"compressed (gzip)")) << tokens.error().message.toStdString();
}

TEST_F(TokenEndpoint, RefusesATokenThatNoHeaderCanCarry)
{
    EXPECT_EQ(codeOf(answered(tokenAnswer(QString(Jose::maxTokenBytes + 1, u'a')))), u"invalid_token_response");
    EXPECT_TRUE(answered(tokenAnswer(QString(Jose::maxTokenBytes, u'a'))));
}

TEST_F(TokenEndpoint, RefusesAnAnswerThatIsNotCalledJson)
{
    provider.on("/token", [](const Http::Request &) {
        return Http::Response::html(200, QString::fromUtf8(toJsonText(tokenAnswer(u"a"_s))));
    });
    EXPECT_EQ(codeOf(wait(requestTokens(&client, request()))), u"invalid_token_response");
}

// RFC 6749 §5.2
TEST_F(TokenEndpoint, TellsARefusalInTheProvidersWords)
{
    provider.on("/token", [](const Http::Request &) {
        return Http::Response::json(400, {{u"error"_s, u"invalid_grant"_s},
                                          {u"error_description"_s, u"Too\u0007 \u202Elate\n"_s},
                                          {u"error_uri"_s, u"javascript:alert(1)"_s}});
    });
    const auto tokens = wait(requestTokens(&client, request()));
    ASSERT_EQ(codeOf(tokens), u"token_request_refused");
    EXPECT_EQ(
        tokens.error().details,
        (QJsonObject{{u"status"_s, 400}, {u"error"_s, u"invalid_grant"_s}, {u"error_description"_s, u"Too late"_s}}));
    EXPECT_TRUE(tokens.error().message.contains(u"invalid_grant (Too late)"));
}

TEST_F(TokenEndpoint, CutsALongDescription)
{
    provider.on("/token", [](const Http::Request &) {
        return Http::Response::error(401, u"invalid_client"_s, QString(100'000, u'x'));
    });
    const auto tokens = wait(requestTokens(&client, request()));
    EXPECT_LT(tokens.error().details.value(u"error_description").toString().size(), 400);
}

TEST_F(TokenEndpoint, NeverRepeatsASecretThatTheProviderRepeats)
{
    provider.on("/token", [](const Http::Request &sent) {
        return Http::Response::error(400, u"invalid_client"_s,
                                     QString::fromUtf8(sent.header("authorization") + " s e+c%r&t " + sent.body));
    });
    const auto tokens = wait(requestTokens(&client, request(confidential())));
    const QString shown = QString::fromUtf8(toJsonText(toJson(tokens.error())));
    EXPECT_FALSE(shown.contains(u"splendid-code")) << shown.toStdString();
    EXPECT_FALSE(shown.contains(u"s e+c%r&t")) << shown.toStdString();
    EXPECT_FALSE(shown.contains(QString::fromLatin1(QByteArray("id%3Awith%2Fcolon:s+e%2Bc%25r%26t").toBase64())));
}

TEST_F(TokenEndpoint, SeesARefusalBehindStatus200)
{
    provider.on("/token", QJsonObject{{u"error"_s, u"bad_verification_code"_s}});
    EXPECT_EQ(codeOf(wait(requestTokens(&client, request()))), u"token_request_refused");
}

TEST_F(TokenEndpoint, TellsAStatusWithoutWords)
{
    provider.on("/token", [](const Http::Request &) { return Http::Response::html(502, u"<h1>Bad gateway</h1>"_s); });
    const auto tokens = wait(requestTokens(&client, request()));
    ASSERT_EQ(codeOf(tokens), u"token_request_refused");
    EXPECT_EQ(tokens.error().details, (QJsonObject{{u"status"_s, 502}}));
}

TEST_F(TokenEndpoint, SendsNoSecretOverPlainHttpAcrossTheNetwork)
{
    TokenRequest plain = request(confidential());
    plain.server.tokenEndpoint = u"http://provider.example/token"_s;
    EXPECT_EQ(codeOf(wait(requestTokens(&client, plain))), u"insecure_url");
}

TEST_F(TokenEndpoint, CanBeCancelled)
{
    Gate gate;
    provider.hold("/token", gate.opened());
    std::stop_source stop;
    TokenRequest held = request();
    held.stop = stop.get_token();
    auto tokens = requestTokens(&client, held);
    ASSERT_TRUE(RawServer::waitUntil([&] { return provider.requests().size() == 1; }));
    stop.request_stop();
    EXPECT_EQ(codeOf(wait(std::move(tokens))), u"cancelled");
}

// RFC 7009 §2.1
TEST_F(TokenEndpoint, RevokesAToken)
{
    provider.on("/revoke", [](const Http::Request &) { return Http::Response::empty(200); });
    EXPECT_TRUE(wait(revokeToken(&client, metadata(), confidential(), Secret("refresh"), u"refresh_token"_s)));
    const Http::Request sent = provider.last("/revoke");
    EXPECT_EQ(valueOf(provider.formOf("/revoke"), u"token"), u"refresh");
    EXPECT_EQ(valueOf(provider.formOf("/revoke"), u"token_type_hint"), u"refresh_token");
    EXPECT_TRUE(sent.header("authorization").startsWith("Basic "));
}

TEST_F(TokenEndpoint, TellsWhyNothingWasRevoked)
{
    provider.on("/revoke", [](const Http::Request &) {
        return Http::Response::json(400, {{u"error"_s, u"unsupported_token_type"_s}});
    });
    const auto refused = wait(revokeToken(&client, metadata(), confidential(), Secret("refresh"), {}));
    ASSERT_EQ(codeOf(refused), u"revocation_refused");
    EXPECT_EQ(refused.error().details.value(u"error"), u"unsupported_token_type"_s);

    auto without = metadata();
    without.revocationEndpoint.reset();
    EXPECT_EQ(codeOf(wait(revokeToken(&client, without, confidential(), Secret("refresh"), {}))),
              u"revocation_not_supported");
}

TEST(Tokens, AreWrittenWithTheirSecretsForWhoAsks)
{
    const ManualClock clock;
    Metadata::AuthorizationServerMetadata server;
    server.issuer = u"https://provider.example"_s;
    const Authorization authorization{.mcpUrl = u"https://mcp.example/mcp"_s,
                                      .resource = u"https://mcp.example/mcp"_s,
                                      .server = server,
                                      .client = {.clientId = u"tool"_s, .issuer = {}},
                                      .requestedScopes = {},
                                      .tokens = {.accessToken = Secret("a"),
                                                 .expiresAt = clock.now() + std::chrono::milliseconds(9'900),
                                                 .scopes = {u"read"_s, u"write"_s}}};
    EXPECT_EQ(toJson(authorization, clock.now()), (QJsonObject{{u"access_token"_s, u"a"_s},
                                                               {u"token_type"_s, u"Bearer"_s},
                                                               {u"expires_in"_s, 9},
                                                               {u"expires_at"_s, clock.seconds() + 9},
                                                               {u"scope"_s, u"read write"_s},
                                                               {u"issuer"_s, u"https://provider.example"_s},
                                                               {u"client_id"_s, u"tool"_s},
                                                               {u"resource"_s, u"https://mcp.example/mcp"_s}}));
    EXPECT_EQ(toJson(authorization, clock.now() + std::chrono::hours(1)).value(u"expires_in"), 0);
}

} // namespace
} // namespace McpAuth::OAuth
