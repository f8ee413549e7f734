// mcp-auth call, by its contract.
#include "demo/authorizationserver.h"
#include "running.h"
#include "support/rawserver.h"

#include <QJsonArray>
#include <QTemporaryFile>
#include <QUrl>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

/// A server with tokens of the embedded provider's.
class Call : public testing::Test
{
protected:
    void SetUp() override
    {
        Demo::AuthorizationServerOptions options;
        options.autoConsent = true;
        ASSERT_TRUE(m_provider.start(options));
        start();
    }

    void start(const QStringList &more = {})
    {
        m_server = std::make_unique<RunningServer>(QStringList{u"--issuer"_s, m_provider.issuer()} + more);
    }

    [[nodiscard]] QString token(const QStringList &scopes = {}) const
    {
        return QString::fromLatin1(m_provider.mint({.audience = {m_server->url()}, .scopes = scopes}).value());
    }
    [[nodiscard]] ProgramResult call(const QString &tool, const QStringList &more) const
    {
        return runProgram(mcpAuthProgram(), QStringList{u"call"_s, m_server->url(), tool} + more);
    }
    [[nodiscard]] ProgramResult callWithToken(const QString &tool, const QStringList &more = {}) const
    {
        return call(tool, QStringList{u"--token"_s, token()} + more);
    }

    Demo::AuthorizationServer m_provider;
    std::unique_ptr<RunningServer> m_server;
};

} // namespace

TEST_F(Call, PrintsWhatTheToolSays)
{
    const ProgramResult result = callWithToken(u"whoami"_s);
    EXPECT_EQ(result.status, 0) << result.error.constData();
    EXPECT_TRUE(result.output.contains("alice")) << result.output.constData();
}

TEST_F(Call, SaysWhichRevisionWasSpokenInPlaceOfTheNewest)
{
    start({u"--era"_s, u"legacy"_s});
    const ProgramResult result = callWithToken(u"whoami"_s);
    EXPECT_EQ(result.error, "mcp-auth: The server does not speak revision 2026-07-28: 2025-11-25 was spoken.\n");
    EXPECT_EQ(callWithToken(u"whoami"_s, {u"--revision"_s, u"2025-11-25"_s}).error, "");
    const QJsonObject json = parseJsonObject(callWithToken(u"whoami"_s, {u"--format"_s, u"json"_s}).output).value();
    EXPECT_EQ(json.value(u"revision"), u"2025-11-25"_s);
}

TEST_F(Call, KeepsTheRevisionThatIsAskedForOrIsRefused)
{
    EXPECT_EQ(callWithToken(u"whoami"_s, {u"--revision"_s, u"2026-07-28"_s}).status, 0);
    start({u"--era"_s, u"legacy"_s});
    const ProgramResult result = callWithToken(u"whoami"_s, {u"--revision"_s, u"2026-07-28"_s});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.output, "");
    EXPECT_TRUE(result.error.contains("does not speak revision 2026-07-28")) << result.error.constData();
}

TEST_F(Call, PrintsTheResultAsJson)
{
    const ProgramResult result =
        callWithToken(u"add"_s, {u"--json"_s, u"{\"a\":2,\"b\":0.5}"_s, u"--format"_s, u"json"_s});
    EXPECT_EQ(result.status, 0) << result.error.constData();
    const QJsonObject document = parseJsonObject(result.output).value_or(QJsonObject());
    EXPECT_EQ(document.value(u"content")[0][u"type"_s], u"text"_s) << result.output.constData();
}

TEST_F(Call, ReadsArgumentsAsTheSchemaTypesThem)
{
    const ProgramResult sum = callWithToken(u"add"_s, {u"--arg"_s, u"a=2"_s, u"--arg"_s, u"b=0.5"_s});
    EXPECT_EQ(sum.status, 0) << sum.error.constData();
    EXPECT_TRUE(sum.output.contains("2.5")) << sum.output.constData();
    const ProgramResult text =
        call(u"create_todo"_s, {u"--arg"_s, u"content=42"_s, u"--token"_s, token({u"create:todos"_s})});
    EXPECT_EQ(text.status, 0) << text.error.constData();
    EXPECT_TRUE(text.output.contains("\"42\"")) << text.output.constData();
}

