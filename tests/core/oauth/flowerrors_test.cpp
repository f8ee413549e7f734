// Every fault ends the flow at the step it belongs to, with a code and a sentence; every override is noted.
#include "core/oauth/testprovider.h"

using namespace McpAuth;
using namespace McpAuth::OAuth;
using namespace McpAuth::Test;
using Http::Response;

namespace {

constexpr auto resourcePath = "/.well-known/oauth-protected-resource/mcp";
constexpr auto providerPath = "/.well-known/oauth-authorization-server";

struct Fault
{
    const char *name;
    void (*make)(FlowFixture &test, FlowOptions &flow);
    const char16_t *failure;
    int requests; ///< that were made before it was seen
};

class FlowFault : public FlowFixture, public testing::WithParamInterface<Fault>
{
};

TEST_P(FlowFault, FailsItsStep)
{
    FlowOptions flow = options();
    GetParam().make(*this, flow);
    const auto authorization = run(flow);
    ASSERT_FALSE(authorization);
    EXPECT_EQ(failure(), QString::fromUtf16(GetParam().failure)) << authorization.error().message.toStdString();
    EXPECT_EQ(authorization.error(), steps.last().error);
    EXPECT_FALSE(authorization.error().message.isEmpty());
    EXPECT_EQ(journal.size(), GetParam().requests) << journal.join(u", "_s).toStdString();
    for (qsizetype i = 0; i + 1 < steps.size(); ++i)
        EXPECT_NE(steps.at(i).state, StepState::Failed);
}

constexpr Fault challengeFaults[] = {
    {"unknown_revision", [](FlowFixture &, FlowOptions &flow) { flow.revision = u"2024-11-05"_s; },
     u"challenge invalid_options", 0},
    {"no_url", [](FlowFixture &, FlowOptions &flow) { flow.mcpUrl = u"mcp.example"_s; }, u"challenge invalid_options",
     0},
    {"fragment", [](FlowFixture &, FlowOptions &flow) { flow.mcpUrl += u"#top"_s; }, u"challenge invalid_options", 0},
    {"plain_http", [](FlowFixture &, FlowOptions &flow) { flow.mcpUrl = u"http://mcp.example/mcp"_s; },
     u"challenge insecure_url", 0},
    {"no_browser", [](FlowFixture &, FlowOptions &flow) { flow.browser.reset(); }, u"challenge invalid_options", 0},
    {"browser_without_opener", [](FlowFixture &, FlowOptions &flow) { flow.browser = loopbackBrowser({}); },
     u"challenge invalid_options", 0},
    {"browser_without_follower", [](FlowFixture &, FlowOptions &flow) { flow.browser = following({}); },
     u"challenge invalid_options", 0},
    {"open_server",
     [](FlowFixture &test, FlowOptions &) { test.mcp.on("/mcp", QJsonObject{{u"jsonrpc"_s, u"2.0"_s}}); },
     u"challenge no_authorization_needed", 1},
    {"wrong_path", [](FlowFixture &, FlowOptions &flow) { flow.mcpUrl += u"/x"_s; }, u"challenge mcp_unreachable", 2},
    {"dead_server", [](FlowFixture &, FlowOptions &flow) { flow.mcpUrl = deadOrigin() + u"/mcp"_s; },
     u"challenge mcp_unreachable", 0},
};

constexpr Fault resourceFaults[] = {
    {"named_place_empty",
     [](FlowFixture &test, FlowOptions &) { test.mcp.on(resourcePath, Response::text(404, u"no"_s)); },
     u"resource_metadata resource_metadata_not_found", 2},
    {"nowhere",
     [](FlowFixture &test, FlowOptions &) {
         test.mcp.challenge = "Bearer";
         test.mcp.on(resourcePath, Response::text(404, u"no"_s));
     },
     u"resource_metadata resource_metadata_not_found", 3},
    {"html",
     [](FlowFixture &test, FlowOptions &) {
         test.mcp.challenge.clear();
         test.mcp.on(resourcePath, Response::html(200, u"<html>"_s));
     },
     u"resource_metadata invalid_resource_metadata", 3},
    {"wrong_type",
     [](FlowFixture &test, FlowOptions &) { test.mcp.metadata.insert(u"authorization_servers"_s, u"one"_s); },
     u"resource_metadata invalid_resource_metadata", 2},
    {"no_resource", [](FlowFixture &test, FlowOptions &) { test.mcp.metadata.remove(u"resource"_s); },
     u"resource_metadata invalid_resource_metadata", 2},
    {"mismatch",
     [](FlowFixture &test, FlowOptions &) { test.mcp.metadata.insert(u"resource"_s, u"https://evil.example/mcp"_s); },
     u"resource_metadata resource_mismatch", 2},
    {"no_server",
     [](FlowFixture &test, FlowOptions &) { test.mcp.metadata.insert(u"authorization_servers"_s, QJsonArray()); },
     u"resource_metadata no_authorization_server", 2},
    {"unknown_server", [](FlowFixture &, FlowOptions &flow) { flow.authorizationServer = u"https://other.example"_s; },
     u"resource_metadata unknown_authorization_server", 2},
    {"insecure",
     [](FlowFixture &test, FlowOptions &) { test.mcp.challenge = "Bearer resource_metadata=\"http://mcp.example/m\""; },
     u"resource_metadata insecure_url", 1},
    {"script",
     [](FlowFixture &test, FlowOptions &) { test.mcp.challenge = "Bearer resource_metadata=\"file:///etc/passwd\""; },
     u"resource_metadata invalid_url", 1},
};

constexpr Fault providerFaults[] = {
    {"missing", [](FlowFixture &test, FlowOptions &) { test.provider.on(providerPath, Response::text(404, u"no"_s)); },
     u"provider_metadata metadata_not_found", 4},
    {"dead",
     [](FlowFixture &test, FlowOptions &) {
         test.mcp.metadata.insert(u"authorization_servers"_s, QJsonArray{deadOrigin()});
     },
     u"provider_metadata provider_unreachable", 2},
    {"incomplete", [](FlowFixture &test, FlowOptions &) { test.provider.metadata.remove(u"token_endpoint"_s); },
     u"provider_metadata invalid_server_metadata", 4},
    {"nowhere_to_log_in",
     [](FlowFixture &test, FlowOptions &) { test.provider.metadata.remove(u"authorization_endpoint"_s); },
     u"provider_metadata invalid_server_metadata", 4},
    {"faulty_pkce",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.metadata.insert(u"code_challenge_methods_supported"_s, u"S256"_s);
     },
     u"provider_metadata invalid_server_metadata", 4},
    {"other_issuer",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.metadata.insert(u"issuer"_s, u"https://attacker.example"_s);
     },
     u"provider_metadata issuer_mismatch", 4},
    {"document_for_issuer",
     [](FlowFixture &test, FlowOptions &) {
         test.mcp.metadata.insert(u"authorization_servers"_s,
                                  QJsonArray{test.provider.url(QString::fromLatin1(providerPath))});
     },
     u"provider_metadata issuer_mismatch", 3},
    {"no_pkce",
     [](FlowFixture &test, FlowOptions &) { test.provider.metadata.remove(u"code_challenge_methods_supported"_s); },
     u"provider_metadata pkce_not_supported", 3},
    {"plain_pkce",
     [](FlowFixture &test, FlowOptions &flow) {
         test.provider.metadata.insert(u"code_challenge_methods_supported"_s, QJsonArray{u"plain"_s});
         flow.overrides.allowMissingPkce = true;
     },
     u"provider_metadata pkce_not_supported", 3},
    {"insecure_issuer",
     [](FlowFixture &test, FlowOptions &) {
         test.mcp.metadata.insert(u"authorization_servers"_s, QJsonArray{u"http://as.example"_s});
     },
     u"provider_metadata insecure_url", 2},
    {"insecure_token_endpoint",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.metadata.insert(u"token_endpoint"_s, u"http://as.example/token"_s);
     },
     u"provider_metadata insecure_url", 3},
    {"script_endpoint",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.metadata.insert(u"authorization_endpoint"_s, u"javascript:alert(1)"_s);
     },
     u"provider_metadata invalid_url", 3},
    {"file_endpoint",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.metadata.insert(u"authorization_endpoint"_s, u"file:///bin/sh"_s);
     },
     u"provider_metadata invalid_url", 3},
    {"endpoint_with_fragment",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.metadata.insert(u"authorization_endpoint"_s, test.provider.url(u"/authorize#x"_s));
     },
     u"provider_metadata invalid_url", 3},
};

