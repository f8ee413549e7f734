#include "audit/provideraudit.h"
#include "core/metadata/provider.h"
#include "metadata/endpoint.h"
#include "support/rawserver.h"
#include "support/result.h"

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Audit;
using namespace Qt::StringLiterals;
using Http::Response;
using Metadata::Finding;
using Metadata::FindingLevel;
using Test::deadOrigin;
using Test::Gate;
using Test::Provider;
using Test::RawServer;
using Test::wait;

namespace {

constexpr auto oauth = "/.well-known/oauth-authorization-server";
constexpr auto oidc = "/.well-known/openid-configuration";

/// The key of RFC 8037 appendix A.2: public, and small enough to read.
const QJsonObject ed25519Key{{u"kty"_s, u"OKP"_s},
                             {u"crv"_s, u"Ed25519"_s},
                             {u"x"_s, u"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"_s},
                             {u"kid"_s, u"one"_s},
                             {u"use"_s, u"sig"_s}};

class ProviderAuditTest : public testing::Test
{
protected:
    ProviderAudit run(const AuditOptions &options = {})
    {
        return wait(auditProvider(&client, provider.origin(), options));
    }

    /// The audit of a provider that publishes this key set.
    ProviderAudit withKeys(const Response &response)
    {
        provider.serve(oauth, provider.document(provider.origin()));
        provider.serve("/jwks", response);
        return run();
    }

    Provider provider;
    Http::Client client;
};

Response keySet(const QJsonArray &keys)
{
    return Response::json(200, {{u"keys"_s, keys}});
}

Finding findingIn(const ProviderAudit &audit, const QString &code)
{
    const auto found = std::ranges::find(audit.findings, code, &Finding::code);
    return found == audit.findings.end() ? Finding{} : *found;
}

QStringList codes(const ProviderAudit &audit)
{
    QStringList list;
    for (const Finding &finding : audit.findings)
        list.append(toString(finding.level) + u':' + finding.code);
    return list;
}

} // namespace

TEST_F(ProviderAuditTest, OfACompatibleProviderPassesThroughout)
{
    const auto audit = withKeys(keySet({ed25519Key}));
    EXPECT_EQ(codes(audit),
              (QStringList{u"pass:server_metadata_valid"_s, u"pass:authorization_code_grant_supported"_s,
                           u"pass:pkce_supported"_s, u"pass:s256_code_challenge_method_supported"_s,
                           u"pass:endpoints_valid"_s, u"pass:code_response_type_supported"_s,
                           u"pass:dynamic_registration_supported"_s, u"pass:client_id_metadata_documents_supported"_s,
                           u"pass:iss_parameter_supported"_s, u"pass:public_clients_supported"_s,
                           u"pass:issuer_matches"_s, u"pass:jwks_reachable"_s}));
    EXPECT_TRUE(audit.isCompatible());
    EXPECT_EQ(audit.failure, std::nullopt);
    EXPECT_EQ(audit.issuer, provider.origin());
    EXPECT_EQ(audit.revision, u"2026-07-28");
    EXPECT_EQ(audit.type, Metadata::ServerType::OAuth);
    EXPECT_EQ(audit.metadata, provider.document(provider.origin()));
    EXPECT_EQ(audit.document, toJsonText(provider.document(provider.origin())));
    ASSERT_EQ(audit.keys.size(), 1);
    EXPECT_EQ(audit.keys.first().kid(), u"one");
    EXPECT_EQ(audit.probes.size(), 1);
    EXPECT_EQ(audit.count(FindingLevel::Pass), 12);
    EXPECT_EQ(audit.count(FindingLevel::Error), 0);
}

TEST_F(ProviderAuditTest, AKeySetThatIsNotThereIsAnError)
{
    const QList<Response> answers{
        Response::empty(404),          Response::empty(401),          Response::html(200, u"<html>"_s),
        Response::jsonText(200, "{}"), Response::jsonText(200, "[]"), keySet({})};
    for (const Response &answer : answers) {
        const auto audit = withKeys(answer);
        const Finding finding = findingIn(audit, u"jwks_unreachable"_s);
        EXPECT_EQ(finding.level, FindingLevel::Error);
        EXPECT_TRUE(finding.detail.contains(provider.url(u"/jwks"_s)));
        EXPECT_FALSE(finding.remedy.isEmpty());
        EXPECT_FALSE(audit.isCompatible());
        EXPECT_EQ(audit.failure, std::nullopt);
    }
}