TEST_F(Call, PutsArgumentsOverTheDocument)
{
    const ProgramResult sum = callWithToken(u"add"_s, {u"--json"_s, u"{\"a\":1,\"b\":1}"_s, u"--arg"_s, u"b=40"_s});
    EXPECT_TRUE(sum.output.contains("41")) << sum.output.constData() << sum.error.constData();
}

TEST_F(Call, IsAUsageErrorWithAWrongArgument)
{
    for (const QStringList &words :
         {QStringList{u"--arg"_s, u"a=two"_s}, QStringList{u"--arg"_s, u"a"_s}, QStringList{u"--json"_s, u"[1]"_s}}) {
        const ProgramResult result = callWithToken(u"add"_s, words);
        EXPECT_EQ(result.status, 2) << words.join(u' ').toStdString();
        EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    }
    EXPECT_EQ(callWithToken(u"subtract"_s, {u"--arg"_s, u"a=1"_s}).status, 2);
}

TEST_F(Call, TakesTheTokenFromTheEnvironment)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"MCP_AUTH_TOKEN"_s, token());
    const Ended ended = runWithBrowser({u"call"_s, m_server->url(), u"whoami"_s}, environment);
    EXPECT_EQ(ended.status, 0) << ended.error.constData();
}

TEST_F(Call, SaysWhyTheServerRefusedTheToken)
{
    const QString foreign = QString::fromLatin1(m_provider.mint({.audience = {u"https://other.example"_s}}).value());
    const ProgramResult text = call(u"whoami"_s, {u"--token"_s, foreign});
    EXPECT_EQ(text.status, 1);
    EXPECT_TRUE(text.error.contains("The server refused the token: invalid_token")) << text.error.constData();
    EXPECT_EQ(text.error.count('\n'), 1);

    const ProgramResult json = call(u"whoami"_s, {u"--token"_s, foreign, u"--format"_s, u"json"_s});
    EXPECT_EQ(json.status, 1);
    const QJsonObject error = parseJsonObject(json.output).value_or(QJsonObject()).value(u"error").toObject();
    EXPECT_EQ(error.value(u"code"), u"authorization_required"_s) << json.output.constData();
    EXPECT_EQ(error.value(u"details")[u"status"_s], 401);
    EXPECT_EQ(error.value(u"details")[u"error"_s], u"invalid_token"_s);
    EXPECT_FALSE(json.output.contains(foreign.toLatin1()));
}

TEST_F(Call, WritesOneDocumentWhateverGoesWrong)
{
    const QList<QStringList> calls{
        {u"call"_s, u"http://127.0.0.1:9/mcp"_s, u"whoami"_s},
        {u"call"_s, m_server->url(), u"whoami"_s},
        {u"call"_s, m_server->url(), u"whoami"_s, u"--client-key"_s, u"/nonexistent"_s},
        {u"call"_s, m_server->url(), u"whoami"_s, u"--no-such-option"_s},
        {u"login"_s, u"http://127.0.0.1:9/mcp"_s, u"--no-browser"_s},
        {u"login"_s, m_server->url(), u"--client-key"_s, u"/nonexistent"_s},
        {u"mint"_s},
        {u"provider"_s, u"--client"_s, u"a:/nonexistent"_s},
        {u"serve"_s, u"--port"_s, QString::number(QUrl(m_server->url()).port()), u"--no-auth"_s},
        {u"verify"_s, u"token"_s},
        {u"verify"_s, u"token"_s, u"--jwks"_s, u"/nonexistent"_s},
    };
    for (const QStringList &words : calls) {
        const ProgramResult result = runProgram(mcpAuthProgram(), words + QStringList{u"--format"_s, u"json"_s});
        EXPECT_NE(result.status, 0);
        const QJsonObject document = parseJsonObject(result.output).value_or(QJsonObject());
        EXPECT_NE(document.value(u"error")[u"code"_s].toString(), u"")
            << words.join(u' ').toStdString() << ": " << result.output.constData();
        EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    }
}

