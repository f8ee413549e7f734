#include "metadata/wellknown.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Metadata;
using namespace Qt::StringLiterals;
using Test::codeOf;

namespace {

struct Places
{
    const char16_t *issuer;
    const char16_t *oauth;
    const char16_t *oidcInserted;
    const char16_t *oidcAppended;
};

class WellKnownUrls : public testing::TestWithParam<Places>
{
};

QString text(const char16_t *string)
{
    return QString::fromUtf16(string);
}

} // namespace

// RFC 8414 §3.1 and §5, OpenID Connect Discovery 1.0 §4.1
TEST_P(WellKnownUrls, KeepEveryByteOfTheIssuer)
{
    const Places &places = GetParam();
    EXPECT_EQ(oauthWellKnownUrl(text(places.issuer)).value(), text(places.oauth));
    EXPECT_EQ(oidcInsertedWellKnownUrl(text(places.issuer)).value(), text(places.oidcInserted));
    EXPECT_EQ(oidcWellKnownUrl(text(places.issuer)).value(), text(places.oidcAppended));
}

INSTANTIATE_TEST_SUITE_P(
    Issuers, WellKnownUrls,
    testing::Values(
        Places{u"https://a.example", u"https://a.example/.well-known/oauth-authorization-server",
               u"https://a.example/.well-known/openid-configuration",
               u"https://a.example/.well-known/openid-configuration"},
        Places{u"https://a.example/", u"https://a.example/.well-known/oauth-authorization-server",
               u"https://a.example/.well-known/openid-configuration",
               u"https://a.example/.well-known/openid-configuration"},
        Places{u"https://a.example/tenant1", u"https://a.example/.well-known/oauth-authorization-server/tenant1",
               u"https://a.example/.well-known/openid-configuration/tenant1",
               u"https://a.example/tenant1/.well-known/openid-configuration"},
        Places{u"https://a.example/realms/b/", u"https://a.example/.well-known/oauth-authorization-server/realms/b",
               u"https://a.example/.well-known/openid-configuration/realms/b",
               u"https://a.example/realms/b/.well-known/openid-configuration"},
        Places{u"http://127.0.0.1:8080/x", u"http://127.0.0.1:8080/.well-known/oauth-authorization-server/x",
               u"http://127.0.0.1:8080/.well-known/openid-configuration/x",
               u"http://127.0.0.1:8080/x/.well-known/openid-configuration"},
        Places{u"https://a.example:443/x", u"https://a.example:443/.well-known/oauth-authorization-server/x",
               u"https://a.example:443/.well-known/openid-configuration/x",
               u"https://a.example:443/x/.well-known/openid-configuration"},
        Places{u"https://[2001:db8::1]:9/x", u"https://[2001:db8::1]:9/.well-known/oauth-authorization-server/x",
               u"https://[2001:db8::1]:9/.well-known/openid-configuration/x",
               u"https://[2001:db8::1]:9/x/.well-known/openid-configuration"},
        Places{u"https://a.example/%7Eb/c%2fd", u"https://a.example/.well-known/oauth-authorization-server/%7Eb/c%2fd",
               u"https://a.example/.well-known/openid-configuration/%7Eb/c%2fd",
               u"https://a.example/%7Eb/c%2fd/.well-known/openid-configuration"}));

class NoIssuer : public testing::TestWithParam<const char16_t *>
{
};

// RFC 8414 §2: no query and no fragment
TEST_P(NoIssuer, IsRefusedEverywhere)
{
    const QString issuer = text(GetParam());
    EXPECT_EQ(codeOf(oauthWellKnownUrl(issuer)), u"invalid_url");
    EXPECT_EQ(codeOf(oidcInsertedWellKnownUrl(issuer)), u"invalid_url");
    EXPECT_EQ(codeOf(oidcWellKnownUrl(issuer)), u"invalid_url");
    EXPECT_EQ(codeOf(discoveryUrls(issuer)), u"invalid_url");
}

INSTANTIATE_TEST_SUITE_P(Issuers, NoIssuer,
                         testing::Values(u"", u"a.example", u"ftp://a.example", u"https://", u"https://a.example/x?y=1",
                                         u"https://a.example/x?", u"https://a.example/x#y", u"https://u:p@a.example"));

