#include "core/mcp/servercalls.h"
#include "demo/authorizationserver.h"
#include "demo/demoserver.h"
#include "http/client.h"
#include "support/result.h"

using namespace Qt::StringLiterals;
using namespace McpAuth;
using namespace McpAuth::Demo;
using McpAuth::Test::codeOf;
using McpAuth::Test::wait;

namespace {

QByteArray rpc(const QString &method, const QJsonObject &params = {})
{
    return toJsonText(
        QJsonObject{{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, 1}, {u"method"_s, method}, {u"params"_s, params}});
}

const QByteArray initialize =
    rpc(u"initialize"_s, {{u"protocolVersion"_s, u"2025-11-25"_s},
                          {u"capabilities"_s, QJsonObject()},
                          {u"clientInfo"_s, QJsonObject{{u"name"_s, u"t"_s}, {u"version"_s, u"1"_s}}}});

QByteArray callOf(const QString &tool, const QJsonObject &arguments = {})
{
    return rpc(u"tools/call"_s, {{u"name"_s, tool}, {u"arguments"_s, arguments}});
}

/// The demo server and the provider whose tokens it takes, both on loopback.
class DemoServerTest : public McpAuth::Test::ServerCalls
{
protected:
    void SetUp() override { ASSERT_TRUE(issuer.start()); }

    [[nodiscard]] Mcp::ServerOptions options() const
    {
        Mcp::ServerOptions chosen;
        chosen.authServers = {{.issuer = issuer.issuer()}};
        return chosen;
    }

    [[nodiscard]] QByteArray token(const QString &subject = u"alice"_s, const QStringList &scopes = {}) const
    {
        return issuer.mint({.subject = subject, .audience = {server.resource()}, .scopes = scopes})
            .value_or(QByteArray());
    }

    QJsonObject structured(const QByteArray &body, const QByteArray &bearer)
    {
        return ServerCalls::structured(initialize, body, bearer);
    }
    [[nodiscard]] QString url() const override { return server.url(); }

    Http::Client client;
    AuthorizationServer issuer;
    DemoServer server{&client};
};

} // namespace

TEST_F(DemoServerTest, TakesTokensOfItsIssuerForItself)
{
    ASSERT_TRUE(server.listen(options()));
    EXPECT_EQ(post(initialize).status, 401);
    EXPECT_EQ(post(initialize, token()).status, 200);
    const QByteArray elsewhere = issuer.mint({.audience = {u"https://other.example/mcp"_s}}).value();
    EXPECT_EQ(post(initialize, elsewhere).status, 401);
    EXPECT_EQ(structured(callOf(u"whoami"_s), token(u"bob"_s)).value("subject"_L1), QJsonValue(u"bob"_s));
}

TEST_F(DemoServerTest, AsksForAToolsScopes)
{
    ASSERT_TRUE(server.listen(options()));
    const QByteArray session = post(initialize, token()).header("Mcp-Session-Id");
    const Http::ClientResponse refused = post(callOf(u"list_todos"_s), token(), session);
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.header("WWW-Authenticate").toStdString(), testing::HasSubstr("scope=\"read:todos\""));
    EXPECT_EQ(post(callOf(u"list_todos"_s), token(u"alice"_s, {u"read:todos"_s}), session).status, 200);
}

TEST_F(DemoServerTest, KeepsEveryonesToDoItemsApart)
{
    ASSERT_TRUE(server.listen(options()));
    const QStringList all{u"create:todos"_s, u"read:todos"_s};
    (void)structured(callOf(u"create_todo"_s, {{u"content"_s, u"x"_s}}), token(u"alice"_s, all));
    EXPECT_EQ(structured(callOf(u"list_todos"_s), token(u"alice"_s, all)).value("todos"_L1).toArray().size(), 1);
    EXPECT_EQ(structured(callOf(u"list_todos"_s), token(u"bob"_s, all)).value("todos"_L1).toArray().size(), 0);
}

TEST_F(DemoServerTest, PublishesItsMetadataWhereTheChallengePoints) // RFC 9728 §3.1, §5.1
{
    Mcp::ServerOptions chosen = options();
    chosen.bearer.requiredScopes = {u"mcp"_s};
    ASSERT_TRUE(server.listen(chosen));
    ASSERT_EQ(server.publishedMetadata().size(), 1);
    const auto [url, document] = server.publishedMetadata().first();
    EXPECT_THAT(post(initialize).header("WWW-Authenticate").toStdString(),
                testing::HasSubstr(QByteArray("resource_metadata=\"" + url.toUtf8() + '"').toStdString()));
    const auto response = wait(client.get(url));
    ASSERT_TRUE(response);
    EXPECT_EQ(parseJsonObject(response->body).value_or(QJsonObject{}), document);
    EXPECT_EQ(document, (QJsonObject{{u"resource"_s, server.url()},
                                     {u"authorization_servers"_s, QJsonArray{issuer.issuer()}},
                                     {u"scopes_supported"_s,
                                      QJsonArray{u"mcp"_s, u"create:todos"_s, u"read:todos"_s, u"delete:todos"_s}},
                                     {u"bearer_methods_supported"_s, QJsonArray{u"header"_s}},
                                     {u"resource_name"_s, u"MCP Auth Tester"_s}}));
}

TEST_F(DemoServerTest, ServesTheProvidersMetadataInAuthorizationServerMode)
{
    Mcp::ServerOptions chosen = options();
    chosen.authorizationServerMode = true;
    ASSERT_TRUE(server.listen(chosen));
    ASSERT_EQ(server.publishedMetadata().size(), 1);
    const auto response = wait(client.get(server.publishedMetadata().first().first));
    ASSERT_TRUE(response);
    EXPECT_EQ(parseJsonObject(response->body).value_or(QJsonObject{}), issuer.metadata());
    EXPECT_EQ(post(initialize, token()).status, 200);
    EXPECT_EQ(post(initialize).status, 401);
}
