// `mcp-auth login` and `call --login` with a user at a real browser, at providers' own pages.
#include "interop/node.h"

#include <QStandardPaths>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

class BrowserLogin : public Interop
{
protected:
    void SetUp() override
    {
        ASSERT_NO_FATAL_FAILURE(Interop::SetUp());
        ASSERT_FALSE(chromium().isEmpty()) << "Chromium is not on the PATH; ./test installs it.";
    }

    static QString chromium() { return QStandardPaths::findExecutable(u"chromium"_s); }

    void startCertified()
    {
        m_provider = std::make_unique<Listening>(
            nodeProgram(), nodeWords(u"provider.mjs"_s, {u"ES256"_s, u"--registration"_s, u"--interactions"_s}));
        m_server = serve({u"--issuer"_s, m_provider->url(), u"--scope"_s, u"read:todos"_s});
    }

    void startEmbedded()
    {
        m_provider = std::make_unique<Listening>(mcpAuthProgram(), QStringList{u"provider"_s});
        m_server = serve({u"--issuer"_s, m_provider->url(), u"--scope"_s, u"read:todos"_s});
    }

    /// Runs the command, opens the URL that it names, and lets it come to its end.
    void run(const QStringList &words, const QStringList &browserWords = {})
    {
        RunningProgram program(mcpAuthProgram(), words + QStringList{u"--no-browser"_s, u"--wait"_s, u"60"_s});
        QByteArray line = program.readError();
        while (!line.isNull() && !line.startsWith("http")) {
            said += line + '\n';
            line = program.readError();
        }
        ASSERT_FALSE(line.isNull()) << said.constData();
        const QList<QJsonObject> pages =
            runScript(u"browser.mjs"_s, QStringList{chromium(), QString::fromLatin1(line)} + browserWords);
        page = pages.value(0);
        for (line = program.readError(); !line.isNull(); line = program.readError())
            said += line + '\n';
        for (line = program.readLine(); !line.isNull(); line = program.readLine())
            output += line + '\n';
        status = program.terminate();
    }

    [[nodiscard]] QString url() const { return m_server->url(); }
    [[nodiscard]] QString lastPage() const { return page.value(u"text").toString(); }

    QJsonObject page;
    QByteArray said;
    QByteArray output;
    int status = -1;

private:
    std::unique_ptr<Listening> m_provider;
    std::unique_ptr<Listening> m_server;
};

} // namespace

TEST_F(BrowserLogin, AtACertifiedProviderEndsInACalledTool)
{
    startCertified();
    run({u"call"_s, url(), u"whoami"_s, u"--login"_s});
    EXPECT_EQ(status, 0) << said.constData() << argument(page).toStdString();
    EXPECT_TRUE(output.contains("alice")) << output.constData();
    EXPECT_TRUE(page.value(u"url").toString().endsWith(u"/callback")) << argument(page).toStdString();
}

TEST_F(BrowserLogin, AtTheEmbeddedProviderEndsInACalledTool)
{
    startEmbedded();
    run({u"call"_s, url(), u"whoami"_s, u"--login"_s});
    EXPECT_EQ(status, 0) << said.constData() << argument(page).toStdString();
    EXPECT_TRUE(output.contains("alice")) << output.constData();
    EXPECT_TRUE(page.value(u"url").toString().endsWith(u"/callback")) << argument(page).toStdString();
}

TEST_F(BrowserLogin, ThatTheUserDeniesIsARefusal)
{
    startEmbedded();
    run({u"login"_s, url()}, {u"--deny"_s});
    EXPECT_EQ(status, 1) << said.constData();
    EXPECT_EQ(output, "");
    EXPECT_TRUE(said.contains("access_denied")) << said.constData();
    EXPECT_TRUE(page.value(u"url").toString().endsWith(u"/callback")) << argument(page).toStdString();
}
