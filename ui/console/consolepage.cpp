#include "ui/console/consolepage.h"

#include "ui/console/argumentspane.h"
#include "ui/console/consolebar.h"
#include "ui/console/messagemodel.h"
#include "ui/console/offerspane.h"
#include "ui/console/questionpane.h"
#include "ui/console/resultpane.h"
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
#include <QSettings>
#include <QShortcut>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QToolButton>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using State = ConsoleConnection::State;

namespace {

const QString timeoutKey = u"console/timeout"_s;
constexpr int defaultTimeout = 120; // seconds
constexpr int maxTimeout = 3'600;

/// What a list says while it has nothing, and the list.
QStackedWidget *stackOf(const QString &name, const QString &sentence, QWidget *list)
{
    auto *none = new QLabel(sentence);
    none->setObjectName(name);
    none->setWordWrap(true);
    none->setAlignment(Qt::AlignCenter);
    none->setForegroundRole(QPalette::PlaceholderText);
    auto *stack = new QStackedWidget;
    stack->addWidget(none);
    stack->addWidget(list);
    return stack;
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
    , m_connection(new ConsoleConnection(engine, this))
    , m_bar(new ConsoleBar)
    , m_banner(named(new Banner, u"consoleBanner"_s, tr("State of the connection")))
    , m_history(new CallHistory(this))
    , m_messages(new MessageModel(this))
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
    showOffer();
    m_ticker.start();
}

ConsolePage::~ConsolePage()
{
    // Fields that lose the focus as they go may still speak.
    m_bar->disconnect(this);
    m_arguments->disconnect(this);
    m_offers->disconnect(this);
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
    m_offers = new OffersPane;
    auto *body = named(new QSplitter, u"consoleSplitter"_s, tr("What the server offers, arguments, results"));
    body->addWidget(m_offers);
    body->addWidget(makeArguments());
    body->addWidget(makeResults());
    body->setChildrenCollapsible(false);
    body->setSizes({240, 370, 500});
    body->setStretchFactor(0, 2);
    body->setStretchFactor(1, 4);
    body->setStretchFactor(2, 5);
    return body;
}

QWidget *ConsolePage::makeArguments()
{
    m_arguments = new ArgumentsPane;
    m_offerTitle = named(new QLabel, u"consoleOffer"_s, tr("What is selected"));
    m_offerTitle->setTextFormat(Qt::PlainText);
    m_offerTitle->setWordWrap(true);
    m_call = named(new QPushButton(Theme::icon(u"play"_s), tr("C&all")), u"consoleCall"_s, tr("Send the request"));
    m_call->setToolTip(
        tr("Send the request (%1)").arg(QKeySequence(u"Ctrl+Return"_s).toString(QKeySequence::NativeText)));
    m_cancel = named(new QPushButton(Theme::icon(u"close"_s), tr("Cance&l")), u"consoleCancel"_s,
                     tr("Cancel what is under way"));
    auto *buttons = new QWidget;
    auto *row = new QHBoxLayout(buttons);
    row->setContentsMargins(Theme::tight, 0, Theme::tight, 0);
    row->setSpacing(Theme::gap);
    row->addWidget(m_call);
    row->addWidget(m_cancel);
    row->addStretch(1);
    m_timeout = named(new QSpinBox, u"consoleTimeout"_s, tr("Time-out of a request"));
    m_timeout->setRange(1, maxTimeout);
    m_timeout->setSuffix(tr(" s"));
    m_timeout->setValue(QSettings().value(timeoutKey, defaultTimeout).toInt());
    m_timeout->setToolTip(tr("How long the server may take; what it asks you meanwhile does not count"));
    connect(m_timeout, &QSpinBox::valueChanged, this, [](int seconds) { QSettings().setValue(timeoutKey, seconds); });
    auto *timeoutLabel = new QLabel(tr("T&ime-out"));
    timeoutLabel->setBuddy(m_timeout);
    row->addWidget(timeoutLabel);
    row->addWidget(m_timeout);
    return columnOf({new PaneHead(m_offerTitle, {}), m_arguments, buttons}, 1);
}

QWidget *ConsolePage::makeResults()
{
    m_result = new ResultPane;
    m_question = new QuestionPane;
    m_resultStack = new QStackedWidget;
    m_resultStack->addWidget(m_result);
    m_resultStack->addWidget(m_question);
    auto *tabs = named(new QTabWidget, u"consoleLog"_s, tr("Calls, and what the server tells"));
    tabs->setDocumentMode(true);
    tabs->addTab(makeHistory(), tr("Histor&y"));
    tabs->addTab(makeMessages(), tr("Messa&ges"));
    auto *both = named(new QSplitter(Qt::Vertical), u"consoleResultSplitter"_s, tr("Result above, history below"));
    both->addWidget(m_resultStack);
    both->addWidget(tabs);
    both->setChildrenCollapsible(false);
    both->setSizes({300, 150});
    both->setStretchFactor(0, 2);
    both->setStretchFactor(1, 1);
    return both;
}

QWidget *ConsolePage::makeMessages()
{
    auto *view = named(new QTableView, u"consoleMessages"_s, tr("What the server tells"));
    view->setModel(m_messages);
    prepareTable(view);
    view->horizontalHeader()->setSectionResizeMode(MessageModel::Text, QHeaderView::Stretch);
    fitColumn(view, MessageModel::Time, u"00:00:00"_s);
    fitColumn(view, MessageModel::Kind, u"resources/list_changed"_s);
    m_messageStack = stackOf(u"consoleNoMessages"_s,
                             tr("Progress, logs and changes are listed here as the server tells them."), view);
    return m_messageStack;
}

QWidget *ConsolePage::makeHistory()
{
    m_historyView = named(new QTableView, u"consoleHistory"_s, tr("Calls that were made"));
    m_historyView->setModel(m_history);
    prepareTable(m_historyView);
    m_historyView->horizontalHeader()->setSectionResizeMode(CallHistory::Arguments, QHeaderView::Stretch);
    fitColumn(m_historyView, CallHistory::Time, u"00:00:00"_s);
    fitColumn(m_historyView, CallHistory::Name, u"create_todo"_s);
    for (const auto column : {CallHistory::Status, CallHistory::Duration})
        m_historyView->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    m_historyView->setToolTip(tr("Return or a double click calls again"));
    m_historyStack = stackOf(u"consoleNoHistory"_s,
                             tr("Calls are listed here; Return or a double click makes one again."), m_historyView);
    return m_historyStack;
}

void ConsolePage::connectAll()
{
    connect(m_bar, &ConsoleBar::connectRequested, this, &ConsolePage::connectToServer);
    connect(m_bar, &ConsoleBar::disconnectRequested, m_connection, &ConsoleConnection::close);
    connect(m_forget, &QToolButton::clicked, this, &ConsolePage::logOut);
    connect(m_banner, &Banner::actionTriggered, this, &ConsolePage::followAction);
    connect(m_offers, &OffersPane::connectRequested, this, &ConsolePage::connectToServer);
    connect(m_offers, &OffersPane::selectionChanged, this, &ConsolePage::showOffer);
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
        m_messages->clear();
        m_messageStack->setCurrentIndex(0);
        m_offers->setOffers(introduction.offers);
    });
    connect(m_connection, &ConsoleConnection::listed, this,
            [this](const ServerIntroduction &introduction) { m_offers->setOffers(introduction.offers); });
    connect(m_connection, &ConsoleConnection::closed, this, [this] {
        m_question->clear();
        m_offers->clear();
    });
    connect(m_connection, &ConsoleConnection::asked, this,
            [this](const ServerQuestion &question) { m_question->ask(m_bar->url(), question); });
    connect(m_connection, &ConsoleConnection::withdrawn, m_question, &QuestionPane::withdraw);
    connect(m_connection, &ConsoleConnection::heard, this, [this](const QString &method, const QJsonObject &params) {
        m_messages->add(messageOf(method, params));
        m_messageStack->setCurrentIndex(1);
    });
    connect(m_question, &QuestionPane::answered, m_connection, &ConsoleConnection::answer);
    connect(m_question, &QuestionPane::changed, this, &ConsolePage::showQuestion);
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
    const Offer *offer = m_offers->selected();
    if (m_connection->state() != State::Connected || !offer || !m_arguments->isValid())
        return;
    const auto arguments = m_arguments->arguments();
    if (!arguments)
        return showVerdict({.level = Level::Warning, .title = tr("Not sent"), .detail = arguments.error().message});
    send(*arguments);
}

