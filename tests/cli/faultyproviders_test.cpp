// What real providers have published, and what check, login, verify and serve make of it: they never contradict each
// other.
#include "base/json.h"
#include "core/metadata/provider.h"
#include "jose/algorithm.h"
#include "jose/keyset.h"
#include "jose/sign.h"
#include "running.h"

#include <QDateTime>
#include <QtEndian>

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;
using Http::Response;

namespace {

constexpr auto oauthPlace = "/.well-known/oauth-authorization-server";
constexpr auto oidcPlace = "/.well-known/openid-configuration";

/// RFC 1952: a header, qCompress() without its own frame, the sum and the length of what was compressed.
QByteArray gzipped(const QByteArray &bytes)
{
    quint32 sum = ~0U;
    for (const char byte : bytes) {
        sum ^= static_cast<uchar>(byte);
        for (int bit = 0; bit < 8; ++bit)
            sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0xedb88320U : 0U);
    }
    QByteArray end(8, '\0');
    qToLittleEndian(~sum, end.data());
    qToLittleEndian(static_cast<quint32>(bytes.size()), end.data() + 4);
    const QByteArray header("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
    return header + qCompress(bytes).sliced(6).chopped(4) + end;
}

/// A provider and a protected MCP server on one origin.
class FaultyProvider : public testing::Test
{
protected:
    FaultyProvider()
    {
        provider.serve("/.well-known/oauth-protected-resource/mcp",
                       QJsonObject{{u"resource"_s, mcpUrl()}, {u"authorization_servers"_s, QJsonArray{issuer()}}});
        provider.serve("/mcp", Response::empty(401).set("WWW-Authenticate", "Bearer"), "POST");
        provider.serve("/jwks", QJsonObject{{u"keys"_s, QJsonArray{key.publicJwk()}}});
    }

    [[nodiscard]] QString issuer() const { return provider.origin(); }
    [[nodiscard]] QString mcpUrl() const { return provider.url(u"/mcp"_s); }

    [[nodiscard]] ProgramResult check(const QStringList &more = {}) const
    {
        return runProgram(mcpAuthProgram(), QStringList{u"check"_s, issuer(), u"--format"_s, u"json"_s} + more);
    }

    /// Without anyone at the browser.
    [[nodiscard]] ProgramResult login(const QStringList &more = {}) const
    {
        return runProgram(
            mcpAuthProgram(),
            QStringList{u"login"_s, mcpUrl(), u"--client-id"_s, u"c"_s, u"--no-browser"_s, u"--wait"_s, u"1"_s} + more);
    }

    [[nodiscard]] ProgramResult verify() const
    {
        const qint64 now = QDateTime::currentSecsSinceEpoch();
        const QJsonObject claims{
            {u"iss"_s, issuer()}, {u"sub"_s, u"robot"_s}, {u"aud"_s, u"a"_s}, {u"iat"_s, now}, {u"exp"_s, now + 600}};
        return runProgram(mcpAuthProgram(), {u"verify"_s, u"-"_s, u"--issuer"_s, issuer(), u"--audience"_s, u"a"_s},
                          Jose::signJwt({}, claims, key).value());
    }

    /// "error:code" of everything but passes.
    static QStringList complaints(const ProgramResult &result)
    {
        QStringList list;
        const QJsonValue audit = parseJson(result.output).value_or(QJsonValue())[0];
        for (const QJsonValue finding : audit[u"findings"_s].toArray()) {
            if (finding[u"level"_s].toString() != u"pass")
                list.append(finding[u"level"_s].toString() + u':' + finding[u"code"_s].toString());
        }
        return list;
    }

