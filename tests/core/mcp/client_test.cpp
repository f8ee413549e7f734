#include "core/metadata/provider.h"
#include "http/stream.h"
#include "mcp/client.h"
#include "mcp/jsonrpc.h"
#include "scriptedserver.h"
#include "support/rawclient.h"
#include "support/rawserver.h"
#include "testserver.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

QJsonObject metaOf(const QJsonObject &message)
{
    return message.value("params"_L1)["_meta"_L1].toObject();
}

class McpClient : public testing::Test
{
protected:
    std::unique_ptr<Mcp::Client> clientOf(const QString &url, const QString &revision = u"2025-11-25"_s,
                                          OAuth::Session *session = nullptr)
    {
        return std::make_unique<Mcp::Client>(
            &http, Mcp::ClientOptions{
                       .url = url, .revision = revision, .name = u"tests"_s, .version = u"1"_s, .session = session});
    }

    Http::Client http;
};

class EveryRevision : public McpClient, public testing::WithParamInterface<const char *>
{
};

} // namespace

TEST_P(EveryRevision, ConnectsListsAndCallsAtOurOwnEndpoint)
{
    const QString revision = QString::fromLatin1(GetParam());
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(echoTool()));
    const auto client = clientOf(server.server.origin() + u"/mcp"_s, revision);
    const auto introduction = wait(client->connectToServer());
    ASSERT_TRUE(introduction) << introduction.error().message.toStdString();
    EXPECT_EQ(introduction->value("serverInfo"_L1)["name"_L1], u"mcp-auth"_s);
    EXPECT_EQ(client->revision(), revision);
    EXPECT_TRUE(client->isConnected());

    const auto tools = wait(client->listTools());
    ASSERT_TRUE(tools);
    ASSERT_EQ(tools->size(), 1);
    EXPECT_EQ(tools->first().name, u"echo");
    EXPECT_EQ(tools->first().inputSchema.value("type"_L1), u"object"_s);

    const auto called = wait(client->callTool(u"echo"_s, {{u"text"_s, u"hello"_s}}));
    ASSERT_TRUE(called);
    EXPECT_FALSE(called->isError);
    EXPECT_TRUE(called->content.at(0)["text"_L1].toString().contains(u"hello"));
    EXPECT_EQ(called->structuredContent.has_value(), revision >= u"2025-06-18");

    EXPECT_EQ(server.endpoint->sessionCount(), 1);
    wait(client->close());
    EXPECT_EQ(server.endpoint->sessionCount(), 0);
    EXPECT_FALSE(client->isConnected());
}

INSTANTIATE_TEST_SUITE_P(Sessions, EveryRevision, testing::Values("2025-03-26", "2025-06-18", "2025-11-25"),
                         [](const auto &test) { return QByteArray(test.param).replace('-', '_').toStdString(); });

// 2025-11-25 lifecycle, Initialization; transports, Session Management and Protocol Version Header
TEST_F(McpClient, ShakesHandsBeforeTheFirstRequestAndNamesSessionAndRevisionFromThenOn)
{
    ScriptedServer server(legacy(empty));
    const auto client = clientOf(server.url());
    ASSERT_TRUE(wait(client->request(u"ping"_s)));
    ASSERT_EQ(server.methods(), (QStringList{u"initialize"_s, u"notifications/initialized"_s, u"ping"_s}));

    const Http::Request &first = server.requests.first();
    EXPECT_EQ(first.headerCount("Mcp-Session-Id"), 0);
    EXPECT_EQ(first.headerCount("MCP-Protocol-Version"), 0);
    EXPECT_EQ(first.header("Accept"), "application/json, text/event-stream");
    EXPECT_EQ(server.message(0).value("params"_L1)["protocolVersion"_L1], u"2025-11-25"_s);
    EXPECT_EQ(server.message(0).value("params"_L1)["clientInfo"_L1],
              (QJsonObject{{u"name"_s, u"tests"_s}, {u"version"_s, u"1"_s}}));
    EXPECT_FALSE(server.message(1).contains("id"_L1));
    EXPECT_FALSE(server.message(1).contains("params"_L1));
    for (const Http::Request &request : server.requests.sliced(1)) {
        EXPECT_EQ(request.header("Mcp-Session-Id"), "s-1");
        EXPECT_EQ(request.header("MCP-Protocol-Version"), "2025-11-25");
    }
}

TEST_F(McpClient, FollowsTheServerToAnOlderRevision)
{
    ScriptedServer server(legacy(empty, u"2025-03-26"_s));
    const auto client = clientOf(server.url());
    ASSERT_TRUE(wait(client->connectToServer()));
    EXPECT_EQ(client->revision(), u"2025-03-26");
    EXPECT_EQ(server.requests.last().headerCount("MCP-Protocol-Version"), 0) << "the field is from 2025-06-18";
}

TEST_F(McpClient, DoesNotFollowItToARevisionThatItDoesNotKnow)
{
    ScriptedServer server(legacy(empty, u"2024-11-05"_s));
    const auto refused = wait(clientOf(server.url())->connectToServer());
    EXPECT_EQ(codeOf(refused), u"protocol_version_refused");
    EXPECT_EQ(refused.error().details.value("supported"_L1), QJsonArray{u"2024-11-05"_s});
    EXPECT_EQ(server.requests.size(), 1);
}

TEST_F(McpClient, GetsOneSessionForAllWhoWait)
{
    TestServer server;
    const auto client = clientOf(server.server.origin() + u"/mcp"_s);
    std::vector<QCoro::Task<Result<QJsonObject>>> tasks;
    for (int i = 0; i < 20; ++i)
        tasks.push_back(client->request(u"ping"_s));
    for (auto &task : tasks)
        EXPECT_TRUE(wait(std::move(task)));
    EXPECT_EQ(server.endpoint->sessionCount(), 1);
}