TEST_F(ProviderAuditTest, AKeySetOverPlainHttpIsAnError)
{
    QJsonObject document = provider.document(provider.origin());
    document.insert(u"jwks_uri"_s, u"http://keys.example/jwks"_s);
    provider.serve(oauth, document);
    const auto audit = run();
    EXPECT_EQ(findingIn(audit, u"insecure_endpoint"_s).level, FindingLevel::Error);
    EXPECT_EQ(findingIn(audit, u"jwks_reachable"_s).level, FindingLevel::Skipped);
    EXPECT_FALSE(audit.isCompatible());
}

TEST_F(ProviderAuditTest, UnusableKeysAreLeftOutAndTold)
{
    const QJsonObject small{{u"kty"_s, u"RSA"_s}, {u"kid"_s, u"small"_s}, {u"n"_s, u"AQAB"_s}, {u"e"_s, u"AQAB"_s}};
    const auto audit = withKeys(keySet({ed25519Key, QJsonObject{{u"kty"_s, u"XYZ"_s}}, small}));
    EXPECT_EQ(audit.keys.size(), 1);
    EXPECT_EQ(audit.rejectedKeys.size(), 2);
    EXPECT_EQ(findingIn(audit, u"jwks_reachable"_s).level, FindingLevel::Pass);
    const Finding finding = findingIn(audit, u"keys_not_usable"_s);
    EXPECT_EQ(finding.level, FindingLevel::Warning);
    EXPECT_TRUE(finding.detail.contains(u"key 2: "_s)) << finding.detail.toStdString();
    EXPECT_TRUE(finding.detail.contains(u"key \"small\": "_s)) << finding.detail.toStdString();
    EXPECT_TRUE(finding.detail.contains(provider.url(u"/jwks"_s)));
}

TEST_F(ProviderAuditTest, KeysThatStricterReadersRefuseAreTold)
{
    QJsonObject lenient = ed25519Key;
    lenient.insert(u"kid"_s, u"one"_s);
    lenient.insert(u"use"_s, QJsonValue::Null);
    lenient.insert(u"x5c"_s, QJsonArray());
    const auto audit = withKeys(keySet({lenient}));
    EXPECT_EQ(audit.keys.size(), 1);
    EXPECT_TRUE(audit.isCompatible());
    const Finding finding = findingIn(audit, u"keys_read_leniently"_s);
    EXPECT_EQ(finding.level, FindingLevel::Warning);
    EXPECT_TRUE(finding.detail.contains(u"key \"one\": `use` is null"_s)) << finding.detail.toStdString();
    EXPECT_TRUE(finding.detail.contains(u"`x5c` holds no certificate"_s)) << finding.detail.toStdString();
}

TEST_F(ProviderAuditTest, KeysBeyondTheLimitAreTold)
{
    QJsonArray keys;
    for (int i = 0; i <= Jose::maxKeysInSet; ++i)
        keys.append(ed25519Key);
    const auto audit = withKeys(keySet(keys));
    EXPECT_EQ(audit.keys.size(), Jose::maxKeysInSet);
    const Finding finding = findingIn(audit, u"too_many_keys"_s);
    EXPECT_EQ(finding.level, FindingLevel::Warning);
    EXPECT_TRUE(finding.detail.contains(QString::number(Jose::maxKeysInSet + 1))) << finding.detail.toStdString();
}

TEST_F(ProviderAuditTest, AMissingKeySetIsAWarning)
{
    QJsonObject document = provider.document(provider.origin());
    document.remove(u"jwks_uri"_s);
    provider.serve(oauth, document);
    const auto audit = run();
    EXPECT_EQ(findingIn(audit, u"missing_jwks_uri"_s).level, FindingLevel::Warning);
    EXPECT_TRUE(audit.isCompatible());
    EXPECT_EQ(provider.asked().size(), 1);
}

