#include "metadata/authorizationservermetadata.h"
#include "support/result.h"

#include <QJsonArray>

using namespace McpAuth;
using namespace McpAuth::Metadata;
using namespace Qt::StringLiterals;
using Test::codeOf;

namespace {

QJsonObject least()
{
    return {{u"issuer"_s, u"https://a.example"_s},
            {u"authorization_endpoint"_s, u"https://a.example/authorize"_s},
            {u"token_endpoint"_s, u"https://a.example/token"_s},
            {u"response_types_supported"_s, QJsonArray{u"code"_s}}};
}

QString name(const char16_t *member)
{
    return QString::fromUtf16(member);
}

} // namespace

// RFC 8414 §2
TEST(ServerMetadata, ReadsTheLeastDocument)
{
    const auto metadata = parseAuthorizationServerMetadata(least()).value();
    EXPECT_EQ(metadata.issuer, u"https://a.example");
    EXPECT_EQ(metadata.authorizationEndpoint, u"https://a.example/authorize");
    EXPECT_EQ(metadata.tokenEndpoint, u"https://a.example/token");
    EXPECT_EQ(metadata.responseTypesSupported, QStringList{u"code"_s});
    EXPECT_EQ(metadata.jwksUri, std::nullopt);
    EXPECT_EQ(metadata.grantTypesSupported, std::nullopt);
    EXPECT_EQ(metadata.codeChallengeMethodsSupported, std::nullopt);
}

TEST(ServerMetadata, UnknownMembersSurvive)
{
    QJsonObject document = least();
    document.insert(u"x_vendor"_s, QJsonObject{{u"deep"_s, QJsonArray{1, true}}});
    EXPECT_EQ(parseAuthorizationServerMetadata(document).value().raw, document);
}

TEST(ServerMetadata, IssuerIsKeptByteForByte)
{
    QJsonObject document = least();
    document.insert(u"issuer"_s, u"HTTPS://A.example:443/%7e/../"_s);
    EXPECT_EQ(parseAuthorizationServerMetadata(document).value().issuer, u"HTTPS://A.example:443/%7e/../");
}

TEST(ServerMetadata, MustSayWhoseItIs)
{
    QJsonObject document = least();
    document.remove(u"issuer"_s);
    const auto metadata = parseAuthorizationServerMetadata(document);
    ASSERT_EQ(codeOf(metadata), u"invalid_server_metadata");
    EXPECT_EQ(metadata.error().details.value(u"member"_s), u"issuer"_s);
    EXPECT_FALSE(metadata.error().details.contains(u"faults"_s));
}

TEST(ServerMetadata, TellsEveryFaultAtOnce)
{
    const auto metadata = parseAuthorizationServerMetadata({{u"jwks_uri"_s, 1}});
    ASSERT_EQ(codeOf(metadata), u"invalid_server_metadata");
    EXPECT_EQ(metadata.error().details.value(u"member"_s), u"issuer"_s);
    EXPECT_EQ(metadata.error().details.value(u"faults"_s).toArray().size(), 2);
}

// RFC 8414 §2: "unless no grant types are supported that use the authorization endpoint"
TEST(ServerMetadata, OfAProviderThatOnlySignsHasNoEndpoints)
{
    const QJsonObject document{{u"issuer"_s, u"https://a.example"_s}, {u"jwks_uri"_s, u"https://a.example/keys"_s}};
    const auto metadata = parseAuthorizationServerMetadata(document).value();
    EXPECT_EQ(metadata.jwksUri, u"https://a.example/keys"_s);
    EXPECT_EQ(metadata.authorizationEndpoint, QString());
    EXPECT_EQ(metadata.tokenEndpoint, QString());
    EXPECT_TRUE(metadata.faults.isEmpty());
    EXPECT_FALSE(isComplete(metadata));
    EXPECT_EQ(missingMembers(metadata),
              (QStringList{u"authorization_endpoint"_s, u"token_endpoint"_s, u"response_types_supported"_s}));
    EXPECT_TRUE(isComplete(parseAuthorizationServerMetadata(least()).value()));
}

enum class Kind { String, Strings, Bool };

class TypedMember : public testing::TestWithParam<std::pair<const char16_t *, Kind>>
{
};

TEST_P(TypedMember, TakesItsTypeAndNoOther)
{
    const auto [member, kind] = GetParam();
    const QList<std::pair<Kind, QJsonValue>> values{
        {Kind::String, u"x"_s}, {Kind::Strings, QJsonArray{u"x"_s}}, {Kind::Bool, true}};
    QList<std::pair<bool, QJsonValue>> trials{
        {false, 1}, {false, QJsonObject{}}, {false, QJsonArray{u"x"_s, 1}}, {kind == Kind::Strings, QJsonArray{}}};
    for (const auto &[valueKind, value] : values)
        trials.append({valueKind == kind, value});
    for (const auto &[fits, value] : std::as_const(trials)) {
        QJsonObject document = least();
        document.insert(name(member), value);
        const auto metadata = readAuthorizationServerMetadata(document);
        const auto fault = memberFault(metadata, name(member));
        ASSERT_EQ(fault.has_value(), !fits) << value.type();
        EXPECT_EQ(isComplete(metadata), fits);
        if (!fits) {
            EXPECT_EQ(fault->code, u"wrong_type");
            EXPECT_TRUE(fault->details.value(u"expected"_s).isString());
        }
    }
}

