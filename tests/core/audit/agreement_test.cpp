// The promise of `check`: what it calls compatible, our own flow does not refuse. Every member that the flow reads is
// given every kind of wrong value, at every revision whose clients look for the provider's own metadata.
#include "audit/provideraudit.h"
#include "core/oauth/testprovider.h"

using namespace McpAuth;
using namespace McpAuth::Audit;
using namespace Qt::StringLiterals;

namespace {

const QStringList members{u"issuer"_s,
                          u"authorization_endpoint"_s,
                          u"token_endpoint"_s,
                          u"registration_endpoint"_s,
                          u"revocation_endpoint"_s,
                          u"response_types_supported"_s,
                          u"grant_types_supported"_s,
                          u"scopes_supported"_s,
                          u"code_challenge_methods_supported"_s,
                          u"token_endpoint_auth_methods_supported"_s,
                          u"token_endpoint_auth_signing_alg_values_supported"_s,
                          u"authorization_response_iss_parameter_supported"_s,
                          u"client_id_metadata_document_supported"_s,
                          u"require_pushed_authorization_requests"_s};

const QList<QJsonValue> wrongValues{QJsonValue(QJsonValue::Undefined),
                                    QJsonValue(QJsonValue::Null),
                                    QJsonValue(7),
                                    QJsonValue(false),
                                    QJsonValue(QJsonObject()),
                                    QJsonValue(QJsonArray()),
                                    QJsonValue(QJsonArray{u"plain"_s}),
                                    QJsonValue(QJsonArray{u"S256"_s, 7}),
                                    QJsonValue(u""_s),
                                    QJsonValue(u"TODO"_s),
                                    QJsonValue(u"/path"_s),
                                    QJsonValue(u"javascript:alert(1)"_s),
                                    QJsonValue(u"http://a.example/path"_s),
                                    QJsonValue(u"https://a.example/path#fragment"_s),
                                    QJsonValue(u"https://user:password@a.example/path"_s)};

class Agreement : public McpAuth::Test::FlowFixture, public testing::WithParamInterface<const char16_t *>
{
};

} // namespace

TEST_P(Agreement, WhatCheckCallsCompatibleLoginDoesNotRefuse)
{
    const QString revision = QString::fromUtf16(GetParam());
    const QJsonObject right = provider.metadata;
    int refusals = 0;
    for (const QString &member : members) {
        for (const QJsonValue &wrong : wrongValues) {
            provider.metadata = right;
            provider.metadata.insert(member, wrong); // Undefined removes
            const auto authorization = run(options(revision));
            const ProviderAudit audit = McpAuth::Test::wait(
                auditProvider(client.get(), provider.issuer, {.type = {}, .revision = revision, .stop = {}}));
            const bool isRefused = !authorization && failure().startsWith(u"provider_metadata"_s);
            refusals += isRefused ? 1 : 0;
            EXPECT_FALSE(isRefused && audit.isCompatible())
                << member.toStdString() << ": " << toJsonText(QJsonArray{wrong}).constData() << ": "
                << (authorization ? "" : authorization.error().message.toStdString());
        }
    }
    EXPECT_GT(refusals, 50); // else nothing was tried
}

INSTANTIATE_TEST_SUITE_P(Revisions, Agreement, testing::Values(u"2025-06-18", u"2025-11-25", u"2026-07-28"),
                         [](const auto &revision) {
                             return QString::fromUtf16(revision.param).remove(u'-').prepend(u"Of"_s).toStdString();
                         });
