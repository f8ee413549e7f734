// mcp-auth login, by its contract: against `mcp-auth serve` and the embedded provider.
#include "demo/authorizationserver.h"
#include "oauth/step.h"
#include "running.h"

#include <QJsonArray>
#include <QTemporaryFile>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

class Login : public testing::Test
{
protected:
    void startProvider(const QSet<Demo::Fault> &faults = {})
    {
        Demo::AuthorizationServerOptions options;
        options.autoConsent = true;
        options.faults = faults;
        options.clients = {{.clientId = u"machine"_s,
                            .clientSecret = Secret("a secret of 20 bytes"),
                            .grantTypes = {u"client_credentials"_s},
                            .name = u"Machine"_s}};
        ASSERT_TRUE(provider.start(options));
        server = std::make_unique<RunningServer>(
            QStringList{u"--issuer"_s, provider.issuer(), u"--scope"_s, u"read:todos"_s});
    }

    [[nodiscard]] QStringList words(const QStringList &more = {}) const
    {
        return QStringList{u"login"_s, server->url(), u"--no-browser"_s} + more;
    }

    Demo::AuthorizationServer provider;
    std::unique_ptr<RunningServer> server;
};

} // namespace

TEST_F(Login, PrintsTheTokensAndTellsEachStep)
{
    startProvider();
    const Ended ended = runWithBrowser(words());
    EXPECT_EQ(ended.status, 0) << ended.error.constData();
    EXPECT_TRUE(ended.output.contains("access_token  eyJ")) << ended.output.constData();
    EXPECT_TRUE(ended.output.contains("scope")) << ended.output.constData();
    for (const QByteArray title : {"Challenge", "Resource metadata", "Registration", "Token", "Call"})
        EXPECT_TRUE(ended.error.contains("✔ " + title + ": ")) << ended.error.constData();
    EXPECT_FALSE(ended.error.contains("eyJ")) << "tokens go to standard output only";
}

TEST_F(Login, IsOneDocumentAsJson)
{
    startProvider();
    const Ended ended = runWithBrowser(words({u"--format"_s, u"json"_s}));
    ASSERT_EQ(ended.status, 0) << ended.error.constData();
    const QJsonObject document = ended.json();
    EXPECT_TRUE(document.value(u"access_token").toString().startsWith(u"eyJ"));
    EXPECT_EQ(document.value(u"issuer"), provider.issuer());
    EXPECT_EQ(document.value(u"resource"), server->url());
    ASSERT_EQ(document.value(u"steps").toArray().size(), 8);
    for (const QJsonValue step : document.value(u"steps").toArray())
        EXPECT_EQ(step[u"state"_s], u"done"_s) << step[u"step"_s].toString().toStdString();
}

TEST_F(Login, ItsTokenIsTakenByCall)
{
    startProvider();
    const QString token = runWithBrowser(words({u"--format"_s, u"json"_s})).json().value(u"access_token").toString();
    const ProgramResult called =
        runProgram(mcpAuthProgram(), {u"call"_s, server->url(), u"whoami"_s, u"--token"_s, u"-"_s}, token.toLatin1());
    EXPECT_EQ(called.status, 0) << called.error.constData();
    EXPECT_TRUE(called.output.contains("alice")) << called.output.constData();
}

TEST_F(Login, IsARefusalWhenTheProviderSaysNo)
{
    startProvider({Demo::Fault::ResourceRejected});
    const Ended ended = runWithBrowser(words({u"--format"_s, u"json"_s}));
    EXPECT_EQ(ended.status, 1) << ended.error.constData();
    EXPECT_FALSE(ended.json().value(u"error")[u"code"_s].toString().isEmpty()) << ended.output.constData();
    EXPECT_FALSE(ended.json().value(u"steps").toArray().isEmpty());
    EXPECT_TRUE(ended.error.contains("\nmcp-auth: ")) << ended.error.constData();
}

TEST_F(Login, CannotBeCarriedOutWithoutAServer)
{
    const ProgramResult result = runProgram(mcpAuthProgram(), {u"login"_s, u"http://127.0.0.1:9/mcp"_s});
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.output, "");
    EXPECT_TRUE(result.error.contains("mcp-auth: ")) << result.error.constData();
}

TEST_F(Login, SaysSoWhereNoTokenIsNeeded)
{
    const RunningServer open({u"--no-auth"_s});
    const ProgramResult result = runProgram(mcpAuthProgram(), {u"login"_s, open.url()});
    EXPECT_EQ(result.status, 1) << result.error.constData();
    EXPECT_EQ(result.output, "");
}