// transports, Session Management 3 and 4
TEST_F(McpClient, BeginsANewSessionWhenTheServerForgotTheOldOne)
{
    int initialized = 0;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        if (message.value("method"_L1) == "initialize"_L1)
            return result(message, agreedOn(u"2025-11-25"_s))
                .set("Mcp-Session-Id", "s-" + QByteArray::number(++initialized));
        if (request.header("Mcp-Session-Id") == "s-1" && message.contains("id"_L1))
            return Http::Response::empty(404);
        return message.contains("id"_L1) ? result(message, {}) : Http::Response::empty(202);
    });
    const auto client = clientOf(server.url());
    EXPECT_TRUE(wait(client->request(u"ping"_s)));
    EXPECT_EQ(server.requests.last().header("Mcp-Session-Id"), "s-2");
    EXPECT_EQ(initialized, 2);
}

TEST_F(McpClient, GivesUpWhenEverySessionIsForgotten)
{
    ScriptedServer server(
        legacy([](const QJsonObject &, const Http::Request &) { return Http::Response::empty(404); }));
    EXPECT_EQ(codeOf(wait(clientOf(server.url())->request(u"ping"_s))), u"session_expired");
    EXPECT_EQ(server.methods().count(u"initialize"_s), 2);
}

TEST_F(McpClient, RefusesASessionIdThatNoHeaderFieldMayHold)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &) {
        return result(message, agreedOn(u"2025-11-25"_s)).set("Mcp-Session-Id", "a b");
    });
    EXPECT_EQ(codeOf(wait(clientOf(server.url())->connectToServer())), u"invalid_rpc_response");
}

TEST_F(McpClient, ReadsAnAnswerFromAnEventStream)
{
    ScriptedServer server(legacy([](const QJsonObject &message, const Http::Request &) {
        const QJsonObject progress{{u"jsonrpc"_s, u"2.0"_s}, {u"method"_s, u"notifications/progress"_s}};
        const QJsonObject other = rpcResult(99, {{u"of"_s, u"another"_s}});
        return events(": hello\n\nid: 1\ndata:\n\n" + eventOf(progress) + eventOf(other) +
                      eventOf(rpcResult(message.value("id"_L1), {{u"of"_s, u"this"_s}})));
    }));
    const auto answer = wait(clientOf(server.url())->request(u"ping"_s));
    ASSERT_TRUE(answer) << answer.error().message.toStdString();
    EXPECT_EQ(answer->value("of"_L1), u"this"_s);
}

TEST_F(McpClient, DoesNotWaitForTheEndOfAStreamThatHasItsAnswer)
{
    ScriptedServer server(legacy([](const QJsonObject &message, const Http::Request &) {
        Http::Response response = events({});
        response.stream = std::make_shared<Http::Stream>();
        response.stream->write(eventOf(rpcResult(message.value("id"_L1), {}))); // and is never closed
        return response;
    }));
    EXPECT_TRUE(wait(clientOf(server.url())->request(u"ping"_s)));
}

// 2025-11-25 transports, Resumability and Redelivery
TEST_F(McpClient, TakesABrokenOffStreamUpAgain)
{
    QJsonValue id;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        if (request.method == "GET")
            return request.header("Last-Event-ID") == "e-1" ? events("id: e-2\nretry: 1\ndata:\n\n")
                                                            : events(eventOf(rpcResult(id, {{u"late"_s, true}})));
        if (message.value("method"_L1) == "ping"_L1) {
            id = message.value("id"_L1);
            return events("id: e-1\nretry: 1\ndata:\n\n");
        }
        return legacy(empty)(message, request);
    });
    const auto answer = wait(clientOf(server.url())->request(u"ping"_s));
    ASSERT_TRUE(answer) << answer.error().message.toStdString();
    EXPECT_EQ(answer->value("late"_L1), true);
    EXPECT_EQ(server.methods().mid(3), (QStringList{u"GET"_s, u"GET"_s}));
    EXPECT_EQ(server.requests.last().header("Last-Event-ID"), "e-2");
    EXPECT_EQ(server.requests.last().header("Mcp-Session-Id"), "s-1");
}

TEST_F(McpClient, DoesNotTakeAStreamUpForEverNorWithoutEnd)
{
    const auto broken = [](const QByteArray &retry) {
        return [retry](const QJsonObject &message, const Http::Request &request) {
            if (request.method == "GET" || message.value("method"_L1) == "ping"_L1)
                return events("id: e\nretry: " + retry + "\ndata:\n\n");
            return legacy(empty)(message, request);
        };
    };
    ScriptedServer often(broken("1"));
    EXPECT_EQ(codeOf(wait(clientOf(often.url())->request(u"ping"_s))), u"invalid_rpc_response");
    EXPECT_EQ(often.methods().count(u"GET"_s), 5);
    ScriptedServer late(broken("3600000"));
    EXPECT_EQ(codeOf(wait(clientOf(late.url())->request(u"ping"_s))), u"invalid_rpc_response");
    EXPECT_EQ(late.methods().count(u"GET"_s), 0);
}

TEST_F(McpClient, AnswersWhatTheServerAsksMeanwhile)
{
    std::shared_ptr<Http::Stream> stream;
    QJsonValue id;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &) {
        const QString method = message.value("method"_L1).toString();
        if (method == "initialize"_L1)
            return result(message, agreedOn(u"2025-11-25"_s));
        if (method == "tools/call"_L1) {
            id = message.value("id"_L1);
            Http::Response response = events({});
            response.stream = stream = std::make_shared<Http::Stream>();
            stream->write(eventOf({{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, u"p"_s}, {u"method"_s, u"ping"_s}}));
            stream->write(eventOf({{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, u"r"_s}, {u"method"_s, u"roots/list"_s}}));
            return response;
        }
        if (message.value("id"_L1) == u"r"_s)
            stream->write(eventOf(rpcResult(id, {{u"content"_s, QJsonArray()}})));
        return Http::Response::empty(202);
    });
    EXPECT_TRUE(wait(clientOf(server.url())->callTool(u"ask"_s, {})));
    QJsonObject pong;
    QJsonObject refusal;
    for (qsizetype i = 0; i < server.requests.size(); ++i) {
        if (server.message(i).value("id"_L1) == u"p"_s)
            pong = server.message(i);
        if (server.message(i).value("id"_L1) == u"r"_s)
            refusal = server.message(i);
    }
    EXPECT_EQ(pong.value("result"_L1), QJsonObject());
    EXPECT_EQ(refusal.value("error"_L1)["code"_L1], -32601);
}

