// mcp-auth serve and demo, by their contract.
#include "base/json.h"
#include "demo/authorizationserver.h"
#include "http/client.h"
#include "support/program.h"
#include "support/rawclient.h"
#include "support/result.h"

#include <QJsonArray>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryFile>
#include <QUrl>

#include <csignal>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

QStringList serveWords(const QStringList &more)
{
    return QStringList{QStringLiteral("serve"), QStringLiteral("--format"), QStringLiteral("json")} + more;
}

Result<Http::ClientResponse> post(Http::Client *client, const QString &url, const QByteArray &token,
                                  const QByteArray &body)
{
    Http::ClientRequest request;
    request.method = "POST";
    request.url = url;
    request.body = body;
    request.headers.append("Content-Type", "application/json");
    request.headers.append("Accept", "application/json, text/event-stream");
    if (!token.isEmpty())
        request.headers.append("Authorization", "Bearer " + token);
    return wait(client->send(request));
}

const QByteArray hello =
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})";

} // namespace

TEST(Serve, AnnouncesItselfReportsEachRequestAndEndsCleanly)
{
    Demo::AuthorizationServer issuer;
    ASSERT_TRUE(issuer.start());
    RunningProgram program(mcpAuthProgram(), serveWords({QStringLiteral("--issuer"), issuer.issuer(),
                                                         QStringLiteral("--scope"), QStringLiteral("mcp:use")}));
    const QJsonObject listening = parseJsonObject(program.readLine()).value_or(QJsonObject());
    ASSERT_EQ(listening.value(u"event"), QJsonValue(QStringLiteral("listening")))
        << program.standardError().constData();
    const QString url = listening.value(u"url").toString();
    EXPECT_EQ(listening.value(u"resource").toString(), url);
    const QString metadataUrl = listening.value(u"metadata").toArray().at(0).toString();

    Http::Client client;
    const auto metadata = wait(client.get(metadataUrl));
    ASSERT_TRUE(metadata);
    EXPECT_EQ(parseJsonObject(metadata->body).value().value(u"resource").toString(), url);

    const QJsonObject fetched = parseJsonObject(program.readLine()).value_or(QJsonObject());
    EXPECT_EQ(fetched.value(u"method"), QJsonValue(QStringLiteral("GET")));
    EXPECT_EQ(fetched.value(u"path"), QJsonValue(QStringLiteral("/.well-known/oauth-protected-resource/mcp")));
    EXPECT_EQ(fetched.value(u"status"), QJsonValue(200));
    for (const char16_t *member : {u"rpc", u"tool", u"subject", u"error"})
        EXPECT_TRUE(fetched.value(member).isNull()) << QString::fromUtf16(member).toStdString();

    const auto refused = post(&client, url, {}, hello);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 401);
    EXPECT_TRUE(refused->header("WWW-Authenticate").contains("scope=\"mcp:use\""));
    const QJsonObject event = parseJsonObject(program.readLine()).value();
    EXPECT_EQ(event.value(u"event"), QJsonValue(QStringLiteral("request")));
    EXPECT_EQ(event.value(u"method"), QJsonValue(QStringLiteral("POST")));
    EXPECT_EQ(event.value(u"path"), QJsonValue(QStringLiteral("/mcp")));
    EXPECT_EQ(event.value(u"status"), QJsonValue(401));
    EXPECT_EQ(event.value(u"error"), QJsonValue(QStringLiteral("missing_auth_header")));
    EXPECT_TRUE(event.value(u"subject").isNull());
    EXPECT_TRUE(event.value(u"durationMs").isDouble());

    const QByteArray token = issuer.mint({.audience = {url}, .scopes = {QStringLiteral("mcp:use")}}).value();
    EXPECT_EQ(post(&client, url, token, hello).value().status, 200);
    const QJsonObject second = parseJsonObject(program.readLine()).value();
    EXPECT_EQ(second.value(u"rpc"), QJsonValue(QStringLiteral("initialize")));
    EXPECT_EQ(second.value(u"subject"), QJsonValue(QStringLiteral("alice")));
    EXPECT_TRUE(second.value(u"error").isNull());

    EXPECT_EQ(program.terminate(), 0);
    EXPECT_EQ(program.standardError(), "");
}

