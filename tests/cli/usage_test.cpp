// What every command shares: --help, --version, usage errors, exit statuses.
#include "support/program.h"
#include "support/result.h"

using namespace McpAuth::Test;

class CommandHelp : public testing::TestWithParam<const char *>
{
};

TEST_P(CommandHelp, HasAnExample)
{
    const ProgramResult result =
        runProgram(mcpAuthProgram(), {QString::fromLatin1(GetParam()), QStringLiteral("--help")});
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(result.output.contains("Example: mcp-auth " + QByteArray(GetParam())));
    EXPECT_EQ(result.error, "");
}

INSTANTIATE_TEST_SUITE_P(Cli, CommandHelp,
                         testing::Values("check", "verify", "serve", "demo", "login", "call", "mint",
                                         "conformance-client"));

TEST(Cli, TellsItsVersion)
{
    const ProgramResult result = runProgram(mcpAuthProgram(), {QStringLiteral("--version")});
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(result.output.startsWith("mcp-auth 0.")) << result.output.constData();
}

// As in a job of a CI that sets no locale.
TEST(Cli, AnswersInOneLineInALocaleWithoutUtf8)
{
    const ProgramResult result =
        runProgram(QStringLiteral("/usr/bin/env"),
                   {QStringLiteral("LC_ALL=C"), mcpAuthProgram(), QStringLiteral("verify"), QStringLiteral("töken"),
                    QStringLiteral("--key"), QStringLiteral("/nonexistent/kéy.pem")});
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    EXPECT_TRUE(result.error.contains("kéy.pem")) << result.error.constData();
}

class UsageError : public testing::TestWithParam<const char *>
{
};

TEST_P(UsageError, IsOneLineAndStatus2)
{
    const QStringList words = QString::fromLatin1(GetParam()).split(u' ', Qt::SkipEmptyParts);
    const ProgramResult result = runProgram(mcpAuthProgram(), words);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    EXPECT_TRUE(result.error.startsWith("mcp-auth: ")) << result.error.constData();
}

INSTANTIATE_TEST_SUITE_P(
    Cli, UsageError,
    testing::Values(
        "", "unknown", "check", "check https://a.example --format yaml",
        "check https://a.example --revision 1999-01-01", "check https://a.example --timeout soon", "verify",
        "verify token", "verify token --secret a --key b", "verify token --secret a --algorithm XS1",
        "verify token --secret a --at yesterday", "verify token --secret a --leeway -1",
        "verify token --batch --secret a", "verify token --key /nonexistent/key.pem",
        "verify token --jwks /nonexistent/keys.json", "serve", "serve --no-auth --issuer https://a.example",
        "serve --no-auth --host localhost", "serve --no-auth --port 70000", "serve --no-auth --tool-scope whoami=x",
        "serve --no-auth --jwks keys.json", "serve --no-auth --scope a", "serve --no-auth --allow-origin app.example",
        "serve --no-auth --allow-origin https://app.example/", "serve --no-auth --allow-origin https://app.example:443",
        "serve --no-auth --allow-host mcp.example:8443", "serve --no-auth --allow-host https://mcp.example",
        "serve --no-auth --audience a", "serve --no-auth --mode authorization-server",
        "serve --no-auth --show-error-details", "serve --issuer https://a.example --tool-scope whoami",
        "serve --no-auth --path mcp", "serve --issuer http://127.0.0.1:9", "login",
        "login http://127.0.0.1:9/mcp --revision 1999-01-01", "login http://127.0.0.1:9/mcp --grant password",
        "login http://127.0.0.1:9/mcp --client-key /nonexistent",
        "login http://127.0.0.1:9/mcp --client-secret-file /nonexistent --client-id a",
        "login http://127.0.0.1:9/mcp --client-auth-method none",
        "login http://127.0.0.1:9/mcp --client-id a --client-auth-method client_secret_post",
        "login http://127.0.0.1:9/mcp --client-id a --client-auth-method private_key_jwt",
        "login http://127.0.0.1:9/mcp --client-id a --client-auth-method tls_client_auth",
        "login http://127.0.0.1:9/mcp --assertion-audience anybody",
        "login http://127.0.0.1:9/mcp --client-id a --assertion-audience token-endpoint", "call",
        "call http://127.0.0.1:9/mcp", "mint", "mint --demo --lifetime soon", "conformance-client",
        "conformance-client http://127.0.0.1:9/mcp", "demo --format xml"));

class UnwritableOutput : public testing::TestWithParam<const char *>
{
};

TEST_P(UnwritableOutput, IsStatus2WithOneLine)
{
    const QString command = QStringLiteral("echo token | \"$0\" %1 > /dev/full").arg(QLatin1StringView(GetParam()));
    const ProgramResult result =
        runProgram(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), command, mcpAuthProgram()});
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    EXPECT_TRUE(result.error.contains("Standard output")) << result.error.constData();
}

INSTANTIATE_TEST_SUITE_P(Cli, UnwritableOutput,
                         testing::Values("demo", "demo --format json", "mint --demo", "mint --demo --format json",
                                         "serve --no-auth", "serve --no-auth --format json", "verify - --secret s",
                                         "verify --batch --secret s"));