    Provider provider;
    Jose::Key key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
};

struct Bend
{
    const char *name;
    void (*bend)(QJsonObject &document);
    const char16_t *finding;
    bool loginRefuses = true; ///< before the user sees a browser
};

constexpr Bend bends[] = {
    {"HttpEndpoints",
     [](QJsonObject &document) {
         document.insert(u"authorization_endpoint"_s, u"http://sso.internal.example:8080/authorize"_s);
         document.insert(u"token_endpoint"_s, u"http://sso.internal.example:8080/token"_s);
     },
     u"error:insecure_endpoint"},
    {"HttpRegistration",
     [](QJsonObject &document) { document.insert(u"registration_endpoint"_s, u"http://sso.internal.example/r"_s); },
     u"error:insecure_endpoint"},
    {"RelativeEndpoints",
     [](QJsonObject &document) {
         document.insert(u"authorization_endpoint"_s, u"/authorize"_s);
         document.insert(u"token_endpoint"_s, u"/token"_s);
     },
     u"error:invalid_endpoint_url"},
    {"EmptyAuthorizationEndpoint", [](QJsonObject &document) { document.insert(u"authorization_endpoint"_s, u""_s); },
     u"error:invalid_endpoint_url"},
    {"EmptyTokenEndpoint", [](QJsonObject &document) { document.insert(u"token_endpoint"_s, u""_s); },
     u"error:invalid_endpoint_url"},
    {"TodoTokenEndpoint", [](QJsonObject &document) { document.insert(u"token_endpoint"_s, u"TODO"_s); },
     u"error:invalid_endpoint_url"},
    {"Script",
     [](QJsonObject &document) {
         document.insert(u"authorization_endpoint"_s, u"javascript:alert(document.domain)"_s);
     },
     u"error:invalid_endpoint_url"},
    {"Fragment", [](QJsonObject &document) { document.insert(u"token_endpoint"_s, u"https://a.example/token#x"_s); },
     u"error:invalid_endpoint_url"},
    {"NoTokenEndpoint", [](QJsonObject &document) { document.remove(u"token_endpoint"_s); },
     u"error:invalid_server_metadata"},
    {"NoAuthorizationEndpoint", [](QJsonObject &document) { document.remove(u"authorization_endpoint"_s); },
     u"error:invalid_server_metadata"},
    {"NoPkce", [](QJsonObject &document) { document.remove(u"code_challenge_methods_supported"_s); },
     u"error:pkce_not_supported"},
    {"PlainPkce",
     [](QJsonObject &document) { document.insert(u"code_challenge_methods_supported"_s, QJsonArray{u"plain"_s}); },
     u"error:s256_code_challenge_method_not_supported"},
    {"PkceOfAnotherType",
     [](QJsonObject &document) { document.insert(u"code_challenge_methods_supported"_s, u"S256"_s); },
     u"error:invalid_server_metadata"},
    {"HybridOnly",
     [](QJsonObject &document) { document.insert(u"response_types_supported"_s, QJsonArray{u"code token"_s}); },
     u"error:code_response_type_not_supported", false},
    {"PushedRequestsRequired",
     [](QJsonObject &document) { document.insert(u"require_pushed_authorization_requests"_s, true); },
     u"error:pushed_authorization_required", false},
    {"ScopesOfAnotherType", [](QJsonObject &document) { document.insert(u"scopes_supported"_s, u"openid profile"_s); },
     u"error:invalid_server_metadata", false},
    {"AnotherIssuer", [](QJsonObject &document) { document.insert(u"issuer"_s, u"https://other.example"_s); },
     u"error:issuer_mismatch"},
};

class BentMetadata : public FaultyProvider, public testing::WithParamInterface<Bend>
{
};

} // namespace

TEST_P(BentMetadata, IsNeverCompatibleWhereLoginRefusesIt)
{
    QJsonObject document = provider.document(issuer());
    GetParam().bend(document);
    provider.serve(oauthPlace, document);
    const ProgramResult checked = check();
    EXPECT_EQ(checked.status, 1) << checked.error.constData();
    EXPECT_TRUE(complaints(checked).contains(QString::fromUtf16(GetParam().finding)))
        << complaints(checked).join(u", "_s).toStdString();
    if (!GetParam().loginRefuses)
        return;
    const ProgramResult refused = login();
    EXPECT_NE(refused.status, 0);
    EXPECT_FALSE(refused.error.contains("Open this URL")) << refused.error.constData();
}

INSTANTIATE_TEST_SUITE_P(FaultyProvider, BentMetadata, testing::ValuesIn(bends),
                         [](const auto &bend) { return std::string(bend.param.name); });

TEST_F(FaultyProvider, WithoutFaultsReachesTheBrowser)
{
    provider.serve(oauthPlace, provider.document(issuer()));
    EXPECT_EQ(complaints(check()), QStringList());
    EXPECT_TRUE(login().error.contains("Open this URL"));
}

