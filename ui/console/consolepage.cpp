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
#include "ui/widgets/tables.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>
#include <ranges>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr std::array columnWidths = {std::pair{CallHistory::Time, 66}, std::pair{CallHistory::Tool, 96},
                                     std::pair{CallHistory::Status, 84}, std::pair{CallHistory::Duration, 64}};

QLabel *makeTitle(const QString &text, QWidget *buddy)
{
    auto *label = new QLabel(text);
    label->setBuddy(buddy);
    QFont bold = label->font();
    bold.setBold(true);
    label->setFont(bold);
    return label;
}

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
    setState(State::Idle);
    m_ticker.start();
}

ConsolePage::~ConsolePage()
{
    if (m_state != State::Idle)
        m_engine->connection()->close();
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
    m_toolTitle = named(makeTitle({}, nullptr), u"consoleTool"_s, tr("The selected tool"));
    m_toolTitle->setTextFormat(Qt::PlainText);
    m_toolTitle->setWordWrap(true);
    m_call = named(new QPushButton(Theme::icon(u"play"_s), tr("C&all")), u"consoleCall"_s, tr("Call the tool"));
    m_call->setToolTip(tr("Call the tool (%1)").arg(QKeySequence(u"Ctrl+Return"_s).toString(QKeySequence::NativeText)));
    m_cancel = named(new QPushButton(Theme::icon(u"close"_s), tr("Cance&l")), u"consoleCancel"_s,
                     tr("Cancel what is under way"));
    auto *buttons = new QWidget;
    auto *row = new QHBoxLayout(buttons);
    row->setContentsMargins({});
    row->setSpacing(Theme::gap);
    row->addWidget(m_call);
    row->addWidget(m_cancel);
    row->addStretch(1);
    return columnOf({m_toolTitle, m_arguments, buttons}, 1);
}

QWidget *ConsolePage::makeResults()
{
    m_result = new ResultPane;
    m_historyView = named(new QTableView, u"consoleHistory"_s, tr("Calls that were made"));
    m_historyView->setModel(m_history);
    prepareTable(m_historyView);
    m_historyView->horizontalHeader()->setSectionResizeMode(CallHistory::Arguments, QHeaderView::Stretch);
    for (const auto &[column, width] : columnWidths)
        m_historyView->setColumnWidth(column, width);
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
    both->addWidget(columnOf({makeTitle(tr("Histor&y"), m_historyView), m_historyStack}, 1));
    both->setChildrenCollapsible(false);
    both->setSizes({300, 150});
    both->setStretchFactor(0, 2);
    both->setStretchFactor(1, 1);
    return both;
}