TEST(Serve, LetsInThePagesAndHostsThatItIsTold)
{
    RunningProgram program(mcpAuthProgram(),
                           serveWords({QStringLiteral("--no-auth"), QStringLiteral("--allow-origin"),
                                       QStringLiteral("https://app.example"), QStringLiteral("--allow-host"),
                                       QStringLiteral("mcp.example")}));
    const QUrl url(parseJsonObject(program.readLine()).value_or(QJsonObject()).value(u"url").toString());
    const auto statusFor = [&url](const QByteArray &host, const QByteArray &origin) {
        RawClient client(static_cast<quint16>(url.port()));
        client.send("POST /mcp HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin +
                    "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
                    "Content-Length: " +
                    QByteArray::number(hello.size()) + "\r\n\r\n" + hello);
        return client.response().status;
    };
    EXPECT_EQ(statusFor("mcp.example", "https://app.example"), 200);
    EXPECT_EQ(statusFor("mcp.example", "https://other.example"), 403);
    EXPECT_EQ(statusFor("other.example", "https://app.example"), 421);
}

TEST(Serve, SigintEndsItCleanlyToo)
{
    RunningProgram program(mcpAuthProgram(), serveWords({QStringLiteral("--no-auth")}));
    ASSERT_FALSE(program.readLine().isNull());
    ::kill(static_cast<pid_t>(program.processId()), SIGINT);
    EXPECT_TRUE(program.readLine().isNull());
    EXPECT_EQ(program.terminate(), 0);
}

TEST(Serve, TextSaysWhereItListens)
{
    RunningProgram program(mcpAuthProgram(), {QStringLiteral("serve"), QStringLiteral("--no-auth"),
                                              QStringLiteral("--path"), QStringLiteral("/x")});
    const QByteArray line = program.readLine();
    EXPECT_TRUE(line.startsWith("listening http://127.0.0.1:")) << line.constData();
    EXPECT_TRUE(line.endsWith("/x"));
}

TEST(Serve, TextShowsNothingThatATerminalWouldObey)
{
    RunningProgram program(mcpAuthProgram(), {QStringLiteral("serve"), QStringLiteral("--no-auth")});
    const QString url = QString::fromLatin1(program.readLine()).section(u' ', 1);
    Http::Client client;
    const QByteArray method = QByteArray(R"(clear\u001b[2J\u009b2J\n)") + QByteArray(R"(turned\u202eback)");
    EXPECT_EQ(post(&client, url, {}, R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"("})").value().status, 400);
    const QString line = QString::fromUtf8(program.readLine());
    EXPECT_TRUE(line.contains(QStringLiteral("POST /mcp 400"))) << line.toStdString();
    EXPECT_TRUE(line.contains(QStringLiteral("clear [2J 2J turned back"))) << line.toStdString();
}

TEST(Serve, ReportsWhatTheServerItselfRefuses)
{
    RunningProgram program(mcpAuthProgram(), serveWords({QStringLiteral("--no-auth")}));
    const QUrl url(parseJsonObject(program.readLine()).value_or(QJsonObject()).value(u"url").toString());
    RawClient foreign(static_cast<quint16>(url.port()));
    EXPECT_EQ(foreign.send("POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n").response().status,
              421);
    EXPECT_EQ(parseJsonObject(program.readLine()).value_or(QJsonObject()),
              (QJsonObject{{QStringLiteral("event"), QStringLiteral("request")},
                           {QStringLiteral("method"), QStringLiteral("POST")},
                           {QStringLiteral("path"), QStringLiteral("/mcp")},
                           {QStringLiteral("rpc"), QJsonValue::Null},
                           {QStringLiteral("tool"), QJsonValue::Null},
                           {QStringLiteral("subject"), QJsonValue::Null},
                           {QStringLiteral("status"), 421},
                           {QStringLiteral("error"), QStringLiteral("misdirected_request")},
                           {QStringLiteral("durationMs"), 0}}));
    RawClient malformed(static_cast<quint16>(url.port()));
    EXPECT_EQ(malformed.send("nonsense\r\n\r\n").response().status, 400);
    const QJsonObject event = parseJsonObject(program.readLine()).value_or(QJsonObject());
    EXPECT_EQ(event.value(u"status"), QJsonValue(400));
    EXPECT_TRUE(event.value(u"method").isNull());
    EXPECT_TRUE(event.value(u"path").isNull());
}

