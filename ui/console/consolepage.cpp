#include "ui/console/consolepage.h"

#include "ui/console/argumentspane.h"
#include "ui/console/consolebar.h"
#include "ui/console/resultpane.h"
#include "ui/console/toolspane.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"
#include "ui/flow/flowconfiguration.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/names.h"
#include "ui/widgets/panehead.h"
#include "ui/widgets/tables.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using State = ConsoleConnection::State;

namespace {

QWidget *columnOf(const QList<QWidget *> &widgets, int stretched)
{
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins({});
    column->setSpacing(Theme::tight);
    for (qsizetype i = 0; i < widgets.size(); ++i)
        column->addWidget(widgets[i], i == stretched ? 1 : 0);
    return box;
}

} // namespace

ConsolePage::ConsolePage(Engine *engine, QWidget *parent)
    : QWidget(parent)
    , m_engine(engine)
    , m_connection(new ConsoleConnection(engine, this))
    , m_bar(new ConsoleBar)
    , m_banner(named(new Banner, u"consoleBanner"_s, tr("State of the connection")))
    , m_history(new CallHistory(this))
{
    setObjectName(u"consolePage"_s);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Theme::margin, Theme::margin, Theme::margin, Theme::gap);
    column->setSpacing(Theme::gap);
    column->addWidget(m_bar);
    column->addWidget(makeTokenLine());
    column->addWidget(m_banner);
    column->addWidget(makeBody(), 1);
    m_bar->setEmbeddedUrl(engine->server()->state().url);
    m_ticker.setInterval(1s);
    connectAll();
    showTool();
    m_ticker.start();
}

ConsolePage::~ConsolePage()
{
    // Fields that lose the focus as they go may still speak.
    m_bar->disconnect(this);
    m_arguments->disconnect(this);
    m_tools->disconnect(this);
}

QWidget *ConsolePage::makeTokenLine()
{
    m_tokenIcon = new QLabel;
    m_token = named(new QLabel, u"consoleToken"_s, tr("The token in use"));
    m_token->setTextFormat(Qt::PlainText);
    m_token->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_token->setWordWrap(true);
    m_forget = named(new QToolButton, u"consoleForget"_s, tr("Log out: revoke the token, and forget it"));
    m_forget->setIcon(Theme::icon(u"clear"_s));
    m_forget->setToolTip(m_forget->accessibleName());
    m_forget->setAutoRaise(true);
    m_forget->setFocusPolicy(Qt::StrongFocus);
    auto *line = new QWidget;
    auto *row = new QHBoxLayout(line);
    row->setContentsMargins(Theme::tight, 0, 0, 0);
    row->setSpacing(Theme::gap);
    row->addWidget(m_tokenIcon);
    row->addWidget(m_token, 1);
    row->addWidget(m_forget);
    return line;
}

QWidget *ConsolePage::makeBody()
{
    m_tools = new ToolsPane;
    auto *body = named(new QSplitter, u"consoleSplitter"_s, tr("Tools, arguments, results"));
    body->addWidget(m_tools);
    body->addWidget(makeArguments());
    body->addWidget(makeResults());
    body->setChildrenCollapsible(false);
    body->setSizes({210, 380, 520});
    body->setStretchFactor(0, 2);
    body->setStretchFactor(1, 4);
    body->setStretchFactor(2, 5);
    return body;
}

QWidget *ConsolePage::makeArguments()
{
    m_arguments = new ArgumentsPane;
    m_toolTitle = named(new QLabel, u"consoleTool"_s, tr("The selected tool"));
    m_toolTitle->setTextFormat(Qt::PlainText);
    m_toolTitle->setWordWrap(true);
    m_call = named(new QPushButton(Theme::icon(u"play"_s), tr("C&all")), u"consoleCall"_s, tr("Call the tool"));
    m_call->setToolTip(tr("Call the tool (%1)").arg(QKeySequence(u"Ctrl+Return"_s).toString(QKeySequence::NativeText)));
    m_cancel = named(new QPushButton(Theme::icon(u"close"_s), tr("Cance&l")), u"consoleCancel"_s,
                     tr("Cancel what is under way"));
    auto *buttons = new QWidget;
    auto *row = new QHBoxLayout(buttons);
    row->setContentsMargins(Theme::tight, 0, Theme::tight, 0);
    row->setSpacing(Theme::gap);
    row->addWidget(m_call);
    row->addWidget(m_cancel);
    row->addStretch(1);
    return columnOf({new PaneHead(m_toolTitle, {}), m_arguments, buttons}, 1);
}

