#include "ui/mainwindow.h"

#include "ui/console/consolepage.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"
#include "ui/engine/keychain.h"
#include "ui/engine/localissuer.h"
#include "ui/exchanges/exchangespanel.h"
#include "ui/flow/flowpage.h"
#include "ui/help.h"
#include "ui/provider/providerpage.h"
#include "ui/server/serverpage.h"
#include "ui/theme.h"
#include "ui/token/tokenpage.h"
#include "ui/widgets/names.h"
#include "ui/widgets/scrolledpage.h"

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QMenuBar>
#include <QMetaEnum>
#include <QScreen>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolBar>
#include <QToolButton>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

const QString geometryKey = u"window/geometry"_s;
const QString stateKey = u"window/state"_s;
const QString pageKey = u"window/page"_s;
const QString splittersKey = u"window/splitters/"_s;
constexpr int stateVersion = 1;
constexpr QSize firstSize(1280, 800);
constexpr int firstDockHeight = 200;
constexpr int noticeTime = 15'000; // milliseconds

QToolButton *makeState(const QString &objectName)
{
    auto *button = new QToolButton;
    button->setObjectName(objectName);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return button;
}

/// Of all pages; one without a name is not kept.
QList<QSplitter *> namedSplitters(const QWidget *window)
{
    QList<QSplitter *> splitters = window->findChildren<QSplitter *>();
    splitters.removeIf([](const QSplitter *splitter) { return splitter->objectName().isEmpty(); });
    return splitters;
}

void showState(QToolButton *button, const QString &url, const QString &running, const QString &stopped)
{
    const QString text = url.isEmpty() ? stopped : running.arg(url);
    button->setText(text);
    button->setAccessibleName(text);
    button->setIcon(
        Theme::icon(url.isEmpty() ? u"level-skipped"_s : u"level-ok"_s, url.isEmpty() ? Level::Skipped : Level::Ok));
}

} // namespace

MainWindow::MainWindow(Engine *engine, QWidget *parent)
    : QMainWindow(parent)
    , m_engine(engine)
    , m_stack(new QStackedWidget)
    , m_pages(new QActionGroup(this))
{
    setObjectName(u"mainWindow"_s);
    setWindowTitle(tr("MCP Auth Tester"));
    setWindowIcon(QIcon(u":/icons/mcp-auth-tester.svg"_s));
    setUnifiedTitleAndToolBarOnMac(true);
    makePages();
    makeSideBar();
    makeDock();
    connectConsole();
    makeMenus();
    makeStatusBar();
    showPage(Provider);
    restore();
}

MainWindow::~MainWindow() = default;

void MainWindow::makePages()
{
    m_provider = new ProviderPage(m_engine);
    m_flow = new FlowPage(m_engine);
    m_server = new ServerPage(m_engine);
    m_token = new TokenPage(m_engine);
    m_console = new ConsolePage(m_engine);
    m_stack->setObjectName(u"pages"_s);
    for (QWidget *page :
         {static_cast<QWidget *>(m_provider), static_cast<QWidget *>(m_flow), static_cast<QWidget *>(m_server),
          static_cast<QWidget *>(m_token), static_cast<QWidget *>(m_console)})
        m_stack->addWidget(new ScrolledPage(page));
    setCentralWidget(m_stack);
    connect(m_flow, &FlowPage::tokenPageRequested, this, [this](const QByteArray &token) {
        m_token->setToken(token);
        showPage(Token);
    });
}

/// 401 and 403 lead to the flow, and the flow leads back.
void MainWindow::connectConsole()
{
    ConsoleConnection *console = m_console->connection();
    m_flow->setConsoleAvailable(true);
    connect(m_flow, &FlowPage::consoleRequested, this, [this](const OAuth::Authorization &authorization) {
        showPage(Console);
        m_console->setAuthorization(authorization);
    });
    connect(m_token, &TokenPage::tokenForConsole, this, [this](const QByteArray &token) {
        OAuth::Authorization authorization;
        authorization.mcpUrl = m_token->serverUrl();
        authorization.tokens.accessToken = Secret(token);
        showPage(Console);
        m_console->setAuthorization(authorization, !m_token->isServerUrlClaimed());
    });
    connect(m_flow, &FlowPage::authorized, console, &ConsoleConnection::takeStepUp);
    connect(m_flow, &FlowPage::failed, console, &ConsoleConnection::takeFlowFailure);
    connect(m_console, &ConsolePage::tokenRequested, this, [this](const QString &mcpUrl) {
        m_flow->setMcpUrl(mcpUrl);
        showPage(Flow);
    });
    connect(console, &ConsoleConnection::stepUpRequested, this,
            [this, console](const QString &mcpUrl, const QStringList &scopes) {
                if (!m_flow->stepUp(mcpUrl, scopes))
                    console->takeFlowFailure(
                        {u"flow_not_started"_s, tr("The Flow page is busy, or its options are not valid.")});
            });
    connect(m_flow, &FlowPage::plainHttpAllowed, console, &ConsoleConnection::allowPlainHttp);
    connect(console, &ConsoleConnection::flowCancelRequested, m_flow, &FlowPage::cancel);
    connect(m_console, &ConsolePage::flowPageRequested, this, [this] { showPage(Flow); });
    connect(m_console, &ConsolePage::exchangeRequested, this, [this](quint64 id) {
        m_dock->show();
        m_exchanges->select(id);
    });
}

