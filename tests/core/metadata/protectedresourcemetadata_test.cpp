#include "metadata/protectedresourcemetadata.h"
#include "support/result.h"

#include <QJsonArray>

using namespace McpAuth;
using namespace McpAuth::Metadata;
using namespace Qt::StringLiterals;
using Test::codeOf;

namespace {

const QJsonObject whole{{u"resource"_s, u"https://r.example/mcp"_s},
                        {u"authorization_servers"_s, QJsonArray{u"https://a.example/"_s}},
                        {u"jwks_uri"_s, u"https://r.example/jwks"_s},
                        {u"scopes_supported"_s, QJsonArray{u"read"_s, u"write"_s}},
                        {u"bearer_methods_supported"_s, QJsonArray{u"header"_s}},
                        {u"resource_signing_alg_values_supported"_s, QJsonArray{u"ES256"_s}},
                        {u"resource_name"_s, u"Tools"_s},
                        {u"resource_documentation"_s, u"https://r.example/docs"_s},
                        {u"resource_policy_uri"_s, u"https://r.example/policy"_s},
                        {u"resource_tos_uri"_s, u"https://r.example/terms"_s},
                        {u"tls_client_certificate_bound_access_tokens"_s, false},
                        {u"authorization_details_types_supported"_s, QJsonArray{u"payment"_s}},
                        {u"dpop_signing_alg_values_supported"_s, QJsonArray{u"ES256"_s}},
                        {u"dpop_bound_access_tokens_required"_s, true}};

class ResourceMember : public testing::TestWithParam<QString>
{
};

} // namespace

// RFC 9728 §2
TEST(ResourceMetadata, SurvivesReadingAndWriting)
{
    EXPECT_EQ(toJson(parseProtectedResourceMetadata(whole).value()), whole);
}

TEST(ResourceMetadata, IsWrittenFromItsMembers)
{
    auto metadata = parseProtectedResourceMetadata(whole).value();
    metadata.raw = {};
    EXPECT_EQ(toJson(metadata), whole);
    metadata.resourceName.reset();
    EXPECT_FALSE(toJson(metadata).contains(u"resource_name"_s));
}

TEST(ResourceMetadata, UnknownMembersSurvive)
{
    QJsonObject document = whole;
    document.insert(u"signed_metadata"_s, u"e30.e30.x"_s);
    auto metadata = parseProtectedResourceMetadata(document).value();
    metadata.resourceName = u"Other"_s;
    document.insert(u"resource_name"_s, u"Other"_s);
    EXPECT_EQ(toJson(metadata), document);
}

TEST(ResourceMetadata, NeedsNothingButTheResource)
{
    const auto metadata = parseProtectedResourceMetadata({{u"resource"_s, u"https://r.example/"_s}}).value();
    EXPECT_EQ(metadata.resource, u"https://r.example/");
    EXPECT_EQ(metadata.authorizationServers, std::nullopt);

    const auto nothing = parseProtectedResourceMetadata({});
    ASSERT_EQ(codeOf(nothing), u"invalid_resource_metadata");
    EXPECT_EQ(nothing.error().details.value(u"member"_s), u"resource"_s);
}

TEST_P(ResourceMember, OfAnotherTypeIsRefusedByName)
{
    const QJsonValue right = whole.value(GetParam());
    for (const QJsonValue &wrong : {QJsonValue(1), QJsonValue(QJsonObject()), QJsonValue(QJsonArray{1}),
                                    right.isString() ? QJsonValue(true) : QJsonValue(u"x"_s)}) {
        QJsonObject document = whole;
        document.insert(GetParam(), wrong);
        const auto metadata = parseProtectedResourceMetadata(document);
        ASSERT_EQ(codeOf(metadata), u"invalid_resource_metadata");
        EXPECT_EQ(metadata.error().details.value(u"member"_s), GetParam());
    }
}

TEST_P(ResourceMember, NullIsAbsentWhereItMayBe)
{
    QJsonObject document = whole;
    document.insert(GetParam(), QJsonValue::Null);
    const auto metadata = parseProtectedResourceMetadata(document);
    EXPECT_EQ(codeOf(metadata), GetParam() == u"resource" ? u"invalid_resource_metadata"_s : u""_s);
    if (metadata) {
        EXPECT_EQ(toJson(*metadata), document);
    }
}

INSTANTIATE_TEST_SUITE_P(ResourceMetadata, ResourceMember, testing::ValuesIn(whole.keys()));
