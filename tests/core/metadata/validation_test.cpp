#include "metadata/validation.h"
#include "support/result.h"

#include <QJsonArray>

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Metadata;
using namespace Qt::StringLiterals;

namespace {

QJsonObject fitting()
{
    return {{u"issuer"_s, u"https://a.example"_s},
            {u"authorization_endpoint"_s, u"https://a.example/authorize"_s},
            {u"token_endpoint"_s, u"https://a.example/token"_s},
            {u"response_types_supported"_s, QJsonArray{u"code"_s}},
            {u"grant_types_supported"_s, QJsonArray{u"authorization_code"_s}},
            {u"code_challenge_methods_supported"_s, QJsonArray{u"S256"_s}},
            {u"registration_endpoint"_s, u"https://a.example/register"_s}};
}

QJsonObject with(const QString &member, const QJsonValue &value)
{
    QJsonObject document = fitting();
    document.insert(member, value); // Undefined removes
    return document;
}

/// "pass:server_metadata_valid"…
QStringList verdicts(const QJsonObject &document)
{
    QStringList list;
    for (const Finding &finding : validateServerConfig(document))
        list.append(toString(finding.level) + u':' + finding.code);
    return list;
}

const QStringList allPass{u"pass:server_metadata_valid"_s,
                          u"pass:code_response_type_supported"_s,
                          u"pass:authorization_code_grant_supported"_s,
                          u"pass:pkce_supported"_s,
                          u"pass:s256_code_challenge_method_supported"_s,
                          u"pass:dynamic_registration_supported"_s};

QStringList allPassBut(const QString &passed, const QString &instead)
{
    QStringList list = allPass;
    list.replace(list.indexOf(passed), instead);
    return list;
}

} // namespace

TEST(Validation, OfAFittingDocumentPassesThroughout)
{
    EXPECT_EQ(verdicts(fitting()), allPass);
    EXPECT_TRUE(isCompatible(validateServerConfig(fitting())));
}

// One member of a wrong type never hides what else there is to say.
TEST(Validation, EachFaultyMemberIsAnErrorOfItsOwn)
{
    QJsonObject document = with(u"scopes_supported"_s, u"openid profile"_s);
    document.insert(u"claims_supported"_s, 7);
    document.remove(u"registration_endpoint"_s);
    document.insert(u"code_challenge_methods_supported"_s, QJsonArray{u"plain"_s});
    QStringList expected = allPass;
    expected.replace(0, u"error:invalid_server_metadata"_s);
    expected.prepend(u"error:invalid_server_metadata"_s);
    expected.replace(5, u"error:s256_code_challenge_method_not_supported"_s);
    expected.replace(6, u"warning:dynamic_registration_not_supported"_s);
    EXPECT_EQ(verdicts(document), expected);
    const Finding finding = validateServerConfig(document).first();
    EXPECT_EQ(finding.title, u"scopes_supported has the wrong type");
    EXPECT_TRUE(finding.detail.contains(u"an array of strings, not a string"_s)) << finding.detail.toStdString();
    EXPECT_TRUE(finding.detail.contains(u"\"openid profile\""_s)) << finding.detail.toStdString();
    EXPECT_EQ(finding.remedy, u"Publish scopes_supported as an array of strings, or leave it out.");
}

TEST(Validation, WhatDependsOnAFaultyMemberIsNotJudged)
{
    QStringList expected = allPass;
    expected.replace(0, u"error:invalid_server_metadata"_s);
    expected.removeAll(u"pass:authorization_code_grant_supported"_s);
    EXPECT_EQ(verdicts(with(u"grant_types_supported"_s, u"authorization_code"_s)), expected);
}