TEST_F(Call, LogsAMachineInWithoutAskingAnybody)
{
    QTemporaryFile secret;
    ASSERT_TRUE(secret.open());
    secret.write("machine-secret");
    secret.close();
    Demo::AuthorizationServerOptions options;
    options.clients.append({.clientId = u"machine"_s,
                            .clientSecret = Secret("machine-secret"),
                            .redirectUris = {},
                            .grantTypes = {u"client_credentials"_s}});
    Demo::AuthorizationServer provider;
    ASSERT_TRUE(provider.start(options));
    const RunningServer server({u"--issuer"_s, provider.issuer()});
    const ProgramResult result =
        runProgram(mcpAuthProgram(), {u"call"_s, server.url(), u"whoami"_s, u"--grant"_s, u"client_credentials"_s,
                                      u"--client-id"_s, u"machine"_s, u"--client-secret-file"_s, secret.fileName(),
                                      u"--authorization-server"_s, provider.issuer()});
    EXPECT_EQ(result.status, 0) << result.error.constData();
    EXPECT_TRUE(result.output.contains("machine")) << result.output.constData();
}

TEST_F(Call, SaysHowToGetATokenWithoutOne)
{
    const ProgramResult result = call(u"whoami"_s, {});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.output, "");
    EXPECT_TRUE(result.error.contains("--login")) << result.error.constData();
}

TEST_F(Call, IsARefusalWhenScopesAreMissing)
{
    const ProgramResult result = callWithToken(u"list_todos"_s);
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
}

TEST_F(Call, IsNoWhenTheToolSaysNo)
{
    const ProgramResult result =
        call(u"delete_todo"_s, {u"--arg"_s, u"id=77"_s, u"--token"_s, token({u"delete:todos"_s})});
    EXPECT_EQ(result.status, 1) << result.error.constData();
    EXPECT_NE(result.output, "");
}

TEST_F(Call, CannotBeCarriedOutWithoutAServer)
{
    EXPECT_EQ(runProgram(mcpAuthProgram(), {u"call"_s, u"http://127.0.0.1:9/mcp"_s, u"whoami"_s}).status, 2);
}

TEST_F(Call, LogsInAndStepsUpOnItsWay)
{
    const Ended ended = runWithBrowser({u"call"_s, m_server->url(), u"list_todos"_s, u"--login"_s, u"--no-browser"_s});
    EXPECT_EQ(ended.status, 0) << ended.error.constData();
    EXPECT_NE(ended.output, "");
    EXPECT_TRUE(ended.error.contains("✔ Token: ")) << ended.error.constData();
}

TEST_F(Call, SendsTheFieldsThatAreAskedFor)
{
    const RawServer server(RawScript().awaitRequest().send(rawResponse(500, {}, {})));
    const RunningProgram program(mcpAuthProgram(),
                                 {u"call"_s, server.url(), u"--list"_s, u"--header"_s, u"X-Tenant: blue; 7"_s});
    ASSERT_TRUE(RawServer::waitUntil([&] { return !server.requests().isEmpty(); }));
    EXPECT_TRUE(server.requests().first().contains("x-tenant: blue; 7\r\n")) << server.received().constData();
}

TEST_F(Call, IsAUsageErrorWithoutOneThingToAskFor)
{
    for (const QStringList &words :
         {QStringList{}, QStringList{u"add"_s, u"--list"_s}, QStringList{u"--read"_s, u"a:b"_s, u"--prompt"_s, u"p"_s},
          QStringList{u"--list"_s, u"--header"_s, u"no colon"_s}, QStringList{u"--list"_s, u"--header"_s, u"a b: c"_s},
          QStringList{u"--list"_s, u"--header"_s, u"authorization: Basic eA=="_s},
          QStringList{u"--list"_s, u"--header"_s, u"Transfer-Encoding: chunked"_s},
          QStringList{u"--list"_s, u"--header"_s, u"mcp-session-id: s"_s},
          QStringList{u"--list"_s, u"--arg"_s, u"a=1"_s}, QStringList{u"--read"_s, u"a:b"_s, u"--json"_s, u"{}"_s}}) {
        const ProgramResult result = runProgram(mcpAuthProgram(), QStringList{u"call"_s, m_server->url()} + words);
        EXPECT_EQ(result.status, 2) << words.join(u' ').toStdString();
        EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    }
}

