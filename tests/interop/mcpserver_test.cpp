// Our MCP client at a server of the official SDK.
#include "interop/node.h"
#include "mcp/client.h"
#include "support/rawclient.h"

#include <QCoroTimer>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

class OfficialServer : public Interop
{
protected:
    void start(const QJsonObject &options, const QString &program = u"mcpserver.mjs"_s)
    {
        if (options.contains("stdio"_L1)) {
            m_command = QStringList{nodeProgram()} + nodeWords(program, {argument(options)});
            return;
        }
        m_server = std::make_unique<Listening>(nodeProgram(), nodeWords(program, {argument(options)}));
        ASSERT_FALSE(m_server->url().isEmpty());
    }

    std::unique_ptr<Mcp::Client> clientOf(const QString &revision, const Mcp::ClientFeatures &features = {})
    {
        return std::make_unique<Mcp::Client>(&m_http, Mcp::ClientOptions{.url = m_server ? m_server->url() : QString(),
                                                                         .command = m_command,
                                                                         .revision = revision,
                                                                         .name = u"interop"_s,
                                                                         .features = features});
    }

    static QString textOf(const Result<Mcp::CallResult> &result)
    {
        EXPECT_TRUE(result) << result.error().message.toStdString();
        return result ? result->content.at(0)["text"_L1].toString() : QString();
    }

private:
    Http::Client m_http;
    std::unique_ptr<Listening> m_server;
    QStringList m_command;
};

struct Shape
{
    const char *revision;
    bool json;
    bool sessions;
};

class OfficialServerOf : public OfficialServer, public testing::WithParamInterface<Shape>
{
};

} // namespace

TEST_P(OfficialServerOf, IsConnectedToListedAndCalled)
{
    start({{u"json"_s, GetParam().json}, {u"sessions"_s, GetParam().sessions}});
    const auto client = clientOf(QString::fromLatin1(GetParam().revision));
    const auto introduction = wait(client->connectToServer());
    ASSERT_TRUE(introduction) << introduction.error().message.toStdString();
    EXPECT_EQ(introduction->value("serverInfo"_L1)["name"_L1], u"sdk"_s);
    const auto tools = wait(client->listTools());
    ASSERT_TRUE(tools);
    EXPECT_EQ(tools->size(), 8);
    EXPECT_EQ(textOf(wait(client->callTool(u"add"_s, {{u"a"_s, 2}, {u"b"_s, 0.5}}))), u"2.5");
    EXPECT_EQ(textOf(wait(client->callTool(u"add"_s, {{u"a"_s, 40}, {u"b"_s, 2}}))), u"42")
        << "with sessions: in a new one, since the first was forgotten";
    wait(client->close());
}

INSTANTIATE_TEST_SUITE_P(Shapes, OfficialServerOf,
                         testing::Values(Shape{"2025-03-26", false, false}, Shape{"2025-06-18", true, true},
                                         Shape{"2025-11-25", false, true}, Shape{"2025-11-25", true, false},
                                         Shape{"2026-07-28", false, false}),
                         [](const auto &test) {
                             const QByteArray revision = QByteArray(test.param.revision).replace('-', '_');
                             return revision.toStdString() + (test.param.json ? "_json" : "_events") +
                                    (test.param.sessions ? "_sessions" : "");
                         });

TEST_F(OfficialServer, TellsProgressBeforeItAnswers)
{
    start({});
    EXPECT_EQ(textOf(wait(clientOf(u"2025-11-25"_s)->callTool(u"count"_s, {}))), u"counted");
}

TEST_F(OfficialServer, IsAnsweredWhenItPingsTheClient)
{
    start({{u"sessions"_s, true}});
    EXPECT_EQ(textOf(wait(clientOf(u"2025-11-25"_s)->callTool(u"ask"_s, {}))), u"the client is there");
}

namespace {

QCoro::Task<Result<QJsonObject>> named(QJsonObject, std::stop_token)
{
    co_return QJsonObject{{u"action"_s, u"accept"_s}, {u"content"_s, QJsonObject{{u"name"_s, u"Ada"_s}}}};
}

QCoro::Task<Result<QJsonObject>> namedSlowly(QJsonObject params, std::stop_token stop)
{
    co_await QCoro::sleepFor(std::chrono::milliseconds(3500));
    Result<QJsonObject> answer = co_await named(params, stop);
    co_return answer;
}

QCoro::Task<Result<QJsonObject>> thinking(QJsonObject, std::stop_token)
{
    co_return QJsonObject{{u"role"_s, u"assistant"_s},
                          {u"content"_s, QJsonObject{{u"type"_s, u"text"_s}, {u"text"_s, u"a thought"_s}}},
                          {u"model"_s, u"none"_s}};
}

QCoro::Task<Result<QJsonObject>> placed(QJsonObject, std::stop_token)
{
    co_return QJsonObject{{u"roots"_s, QJsonArray{QJsonObject{{u"uri"_s, u"file:///home"_s}}}}};
}

struct Era
{
    const char *revision;
    bool isStdio;
};

/// A client that answers all that a server may ask, at a server of 2025 with sessions, or at one of 2026.
class OfficialServerAsks : public OfficialServer, public testing::WithParamInterface<Era>
{
protected:
    void SetUp() override
    {
        Interop::SetUp();
        const QJsonObject stdio = isStdio ? QJsonObject{{u"stdio"_s, true}} : QJsonObject();
        if (Mcp::isStateless(revision))
            start(stdio, u"modernserver.mjs"_s);
        else
            start(isStdio ? stdio : QJsonObject{{u"sessions"_s, true}});
        client = clientOf(
            revision, {.elicit = named,
                       .sample = thinking,
                       .listRoots = placed,
                       .onNotification = [this](const QString &method, const QJsonObject &) { heard.append(method); },
                       .logLevel = u"debug"_s});
        // A server with sessions forgets the first one after its first call.
        if (!Mcp::isStateless(revision)) {
            ASSERT_EQ(textOf(call(u"add"_s, {{u"a"_s, 1}, {u"b"_s, 1}})), u"2");
        }
    }