constexpr Fault registrationFaults[] = {
    {"no_way", [](FlowFixture &test, FlowOptions &) { test.provider.metadata.remove(u"registration_endpoint"_s); },
     u"registration no_client_id", 3},
    {"nothing_given",
     [](FlowFixture &, FlowOptions &flow) { flow.registration = RegistrationPreference::Preregistered; },
     u"registration no_client_id", 3},
    {"dynamic_not_offered",
     [](FlowFixture &test, FlowOptions &flow) {
         test.provider.metadata.remove(u"registration_endpoint"_s);
         flow.registration = RegistrationPreference::Dynamic;
     },
     u"registration registration_not_supported", 3},
    {"other_issuers_credentials",
     [](FlowFixture &, FlowOptions &flow) {
         flow.preregistered = ClientInformation{.clientId = u"mine"_s, .issuer = u"https://other.example"_s};
     },
     u"registration credentials_of_another_issuer", 3},
    {"secret_of_nobody_knows_whom",
     [](FlowFixture &, FlowOptions &flow) {
         flow.preregistered = ClientInformation{.clientId = u"mine"_s, .issuer = {}};
         flow.preregistered->clientSecret = Secret("hush");
     },
     u"registration unbound_credentials", 3},
    {"bad_document_url",
     [](FlowFixture &, FlowOptions &flow) {
         flow.clientMetadataUrl = u"http://app.example/c.json"_s;
         flow.registration = RegistrationPreference::MetadataDocument;
     },
     u"registration invalid_client_metadata_url", 3},
    {"refused",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.on("/register", Response::error(400, u"invalid_client_metadata"_s, u"No"_s));
     },
     u"registration registration_refused", 4},
    {"nonsense", [](FlowFixture &test, FlowOptions &) { test.provider.on("/register", Response::text(201, u"hi"_s)); },
     u"registration invalid_registration_response", 4},
    {"no_way_to_authenticate",
     [](FlowFixture &test, FlowOptions &flow) {
         test.provider.metadata.insert(u"token_endpoint_auth_methods_supported"_s, QJsonArray{u"tls_client_auth"_s});
         flow.preregistered = ClientInformation{.clientId = u"mine"_s, .issuer = test.provider.issuer};
         flow.preregistered->clientSecret = Secret("hush");
     },
     u"registration no_client_auth_method", 3},
    {"bad_redirect_host",
     [](FlowFixture &, FlowOptions &flow) { flow.browser = loopbackBrowser(browse, {.host = u"0.0.0.0"_s}); },
     u"registration invalid_redirect_host", 3},
};