TEST_F(McpClient, AnswersNoMoreThanItsShare)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &request) {
        if (message.value("method"_L1) != "tools/call"_L1)
            return legacy(empty)(message, request);
        QByteArray asked;
        for (int i = 0; i < 300; ++i)
            asked += eventOf({{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, i}, {u"method"_s, u"ping"_s}});
        return events(asked + eventOf(rpcResult(message.value("id"_L1), {})));
    });
    const auto client = clientOf(server.url());
    EXPECT_TRUE(wait(client->callTool(u"ask"_s, {})));
    const auto answers = [&] { return server.methods().count(u"POST"_s); };
    EXPECT_TRUE(waitUntil([&] { return answers() == 100; })) << answers();
    EXPECT_TRUE(wait(client->request(u"ping"_s)));
    EXPECT_EQ(answers(), 100);
}

TEST_F(McpClient, SaysWhatIsWrongWithAnAnswer)
{
    struct Case
    {
        const char *name;
        std::function<Http::Response(const QJsonObject &)> answer;
        QString code;
    };
    const QJsonObject nothing;
    const QList<Case> cases{
        {"no JSON", [](const QJsonObject &) { return Http::Response::text(200, u"hello"_s); },
         u"invalid_rpc_response"_s},
        {"nothing", [](const QJsonObject &) { return Http::Response::empty(202); }, u"invalid_rpc_response"_s},
        {"another request's answer",
         [&](const QJsonObject &) { return Http::Response::json(200, rpcResult(4711, nothing)); },
         u"invalid_rpc_response"_s},
        {"a stream without the answer", [](const QJsonObject &) { return events("data: {}\n\n"); },
         u"invalid_rpc_response"_s},
        {"a status", [](const QJsonObject &) { return Http::Response::text(500, u"oops"_s); }, u"http_error"_s},
        {"an error", [](const QJsonObject &message) { return rpcFault(message, 200, -32601); }, u"rpc_error"_s},
        {"an error with a status", [](const QJsonObject &message) { return rpcFault(message, 400, -32602); },
         u"rpc_error"_s},
    };
    for (const Case &one : cases) {
        ScriptedServer server(
            legacy([&](const QJsonObject &message, const Http::Request &) { return one.answer(message); }));
        EXPECT_EQ(codeOf(wait(clientOf(server.url())->request(u"ping"_s))), one.code) << one.name;
    }
}

TEST_F(McpClient, HandsAnRpcErrorOnWhole)
{
    ScriptedServer server(legacy([](const QJsonObject &message, const Http::Request &) {
        return rpcFault(message, 200, -32602, {{u"why"_s, u"because"_s}});
    }));
    const Error error = wait(clientOf(server.url())->request(u"ping"_s)).error();
    EXPECT_EQ(error.details.value("code"_L1), -32602);
    EXPECT_EQ(error.details.value("message"_L1), u"no"_s);
    EXPECT_EQ(error.details.value("data"_L1)["why"_L1], u"because"_s);
    EXPECT_EQ(error.details.value("status"_L1), 200);
}

TEST_F(McpClient, ReadsEveryPageOfAList)
{
    ScriptedServer server(legacy([](const QJsonObject &message, const Http::Request &) {
        const QString cursor = message.value("params"_L1)["cursor"_L1].toString();
        QJsonObject page{{u"tools"_s, QJsonArray{QJsonObject{{u"name"_s, u"tool"_s + cursor}}}}};
        if (cursor != "3"_L1)
            page.insert(u"nextCursor"_s, QString::number(cursor.toInt() + 1));
        return result(message, page);
    }));
    const auto tools = wait(clientOf(server.url())->listTools());
    ASSERT_TRUE(tools);
    EXPECT_EQ(tools->size(), 4);
}

TEST_F(McpClient, StopsReadingAListThatNeverEnds)
{
    ScriptedServer server(legacy([](const QJsonObject &message, const Http::Request &) {
        const int page = message.value("params"_L1)["cursor"_L1].toString().toInt();
        return result(message, {{u"tools"_s, QJsonArray()}, {u"nextCursor"_s, QString::number(page + 1)}});
    }));
    EXPECT_TRUE(wait(clientOf(server.url())->listTools()));
    EXPECT_EQ(server.methods().count(u"tools/list"_s), maxListPages);
}

