#include "stateless.h"
#include "support/rawclient.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

constexpr int headerMismatch = -32020;

TestServer &withTools(TestServer &server)
{
    EXPECT_TRUE(server.endpoint->addTool(echoTool()));
    Tool query = echoTool(u"query"_s);
    query.inputSchema = {
        {u"type"_s, u"object"_s},
        {u"properties"_s,
         QJsonObject{{u"region"_s, QJsonObject{{u"type"_s, u"string"_s}, {u"x-mcp-header"_s, u"Region"_s}}},
                     {u"limit"_s, QJsonObject{{u"type"_s, u"integer"_s}, {u"x-mcp-header"_s, u"Limit"_s}}}}}};
    EXPECT_TRUE(server.endpoint->addTool(query));
    return server;
}

Answer call(TestServer &server, const QJsonObject &arguments, const Fields &params)
{
    return server.post(statelessBody(u"tools/call"_s, {{u"name"_s, u"query"_s}, {u"arguments"_s, arguments}}), {}, {},
                       statelessFields("tools/call", "query", params));
}

QJsonObject without(QJsonObject meta, const QString &key)
{
    meta.remove(u"io.modelcontextprotocol/"_s + key);
    return meta;
}

} // namespace

// 2026-07-28 server/discover.mdx
TEST(EndpointStateless, DiscoverTellsWhatTheServerIsAndSpeaks)
{
    EndpointOptions options;
    options.name = u"sample"_s;
    options.version = u"1.2"_s;
    options.instructions = u"Be kind."_s;
    TestServer server({}, options);
    const Answer answer = postStateless(server, u"server/discover"_s);
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.session.isEmpty());
    const QJsonObject result = answer.result();
    EXPECT_EQ(result.value("resultType"_L1).toString(), u"complete"_s);
    EXPECT_EQ(result.value("supportedVersions"_L1),
              QJsonValue(QJsonArray::fromStringList(supportedProtocolVersions())));
    EXPECT_EQ(result.value("instructions"_L1).toString(), u"Be kind."_s);
    EXPECT_EQ(result.value("_meta"_L1)["io.modelcontextprotocol/serverInfo"_L1],
              QJsonValue(QJsonObject{{u"name"_s, u"sample"_s}, {u"version"_s, u"1.2"_s}}));
    EXPECT_EQ(result.value("cacheScope"_L1).toString(), u"public"_s);
    EXPECT_EQ(result.value("ttlMs"_L1).toInt(-1), 0);
    EXPECT_EQ(server.endpoint->sessionCount(), 0);
}

TEST(EndpointStateless, WhatIsBehindATokenIsForNoSharedCache)
{
    TestServer server(auth());
    const Answer answer = postStateless(server, u"tools/list"_s, {}, statelessMeta(), token(u"alice"_s));
    EXPECT_EQ(answer.result().value("cacheScope"_L1).toString(), u"private"_s);
}

