#include "metadata/endpoint.h"
#include "support/result.h"

#include <QJsonArray>

using namespace McpAuth;
using namespace McpAuth::Metadata;
using namespace Qt::StringLiterals;
using Test::codeOf;

// MCP, Communication Security; RFC 6749 §3.1, §3.2
TEST(Endpoint, IsAnAbsoluteUrlOnHttpsOrOnThisComputer)
{
    for (const auto &good : {u"https://a.example/token"_s, u"https://a.example/token?tenant=1"_s,
                             u"http://127.0.0.1:8080/token"_s, u"http://localhost/token"_s, u"http://[::1]/token"_s})
        EXPECT_TRUE(checkEndpointUrl(u"It"_s, good, false)) << good.toStdString();
    for (const auto &bad :
         {u""_s, u"TODO"_s, u"/token"_s, u"javascript:alert(1)"_s, u"javascript://a.example/%0aalert(1)"_s,
          u"ftp://a.example/"_s, u"https://"_s, u"https://a.example/x#y"_s, u"https://u:p@a.example/"_s})
        EXPECT_EQ(codeOf(checkEndpointUrl(u"It"_s, bad, true)), u"invalid_url") << bad.toStdString();
    EXPECT_EQ(codeOf(checkEndpointUrl(u"It"_s, u"http://a.example/token"_s, false)), u"insecure_url");
    EXPECT_TRUE(checkEndpointUrl(u"It"_s, u"http://a.example/token"_s, true));
}

TEST(Endpoint, MessagesShowNoPasswords)
{
    const auto checked = checkEndpointUrl(u"It"_s, u"https://user:hunter2@a.example/"_s, false);
    ASSERT_FALSE(checked);
    EXPECT_FALSE(checked.error().message.contains(u"hunter2"_s));
    EXPECT_FALSE(toJsonText(toJson(checked.error())).contains("hunter2"));
}

TEST(Endpoint, AreReadFromTheDocumentAsTheyAre)
{
    const auto metadata = readAuthorizationServerMetadata({{u"issuer"_s, u"https://a.example"_s},
                                                           {u"token_endpoint"_s, u""_s},
                                                           {u"registration_endpoint"_s, 7},
                                                           {u"userinfo_endpoint"_s, u"/userinfo"_s}});
    const auto endpoints = endpointsOf(metadata);
    ASSERT_EQ(endpoints.size(), 2);
    EXPECT_EQ(endpoints.at(0).member, u"token_endpoint");
    EXPECT_EQ(endpoints.at(0).url, QString());
    EXPECT_EQ(endpoints.at(0).use, EndpointUse::Client);
    EXPECT_EQ(endpoints.at(1).member, u"userinfo_endpoint");
    EXPECT_EQ(endpoints.at(1).use, EndpointUse::None);
}

// MCP 2025-03-26, Fallbacks for Servers without Metadata Discovery
TEST(Endpoint, DefaultsOfAServerWithoutMetadata)
{
    const auto metadata = parseAuthorizationServerMetadata(defaultServerMetadata(u"https://a.example"_s)).value();
    EXPECT_EQ(metadata.authorizationEndpoint, u"https://a.example/authorize");
    EXPECT_EQ(metadata.tokenEndpoint, u"https://a.example/token");
    EXPECT_EQ(metadata.registrationEndpoint, u"https://a.example/register"_s);
    EXPECT_TRUE(isComplete(metadata));
}

TEST(JwksUri, IsNotOnTheComputerOfTheResourceServer)
{
    const auto codeFor = [](const QJsonValue &url, const QString &issuer, bool allowHttp = false) {
        const auto found =
            jwksUriOf(readAuthorizationServerMetadata({{u"issuer"_s, issuer}, {u"jwks_uri"_s, url}}), allowHttp);
        return found ? QString() : found.error().code;
    };
    const QString remote = u"https://login.example"_s;
    const QString local = u"http://localhost:9"_s;
    EXPECT_EQ(codeFor(u"https://login.example/jwks"_s, remote), QString());
    EXPECT_EQ(codeFor(u"http://127.0.0.1:8/jwks"_s, local), QString());
    EXPECT_EQ(codeFor(u"https://127.0.0.1:8/jwks"_s, remote), u"invalid_server_metadata"_s);
    EXPECT_EQ(codeFor(u"http://login.example/jwks"_s, remote), u"invalid_server_metadata"_s);
    EXPECT_EQ(codeFor(u"http://login.example/jwks"_s, remote, true), QString());
    EXPECT_EQ(codeFor(u"jwks"_s, remote), u"invalid_server_metadata"_s);
    EXPECT_EQ(codeFor(1, remote), u"invalid_server_metadata"_s);
    EXPECT_EQ(codeFor(QString(), remote), u"missing_jwks_uri"_s);
}