TEST_F(McpClient, ReadsNoMoreThanItsBudgetOfAList)
{
    const QString filling(900'000, u'x');
    ScriptedServer server(legacy([&](const QJsonObject &message, const Http::Request &) {
        const int page = message.value("params"_L1)["cursor"_L1].toString().toInt();
        const QJsonArray tools{QJsonObject{{u"name"_s, u"tool"_s}, {u"description"_s, filling}}};
        return result(message, {{u"tools"_s, tools}, {u"nextCursor"_s, QString::number(page + 1)}});
    }));
    const auto tools = wait(clientOf(server.url())->listTools());
    EXPECT_EQ(codeOf(tools), u"list_too_large");
    EXPECT_LE(server.methods().count(u"tools/list"_s), maxListBytes / filling.size() + 1);
}

TEST_F(McpClient, ReadsNoLongerThanItsTimeAtAList)
{
    ScriptedServer server(legacy([](const QJsonObject &message, const Http::Request &) {
        const int page = message.value("params"_L1)["cursor"_L1].toString().toInt();
        return result(message, {{u"tools"_s, QJsonArray()}, {u"nextCursor"_s, QString::number(page + 1)}});
    }));
    Mcp::Client client(&http, {.url = server.url(), .listTime = std::chrono::milliseconds(0)});
    EXPECT_EQ(codeOf(wait(client.listTools())), u"timeout");
    EXPECT_EQ(server.methods().count(u"tools/list"_s), 1);
}

TEST_F(McpClient, KeepsToTheOnlyRevisionThatIsWanted)
{
    EndpointOptions options;
    options.eras = Eras::Legacy;
    TestServer server({}, options);
    for (const QString &revision : {u"2025-06-18"_s, u"2026-07-28"_s}) {
        Mcp::Client client(&http,
                           {.url = server.server.origin() + u"/mcp"_s, .revision = revision, .keepsRevision = true});
        const auto introduction = wait(client.connectToServer());
        if (Mcp::isStateless(revision))
            EXPECT_EQ(codeOf(introduction), u"protocol_version_refused");
        else
            EXPECT_EQ(client.revision(), revision);
    }
    ScriptedServer older(legacy(empty, u"2025-03-26"_s));
    Mcp::Client client(&http, {.url = older.url(), .revision = u"2025-11-25"_s, .keepsRevision = true});
    const auto refused = wait(client.connectToServer());
    EXPECT_EQ(codeOf(refused), u"protocol_version_refused");
    EXPECT_EQ(refused.error().details.value("supported"_L1), QJsonArray{u"2025-03-26"_s});
    EXPECT_EQ(older.methods(), QStringList{u"initialize"_s});
}

TEST_F(McpClient, SaysWhichRevisionsAreOfferedInsteadOfTheOnlyOneThatIsWanted)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &) {
        return rpcFault(message, 400, -32022, {{u"supported"_s, QJsonArray{u"2025-11-25"_s}}});
    });
    Mcp::Client client(&http, {.url = server.url(), .revision = u"2026-07-28"_s, .keepsRevision = true});
    const auto refused = wait(client.connectToServer());
    EXPECT_EQ(codeOf(refused), u"protocol_version_refused");
    EXPECT_EQ(refused.error().details.value("supported"_L1), QJsonArray{u"2025-11-25"_s});
    EXPECT_EQ(server.requests.size(), 1);
}

TEST_F(McpClient, EndsWhatIsUnderWayWhenItCloses)
{
    std::shared_ptr<Http::Stream> stream;
    ScriptedServer server(legacy([&](const QJsonObject &, const Http::Request &request) {
        if (request.method == "DELETE")
            return Http::Response::empty(204);
        Http::Response response = events({});
        response.stream = stream = std::make_shared<Http::Stream>();
        stream->write(": waiting\n\n");
        return response;
    }));
    const auto client = clientOf(server.url());
    auto task = client->request(u"ping"_s);
    ASSERT_TRUE(waitUntil([&] { return server.requests.size() == 3; }));
    wait(client->close());
    EXPECT_EQ(codeOf(wait(std::move(task))), u"cancelled");
    EXPECT_EQ(server.requests.last().method, "DELETE");
    EXPECT_EQ(server.requests.last().header("Mcp-Session-Id"), "s-1");
}

TEST_F(McpClient, EndsAsCancelledWhenItIsDestroyed)
{
    ScriptedServer server(legacy([](const QJsonObject &, const Http::Request &) {
        Http::Response response = events({});
        response.stream = std::make_shared<Http::Stream>();
        response.stream->write(": waiting\n\n");
        return response;
    }));
    auto client = clientOf(server.url());
    auto task = client->request(u"ping"_s);
    ASSERT_TRUE(waitUntil([&] { return server.requests.size() == 3; }));
    client.reset();
    EXPECT_EQ(codeOf(wait(std::move(task))), u"cancelled");
}

TEST_F(McpClient, EndsAsCancelledWhenItsCallerStops)
{
    std::stop_source source;
    source.request_stop();
    ScriptedServer server(legacy(empty));
    Mcp::Client client(&http, {.url = server.url(), .stop = source.get_token()});
    EXPECT_EQ(codeOf(wait(client.connectToServer())), u"cancelled");
    EXPECT_TRUE(server.requests.isEmpty());
}

// 2026-07-28 basic/index, _meta; Streamable HTTP, Request Metadata
TEST_F(McpClient, SaysAllThatAStatelessRequestNeeds)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &) {
        const bool isDiscover = message.value("method"_L1) == "server/discover"_L1;
        return result(message, isDiscover
                                   ? QJsonObject{{u"supportedVersions"_s, QJsonArray{u"2026-07-28"_s}}}
                                   : QJsonObject{{u"resultType"_s, u"complete"_s}, {u"content"_s, QJsonArray()}});
    });
    const auto client = clientOf(server.url(), u"2026-07-28"_s);
    ASSERT_TRUE(wait(client->callTool(u"größe"_s, {})));
    ASSERT_EQ(server.methods(), (QStringList{u"server/discover"_s, u"tools/call"_s}));
    for (qsizetype i = 0; i < 2; ++i) {
        const Http::Request &request = server.requests.at(i);
        EXPECT_EQ(request.header("MCP-Protocol-Version"), "2026-07-28");
        EXPECT_EQ(request.header("Mcp-Method"), server.methods().at(i).toLatin1());
        EXPECT_EQ(request.headerCount("Mcp-Session-Id"), 0);
        const QJsonObject meta = metaOf(server.message(i));
        EXPECT_EQ(meta.value("io.modelcontextprotocol/protocolVersion"_L1), u"2026-07-28"_s);
        EXPECT_EQ(meta.value("io.modelcontextprotocol/clientInfo"_L1)["name"_L1], u"tests"_s);
        EXPECT_EQ(meta.value("io.modelcontextprotocol/clientCapabilities"_L1), QJsonObject());
    }
    EXPECT_EQ(server.requests.first().headerCount("Mcp-Name"), 0);
    EXPECT_EQ(server.requests.last().header("Mcp-Name"), "=?base64?Z3LDtsOfZQ==?=");
    wait(client->close());
    EXPECT_EQ(server.requests.size(), 2) << "there is no session to end";
}

