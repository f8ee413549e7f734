#include "ui/flow/flowpage.h"

#include "oauth/refusal.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"
#include "ui/engine/localissuer.h"
#include "ui/flow/diagramlayout.h"
#include "ui/flow/diagrampane.h"
#include "ui/flow/flowbar.h"
#include "ui/flow/flowform.h"
#include "ui/flow/issuerpane.h"
#include "ui/flow/resultbar.h"
#include "ui/flow/sequencediagram.h"
#include "ui/flow/stepdetail.h"
#include "ui/flow/stepmodel.h"
#include "ui/server/serverconfiguration.h"
#include "ui/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/names.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QListView>
#include <QScopedValueRollback>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using OAuth::Step;
using OAuth::StepState;

namespace {

enum Tab { StepsTab, OptionsTab, IssuerTab };

} // namespace

FlowPage::FlowPage(Engine *engine, QWidget *parent)
    : QWidget(parent)
    , m_engine(engine)
    , m_bar(new FlowBar)
    , m_banner(named(new Banner, u"flowBanner"_s, tr("State of the flow")))
    , m_result(new ResultBar)
    , m_pane(new DiagramPane)
    , m_steps(new StepModel(this))
{
    setObjectName(u"flowPage"_s);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Theme::margin, Theme::margin, Theme::margin, Theme::gap);
    column->setSpacing(Theme::gap);
    column->addWidget(m_bar);
    column->addWidget(m_banner);
    column->addWidget(m_result);
    column->addWidget(makeBody(), 1);
    QSettings settings;
    m_form->setConfiguration(loadFlowConfiguration(settings));
    m_bar->setEmbeddedUrl(engine->server()->state().url);
    connectAll();
    updateState();
}

FlowPage::~FlowPage()
{
    if (m_running && m_engine)
        m_engine->flows()->cancel();
    // Fields that lose the focus as they go may still speak.
    m_bar->disconnect(this);
    m_form->disconnect(this);
}

QWidget *FlowPage::makeBody()
{
    m_detail = new StepDetail;
    auto *right = named(new QSplitter(Qt::Vertical), u"flowRightSplitter"_s, tr("Steps above, what they say below"));
    right->addWidget(makeTabs());
    right->addWidget(m_detail);
    right->setChildrenCollapsible(false);
    right->setSizes({300, 220});
    right->setStretchFactor(0, 3);
    right->setStretchFactor(1, 2);
    auto *both = named(new QSplitter(Qt::Horizontal), u"flowSplitter"_s, tr("The diagram beside its steps"));
    both->addWidget(m_pane);
    both->addWidget(right);
    both->setChildrenCollapsible(false);
    both->setSizes({740, 430});
    both->setStretchFactor(0, 3);
    both->setStretchFactor(1, 2);
    return both;
}

