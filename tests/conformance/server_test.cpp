// `mcp-auth conformance-server` under the official suite: every server scenario that a revision requires, and those
// that it lists beside.
#include "conformance/suite.h"

#include <gtest/gtest.h>

using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

/// Of the suite's own extension for long-running calls, which this server does not have.
constexpr auto leftOut = "tasks-"_L1;

struct Revision
{
    const char *name;
    int required; ///< scenarios: fewer would mean that the suite was not read
};

} // namespace

class ServerScenarios : public testing::TestWithParam<Revision>
{
};

TEST_P(ServerScenarios, Pass)
{
    ASSERT_FALSE(suiteNode().isEmpty()) << "Node 22 is missing; ./test installs it, or tools/npm-install.";
    const QString revision = QString::fromLatin1(GetParam().name);
    RunningProgram server(mcpAuthProgram(), {u"conformance-server"_s});
    const QByteArray listening = server.readLine();
    ASSERT_TRUE(listening.startsWith("listening ")) << listening.constData();

    const QTemporaryDir folder;
    RunningProgram suite(suiteNode(),
                         {suiteProgram(), u"server"_s, u"--url"_s, QString::fromLatin1(listening.split(' ').value(1)),
                          u"--requirements"_s, revision, u"--output-dir"_s, folder.path()});
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
    EXPECT_GE(passed, GetParam().required);
}

INSTANTIATE_TEST_SUITE_P(Revisions, ServerScenarios,
                         testing::Values(Revision{"2025-11-25", 33}, Revision{"2026-07-28", 40}),
                         [](const auto &revision) {
                             return QString::fromLatin1(revision.param.name).remove(u'-').prepend(u'R').toStdString();
                         });
