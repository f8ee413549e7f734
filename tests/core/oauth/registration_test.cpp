// Dynamic client registration (RFC 7591) and Client ID Metadata Documents.
#include "core/oauth/testprovider.h"

using namespace McpAuth;
using namespace McpAuth::OAuth;
using namespace McpAuth::Test;

namespace {

constexpr auto as = "/register";

class RegistrationTest : public testing::Test
{
protected:
    Result<ClientInformation> send(const ClientMetadata &metadata = {})
    {
        Metadata::AuthorizationServerMetadata server;
        server.issuer = host.origin();
        server.registrationEndpoint = host.url(u"/register"_s);
        return wait(registerClient(&client, server, metadata));
    }

    Journal journal;
    Host host{u"as"_s, journal};
    Http::Client client;
};

TEST(ClientMetadata, SaysWhatRfc7591Asks)
{
    ClientMetadata metadata;
    metadata.redirectUris = {u"http://127.0.0.1:1/callback"_s};
    metadata.scope = u"a b"_s;
    EXPECT_EQ(toJson(metadata),
              (QJsonObject{{u"client_name"_s, u"MCP Auth Tester"_s},
                           {u"redirect_uris"_s, QJsonArray{u"http://127.0.0.1:1/callback"_s}},
                           {u"grant_types"_s, QJsonArray{u"authorization_code"_s, u"refresh_token"_s}},
                           {u"response_types"_s, QJsonArray{u"code"_s}},
                           {u"token_endpoint_auth_method"_s, u"none"_s},
                           {u"application_type"_s, u"native"_s},
                           {u"scope"_s, u"a b"_s}}));
    metadata.applicationType.clear();
    EXPECT_FALSE(toJson(metadata).contains(u"application_type"));
}

TEST(ClientIdMetadataDocument, HasItsOwnUrlAsClientId) // CIMD draft §4.1
{
    const QString url = u"https://app.example/client.json"_s;
    ClientMetadata metadata;
    metadata.tokenEndpointAuthMethod = ClientAuthMethod::ClientSecretPost;
    const auto document = clientIdMetadataDocument(url, metadata);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->value(u"client_id"), url);
    EXPECT_EQ(document->value(u"client_name"), u"MCP Auth Tester"_s);
    EXPECT_EQ(document->value(u"token_endpoint_auth_method"), u"none"_s); // no secrets in public
}

class BadMetadataUrl : public testing::TestWithParam<const char16_t *>
{
};

TEST_P(BadMetadataUrl, IsRefused) // CIMD draft §3
{
    const QString url = QString::fromUtf16(GetParam());
    EXPECT_EQ(codeOf(checkClientMetadataUrl(url)), u"invalid_client_metadata_url");
    EXPECT_EQ(codeOf(clientIdMetadataDocument(url, {})), u"invalid_client_metadata_url");
}

INSTANTIATE_TEST_SUITE_P(Registration, BadMetadataUrl,
                         testing::Values(u"", u"client.json", u"http://app.example/client.json", u"https://app.example",
                                         u"https://app.example/", u"https://app.example/c.json#top",
                                         u"https://user@app.example/c.json", u"https://app.example/a/../c.json",
                                         u"https://app.example/./c.json", u"https://app.example/%2e%2E/c.json"));