// 2026-07-28 basic/versioning, Protocol Version Negotiation
TEST_F(McpClient, TakesARevisionThatBothKnow)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &request) {
        if (request.header("MCP-Protocol-Version") == "2026-07-28")
            return rpcFault(message, 400, -32022, {{u"supported"_s, QJsonArray{u"2099-01-01"_s, u"2025-11-25"_s}}});
        return legacy(empty)(message, request);
    });
    const auto client = clientOf(server.url(), u"2026-07-28"_s);
    EXPECT_TRUE(wait(client->connectToServer()));
    EXPECT_EQ(client->revision(), u"2025-11-25");
}

TEST_F(McpClient, AsksOnceMoreForARevisionThatIsRefusedAndOffered)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &) {
        return rpcFault(message, 400, -32022, {{u"supported"_s, QJsonArray{u"2026-07-28"_s}}});
    });
    EXPECT_EQ(codeOf(wait(clientOf(server.url(), u"2026-07-28"_s)->connectToServer())), u"protocol_version_refused");
    EXPECT_EQ(server.requests.size(), 2);
}

TEST_F(McpClient, SaysWhichRevisionsTheServerOffersWhenItKnowsNoneOfThem)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &) {
        return rpcFault(message, 400, -32022, {{u"supported"_s, QJsonArray{u"2099-01-01"_s}}});
    });
    const auto refused = wait(clientOf(server.url(), u"2026-07-28"_s)->connectToServer());
    EXPECT_EQ(codeOf(refused), u"protocol_version_refused");
    EXPECT_EQ(refused.error().details.value("supported"_L1), QJsonArray{u"2099-01-01"_s});
    EXPECT_EQ(server.requests.size(), 1);
}

// 2026-07-28 Streamable HTTP, Backward Compatibility
TEST_F(McpClient, FallsBackToAHandshakeAtAServerOfTheEarlierEra)
{
    EndpointOptions options;
    options.eras = Eras::Legacy;
    TestServer server({}, options);
    const auto client = clientOf(server.server.origin() + u"/mcp"_s, u"2026-07-28"_s);
    const auto introduction = wait(client->connectToServer());
    ASSERT_TRUE(introduction) << introduction.error().message.toStdString();
    EXPECT_EQ(client->revision(), u"2025-11-25");
    EXPECT_EQ(server.endpoint->sessionCount(), 1);
}

TEST_F(McpClient, DoesNotFallBackWhenTheServerIsDown)
{
    ScriptedServer server([](const QJsonObject &, const Http::Request &) { return Http::Response::empty(503); });
    EXPECT_EQ(codeOf(wait(clientOf(server.url(), u"2026-07-28"_s)->connectToServer())), u"http_error");
    EXPECT_EQ(server.requests.size(), 1);
}

// 2026-07-28 basic/index, ResultType
TEST_F(McpClient, DoesNotTakeAnUnknownKindOfResultForAnAnswer)
{
    for (const QString &type : {u"input_required"_s, u"something_new"_s}) {
        ScriptedServer server([&](const QJsonObject &message, const Http::Request &) {
            return result(message, message.value("method"_L1) == "server/discover"_L1
                                       ? QJsonObject()
                                       : QJsonObject{{u"resultType"_s, type}});
        });
        EXPECT_EQ(codeOf(wait(clientOf(server.url(), u"2026-07-28"_s)->callTool(u"a"_s, {}))), u"invalid_rpc_response");
    }
}

// 2026-07-28 Streamable HTTP, Custom Headers from Tool Parameters
TEST_F(McpClient, LearnsWhichArgumentsGoIntoHeadersWhenTheServerMissesThem)
{
    const QJsonObject schema{
        {u"type"_s, u"object"_s},
        {u"properties"_s,
         QJsonObject{{u"region"_s, QJsonObject{{u"type"_s, u"string"_s}, {u"x-mcp-header"_s, u"Region"_s}}}}}};
    const QJsonObject broken{{u"type"_s, u"object"_s}, {u"x-mcp-header"_s, u"Root"_s}};
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        const QString method = message.value("method"_L1).toString();
        if (method == "tools/list"_L1)
            return result(message,
                          {{u"tools"_s, QJsonArray{QJsonObject{{u"name"_s, u"query"_s}, {u"inputSchema"_s, schema}},
                                                   QJsonObject{{u"name"_s, u"bad"_s}, {u"inputSchema"_s, broken}}}}});
        if (method == "tools/call"_L1 && request.header("Mcp-Param-Region") != "us-west1")
            return rpcFault(message, 400, -32020);
        return result(message, {});
    });
    const auto client = clientOf(server.url(), u"2026-07-28"_s);
    EXPECT_TRUE(wait(client->callTool(u"query"_s, {{u"region"_s, u"us-west1"_s}})));
    EXPECT_EQ(server.methods(), (QStringList{u"server/discover"_s, u"tools/call"_s, u"tools/list"_s, u"tools/call"_s}));
    const auto tools = wait(client->listTools());
    ASSERT_TRUE(tools);
    ASSERT_EQ(tools->size(), 1) << "a tool with wrong annotations is left out";
    EXPECT_EQ(tools->first().name, u"query");
}

// Authorization

