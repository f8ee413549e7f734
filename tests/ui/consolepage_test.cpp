#include "mcp/endpoint.h"
#include "support.h"
#include "ui/console/consolepage.h"
#include "ui/console/resultpane.h"
#include "ui/widgets/banner.h"

#include <QClipboard>
#include <QCoroFuture>
#include <QLabel>
#include <QListView>
#include <QPromise>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTcpServer>
#include <QTreeView>

#include <gmock/gmock.h>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using Test::click;
using Test::codeOf;
using Test::find;
using Test::namelessInputs;
using Test::wait;
using Test::waitFor;

/// An MCP server without auth, whose tool `slow` answers when it is told to.
class SlowServer
{
public:
    SlowServer()
        : m_server(m_router)
    {
        m_answer.start();
        Mcp::Tool slow;
        slow.name = u"slow"_s;
        slow.inputSchema = {{u"type"_s, u"object"_s}};
        slow.handler = [this](const QJsonObject &, const Mcp::Context &) {
            ++calls;
            return answered(m_answer.future());
        };
        EXPECT_TRUE(endpoint.addTool(slow));
        endpoint.mount(m_router.get(), "/mcp");
        EXPECT_TRUE(m_server.listen());
    }
    ~SlowServer() { m_answer.finish(); }

    [[nodiscard]] QString url() const { return m_server.origin() + u"/mcp"_s; }
    void answer() { m_answer.finish(); }

    Mcp::Endpoint endpoint{{.eras = Mcp::Eras::Legacy}};
    int calls = 0;

private:
    static QCoro::Task<Mcp::ToolResult> answered(QFuture<void> told)
    {
        co_await qCoro(told).waitForFinished();
        co_return Mcp::ToolResult::text(u"at last"_s);
    }

    QPromise<void> m_answer;
    std::shared_ptr<Http::Router> m_router = std::make_shared<Http::Router>();
    Http::Server m_server;
};

/// Gives a token that is known to be good, when it is told to.
class SlowTokenEndpoint
{
public:
    explicit SlowTokenEndpoint(const Secret &token)
        : m_token(QString::fromLatin1(token.reveal()))
        , m_server([this](const Http::Request &) {
            ++requests;
            return answered(m_answer.future(), m_token);
        })
    {
        m_answer.start();
        EXPECT_TRUE(m_server.listen());
    }
    ~SlowTokenEndpoint() { m_answer.finish(); }

    [[nodiscard]] QString url() const { return m_server.origin() + u"/token"_s; }
    void answer() { m_answer.finish(); }

    int requests = 0;

private:
    static QCoro::Task<Http::Response> answered(QFuture<void> told, QString token)
    {
        co_await qCoro(told).waitForFinished();
        co_return Http::Response::json(200, {{u"access_token"_s, token},
                                             {u"token_type"_s, u"Bearer"_s},
                                             {u"refresh_token"_s, u"another"_s},
                                             {u"expires_in"_s, 600}});
    }

    QPromise<void> m_answer;
    QString m_token;
    Http::Server m_server;
};

/// What tests of the page alone and within the window share.
class ConsoleTest : public testing::Test
{
protected:
    void startEngine()
    {
        QSettings().clear();
        engine = std::make_unique<Engine>();
        ASSERT_TRUE(wait(engine->issuer()->start()));
        Mcp::ServerOptions options;
        options.authServers = {{.issuer = engine->issuer()->url(), .type = Metadata::ServerType::OAuth}};
        ASSERT_TRUE(wait(engine->server()->start(options)));
    }

    OAuth::Authorization authorize(const QStringList &scopes = {}, Keeping keeping = Keeping::Nowhere)
    {
        FlowRequest request;
        request.options.mcpUrl = engine->server()->state().url;
        request.options.scopes = scopes;
        request.browser = FlowRequest::Browser::SignedIn;
        request.keeping = keeping;
        auto outcome = wait(engine->flows()->run(request));
        EXPECT_TRUE(outcome) << outcome.error().message.toStdString();
        return outcome.value_or(OAuth::Authorization());
    }