TEST(Serve, JsonShowsNothingThatATerminalWouldObey)
{
    RunningProgram program(mcpAuthProgram(), serveWords({QStringLiteral("--no-auth")}));
    const QString url = parseJsonObject(program.readLine()).value_or(QJsonObject()).value(u"url").toString();
    Http::Client client;
    const QByteArray method = R"(a\u001bb\u007fc\u009bd\u2028e\u2029f\u202eg\udb40\udc41\u00e9)";
    EXPECT_EQ(post(&client, url, {}, R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"("})").value().status, 400);
    const QByteArray line = program.readLine();
    EXPECT_TRUE(line.contains(R"("a\u001bb\u007fc\u009bd\u2028e\u2029f\u202eg\udb40\udc41)"
                              "\xc3\xa9\""))
        << line.constData();
    EXPECT_EQ(parseJsonObject(line).value_or(QJsonObject()).value(u"rpc").toString(),
              QStringLiteral("a\u001bb\u007fc\u009bd\u2028e\u2029f\u202eg\U000e0041\u00e9"));
}

TEST(Serve, ASignalEndsItWhileItLooksForAProvider)
{
    QTcpServer silent;
    ASSERT_TRUE(silent.listen(QHostAddress::LocalHost));
    RunningProgram program(
        mcpAuthProgram(),
        serveWords({QStringLiteral("--issuer"), QStringLiteral("http://127.0.0.1:%1").arg(silent.serverPort())}));
    ASSERT_TRUE(silent.waitForNewConnection(programTimeout));
    EXPECT_EQ(program.terminate(), 0);
    EXPECT_EQ(program.standardError(), ""); // not the provider's timeout
}

TEST(Serve, AClosedPipeEndsItWithTheNextLine)
{
    RunningProgram program(QStringLiteral("/bin/sh"),
                           {QStringLiteral("-c"),
                            QStringLiteral("trap '' PIPE; { \"$0\" serve --no-auth --format json; echo $? >&2; } | "
                                           "{ read -r line; exec <&-; echo \"$line\" >&2; }; read -r wait"),
                            mcpAuthProgram()});
    const QString url = parseJsonObject(program.readError()).value_or(QJsonObject()).value(u"url").toString();
    ASSERT_FALSE(url.isEmpty());
    Http::Client client;
    (void)wait(client.get(url));
    EXPECT_EQ(program.readError(), "2");
}