TEST_F(McpClient, SaysThatItWasRefusedWhenItHasNoSession)
{
    TestServer server(auth());
    const auto refused = wait(clientOf(server.server.origin() + u"/mcp"_s)->connectToServer());
    ASSERT_EQ(codeOf(refused), u"unauthorized");
    EXPECT_EQ(refused.error().details.value("status"_L1), 401);
    EXPECT_TRUE(refused.error().details.value("challenge"_L1).toString().startsWith(u"Bearer"));
}

namespace {

OAuth::Authorization grantOf(const QByteArray &accessToken)
{
    OAuth::Authorization grant;
    grant.tokens.accessToken = Secret(accessToken);
    return grant;
}

/// Our endpoint, and a token endpoint that gives out good tokens for the refresh token "r".
class McpClientWithSession : public McpClient
{
protected:
    McpClientWithSession()
        : server(auth())
        , tokenEndpoint([this](const QJsonObject &, const Http::Request &request) { return refreshed(request); })
        , session(&http, sessionOptions())
    {
        EXPECT_TRUE(server.endpoint->addTool(scopedTool()));
    }

    [[nodiscard]] QString url() const { return server.server.origin() + u"/mcp"_s; }
    OAuth::SessionOptions sessionOptions()
    {
        OAuth::SessionOptions options;
        options.flow.mcpUrl = url();
        options.interactive = false;
        return options;
    }
    void authorizeWith(const QByteArray &accessToken)
    {
        OAuth::Authorization grant = grantOf(accessToken);
        grant.mcpUrl = url();
        grant.server.issuer = issuer;
        grant.server.tokenEndpoint = tokenEndpoint.url();
        grant.client.clientId = u"tests"_s;
        grant.client.registeredMethod = OAuth::ClientAuthMethod::None;
        grant.tokens.refreshToken = Secret("r");
        session.setAuthorization(grant);
    }
    static Tool scopedTool()
    {
        Tool tool = echoTool(u"scoped"_s);
        tool.requiredScopes = {u"scoped:use"_s};
        return tool;
    }
    Http::Response refreshed(const Http::Request &request)
    {
        EXPECT_TRUE(request.body.contains("refresh_token=r")) << request.body.constData();
        return Http::Response::json(200, {{u"access_token"_s, QString::fromLatin1(token(u"alice"_s))},
                                          {u"token_type"_s, u"Bearer"_s},
                                          {u"refresh_token"_s, u"r"_s}});
    }

    TestServer server;
    ScriptedServer tokenEndpoint;
    OAuth::Session session;
};

} // namespace

TEST_F(McpClientWithSession, SendsTheSessionsToken)
{
    authorizeWith(token(u"alice"_s));
    const auto client = clientOf(url(), u"2025-11-25"_s, &session);
    EXPECT_TRUE(wait(client->request(u"ping"_s)));
    EXPECT_EQ(server.events.last().subject, u"alice");
    EXPECT_TRUE(tokenEndpoint.requests.isEmpty());
}

TEST_F(McpClientWithSession, SendsTheSameRequestAgainWithARenewedToken)
{
    authorizeWith(token(u"alice"_s, {}, u"https://other.example"_s));
    const auto client = clientOf(url(), u"2025-11-25"_s, &session);
    const auto answer = wait(client->request(u"ping"_s));
    EXPECT_TRUE(answer) << answer.error().message.toStdString();
    EXPECT_EQ(tokenEndpoint.requests.size(), 1);
    EXPECT_EQ(server.events.first().status, 401);
    EXPECT_EQ(server.events.at(1).status, 200);
    EXPECT_EQ(server.events.at(1).rpc, u"initialize");
}

TEST_F(McpClientWithSession, AsksToStepUpWhenScopesAreMissing)
{
    authorizeWith(token(u"alice"_s));
    const auto client = clientOf(url(), u"2025-11-25"_s, &session);
    const auto refused = wait(client->callTool(u"scoped"_s, {}));
    ASSERT_EQ(codeOf(refused), u"insufficient_scope");
    EXPECT_EQ(server.events.last().status, 403);
}