TEST_F(Login, TakesAMachinesSecretFromAFile)
{
    startProvider();
    QTemporaryFile secret;
    ASSERT_TRUE(secret.open());
    secret.write("a secret of 20 bytes\n");
    secret.close();
    const ProgramResult result =
        runProgram(mcpAuthProgram(), {u"login"_s, server->url(), u"--grant"_s, u"client_credentials"_s,
                                      u"--client-id"_s, u"machine"_s, u"--client-secret-file"_s, secret.fileName(),
                                      u"--authorization-server"_s, provider.issuer(), u"--format"_s, u"json"_s});
    ASSERT_EQ(result.status, 0) << result.error.constData();
    const QJsonObject document = parseJsonObject(result.output).value();
    EXPECT_TRUE(document.value(u"access_token").toString().startsWith(u"eyJ"));
    EXPECT_EQ(document.value(u"client_id"), u"machine"_s);
}

TEST_F(Login, SendsASecretAsItIsTold)
{
    startProvider();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"MCP_AUTH_CLIENT_SECRET"_s, u"a secret of 20 bytes"_s);
    const QStringList machine{
        u"--grant"_s,      u"client_credentials"_s, u"--client-id"_s, u"machine"_s, u"--authorization-server"_s,
        provider.issuer(), u"--format"_s,           u"json"_s};
    const auto methodOf = [&](const QStringList &more) {
        const Ended ended = runWithBrowser(words(machine + more), environment);
        EXPECT_EQ(ended.status, 0) << ended.error.constData();
        const QJsonArray steps = ended.json().value(u"steps").toArray();
        return steps.at(int(OAuth::StepKind::Registration))[u"details"_s][u"token_endpoint_auth_method"_s].toString();
    };
    EXPECT_EQ(methodOf({}), u"client_secret_basic");
    EXPECT_EQ(methodOf({u"--client-auth-method"_s, u"client_secret_post"_s}), u"client_secret_post");
}

TEST_F(Login, SendsNoSecretOfWhichNobodySaysWhereItBelongs) // 2026-07-28, Authorization Server Binding
{
    startProvider();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"MCP_AUTH_CLIENT_SECRET"_s, u"a secret of 20 bytes"_s);
    const Ended ended =
        runWithBrowser(words({u"--grant"_s, u"client_credentials"_s, u"--client-id"_s, u"machine"_s}), environment);
    EXPECT_EQ(ended.status, 2);
    EXPECT_TRUE(ended.error.contains("--authorization-server")) << ended.error.constData();
}

TEST_F(Login, TakesAMachinesSecretFromTheEnvironment)
{
    startProvider();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"MCP_AUTH_CLIENT_SECRET"_s, u"a secret of 20 bytes"_s);
    const Ended ended = runWithBrowser(words({u"--grant"_s, u"client_credentials"_s, u"--client-id"_s, u"machine"_s,
                                              u"--authorization-server"_s, provider.issuer()}),
                                       environment);
    EXPECT_EQ(ended.status, 0) << ended.error.constData();
}

TEST_F(Login, EndsWhenItIsInterruptedWhileItWaitsForTheBrowser)
{
    startProvider();
    RunningProgram program(mcpAuthProgram(), words());
    QByteArray line;
    do
        line = program.readError();
    while (!line.isNull() && !line.startsWith("http"));
    ASSERT_FALSE(line.isNull());
    EXPECT_EQ(program.terminate(), 2);
}

class LoginWithABadToken : public Login, public testing::WithParamInterface<Demo::Fault>
{
};

TEST_P(LoginWithABadToken, PrintsItAndIsNoSuccess)
{
    startProvider({GetParam()});
    const Ended ended = runWithBrowser(words({u"--format"_s, u"json"_s}));
    EXPECT_EQ(ended.status, 1) << ended.error.constData();
    EXPECT_EQ(ended.json().value(u"error")[u"code"_s], u"fresh_token_refused"_s) << ended.output.constData();
    EXPECT_FALSE(ended.json().value(u"access_token").toString().isEmpty()) << ended.output.constData();
    EXPECT_TRUE(ended.error.contains("mcp-auth: The MCP server refused the new token")) << ended.error.constData();
}

INSTANTIATE_TEST_SUITE_P(OfTheEmbeddedProvider, LoginWithABadToken,
                         testing::Values(Demo::Fault::WrongAudience, Demo::Fault::OpaqueTokens,
                                         Demo::Fault::ExpiredTokens, Demo::Fault::RotatedKeys),
                         [](const auto &fault) { return Demo::toString(fault.param).toStdString(); });
