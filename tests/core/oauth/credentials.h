// A registration and an authorization with every member set, and the comparison of them all.
#pragma once

#include "oauth/credentialstore.h"

#include <QJsonArray>

#include <gtest/gtest.h>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

inline const QString issuer = u"https://provider.example/realms/a"_s;
inline const QString mcpUrl = u"https://mcp.example/mcp"_s;
inline constexpr TimePoint moment{std::chrono::milliseconds(1'767'225'600'123)};

inline ClientInformation registered(const QString &at = issuer)
{
    return {.clientId = u"client of "_s + at,
            .issuer = at,
            .origin = ClientInformation::Origin::Dynamic,
            .clientSecret = Secret("s€cret"),
            .secretExpiresAt = moment,
            .registeredMethod = ClientAuthMethod::ClientSecretPost,
            .redirectUris = {u"http://127.0.0.1:49152/callback"_s, u"http://localhost:49152/callback"_s}};
}

inline Authorization granted(const QString &url = mcpUrl)
{
    const QJsonObject document{{u"issuer"_s, issuer},
                               {u"authorization_endpoint"_s, issuer + u"/authorize"_s},
                               {u"token_endpoint"_s, issuer + u"/token"_s},
                               {u"revocation_endpoint"_s, issuer + u"/revoke"_s},
                               {u"response_types_supported"_s, QJsonArray{u"code"_s}},
                               {u"token_endpoint_auth_methods_supported"_s, QJsonArray{u"private_key_jwt"_s}},
                               {u"op_policy_uri"_s, QString(10'000, u'p')}};
    ClientInformation client = registered();
    client.key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
    client.keyAlgorithm = "ES256";
    client.assertionAudience = AssertionAudience::TokenEndpoint;
    return {.mcpUrl = url,
            .resource = url,
            .server = Metadata::parseAuthorizationServerMetadata(document).value(),
            .client = client,
            .requestedScopes = {u"read"_s, u"write"_s},
            .tokens = {.accessToken = Secret("access"),
                       .refreshToken = Secret("refresh"),
                       .idToken = Secret("id"),
                       .expiresAt = moment,
                       .scopes = {u"read"_s}}};
}

inline void expectSame(const ClientInformation &actual, const ClientInformation &expected)
{
    EXPECT_EQ(actual.clientId, expected.clientId);
    EXPECT_EQ(actual.issuer, expected.issuer);
    EXPECT_EQ(actual.origin, expected.origin);
    EXPECT_EQ(actual.clientSecret.reveal(), expected.clientSecret.reveal());
    EXPECT_EQ(actual.secretExpiresAt, expected.secretExpiresAt);
    EXPECT_EQ(actual.keyAlgorithm, expected.keyAlgorithm);
    EXPECT_EQ(actual.assertionAudience, expected.assertionAudience);
    EXPECT_EQ(actual.registeredMethod, expected.registeredMethod);
    EXPECT_EQ(actual.redirectUris, expected.redirectUris);
    ASSERT_EQ(actual.key.isNull(), expected.key.isNull());
    if (!actual.key.isNull()) {
        EXPECT_EQ(actual.key.privateJwk(), expected.key.privateJwk());
    }
}

inline void expectSame(const Authorization &actual, const Authorization &expected)
{
    EXPECT_EQ(actual.mcpUrl, expected.mcpUrl);
    EXPECT_EQ(actual.resource, expected.resource);
    EXPECT_EQ(actual.server.issuer, expected.server.issuer);
    EXPECT_EQ(actual.server.tokenEndpoint, expected.server.tokenEndpoint);
    EXPECT_EQ(actual.server.revocationEndpoint, expected.server.revocationEndpoint);
    EXPECT_EQ(actual.server.tokenEndpointAuthMethodsSupported, expected.server.tokenEndpointAuthMethodsSupported);
    expectSame(actual.client, expected.client);
    EXPECT_EQ(actual.requestedScopes, expected.requestedScopes);
    EXPECT_EQ(actual.tokens.accessToken.reveal(), expected.tokens.accessToken.reveal());
    EXPECT_EQ(actual.tokens.refreshToken.reveal(), expected.tokens.refreshToken.reveal());
    EXPECT_EQ(actual.tokens.idToken.reveal(), expected.tokens.idToken.reveal());
    EXPECT_EQ(actual.tokens.tokenType, u"Bearer");
    EXPECT_EQ(actual.tokens.expiresAt, expected.tokens.expiresAt);
    EXPECT_EQ(actual.tokens.scopes, expected.tokens.scopes);
}

inline Clock at(TimePoint time)
{
    return [time] { return time; };
}

inline const Clock before = at(moment - std::chrono::seconds(1));

} // namespace McpAuth::OAuth