TEST_P(TypedMember, LeavesTheOthersReadable)
{
    QJsonObject document = least();
    document.insert(u"dpop_signing_alg_values_supported"_s, QJsonArray{u"ES256"_s});
    document.insert(name(GetParam().first), 7);
    const auto metadata = readAuthorizationServerMetadata(document);
    EXPECT_EQ(metadata.faults.size(), 1);
    if (name(GetParam().first) != u"dpop_signing_alg_values_supported") {
        EXPECT_EQ(metadata.dpopSigningAlgValuesSupported, QStringList{u"ES256"_s});
    }
}

TEST_P(TypedMember, NullIsAbsentWhereItMayBe)
{
    QJsonObject document = least();
    document.insert(name(GetParam().first), QJsonValue::Null);
    const auto metadata = readAuthorizationServerMetadata(document);
    ASSERT_EQ(metadata.faults.size(), 1);
    const bool isIssuer = name(GetParam().first) == u"issuer";
    EXPECT_EQ(metadata.faults.first().code, isIssuer ? u"wrong_type"_s : u"null_member"_s);
    EXPECT_EQ(memberFault(metadata, name(GetParam().first)).has_value(), isIssuer);
}

INSTANTIATE_TEST_SUITE_P(
    ServerMetadata, TypedMember,
    testing::Values(std::pair{u"issuer", Kind::String}, std::pair{u"authorization_endpoint", Kind::String},
                    std::pair{u"token_endpoint", Kind::String}, std::pair{u"jwks_uri", Kind::String},
                    std::pair{u"registration_endpoint", Kind::String}, std::pair{u"scopes_supported", Kind::Strings},
                    std::pair{u"response_types_supported", Kind::Strings},
                    std::pair{u"response_modes_supported", Kind::Strings},
                    std::pair{u"grant_types_supported", Kind::Strings},
                    std::pair{u"token_endpoint_auth_methods_supported", Kind::Strings},
                    std::pair{u"token_endpoint_auth_signing_alg_values_supported", Kind::Strings},
                    std::pair{u"code_challenge_methods_supported", Kind::Strings},
                    std::pair{u"service_documentation", Kind::String},
                    std::pair{u"ui_locales_supported", Kind::Strings}, std::pair{u"op_policy_uri", Kind::String},
                    std::pair{u"op_tos_uri", Kind::String}, std::pair{u"revocation_endpoint", Kind::String},
                    std::pair{u"revocation_endpoint_auth_methods_supported", Kind::Strings},
                    std::pair{u"revocation_endpoint_auth_signing_alg_values_supported", Kind::Strings},
                    std::pair{u"introspection_endpoint", Kind::String},
                    std::pair{u"introspection_endpoint_auth_methods_supported", Kind::Strings},
                    std::pair{u"introspection_endpoint_auth_signing_alg_values_supported", Kind::Strings},
                    std::pair{u"userinfo_endpoint", Kind::String}, std::pair{u"end_session_endpoint", Kind::String},
                    std::pair{u"subject_types_supported", Kind::Strings},
                    std::pair{u"id_token_signing_alg_values_supported", Kind::Strings},
                    std::pair{u"claims_supported", Kind::Strings},
                    std::pair{u"authorization_response_iss_parameter_supported", Kind::Bool},
                    std::pair{u"client_id_metadata_document_supported", Kind::Bool},
                    std::pair{u"dpop_signing_alg_values_supported", Kind::Strings},
                    std::pair{u"pushed_authorization_request_endpoint", Kind::String},
                    std::pair{u"require_pushed_authorization_requests", Kind::Bool},
                    std::pair{u"device_authorization_endpoint", Kind::String}));

TEST(ServerMetadata, OptionalMembersLandWhereTheyBelong)
{
    QJsonObject document = least();
    document.insert(u"jwks_uri"_s, u"https://a.example/jwks"_s);
    document.insert(u"registration_endpoint"_s, u"https://a.example/register"_s);
    document.insert(u"code_challenge_methods_supported"_s, QJsonArray{u"S256"_s});
    document.insert(u"client_id_metadata_document_supported"_s, true);
    document.insert(u"authorization_response_iss_parameter_supported"_s, false);
    const auto metadata = parseAuthorizationServerMetadata(document).value();
    EXPECT_EQ(metadata.jwksUri, u"https://a.example/jwks"_s);
    EXPECT_EQ(metadata.registrationEndpoint, u"https://a.example/register"_s);
    EXPECT_EQ(metadata.codeChallengeMethodsSupported, QStringList{u"S256"_s});
    EXPECT_EQ(metadata.clientIdMetadataDocumentSupported, true);
    EXPECT_EQ(metadata.authorizationResponseIssParameterSupported, false);
}
