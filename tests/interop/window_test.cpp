// The real window's Flow and Console pages, with a user at a real browser.
#include "interop/node.h"
#include "ui/support.h"
#include "ui/widgets/banner.h"

#include <QListView>
#include <QProcess>
#include <QSettings>
#include <QStandardPaths>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

class WindowLogin : public Interop
{
protected:
    void SetUp() override
    {
        ASSERT_NO_FATAL_FAILURE(Interop::SetUp());
        const QString chromium = QStandardPaths::findExecutable(u"chromium"_s);
        ASSERT_FALSE(chromium.isEmpty()) << "Chromium is not on the PATH; ./test installs it.";
        QSettings().clear();
        m_engine.flows()->setBrowser([this, chromium](const QUrl &url) {
            m_browser.start(nodeProgram(), nodeWords(u"browser.mjs"_s, {chromium, url.toString(QUrl::FullyEncoded)}));
            return true;
        });
        window.show();
        ASSERT_TRUE(waitFor([this] { return m_engine.server()->state().running; }));
        window.showPage(Ui::MainWindow::Flow);
    }

    void TearDown() override
    {
        if (m_browser.state() != QProcess::NotRunning)
            m_browser.kill();
        m_browser.waitForFinished();
    }

    /// By clicks alone, to a tool's answer.
    void signInAndCallWhoami()
    {
        click(&window, "flowRun");
        ASSERT_TRUE(waitFor([this] { return find<QWidget>(&window, "flowToConsole")->isVisible(); }, browserTimeout))
            << find<Ui::Banner>(&window, "flowBanner")->detail().toStdString();
        click(&window, "flowToConsole");
        auto *tools = find<QListView>(&window, "consoleOffers");
        ASSERT_TRUE(waitFor([tools] { return tools->model()->rowCount() > 0; }));
        tools->setCurrentIndex(tools->model()->index(0, 0));
        ASSERT_EQ(tools->currentIndex().data().toString(), u"whoami");
        click(&window, "consoleCall");
        auto *content = find<QPlainTextEdit>(&window, "consoleContentEditor");
        EXPECT_TRUE(waitFor([content] { return content->toPlainText().contains(u"\"alice\""); }))
            << content->toPlainText().toStdString();
    }

    static constexpr std::chrono::seconds browserTimeout{60};

private:
    QProcess m_browser;
    Ui::Engine m_engine;

protected:
    Ui::MainWindow window{&m_engine};
};

} // namespace

TEST_F(WindowLogin, AtACertifiedProviderEndsInACalledTool)
{
    const Listening provider(nodeProgram(),
                             nodeWords(u"provider.mjs"_s, {u"ES256"_s, u"--registration"_s, u"--interactions"_s}));
    const auto server = serve({u"--issuer"_s, provider.url(), u"--scope"_s, u"read:todos"_s});
    find<QComboBox>(&window, "flowUrl")->setEditText(server->url());
    signInAndCallWhoami();
}

TEST_F(WindowLogin, AtTheEmbeddedProviderEndsInACalledTool)
{
    auto *browser = find<QComboBox>(&window, "flowBrowser");
    browser->setCurrentIndex(browser->findData(int(Ui::FlowRequest::Browser::System)));
    signInAndCallWhoami();
}