    [[nodiscard]] Banner *banner() const { return find<Banner>(root, "consoleBanner"); }
    [[nodiscard]] std::string said() const { return (banner()->title() + u" / "_s + banner()->detail()).toStdString(); }
    [[nodiscard]] bool isBusy() const { return find<QWidget>(root, "consoleCancel")->isEnabled(); }
    [[nodiscard]] QListView *tools() const { return find<QListView>(root, "consoleOffers"); }
    /// Without the spaces that make it readable.
    [[nodiscard]] QString contentJson() const
    {
        return QString::fromUtf8(toJsonText(parseJsonObject(content().toUtf8()).value_or(QJsonObject())));
    }
    [[nodiscard]] QString content() const { return find<QPlainTextEdit>(root, "consoleContentEditor")->toPlainText(); }
    [[nodiscard]] QString token() const { return find<QLabel>(root, "consoleToken")->text(); }
    [[nodiscard]] QAbstractItemModel *history() const { return find<QTableView>(root, "consoleHistory")->model(); }
    [[nodiscard]] QString historyText(int row, int column) const
    {
        return history()->index(row, column).data().toString();
    }

    [[nodiscard]] bool isConnected() const
    {
        return find<QWidget>(root, "consoleDisconnect")->isEnabled() && !isBusy();
    }

    bool select(const QString &tool)
    {
        for (int row = 0; row < tools()->model()->rowCount(); ++row) {
            const QModelIndex index = tools()->model()->index(row, 0);
            if (index.data().toString() == tool)
                tools()->setCurrentIndex(index);
        }
        return tools()->currentIndex().data().toString() == tool;
    }

    /// By the form, to its end.
    bool callAdd(const QString &a, const QString &b)
    {
        if (!select(u"add"_s))
            return false;
        find<QLineEdit>(root, "consoleField_a")->setText(a);
        find<QLineEdit>(root, "consoleField_b")->setText(b);
        click(root, "consoleCall");
        return finish();
    }

    bool finish()
    {
        return waitFor([&] { return !isBusy(); });
    }

    std::unique_ptr<Engine> engine;
    QWidget *root = nullptr; ///< the page, or the window it is in
};

class ConsolePageTest : public ConsoleTest
{
protected:
    void SetUp() override
    {
        startEngine();
        page = std::make_unique<ConsolePage>(engine.get());
        page->resize(1100, 560);
        page->show();
        root = page.get();
    }

    void TearDown() override
    {
        page.reset();
        engine.reset();
    }

    bool connectTo(const OAuth::Authorization &authorization)
    {
        page->setAuthorization(authorization);
        return waitFor([&] { return isConnected(); });
    }

    void setUrl(const QString &url) { find<QComboBox>(root, "consoleUrl")->setEditText(url); }

    /// Renewals that were sent so far.
    [[nodiscard]] qsizetype renewals() const
    {
        return std::ranges::count_if(engine->exchangeLog()->exchanges(), [](const Http::Exchange &exchange) {
            return exchange.direction == Http::Exchange::Direction::Made && exchange.purpose == "console token"_L1 &&
                   exchange.requestBody.contains("grant_type=refresh_token");
        });
    }

    std::unique_ptr<ConsolePage> page;
};

class ConsoleInWindowTest : public ConsoleTest
{
protected:
    void SetUp() override
    {
        QSettings().clear();
        engine = std::make_unique<Engine>();
        window = std::make_unique<MainWindow>(engine.get());
        window->show();
        root = window.get();
        ASSERT_TRUE(waitFor([&] { return engine->server()->state().running; }));
        window->showPage(MainWindow::Console);
    }

    void TearDown() override
    {
        window.reset();
        engine.reset();
    }

    bool connectTo(const OAuth::Authorization &authorization)
    {
        find<ConsolePage>(root, "consolePage")->setAuthorization(authorization);
        return waitFor([&] { return isConnected(); });
    }

    std::unique_ptr<MainWindow> window;
};

} // namespace