TEST_F(ProviderAuditTest, AWrongIssuerIsAFindingAndItsKeysAreNotFetched)
{
    provider.serve(oauth, provider.document(u"https://other.example"_s));
    provider.serve("/jwks", keySet({ed25519Key}));
    const auto audit = run();
    EXPECT_EQ(audit.failure, std::nullopt);
    EXPECT_FALSE(audit.isCompatible());
    EXPECT_EQ(findingIn(audit, u"issuer_mismatch"_s).level, FindingLevel::Error);
    EXPECT_TRUE(findingIn(audit, u"issuer_mismatch"_s).detail.contains(u"https://other.example"_s));
    EXPECT_EQ(findingIn(audit, u"jwks_reachable"_s).level, FindingLevel::Skipped);
    EXPECT_EQ(findingIn(audit, u"pkce_supported"_s).level, FindingLevel::Pass);
    EXPECT_EQ(audit.metadata.value(u"issuer"_s), u"https://other.example"_s);
    EXPECT_FALSE(provider.asked().contains("/jwks"));
}

TEST_F(ProviderAuditTest, AnIncompleteDocumentIsCheckedAsFarAsItGoes)
{
    provider.serve(oidc, QJsonObject{{u"issuer"_s, provider.origin()}});
    const auto audit = run();
    EXPECT_EQ(audit.failure, std::nullopt);
    EXPECT_EQ(codes(audit), (QStringList{u"error:invalid_server_metadata"_s, u"error:invalid_server_metadata"_s,
                                         u"error:invalid_server_metadata"_s, u"pass:endpoints_valid"_s,
                                         u"pass:issuer_matches"_s, u"warning:missing_jwks_uri"_s}));
    EXPECT_TRUE(audit.findings.at(1).detail.contains(u"token_endpoint"_s));
    EXPECT_EQ(audit.metadata.size(), 1);
    EXPECT_FALSE(audit.isCompatible());
}

TEST_F(ProviderAuditTest, ADocumentWithoutIssuerIsCheckedToo)
{
    QJsonObject document = provider.document(provider.origin());
    document.remove(u"issuer"_s);
    provider.serve(oauth, document);
    const auto audit = run();
    EXPECT_EQ(findingIn(audit, u"invalid_server_metadata"_s).title, u"No issuer");
    EXPECT_EQ(findingIn(audit, u"pkce_supported"_s).level, FindingLevel::Pass);
}

TEST_F(ProviderAuditTest, TheRemedyForWhatIsNoDocumentFits)
{
    const std::pair<Response, QString> answers[] = {
        {Response::html(200, u"<html>"_s), u"not with the page of a website"_s},
        {Response::jsonText(200, "\xEF\xBB\xBF{}"), u"without a byte order mark"_s},
        {Response::jsonText(200, R"({"issuer":"a","issuer":"b"})"), u"Name each member once"_s},
        {Response::jsonText(200, "[]"), u"as one JSON object"_s}};
    for (const auto &[answer, remedy] : answers) {
        provider.serve(oauth, answer);
        const auto audit = run();
        ASSERT_EQ(codes(audit), QStringList{u"error:invalid_server_metadata"_s});
        EXPECT_TRUE(audit.findings.first().remedy.contains(remedy)) << audit.findings.first().remedy.toStdString();
        EXPECT_TRUE(audit.findings.first().detail.startsWith(provider.url(QString::fromLatin1(oauth))));
    }
}

TEST_F(ProviderAuditTest, ACompressedAnswerThatWasNotAskedForIsNamed)
{
    const Response answer = Response::jsonText(200, "\x0b\x02\x80{}\x03").set("Content-Encoding", "br");
    provider.serve(oauth, answer);
    const auto audit = run();
    ASSERT_FALSE(audit.findings.isEmpty());
    EXPECT_TRUE(audit.findings.first().detail.contains(u"compressed (br)"_s))
        << audit.findings.first().detail.toStdString();
    EXPECT_TRUE(findingIn(withKeys(answer), u"jwks_unreachable"_s).detail.contains(u"compressed (br)"_s));
}