QCoro::Task<Result<>> noBrowser(QString /*url*/)
{
    co_return fail(u"not_found"_s, u"There is no browser."_s);
}

QCoro::Task<Result<>> closedBrowser(QString /*url*/)
{
    co_return Result<>();
}

QCoro::Task<Result<ResponseParameters>> brokenFollower(QString /*url*/)
{
    co_return fail(u"browser_failed"_s, u"It did not redirect."_s);
}

constexpr Fault browserFaults[] = {
    {"browser", [](FlowFixture &, FlowOptions &flow) { flow.browser = loopbackBrowser(noBrowser); },
     u"authorization browser_failed", 4},
    {"nobody_comes_back",
     [](FlowFixture &, FlowOptions &flow) {
         flow.browser = loopbackBrowser(closedBrowser, {}, std::chrono::milliseconds(20));
     },
     u"authorization_response timeout", 4},
    {"follower", [](FlowFixture &, FlowOptions &flow) { flow.browser = following(brokenFollower); },
     u"authorization_response browser_failed", 4},
    {"wrong_state",
     [](FlowFixture &test, FlowOptions &) { test.provider.redirectChanges.insert(u"state"_s, u"guessed"_s); },
     u"authorization_response state_mismatch", 5},
    {"wrong_iss",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.redirectChanges.insert(u"iss"_s, u"https://evil.example"_s);
     },
     u"authorization_response issuer_mismatch", 5},
    {"iss_with_a_slash",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.redirectChanges.insert(u"iss"_s, test.provider.issuer + u'/');
     },
     u"authorization_response issuer_mismatch", 5},
    {"missing_iss", [](FlowFixture &test, FlowOptions &) { test.provider.redirectChanges.insert(u"iss"_s, QString()); },
     u"authorization_response missing_issuer", 5},
    {"user_says_no",
     [](FlowFixture &test, FlowOptions &) {
         test.provider.redirectChanges = {{u"code"_s, QString()}, {u"error"_s, u"access_denied"_s}};
     },
     u"authorization_response authorization_refused", 5},
    {"no_code", [](FlowFixture &test, FlowOptions &) { test.provider.redirectChanges.insert(u"code"_s, QString()); },
     u"authorization_response missing_code", 5},
    {"wrong_code", [](FlowFixture &test, FlowOptions &) { test.provider.redirectChanges.insert(u"code"_s, u"no"_s); },
     u"token token_request_refused", 6},
    {"no_token", [](FlowFixture &test, FlowOptions &) { test.provider.token.remove(u"access_token"_s); },
     u"token invalid_token_response", 6},
    {"broken_token_endpoint",
     [](FlowFixture &test, FlowOptions &) { test.provider.on("/token", Response::text(500, u"oops"_s)); },
     u"token token_request_refused", 6},
};