QWidget *FlowPage::makeTabs()
{
    m_list = named(new QListView, u"flowSteps"_s, tr("Steps"));
    m_list->setModel(m_steps);
    m_list->setItemDelegate(new StepDelegate(m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setResizeMode(QListView::Adjust);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_form = new FlowForm;
    m_issuer = new IssuerPane(m_engine->issuer());
    m_tabs = named(new QTabWidget, u"flowTabs"_s, tr("Steps, options, and the embedded provider"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_list, tr("St&eps"));
    m_tabs->addTab(m_form, tr("&Options"));
    m_tabs->addTab(m_issuer, tr("Embedded &provider"));
    return m_tabs;
}

void FlowPage::connectAll()
{
    connect(m_bar, &FlowBar::runRequested, this, &FlowPage::run);
    connect(m_bar, &FlowBar::stepRequested, this, &FlowPage::step);
    connect(m_bar, &FlowBar::cancelRequested, this, &FlowPage::cancel);
    connect(m_bar, &FlowBar::resetRequested, this, &FlowPage::reset);
    connect(m_banner, &Banner::actionTriggered, this, &FlowPage::followAction);
    connect(m_pane, &DiagramPane::invitationTaken, this, &FlowPage::tryEmbedded);
    connect(m_pane, &DiagramPane::failed, this, [this](const QString &message) {
        m_banner->setVerdict(Level::Error, tr("The diagram was not exported"), message);
    });
    connect(m_pane->diagram(), &SequenceDiagram::selected, this, &FlowPage::selectFromDiagram);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &FlowPage::selectFromList);
    connect(m_form, &FlowForm::changed, this, &FlowPage::changeOptions);
    connect(m_bar, &FlowBar::urlChanged, this, &FlowPage::changeUrl);
    connect(m_issuer, &IssuerPane::faultCountChanged, this, [this](int count) {
        const QString title = tr("Embedded &provider");
        m_tabs->setTabText(IssuerTab, count == 0 ? title : u"%1 (%2)"_s.arg(title).arg(count));
    });
    connect(m_result, &ResultBar::tokenPageRequested, this, [this] {
        if (m_authorization)
            Q_EMIT tokenPageRequested(m_authorization->tokens.accessToken.reveal());
    });
    connect(m_result, &ResultBar::consoleRequested, this, [this] {
        if (m_authorization)
            Q_EMIT consoleRequested(*m_authorization);
    });
    connect(m_engine->server(), &EmbeddedServer::changed, this,
            [this] { m_bar->setEmbeddedUrl(m_engine->server()->state().url); });
    connect(m_engine->flows(), &Flows::stepChanged, this, &FlowPage::showStep);
    connect(m_engine->flows(), &Flows::paused, this, &FlowPage::showPause);
    connect(m_engine->flows(), &Flows::browserOpened, this, [this](const QString &url) { m_browserUrl = url; });
    auto *escape = new QShortcut(Qt::Key_Escape, this);
    escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, &FlowPage::cancel);
}

void FlowPage::setMcpUrl(const QString &url)
{
    if (!m_running)
        m_bar->setUrl(url);
}

void FlowPage::changeOptions()
{
    const FlowConfiguration configuration = m_form->configuration();
    QSettings settings;
    saveFlowConfiguration(configuration, settings);
    const QString title = tr("&Options");
    const QString on = inWords(configuration.overrides);
    m_tabs->setTabText(OptionsTab, on.isEmpty() ? title : u"%1 (%2)"_s.arg(title, on));
    Q_EMIT plainHttpAllowed(configuration.overrides.allowHttp ? m_bar->url() : QString());
}

/// What one server is forgiven no other one is (RFC 9728 §7.3).
void FlowPage::changeUrl()
{
    m_form->clearForServer();
    reset();
}

void FlowPage::setConsoleAvailable(bool available)
{
    m_result->setConsoleAvailable(available);
}

bool FlowPage::stepUp(const QString &mcpUrl, const QStringList &scopes)
{
    if (m_running)
        return false;
    setMcpUrl(mcpUrl);
    start(false, scopes);
    return m_running;
}

void FlowPage::run()
{
    if (!m_running)
        return start(false);
    if (!m_paused)
        return;
    m_paused = false;
    updateState();
    m_engine->flows()->proceed(true);
}

void FlowPage::step()
{
    if (!m_running)
        return start(true);
    if (!m_paused)
        return;
    m_paused = false;
    updateState();
    m_engine->flows()->proceed(false);
}

void FlowPage::cancel()
{
    if (!m_running)
        return;
    m_banner->setVerdict(Level::Busy, tr("Cancelling…"));
    m_engine->flows()->cancel();
}

void FlowPage::reset()
{
    if (m_running)
        return;
    m_authorization.reset();
    m_steps->clear();
    m_pane->diagram()->select(-1);
    m_pane->setSteps(m_steps->steps());
    m_detail->clear();
    m_result->setToken({});
    m_banner->hide();
    m_action = FlowAction::None;
    m_browserUrl.clear();
    updateState();
}

void FlowPage::start(bool stepping, const QStringList &previousScopes)
{
    m_granted = {};
    m_previousScopes = previousScopes;
    const FlowConfiguration configuration = m_form->configuration();
    FlowRequest request = toRequest(configuration, m_bar->url(), stepping);
    request.options.previousScopes = previousScopes;
    start(configuration, std::move(request));
}

/// With what the banner was granted for this run, beside the form's choices.
void FlowPage::startAgain(bool registerAnew)
{
    FlowConfiguration configuration = m_form->configuration();
    for (const Override &entry : overrides())
        configuration.overrides.*entry.member |= m_granted.*entry.member;
    FlowRequest request = toRequest(configuration, m_bar->url(), false);
    request.options.registerAnew = registerAnew;
    request.options.previousScopes = m_previousScopes;
    start(configuration, std::move(request));
}

void FlowPage::start(const FlowConfiguration &configuration, FlowRequest request)
{
    const QList<FlowProblem> problems = problemsOf(configuration, m_bar->url());
    m_form->showProblems(problems);
    if (!problems.isEmpty()) {
        m_action = FlowAction::None;
        m_banner->setVerdict(Level::Warning, tr("The flow cannot start yet"), problems.first().message);
        if (problems.first().field == FlowField::McpUrl)
            return m_bar->focusUrl();
        m_tabs->setCurrentIndex(OptionsTab);
        return m_form->showProblems(problems);
    }
    reset();
    m_running = true;
    m_used = configuration.overrides;
    updateState();
    m_tabs->setCurrentIndex(StepsTab);
    m_follows = true;
    m_bar->remember(m_bar->url());
    m_banner->setVerdict(Level::Busy, tr("Asking %1").arg(m_bar->url()), inWords(m_used));
    request.keeping = keepingFor(configuration, m_bar->url(), m_engine->server()->state());
    if (!request.options.scopes.isEmpty())
        request.options.scopes += request.options.previousScopes; // the user's scopes replace the flow's own choice
    request.options.scopes.removeDuplicates();
    perform(this, m_engine, std::move(request));
}

/// Not at the program's start: the session bus may be slow to answer.
void FlowPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!std::exchange(m_askedForKeychain, true))
        findKeychain(this, m_engine);
}