TEST_F(ConsolePageTest, ConnectsAndListsTheToolsInEveryRevision)
{
    const OAuth::Authorization given = authorize();
    auto *revision = find<QComboBox>(root, "consoleRevision");
    ASSERT_EQ(revision->count(), 4);
    EXPECT_EQ(find<QComboBox>(root, "consoleUrl")->currentText(), engine->server()->state().url);
    for (int i = 0; i < revision->count(); ++i) {
        revision->setCurrentIndex(i);
        ASSERT_TRUE(connectTo(given)) << said();
        EXPECT_EQ(banner()->level(), Level::Ok) << said();
        EXPECT_EQ(tools()->model()->rowCount(), 5);
        click(root, "consoleDisconnect");
        EXPECT_FALSE(isConnected());
        EXPECT_EQ(tools()->model()->rowCount(), 0);
    }
}

TEST_F(ConsolePageTest, CallsByTheFormAndShowsAllSidesOfTheResult)
{
    ASSERT_TRUE(connectTo(authorize()));
    ASSERT_TRUE(callAdd(u"2"_s, u"0.5"_s));
    EXPECT_EQ(banner()->level(), Level::Ok) << said();
    EXPECT_TRUE(banner()->aside().endsWith(u"ms"_s));
    EXPECT_EQ(contentJson(), u"{\"sum\":2.5}");
    EXPECT_EQ(find<QTreeView>(root, "consoleTreeView")->model()->index(0, 1).data().toString(), u"2.5");
    EXPECT_TRUE(find<QPlainTextEdit>(root, "consoleResultJsonEditor")->toPlainText().contains(u"structuredContent"_s));
    auto *request = find<QPlainTextEdit>(root, "consoleRequestEditor");
    EXPECT_TRUE(waitFor([&] { return request->toPlainText().contains(u"tools/call"_s); }));
    EXPECT_TRUE(find<QPlainTextEdit>(root, "consoleResponseEditor")->toPlainText().startsWith(u"HTTP/1.1 200"_s));
}

TEST_F(ConsolePageTest, CallsByRawJsonAndByKey)
{
    ASSERT_TRUE(connectTo(authorize()));
    ASSERT_TRUE(select(u"add"_s));
    find<QTabWidget>(root, "consoleArguments")->setCurrentIndex(1);
    auto *editor = find<QPlainTextEdit>(root, "consoleJsonEditor");
    editor->setPlainText(u"{\"a\": 40, \"b\": 2"_s);
    EXPECT_FALSE(find<QWidget>(root, "consoleCall")->isEnabled()) << "no JSON, no call";
    editor->setPlainText(u"{\"a\": 40, \"b\": 2}"_s);
    EXPECT_EQ(find<QLineEdit>(root, "consoleField_a")->text(), u"40");
    page->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(page.get()));
    editor->setFocus();
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
    ASSERT_TRUE(waitFor([&] { return history()->rowCount() == 1; }));
    EXPECT_EQ(contentJson(), u"{\"sum\":42}");
}

TEST_F(ConsolePageTest, ShowsWhoTheTokenMakesUs)
{
    const OAuth::Authorization given = authorize();
    ASSERT_TRUE(connectTo(given));
    EXPECT_TRUE(token().contains(u"alice"_s)) << token().toStdString();
    EXPECT_FALSE(token().contains(QString::fromLatin1(given.tokens.accessToken.reveal())));
    ASSERT_TRUE(select(u"whoami"_s));
    click(root, "consoleCall");
    ASSERT_TRUE(finish());
    EXPECT_TRUE(contentJson().contains(u"\"subject\":\"alice\""_s)) << content().toStdString();
    auto *request = find<QPlainTextEdit>(root, "consoleRequestEditor");
    ASSERT_TRUE(waitFor([&] { return request->toPlainText().contains(u"whoami"_s); }));
    const QByteArray exchange = request->toPlainText().toUtf8();
    EXPECT_TRUE(exchange.toLower().contains("authorization"));
    EXPECT_FALSE(exchange.contains(given.tokens.accessToken.reveal()));
}

TEST_F(ConsolePageTest, ShowsTheToolsOwnNoAsItsOwn)
{
    ASSERT_TRUE(connectTo(authorize()));
    ASSERT_TRUE(select(u"delete_todo"_s));
    find<QLineEdit>(root, "consoleField_id")->setText(u"77"_s);
    click(root, "consoleCall");
    ASSERT_TRUE(finish());
    EXPECT_EQ(banner()->level(), Level::Warning);
    EXPECT_EQ(banner()->title(), u"delete_todo returned an error") << said();
    EXPECT_EQ(historyText(0, CallHistory::Status), u"tool's no");
}

