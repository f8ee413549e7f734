#include "audit/checks.h"
#include "metadata/endpoint.h"
#include "support/result.h"

#include <QJsonArray>

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Audit;
using namespace Qt::StringLiterals;
using Metadata::Finding;
using Metadata::FindingLevel;

namespace {

QJsonObject compatible()
{
    return {{u"issuer"_s, u"https://a.example"_s},
            {u"authorization_endpoint"_s, u"https://a.example/authorize"_s},
            {u"token_endpoint"_s, u"https://a.example/token"_s},
            {u"registration_endpoint"_s, u"https://a.example/register"_s},
            {u"jwks_uri"_s, u"https://a.example/jwks"_s},
            {u"response_types_supported"_s, QJsonArray{u"code"_s}},
            {u"token_endpoint_auth_methods_supported"_s, QJsonArray{u"none"_s}},
            {u"code_challenge_methods_supported"_s, QJsonArray{u"S256"_s}},
            {u"client_id_metadata_document_supported"_s, true},
            {u"authorization_response_iss_parameter_supported"_s, true}};
}

QJsonObject but(const QString &member, const QJsonValue &value)
{
    QJsonObject document = compatible();
    document.insert(member, value); // Undefined removes
    return document;
}

/// "error:code" of everything but passes.
QStringList complaints(const QJsonObject &document, const CheckOptions &options = {})
{
    QStringList list;
    for (const Finding &finding : checkDocument(document, options)) {
        if (finding.level != FindingLevel::Pass)
            list.append(toString(finding.level) + u':' + finding.code);
    }
    return list;
}

QStringList passes(const QJsonObject &document, const QString &revision)
{
    QStringList list;
    for (const Finding &finding : checkDocument(document, {.revision = revision})) {
        if (finding.level == FindingLevel::Pass)
            list.append(finding.code);
    }
    return list;
}

Finding findingFor(const QJsonObject &document, const QString &code)
{
    const auto findings = checkDocument(document);
    const auto found = std::ranges::find(findings, code, &Finding::code);
    return found == findings.end() ? Finding{} : *found;
}

const QStringList everyRevision = Metadata::specificationRevisions();

} // namespace

TEST(DocumentChecks, HaveNothingAgainstACompatibleProvider)
{
    for (const QString &revision : everyRevision)
        EXPECT_EQ(complaints(compatible(), {.revision = revision}), QStringList()) << revision.toStdString();
}

TEST(DocumentChecks, EveryFindingExplainsItself)
{
    QJsonObject bad{{u"issuer"_s, u"http://a.example?x"_s},
                    {u"authorization_endpoint"_s, u"javascript:alert(1)"_s},
                    {u"token_endpoint"_s, u""_s},
                    {u"registration_endpoint"_s, QJsonValue::Null},
                    {u"userinfo_endpoint"_s, u"/me"_s},
                    {u"response_types_supported"_s, QJsonArray{u"code token"_s}},
                    {u"token_endpoint_auth_methods_supported"_s, QJsonArray{u"client_secret_basic"_s}},
                    {u"scopes_supported"_s, 7},
                    {u"require_pushed_authorization_requests"_s, true}};
    for (const QString &revision : everyRevision) {
        for (const Finding &finding : checkDocument(bad, {.revision = revision})) {
            EXPECT_FALSE(finding.title.isEmpty());
            EXPECT_FALSE(finding.detail.isEmpty());
            EXPECT_TRUE(finding.reference.startsWith(u"https://"_s));
            EXPECT_EQ(finding.remedy.isEmpty(), finding.level == FindingLevel::Pass) << finding.code.toStdString();
        }
    }
}

// What our own flow refuses is never called compatible.
TEST(DocumentChecks, EndpointsThatClientsRefuseAreErrors)
{
    for (const auto &member : {u"authorization_endpoint"_s, u"token_endpoint"_s, u"registration_endpoint"_s,
                               u"revocation_endpoint"_s, u"jwks_uri"_s}) {
        for (const auto &url :
             {u"/relative"_s, u"TODO"_s, u"javascript:alert(1)"_s, u"ftp://a.example/"_s, u"https://a.example/#x"_s})
            EXPECT_EQ(complaints(but(member, url)), QStringList{u"error:invalid_endpoint_url"_s}) << url.toStdString();
        EXPECT_EQ(complaints(but(member, u"http://a.example:8080/x"_s)), QStringList{u"error:insecure_endpoint"_s});
        const Finding finding = findingFor(but(member, u"http://a.example:8080/x"_s), u"insecure_endpoint"_s);
        EXPECT_TRUE(finding.title.contains(member));
        EXPECT_TRUE(finding.detail.contains(u"http://a.example:8080/x"_s)) << finding.detail.toStdString();
        EXPECT_TRUE(finding.reference.endsWith(u"security-considerations#communication-security"_s));
        EXPECT_TRUE(finding.remedy.contains(u"--allow-http"_s));
    }
}

