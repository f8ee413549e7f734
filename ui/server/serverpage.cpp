#include "ui/server/serverpage.h"

#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"
#include "ui/engine/localissuer.h"
#include "ui/server/clientconfig.h"
#include "ui/server/clientspane.h"
#include "ui/server/publishedpane.h"
#include "ui/server/requestpane.h"
#include "ui/server/samplecalls.h"
#include "ui/server/serverform.h"
#include "ui/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/copybutton.h"
#include "ui/widgets/names.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QTabWidget>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

/// What clients call the server in their settings.
constexpr auto clientName = "mcp-auth-tester"_L1;

} // namespace

ServerPage::ServerPage(Engine *engine, QWidget *parent)
    : QWidget(parent)
    , m_engine(engine)
    , m_form(new ServerForm)
    , m_banner(named(new Banner, u"serverBanner"_s, tr("State of the server")))
{
    auto *splitter = named(new QSplitter(Qt::Horizontal), u"serverSplitter"_s, tr("Settings beside what happens"));
    splitter->addWidget(m_form);
    splitter->addWidget(makeTabs());
    splitter->setStretchFactor(1, 1);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({290, 720});

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Theme::margin, Theme::margin, Theme::margin, Theme::gap);
    column->setSpacing(Theme::gap);
    column->addWidget(makeBar());
    column->addWidget(m_banner);
    column->addWidget(splitter, 1);

    QSettings settings;
    m_form->setConfiguration(loadServerConfiguration(settings));
    m_form->setLocalIssuer(engine->issuer()->url());
    connect(m_form, &ServerForm::changed, this, &ServerPage::formChanged);
    connectEngine();
    showState();
}

QWidget *ServerPage::makeBar()
{
    auto *bar = new QWidget;
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins({});
    row->setSpacing(Theme::gap);
    m_start = named(new QPushButton(Theme::icon(u"play"_s), tr("&Start")), u"serverStart"_s, tr("Start the server"));
    m_stop = named(new QPushButton(Theme::icon(u"stop"_s), tr("St&op")), u"serverStop"_s, tr("Stop the server"));
    m_copyUrl = named(
        new CopyButton([this] { return m_engine ? m_engine->server()->state().url : QString(); }, tr("Copy &URL")),
        u"serverCopyUrl"_s, tr("Copy the server's URL"));
    m_copyClient = named(new QPushButton(tr("&Copy client configuration")), u"serverClientMenu"_s,
                         tr("Copy the configuration for a client"));
    m_clientMenu = new QMenu(m_copyClient);
    m_copyClient->setMenu(m_clientMenu);
    m_start->setText(tr("Re&start")); // the longer one: it must not move under the pointer
    m_start->setMinimumWidth(m_start->sizeHint().width());
    row->addWidget(m_start);
    row->addWidget(m_stop);
    row->addStretch();
    row->addWidget(m_copyUrl);
    row->addWidget(m_copyClient);
    connect(m_start, &QPushButton::clicked, this, &ServerPage::start);
    connect(m_stop, &QPushButton::clicked, this, &ServerPage::stop);
    return bar;
}

QWidget *ServerPage::makeTabs()
{
    m_tabs = named(new QTabWidget, u"serverTabs"_s, tr("What the server does"));
    m_requests = new RequestPane;
    m_published = new PublishedPane;
    m_clients = new ClientsPane;
    m_tabs->addTab(m_requests, tr("&Requests"));
    m_tabs->addTab(m_published, tr("Pu&blished"));
    m_tabs->addTab(m_clients, tr("Connect a clie&nt"));
    m_tabs->setDocumentMode(true);
    connect(m_requests, &RequestPane::startRequested, this, &ServerPage::start);
    connect(m_requests, &RequestPane::tryRequested, this, &ServerPage::tryIt);
    connect(m_published, &PublishedPane::startRequested, this, &ServerPage::start);
    connect(m_clients, &ClientsPane::startRequested, this, &ServerPage::start);
    return m_tabs;
}

void ServerPage::connectEngine()
{
    connect(m_engine->server(), &EmbeddedServer::changed, this, &ServerPage::showState);
    connect(m_engine->issuer(), &LocalIssuer::changed, this,
            [this] { m_form->setLocalIssuer(m_engine->issuer()->url()); });
    connect(m_engine->server(), &EmbeddedServer::requestsAnswered, m_requests->model(), &RequestModel::append);
}

void ServerPage::start()
{
    if (m_busy || !m_engine)
        return;
    const ServerConfiguration configuration = m_form->configuration();
    const QList<FieldProblem> problems = problemsOf(configuration, m_engine->issuer()->url());
    showProblems(problems);
    if (!problems.isEmpty())
        return;
    m_busy = true;
    updateButtons();
    m_banner->setVerdict(Level::Busy, tr("Starting…"));
    runStart(this, m_engine, configuration);
}