// RFC 8414 §2
TEST(Validation, AProviderThatOnlySignsLacksWhatUsersNeed)
{
    const QJsonObject document{{u"issuer"_s, u"https://a.example"_s},
                               {u"jwks_uri"_s, u"https://a.example/jwks"_s},
                               {u"response_types_supported"_s, QJsonArray{u"id_token"_s}}};
    const auto findings = validateServerConfig(document);
    ASSERT_EQ(findings.size(), 2);
    EXPECT_EQ(findings.at(0).title, u"No authorization endpoint");
    EXPECT_EQ(findings.at(1).title, u"No token endpoint");
    for (const Finding &finding : findings) {
        EXPECT_EQ(finding.code, u"invalid_server_metadata");
        EXPECT_TRUE(finding.remedy.contains(u"needs only issuer and jwks_uri"_s));
    }
}

TEST(Validation, AProviderForMachinesIsSaidToBeOne)
{
    QJsonObject document = with(u"grant_types_supported"_s, QJsonArray{u"client_credentials"_s});
    document.remove(u"authorization_endpoint"_s);
    const auto findings = validateServerConfig(document);
    ASSERT_EQ(findings.size(), 2);
    EXPECT_TRUE(findings.at(0).detail.contains(u"client credentials grant"_s));
    EXPECT_EQ(findings.at(1).code, u"authorization_code_grant_not_supported");
}

TEST(Validation, MissingMembersAreNamedOneByOne)
{
    EXPECT_EQ(verdicts(with(u"issuer"_s, QJsonValue::Undefined)).first(), u"error:invalid_server_metadata"_s);
    EXPECT_EQ(validateServerConfig(with(u"issuer"_s, QJsonValue::Undefined)).first().title, u"No issuer");
    EXPECT_EQ(validateServerConfig(with(u"response_types_supported"_s, QJsonValue::Undefined)).first().title,
              u"No response types");
    EXPECT_EQ(verdicts({}).size(), 4);
    EXPECT_FALSE(isCompatible(validateServerConfig({})));
}

TEST(Validation, CodeMayBePartOfAHybridResponseType)
{
    EXPECT_EQ(verdicts(with(u"response_types_supported"_s, QJsonArray{u"token"_s, u"code id_token"_s})), allPass);
    EXPECT_EQ(verdicts(with(u"response_types_supported"_s, QJsonArray{u"token"_s, u"codex"_s, u"id_token token"_s})),
              allPassBut(u"pass:code_response_type_supported"_s, u"error:code_response_type_not_supported"_s));
    EXPECT_EQ(verdicts(with(u"response_types_supported"_s, QJsonArray{})),
              allPassBut(u"pass:code_response_type_supported"_s, u"error:code_response_type_not_supported"_s));
}

// RFC 8414 §2: the default of grant_types_supported
TEST(Validation, AbsentGrantTypesIncludeTheAuthorizationCode)
{
    EXPECT_EQ(verdicts(with(u"grant_types_supported"_s, QJsonValue::Undefined)), allPass);
    EXPECT_EQ(
        verdicts(with(u"grant_types_supported"_s, QJsonArray{u"client_credentials"_s})),
        allPassBut(u"pass:authorization_code_grant_supported"_s, u"error:authorization_code_grant_not_supported"_s));
}

// MCP 2025-11-25, Authorization Code Protection
TEST(Validation, PkceMustBeAnnounced)
{
    QStringList expected = allPassBut(u"pass:pkce_supported"_s, u"error:pkce_not_supported"_s);
    expected.removeAll(u"pass:s256_code_challenge_method_supported"_s);
    EXPECT_EQ(verdicts(with(u"code_challenge_methods_supported"_s, QJsonValue::Undefined)), expected);
}

TEST(Validation, PkceMustIncludeS256)
{
    const QStringList expected =
        allPassBut(u"pass:s256_code_challenge_method_supported"_s, u"error:s256_code_challenge_method_not_supported"_s);
    EXPECT_EQ(verdicts(with(u"code_challenge_methods_supported"_s, QJsonArray{u"plain"_s})), expected);
    EXPECT_EQ(verdicts(with(u"code_challenge_methods_supported"_s, QJsonArray{u"s256"_s})), expected);
    EXPECT_EQ(verdicts(with(u"code_challenge_methods_supported"_s, QJsonArray{})), expected);
}