TEST_F(ConsolePageTest, DoesNotSendWhatTheFormFindsWrong)
{
    ASSERT_TRUE(connectTo(authorize()));
    ASSERT_TRUE(select(u"add"_s));
    find<QLineEdit>(root, "consoleField_a")->setText(u"two"_s);
    click(root, "consoleCall");
    EXPECT_FALSE(isBusy());
    EXPECT_EQ(banner()->level(), Level::Warning);
    EXPECT_TRUE(find<QLabel>(root, "consoleProblem_a")->isVisible());
    EXPECT_EQ(history()->rowCount(), 0);
}

TEST_F(ConsolePageTest, RenewsAnExpiredTokenUnseenAndOnlyOnce)
{
    engine->issuer()->setSettings({.tokenLifetime = std::chrono::seconds(1)});
    const OAuth::Authorization given = authorize();
    ASSERT_FALSE(given.tokens.refreshToken.isEmpty());
    ASSERT_TRUE(connectTo(given)) << said();
    ASSERT_TRUE(select(u"whoami"_s));
    ASSERT_TRUE(waitFor([&] { return token().contains(u"the next call renews it"_s); })) << token().toStdString();
    engine->issuer()->setSettings({.tokenLifetime = std::chrono::seconds(600)});
    const qsizetype before = renewals();
    for (int call = 0; call < 3; ++call) {
        click(root, "consoleCall");
        ASSERT_TRUE(finish());
        EXPECT_EQ(banner()->level(), Level::Ok) << said();
    }
    EXPECT_TRUE(waitFor([&] { return renewals() == before + 1; }));
    EXPECT_TRUE(token().contains(u"renewed at"_s)) << token().toStdString();
    EXPECT_TRUE(token().contains(u"expires in"_s)) << token().toStdString();
    for (int row = 0; row < history()->rowCount(); ++row)
        EXPECT_EQ(historyText(row, CallHistory::Status), u"ok");
}

TEST_F(ConsolePageTest, LeadsToTheFlowWhereAnExpiredTokenCannotBeRenewed)
{
    engine->issuer()->setSettings({.tokenLifetime = std::chrono::seconds(1)});
    OAuth::Authorization given = authorize();
    given.tokens.refreshToken = {};
    ASSERT_TRUE(connectTo(given)) << said();
    ASSERT_TRUE(select(u"whoami"_s));
    ASSERT_TRUE(waitFor([&] { return systemClock()() > *given.tokens.expiresAt; }));
    click(root, "consoleCall");
    ASSERT_TRUE(finish());
    EXPECT_EQ(banner()->title(), u"The server requires a token") << said();
    EXPECT_EQ(historyText(0, CallHistory::Status), u"401");
    QString url;
    QObject::connect(page.get(), &ConsolePage::tokenRequested, page.get(), [&](const QString &asked) { url = asked; });
    click(root, "bannerAction");
    EXPECT_EQ(url, engine->server()->state().url);
}

TEST_F(ConsolePageTest, ShowsATokenToNoOtherServer)
{
    SlowServer other;
    ASSERT_TRUE(connectTo(authorize()));
    click(root, "consoleDisconnect");
    setUrl(other.url());
    click(root, "consoleConnect");
    ASSERT_TRUE(waitFor([&] { return isConnected(); })) << said();
    EXPECT_TRUE(token().startsWith(u"No token"_s)) << token().toStdString();
    for (const Http::Exchange &exchange : engine->exchangeLog()->exchanges()) {
        const bool hasToken = exchange.requestHeaders.contains(QHttpHeaders::WellKnownHeader::Authorization);
        EXPECT_FALSE(hasToken && exchange.url.startsWith(other.url()));
    }
}