namespace {

/// An answer to each method, else an error that says that there is none.
RawScript answering(const QHash<QString, QJsonObject> &results)
{
    return RawScript().awaitRequest().answer([results](const QByteArray &request) {
        const QJsonObject message =
            parseJsonObject(request.sliced(request.indexOf("\r\n\r\n") + 4)).value_or(QJsonObject());
        if (!message.contains(u"id"_s))
            return rawResponse(202, {}, {});
        QJsonObject answer{{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, message.value(u"id"_s)}};
        if (const auto found = results.find(message.value(u"method"_s).toString()); found != results.end())
            answer.insert(u"result"_s, *found);
        else
            answer.insert(u"error"_s, QJsonObject{{u"code"_s, -32601}, {u"message"_s, u"No such method"_s}});
        return rawResponse(200, "Content-Type: application/json\r\n", toJsonText(answer));
    });
}

const QJsonObject introduction{
    {u"protocolVersion"_s, u"2025-11-25"_s},
    {u"capabilities"_s, QJsonObject{{u"resources"_s, QJsonObject()}}},
    {u"serverInfo"_s, QJsonObject{{u"name"_s, u"scripted"_s}, {u"version"_s, u"1"_s}}},
};

} // namespace

TEST(CallAtOtherServers, ListsResourcesWhereThereAreNoTemplates)
{
    const QJsonObject resource{{u"uri"_s, u"test://a"_s}, {u"name"_s, u"A"_s}};
    const RawServer server(
        answering({{u"initialize"_s, introduction}, {u"resources/list"_s, {{u"resources"_s, QJsonArray{resource}}}}}));
    const ProgramResult result =
        runProgram(mcpAuthProgram(), {u"call"_s, server.url(), u"--list"_s, u"--revision"_s, u"2025-11-25"_s});
    EXPECT_EQ(result.status, 0) << result.error.constData();
    EXPECT_EQ(result.output, "resources\n  test://a  A\n");
}

TEST(CallAtOtherServers, PrintsATextWithItsIndentationAndNothingThatSteersTheTerminal)
{
    const QJsonObject content{{u"uri"_s, u"test://a"_s}, {u"text"_s, u"if a:\r\n    b\tc\x1b[2J\n"_s}};
    const RawServer server(
        answering({{u"initialize"_s, introduction}, {u"resources/read"_s, {{u"contents"_s, QJsonArray{content}}}}}));
    const ProgramResult result =
        runProgram(mcpAuthProgram(), {u"call"_s, server.url(), u"--read"_s, u"test://a"_s, u"--revision"_s,
                                      u"2025-11-25"_s, u"--header"_s, u"X-Name: Grüße"_s});
    EXPECT_EQ(result.status, 0) << result.error.constData();
    EXPECT_EQ(result.output, "if a:\n    b\tc [2J\n");
    EXPECT_TRUE(server.received().contains("x-name: Gr\xc3\xbc\xc3\x9f"
                                           "e\r\n"))
        << server.received().constData();
}

/// A server that has more than tools.
class CallOfAll : public testing::TestWithParam<std::tuple<const char *, bool>>
{
protected:
    void SetUp() override
    {
        if (!isStdio)
            m_server = std::make_unique<RunningServer>(QStringList(), u"conformance-server"_s);
    }

    [[nodiscard]] ProgramResult call(const QStringList &words) const
    {
        const QStringList at = isStdio ? QStringList() : QStringList{m_server->url()};
        const QStringList server{u"--"_s, mcpAuthProgram(), u"conformance-server"_s, u"--transport"_s, u"stdio"_s};
        return runProgram(mcpAuthProgram(),
                          QStringList{u"call"_s} + at +
                              QStringList{u"--revision"_s, QString::fromLatin1(std::get<0>(GetParam()))} + words +
                              (isStdio ? server : QStringList()));
    }

    const bool isStdio = std::get<1>(GetParam());
    std::unique_ptr<RunningServer> m_server;
};

TEST_P(CallOfAll, ListsWhatTheServerHas)
{
    const ProgramResult text = call({u"--list"_s});
    EXPECT_EQ(text.status, 0) << text.error.constData();
    for (const char *line :
         {"\ntools\n", "\n  test_simple_text  ", "\nresources\n", "\n  test://static-text  ", "resourceTemplates\n",
          "  test://template/{id}/data  ", "prompts\n", "  test_simple_prompt  "})
        EXPECT_TRUE(('\n' + text.output).contains(line)) << line << text.output.constData();
    const ProgramResult json = call({u"--list"_s, u"--format"_s, u"json"_s});
    const QJsonObject document = parseJsonObject(json.output).value_or(QJsonObject());
    EXPECT_EQ(document.keys(),
              (QStringList{u"prompts"_s, u"resourceTemplates"_s, u"resources"_s, u"revision"_s, u"tools"_s}));
    EXPECT_FALSE(document.value("tools"_L1)[0]["inputSchema"_L1].toObject().isEmpty());
}