TEST_F(ProviderAuditTest, AKeySetWithAByteOrderMarkIsNamed)
{
    const auto audit = withKeys(Response::jsonText(200, "\xEF\xBB\xBF{\"keys\":[]}"));
    EXPECT_TRUE(findingIn(audit, u"jwks_unreachable"_s).detail.contains(u"byte order mark"_s));
    EXPECT_EQ(findingIn(audit, u"jwks_unreachable"_s).remedy, u"Save the document as UTF-8 without a byte order mark.");
}

// Until 2025-06-18 clients know RFC 8414 only, and so does our own flow.
TEST_F(ProviderAuditTest, EarlierRevisionsDoNotLookAtTheOidcPlace)
{
    provider.serve(oidc, provider.document(provider.origin()));
    provider.serve("/jwks", keySet({ed25519Key}));
    const auto earlier = run({.type = {}, .revision = u"2025-06-18"_s, .stop = {}});
    EXPECT_EQ(findingIn(earlier, u"metadata_at_oidc_place_only"_s).level, FindingLevel::Error);
    const auto byItsUrl = wait(auditProvider(&client, provider.url(QString::fromLatin1(oidc)),
                                             {.type = {}, .revision = u"2025-06-18"_s, .stop = {}}));
    EXPECT_TRUE(byItsUrl.isCompatible()); // nobody looked at the other place
    const auto later = run({.type = {}, .revision = u"2025-11-25"_s, .stop = {}});
    EXPECT_EQ(findingIn(later, u"metadata_at_oidc_place_only"_s).code, QString());
    EXPECT_TRUE(later.isCompatible());
}

// MCP 2025-03-26, Fallbacks for Servers without Metadata Discovery
TEST_F(ProviderAuditTest, TheFirstRevisionHasDefaultEndpoints)
{
    provider.serve("/authorize", Response::empty(400));
    provider.serve("/token", Response::empty(405));
    const auto audit = run({.type = {}, .revision = u"2025-03-26"_s, .stop = {}});
    EXPECT_EQ(audit.failure, std::nullopt);
    EXPECT_EQ(findingIn(audit, u"default_endpoints"_s).level, FindingLevel::Warning);
    EXPECT_EQ(findingIn(audit, u"default_endpoint_missing"_s).title, u"No default registration_endpoint");
    EXPECT_EQ(findingIn(audit, u"default_endpoint_missing"_s).level, FindingLevel::Warning);
    EXPECT_TRUE(audit.isCompatible()) << codes(audit).join(u", "_s).toStdString();
    EXPECT_EQ(audit.probes.size(), 5);
    EXPECT_EQ(audit.metadata, Metadata::defaultServerMetadata(provider.origin()));
}

TEST_F(ProviderAuditTest, DefaultEndpointsMustBeThere)
{
    const auto audit = run({.type = {}, .revision = u"2025-03-26"_s, .stop = {}});
    EXPECT_EQ(findingIn(audit, u"default_endpoint_missing"_s).level, FindingLevel::Error);
    EXPECT_FALSE(audit.isCompatible());
}

TEST_F(ProviderAuditTest, AProviderThatIsDownIsAFailureThatSaysSo)
{
    provider.serve(oauth, Response::empty(503));
    const auto audit = run();
    ASSERT_TRUE(audit.failure);
    EXPECT_EQ(audit.failure->code, u"provider_unreachable");
    EXPECT_TRUE(audit.failure->message.contains(u"answers 503: it is down"_s)) << audit.failure->message.toStdString();
    EXPECT_TRUE(audit.failure->message.contains(provider.origin()));
}

TEST_F(ProviderAuditTest, APageInPlaceOfMetadataIsAFinding)
{
    provider.serve(oauth, Response::html(200, u"<html>"_s));
    const auto audit = run();
    EXPECT_EQ(codes(audit), QStringList{u"error:invalid_server_metadata"_s});
    EXPECT_TRUE(audit.findings.first().detail.contains(u"an HTML page, not JSON"_s));
    EXPECT_TRUE(audit.metadata.isEmpty());
    EXPECT_EQ(audit.document, "<html>");
}