TEST_F(ConsolePageTest, LogsOutAndHasTheTokensRevoked)
{
    ASSERT_TRUE(connectTo(authorize()));
    click(root, "consoleForget");
    EXPECT_FALSE(isConnected());
    EXPECT_TRUE(token().startsWith(u"No token"_s));
    ASSERT_TRUE(waitFor([&] { return banner()->title() == u"Logged out"; })) << said();
    const auto isRevocation = [](const Http::Exchange &exchange) {
        return exchange.url.endsWith(u"/revoke") && exchange.purpose == "console token"_L1 && exchange.status == 200;
    };
    EXPECT_TRUE(waitFor([&] { return std::ranges::count_if(engine->exchangeLog()->exchanges(), isRevocation) == 2; }));
    click(root, "consoleConnect");
    ASSERT_TRUE(finish());
    EXPECT_EQ(banner()->title(), u"The server requires a token") << said();
}

TEST_F(ConsolePageTest, SaysWhenTheProviderDidNotRevoke)
{
    OAuth::Authorization authorization = authorize();
    authorization.server.revocationEndpoint = u"http://127.0.0.1:1/revoke"_s;
    ASSERT_TRUE(connectTo(authorization));
    click(root, "consoleForget");
    ASSERT_TRUE(waitFor([&] { return banner()->title().contains(u"not revoked"); })) << said();
    EXPECT_TRUE(token().startsWith(u"No token"_s));
}

TEST_F(ConsolePageTest, WhatIsKeptServesTheNextFlowAndTheNextConnectionUntilTheLogOut)
{
    const QString first = authorize({}, Keeping::Memory).client.clientId;
    EXPECT_EQ(authorize({}, Keeping::Memory).client.clientId, first); // no second registration
    EXPECT_NE(authorize().client.clientId, first);
    const ClientRequest kept{.url = engine->server()->state().url,
                             .revision = OAuth::FlowOptions().revision,
                             .authorization = {},
                             .keeping = Keeping::Memory};
    EXPECT_TRUE(wait(engine->connection()->open(kept)));
    ClientRequest none = kept;
    none.keeping = Keeping::Nowhere;
    EXPECT_EQ(codeOf(wait(engine->connection()->open(none))), u"authorization_required");
    EXPECT_TRUE(wait(engine->connection()->logOut(kept)));
    EXPECT_EQ(codeOf(wait(engine->connection()->open(kept))), u"authorization_required");
}

TEST_F(ConsolePageTest, LogsOutThoughARenewalIsUnderWay)
{
    OAuth::Authorization authorization = authorize();
    const ClientRequest kept{.url = engine->server()->state().url,
                             .revision = OAuth::FlowOptions().revision,
                             .authorization = {},
                             .keeping = Keeping::Memory};
    ClientRequest first = kept;
    first.authorization = authorization;
    ASSERT_TRUE(wait(engine->connection()->open(first)));

    SlowTokenEndpoint tokens(authorization.tokens.accessToken);
    authorization.server.tokenEndpoint = tokens.url();
    authorization.server.revocationEndpoint.reset();
    authorization.tokens.expiresAt = systemClock()();
    engine->connection()->setAuthorization(authorization);
    auto renewing = engine->connection()->call(
        {.offer = {.name = u"whoami"_s}, .arguments = {}, .timeout = std::chrono::seconds(10)});
    ASSERT_TRUE(waitFor([&] { return tokens.requests == 1; }));
    engine->connection()->close();
    auto loggedOut = engine->connection()->logOut(kept);
    tokens.answer();
    EXPECT_TRUE(wait(std::move(loggedOut)));
    EXPECT_EQ(codeOf(wait(std::move(renewing)).result), u"cancelled");
    EXPECT_EQ(codeOf(wait(engine->connection()->open(kept))), u"authorization_required");
}

TEST_F(ConsolePageTest, LogsOutOfEveryStoreThatMayHaveTheTokens)
{
    authorize({}, Keeping::Memory);
    ClientRequest kept{.url = engine->server()->state().url,
                       .revision = OAuth::FlowOptions().revision,
                       .authorization = {},
                       .keeping = Keeping::Nowhere};
    EXPECT_TRUE(wait(engine->connection()->logOut(kept)));
    kept.keeping = Keeping::Memory;
    EXPECT_EQ(codeOf(wait(engine->connection()->open(kept))), u"authorization_required");
}