std::string faultName(const testing::TestParamInfo<Fault> &info)
{
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Challenge, FlowFault, testing::ValuesIn(challengeFaults), faultName);
INSTANTIATE_TEST_SUITE_P(ResourceMetadata, FlowFault, testing::ValuesIn(resourceFaults), faultName);
INSTANTIATE_TEST_SUITE_P(ProviderMetadata, FlowFault, testing::ValuesIn(providerFaults), faultName);
INSTANTIATE_TEST_SUITE_P(Registration, FlowFault, testing::ValuesIn(registrationFaults), faultName);
INSTANTIATE_TEST_SUITE_P(Browser, FlowFault, testing::ValuesIn(browserFaults), faultName);

// ---- A server elsewhere leads nobody to this machine (MCP security best practices, Server-Side Request Forgery)

class Stranger : public FlowFixture
{
public:
    Stranger()
    {
        Http::ClientOptions options;
        options.lookUp = [this](const QString &host) { return lookUp(names.value(host)); };
        client = std::make_unique<Http::Client>(options);
    }

protected:
    static QCoro::Task<QList<QHostAddress>> lookUp(QList<QHostAddress> addresses) { co_return addresses; }

    QMap<QString, QList<QHostAddress>> names{
        {u"mcp.example"_s, {QHostAddress(u"192.88.99.7"_s)}},
        {u"inside.example"_s, {QHostAddress(u"192.88.99.8"_s), QHostAddress(u"10.1.2.3"_s)}},
        {u"intranet.example"_s, {QHostAddress(u"10.0.0.1"_s)}}};

    QString codeAt(const QString &mcpUrl, const QString &metadataUrl, bool allow = false)
    {
        FlowOptions flow = options();
        flow.mcpUrl = mcpUrl;
        flow.refusal = Refusal{.status = 401, .challenge = "Bearer resource_metadata=\"" + metadataUrl.toUtf8() + '"'};
        flow.overrides.allowPrivateAddresses = allow;
        return codeOf(run(flow));
    }
};