TEST_F(RegistrationTest, KeepsWhatTheProviderSays)
{
    host.on(as, Http::Response::json(201, {{u"client_id"_s, u"id-1"_s},
                                           {u"client_secret"_s, u"secret-1"_s},
                                           {u"client_secret_expires_at"_s, 1'800'000'000},
                                           {u"token_endpoint_auth_method"_s, u"client_secret_post"_s},
                                           {u"redirect_uris"_s, QJsonArray{u"http://127.0.0.1/x"_s}}}));
    const auto registered = send();
    ASSERT_TRUE(registered);
    EXPECT_EQ(registered->clientId, u"id-1");
    EXPECT_EQ(registered->issuer, host.origin());
    EXPECT_EQ(registered->origin, ClientInformation::Origin::Dynamic);
    EXPECT_EQ(registered->clientSecret.reveal(), "secret-1");
    EXPECT_EQ(registered->secretExpiresAt, TimePoint(std::chrono::seconds(1'800'000'000)));
    EXPECT_EQ(registered->registeredMethod, ClientAuthMethod::ClientSecretPost);
    EXPECT_EQ(registered->redirectUris, QStringList{u"http://127.0.0.1/x"_s});
}

TEST_F(RegistrationTest, TakesAnExpiryOfZeroForNever) // RFC 7591 §3.2.1
{
    host.on(as, Http::Response::json(201, {{u"client_id"_s, u"id-1"_s}, {u"client_secret_expires_at"_s, 0}}));
    const auto registered = send();
    ASSERT_TRUE(registered);
    EXPECT_FALSE(registered->secretExpiresAt);
    EXPECT_FALSE(registered->registeredMethod);
}

TEST_F(RegistrationTest, SaysSoWhereThereIsNoEndpoint)
{
    EXPECT_EQ(codeOf(wait(registerClient(&client, {}, {}))), u"registration_not_supported");
}

TEST_F(RegistrationTest, TellsWhyItWasRefused)
{
    host.on(as, Http::Response::error(400, u"invalid_client_metadata"_s, u"No such grant type"_s));
    const auto registered = send();
    ASSERT_EQ(codeOf(registered), u"registration_refused");
    EXPECT_EQ(registered.error().details.value(u"status"), 400);
    EXPECT_EQ(registered.error().details.value(u"error"), u"invalid_client_metadata"_s);
    EXPECT_EQ(registered.error().details.value(u"error_description"), u"No such grant type"_s);
    EXPECT_TRUE(registered.error().message.contains(u"No such grant type")) << registered.error().message.toStdString();
}

TEST_F(RegistrationTest, ExplainsRedirectConstraints) // 2026-07-28, Application Type and Redirect URI Constraints
{
    host.on(as, Http::Response::error(400, u"invalid_redirect_uri"_s, u"redirect_uris must be https"_s));
    ClientMetadata metadata;
    metadata.redirectUris = {u"http://127.0.0.1:1/callback"_s};
    metadata.applicationType = u"web"_s;
    const auto asWeb = send(metadata);
    ASSERT_EQ(codeOf(asWeb), u"registration_refused");
    EXPECT_TRUE(asWeb.error().message.contains(u"web client"));
    EXPECT_TRUE(asWeb.error().message.contains(u"http://127.0.0.1:1/callback"));
    metadata.applicationType = u"native"_s;
    EXPECT_TRUE(send(metadata).error().message.contains(u"native client"));
}

TEST_F(RegistrationTest, SaysWhomToAskWhereRegistrationIsClosed)
{
    host.on(as, Http::Response::text(403, u"<html>no</html>"_s));
    const auto registered = send();
    ASSERT_EQ(codeOf(registered), u"registration_refused");
    EXPECT_TRUE(registered.error().message.contains(u"client ID"));
    EXPECT_FALSE(registered.error().details.contains(u"error"));
}

class BadAnswer : public RegistrationTest, public testing::WithParamInterface<const char *>
{
};

TEST_P(BadAnswer, IsRefused)
{
    host.on(as, Http::Response::jsonText(201, GetParam()));
    EXPECT_EQ(codeOf(send()), u"invalid_registration_response");
}

INSTANTIATE_TEST_SUITE_P(Registration, BadAnswer,
                         testing::Values("", "[]", "{}", R"({"client_id":""})", R"({"client_id":7})",
                                         R"({"client_id":"a","client_secret":1})",
                                         R"({"client_id":"a","client_secret_expires_at":"soon"})",
                                         R"({"client_id":"a","client_secret_expires_at":-1})",
                                         R"({"client_id":"a","client_secret_expires_at":1e300})"));

TEST_F(RegistrationTest, DoesWithoutWhatItCannotReadAndDoesNotNeed) // RFC 7591 §3.2.1
{
    const std::pair<const char *, qsizetype> rows[] = {
        {R"({"client_id":"a"})", 0},
        {R"({"client_id":"a","redirect_uris":"x"})", 1},
        {R"({"client_id":"a","redirect_uris":null,"scope":null,"token_endpoint_auth_method":null})", 3},
        {R"({"client_id":"a","scope":["a"],"token_endpoint_auth_method":7})", 2},
        {R"({"client_id":"a","client_secret":"s"})", 1},
        {R"({"client_id":"a","client_secret":"s","client_secret_expires_at":0})", 0},
        {R"({"client_id":"a","client_secret":null})", 1},
    };
    for (const auto &[body, remarks] : rows) {
        host.on(as, Http::Response::jsonText(201, body));
        const auto registered = send();
        ASSERT_TRUE(registered) << body;
        EXPECT_EQ(registered->remarks.size(), remarks) << body << registered->remarks.join(u'\n').toStdString();
    }
}

TEST_F(RegistrationTest, EndsWhenItIsStopped)
{
    Gate gate;
    host.hold(as, gate.opened());
    std::stop_source stop;
    Metadata::AuthorizationServerMetadata server;
    server.registrationEndpoint = host.url(u"/register"_s);
    QTimer::singleShot(0, [&] { stop.request_stop(); });
    EXPECT_EQ(codeOf(wait(registerClient(&client, server, {}, stop.get_token()))), u"cancelled");
}

} // namespace
