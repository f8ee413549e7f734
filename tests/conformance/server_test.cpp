// The server with the official suite's fixtures under the suite: every scenario that a revision requires, and those
// that it lists beside. Once as `mcp-auth conformance-server`, and once behind authorization, where nothing may change.
#include "conformance/suite.h"
#include "demo/authorizationserver.h"
#include "demo/conformancefixtures.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

/// Of an extension for long-running calls, which this server does not have.
constexpr auto leftOut = "tasks-"_L1;

struct Required
{
    const char *revision;
    int scenarios; ///< at least: fewer would mean that the suite was not read
};

class ServerScenarios : public testing::TestWithParam<Required>
{
protected:
    void SetUp() override
    {
        ASSERT_FALSE(suiteNode().isEmpty()) << "Node 22 is missing; ./test installs it, or tools/npm-install.";
    }

    static void expectPassed(const QString &url)
    {
        const QTemporaryDir folder;
        RunningProgram suite(suiteNode(), {suiteProgram(), u"server"_s, u"--url"_s, url, u"--requirements"_s,
                                           QString::fromLatin1(GetParam().revision), u"--output-dir"_s, folder.path()});
        while (!suite.readLine().isNull()) {
        }
        int passed = 0;
        for (const QString &scenario : scenariosIn(folder)) {
            if (scenario.contains(leftOut))
                continue;
            const QList<SuiteCheck> checks = checksIn(folder, scenario);
            EXPECT_FALSE(checks.isEmpty()) << scenario.toStdString();
            EXPECT_EQ(complaintsOf(checks), QStringList()) << scenario.toStdString();
            ++passed;
        }
        EXPECT_GE(passed, GetParam().scenarios);
    }
};

/// What a program that says "listening URL" says.
QString urlOf(RunningProgram &program)
{
    const QByteArray listening = program.readLine();
    EXPECT_TRUE(listening.startsWith("listening ")) << listening.constData();
    return QString::fromLatin1(listening.split(' ').value(1));
}

} // namespace

TEST_P(ServerScenarios, Pass)
{
    RunningProgram server(mcpAuthProgram(), {u"conformance-server"_s});
    expectPassed(urlOf(server));
}

TEST_P(ServerScenarios, PassBehindAuthorization)
{
    Demo::AuthorizationServer issuer;
    ASSERT_TRUE(issuer.start());
    Mcp::Server server({.name = u"behind"_s, .version = u"1"_s});
    ASSERT_TRUE(Demo::addConformanceFixtures(server));
    Mcp::ServerOptions options;
    options.authServers = {{.issuer = issuer.issuer()}};
    options.resource = u"https://mcp.example/mcp"_s;
    ASSERT_TRUE(server.listen(options));
    int refused = 0;
    QObject::connect(&server, &Mcp::Server::requestAnswered, &server,
                     [&](const Mcp::RequestEvent &event) { refused += event.status == 401 ? 1 : 0; });
    const auto token = issuer.mint({.audience = {options.resource}});
    ASSERT_TRUE(token);
    RunningProgram proxy(suiteNode(), {QStringLiteral(MCPAUTH_CONFORMANCE_DIR "/tokenproxy.mjs"), server.url(),
                                       QString::fromLatin1(*token)});
    expectPassed(urlOf(proxy) + u"/mcp"_s);
    EXPECT_EQ(refused, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Revisions, ServerScenarios, testing::Values(Required{"2025-11-25", 33}, Required{"2026-07-28", 40}),
    [](const auto &required) {
        return QString::fromLatin1(required.param.revision).remove(u'-').prepend(u'R').toStdString();
    });