TEST_F(Stranger, LeadsNobodyToThisMachineOrItsNetwork)
{
    const QString here = provider.issuer + u"/metadata"_s;
    for (const QString &place : {here, u"https://localhost/x"_s, u"https://a.localhost/x"_s, u"https://10.1.2.3/x"_s,
                                 u"https://192.168.0.1/x"_s, u"https://169.254.169.254/latest"_s, u"https://[::1]/x"_s,
                                 u"https://[fd00::1]/x"_s, u"https://[::ffff:127.0.0.1]/x"_s, u"https://0.0.0.0/x"_s,
                                 u"https://localhost./x"_s, u"https://inside.example/x"_s})
        EXPECT_EQ(codeAt(u"https://mcp.example/mcp"_s, place), u"private_address"_s) << place.toStdString();
    EXPECT_TRUE(provider.requests().isEmpty());
}

TEST_F(Stranger, IsOneThoughOneOfItsAddressesIsPrivate)
{
    names.insert(u"mixed.example"_s, {QHostAddress(u"192.88.99.7"_s), QHostAddress(u"10.0.0.1"_s)});
    EXPECT_EQ(codeAt(u"https://mixed.example/mcp"_s, u"https://inside.example/x"_s), u"private_address"_s);
    // An intranet's server may name what is there.
    EXPECT_NE(codeAt(u"https://intranet.example/mcp"_s, u"https://intranet.example/x"_s), u"private_address"_s);
}

TEST_F(Stranger, StaysWithinTheRuleOfTheCallersClient)
{
    Http::ClientOptions options;
    options.lookUp = [this](const QString &host) { return lookUp(names.value(host, {QHostAddress(host)})); };
    options.isAllowedAddress = [](const QString &, const QHostAddress &) { return false; };
    client = std::make_unique<Http::Client>(options);
    EXPECT_EQ(codeAt(u"http://127.0.0.1:9/mcp"_s, provider.issuer + u"/metadata"_s, true), u"private_address"_s);
    EXPECT_TRUE(provider.requests().isEmpty());
}

TEST_F(Stranger, MayWhereTheUserSaysSo)
{
    const QString here = provider.issuer + u"/metadata"_s;
    EXPECT_NE(codeAt(u"https://mcp.example/mcp"_s, here, true), u"private_address"_s);
    EXPECT_NE(codeAt(u"http://127.0.0.1:9/mcp"_s, here), u"private_address"_s); // a server on this machine may
}

// ---- What a fault says

class FlowErrors : public FlowFixture
{
};

TEST_F(FlowErrors, NameBothResources)
{
    mcp.metadata.insert(u"resource"_s, u"https://evil.example/mcp"_s);
    const auto refused = run(options());
    EXPECT_EQ(refused.error().details.value(u"expected"), mcp.url(u"/mcp"_s));
    EXPECT_EQ(refused.error().details.value(u"actual"), u"https://evil.example/mcp"_s);
}

TEST_F(FlowErrors, ShowNoWordsOfAResponseThatIsNotBelieved) // 2026-07-28, Authorization Response Validation
{
    provider.redirectChanges = {{u"iss"_s, u"https://evil.example"_s},
                                {u"error"_s, u"call_this_number"_s},
                                {u"error_description"_s, u"call_this_number"_s}};
    ASSERT_FALSE(run(options()));
    EXPECT_EQ(failure(), u"authorization_response issuer_mismatch");
    const Step failed = step(StepKind::AuthorizationResponse);
    EXPECT_FALSE(toJsonText(toJson(failed)).contains("call_this_number"));
    EXPECT_EQ(failed.messages.size(), 1);
    EXPECT_FALSE(failed.messages.first().failure.isEmpty());
}