// RFC 6749 §3.1.1, RFC 9126 §5: the provider decides, but the user is told before the browser opens.
TEST_F(FaultyProvider, WhatItMayRefuseIsNotedByLogin)
{
    QJsonObject document = provider.document(issuer());
    document.insert(u"response_types_supported"_s, QJsonArray{u"code token"_s});
    document.insert(u"require_pushed_authorization_requests"_s, true);
    provider.serve(oauthPlace, document);
    const QByteArray told = login().error;
    EXPECT_TRUE(told.contains("lists code token, not code")) << told.constData();
    EXPECT_TRUE(told.contains("requires pushed authorization requests")) << told.constData();
}

TEST_F(FaultyProvider, IsToldByLoginWithWhatCanBeDone)
{
    QJsonObject document = provider.document(issuer());
    document.remove(u"code_challenge_methods_supported"_s);
    provider.serve(oauthPlace, document);
    const QByteArray told = login().error;
    EXPECT_TRUE(told.contains("→ Turn S256 on at the provider.")) << told.constData();
    EXPECT_TRUE(told.contains("To go on all the same: --allow-missing-pkce.")) << told.constData();

    document.insert(u"code_challenge_methods_supported"_s, QJsonArray{u"plain"_s});
    provider.serve(oauthPlace, document);
    EXPECT_FALSE(login().error.contains("--allow-missing-pkce")) << "it is for metadata without the list";
}

TEST_F(FaultyProvider, PlainHttpIsAllowedByTheSameOption)
{
    QJsonObject document = provider.document(issuer());
    document.insert(u"token_endpoint"_s, u"http://sso.internal.example/token"_s);
    provider.serve(oauthPlace, document);
    const ProgramResult checked = check({u"--allow-http"_s});
    EXPECT_EQ(checked.status, 0);
    EXPECT_EQ(complaints(checked), QStringList{u"warning:insecure_endpoint"_s});
    EXPECT_TRUE(login({u"--allow-http"_s}).error.contains("Open this URL"));
    const ProgramResult refused = login();
    EXPECT_TRUE(refused.error.contains("--allow-http")) << refused.error.constData();
}

// Kubernetes and GitHub Actions publish issuer and jwks_uri only: nobody logs in there, but tokens can be judged.
TEST_F(FaultyProvider, ThatOnlySignsServesVerifyAndServe)
{
    provider.serve(oidcPlace, QJsonObject{{u"issuer"_s, issuer()},
                                          {u"jwks_uri"_s, provider.url(u"/jwks"_s)},
                                          {u"response_types_supported"_s, QJsonArray{u"id_token"_s}}});
    const ProgramResult checked = check();
    EXPECT_EQ(checked.status, 1);
    EXPECT_EQ(complaints(checked),
              (QStringList{u"error:invalid_server_metadata"_s, u"error:invalid_server_metadata"_s}));
    EXPECT_TRUE(checked.output.contains("authorization_endpoint is missing")) << checked.output.constData();
    EXPECT_FALSE(checked.output.contains("one JSON object"));
    const ProgramResult verified = verify();
    EXPECT_EQ(verified.status, 0) << verified.output.constData() << verified.error.constData();
    const RunningServer server({u"--issuer"_s, issuer(), u"--audience"_s, u"a"_s});
    EXPECT_TRUE(server.url().startsWith(u"http://127.0.0.1"));
}

TEST_F(FaultyProvider, ForMachinesLetsMachinesIn)
{
    QJsonObject document = provider.document(issuer());
    document.remove(u"authorization_endpoint"_s);
    document.insert(u"grant_types_supported"_s, QJsonArray{u"client_credentials"_s});
    provider.serve(oauthPlace, document);
    EXPECT_EQ(check().status, 1);
    const ProgramResult machine = login({u"--grant"_s, u"client_credentials"_s});
    EXPECT_TRUE(machine.error.contains("Provider metadata: ")) << machine.error.constData();
    EXPECT_FALSE(machine.error.contains("✖ Provider metadata")) << machine.error.constData();
    const ProgramResult user = login();
    EXPECT_TRUE(user.error.contains("`authorization_endpoint` is missing")) << user.error.constData();
}