TEST(Serve, IsNotFullAtTheSoftLimitOfOpenFiles)
{
    RunningProgram program(QStringLiteral("/bin/sh"),
                           {QStringLiteral("-c"),
                            QStringLiteral("ulimit -Sn 128; exec \"$0\" serve --no-auth --format json"),
                            mcpAuthProgram()});
    const QString url = parseJsonObject(program.readLine()).value_or(QJsonObject()).value(u"url").toString();
    const auto port = quint16(QUrl(url).port());
    std::vector<std::unique_ptr<QTcpSocket>> idle;
    for (int i = 0; i < 200; ++i) {
        idle.push_back(std::make_unique<QTcpSocket>());
        idle.back()->connectToHost(QHostAddress(QHostAddress::LocalHost), port);
        ASSERT_TRUE(idle.back()->waitForConnected());
    }
    Http::Client client;
    const auto answer = post(&client, url, {}, R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{
        "protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"one more","version":"1"}}})");
    ASSERT_TRUE(answer) << answer.error().message.toStdString();
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(program.terminate(), 0);
}

TEST(Serve, APortInUseIsStatus2WithOneLine)
{
    RunningProgram first(mcpAuthProgram(), serveWords({QStringLiteral("--no-auth")}));
    const QString url = parseJsonObject(first.readLine()).value().value(u"url").toString();
    const QString port = url.section(u':', 2).section(u'/', 0, 0);
    const ProgramResult second =
        runProgram(mcpAuthProgram(), serveWords({QStringLiteral("--no-auth"), QStringLiteral("--port"), port}));
    EXPECT_EQ(second.status, 2);
    EXPECT_EQ(second.error.count('\n'), 1);
    EXPECT_TRUE(second.error.contains(port.toLatin1())) << second.error.constData();
}

// The first is killed, as a machine that fails is: nothing of the session is left but what the client has.
TEST(Serve, AServerWithTheSameKeyTakesASessionOver)
{
    QTemporaryFile key;
    ASSERT_TRUE(key.open());
    key.write(QByteArray(32, 'k'));
    key.close();
    const QStringList words =
        serveWords({QStringLiteral("--no-auth"), QStringLiteral("--session-key"), key.fileName()});
    const auto urlOf = [](RunningProgram &program) {
        return parseJsonObject(program.readLine()).value_or(QJsonObject()).value(u"url").toString();
    };
    RunningProgram first(mcpAuthProgram(), words);
    RunningProgram second(mcpAuthProgram(), words);
    RunningProgram stranger(mcpAuthProgram(), serveWords({QStringLiteral("--no-auth")}));
    Http::Client client;
    const QByteArray session = post(&client, urlOf(first), {}, hello).value().header("Mcp-Session-Id");
    first.terminate(SIGKILL);
    const auto statusAt = [&](RunningProgram &program) {
        Http::ClientRequest request;
        request.method = "POST";
        request.url = urlOf(program);
        request.body = R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})";
        request.headers.append("Content-Type", "application/json");
        request.headers.append("Mcp-Session-Id", QLatin1StringView(session));
        return wait(client.send(request)).value().status;
    };
    EXPECT_EQ(statusAt(second), 200);
    EXPECT_EQ(statusAt(stranger), 404);
}

TEST(Serve, ThreadsCheckTokensAndTakeEachOthersSessions)
{
    Demo::AuthorizationServer issuer;
    ASSERT_TRUE(issuer.start());
    RunningProgram program(mcpAuthProgram(), serveWords({QStringLiteral("--issuer"), issuer.issuer(),
                                                         QStringLiteral("--threads"), QStringLiteral("2")}));
    const QString url = parseJsonObject(program.readLine()).value_or(QJsonObject()).value(u"url").toString();
    const QByteArray token = issuer.mint({.audience = {url}}).value();
    QByteArray session;
    for (int i = 0; i < 20; ++i) {
        Http::Client client; // whose connection the system gives to one of the threads
        Http::ClientRequest request{.method = "POST", .url = url, .headers = {}, .body = hello, .stop = {}};
        request.headers.append("Content-Type", "application/json");
        request.headers.append("Accept", "application/json, text/event-stream");
        request.headers.append("Authorization", "Bearer " + token);
        if (i > 0) {
            request.body = R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})";
            request.headers.append("Mcp-Session-Id", QLatin1StringView(session));
        }
        const auto answer = wait(client.send(request));
        ASSERT_TRUE(answer) << answer.error().message.toStdString();
        ASSERT_EQ(answer->status, 200) << answer->body.constData();
        session = i > 0 ? session : answer->header("Mcp-Session-Id");
        const QJsonObject event = parseJsonObject(program.readLine()).value_or(QJsonObject());
        EXPECT_EQ(event.value(u"status").toInt(), 200);
        const auto refused = post(&client, url, "wrong", hello);
        EXPECT_EQ(refused.value().status, 401);
        EXPECT_EQ(parseJsonObject(program.readLine()).value_or(QJsonObject()).value(u"status").toInt(), 401);
    }
    EXPECT_EQ(program.terminate(), 0);
}