QCoro::Task<> FlowPage::findKeychain(QPointer<FlowPage> page, QPointer<Engine> engine)
{
    const bool available = co_await engine->keychain()->isAvailable();
    if (page)
        page->m_form->setKeychainAvailable(available);
}

QCoro::Task<> FlowPage::perform(QPointer<FlowPage> page, QPointer<Engine> engine, FlowRequest request)
{
    const Result<OAuth::Authorization> outcome = co_await engine->flows()->run(request);
    if (!page)
        co_return;
    page->m_running = false;
    page->m_paused = false;
    page->updateState();
    page->showOutcome(outcome);
    if (outcome && outcome->server.issuer != engine->issuer()->url()) // whose URL is another one with every start
        page->m_form->learnClientIssuer(outcome->client, outcome->server.issuer);
    if (!outcome)
        Q_EMIT page->failed(outcome.error());
    else if (outcome->callError && OAuth::isRefusalOfToken(*outcome->callError))
        Q_EMIT page->failed(*outcome->callError);
    else
        Q_EMIT page->authorized(*outcome);
}

void FlowPage::tryEmbedded()
{
    if (m_running)
        return;
    if (m_engine->server()->state().running) {
        setMcpUrl(m_engine->server()->state().url);
        return run();
    }
    m_banner->setVerdict(Level::Busy, tr("Starting the server…"));
    startServer(this, m_engine);
}

QCoro::Task<> FlowPage::startServer(QPointer<FlowPage> page, QPointer<Engine> engine)
{
    const Result<> started = co_await startSavedServer(engine);
    if (!page)
        co_return;
    if (started)
        page->tryEmbedded();
    else
        page->m_banner->setVerdict(Level::Error, tr("The server did not start"), started.error().message);
}

void FlowPage::showStep(const Step &step)
{
    if (!m_running)
        return;
    m_steps->setStep(step);
    m_pane->setSteps(m_steps->steps());
    const int row = int(step.kind);
    if (step.state == StepState::Running)
        showProgress(step.kind);
    if (m_follows)
        follow(row);
    else if (m_list->currentIndex().row() == row)
        m_detail->showStep(step, m_pane->diagram()->selectedMessage());
}