namespace {

Http::Response refusing(const QJsonObject &, const Http::Request &)
{
    return Http::Response::empty(401).set(
        "WWW-Authenticate", R"(Bearer error="invalid_token", error_description="audience is https://other")");
}

/// A provider whose users sign in in a browser that counts how often it is opened.
class CountingProvider
{
public:
    explicit CountingProvider(const QString &mcpUrl)
        : m_server([this](Http::Request request) { return answered(std::move(request)); })
        , m_mcpUrl(mcpUrl)
    {
        EXPECT_TRUE(m_server.listen());
    }

    OAuth::FlowOptions flow(const QByteArray &challenge)
    {
        OAuth::FlowOptions options;
        options.mcpUrl = m_mcpUrl;
        options.refusal = OAuth::Refusal{.status = 401, .challenge = challenge};
        options.authorizationServer = m_server.origin();
        options.preregistered = OAuth::ClientInformation{.clientId = u"tests"_s, .issuer = m_server.origin()};
        options.browser = OAuth::followingBrowser(u"http://127.0.0.1:7/callback"_s,
                                                  [this](const QString &url) { return browsed(url); });
        return options;
    }

    int windows = 0;
    std::optional<Gate> userIsSlow;

private:
    QCoro::Task<Result<OAuth::ResponseParameters>> browsed(QString url)
    {
        ++windows;
        if (userIsSlow)
            co_await userIsSlow->opened();
        const Http::Form form = Http::parseForm(url.mid(url.indexOf(u'?') + 1).toLatin1()).value();
        co_return OAuth::ResponseParameters{
            {u"code"_s, u"c"_s}, {u"iss"_s, m_server.origin()}, {u"state"_s, *Http::formValue(form, u"state").value()}};
    }
    QCoro::Task<Http::Response> answered(Http::Request request)
    {
        const QString origin = m_server.origin();
        if (request.path() == "/token")
            co_return Http::Response::json(
                200, {{u"access_token"_s, u"fresh-%1"_s.arg(windows)}, {u"token_type"_s, u"Bearer"_s}});
        co_return Http::Response::json(200, {{u"issuer"_s, origin},
                                             {u"authorization_endpoint"_s, origin + u"/authorize"_s},
                                             {u"token_endpoint"_s, origin + u"/token"_s},
                                             {u"response_types_supported"_s, QJsonArray{u"code"_s}},
                                             {u"token_endpoint_auth_methods_supported"_s, QJsonArray{u"none"_s}},
                                             {u"code_challenge_methods_supported"_s, QJsonArray{u"S256"_s}}});
    }

    Http::Server m_server;
    QString m_mcpUrl;
};

} // namespace

TEST_F(McpClient, OpensOneBrowserWindowForARequestWhoseTokensAreAllRefused)
{
    ScriptedServer never([](const QJsonObject &message, const Http::Request &request) {
        return request.path() == "/mcp" ? refusing(message, request) : Http::Response::empty(404);
    });
    CountingProvider provider(never.url());
    OAuth::Session session(&http, {.flow = provider.flow("Bearer")});
    const auto refused = wait(clientOf(never.url(), u"2025-11-25"_s, &session)->connectToServer());
    ASSERT_EQ(codeOf(refused), u"fresh_token_refused");
    EXPECT_EQ(provider.windows, 1);
    EXPECT_TRUE(refused.error().message.contains(u"invalid_token (audience is https://other)"_s));
    EXPECT_TRUE(refused.error().message.contains(u"aud and iss"_s));
    EXPECT_EQ(refused.error().details.value("error"_L1), u"invalid_token"_s);
}

TEST_F(McpClient, OpensNoBrowserWindowForAnswersNorForTheSessionsStream)
{
    int refusals = 0;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        const bool isAnswer = request.method == "POST" && !message.contains("method"_L1);
        refusals += request.method == "GET" || isAnswer ? 1 : 0;
        if (request.path() != "/mcp")
            return Http::Response::empty(404);
        if (request.method == "GET")
            return refusing(message, request);
        if (isAnswer)
            return Http::Response::empty(403).set("WWW-Authenticate",
                                                  R"(Bearer error="insufficient_scope", scope="more")");
        if (message.value("method"_L1) == "tools/call"_L1)
            return events(eventOf({{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, u"p"_s}, {u"method"_s, u"ping"_s}}) +
                          eventOf(rpcResult(message.value("id"_L1), {{u"content"_s, QJsonArray()}})));
        return legacy(empty)(message, request);
    });
    CountingProvider provider(server.url());
    OAuth::Session session(&http, {.flow = provider.flow("Bearer")});
    session.setAuthorization(grantOf("present"));
    Mcp::Client client(
        &http, {.url = server.url(), .name = u"tests"_s, .session = &session, .features = {.elicit = acceptAll}});
    ASSERT_TRUE(wait(client.callTool(u"a"_s, {})));
    EXPECT_EQ(codeOf(wait(client.follow())), u"authorization_required");
    EXPECT_TRUE(waitUntil([&] { return refusals >= 3; })) << refusals;
    EXPECT_EQ(provider.windows, 0);
    wait(client.close());
}

TEST_F(McpClient, EndsAsCancelledWhenItIsDestroyedWhileItWaitsForAToken)
{
    ScriptedServer never([](const QJsonObject &message, const Http::Request &request) {
        return request.path() == "/mcp" ? refusing(message, request) : Http::Response::empty(404);
    });
    CountingProvider provider(never.url());
    provider.userIsSlow.emplace();
    OAuth::Session session(&http, {.flow = provider.flow("Bearer")});
    auto client = clientOf(never.url(), u"2025-11-25"_s, &session);
    auto connecting = client->connectToServer();
    ASSERT_TRUE(waitUntil([&] { return provider.windows == 1; }));
    client.reset();
    EXPECT_EQ(codeOf(wait(std::move(connecting))), u"cancelled");
    provider.userIsSlow->open();
    EXPECT_EQ(wait(session.accessToken())->reveal(), "fresh-1") << "the flow goes on for others";
}

TEST_F(McpClientWithSession, GivesUpWhenEveryTokenIsRefused)
{
    ScriptedServer never(refusing);
    authorizeWith(token(u"alice"_s));
    const auto client = clientOf(never.url(), u"2025-11-25"_s, &session);
    EXPECT_EQ(codeOf(wait(client->connectToServer())), u"fresh_token_refused");
    EXPECT_EQ(never.requests.size(), 2);
    EXPECT_EQ(tokenEndpoint.requests.size(), 1);
    const auto again = wait(client->connectToServer());
    EXPECT_EQ(codeOf(again), u"authorization_required") << "what a refresh gives is refused: only a sign-in may help";
    EXPECT_TRUE(again.error().message.contains(u"invalid_token (audience is https://other)"_s));
    EXPECT_EQ(tokenEndpoint.requests.size(), 1);
}

TEST_F(McpClientWithSession, ClosesWithoutARefresh)
{
    authorizeWith(token(u"alice"_s));
    const auto client = clientOf(url(), u"2025-11-25"_s, &session);
    ASSERT_TRUE(wait(client->connectToServer()));
    ASSERT_EQ(server.endpoint->sessionCount(), 1);
    OAuth::Authorization expired = *session.authorization();
    expired.tokens.expiresAt = systemClock()() - std::chrono::seconds(1);
    session.setAuthorization(expired);
    wait(client->close());
    EXPECT_EQ(server.endpoint->sessionCount(), 0) << "the server still takes the token";
    EXPECT_TRUE(tokenEndpoint.requests.isEmpty());
}

TEST_F(McpClientWithSession, DoesNotStepUpForA403ThatIsNotAboutScopes)
{
    ScriptedServer forbidding([](const QJsonObject &, const Http::Request &) { return Http::Response::empty(403); });
    authorizeWith(token(u"alice"_s));
    const auto refused = wait(clientOf(forbidding.url(), u"2025-11-25"_s, &session)->connectToServer());
    EXPECT_EQ(codeOf(refused), u"forbidden");
    EXPECT_EQ(forbidding.requests.size(), 1);
}