void ConsolePage::connectAll()
{
    connect(m_bar, &ConsoleBar::connectRequested, this, &ConsolePage::connectToServer);
    connect(m_bar, &ConsoleBar::disconnectRequested, this, &ConsolePage::disconnectFromServer);
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
    connect(m_engine->connection(), &Connection::authorizationChanged, this,
            [this](const OAuth::Authorization &authorization) {
                if (m_state != State::Idle && m_bar->url() == authorization.mcpUrl)
                    m_authorization = authorization;
                updateToken();
            });
    connect(m_engine->connection(), &Connection::authorizationRenewed, this, [this] {
        m_renewed = QDateTime::currentDateTimeUtc();
        updateToken();
    });
    // The log may hear of an exchange later than the page of its result.
    connect(m_engine->exchangeLog(), &Http::ExchangeLog::added, this, [this](const Http::Exchange &exchange) {
        if (m_state == State::Connected && isOfLastCall(exchange))
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
    disconnectFromServer();
    m_authorization = authorization;
    m_renewed.reset();
    m_bar->setUrl(authorization.mcpUrl);
    if (mayConnect)
        return connectToServer();
    showVerdict({.level = Level::Info,
                 .title = tr("The token goes to %1").arg(authorization.mcpUrl),
                 .detail = tr("The token itself names this server: check the URL, then press Connect.")});
}

/// A token from the Token page, of which nobody knows more: it takes no stored credentials' place.
bool ConsolePage::isPasted() const
{
    return m_authorization && m_authorization->server.issuer.isEmpty();
}

void ConsolePage::connectToServer()
{
    if (m_state != State::Idle)
        return;
    const QString url = m_bar->url();
    if (const QList<FlowProblem> problems = problemsOf(FlowConfiguration(), url); !problems.isEmpty()) {
        showVerdict({.level = Level::Warning, .title = tr("No server to ask"), .detail = problems.first().message});
        return m_bar->focusUrl();
    }
    if (m_authorization && m_authorization->mcpUrl != url)
        m_authorization.reset(); // a token is for one server, and is shown to no other
    m_bar->remember(url);
    showVerdict({.level = Level::Busy, .title = tr("Connecting to %1").arg(url)});
    setState(State::Connecting);
    runConnect(this, m_engine, request(), ++m_turn);
}

/// To the server in the field, with the Flow page's options.
ClientRequest ConsolePage::request() const
{
    QSettings settings;
    const FlowConfiguration configuration = loadFlowConfiguration(settings);
    return {.url = m_bar->url(),
            .revision = m_bar->revision(),
            .authorization = m_authorization,
            .allowHttp = !m_plainHttpUrl.isEmpty() && m_plainHttpUrl == m_bar->url(),
            .keeping =
                isPasted() ? Keeping::Nowhere : keepingFor(configuration, m_bar->url(), m_engine->server()->state())};
}

QCoro::Task<> ConsolePage::runConnect(QPointer<ConsolePage> page, QPointer<Engine> engine, ClientRequest request,
                                      quint64 turn)
{
    const QString revision = request.revision;
    const Result<ServerIntroduction> outcome = co_await engine->connection()->open(std::move(request));
    if (page && page->m_turn == turn)
        page->showConnection(outcome, revision);
}

void ConsolePage::showConnection(const Result<ServerIntroduction> &outcome, const QString &revision)
{
    showVerdict(verdictOf(outcome, revision));
    if (outcome)
        m_tools->setTools(outcome->tools);
    setState(outcome ? State::Connected : State::Idle);
    if (outcome)
        showTool();
}

void ConsolePage::disconnectFromServer()
{
    if (m_state == State::Idle)
        return;
    if (m_state == State::SteppingUp)
        Q_EMIT flowCancelRequested();
    ++m_turn;
    m_engine->connection()->close();
    m_tools->clear();
    showVerdict({.level = Level::Skipped, .title = tr("Disconnected")});
    setState(State::Idle);
}

void ConsolePage::logOut()
{
    if (!m_authorization)
        return;
    disconnectFromServer();
    m_bar->setUrl(m_authorization->mcpUrl);
    showVerdict({.level = Level::Busy, .title = tr("Logging out of %1").arg(m_authorization->mcpUrl)});
    runLogOut(this, m_engine, request(), ++m_turn);
    m_authorization.reset();
    m_renewed.reset();
    updateState();
}

QCoro::Task<> ConsolePage::runLogOut(QPointer<ConsolePage> page, QPointer<Engine> engine, ClientRequest request,
                                     quint64 turn)
{
    const bool isRevocable = request.authorization && request.authorization->server.revocationEndpoint;
    const Result<> outcome = co_await engine->connection()->logOut(std::move(request));
    if (page && page->m_turn == turn)
        page->showVerdict(verdictOfLogOut(outcome, isRevocable));
}

void ConsolePage::call()
{
    const Mcp::ToolDescription *tool = m_tools->selected();
    if (m_state != State::Connected || !tool || !m_arguments->isValid())
        return;
    const auto arguments = m_arguments->arguments();
    if (!arguments)
        return showVerdict({.level = Level::Warning, .title = tr("Not sent"), .detail = arguments.error().message});
    start({tool->name, *arguments});
}

void ConsolePage::start(const Call &call)
{
    m_last = call;
    m_begun = QDateTime::currentDateTimeUtc();
    m_calling.start();
    showVerdict({.level = Level::Busy, .title = tr("Calling %1").arg(call.tool)});
    setState(State::Calling);
    runCall(this, m_engine, call, ++m_turn);
}

QCoro::Task<> ConsolePage::runCall(QPointer<ConsolePage> page, QPointer<Engine> engine, Call call, quint64 turn)
{
    const ClientCall outcome = co_await engine->connection()->callTool(call.tool, call.arguments);
    if (page && page->m_turn == turn)
        page->showCall(call, outcome);
}

void ConsolePage::showCall(const Call &call, const ClientCall &outcome)
{
    setState(State::Connected);
    m_result->setCall(outcome);
    m_result->setExchange(lastExchange());
    const ConsoleVerdict verdict = verdictOf(outcome, call.tool);
    m_missing = outcome.result ? QStringList() : missingScopes(outcome.result.error());
    showVerdict(verdict);
    record(call, verdict, outcome.durationMs);
}

void ConsolePage::record(const Call &call, const ConsoleVerdict &verdict, double durationMs)
{
    m_history->add({.time = QDateTime::currentDateTimeUtc(),
                    .tool = call.tool,
                    .arguments = call.arguments,
                    .level = verdict.level,
                    .status = verdict.status,
                    .durationMs = durationMs});
    m_historyStack->setCurrentWidget(m_historyView);
}

bool ConsolePage::isOfLastCall(const Http::Exchange &exchange) const
{
    return m_begun.isValid() && exchange.started >= m_begun && exchange.direction == Http::Exchange::Direction::Made &&
           exchange.purpose == "console"_L1 && exchange.requestBody.contains("\"tools/call\"");
}

/// The one that counted, where it was sent again.
std::optional<Http::Exchange> ConsolePage::lastExchange() const
{
    const auto newestFirst = m_engine->exchangeLog()->exchanges() | std::views::reverse;
    const auto found =
        std::ranges::find_if(newestFirst, [this](const auto &exchange) { return isOfLastCall(exchange); });
    return found == newestFirst.end() ? std::nullopt : std::optional(*found);
}

void ConsolePage::repeat(int row)
{
    const CallRecord record = m_history->call(row);
    if (m_state == State::Idle)
        return showVerdict({.level = Level::Warning,
                            .title = tr("Not connected"),
                            .detail = tr("Connect to the server, then call again.")});
    if (m_state != State::Connected)
        return;
    if (!m_tools->select(record.tool))
        return showVerdict({.level = Level::Warning,
                            .title = tr("Not sent"),
                            .detail = tr("This server offers no tool %1.").arg(record.tool)});
    m_arguments->setArguments(record.arguments);
    start({record.tool, record.arguments});
}

void ConsolePage::cancel()
{
    const State was = m_state;
    if (was == State::Idle || was == State::Connected)
        return;
    ++m_turn;
    const ConsoleVerdict verdict = verdictOf(Error{u"cancelled"_s, {}});
    if (was == State::Connecting)
        m_engine->connection()->close();
    if (was == State::SteppingUp)
        Q_EMIT flowCancelRequested();
    if (was == State::Calling) {
        m_begun = {};
        m_result->clear();
        m_engine->connection()->cancel();
        record(m_last, verdict, double(m_calling.elapsed()));
    }
    showVerdict(verdict);
    setState(was == State::Connecting ? State::Idle : State::Connected);
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
        return askForScopes();
    case ConsoleAction::ShowFlow:
        Q_EMIT flowPageRequested();
        return;
    }
}

/// With those of before, for what was allowed must stay so (2026-07-28, Step-Up Authorization Flow, 2).
void ConsolePage::askForScopes()
{
    if (m_state != State::Connected)
        return;
    QStringList scopes = m_authorization ? m_authorization->requestedScopes : QStringList();
    scopes += m_missing;
    scopes.removeDuplicates();
    setState(State::SteppingUp);
    showVerdict({.level = Level::Busy,
                 .title = tr("Asking for %1").arg(m_missing.isEmpty() ? tr("more scopes") : m_missing.join(u' ')),
                 .detail = tr("Where a browser opens, sign in there: the call is made again afterwards."),
                 .action = ConsoleAction::ShowFlow});
    Q_EMIT stepUpRequested(m_bar->url(), scopes);
}

void ConsolePage::takeStepUp(const OAuth::Authorization &authorization)
{
    if (m_state != State::SteppingUp || authorization.mcpUrl != m_bar->url())
        return;
    m_authorization = authorization;
    m_renewed.reset();
    m_engine->connection()->setAuthorization(authorization);
    start(m_last);
}

void ConsolePage::takeFlowFailure(const Error &error)
{
    if (m_state != State::SteppingUp)
        return;
    setState(State::Connected);
    ConsoleVerdict verdict = verdictOf(error);
    if (verdict.level == Level::Error)
        verdict.title = tr("No more scopes were granted");
    verdict.action = ConsoleAction::ShowFlow;
    showVerdict(verdict);
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

void ConsolePage::setState(State state)
{
    m_state = state;
    updateState();
}

void ConsolePage::updateState()
{
    const bool isBusy = m_state == State::Connecting || m_state == State::Calling || m_state == State::SteppingUp;
    const bool hasTool = m_state != State::Idle && m_tools->selected() != nullptr;
    m_bar->setIdle(m_state == State::Idle);
    m_arguments->setEnabled(hasTool);
    m_call->setEnabled(m_state == State::Connected && hasTool && m_arguments->isValid());
    m_cancel->setEnabled(isBusy);
    m_result->setEnabled(m_state != State::Calling); // what it shows is of the call before
    m_escape->setEnabled(isBusy);
    m_forget->setVisible(m_authorization.has_value());
    m_forget->setEnabled(!isBusy);
    updateToken();
}

void ConsolePage::updateToken()
{
    if (!isVisible())
        return;
    const TimePoint now = systemClock()();
    const QString words = tokenInWords(m_authorization, m_renewed, now);
    if (words != m_token->text())
        m_token->setText(words);
    const bool isOver =
        m_authorization && m_authorization->tokens.expiresAt && now >= *m_authorization->tokens.expiresAt;
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