TEST(EndpointStateless, CallsAToolWithoutASession)
{
    TestServer server;
    withTools(server);
    const Answer answer = postStateless(server, u"tools/call"_s,
                                        {{u"name"_s, u"echo"_s}, {u"arguments"_s, QJsonObject{{u"text"_s, u"hi"_s}}}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.result().value("structuredContent"_L1)["text"_L1].toString(), u"hi"_s);
    EXPECT_EQ(answer.result().value("resultType"_L1).toString(), u"complete"_s);
}

// basic/index.mdx, Per-request protocol fields
TEST(EndpointStateless, RefusesMetaWithoutWhatIsRequired)
{
    TestServer server;
    for (const QString &key : {u"protocolVersion"_s, u"clientCapabilities"_s}) {
        const Answer answer = postStateless(server, u"tools/list"_s, {}, without(statelessMeta(), key));
        EXPECT_EQ(answer.status, 400) << key.toStdString();
        EXPECT_EQ(answer.errorCode(), -32602) << key.toStdString();
    }
    EXPECT_EQ(postStateless(server, u"tools/list"_s, {}, without(statelessMeta(), u"clientInfo"_s)).status, 200);
}

// basic/versioning.mdx, Protocol Version Negotiation
TEST(EndpointStateless, NamesTheRevisionsWhenItDoesNotSpeakTheClients)
{
    TestServer server;
    QJsonObject meta = statelessMeta();
    meta.insert(u"io.modelcontextprotocol/protocolVersion"_s, u"2099-01-01"_s);
    const Answer answer = server.post(statelessBody(u"tools/list"_s, {}, meta), {}, {},
                                      {{"MCP-Protocol-Version", "2099-01-01"}, {"Mcp-Method", "tools/list"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.errorCode(), -32022);
    const QJsonValue data = answer.json().value("error"_L1)["data"_L1];
    EXPECT_EQ(data["requested"_L1].toString(), u"2099-01-01"_s);
    EXPECT_EQ(data["supported"_L1], QJsonValue(QJsonArray::fromStringList(supportedProtocolVersions())));
}

// basic/transports/streamable-http.mdx, Server Validation
TEST(EndpointStateless, RefusesHeadersThatDisagreeWithTheBody)
{
    TestServer server;
    withTools(server);
    const QByteArray list = statelessBody(u"tools/list"_s);
    const QByteArray echo = statelessBody(u"tools/call"_s, {{u"name"_s, u"echo"_s}});
    const std::pair<QByteArray, Fields> wrong[] = {
        {list, {{"MCP-Protocol-Version", "2025-11-25"}, {"Mcp-Method", "tools/list"}}},
        {list, {{"Mcp-Method", "tools/list"}}},
        {list, {{"MCP-Protocol-Version", statelessRevision}}},
        {list, statelessFields("TOOLS/LIST")},
        {echo, statelessFields("tools/call")},
        {echo, statelessFields("tools/call", "other")},
        {echo, statelessFields("tools/call", "=?base64?ZWNobw?=")},
    };
    for (const auto &[body, fields] : wrong) {
        const Answer answer = server.post(body, {}, {}, fields);
        EXPECT_EQ(answer.status, 400) << testing::PrintToString(fields);
        EXPECT_EQ(answer.errorCode(), headerMismatch) << testing::PrintToString(fields);
    }
    EXPECT_EQ(server.post(echo, {}, {}, statelessFields("tools/call", "=?base64?ZWNobw==?=")).status, 200);
}

// QNetworkAccessManager sends a field once, so these bytes are written by hand.
TEST(EndpointStateless, RefusesAFieldThatIsThereTwice)
{
    TestServer server;
    const QByteArray body = statelessBody(u"tools/list"_s);
    const QByteArray head = "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                            "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\nContent-Length: " +
                            QByteArray::number(body.size()) + "\r\n";
    RawClient client(server.server.port());
    EXPECT_EQ(client.send(head + "\r\n" + body).response().status, 200);
    EXPECT_EQ(client.send(head + "mcp-method: tools/list\r\n\r\n" + body).response().status, 400);
    EXPECT_EQ(client.send(head + "MCP-Protocol-Version: 2026-07-28\r\n\r\n" + body).response().status, 400);
}

// Custom Headers from Tool Parameters, Server Behavior for Custom Headers
TEST(EndpointStateless, HoldsParamHeadersAgainstTheArguments)
{
    TestServer server;
    withTools(server);
    const QJsonObject both{{u"region"_s, u"eu"_s}, {u"limit"_s, 42}};
    EXPECT_EQ(call(server, both, {{"Mcp-Param-Region", "eu"}, {"mcp-param-limit", "42"}}).status, 200);
    EXPECT_EQ(call(server, both, {{"Mcp-Param-Region", "=?base64?ZXU=?="}, {"Mcp-Param-Limit", "42.0"}}).status, 200);
    EXPECT_EQ(call(server, {}, {}).status, 200);
    const Fields wrong[] = {{{"Mcp-Param-Region", "eu"}},
                            {{"Mcp-Param-Region", "us"}, {"Mcp-Param-Limit", "42"}},
                            {{"Mcp-Param-Region", "eu"}, {"Mcp-Param-Limit", "43"}},
                            {{"Mcp-Param-Region", "=?base64?ZXU?="}, {"Mcp-Param-Limit", "42"}}};
    for (const Fields &fields : wrong) {
        const Answer answer = call(server, both, fields);
        EXPECT_EQ(answer.status, 400) << testing::PrintToString(fields);
        EXPECT_EQ(answer.errorCode(), headerMismatch) << testing::PrintToString(fields);
    }
    EXPECT_EQ(call(server, {}, {{"Mcp-Param-Region", "eu"}}).errorCode(), headerMismatch);
}

TEST(EndpointStateless, MethodsThatItDoesNotHaveAreNotFound)
{
    TestServer server;
    for (const QString &method : {u"initialize"_s, u"ping"_s, u"logging/setLevel"_s, u"resources/subscribe"_s,
                                  u"resources/unsubscribe"_s, u"unknown"_s}) {
        const Answer answer = postStateless(server, method);
        EXPECT_EQ(answer.status, 404) << method.toStdString();
        EXPECT_EQ(answer.errorCode(), -32601) << method.toStdString();
    }
}

TEST(EndpointStateless, RefusesBatchesAndResponses)
{
    TestServer server;
    const Fields fields = statelessFields("tools/list");
    EXPECT_EQ(server.post('[' + statelessBody(u"tools/list"_s) + ']', {}, {}, fields).status, 400);
    EXPECT_EQ(server.post(R"({"jsonrpc":"2.0","id":1,"result":{}})", {}, {}, fields).status, 400);
    EXPECT_EQ(server.post(R"({"jsonrpc":"2.0","method":"notifications/x"})", {}, {}, fields).status, 202);
}

TEST(EndpointStateless, ScopesAreAskedForAsInSessions)
{
    TestServer server(auth());
    Tool tool = echoTool();
    tool.requiredScopes = {u"echo:use"_s};
    ASSERT_TRUE(server.endpoint->addTool(tool));
    const QJsonObject params{{u"name"_s, u"echo"_s}};
    const Answer refused = postStateless(server, u"tools/call"_s, params, statelessMeta(), token(u"alice"_s));
    EXPECT_EQ(refused.status, 403);
    EXPECT_TRUE(refused.header("WWW-Authenticate"_L1).contains("scope=\"echo:use\""));
    const Answer allowed =
        postStateless(server, u"tools/call"_s, params, statelessMeta(), token(u"alice"_s, {u"echo:use"_s}));
    EXPECT_EQ(allowed.status, 200);
    EXPECT_EQ(postStateless(server, u"tools/call"_s, params).status, 401);
}

// basic/versioning.mdx: a server of one era answers the other's clients in its own words.
TEST(EndpointEras, AnEndpointOfOneEraKnowsNothingOfTheOther)
{
    EndpointOptions legacy;
    legacy.eras = Eras::Legacy;
    TestServer before({}, legacy);
    EXPECT_EQ(postStateless(before, u"tools/list"_s).status, 400);
    EXPECT_EQ(before.post(initializeRequest()).status, 200);

    EndpointOptions modern;
    modern.eras = Eras::Modern;
    TestServer after({}, modern);
    EXPECT_EQ(postStateless(after, u"tools/list"_s).status, 200);
    const Answer refused = after.post(initializeRequest());
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.errorCode(), -32022);
    EXPECT_EQ(refused.json().value("error"_L1)["data"_L1]["supported"_L1],
              QJsonValue(QJsonArray{QLatin1StringView(statelessRevision)}));
    EXPECT_EQ(after.send("GET").status, 405);
    EXPECT_EQ(after.send("DELETE").status, 405);
}

// A session that is named is not looked at (Earlier Streamable HTTP Revisions).
TEST(EndpointEras, BothAreServedSideBySide)
{
    TestServer server;
    const QByteArray session = server.initialized();
    const Answer stateless = server.post(statelessBody(u"tools/list"_s), "unknown", {}, statelessFields("tools/list"));
    EXPECT_EQ(stateless.status, 200);
    EXPECT_FALSE(server.post(request(u"tools/list"_s), session).result().contains("resultType"_L1));
}