TEST_F(ConsolePageTest, RevokesWhatTheScreenHasBesideWhatIsKept)
{
    authorize({}, Keeping::Memory);
    ClientRequest request{.url = engine->server()->state().url,
                          .revision = OAuth::FlowOptions().revision,
                          .authorization = authorize(),
                          .keeping = Keeping::Nowhere};
    EXPECT_TRUE(wait(engine->connection()->logOut(request)));
    const auto isRevocation = [](const Http::Exchange &exchange) {
        return exchange.url.endsWith(u"/revoke") && exchange.status == 200 &&
               exchange.direction == Http::Exchange::Direction::Made;
    };
    EXPECT_TRUE(waitFor([&] { return std::ranges::count_if(engine->exchangeLog()->exchanges(), isRevocation) == 4; }));
}

TEST_F(ConsolePageTest, APastedTokenLeavesWhatIsKeptAlone)
{
    authorize({}, Keeping::Memory);
    QSettings().setValue(u"flow/keeping"_s, int(Keeping::Memory));
    OAuth::Authorization pasted;
    pasted.mcpUrl = engine->server()->state().url;
    pasted.tokens.accessToken = authorize().tokens.accessToken;
    ASSERT_TRUE(connectTo(pasted)) << said();
    click(root, "consoleForget");
    ASSERT_TRUE(waitFor([&] { return banner()->title().startsWith(u"Logged out"); })) << said();
    const ClientRequest request{.url = engine->server()->state().url,
                                .revision = OAuth::FlowOptions().revision,
                                .authorization = {},
                                .keeping = Keeping::Memory};
    EXPECT_TRUE(wait(engine->connection()->open(request)));
}

TEST_F(ConsolePageTest, SaysWhereNothingCanBeRevoked)
{
    OAuth::Authorization authorization = authorize();
    authorization.server.revocationEndpoint.reset();
    ASSERT_TRUE(connectTo(authorization));
    click(root, "consoleForget");
    ASSERT_TRUE(waitFor([&] { return banner()->title() == u"Logged out here"; })) << said();
    EXPECT_TRUE(banner()->detail().contains(u"valid until it expires")) << said();
}

TEST_F(ConsolePageTest, CallsAgainFromTheHistoryWithTheSameArguments)
{
    ASSERT_TRUE(connectTo(authorize()));
    ASSERT_TRUE(callAdd(u"2"_s, u"3"_s));
    ASSERT_TRUE(select(u"whoami"_s));
    auto *view = find<QTableView>(root, "consoleHistory");
    EXPECT_EQ(historyText(0, CallHistory::Arguments), u"{\"a\":2,\"b\":3}");
    page->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(page.get()));
    view->setFocus();
    view->setCurrentIndex(history()->index(0, 0));
    QTest::keyClick(view, Qt::Key_Return);
    ASSERT_TRUE(waitFor([&] { return history()->rowCount() == 2; }));
    EXPECT_EQ(tools()->currentIndex().data().toString(), u"add");
    EXPECT_EQ(find<QLineEdit>(root, "consoleField_b")->text(), u"3");
    EXPECT_EQ(contentJson(), u"{\"sum\":5}");
    const QPoint row = view->visualRect(history()->index(1, CallHistory::Name)).center();
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, row);
    QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, row);
    EXPECT_TRUE(waitFor([&] { return history()->rowCount() == 3; }));
    click(root, "consoleDisconnect");
    QTest::keyClick(view, Qt::Key_Return);
    EXPECT_EQ(banner()->title(), u"Not connected");
}

TEST_F(ConsolePageTest, CancelsACallAndStaysConnected)
{
    SlowServer server;
    setUrl(server.url());
    click(root, "consoleConnect");
    ASSERT_TRUE(waitFor([&] { return isConnected(); })) << said();
    click(root, "consoleCall");
    ASSERT_TRUE(waitFor([&] { return server.calls == 1; }));
    const auto *result = page->findChild<ResultPane *>();
    EXPECT_FALSE(result->isEnabled()) << "what it shows is of another call";
    page->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(page.get()));
    QTest::keyClick(page.get(), Qt::Key_Escape);
    EXPECT_EQ(banner()->level(), Level::Skipped) << said();
    EXPECT_TRUE(isConnected());
    EXPECT_TRUE(result->isEnabled());
    EXPECT_EQ(historyText(0, CallHistory::Status), u"cancelled");
    server.answer();
    click(root, "consoleCall");
    ASSERT_TRUE(finish());
    EXPECT_EQ(content(), u"at last") << said();
    EXPECT_EQ(history()->rowCount(), 2) << "the cancelled call does not come back";
}

