#include "core/oauth/credentials.h"
#include "core/oauth/sessionfixture.h"
#include "keychain/keychainentries.h"
#include "support/program.h"
#include "support/result.h"

#include <QCoreApplication>
#include <QProcessEnvironment>
#include <QStandardPaths>
#include <QTemporaryDir>

namespace McpAuth::OAuth {
namespace {

using namespace Test;
using namespace Qt::StringLiterals;

// The tests below run in processes of their own, whose environment has a keychain, or none.

class KeychainInside : public testing::Test
{
protected:
    std::shared_ptr<CredentialStore> store = keychainCredentialStore(u"mcp-auth-tester tests"_s, before);
};

TEST_F(KeychainInside, DISABLED_Keeps)
{
    ASSERT_TRUE(wait(isKeychainAvailable()));
    EXPECT_EQ(wait(store->client(issuer)).value(), std::nullopt);
    EXPECT_EQ(wait(store->authorization(mcpUrl)).value(), std::nullopt);
    EXPECT_TRUE(wait(store->removeClient(issuer)));
    const auto stored = wait(store->storeClient(registered(u"https://other.example"_s)));
    ASSERT_TRUE(stored) << stored.error().message.toStdString();
    ASSERT_TRUE(wait(store->storeClient(registered())));
    ASSERT_TRUE(wait(store->storeAuthorization(granted())));
}

TEST_F(KeychainInside, DISABLED_Finds)
{
    expectSame(wait(store->client(issuer)).value().value(), registered());
    EXPECT_EQ(wait(store->authorization(mcpUrl)).value()->tokens.refreshToken.reveal(), "refresh");
    EXPECT_EQ(wait(keychainCredentialStore(u"mcp-auth-tester tests"_s, at(moment))->client(issuer)).value(),
              std::nullopt); // expired
    ASSERT_TRUE(wait(store->removeClient(issuer)));
    ASSERT_TRUE(wait(store->removeAuthorization(mcpUrl)));
    EXPECT_EQ(wait(store->client(issuer)).value(), std::nullopt);
    EXPECT_EQ(wait(store->authorization(mcpUrl)).value(), std::nullopt);
    EXPECT_NE(wait(store->client(u"https://other.example"_s)).value(), std::nullopt);
}

TEST_F(KeychainInside, DISABLED_IsMissed)
{
    EXPECT_FALSE(wait(isKeychainAvailable()));
    EXPECT_EQ(codeOf(wait(store->client(issuer))), u"keychain_unavailable");
    EXPECT_EQ(codeOf(wait(store->storeClient(registered()))), u"keychain_unavailable");
    EXPECT_EQ(codeOf(wait(store->removeAuthorization(mcpUrl))), u"keychain_unavailable");
}

const QString runDisabled = u"--gtest_also_run_disabled_tests"_s;
constexpr auto urlVariable = "MCP_AUTH_TEST_MCP_URL";

/// Two programs, each with a session over the one keychain.
class SessionInside : public SessionFixture
{
protected:
    SessionInside() { store = keychainCredentialStore(u"mcp-auth-tester tests"_s, clock.clock()); }