void MainWindow::makeSideBar()
{
    struct Entry
    {
        Page page;
        QString icon;
        QString text;
        QString tip;
    };
    const QList<Entry> entries = {
        {Provider, u"provider"_s, tr("Provider"), tr("Check whether a provider is compatible with MCP")},
        {Flow, u"flow"_s, tr("Flow"), tr("Watch a client get a token")},
        {Server, u"server"_s, tr("Server"), tr("Run a protected MCP server")},
        {Token, u"token"_s, tr("Token"), tr("Read and judge a token")},
        {Console, u"console"_s, tr("Console"), tr("Call the tools of an MCP server")},
    };
    m_sideBar = new QToolBar(tr("Pages"));
    m_sideBar->setObjectName(u"sideBar"_s);
    m_sideBar->setMovable(false);
    m_sideBar->setContextMenuPolicy(Qt::PreventContextMenu);
    m_sideBar->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    m_sideBar->setIconSize(QSize(26, 26));
    m_sideBar->toggleViewAction()->setVisible(false);
    for (const Entry &entry : entries) {
        QAction *action = m_sideBar->addAction(Theme::icon(entry.icon), entry.text, this,
                                               [this, page = entry.page] { showPage(page); });
        action->setCheckable(true);
        action->setShortcut(QKeySequence(u"Ctrl+%1"_s.arg(int(entry.page) + 1)));
        action->setToolTip(u"%1 (%2)"_s.arg(entry.tip, action->shortcut().toString(QKeySequence::NativeText)));
        m_pages->addAction(action);
        QWidget *button = m_sideBar->widgetForAction(action);
        named(button, u"page%1"_s.arg(QLatin1StringView(QMetaEnum::fromType<Page>().valueToKey(entry.page))),
              entry.text);
        button->setFocusPolicy(Qt::TabFocus);
    }
    addToolBar(Qt::LeftToolBarArea, m_sideBar);
    paintSideBar();
}

void MainWindow::makeDock()
{
    m_exchanges = new ExchangesPanel(m_engine->exchangeLog());
    m_dock = new QDockWidget(tr("Exchanges"));
    named(m_dock, u"exchangesDock"_s, tr("Exchanges"));
    m_dock->setAllowedAreas(Qt::BottomDockWidgetArea | Qt::RightDockWidgetArea);
    m_dock->setFeatures(QDockWidget::DockWidgetClosable | QDockWidget::DockWidgetMovable |
                        QDockWidget::DockWidgetFloatable);
    m_dock->setWidget(m_exchanges);
    addDockWidget(Qt::BottomDockWidgetArea, m_dock);
    resizeDocks({m_dock}, {firstDockHeight}, Qt::Vertical);
    m_dock->toggleViewAction()->setShortcut(QKeySequence(u"Ctrl+E"_s));
}

void MainWindow::makeMenus()
{
    menuBar()->setObjectName(u"menuBar"_s);
    QMenu *file = menuBar()->addMenu(tr("&File"));
    const auto onProviderPage = [this](void (ProviderPage::*method)()) {
        return [this, method] {
            showPage(Provider);
            (m_provider->*method)();
        };
    };
    file->addAction(Theme::icon(u"open"_s), tr("&Open metadata…"), QKeySequence::Open, this,
                    onProviderPage(&ProviderPage::openMetadata));
    file->addAction(Theme::icon(u"paste"_s), tr("&Paste metadata…"), QKeySequence(u"Ctrl+Shift+V"_s), this,
                    onProviderPage(&ProviderPage::pasteMetadata));
    file->addSeparator();
    file->addAction(m_exchanges->exportAction());
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence(u"Ctrl+Q"_s), this, &QWidget::close);

    QMenu *view = menuBar()->addMenu(tr("&View"));
    view->addActions(m_pages->actions());
    view->addSeparator();
    view->addAction(m_dock->toggleViewAction());
    view->addAction(tr("&Filter exchanges"), QKeySequence(u"Ctrl+Shift+F"_s), this, [this] {
        m_dock->show();
        m_exchanges->focusFilter();
    });
    view->addAction(m_exchanges->clearAction());
    view->addSeparator();
    view->addMenu(makeThemeMenu());

    QMenu *help = menuBar()->addMenu(tr("&Help"));
    help->addAction(Theme::icon(u"help"_s), tr("&User guide"), QKeySequence::HelpContents, this,
                    [this] { showGuide(this); });
    help->addAction(tr("&About MCP Auth Tester"), this, [this] { showAbout(this); });
}