TEST_F(FlowErrors, LetAMissingIssPassBefore2026)
{
    provider.redirectChanges.insert(u"iss"_s, QString());
    EXPECT_TRUE(run(options(u"2025-11-25"_s)));
    provider.redirectChanges.insert(u"iss"_s, u"https://evil.example"_s);
    EXPECT_EQ(codeOf(run(options(u"2025-11-25"_s))), u"issuer_mismatch");
}

TEST_F(FlowErrors, LetMissingPkceMetadataPassBeforeNovember2025)
{
    provider.metadata.remove(u"code_challenge_methods_supported"_s);
    ASSERT_TRUE(run(options(u"2025-06-18"_s)));
    EXPECT_FALSE(step(StepKind::ProviderMetadata).notes.isEmpty());
    EXPECT_EQ(codeOf(run(options(u"2025-11-25"_s))), u"pkce_not_supported");
}

TEST_F(FlowErrors, OfAnHttp403WithAChallengeAreNoEnd)
{
    mcp.on("/mcp", Response::empty(403).set("WWW-Authenticate", mcp.challenge));
    ASSERT_TRUE(run(options()));
    EXPECT_TRUE(step(StepKind::Challenge).notes.join(u' ').contains(u"403"));
}

// ---- Overrides

TEST_F(FlowErrors, GiveWayToTheOverrideForPkce)
{
    provider.metadata.remove(u"code_challenge_methods_supported"_s);
    FlowOptions flow = options();
    flow.overrides.allowMissingPkce = true;
    ASSERT_TRUE(run(flow));
    EXPECT_TRUE(step(StepKind::ProviderMetadata).notes.join(u' ').contains(u"Override"));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"code_challenge_method"), u"S256"); // used all the same
}

TEST_F(FlowErrors, GiveWayToTheOverrideForTheResource)
{
    mcp.metadata.insert(u"resource"_s, u"https://other.example/mcp"_s);
    FlowOptions flow = options();
    flow.overrides.allowResourceMismatch = true;
    const auto authorization = run(flow);
    ASSERT_TRUE(authorization);
    EXPECT_TRUE(step(StepKind::ResourceMetadata).notes.join(u' ').contains(u"Override"));
    EXPECT_EQ(authorization->resource, u"https://other.example/mcp");
}

TEST_F(FlowErrors, AreNotCausedByALeftOutResource)
{
    FlowOptions flow = options();
    flow.overrides.omitResource = true;
    const auto authorization = run(flow);
    ASSERT_TRUE(authorization);
    EXPECT_TRUE(authorization->resource.isEmpty());
    EXPECT_FALSE(provider.last("/authorize").query().contains("resource="));
    EXPECT_FALSE(provider.last("/token").body.contains("resource="));
    EXPECT_TRUE(step(StepKind::ResourceMetadata).notes.join(u' ').contains(u"Override"));
}

TEST_F(FlowErrors, GiveWayToTheOverrideForHttp)
{
    FlowOptions flow = options();
    provider.metadata.insert(u"revocation_endpoint"_s, u"http://as.example/revoke"_s);
    EXPECT_EQ(codeOf(run(flow)), u"insecure_url");
    flow.overrides.allowHttp = true;
    ASSERT_TRUE(run(flow));
    EXPECT_TRUE(step(StepKind::ProviderMetadata).notes.join(u' ').contains(u"override"));
}

TEST_F(FlowErrors, OfMissingResourceMetadataGiveWayToAGivenServer) // "Abort or use pre-configured values"
{
    mcp.challenge.clear();
    mcp.on(resourcePath, Response::text(404, u"no"_s));
    FlowOptions flow = options();
    flow.authorizationServer = provider.issuer;
    const auto authorization = run(flow);
    ASSERT_TRUE(authorization) << authorization.error().message.toStdString();
    EXPECT_EQ(authorization->resource, mcp.url(u"/mcp"_s));
    EXPECT_FALSE(step(StepKind::ResourceMetadata).notes.isEmpty());
}

} // namespace