// 2026-07-28 mrtr, Client Requirements
TEST_F(McpClient, GivesUpOnAServerThatNeverHasEnoughInput)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &) {
        if (message.value("method"_L1) == "server/discover"_L1)
            return result(message, {});
        return result(message, {{u"resultType"_s, u"input_required"_s}, {u"requestState"_s, u"again"_s}});
    });
    EXPECT_EQ(codeOf(wait(clientOf(server.url(), u"2026-07-28"_s)->callTool(u"a"_s, {}))), u"too_many_rounds");
    EXPECT_EQ(server.requests.size(), 2 + maxInputRounds);
    EXPECT_EQ(server.message(2).value("params"_L1)["requestState"_L1], u"again"_s);
    EXPECT_FALSE(server.message(2).value("params"_L1).toObject().contains("inputResponses"_L1));
}

// 2025-11-25 transports, Listening for Messages from the Server
TEST_F(McpClient, AnswersWhatIsAskedOnTheSessionsOwnStream)
{
    const QJsonObject question{{u"jsonrpc"_s, u"2.0"_s},
                               {u"id"_s, 7},
                               {u"method"_s, u"elicitation/create"_s},
                               {u"params"_s, QJsonObject{{u"message"_s, u"Well?"_s}}}};
    ScriptedServer asking([&](const QJsonObject &message, const Http::Request &request) {
        if (request.method == "GET")
            return events("retry: 1\n" + eventOf(question));
        return legacy(empty)(message, request);
    });
    Mcp::Client client(&http, {.url = asking.url(), .name = u"tests"_s, .features = {.elicit = acceptAll}});
    ASSERT_TRUE(wait(client.connectToServer()));
    const auto answer = [&] {
        for (qsizetype i = 0; i < asking.requests.size(); ++i) {
            if (asking.message(i).value("id"_L1) == 7 && !asking.message(i).contains("method"_L1))
                return asking.message(i);
        }
        return QJsonObject();
    };
    ASSERT_TRUE(waitUntil([&] { return !answer().isEmpty(); }));
    EXPECT_EQ(answer().value("result"_L1)["action"_L1], u"accept"_s);
    wait(client.close());
}

TEST_F(McpClient, LeavesAServerInPeaceThatKeepsEndingItsStream)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &request) {
        return request.method == "GET" ? events("retry: 1\n: nothing\n\n") : legacy(empty)(message, request);
    });
    Mcp::Client client(&http, {.url = server.url(), .name = u"tests"_s, .features = {.elicit = acceptAll}});
    EXPECT_EQ(codeOf(wait(client.follow())), u"connection_closed");
    EXPECT_EQ(server.methods().count(u"GET"_s), 1 + maxReconnections);
}

TEST_F(McpClient, SaysThatAServerHasNoStream)
{
    for (const int status : {405, 404}) { // 404: there is a route for POST alone, and no session
        ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
            if (request.method == "GET")
                return Http::Response::empty(status);
            return message.value("method"_L1) == "initialize"_L1 ? result(message, agreedOn(u"2025-11-25"_s))
                                                                 : legacy(empty)(message, request);
        });
        Mcp::Client client(&http, {.url = server.url(), .name = u"tests"_s, .features = {.elicit = acceptAll}});
        const auto ended = wait(client.follow());
        EXPECT_EQ(codeOf(ended), u"http_error");
        EXPECT_EQ(ended.error().details.value("status"_L1).toInt(), status);
        EXPECT_TRUE(wait(client.request(u"tools/list"_s)));
        EXPECT_EQ(server.methods().count(u"initialize"_s), 1);
    }
}

// 2025-11-25 transports, Resumability and Redelivery: "a disconnection may occur at any time"
TEST_F(McpClient, TakesUpAStreamThatBrokeOff)
{
    const auto json = [](const QJsonObject &value, int id) {
        return rawResponse(200, "Content-Type: application/json\r\n", toJsonText(rpcResult(id, value)));
    };
    const QByteArray stream =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    const auto chunk = [](const QByteArray &text) {
        return QByteArray::number(text.size(), 16) + "\r\n" + text + "\r\n";
    };
    const RawServer server(
        {RawScript()
             .awaitRequest()
             .send(json(agreedOn(u"2025-11-25"_s), 1))
             .awaitRequest()
             .send(rawResponse(202, {}, {}))
             .awaitRequest()
             .send(stream + chunk("id: e1\nretry: 1\ndata:\n\n"))
             .wait(50ms)
             .close(),
         RawScript().awaitRequest().send(stream + chunk(eventOf(rpcResult(2, {{u"a"_s, 1}})))).hang()});
    const auto answered = wait(clientOf(server.url())->request(u"tools/list"_s));
    ASSERT_TRUE(answered) << answered.error().message.toStdString();
    EXPECT_EQ(answered->value("a"_L1), 1);
    EXPECT_TRUE(server.requests().last().contains("last-event-id: e1\r\n")) << server.requests().last().constData();
}

TEST_F(McpClient, AnswersOnlySoManyQuestionsAtOnce)
{
    QByteArray flood;
    for (int id = 1000; id < 1000 + 5 * maxServerRequests; ++id)
        flood += eventOf({{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, id}, {u"method"_s, u"ping"_s}});
    ScriptedServer server(legacy([&](const QJsonObject &message, const Http::Request &) {
        return events(flood + eventOf(rpcResult(message.value("id"_L1), {{u"a"_s, 1}})));
    }));
    const auto answered = wait(clientOf(server.url())->request(u"tools/list"_s));
    ASSERT_TRUE(answered) << answered.error().message.toStdString();
    EXPECT_LE(server.requests.size(), 3 + maxServerRequests);
}