TEST_F(FaultyProvider, ThatIsDownIsSaidToBe)
{
    provider.serve(oauthPlace, Response::empty(503));
    const ProgramResult checked = check();
    EXPECT_EQ(checked.status, 2);
    EXPECT_TRUE(checked.error.contains("answers 503: it is down")) << checked.error.constData();
    EXPECT_TRUE(checked.error.contains(oauthPlace));
    EXPECT_FALSE(checked.error.contains("realm"));
    const QJsonValue probe = parseJson(checked.output).value_or(QJsonValue())[0][u"probes"_s][0];
    EXPECT_EQ(probe[u"outcome"_s], u"unreachable"_s);
    EXPECT_EQ(probe[u"status"_s], 503);
}

TEST_F(FaultyProvider, ThatIsNotThereMayHaveARealm)
{
    const ProgramResult checked = check();
    EXPECT_EQ(checked.status, 2);
    EXPECT_TRUE(checked.error.contains("with its realm or tenant?")) << checked.error.constData();
    EXPECT_TRUE(checked.error.contains("(HTTP 404)")) << checked.error.constData();
}

// RFC 8259 §8.1
TEST_F(FaultyProvider, WithAByteOrderMarkIsToldSo)
{
    const QByteArray document = toJsonText(provider.document(issuer()));
    provider.serve(oauthPlace, Response::jsonText(200, "\xEF\xBB\xBF" + document));
    ProgramResult checked = check();
    EXPECT_EQ(checked.status, 1);
    EXPECT_TRUE(checked.output.contains("byte order mark")) << checked.output.constData();
    const ProgramResult verified = verify();
    EXPECT_EQ(verified.status, 2);
    EXPECT_TRUE(verified.error.contains("byte order mark")) << verified.error.constData();
    EXPECT_TRUE(verified.error.contains(oauthPlace)) << verified.error.constData();

    provider.serve(oauthPlace, Response::jsonText(200, document));
    provider.serve("/jwks", Response::jsonText(200, "\xEF\xBB\xBF{\"keys\":[]}"));
    checked = check();
    EXPECT_EQ(checked.status, 1);
    EXPECT_TRUE(checked.output.contains("byte order mark")) << checked.output.constData();
}

// RFC 9110 §12.5.3: no compression was asked for. It is undone, or named.
TEST_F(FaultyProvider, ThatCompressesAnywayIsReadOrToldSo)
{
    const QByteArray document = gzipped(toJsonText(provider.document(issuer())));
    provider.serve(oauthPlace, Response::jsonText(200, document).set("Content-Encoding", "gzip"));
    const ProgramResult checked = check();
    EXPECT_TRUE(checked.status == 0 || checked.output.contains("compressed (gzip)")) << checked.output.constData();
    EXPECT_FALSE(checked.output.contains("at byte 0"));
}

TEST_F(FaultyProvider, WithKeysBeyondTheLimitIsToldSo)
{
    provider.serve(oauthPlace, provider.document(issuer()));
    QJsonArray keys;
    for (int i = 0; i <= Jose::maxKeysInSet; ++i)
        keys.append(key.publicJwk());
    provider.serve("/jwks", QJsonObject{{u"keys"_s, keys}});
    const ProgramResult checked = check();
    EXPECT_EQ(checked.status, 0);
    EXPECT_EQ(complaints(checked), QStringList{u"warning:too_many_keys"_s});
    EXPECT_TRUE(checked.output.contains(QByteArray::number(Jose::maxKeysInSet + 1) + " keys"));
}

// MCP 2025-03-26, Fallbacks for Servers without Metadata Discovery
TEST_F(FaultyProvider, WithoutMetadataHasDefaultEndpointsInTheFirstRevision)
{
    provider.serve("/authorize", Response::empty(400));
    provider.serve("/token", Response::empty(405));
    provider.serve("/register", Response::empty(405));
    const ProgramResult checked = check({u"--revision"_s, u"2025-03-26"_s});
    EXPECT_EQ(checked.status, 0) << checked.output.constData();
    EXPECT_TRUE(complaints(checked).contains(u"warning:default_endpoints"_s));
    EXPECT_TRUE(login({u"--revision"_s, u"2025-03-26"_s}).error.contains("Open this URL"));
    EXPECT_EQ(check().status, 2);
}