QWidget *ConsolePage::makeResults()
{
    m_result = new ResultPane;
    m_historyView = named(new QTableView, u"consoleHistory"_s, tr("Calls that were made"));
    m_historyView->setModel(m_history);
    prepareTable(m_historyView);
    m_historyView->horizontalHeader()->setSectionResizeMode(CallHistory::Arguments, QHeaderView::Stretch);
    fitColumn(m_historyView, CallHistory::Time, u"00:00:00"_s);
    fitColumn(m_historyView, CallHistory::Tool, u"create_todo"_s);
    for (const auto column : {CallHistory::Status, CallHistory::Duration})
        m_historyView->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    m_historyView->setToolTip(tr("Return or a double click calls again"));
    auto *none = new QLabel(tr("Calls are listed here; Return or a double click makes one again."));
    none->setObjectName(u"consoleNoHistory"_s);
    none->setWordWrap(true);
    none->setAlignment(Qt::AlignCenter);
    none->setForegroundRole(QPalette::PlaceholderText);
    m_historyStack = new QStackedWidget;
    m_historyStack->addWidget(none);
    m_historyStack->addWidget(m_historyView);
    auto *both = named(new QSplitter(Qt::Vertical), u"consoleResultSplitter"_s, tr("Result above, history below"));
    both->addWidget(m_result);
    auto *title = new QLabel(tr("Histor&y"));
    title->setBuddy(m_historyView);
    both->addWidget(columnOf({new PaneHead(title, {}), m_historyStack}, 1));
    both->setChildrenCollapsible(false);
    both->setSizes({300, 150});
    both->setStretchFactor(0, 2);
    both->setStretchFactor(1, 1);
    return both;
}

void ConsolePage::connectAll()
{
    connect(m_bar, &ConsoleBar::connectRequested, this, &ConsolePage::connectToServer);
    connect(m_bar, &ConsoleBar::disconnectRequested, m_connection, &ConsoleConnection::close);
    connect(m_forget, &QToolButton::clicked, this, &ConsolePage::logOut);
    connect(m_banner, &Banner::actionTriggered, this, &ConsolePage::followAction);
    connect(m_tools, &ToolsPane::connectRequested, this, &ConsolePage::connectToServer);
    connect(m_tools, &ToolsPane::selectionChanged, this, &ConsolePage::showTool);
    connect(m_arguments, &ArgumentsPane::validityChanged, this, &ConsolePage::updateState);
    connect(m_call, &QPushButton::clicked, this, &ConsolePage::call);
    connect(m_cancel, &QPushButton::clicked, this, &ConsolePage::cancel);
    connect(m_result, &ResultPane::exchangeRequested, this, &ConsolePage::exchangeRequested);
    connect(m_historyView, &QTableView::activated, this, [this](const QModelIndex &index) { repeat(index.row()); });
    connect(&m_ticker, &QTimer::timeout, this, &ConsolePage::updateToken);
    connect(m_engine->server(), &EmbeddedServer::changed, this,
            [this] { m_bar->setEmbeddedUrl(m_engine->server()->state().url); });
    connect(m_connection, &ConsoleConnection::stateChanged, this, &ConsolePage::updateState);
    connect(m_connection, &ConsoleConnection::tokenChanged, this, &ConsolePage::updateState);
    connect(m_connection, &ConsoleConnection::judged, this, &ConsolePage::showVerdict);
    connect(m_connection, &ConsoleConnection::opened, this, [this](const ServerIntroduction &introduction) {
        m_tools->setTools(introduction.tools);
        showTool();
    });
    connect(m_connection, &ConsoleConnection::closed, m_tools, &ToolsPane::clear);
    connect(m_connection, &ConsoleConnection::called, this, &ConsolePage::showCall);
    connect(m_connection, &ConsoleConnection::recorded, this, [this](const CallRecord &record) {
        m_history->add(record);
        m_historyStack->setCurrentWidget(m_historyView);
    });
    // The log may hear of an exchange later than the page of its result.
    connect(m_engine->exchangeLog(), &Http::ExchangeLog::added, this, [this](const Http::Exchange &exchange) {
        if (m_connection->state() == State::Connected && m_connection->isOfLastCall(exchange))
            m_result->setExchange(exchange);
    });
    for (const auto key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto *shortcut = new QShortcut(QKeySequence(Qt::CTRL | key), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, &ConsolePage::call);
    }
    m_escape = new QShortcut(Qt::Key_Escape, this);
    m_escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(m_escape, &QShortcut::activated, this, &ConsolePage::cancel);
}

void ConsolePage::setAuthorization(const OAuth::Authorization &authorization, bool mayConnect)
{
    m_connection->setAuthorization(authorization);
    m_bar->setUrl(authorization.mcpUrl);
    if (mayConnect)
        return connectToServer();
    showVerdict({.level = Level::Info,
                 .title = tr("The token goes to %1").arg(authorization.mcpUrl),
                 .detail = tr("The token itself names this server: check the URL, then press Connect.")});
}