void ConsolePage::send(const QJsonObject &arguments)
{
    m_connection->call(
        {.offer = *m_offers->selected(), .arguments = arguments, .timeout = std::chrono::seconds(m_timeout->value())});
}

void ConsolePage::showCall(const ClientCall &outcome)
{
    m_result->setCall(outcome);
    m_result->setExchange(m_connection->lastExchange());
}

void ConsolePage::repeat(int row)
{
    const CallRecord record = m_history->record(row);
    if (m_connection->state() == State::Idle)
        return showVerdict({.level = Level::Warning,
                            .title = tr("Not connected"),
                            .detail = tr("Connect to the server, then call again.")});
    if (m_connection->isBusy())
        return;
    if (!m_offers->select(groupOf(record.kind), record.name))
        return showVerdict({.level = Level::Warning,
                            .title = tr("Not sent"),
                            .detail = tr("This server offers no %1.").arg(record.name)});
    m_arguments->setArguments(record.arguments);
    send(record.arguments);
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

/// What was typed stays as long as the offer is the same.
void ConsolePage::showOffer()
{
    const Offer *offer = m_offers->selected();
    m_offerTitle->setText(!offer                   ? tr("Arguments")
                          : offer->title.isEmpty() ? offer->name
                                                   : u"%1 · %2"_s.arg(offer->name, offer->title));
    if (offer && m_shown != *offer) {
        m_shown = *offer;
        m_arguments->setOffer(*offer);
    }
    updateState();
}

void ConsolePage::showQuestion()
{
    const bool isAsking = m_question->isAsking();
    m_resultStack->setCurrentWidget(isAsking ? static_cast<QWidget *>(m_question) : m_result);
    if (isAsking)
        showVerdict({.level = Level::Busy,
                     .title = tr("The server asks you"),
                     .detail = tr("Answer on the right; the request goes on then.")});
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
    const bool hasOffer = state != State::Idle && m_offers->selected() != nullptr;
    m_bar->setIdle(state == State::Idle);
    m_arguments->setEnabled(hasOffer);
    m_call->setEnabled(state == State::Connected && hasOffer && m_arguments->isValid());
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