TEST_P(CallOfAll, ReadsAResource)
{
    const ProgramResult text = call({u"--read"_s, u"test://static-text"_s});
    EXPECT_EQ(text.status, 0) << text.error.constData();
    EXPECT_EQ(text.output, "This is the content of the static text resource.\n");
    const ProgramResult bytes = call({u"--read"_s, u"test://static-binary"_s});
    EXPECT_TRUE(bytes.output.contains("\"blob\":\"")) << bytes.output.constData();
    const ProgramResult missing = call({u"--read"_s, u"test://nothing"_s});
    EXPECT_EQ(missing.status, 1);
    EXPECT_EQ(missing.output, "");
}

TEST_P(CallOfAll, GetsAPrompt)
{
    const ProgramResult result =
        call({u"--prompt"_s, u"test_prompt_with_arguments"_s, u"--arg"_s, u"arg1=7"_s, u"--arg"_s, u"arg2=b"_s});
    EXPECT_EQ(result.status, 0) << result.error.constData();
    EXPECT_EQ(result.output, "user: Prompt with arguments: arg1='7', arg2='b'\n");
}

TEST_P(CallOfAll, CallsATool)
{
    const ProgramResult result = call({u"test_simple_text"_s});
    EXPECT_EQ(result.status, 0) << result.error.constData();
    EXPECT_EQ(result.output, "This is a simple text response for testing.\n");
    const ProgramResult failing = call({u"test_error_handling"_s});
    EXPECT_EQ(failing.status, 1) << failing.error.constData();
}

INSTANTIATE_TEST_SUITE_P(Cli, CallOfAll,
                         testing::Combine(testing::Values("2025-11-25", "2026-07-28"), testing::Bool()));

TEST(CallOfAProgram, SaysWhatThePersonCanDoAboutIt)
{
    const ProgramResult missing = runProgram(mcpAuthProgram(), {u"call"_s, u"--list"_s, u"--"_s, u"/nonexistent"_s});
    EXPECT_EQ(missing.status, 2);
    EXPECT_TRUE(missing.error.contains("/nonexistent could not be started")) << missing.error.constData();
    const ProgramResult chatty = runProgram(
        mcpAuthProgram(), {u"call"_s, u"--list"_s, u"--"_s, u"/bin/sh"_s, u"-c"_s, u"echo Server is ready; exit 4"_s});
    EXPECT_EQ(chatty.status, 2);
    EXPECT_TRUE(chatty.error.contains("ended with status 4")) << chatty.error.constData();
    EXPECT_TRUE(chatty.error.contains("such as: Server is ready")) << chatty.error.constData();
}

TEST(CallOfAProgram, IsAUsageErrorWithWhatBelongsToAUrl)
{
    const QString url = u"http://127.0.0.1:9/mcp"_s;
    for (const QStringList &words :
         {QStringList{u"--list"_s, u"--"_s}, QStringList{url, u"--list"_s, u"--"_s, u"true"_s},
          QStringList{url, u"add"_s, u"--"_s, u"true"_s}, QStringList{u"add"_s, u"--login"_s, u"--"_s, u"true"_s},
          QStringList{u"add"_s, u"--token"_s, u"t"_s, u"--"_s, u"true"_s},
          QStringList{u"add"_s, u"--client-id"_s, u"c"_s, u"--"_s, u"true"_s},
          QStringList{u"add"_s, u"--header"_s, u"A: b"_s, u"--"_s, u"true"_s}}) {
        const ProgramResult result = runProgram(mcpAuthProgram(), QStringList{u"call"_s} + words);
        EXPECT_EQ(result.status, 2) << words.join(u' ').toStdString();
        EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    }
}

class CallRevision : public Call, public testing::WithParamInterface<const char *>
{
};

TEST_P(CallRevision, IsSpoken)
{
    const ProgramResult result = callWithToken(u"whoami"_s, {u"--revision"_s, QString::fromLatin1(GetParam())});
    EXPECT_EQ(result.status, 0) << result.error.constData();
}

INSTANTIATE_TEST_SUITE_P(Cli, CallRevision, testing::Values("2025-03-26", "2025-06-18", "2025-11-25"));