TEST(Serve, ThreadsTakeNoPortThatIsInUseAndNoOtherTransport)
{
    RunningProgram first(mcpAuthProgram(),
                         serveWords({QStringLiteral("--no-auth"), QStringLiteral("--threads"), QStringLiteral("2")}));
    const QString url = parseJsonObject(first.readLine()).value().value(u"url").toString();
    const QString port = url.section(u':', 2).section(u'/', 0, 0);
    for (const QStringList &words : {QStringList{QStringLiteral("--port"), port},
                                     QStringList{QStringLiteral("--transport"), QStringLiteral("sse")},
                                     QStringList{QStringLiteral("--transport"), QStringLiteral("stdio")}}) {
        const ProgramResult refused = runProgram(
            mcpAuthProgram(),
            serveWords({QStringLiteral("--no-auth"), QStringLiteral("--threads"), QStringLiteral("2")}) + words);
        EXPECT_EQ(refused.status, 2);
        EXPECT_EQ(refused.error.count('\n'), 1) << refused.error.constData();
    }
}

TEST(Serve, AKeyThatIsTooShortIsStatus2)
{
    QTemporaryFile key;
    ASSERT_TRUE(key.open());
    for (const QByteArray &bytes : {QByteArray(), QByteArray(31, 'k')}) {
        ASSERT_TRUE(key.resize(0) && key.seek(0));
        key.write(bytes);
        key.flush();
        const ProgramResult result =
            runProgram(mcpAuthProgram(),
                       serveWords({QStringLiteral("--no-auth"), QStringLiteral("--session-key"), key.fileName()}));
        EXPECT_EQ(result.status, 2);
        EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    }
}

TEST(Demo, TellsTheWholeStory)
{
    const ProgramResult result =
        runProgram(mcpAuthProgram(), {QStringLiteral("demo"), QStringLiteral("--format"), QStringLiteral("json")});
    EXPECT_EQ(result.status, 0) << result.output.constData();
    const QList<QByteArray> lines = result.output.trimmed().split('\n');
    constexpr const char *chapters[] = {
        "Is it compatible with MCP", "without a token", "gets a token", "whoami", "step-up", "refreshed",
        "signed with another key",   "another server",  "logs out"};
    ASSERT_EQ(lines.size(), std::ssize(chapters));
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const QJsonObject chapter = parseJsonObject(lines[i]).value_or(QJsonObject());
        EXPECT_EQ(chapter.value(u"asExpected"), QJsonValue(true)) << lines[i].constData();
        EXPECT_TRUE(chapter.value(u"title").toString().contains(QLatin1StringView(chapters[i])))
            << lines[i].constData();
    }
}

TEST(Serve, ServesWhoeverStartsItOnStandardInputAndOutput)
{
    const QByteArray input =
        R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"
        "\n"
        R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"add","arguments":{"a":2,"b":3}}})"
        "\n";
    const ProgramResult result = runProgram(mcpAuthProgram(), {u"serve"_s, u"--transport"_s, u"stdio"_s}, input);
    EXPECT_EQ(result.status, 0) << result.error.constData();
    EXPECT_EQ(result.error, "");
    const QByteArrayList lines = result.output.trimmed().split('\n');
    ASSERT_EQ(lines.size(), 2) << result.output.constData();
    EXPECT_EQ(parseJsonObject(lines.at(1)).value_or(QJsonObject()).value(u"result")[u"structuredContent"][u"sum"], 5);
}

TEST(Serve, TakesNoAuthorizationOnStandardInputAndOutput)
{
    for (const QStringList &words : {QStringList{u"--issuer"_s, u"https://issuer.example"_s},
                                     QStringList{u"--scope"_s, u"read"_s}, QStringList{u"--session-key"_s, u"key"_s}}) {
        const ProgramResult result =
            runProgram(mcpAuthProgram(), QStringList{u"serve"_s, u"--transport"_s, u"stdio"_s} + words);
        EXPECT_EQ(result.status, 2) << words.join(u' ').toStdString();
        EXPECT_EQ(result.output, "");
    }
}