void FlowPage::showProgress(OAuth::StepKind kind)
{
    const bool waitsForUser = kind == OAuth::StepKind::AuthorizationResponse && !m_browserUrl.isEmpty();
    m_banner->setVerdict(Level::Busy,
                         tr("Step %1 of %2: %3").arg(int(kind) + 1).arg(m_steps->rowCount()).arg(OAuth::title(kind)),
                         waitsForUser ? tr("Sign in in the browser: this window waits for it.") : inWords(m_used));
    m_action = waitsForUser ? FlowAction::CopyUrl : FlowAction::None;
    if (waitsForUser)
        m_banner->setAction(tr("Copy the address"));
}

void FlowPage::showPause(OAuth::StepKind next)
{
    if (!m_running)
        return;
    m_paused = true;
    m_action = FlowAction::None;
    updateState();
    m_banner->setVerdict(Level::Info, tr("Before step %1: %2").arg(int(next) + 1).arg(OAuth::title(next)),
                         tr("Step runs it alone, Run all that follow."));
}

void FlowPage::showOutcome(const Result<OAuth::Authorization> &outcome)
{
    const FlowVerdict verdict = verdictOf(outcome, m_steps->steps(), systemClock()());
    QStringList detail = {verdict.detail, inWords(m_used)};
    detail.removeAll(QString());
    m_banner->setVerdict(verdict.level, verdict.title, detail.join(u" · "_s));
    m_action = verdict.action;
    m_override = verdict.override;
    if (m_action == FlowAction::UseOverride)
        m_banner->setAction(tr("Try anyway"));
    else if (m_action == FlowAction::EnterClientId)
        m_banner->setAction(tr("Enter a client ID"));
    else if (m_action == FlowAction::RegisterAnew)
        m_banner->setAction(tr("Register again"));
    if (!outcome)
        return;
    m_authorization = *outcome;
    m_detail->setToken(outcome->tokens.accessToken);
    m_result->setToken(outcome->tokens.accessToken);
    if (m_follows)
        follow(int(outcome->callError ? OAuth::StepKind::Call : OAuth::StepKind::Token));
}

void FlowPage::followAction()
{
    if (m_action == FlowAction::CopyUrl)
        return QGuiApplication::clipboard()->setText(m_browserUrl);
    const FlowAction action = std::exchange(m_action, FlowAction::None);
    if (action == FlowAction::UseOverride) {
        m_granted.*m_override = true; // those granted before stay, or it would fail where it did
        startAgain(false);
    } else if (action == FlowAction::RegisterAnew) {
        startAgain(true);
    } else if (action == FlowAction::EnterClientId) {
        m_tabs->setCurrentIndex(OptionsTab);
        m_form->focusClientId();
    }
}

void FlowPage::follow(int step)
{
    const QScopedValueRollback<bool> choosing(m_choosing, true);
    m_list->setCurrentIndex(m_steps->index(step));
    // Its height may be new.
    m_list->doItemsLayout();
    m_list->scrollTo(m_steps->index(step));
    m_detail->showStep(m_steps->steps().at(step), -1);
}

void FlowPage::selectFromList()
{
    const int row = m_list->currentIndex().row();
    if (m_choosing || row < 0)
        return;
    const Step &step = m_steps->steps().at(row);
    m_detail->showStep(step, -1);
    m_detail->showDecision();
    // A list that gets the focus chooses its first row by itself, which is no choice of the user's.
    if (step.state == StepState::Waiting)
        return;
    m_follows = false;
    m_pane->diagram()->select(row);
}

void FlowPage::selectFromDiagram(int step, int message)
{
    if (step < 0)
        return;
    m_follows = false;
    const QScopedValueRollback<bool> choosing(m_choosing, true);
    m_list->setCurrentIndex(m_steps->index(step));
    m_detail->showStep(m_steps->steps().at(step), message);
    if (message >= 0)
        m_detail->showExchange();
    else
        m_detail->showDecision();
}

void FlowPage::updateState()
{
    const auto begun =
        std::ranges::any_of(m_steps->steps(), [](const Step &step) { return step.state != StepState::Waiting; });
    m_bar->setState(!m_running ? FlowBar::State::Idle
                    : m_paused ? FlowBar::State::Paused
                               : FlowBar::State::Running,
                    begun || !m_banner->isHidden());
}

} // namespace McpAuth::Ui