QCoro::Task<> ServerPage::runStart(QPointer<ServerPage> self, QPointer<Engine> engine,
                                   ServerConfiguration configuration)
{
    Mcp::ServerOptions options = toOptions(configuration, engine->issuer()->url());
    const bool anyPort = options.http.port == 0;
    if (anyPort)
        options.http.port = self->m_port;
    Result<> started = co_await engine->server()->start(options);
    if (!started && anyPort && options.http.port != 0 && engine) { // taken in the meantime
        options.http.port = 0;
        started = co_await engine->server()->start(options);
    }
    if (!self || !engine)
        co_return;
    self->m_busy = false;
    if (started)
        self->m_running = configuration;
    else if (!engine->server()->state().running)
        self->m_running.reset();
    self->showState();
    if (!started)
        self->showProblems({startProblem(started.error(), configuration.port)});
}

void ServerPage::stop()
{
    if (m_busy || !m_engine)
        return;
    m_busy = true;
    updateButtons();
    m_banner->setVerdict(Level::Busy, tr("Stopping…"), tr("Requests under way may take five more seconds."));
    runStop(this, m_engine);
}

QCoro::Task<> ServerPage::runStop(QPointer<ServerPage> self, QPointer<Engine> engine)
{
    co_await engine->server()->stop();
    if (!self)
        co_return;
    self->m_busy = false;
    self->m_running.reset();
    self->showState();
}

void ServerPage::tryIt()
{
    if (m_trying || !m_engine || !m_engine->server()->state().running)
        return;
    if (!m_sampleClient)
        m_sampleClient = new Http::Client(
            {.limits = {}, .allowHttp = false, .log = m_engine->exchangeLog(), .purpose = u"sample call"_s}, this);
    m_trying = true;
    runSamples(this, m_engine, m_sampleClient);
}

QCoro::Task<> ServerPage::runSamples(QPointer<ServerPage> self, QPointer<Engine> engine, QPointer<Http::Client> client)
{
    const Result<> made =
        co_await makeCalls(engine, client, sampleCalls(engine->server()->state(), engine->issuer()->url()));
    if (!self)
        co_return;
    self->m_trying = false;
    if (!made)
        self->m_banner->setVerdict(Level::Warning, tr("The sample calls broke off"), made.error().message);
}

void ServerPage::showProblems(const QList<FieldProblem> &problems)
{
    m_form->showProblems(problems);
    m_hasProblems = !problems.isEmpty();
    if (!m_hasProblems)
        return;
    const QString title =
        m_engine->server()->state().running ? tr("The new settings cannot be used") : tr("The server did not start");
    m_banner->setVerdict(Level::Error, title, problems.first().message);
}

void ServerPage::showState()
{
    if (m_busy || !m_engine)
        return;
    const ServerState &server = m_engine->server()->state();
    if (server.running) {
        m_port = quint16(QUrl(server.url).port(0));
        const QStringList audience = server.audience.isEmpty() ? QStringList{server.resource} : server.audience;
        const QString forWhom = audience == QStringList{server.url} ? tr("itself") : audience.join(u", "_s);
        const QString scopes = server.requiredScopes.isEmpty() ? tr("no scope") : server.requiredScopes.join(u' ');
        m_banner->setVerdict(
            Level::Ok, tr("Running at %1").arg(server.url),
            tr("Takes tokens of %1 for %2; requires %3.").arg(server.issuers.join(u", "_s), forWhom, scopes));
    } else {
        m_banner->setVerdict(
            Level::Info, tr("The server does not run"),
            tr("Start it on this computer only: it refuses what a protected MCP server should, and says why."));
    }
    m_form->setOwnUrl(server.url);
    m_requests->setUrl(server.running ? server.url : QString());
    m_published->setPublished(server.running ? server.published : decltype(server.published)(), server.running);
    m_clients->setConfigs(server.running ? clientConfigs(QString(clientName), server.url) : QList<ClientConfig>());
    rebuildClientMenu();
    updateButtons();
}

void ServerPage::rebuildClientMenu()
{
    m_clientMenu->clear();
    const QList<ClientConfig> &configs = m_clients->configs();
    for (qsizetype row = 0; row < configs.size(); ++row) {
        QAction *action = m_clientMenu->addAction(configs[row].client);
        connect(action, &QAction::triggered, this, [this, row, text = configs[row].text] {
            QGuiApplication::clipboard()->setText(text);
            m_clients->select(static_cast<int>(row));
            m_tabs->setCurrentWidget(m_clients);
        });
    }
}

void ServerPage::updateButtons()
{
    const bool running = m_engine && m_engine->server()->state().running;
    const bool changed = m_running && *m_running != m_form->configuration();
    m_start->setText(running ? tr("Re&start") : tr("&Start"));
    m_start->setToolTip(running ? tr("Restart with these settings") : tr("Start the server"));
    m_start->setEnabled(!m_busy && (!running || changed || !m_running));
    m_stop->setEnabled(!m_busy && running);
    m_copyUrl->setEnabled(running);
    m_copyClient->setEnabled(running);
}

void ServerPage::formChanged()
{
    QSettings settings;
    saveServerConfiguration(m_form->configuration(), settings);
    if (m_hasProblems && !m_busy) { // they were those of other settings
        showProblems({});
        showState();
    }
    updateButtons();
}

} // namespace McpAuth::Ui
