// Our MCP client at a server of the official SDK.
#include "interop/node.h"
#include "mcp/client.h"

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

class OfficialServer : public Interop
{
protected:
    void start(const QJsonObject &options)
    {
        m_server = std::make_unique<Listening>(nodeProgram(), nodeWords(u"mcpserver.mjs"_s, {argument(options)}));
        ASSERT_FALSE(m_server->url().isEmpty());
    }

    std::unique_ptr<Mcp::Client> clientOf(const QString &revision)
    {
        return std::make_unique<Mcp::Client>(
            &m_http, Mcp::ClientOptions{.url = m_server->url(), .revision = revision, .name = u"interop"_s});
    }

    static QString textOf(const Result<Mcp::CallResult> &result)
    {
        EXPECT_TRUE(result) << result.error().message.toStdString();
        return result ? result->content.at(0)["text"_L1].toString() : QString();
    }

private:
    Http::Client m_http;
    std::unique_ptr<Listening> m_server;
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
    EXPECT_EQ(tools->size(), 3);
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

TEST_F(OfficialServer, SaysWhatItDoesNotKnow)
{
    start({});
    const Result<QJsonObject> refused = wait(clientOf(u"2025-11-25"_s)->request(u"prompts/list"_s));
    ASSERT_EQ(codeOf(refused), u"rpc_error");
    EXPECT_EQ(refused.error().details.value("code"_L1), -32601);
}