TEST_F(ConsolePageTest, CancelsAConnectionThatNobodyAnswers)
{
    QTcpServer silent;
    ASSERT_TRUE(silent.listen(QHostAddress::LocalHost));
    setUrl(u"http://127.0.0.1:%1/mcp"_s.arg(silent.serverPort()));
    click(root, "consoleConnect");
    EXPECT_EQ(banner()->level(), Level::Busy);
    click(root, "consoleCancel");
    EXPECT_EQ(banner()->level(), Level::Skipped);
    EXPECT_TRUE(find<QWidget>(root, "consoleConnect")->isEnabled());
}

TEST_F(ConsolePageTest, SaysInWordsThatNobodyIsThere)
{
    QTcpServer taken;
    ASSERT_TRUE(taken.listen(QHostAddress::LocalHost));
    const quint16 port = taken.serverPort();
    taken.close();
    setUrl(u"http://127.0.0.1:%1/mcp"_s.arg(port));
    click(root, "consoleConnect");
    ASSERT_TRUE(finish());
    EXPECT_EQ(banner()->title(), u"The server cannot be reached") << said();
    setUrl(u"nowhere"_s);
    click(root, "consoleConnect");
    EXPECT_EQ(banner()->level(), Level::Warning) << said();
}

TEST_F(ConsolePageTest, EndsItsSessionAtTheServer)
{
    SlowServer server;
    setUrl(server.url());
    click(root, "consoleConnect");
    ASSERT_TRUE(waitFor([&] { return isConnected(); })) << said();
    EXPECT_EQ(server.endpoint.sessionCount(), 1);
    click(root, "consoleDisconnect");
    EXPECT_TRUE(waitFor([&] { return server.endpoint.sessionCount() == 0; }));
}

TEST_F(ConsolePageTest, MayGoWhileACallIsUnderWay)
{
    SlowServer server;
    setUrl(server.url());
    click(root, "consoleConnect");
    ASSERT_TRUE(waitFor([&] { return isConnected(); })) << said();
    click(root, "consoleCall");
    ASSERT_TRUE(waitFor([&] { return server.calls == 1; }));
    page.reset();
    engine.reset();
    server.answer();
    EXPECT_EQ(server.calls, 1);
}

TEST_F(ConsolePageTest, MayGoWhileItConnects)
{
    click(root, "consoleConnect");
    page.reset();
    ClientRequest request;
    request.url = engine->server()->state().url;
    request.revision = u"2025-11-25"_s;
    request.authorization = authorize();
    EXPECT_TRUE(wait(engine->connection()->open(request)));
}

TEST_F(ConsoleInWindowTest, GetsATokenOnTheFlowPageAndComesBackWithIt)
{
    click(root, "consoleConnect");
    ASSERT_TRUE(finish());
    EXPECT_EQ(banner()->title(), u"The server requires a token") << said();
    QTest::mouseClick(find<QWidget>(banner(), "bannerAction"), Qt::LeftButton);
    ASSERT_EQ(window->page(), MainWindow::Flow);
    EXPECT_EQ(find<QComboBox>(root, "flowUrl")->currentText(), engine->server()->state().url);
    click(root, "flowRun");
    ASSERT_TRUE(waitFor([&] { return find<QWidget>(root, "flowToConsole")->isVisible(); }));
    click(root, "flowToConsole");
    EXPECT_EQ(window->page(), MainWindow::Console);
    ASSERT_TRUE(waitFor([&] { return isConnected(); })) << said();
    EXPECT_EQ(tools()->model()->rowCount(), 5);
    EXPECT_TRUE(token().contains(u"alice"_s)) << token().toStdString();
}