TEST(DocumentChecks, LoopbackIsForProvidersOnThisComputer)
{
    QJsonObject document = but(u"token_endpoint"_s, u"http://127.0.0.1:8080/token"_s);
    EXPECT_EQ(complaints(document), QStringList{u"error:loopback_endpoint"_s});
    document.insert(u"issuer"_s, u"http://127.0.0.1:8080"_s);
    EXPECT_EQ(complaints(document), QStringList());
    EXPECT_EQ(complaints(but(u"userinfo_endpoint"_s, u"https://localhost/me"_s)),
              QStringList{u"warning:loopback_endpoint"_s});
}

TEST(DocumentChecks, PlainHttpThatTheUserAllowsIsAWarning)
{
    EXPECT_EQ(complaints(but(u"token_endpoint"_s, u"http://a.example/t"_s), {.allowHttp = true}),
              QStringList{u"warning:insecure_endpoint"_s});
}

TEST(DocumentChecks, EmptyEndpointsCountWhereTheyAreNeeded)
{
    EXPECT_TRUE(complaints(but(u"authorization_endpoint"_s, u""_s)).contains(u"error:invalid_endpoint_url"_s));
    EXPECT_EQ(complaints(but(u"token_endpoint"_s, u""_s)), QStringList{u"error:invalid_endpoint_url"_s});
    EXPECT_EQ(complaints(but(u"revocation_endpoint"_s, u""_s)), QStringList{u"warning:invalid_endpoint_url"_s});
}

TEST(DocumentChecks, WhatNoMcpClientUsesIsOnlyAWarning)
{
    EXPECT_EQ(complaints(but(u"userinfo_endpoint"_s, u"/me"_s)), QStringList{u"warning:invalid_endpoint_url"_s});
}

// RFC 8414 §2
TEST(DocumentChecks, TheIssuerIsAUrlWithoutAQuery)
{
    for (const auto &issuer : {u"https://a.example?x"_s, u"https://a.example#x"_s, u"a.example"_s})
        EXPECT_EQ(complaints(but(u"issuer"_s, issuer)), QStringList{u"error:invalid_endpoint_url"_s});
    EXPECT_EQ(complaints(but(u"issuer"_s, u"http://a.example"_s)), QStringList{u"error:insecure_endpoint"_s});
}

// RFC 6749 §3.1.1: "code token" is another response type than "code".
TEST(DocumentChecks, CodeMustBeSupportedAlone)
{
    EXPECT_EQ(complaints(but(u"response_types_supported"_s, QJsonArray{u"code token"_s})),
              QStringList{u"error:code_response_type_not_supported"_s});
    EXPECT_EQ(complaints(but(u"response_types_supported"_s, QJsonArray{u"code id_token"_s, u"code"_s})), QStringList());
    EXPECT_EQ(complaints(but(u"response_types_supported"_s, QJsonArray{})),
              QStringList{u"error:code_response_type_not_supported"_s});
}

// MCP 2025-11-25, Authorization Code Protection
TEST(DocumentChecks, PkceMustBeAnnouncedFrom20251125On)
{
    for (const auto &methods : {QJsonValue(QJsonValue::Undefined), QJsonValue(QJsonArray{u"plain"_s})}) {
        const QJsonObject document = but(u"code_challenge_methods_supported"_s, methods);
        for (const QString &revision : everyRevision) {
            const QStringList seen = complaints(document, {.revision = revision});
            ASSERT_EQ(seen.size(), 1);
            EXPECT_TRUE(seen.first().startsWith(revision < u"2025-11-25" ? u"warning:"_s : u"error:"_s));
        }
    }
}