    Result<Mcp::CallResult> call(const QString &tool, const QJsonObject &arguments = {})
    {
        return wait(client->callTool(tool, arguments));
    }

    const QString revision = QString::fromLatin1(GetParam().revision);
    const bool isStdio = GetParam().isStdio;
    std::unique_ptr<Mcp::Client> client;
    QStringList heard;
};

} // namespace

TEST_P(OfficialServerAsks, AndIsAnswered)
{
    EXPECT_EQ(textOf(call(u"greet"_s)), u"Hello, Ada");
    EXPECT_EQ(textOf(call(u"think"_s)), u"a thought");
    EXPECT_EQ(textOf(call(u"where"_s)), u"file:///home");
    if (Mcp::isStateless(revision)) {
        EXPECT_EQ(textOf(call(u"both"_s)), u"Ada: a thought");
    } else {
        EXPECT_EQ(textOf(call(u"greetAside"_s)), u"Hello aside, Ada");
    }
    wait(client->close());
}

TEST_F(OfficialServer, WaitsForAPersonWhomItAsksOnAnotherStream)
{
    start({{u"sessions"_s, true}});
    const auto client = clientOf(u"2025-11-25"_s, {.elicit = namedSlowly});
    EXPECT_EQ(textOf(wait(client->callTool(u"add"_s, {{u"a"_s, 1}, {u"b"_s, 1}}))), u"2");
    EXPECT_EQ(textOf(wait(client->callTool(u"add"_s, {{u"a"_s, 1}, {u"b"_s, 1}}))), u"2") << "in a new session";
    EXPECT_EQ(textOf(wait(client->callTool(u"greetAside"_s, {}, {.timeout = std::chrono::milliseconds(3000)}))),
              u"Hello aside, Ada");
    wait(client->close());
}

TEST_P(OfficialServerAsks, AndTellsWhatChanges)
{
    std::stop_source stop;
    auto following = client->follow({}, stop.get_token());
    ASSERT_TRUE(waitUntil([&] {
        EXPECT_EQ(textOf(call(u"change"_s)), u"told");
        return heard.contains(u"notifications/tools/list_changed"_s);
    })) << heard.join(u' ').toStdString();
    stop.request_stop();
    EXPECT_EQ(codeOf(wait(std::move(following))), u"cancelled");
    wait(client->close());
}

INSTANTIATE_TEST_SUITE_P(Eras, OfficialServerAsks,
                         testing::Values(Era{"2025-11-25", false}, Era{"2026-07-28", false}, Era{"2025-11-25", true},
                                         Era{"2026-07-28", true}),
                         [](const auto &test) {
                             const QByteArray revision = QByteArray(test.param.revision).replace('-', '_');
                             return revision.toStdString() + (test.param.isStdio ? "_stdio" : "_http");
                         });

TEST_F(OfficialServer, OfTheEarlierEraIsSpokenToOverStdioToo)
{
    start({{u"stdio"_s, true}});
    const auto client = clientOf(u"2026-07-28"_s);
    EXPECT_EQ(textOf(wait(client->callTool(u"add"_s, {{u"a"_s, 40}, {u"b"_s, 2}}))), u"42");
    EXPECT_EQ(client->revision(), u"2025-11-25");
    wait(client->close());
}

TEST_F(OfficialServer, OfThisYearIsUsedInAllItOffers)
{
    start({}, u"modernserver.mjs"_s);
    QStringList heard;
    const auto client = clientOf(
        u"2026-07-28"_s, {.onNotification = [&](const QString &method, const QJsonObject &) { heard.append(method); },
                          .logLevel = u"info"_s});
    EXPECT_EQ(textOf(wait(client->callTool(u"work"_s, {}))), u"done");
    EXPECT_EQ(heard,
              (QStringList{u"notifications/message"_s, u"notifications/progress"_s, u"notifications/progress"_s}));
    EXPECT_EQ(wait(client->list(Mcp::ListKind::Resources)).value_or(QJsonArray()).at(0)["uri"_L1], u"test://note"_s);
    EXPECT_EQ(wait(client->list(Mcp::ListKind::Prompts)).value_or(QJsonArray()).at(0)["name"_L1], u"hello"_s);
    const auto read = wait(client->request(u"resources/read"_s, {{u"uri"_s, u"test://note"_s}}));
    EXPECT_EQ(read.value_or(QJsonObject())["contents"_L1][0]["text"_L1], u"a note"_s);
    EXPECT_EQ(codeOf(wait(client->callTool(u"greet"_s, {}))), u"rpc_error") << "nothing was declared";
}

TEST_F(OfficialServer, SaysWhatItDoesNotKnow)
{
    start({});
    const Result<QJsonObject> refused = wait(clientOf(u"2025-11-25"_s)->request(u"prompts/list"_s));
    ASSERT_EQ(codeOf(refused), u"rpc_error");
    EXPECT_EQ(refused.error().details.value("code"_L1), -32601);
}
