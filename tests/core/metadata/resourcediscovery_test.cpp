#include "core/metadata/provider.h"
#include "metadata/resourcediscovery.h"
#include "support/result.h"

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;
using Test::codeOf;
using Test::Provider;
using Test::wait;

namespace {

constexpr auto ofPath = "/.well-known/oauth-protected-resource/mcp";
constexpr auto ofRoot = "/.well-known/oauth-protected-resource";

class ResourceDiscoveryTest : public testing::Test
{
protected:
    [[nodiscard]] QString mcpUrl() const { return server.url(u"/mcp"_s); }

    ResourceDiscovery run(ResourceDiscoveryOptions options = {})
    {
        return wait(discoverResource(&client, mcpUrl(), std::move(options)));
    }

    Provider server;
    Http::Client client;
};

} // namespace

// 2026-07-28, Protected Resource Metadata Discovery Requirements
TEST_F(ResourceDiscoveryTest, AsksThePathsPlaceAndThenTheRoots)
{
    server.serve(ofRoot, QJsonObject{{u"resource"_s, server.origin()}});
    const ResourceDiscovery found = run();
    ASSERT_TRUE(found.metadata) << found.metadata.error().message.toStdString();
    EXPECT_EQ(found.metadata->resource, server.origin());
    EXPECT_EQ(found.url, server.url(QString::fromLatin1(ofRoot)));
    ASSERT_EQ(found.probes.size(), 2);
    EXPECT_EQ(found.probes.first().outcome, ProbeOutcome::NotFound);
    EXPECT_EQ(found.probes.first().status, 404);
    EXPECT_EQ(found.probes.last().outcome, ProbeOutcome::Used);
}

TEST_F(ResourceDiscoveryTest, AsksNoOtherPlaceThanTheChallenges)
{
    server.serve(ofPath, QJsonObject{{u"resource"_s, mcpUrl()}});
    const ResourceDiscovery found = run({.metadataUrl = server.url(u"/elsewhere"_s)});
    EXPECT_EQ(codeOf(found.metadata), u"resource_metadata_not_found");
    EXPECT_EQ(server.asked(), QList<QByteArray>{"/elsewhere"});
}

TEST_F(ResourceDiscoveryTest, GoesOnAfterADocumentThatCannotBeRead)
{
    server.serve(ofPath, QJsonObject{{u"resource"_s, 7}});
    EXPECT_EQ(codeOf(run().metadata), u"invalid_resource_metadata") << "the nearest that there is";
    server.serve(ofRoot, QJsonObject{{u"resource"_s, mcpUrl()}});
    const ResourceDiscovery found = run();
    ASSERT_TRUE(found.metadata);
    EXPECT_EQ(found.probes.first().outcome, ProbeOutcome::Invalid);
    EXPECT_EQ(found.probes.first().reason.code, u"invalid_resource_metadata");
}

TEST_F(ResourceDiscoveryTest, AsksOnlyWhereItMay)
{
    const ResourceDiscovery found =
        run({.mayAsk = [](const QString &) -> Result<> { return fail(u"private_address"_s, u"Not there."_s); }});
    EXPECT_EQ(codeOf(found.metadata), u"private_address");
    EXPECT_TRUE(server.asked().isEmpty());
}

TEST_F(ResourceDiscoveryTest, NamesEveryPlaceThatHadNothing)
{
    const ResourceDiscovery found = run();
    ASSERT_EQ(codeOf(found.metadata), u"resource_metadata_not_found");
    EXPECT_EQ(found.metadata.error().details.value(u"places").toArray().size(), 2);
}

TEST_F(ResourceDiscoveryTest, EndsWhenItIsStoppedOrItsClientIsGone)
{
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(codeOf(run({.stop = stop.get_token()}).metadata), u"cancelled");
    EXPECT_EQ(codeOf(wait(discoverResource(nullptr, mcpUrl())).metadata), u"cancelled");
    EXPECT_TRUE(server.asked().isEmpty());
}

// Which server a resource stands for (RFC 9728 §3.3).

namespace {

struct Pair
{
    const char16_t *resource;
    const char16_t *mcpUrl;
};

class Matching : public testing::TestWithParam<Pair>
{
};

TEST_P(Matching, IsTheServerOrAnAncestor)
{
    EXPECT_TRUE(resourceMatches(QString::fromUtf16(GetParam().resource), QString::fromUtf16(GetParam().mcpUrl)));
}

INSTANTIATE_TEST_SUITE_P(Resource, Matching,
                         testing::Values(Pair{u"https://a.example/mcp", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mcp/", u"https://a.example/mcp/"},
                                         Pair{u"https://a.example", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/", u"https://a.example"},
                                         Pair{u"https://a.example/mcp", u"https://a.example/mcp/"},
                                         Pair{u"https://a.example/one", u"https://a.example/one/mcp"},
                                         Pair{u"HTTPS://A.example/mcp", u"https://a.example:443/mcp"},
                                         Pair{u"https://a.example/mcp", u"https://a.example/mcp?tenant=1"},
                                         Pair{u"https://a.example/mcp?tenant=1", u"https://a.example/mcp?tenant=1"}));

class Mismatching : public testing::TestWithParam<Pair>
{
};

TEST_P(Mismatching, IsRefused)
{
    EXPECT_FALSE(resourceMatches(QString::fromUtf16(GetParam().resource), QString::fromUtf16(GetParam().mcpUrl)));
}

INSTANTIATE_TEST_SUITE_P(Resource, Mismatching,
                         testing::Values(Pair{u"https://evil.example/mcp", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mc", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mcp/deep", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mcp/", u"https://a.example/mcp"},
                                         Pair{u"http://a.example/mcp", u"https://a.example/mcp"},
                                         Pair{u"https://a.example:8443/mcp", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/MCP", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/one", u"https://a.example/one/../two"},
                                         Pair{u"https://a.example/one", u"https://a.example/one/%2E%2e/two"},
                                         Pair{u"https://a.example/mcp?tenant=1", u"https://a.example/mcp"},
                                         Pair{u"https://a.example/mcp#x", u"https://a.example/mcp#x"},
                                         Pair{u"a.example/mcp", u"https://a.example/mcp"}, Pair{u"", u""}));

} // namespace

} // namespace McpAuth::Metadata