QMenu *MainWindow::makeThemeMenu()
{
    auto *menu = new QMenu(tr("&Theme"), this);
    auto *group = new QActionGroup(menu);
    const QList<std::pair<Theme::Scheme, QString>> schemes = {{Theme::Scheme::System, tr("As the &system")},
                                                              {Theme::Scheme::Light, tr("&Light")},
                                                              {Theme::Scheme::Dark, tr("&Dark")}};
    for (const auto &[scheme, title] : schemes) {
        QAction *action = menu->addAction(title, this, [scheme] { Theme::setScheme(scheme); });
        action->setCheckable(true);
        action->setChecked(Theme::scheme() == scheme);
        group->addAction(action);
    }
    return menu;
}

void MainWindow::makeStatusBar()
{
    m_issuerState = makeState(u"issuerState"_s);
    m_serverState = makeState(u"serverState"_s);
    m_issuerState->setToolTip(tr("Check the local issuer"));
    m_serverState->setToolTip(tr("Show the server"));
    statusBar()->setSizeGripEnabled(false);
    statusBar()->addWidget(m_issuerState);
    statusBar()->addWidget(m_serverState);
    connect(m_engine->keychain(), &Keychain::notKept, this, [this](const Error &error) {
        statusBar()->showMessage(tr("The credentials were not kept: %1").arg(error.message), noticeTime);
    });
    connect(m_engine->issuer(), &LocalIssuer::changed, this, &MainWindow::updateStatusBar);
    connect(m_engine->server(), &EmbeddedServer::changed, this, &MainWindow::updateStatusBar);
    connect(m_serverState, &QToolButton::clicked, this, [this] { showPage(Server); });
    connect(m_issuerState, &QToolButton::clicked, this, [this] {
        showPage(Provider);
        if (m_engine->issuer()->url().isEmpty())
            return;
        m_provider->setIssuer(m_engine->issuer()->url());
        m_provider->check();
    });
    updateStatusBar();
}

void MainWindow::updateStatusBar()
{
    showState(m_issuerState, m_engine->issuer()->url(), tr("Local issuer %1"), tr("Local issuer is not running"));
    const ServerState &server = m_engine->server()->state();
    showState(m_serverState, server.running ? server.url : QString(), tr("Server %1"), tr("Server is stopped"));
}

void MainWindow::showPage(Page page)
{
    m_stack->setCurrentIndex(page);
    m_pages->actions().at(page)->setChecked(true);
}

MainWindow::Page MainWindow::page() const
{
    return Page(m_stack->currentIndex());
}

void MainWindow::paintSideBar()
{
    m_sideBar->setStyleSheet(
        u"QToolBar { border: none; padding: 6px 4px; spacing: 4px; }"
        "QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 7px 4px 5px 4px; min-width: 64px; }"
        "QToolButton:hover { background: %1; }"
        "QToolButton:checked { background: %2; color: %3; }"
        "QToolButton:focus { border: 1px solid %3; }"_s.arg(Theme::background(Level::Skipped).name(),
                                                            Theme::background(Level::Info).name(),
                                                            Theme::foreground(Level::Info).name()));
}

void MainWindow::restore()
{
    const QSettings settings;
    if (!restoreGeometry(settings.value(geometryKey).toByteArray()))
        resize(firstSize.boundedTo(screen()->availableSize()));
    restoreState(settings.value(stateKey).toByteArray(), stateVersion);
    showPage(Page(qBound(0, settings.value(pageKey).toInt(), m_stack->count() - 1)));
    for (QSplitter *splitter : namedSplitters(this))
        splitter->restoreState(settings.value(splittersKey + splitter->objectName()).toByteArray());
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    if (!std::exchange(m_begun, true))
        QMetaObject::invokeMethod(this, [this] { begin(this); }, Qt::QueuedConnection);
}

QCoro::Task<> MainWindow::begin(QPointer<MainWindow> window)
{
    const Result<> started = co_await window->m_engine->issuer()->start();
    if (!window)
        co_return;
    if (!started) {
        window->statusBar()->showMessage(tr("The local issuer could not start: %1").arg(started.error().message));
        co_return;
    }
    window->m_provider->begin(window->m_engine->issuer()->url());
    window->m_server->start();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    QSettings settings;
    settings.setValue(geometryKey, saveGeometry());
    settings.setValue(stateKey, saveState(stateVersion));
    settings.setValue(pageKey, int(page()));
    for (const QSplitter *splitter : namedSplitters(this))
        settings.setValue(splittersKey + splitter->objectName(), splitter->saveState());
    m_exchanges->saveSettings();
    QMainWindow::closeEvent(event);
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_begun)
        paintSideBar();
}

} // namespace McpAuth::Ui