    bool waitForStored(const QString &url, const QByteArray &refreshToken)
    {
        return waitUntil([&] {
            const auto found = wait(store->authorization(url)).value_or(std::nullopt);
            return found && found->tokens.refreshToken.reveal() == refreshToken;
        });
    }
};

TEST_F(SessionInside, DISABLED_TakesWhatAnotherProcessHasRenewed)
{
    start();
    session->setAuthorization(earlier());
    ASSERT_TRUE(waitForStored(mcp.url(u"/mcp"_s), "old-refresh"));
    qputenv(urlVariable, mcp.url(u"/mcp"_s).toUtf8());
    const ProgramResult other =
        runProgram(QCoreApplication::applicationFilePath(),
                   {runDisabled, u"--gtest_filter=SessionInside.DISABLED_RenewsInAnotherProcess"_s});
    ASSERT_EQ(other.status, 0) << other.output.toStdString();
    ASSERT_EQ(tokenRequests(), 1);
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
    EXPECT_EQ(presentRefreshToken(), u"refresh-1");
    EXPECT_EQ(tokenRequests(), 1);
    EXPECT_EQ(flows(), 0);
}

TEST_F(SessionInside, DISABLED_RenewsInAnotherProcess)
{
    const QString url = qEnvironmentVariable(urlVariable);
    SessionOptions options;
    options.flow.mcpUrl = url;
    options.flow.clock = clock.clock();
    options.interactive = false;
    options.store = store;
    Session elsewhere(client.get(), options);
    EXPECT_EQ(tokenOf(wait(elsewhere.renew(Secret("old"), {}))), u"access-1");
    EXPECT_TRUE(waitForStored(url, "refresh-1"));
}

class Keychain : public testing::Test
{
protected:
    Keychain()
    {
        environment.remove(u"DBUS_SESSION_BUS_ADDRESS"_s);
        environment.remove(u"DISPLAY"_s); // no bus is started for it
        for (const auto &name : {u"GTEST_TOTAL_SHARDS"_s, u"GTEST_SHARD_INDEX"_s})
            environment.remove(name); // each runs the one test that is named
        for (const auto &name :
             {u"HOME"_s, u"XDG_RUNTIME_DIR"_s, u"XDG_DATA_HOME"_s, u"XDG_CONFIG_HOME"_s, u"XDG_CACHE_HOME"_s})
            environment.insert(name, home.path());
    }

    /// Runs a program to its end with this environment.
    [[nodiscard]] ProgramResult run(const QString &program, const QStringList &arguments) const
    {
        RunningProgram running(program, arguments, environment);
        ProgramResult result;
        for (QByteArray line = running.readLine(); !line.isNull(); line = running.readLine())
            result.output += line + '\n';
        result.status = running.terminate();
        result.error = running.standardError();
        return result;
    }

    QTemporaryDir home;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
};

// A session bus and a keyring of the test's own; the second program finds what the first has kept, and a third shares
// it with a fourth.
constexpr auto keyringScript = R"(
printf password | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
keyring=$!
tries=0
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
      string:org.freedesktop.secrets 2>&1 | grep -q 'boolean true'; do
  tries=$((tries + 1)); [ $tries -lt 600 ] || exit 90
  sleep 0.05
done
"$0" "$1" --gtest_filter=KeychainInside.DISABLED_Keeps
status=$?
grep -rqa refresh "$HOME" && status=91
"$0" "$1" --gtest_filter=KeychainInside.DISABLED_Finds || status=$?
"$0" "$1" --gtest_filter=SessionInside.DISABLED_TakesWhatAnotherProcessHasRenewed || status=$?
kill $keyring
wait $keyring
exit $status
)";

TEST_F(Keychain, KeepsCredentialsInTheSecretService)
{
    for (const auto &program : {u"dbus-run-session"_s, u"dbus-send"_s, u"gnome-keyring-daemon"_s}) {
        if (QStandardPaths::findExecutable(program).isEmpty())
            GTEST_SKIP() << program.toStdString() << " is not installed";
    }
    const ProgramResult result =
        run(u"dbus-run-session"_s, {u"--"_s, u"sh"_s, u"-c"_s, QString::fromLatin1(keyringScript),
                                    QCoreApplication::applicationFilePath(), runDisabled});
    EXPECT_EQ(result.status, 0) << result.output.toStdString() << result.error.toStdString();
    EXPECT_EQ(result.output.count("[  PASSED  ] 1 test."), 3) << result.output.toStdString();
}

TEST_F(Keychain, IsMissedWithoutASessionBus)
{
    for (const auto &address : {QString(), u"unix:path=/nonexistent/bus"_s}) {
        if (!address.isEmpty())
            environment.insert(u"DBUS_SESSION_BUS_ADDRESS"_s, address);
        const ProgramResult result = run(QCoreApplication::applicationFilePath(),
                                         {runDisabled, u"--gtest_filter=KeychainInside.DISABLED_IsMissed"_s});
        EXPECT_EQ(result.status, 0) << result.output.toStdString() << result.error.toStdString();
        EXPECT_EQ(result.output.count("[  PASSED  ] 1 test."), 1) << result.output.toStdString();
    }
}

} // namespace
} // namespace McpAuth::OAuth
