// A client whose server is a program: what goes wrong there. tests/interop has real servers.
#include "mcp/client.h"
#include "support/rawclient.h"
#include "support/result.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

#include <csignal>

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// A server in a few lines of shell. `answer RESULT` and `refuse CODE` reply to the request in $line, whose ID is $id.
QStringList shell(const QString &script)
{
    const QString functions =
        u"answer() { printf '{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}\\n' \"$id\" \"$1\"; }\n"
        u"refuse() { printf '{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%s,\"message\":\"no\"}}\\n' \"$id\" "
        u"\"$1\"; }\n"
        u"agree() { answer "
        u"'{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"serverInfo\":{\"name\":\"sh\",\"version\":\"1\"}}'"
        u"; }\n"
        u"next() { read -r line || exit 0; id=${line#*\\\"id\\\":}; id=${id%%[!0-9]*}; }\n"_s;
    return {u"/bin/sh"_s, u"-c"_s, functions + script};
}

/// A whole session; `request` is what becomes of each further request.
QStringList session(const QString &request)
{
    return shell(
        u"while next; do case $line in *'\"initialize\"'*) agree;; *'\"id\"'*) %1;; esac; done"_s.arg(request));
}

Mcp::ClientOptions sessionWith(const QStringList &command)
{
    return {.command = command, .revision = u"2025-11-25"_s, .keepsRevision = true, .name = u"tests"_s};
}

/// The ID that a script writes there; 0: none comes.
int processIn(const QString &fileName)
{
    int id = 0;
    const bool came = waitUntil([&] {
        QFile file(fileName);
        id = file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toInt() : 0;
        return id > 0;
    });
    return came ? id : 0;
}

} // namespace

TEST(ClientOfProgram, SaysWhyAProgramCannotBeStarted)
{
    Mcp::Client client(nullptr, {.command = {u"/nonexistent/server"_s}});
    const auto refused = wait(client.connectToServer());
    ASSERT_EQ(codeOf(refused), u"program_failed");
    EXPECT_TRUE(refused.error().message.contains(u"/nonexistent/server"_s));
    EXPECT_FALSE(client.isConnected());
}

TEST(ClientOfProgram, SaysHowAProgramEnded)
{
    Mcp::Client leaving(nullptr, sessionWith(shell(u"echo 'Listening on port 3000'; next; exit 3"_s)));
    const auto left = wait(leaving.connectToServer());
    ASSERT_EQ(codeOf(left), u"program_ended");
    EXPECT_EQ(left.error().details.value("exitCode"_L1), 3);
    EXPECT_TRUE(left.error().message.contains(u"Listening on port 3000"_s))
        << "what was no message says why, as a rule";
    Mcp::Client crashing(nullptr, sessionWith(shell(u"next; kill -ABRT $$"_s)));
    const auto crashed = wait(crashing.connectToServer());
    ASSERT_EQ(codeOf(crashed), u"program_ended");
    EXPECT_EQ(crashed.error().details.value("signal"_L1), SIGABRT);
}

// 2026-07-28 stdio, Unexpected Termination
TEST(ClientOfProgram, StartsAProgramAgainThatEnded)
{
    Mcp::Client client(nullptr, sessionWith(session(u"case $line in *crash*) exit 1;; *) answer '{}';; esac"_s)));
    EXPECT_TRUE(wait(client.request(u"ping"_s)));
    EXPECT_EQ(codeOf(wait(client.request(u"crash"_s))), u"program_ended");
    EXPECT_FALSE(client.isConnected());
    EXPECT_TRUE(wait(client.request(u"ping"_s)));
    wait(client.close());
}

TEST(ClientOfProgram, TakesNoHandshakeForOneOfAProgramThatHasEnded)
{
    QTemporaryDir folder;
    const QString marker = folder.filePath(u"second"_s);
    // The first run ends as soon as it has agreed; the second stays, and says what it was sent first.
    const QString script =
        u"if [ ! -e '%1' ]; then : > '%1'; next; agree; exit 0; fi; "
        u"next; case $line in *'\"initialize\"'*) agree;; *) exit 9;; esac; while next; do case $line in *'\"id\"'*) "
        u"answer '{}';; esac; done"_s.arg(marker);
    Mcp::Client client(nullptr, sessionWith(shell(script)));
    const auto first = wait(client.request(u"ping"_s));
    EXPECT_TRUE(first || first.error().code == u"session_expired" || first.error().code == u"program_ended")
        << first.error().message.toStdString();
    const auto second = wait(client.request(u"ping"_s));
    EXPECT_TRUE(second) << second.error().message.toStdString();
    wait(client.close());
}

// 2026-07-28 stdio, Backward Compatibility: "any other error, or does not respond"
TEST(ClientOfProgram, FallsBackToAHandshakeWhateverALegacyServerMakesOfTheProbe)
{
    for (const auto *probe : {"refuse -32601", "refuse -32000", "exit 1"}) {
        const QString script = u"while next; do case $line in *server/discover*) %1;; *'\"initialize\"'*) agree;; "
                               u"*'\"id\"'*) answer '{}';; esac; done"_s.arg(QLatin1StringView(probe));
        Mcp::Client client(nullptr, {.command = shell(script), .revision = u"2026-07-28"_s});
        EXPECT_TRUE(wait(client.request(u"ping"_s))) << probe;
        EXPECT_EQ(client.revision(), u"2025-11-25"_s) << probe;
        wait(client.close());
    }
}

