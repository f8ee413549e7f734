// What the embedded authorization server publishes, and how it is run.
#include "core/demo/providertest.h"
#include "http/exchangelog.h"
#include "metadata/validation.h"

using namespace McpAuth;
using namespace McpAuth::Test;

namespace {

QStringList stringsOf(const QJsonValue &value)
{
    return Json::strings(value).value_or(QStringList());
}

class AuthorizationServerTest : public ProviderTest
{
};

} // namespace

TEST_F(AuthorizationServerTest, PublishesItsMetadataAtAllThreePlaces) // RFC 8414 §3.1, §5; OIDC Discovery §4.1
{
    auto options = withClients();
    options.path = u"/tenant"_s;
    start(options);
    const QString origin = server.issuer().chopped(7);
    EXPECT_EQ(server.issuer(), origin + u"/tenant"_s);
    for (const QString &path :
         {u"/.well-known/oauth-authorization-server/tenant"_s, u"/.well-known/openid-configuration/tenant"_s,
          u"/tenant/.well-known/openid-configuration"_s}) {
        const auto answer = send("GET", origin + path, {}, {});
        EXPECT_EQ(answer.status, 200) << path.toStdString();
        EXPECT_EQ(answer.response.header("Access-Control-Allow-Origin"), QByteArray("*"));
        EXPECT_EQ(answer.json, server.metadata());
    }
    EXPECT_EQ(endpoint(u"token_endpoint"_s), server.issuer() + u"/token"_s);
}

TEST_F(AuthorizationServerTest, ItsMetadataFitMcpWithoutAWarning)
{
    auto options = withClients();
    options.http = &client;
    start(options);
    for (const Metadata::Finding &finding : Metadata::validateServerConfig(server.metadata()))
        EXPECT_NE(finding.level, Metadata::FindingLevel::Error) << finding.code.toStdString();
    const QJsonObject metadata = server.metadata();
    EXPECT_EQ(stringsOf(metadata[u"code_challenge_methods_supported"]), QStringList{u"S256"_s});
    EXPECT_EQ(metadata[u"authorization_response_iss_parameter_supported"], QJsonValue(true)); // RFC 9207 §3
    EXPECT_EQ(metadata[u"client_id_metadata_document_supported"], QJsonValue(true));
    EXPECT_EQ(metadata[u"request_uri_parameter_supported"], QJsonValue(false)); // absent: true (OIDC Discovery §3)
    EXPECT_EQ(stringsOf(metadata[u"token_endpoint_auth_methods_supported"]),
              (QStringList{u"none"_s, u"client_secret_basic"_s, u"client_secret_post"_s, u"private_key_jwt"_s}));
    EXPECT_FALSE(stringsOf(metadata[u"introspection_endpoint_auth_methods_supported"]).contains(u"none"_s));
    EXPECT_EQ(stringsOf(metadata[u"scopes_supported"]),
              (QStringList{u"openid"_s, u"profile"_s, u"email"_s, u"offline_access"_s, u"create:todos"_s,
                           u"read:todos"_s, u"delete:todos"_s}));
}

TEST_F(AuthorizationServerTest, PromisesMetadataDocumentsOnlyWhenItCanFetchThem)
{
    start();
    EXPECT_FALSE(server.metadata().contains(u"client_id_metadata_document_supported"));
    const auto page = authorize(request({{u"client_id"_s, u"https://app.example/client.json"_s}}));
    EXPECT_EQ(page.status, 400);
    EXPECT_TRUE(page.header("Location").isEmpty());
}

TEST_F(AuthorizationServerTest, PagesOfOtherOriginsMayReadWhatIsPublicAndCallTheApi)
{
    start();
    for (const QString &member : {u"token_endpoint"_s, u"registration_endpoint"_s, u"introspection_endpoint"_s,
                                  u"revocation_endpoint"_s, u"userinfo_endpoint"_s, u"jwks_uri"_s}) {
        Http::ClientRequest preflight;
        preflight.method = "OPTIONS";
        preflight.url = endpoint(member);
        preflight.headers.append("Origin", "https://inspector.example");
        const auto response = wait(client.send(preflight));
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, 204) << member.toStdString();
        EXPECT_EQ(response->header("Access-Control-Allow-Origin"), QByteArray("*"));
        EXPECT_TRUE(response->header("Access-Control-Allow-Headers").contains("Authorization"));
    }
    const auto page = browser->get(path(u"authorization_endpoint"_s) + '?' + Http::toFormText(request()),
                                   "Origin: https://inspector.example\r\n");
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(page.header("Access-Control-Allow-Origin").isEmpty());
}

TEST_F(AuthorizationServerTest, ItsKeySetIsPublicAndMayBeCached)
{
    start();
    const auto answer = send("GET", endpoint(u"jwks_uri"_s), {}, {});
    EXPECT_EQ(answer.response.header("Cache-Control"), QByteArray("max-age=300"));
    EXPECT_EQ(answer.json, server.keySet());
    EXPECT_FALSE(answer.json[u"keys"].toArray().at(0).toObject().contains(u"d"));
    ASSERT_EQ(server.publicKeys().size(), 1);
    EXPECT_FALSE(server.publicKeys().first().isPrivate());
}