// MCP 2025-11-25 basic/authorization, Authorization Server Metadata Discovery
TEST(DiscoveryUrls, AreThreeForAnIssuerWithAPath)
{
    EXPECT_EQ(discoveryUrls(u"https://auth.example.com/tenant1"_s).value(),
              (QStringList{u"https://auth.example.com/.well-known/oauth-authorization-server/tenant1"_s,
                           u"https://auth.example.com/.well-known/openid-configuration/tenant1"_s,
                           u"https://auth.example.com/tenant1/.well-known/openid-configuration"_s}));
}

TEST(DiscoveryUrls, AreTwoWithoutAPath)
{
    const QStringList two{u"https://auth.example.com/.well-known/oauth-authorization-server"_s,
                          u"https://auth.example.com/.well-known/openid-configuration"_s};
    EXPECT_EQ(discoveryUrls(u"https://auth.example.com"_s).value(), two);
    EXPECT_EQ(discoveryUrls(u"https://auth.example.com/"_s).value(), two);
}

// RFC 9728 §3.1: only the slash that follows the host goes
TEST(ResourceMetadataUrl, IsInsertedBeforePathAndQuery)
{
    const auto url = [](const QString &resource) { return protectedResourceMetadataUrl(resource).value(); };
    EXPECT_EQ(url(u"https://r.example"_s), u"https://r.example/.well-known/oauth-protected-resource");
    EXPECT_EQ(url(u"https://r.example/"_s), u"https://r.example/.well-known/oauth-protected-resource");
    EXPECT_EQ(url(u"https://r.example/mcp"_s), u"https://r.example/.well-known/oauth-protected-resource/mcp");
    EXPECT_EQ(url(u"https://r.example/mcp/"_s), u"https://r.example/.well-known/oauth-protected-resource/mcp/");
    EXPECT_EQ(url(u"https://r.example/mcp?k=v"_s), u"https://r.example/.well-known/oauth-protected-resource/mcp?k=v");
    EXPECT_EQ(url(u"https://r.example/?k=v"_s), u"https://r.example/.well-known/oauth-protected-resource?k=v");
    EXPECT_EQ(url(u"http://[::1]:1/%41"_s), u"http://[::1]:1/.well-known/oauth-protected-resource/%41");
    EXPECT_EQ(codeOf(protectedResourceMetadataUrl(u"https://r.example/mcp#a"_s)), u"invalid_url");
    EXPECT_EQ(codeOf(protectedResourceMetadataUrl(u"mcp"_s)), u"invalid_url");
}

TEST(IssuerOfWellKnownUrl, UndoesInsertionAndAppending)
{
    for (const auto &issuer : {u"https://a.example"_s, u"https://a.example:8443/t/%2F"_s, u"http://[::1]:1/x"_s}) {
        EXPECT_EQ(issuerOfWellKnownUrl(oauthWellKnownUrl(issuer).value()), issuer);
        EXPECT_EQ(issuerOfWellKnownUrl(oidcInsertedWellKnownUrl(issuer).value()), issuer);
        EXPECT_EQ(issuerOfWellKnownUrl(oidcWellKnownUrl(issuer).value()), issuer);
    }
    // Gateways append what should be inserted, and Entra ID takes an appid.
    EXPECT_EQ(issuerOfWellKnownUrl(u"https://a.example/x/.well-known/oauth-authorization-server"_s),
              u"https://a.example/x"_s);
    EXPECT_EQ(issuerOfWellKnownUrl(u"https://a.example/x/.well-known/openid-configuration?appid=1"_s),
              u"https://a.example/x"_s);
}

TEST(IssuerOfWellKnownUrl, IsNothingForOtherUrls)
{
    for (const auto &url : {u"https://a.example"_s, u"https://a.example/.well-known/jwks.json"_s,
                            u"https://a.example/.well-known/openid-configurations"_s,
                            u"https://a.example/.well-known/openid-configuration#x"_s, u"x"_s})
        EXPECT_EQ(issuerOfWellKnownUrl(url), std::nullopt) << url.toStdString();
}