TEST(ClientOfProgram, DoesNotFallBackWhereAModernServerRefuses)
{
    const QString script =
        u"next; printf '{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32022,\"message\":\"no\","
        u"\"data\":{\"supported\":[\"2027-01-01\"]}}}\\n' $id; while next; do exit 9; done"_s;
    Mcp::Client client(nullptr, {.command = shell(script), .revision = u"2026-07-28"_s});
    EXPECT_EQ(codeOf(wait(client.connectToServer())), u"protocol_version_refused");
    wait(client.close());
}

TEST(ClientOfProgram, ARequestHasItsTimeAndItsStopAndTheServerHearsOfBoth)
{
    QTemporaryDir folder;
    const QString log = folder.filePath(u"log"_s);
    const QString script =
        u"while next; do printf '%s\\n' \"$line\" >> '%1'; case $line in *'\"initialize\"'*) agree;; esac; "
        u"done"_s.arg(log);
    Mcp::Client client(nullptr, sessionWith(shell(script)));
    ASSERT_TRUE(wait(client.connectToServer()));
    EXPECT_EQ(codeOf(wait(client.request(u"one"_s, {}, {.timeout = 200ms}))), u"timeout");
    std::stop_source stop;
    auto stopped = client.request(u"two"_s, {}, {.stop = stop.get_token()});
    stop.request_stop();
    EXPECT_EQ(codeOf(wait(std::move(stopped))), u"cancelled");
    EXPECT_TRUE(waitUntil([&] {
        QFile file(log);
        return file.open(QIODevice::ReadOnly) && file.readAll().count("notifications/cancelled") == 2;
    }));
    wait(client.close());
}

TEST(ClientOfProgram, AnswersWhatTheProgramAsksAndHearsWhatItTells)
{
    const QString ask = u"printf '%s\\n' '{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}' "
                        u"'{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"roots/list\"}'; asked=$id; next; id=$asked; "
                        u"case $line in *file:///home*) answer '{\"ok\":true}';; *) refuse 1;; esac"_s;
    int heard = 0;
    Mcp::ClientOptions options = sessionWith(session(ask));
    options.features.listRoots = [](const QJsonObject &, const std::stop_token &) -> QCoro::Task<Result<QJsonObject>> {
        co_return QJsonObject{{u"roots"_s, QJsonArray{QJsonObject{{u"uri"_s, u"file:///home"_s}}}}};
    };
    options.features.onNotification = [&](const QString &, const QJsonObject &) { ++heard; };
    Mcp::Client client(nullptr, options);
    const auto answer = wait(client.request(u"tools/list"_s));
    ASSERT_TRUE(answer) << answer.error().message.toStdString();
    EXPECT_EQ(answer->value("ok"_L1), true);
    EXPECT_EQ(heard, 1);
    auto following = client.follow();
    wait(client.close());
    EXPECT_EQ(codeOf(wait(std::move(following))), u"cancelled");
}

TEST(ClientOfProgram, EndsAProgramThatWritesALineWithoutEnd)
{
    Mcp::Client client(nullptr, sessionWith(shell(u"next; exec cat /dev/zero"_s)));
    EXPECT_EQ(codeOf(wait(client.connectToServer())), u"body_too_large");
    wait(client.close());
}

TEST(ClientOfProgram, KeepsItsOwnSecretsOutOfTheProgramsEnvironment)
{
    qputenv("MCP_AUTH_TOKEN", "secret");
    qputenv("OTHER_API_KEY", "theirs");
    Mcp::Client client(nullptr,
                       sessionWith(session(u"answer \"{\\\"seen\\\":\\\"$MCP_AUTH_TOKEN$OTHER_API_KEY\\\"}\""_s)));
    const auto answer = wait(client.request(u"ping"_s));
    ASSERT_TRUE(answer) << answer.error().message.toStdString();
    EXPECT_EQ(answer->value("seen"_L1), u"theirs"_s);
    wait(client.close());
    qunsetenv("MCP_AUTH_TOKEN");
    qunsetenv("OTHER_API_KEY");
}

// 2026-07-28 stdio, Shutdown
TEST(ClientOfProgram, ClosesTheProgramsInputAndInsistsWhereThatIsNotEnough)
{
    QTemporaryDir folder;
    const QString marker = folder.filePath(u"ended"_s);
    Mcp::Client polite(
        nullptr,
        sessionWith(shell(u"trap '' TERM; next; agree; while read -r line; do :; done; : > '%1'"_s.arg(marker))));
    ASSERT_TRUE(wait(polite.connectToServer()));
    wait(polite.close());
    EXPECT_TRUE(QFile::exists(marker));

    const QString stubborn = u"trap '' TERM; next; agree; echo $$ > '%1'; while :; do sleep 1; done"_s.arg(marker);
    Mcp::Client client(nullptr, sessionWith(shell(stubborn)));
    ASSERT_TRUE(wait(client.connectToServer()));
    const int id = processIn(marker);
    ASSERT_GT(id, 0);
    wait(client.close());
    EXPECT_TRUE(waitUntil([&] { return ::kill(id, 0) != 0; }));
}

TEST(ClientOfProgram, EndsItsProgramWhenItIsDestroyed)
{
    QTemporaryDir folder;
    const QString marker = folder.filePath(u"id"_s);
    auto client =
        std::make_unique<Mcp::Client>(nullptr, sessionWith(shell(u"echo $$ > '%1'; exec sleep 60"_s.arg(marker))));
    auto connecting = client->connectToServer();
    const int id = processIn(marker);
    ASSERT_GT(id, 0);
    client.reset();
    EXPECT_EQ(codeOf(wait(std::move(connecting))), u"cancelled");
    EXPECT_TRUE(waitUntil([&] { return ::kill(id, 0) != 0; }));
}