TEST(Validation, MissingRegistrationIsOnlyAWarning)
{
    const QStringList expected =
        allPassBut(u"pass:dynamic_registration_supported"_s, u"warning:dynamic_registration_not_supported"_s);
    EXPECT_EQ(verdicts(with(u"registration_endpoint"_s, QJsonValue::Undefined)), expected);
    EXPECT_EQ(verdicts(with(u"registration_endpoint"_s, u""_s)), expected);
    EXPECT_TRUE(isCompatible(validateServerConfig(with(u"registration_endpoint"_s, QJsonValue::Undefined))));
}

TEST(Validation, EveryFindingExplainsItself)
{
    const QList<QJsonObject> documents{fitting(),
                                       {},
                                       with(u"code_challenge_methods_supported"_s, QJsonArray{u"plain"_s}),
                                       {{u"issuer"_s, u"x"_s},
                                        {u"authorization_endpoint"_s, u"x"_s},
                                        {u"token_endpoint"_s, u"x"_s},
                                        {u"grant_types_supported"_s, QJsonArray{}},
                                        {u"response_types_supported"_s, QJsonArray{}}}};
    for (const QJsonObject &document : documents) {
        for (const Finding &finding : validateServerConfig(document)) {
            EXPECT_FALSE(finding.title.isEmpty());
            EXPECT_FALSE(finding.detail.isEmpty());
            EXPECT_TRUE(finding.reference.startsWith(u"https://"_s));
            EXPECT_EQ(finding.remedy.isEmpty(), finding.level == FindingLevel::Pass) << finding.code.toStdString();
        }
    }
}

TEST(Validation, NamesTheValuesItSaw)
{
    const auto findings = validateServerConfig(with(u"code_challenge_methods_supported"_s, QJsonArray{u"plain"_s}));
    const auto found = std::ranges::find(findings, u"s256_code_challenge_method_not_supported"_s, &Finding::code);
    ASSERT_NE(found, findings.end());
    EXPECT_TRUE(found->detail.contains(u"plain"_s));
}

TEST(Validation, HugeValuesAreCut)
{
    for (const Finding &finding :
         validateServerConfig(with(u"response_types_supported"_s, QJsonArray{QString(100'000, u'x')})))
        EXPECT_LT(finding.detail.size(), 1'000);
}

TEST(Validation, ReferencesPointIntoTheRevisionAskedFor)
{
    for (const QString &revision : specificationRevisions()) {
        const auto findings = validateServerConfig(fitting(), revision);
        const auto found = std::ranges::find(findings, u"pkce_supported"_s, &Finding::code);
        ASSERT_NE(found, findings.end());
        EXPECT_TRUE(found->reference.startsWith(u"https://modelcontextprotocol.io/specification/"_s + revision + u'/'));
    }
    EXPECT_EQ(validateServerConfig(fitting(), u"1999-01-01"_s), validateServerConfig(fitting()));
}

TEST(Validation, FindingsBecomeJson)
{
    const Finding finding{.code = u"c"_s,
                          .level = FindingLevel::Warning,
                          .title = u"t"_s,
                          .detail = u"d"_s,
                          .reference = u"https://r"_s,
                          .remedy = u"m"_s};
    EXPECT_EQ(toJson(finding), (QJsonObject{{u"code"_s, u"c"_s},
                                            {u"level"_s, u"warning"_s},
                                            {u"title"_s, u"t"_s},
                                            {u"detail"_s, u"d"_s},
                                            {u"reference"_s, u"https://r"_s},
                                            {u"remedy"_s, u"m"_s}}));
    EXPECT_EQ(toString(FindingLevel::Pass), u"pass");
    EXPECT_EQ(toString(FindingLevel::Error), u"error");
    EXPECT_EQ(toString(FindingLevel::Skipped), u"skipped");
}