// MCP 2026-07-28, Dynamic Client Registration: deprecated
TEST(DocumentChecks, RegistrationIsWeighedByTheRevision)
{
    QJsonObject none = but(u"registration_endpoint"_s, QJsonValue::Undefined);
    none.remove(u"client_id_metadata_document_supported"_s);
    const QJsonObject documentsOnly = but(u"registration_endpoint"_s, QJsonValue::Undefined);
    const QJsonObject dynamicOnly = but(u"client_id_metadata_document_supported"_s, QJsonValue::Undefined);
    const QString noDocuments = u"warning:client_id_metadata_documents_not_supported"_s;
    const QString noDynamic = u"warning:dynamic_registration_not_supported"_s;
    for (const auto &revision : {u"2025-11-25"_s, u"2026-07-28"_s}) {
        EXPECT_EQ(complaints(documentsOnly, {.revision = revision}), QStringList());
        EXPECT_EQ(complaints(dynamicOnly, {.revision = revision}), QStringList{noDocuments});
        EXPECT_EQ(complaints(none, {.revision = revision}), QStringList{noDocuments});
    }
    for (const auto &revision : {u"2025-03-26"_s, u"2025-06-18"_s}) {
        EXPECT_EQ(complaints(documentsOnly, {.revision = revision}), QStringList{noDynamic});
        EXPECT_EQ(complaints(dynamicOnly, {.revision = revision}), QStringList());
        EXPECT_EQ(complaints(none, {.revision = revision}), QStringList{noDynamic});
    }
    EXPECT_TRUE(
        findingFor(dynamicOnly, u"client_id_metadata_documents_not_supported"_s).detail.contains(u"deprecated"_s));
    EXPECT_TRUE(passes(compatible(), u"2026-07-28"_s).contains(u"client_id_metadata_documents_supported"_s));
    EXPECT_FALSE(passes(compatible(), u"2025-06-18"_s).contains(u"client_id_metadata_documents_supported"_s));
}

// MCP 2026-07-28, Authorization Response Validation
TEST(DocumentChecks, TheIssParameterIsAskedForSince20260728)
{
    const QJsonObject document = but(u"authorization_response_iss_parameter_supported"_s, false);
    EXPECT_EQ(complaints(document), QStringList{u"warning:iss_parameter_not_supported"_s});
    EXPECT_EQ(complaints(document, {.revision = u"2025-11-25"_s}), QStringList());
}

// RFC 9126 §5
TEST(DocumentChecks, RequiredPushedRequestsAreAnError)
{
    EXPECT_EQ(complaints(but(u"require_pushed_authorization_requests"_s, true)),
              QStringList{u"error:pushed_authorization_required"_s});
    EXPECT_EQ(complaints(but(u"require_pushed_authorization_requests"_s, false)), QStringList());
    EXPECT_EQ(
        findingFor(but(u"require_pushed_authorization_requests"_s, true), u"pushed_authorization_required"_s).reference,
        u"https://www.rfc-editor.org/rfc/rfc9126#section-5");
}

TEST(DocumentChecks, PublicClientsWantTheMethodNone)
{
    const QString member = u"token_endpoint_auth_methods_supported"_s;
    EXPECT_EQ(complaints(but(member, QJsonArray{u"client_secret_basic"_s})),
              QStringList{u"warning:public_clients_not_supported"_s});
    EXPECT_TRUE(findingFor(but(member, QJsonArray{u"client_secret_basic"_s}), u"public_clients_not_supported"_s)
                    .detail.contains(u"metadata document"_s));
    const QJsonObject without = but(member, QJsonValue::Undefined); // RFC 8414 §2: omitted means client_secret_basic
    EXPECT_EQ(complaints(without), QStringList{u"warning:public_clients_not_supported"_s});
    EXPECT_TRUE(findingFor(without, u"public_clients_not_supported"_s)
                    .detail.startsWith(member + u" is absent, which means client_secret_basic"_s));
}

TEST(DocumentChecks, NullIsToldButReadAsAbsent)
{
    EXPECT_EQ(complaints(but(u"scopes_supported"_s, QJsonValue::Null)), QStringList{u"warning:null_member"_s});
}

TEST(DocumentChecks, AFaultyMemberHidesNothingElse)
{
    QJsonObject document = but(u"scopes_supported"_s, u"openid profile"_s);
    document.remove(u"code_challenge_methods_supported"_s);
    document.remove(u"client_id_metadata_document_supported"_s);
    document.remove(u"registration_endpoint"_s);
    EXPECT_EQ(complaints(document), (QStringList{u"error:invalid_server_metadata"_s, u"error:pkce_not_supported"_s,
                                                 u"warning:client_id_metadata_documents_not_supported"_s}));
}