void ConsolePage::connectToServer()
{
    if (m_connection->state() != State::Idle)
        return;
    const QString url = m_bar->url();
    if (const QList<FlowProblem> problems = problemsOf(FlowConfiguration(), url); !problems.isEmpty()) {
        showVerdict({.level = Level::Warning, .title = tr("No server to ask"), .detail = problems.first().message});
        return m_bar->focusUrl();
    }
    m_bar->remember(url);
    m_connection->open(url, m_bar->revision());
}

void ConsolePage::logOut()
{
    if (const auto &authorization = m_connection->authorization()) {
        m_bar->setUrl(authorization->mcpUrl);
        m_connection->logOut(m_bar->revision());
    }
}

void ConsolePage::call()
{
    const Mcp::ToolDescription *tool = m_tools->selected();
    if (m_connection->state() != State::Connected || !tool || !m_arguments->isValid())
        return;
    const auto arguments = m_arguments->arguments();
    if (!arguments)
        return showVerdict({.level = Level::Warning, .title = tr("Not sent"), .detail = arguments.error().message});
    m_connection->call({tool->name, *arguments});
}

void ConsolePage::showCall(const ClientCall &outcome)
{
    m_result->setCall(outcome);
    m_result->setExchange(m_connection->lastExchange());
}

void ConsolePage::repeat(int row)
{
    const CallRecord record = m_history->call(row);
    if (m_connection->state() == State::Idle)
        return showVerdict({.level = Level::Warning,
                            .title = tr("Not connected"),
                            .detail = tr("Connect to the server, then call again.")});
    if (m_connection->isBusy())
        return;
    if (!m_tools->select(record.tool))
        return showVerdict({.level = Level::Warning,
                            .title = tr("Not sent"),
                            .detail = tr("This server offers no tool %1.").arg(record.tool)});
    m_arguments->setArguments(record.arguments);
    m_connection->call({record.tool, record.arguments});
}

void ConsolePage::cancel()
{
    if (m_connection->state() == State::Calling)
        m_result->clear();
    m_connection->cancel();
}

void ConsolePage::followAction()
{
    switch (m_action) {
    case ConsoleAction::None:
        return;
    case ConsoleAction::GetToken:
        Q_EMIT tokenRequested(m_bar->url());
        return;
    case ConsoleAction::AskForScopes:
        return m_connection->askForScopes();
    case ConsoleAction::ShowFlow:
        Q_EMIT flowPageRequested();
        return;
    }
}

/// What was typed stays as long as the tool is the same.
void ConsolePage::showTool()
{
    const Mcp::ToolDescription *tool = m_tools->selected();
    m_toolTitle->setText(!tool                   ? tr("Arguments")
                         : tool->title.isEmpty() ? tool->name
                                                 : u"%1 · %2"_s.arg(tool->name, tool->title));
    if (tool && tool->raw != m_shownTool) {
        m_shownTool = tool->raw;
        m_arguments->setTool(*tool);
    }
    updateState();
}

void ConsolePage::showVerdict(const ConsoleVerdict &verdict)
{
    m_banner->setVerdict(verdict.level, verdict.title, verdict.detail, verdict.aside);
    m_action = verdict.action;
    if (m_action != ConsoleAction::None)
        m_banner->setAction(actionText(m_action));
}

void ConsolePage::updateState()
{
    const State state = m_connection->state();
    const bool isBusy = m_connection->isBusy();
    const bool hasTool = state != State::Idle && m_tools->selected() != nullptr;
    m_bar->setIdle(state == State::Idle);
    m_arguments->setEnabled(hasTool);
    m_call->setEnabled(state == State::Connected && hasTool && m_arguments->isValid());
    m_cancel->setEnabled(isBusy);
    m_result->setEnabled(state != State::Calling); // what it shows is of the call before
    m_escape->setEnabled(isBusy);
    m_forget->setVisible(m_connection->authorization().has_value());
    m_forget->setEnabled(!isBusy);
    updateToken();
}

void ConsolePage::updateToken()
{
    if (!isVisible())
        return;
    const TimePoint now = systemClock()();
    const auto &authorization = m_connection->authorization();
    const QString words = tokenInWords(authorization, m_connection->renewed(), now);
    if (words != m_token->text())
        m_token->setText(words);
    const bool isOver = authorization && authorization->tokens.expiresAt && now >= *authorization->tokens.expiresAt;
    QPalette colours;
    colours.setColor(QPalette::WindowText, isOver ? Theme::foreground(Level::Warning) : Theme::mutedText());
    if (m_token->palette().color(QPalette::WindowText) != colours.color(QPalette::WindowText))
        m_token->setPalette(colours);
    m_tokenIcon->setPixmap(
        Theme::icon(u"token"_s, isOver ? Level::Warning : Level::Skipped).pixmap(QSize(16, 16), devicePixelRatioF()));
}

void ConsolePage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    updateToken();
}

void ConsolePage::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange && m_escape)
        updateToken();
}

} // namespace McpAuth::Ui