TEST_F(AuthorizationServerTest, RefusesOptionsThatCannotBe)
{
    using Options = Demo::AuthorizationServerOptions;
    const QList<std::pair<Options, QString>> cases{
        {{.algorithm = "HS256"}, u"unsupported_algorithm"_s},
        {{.users = {}}, u"invalid_options"_s},
        {{.users = {{.name = {}}}}, u"invalid_options"_s},
        {{.scopes = {u"a b"_s}}, u"invalid_options"_s},
        {{.scopes = {u"a\"b"_s}}, u"invalid_options"_s},
        {{.clients = {{.clientId = {}}}}, u"invalid_options"_s},
        {{.clients = {{.clientId = u"a"_s, .redirectUris = {u"http://app.example/"_s}}}}, u"invalid_options"_s},
        {{.clients = {{.clientId = u"a"_s, .redirectUris = {u"https://app.example/#x"_s}}}}, u"invalid_options"_s}};
    for (qsizetype i = 0; i < cases.size(); ++i)
        EXPECT_EQ(codeOf(server.start(cases[i].first)), cases[i].second) << "case " << i;
    EXPECT_FALSE(server.isRunning());
}

TEST_F(AuthorizationServerTest, StopsAndStartsAgainKnowingNothingOfBefore)
{
    startWithAutoConsent();
    const Answer tokens = tokensFor();
    ASSERT_EQ(tokens.status, 200);
    const quint16 port = QUrl(server.issuer()).port();
    EXPECT_EQ(codeOf(server.start()), u"already_listening"_s);
    wait(server.stop());
    EXPECT_FALSE(server.isRunning());
    auto options = withClients();
    options.port = port;
    ASSERT_TRUE(server.start(options));
    Http::Client fresh; // the other may not know yet that its connection was closed
    sender = &fresh;
    EXPECT_EQ(token(refreshing(tokens)).error(), u"invalid_grant"_s);
}

TEST_F(AuthorizationServerTest, TellsOfEveryRequestWithoutSecrets)
{
    startWithAutoConsent();
    events.clear();
    const Answer tokens = tokensFor();
    send("GET", server.issuer() + u"/nowhere"_s, {}, {});
    ASSERT_EQ(events.size(), 3);
    const QJsonObject authorized = Demo::toJson(events[0]);
    EXPECT_EQ(authorized[u"event"].toString(), u"request"_s);
    EXPECT_EQ(authorized[u"endpoint"].toString(), u"authorize"_s);
    EXPECT_EQ(authorized[u"path"].toString(), u"/authorize"_s); // no query: state stands there
    EXPECT_EQ(authorized[u"status"].toInt(), 303);
    EXPECT_EQ(authorized[u"clientId"].toString(), u"app"_s);
    EXPECT_EQ(authorized[u"subject"].toString(), u"alice"_s);
    EXPECT_TRUE(authorized[u"error"].isNull());
    const QJsonObject redeemed = Demo::toJson(events[1]);
    EXPECT_EQ(redeemed[u"endpoint"].toString(), u"token"_s);
    EXPECT_EQ(redeemed[u"grant"].toString(), u"authorization_code"_s);
    EXPECT_FALSE(toJsonText(redeemed).contains(tokens.text(u"access_token"_s).toUtf8()));
    EXPECT_EQ(events[2].status, 404);
    EXPECT_TRUE(events[2].endpoint.isEmpty());
}

TEST_F(AuthorizationServerTest, ItsExchangesHoldNoSecrets)
{
    Http::ExchangeLog log;
    auto options = withClients();
    options.autoConsent = true;
    options.log = &log;
    start(options);
    const QString code = codeFor(request());
    const Answer tokens = token(redemption(code));
    ASSERT_EQ(tokens.status, 200);
    ASSERT_TRUE(waitUntil([&] { return log.exchanges().size() == 2; }));
    for (const Http::Exchange &exchange : log.exchanges()) {
        QByteArray all = exchange.url.toUtf8() + exchange.requestBody + exchange.responseBody;
        for (const auto &[name, value] : exchange.responseHeaders.toListOfPairs())
            all += value;
        for (const QString &secret : {code, verifier, tokens.text(u"access_token"_s), tokens.text(u"refresh_token"_s)})
            EXPECT_FALSE(all.contains(secret.toUtf8())) << exchange.url.toStdString();
    }
}

TEST_F(AuthorizationServerTest, ForgetsTheOldestRegistrationAtItsBound)
{
    start();
    const QByteArray body = R"({"redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none"})";
    const auto registered = [&] {
        return send("POST", endpoint(u"registration_endpoint"_s), "application/json", body).text(u"client_id"_s);
    };
    const QString first = registered();
    const QString second = registered();
    for (int i = 2; i < Demo::maxDemoEntries; ++i)
        registered();
    const auto asks = [&](const QString &id) { return authorize(request({{u"client_id"_s, id}})).status; };
    EXPECT_EQ(asks(first), 200);
    registered();
    EXPECT_EQ(asks(first), 400);
    EXPECT_EQ(asks(second), 200);
}

TEST_F(AuthorizationServerTest, TakesNoLargeBodies)
{
    start();
    const auto answer = send("POST", endpoint(u"token_endpoint"_s), "application/x-www-form-urlencoded",
                             QByteArray(Demo::maxProviderBody + 1, 'a'));
    EXPECT_EQ(answer.status, 413);
    ASSERT_EQ(events.size(), 1); // also what the server refuses by itself is told of
    EXPECT_EQ(events[0].status, 413);
}

TEST(DemoFault, NamesAreOneToOne)
{
    QSet<QString> names;
    for (const Demo::Fault fault : Demo::faults()) {
        names.insert(Demo::toString(fault));
        EXPECT_EQ(Demo::faultFrom(Demo::toString(fault)), fault);
        EXPECT_TRUE(Demo::description(fault).endsWith(u'.'));
    }
    EXPECT_EQ(names.size(), 11);
    EXPECT_FALSE(Demo::faultFrom(u"none"));
}