TEST_F(ConsoleInWindowTest, AsksForTheScopesThatACallLacksAndMakesItAgain)
{
    ASSERT_TRUE(connectTo(authorize({u"read:todos"_s}))) << said();
    ASSERT_TRUE(select(u"create_todo"_s));
    find<QLineEdit>(root, "consoleField_content")->setText(u"Write the talk"_s);
    click(root, "consoleCall");
    ASSERT_TRUE(finish());
    EXPECT_EQ(banner()->title(), u"The token's scopes are too few") << said();
    EXPECT_TRUE(banner()->detail().contains(u"create:todos"_s)) << said();
    EXPECT_EQ(historyText(0, CallHistory::Status), u"403");
    QTest::mouseClick(find<QWidget>(banner(), "bannerAction"), Qt::LeftButton);
    ASSERT_TRUE(waitFor([&] { return history()->rowCount() == 2; })) << said();
    EXPECT_EQ(banner()->level(), Level::Ok) << said();
    EXPECT_TRUE(content().contains(u"Write the talk"_s)) << content().toStdString();
    EXPECT_TRUE(token().contains(u"read:todos"_s) && token().contains(u"create:todos"_s))
        << "the union (2026-07-28, Step-Up Authorization Flow, 2): " << token().toStdString();
    EXPECT_EQ(window->page(), MainWindow::Console);
}

TEST_F(ConsoleInWindowTest, ShowsTheFlowWhereMoreScopesAreNotGranted)
{
    ASSERT_TRUE(connectTo(authorize({u"read:todos"_s}))) << said();
    ASSERT_TRUE(select(u"create_todo"_s));
    find<QLineEdit>(root, "consoleField_content")->setText(u"Write the talk"_s);
    click(root, "consoleCall");
    ASSERT_TRUE(finish());
    engine->issuer()->setSettings({.faults = {Demo::Fault::TokenEndpointDown}});
    QTest::mouseClick(find<QWidget>(banner(), "bannerAction"), Qt::LeftButton);
    ASSERT_TRUE(finish());
    EXPECT_EQ(banner()->title(), u"No more scopes were granted") << said();
    EXPECT_EQ(history()->rowCount(), 1);
    QTest::mouseClick(find<QWidget>(banner(), "bannerAction"), Qt::LeftButton);
    EXPECT_EQ(window->page(), MainWindow::Flow);
}

TEST_F(ConsoleInWindowTest, SelectsTheExchangeOfACallInTheDock)
{
    ASSERT_TRUE(connectTo(authorize())) << said();
    ASSERT_TRUE(select(u"whoami"_s));
    click(root, "consoleCall");
    ASSERT_TRUE(finish());
    auto *table = find<QTableView>(root, "exchangeTable");
    find<QLineEdit>(root, "exchangeFilter")->setText(u"nothing like it"_s);
    auto *tabs = find<QTabWidget>(root, "consoleResult");
    ASSERT_TRUE(waitFor([&] { return tabs->isTabVisible(3); }));
    tabs->setCurrentIndex(3);
    ASSERT_TRUE(waitFor([&] {
        click(root, "consoleShowExchange"); // the dock takes new exchanges in batches
        return table->currentIndex().isValid();
    }));
    EXPECT_TRUE(find<QPlainTextEdit>(root, "exchangeRequestEditor")->toPlainText().contains(u"whoami"_s));
}

TEST_F(ConsoleInWindowTest, FitsIntoASmallWindowWithResultsShown)
{
    ASSERT_TRUE(connectTo(authorize())) << said();
    ASSERT_TRUE(select(u"create_todo"_s));
    window->resize(1024, 700);
    QCoreApplication::processEvents();
    EXPECT_EQ(window->size(), QSize(1024, 700));
    for (const char *name : {"consoleOffers", "consoleCall", "consoleField_content", "consoleDisconnect"}) {
        const auto *widget = find<QWidget>(root, name);
        const auto *area = qobject_cast<const QAbstractScrollArea *>(widget); // its viewport covers it
        EXPECT_FALSE((area ? area->viewport() : widget)->visibleRegion().isEmpty()) << name;
        EXPECT_GE(widget->width(), 60) << name;
    }
}

TEST_F(ConsoleInWindowTest, NamesAllThatTakesInput)
{
    ASSERT_TRUE(connectTo(authorize())) << said();
    ASSERT_TRUE(select(u"add"_s));
    EXPECT_THAT(namelessInputs(root), testing::IsEmpty());
}

} // namespace McpAuth::Ui