TEST_F(ProviderAuditTest, NothingFoundIsAFailure)
{
    const auto audit = run();
    ASSERT_TRUE(audit.failure);
    EXPECT_EQ(audit.failure->code, u"metadata_not_found");
    EXPECT_FALSE(audit.isCompatible());
    EXPECT_TRUE(audit.findings.isEmpty());
    EXPECT_EQ(audit.probes.size(), 2);
}

TEST_F(ProviderAuditTest, NobodyThereIsAFailure)
{
    const auto audit = wait(auditProvider(&client, deadOrigin()));
    ASSERT_TRUE(audit.failure);
    EXPECT_EQ(audit.failure->code, u"provider_unreachable");
    EXPECT_EQ(audit.probes.size(), 1);
}

TEST_F(ProviderAuditTest, WhatIsNoIssuerIsAFailure)
{
    const auto audit = wait(auditProvider(&client, u"login.example"_s));
    ASSERT_TRUE(audit.failure);
    EXPECT_EQ(audit.failure->code, u"invalid_url");
    EXPECT_EQ(audit.issuer, u"login.example");
}

TEST_F(ProviderAuditTest, KeepsToTheTypeAndTheRevision)
{
    provider.serve(oauth, provider.document(provider.origin()));
    provider.serve(oidc, provider.document(provider.origin()));
    provider.serve("/jwks", keySet({ed25519Key}));
    const auto audit = run({.type = Metadata::ServerType::Oidc, .revision = u"2025-06-18"_s, .stop = {}});
    EXPECT_EQ(audit.type, Metadata::ServerType::Oidc);
    EXPECT_EQ(provider.asked(), (QList<QByteArray>{oidc, "/jwks"}));
    EXPECT_TRUE(findingIn(audit, u"pkce_supported"_s).reference.contains(u"/specification/2025-06-18/"_s));
}

TEST_F(ProviderAuditTest, CanBeCancelledWhileKeysAreFetched)
{
    Gate gate;
    provider.serve(oauth, provider.document(provider.origin()));
    provider.serveLater("/jwks", {}, gate.opened());
    std::stop_source stop;
    auto task =
        auditProvider(&client, provider.origin(), {.type = {}, .revision = u"2026-07-28"_s, .stop = stop.get_token()});
    ASSERT_TRUE(RawServer::waitUntil([&] { return provider.asked().contains("/jwks"); }));
    stop.request_stop();
    const auto audit = wait(std::move(task));
    ASSERT_TRUE(audit.failure);
    EXPECT_EQ(audit.failure->code, u"cancelled");
}

TEST_F(ProviderAuditTest, EndsWhenItsClientIsDestroyed)
{
    Gate gate;
    provider.serve(oauth, provider.document(provider.origin()));
    provider.serveLater("/jwks", {}, gate.opened());
    auto own = std::make_unique<Http::Client>();
    auto task = auditProvider(own.get(), provider.origin());
    ASSERT_TRUE(RawServer::waitUntil([&] { return provider.asked().contains("/jwks"); }));
    own.reset();
    EXPECT_EQ(wait(std::move(task)).failure.value_or(Error{}).code, u"cancelled");
}

TEST(DocumentAudit, JudgesAPastedDocument)
{
    const QJsonObject document{{u"issuer"_s, u"https://a.example"_s},
                               {u"authorization_endpoint"_s, u"https://a.example/authorize"_s},
                               {u"token_endpoint"_s, u"https://a.example/token"_s},
                               {u"response_types_supported"_s, QJsonArray{u"code"_s}}};
    const auto audit = auditDocument(document, u"2025-11-25"_s);
    EXPECT_EQ(audit.issuer, u"https://a.example");
    EXPECT_EQ(audit.findings, checkDocument(document, {.revision = u"2025-11-25"_s}));
    EXPECT_EQ(audit.metadata, document);
    EXPECT_TRUE(audit.probes.isEmpty());
    EXPECT_FALSE(audit.isCompatible()); // no PKCE
}

TEST(Revisions, AreNewestFirst)
{
    EXPECT_EQ(revisions(), (QStringList{u"2026-07-28"_s, u"2025-11-25"_s, u"2025-06-18"_s, u"2025-03-26"_s}));
}
