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
#include "ui/flow/stepselection.h"
#include "ui/server/serverconfiguration.h"
#include "ui/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/names.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QListView>
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
    , m_control(new FlowControl(engine, this))
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
    auto *list = named(new QListView, u"flowSteps"_s, tr("Steps"));
    list->setModel(m_steps);
    list->setItemDelegate(new StepDelegate(list));
    list->setFrameShape(QFrame::NoFrame);
    list->setResizeMode(QListView::Adjust);
    list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_selection = new StepSelection(m_steps, list, m_pane, m_detail, this);
    m_form = new FlowForm;
    m_issuer = new IssuerPane(m_engine->issuer());
    m_tabs = named(new QTabWidget, u"flowTabs"_s, tr("Steps, options, and the embedded provider"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(list, tr("St&eps"));
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
    connect(m_control, &FlowControl::stateChanged, this, &FlowPage::updateState);
    connect(m_control, &FlowControl::stepChanged, this, &FlowPage::showStep);
    connect(m_control, &FlowControl::paused, this, &FlowPage::showPause);
    connect(m_control, &FlowControl::authorized, this, &FlowPage::takeAuthorization);
    connect(m_control, &FlowControl::failed, this, [this](const Error &error) {
        showOutcome(fail(error));
        Q_EMIT failed(error);
    });
    auto *escape = new QShortcut(Qt::Key_Escape, this);
    escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, &FlowPage::cancel);
}

void FlowPage::setMcpUrl(const QString &url)
{
    if (isIdle())
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

bool FlowPage::isIdle() const
{
    return m_control->state() == FlowControl::State::Idle;
}

bool FlowPage::stepUp(const QString &mcpUrl, const QStringList &scopes)
{
    if (!isIdle())
        return false;
    setMcpUrl(mcpUrl);
    start(false, scopes);
    return !isIdle();
}

void FlowPage::run()
{
    if (isIdle())
        start(false);
    else
        m_control->proceed(true);
}

void FlowPage::step()
{
    if (isIdle())
        start(true);
    else
        m_control->proceed(false);
}

void FlowPage::cancel()
{
    if (isIdle())
        return;
    m_banner->setVerdict(Level::Busy, tr("Cancelling…"));
    m_control->cancel();
}

void FlowPage::reset()
{
    if (!isIdle())
        return;
    m_authorization.reset();
    m_selection->clear();
    m_result->setToken({});
    m_banner->hide();
    m_action = FlowAction::None;
    updateState();
}

void FlowPage::start(bool stepping, const QStringList &previousScopes)
{
    if (!prepareStart())
        return;
    m_control->start(m_form->configuration(), m_bar->url(), stepping, previousScopes);
    showStart();
}

/// With what the banner allowed, beside the form's choices.
void FlowPage::startAgain(bool registerAnew)
{
    if (!prepareStart())
        return;
    m_control->startAgain(m_form->configuration(), m_bar->url(), registerAnew);
    showStart();
}

bool FlowPage::prepareStart()
{
    const QList<FlowProblem> problems = problemsOf(m_form->configuration(), m_bar->url());
    const bool isAboutUrl = !problems.isEmpty() && problems.first().field == FlowField::McpUrl;
    if (!problems.isEmpty() && !isAboutUrl)
        m_tabs->setCurrentIndex(OptionsTab); // a field gets the focus only where it is seen
    m_form->showProblems(problems);
    if (problems.isEmpty()) {
        reset();
        return true;
    }
    m_action = FlowAction::None;
    m_banner->setVerdict(Level::Warning, tr("The flow cannot start yet"), problems.first().message);
    if (isAboutUrl)
        m_bar->focusUrl();
    return false;
}

void FlowPage::showStart()
{
    m_tabs->setCurrentIndex(StepsTab);
    m_bar->remember(m_bar->url());
    m_banner->setVerdict(Level::Busy, tr("Asking %1").arg(m_bar->url()), inWords(m_control->used()));
    updateState();
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

void FlowPage::takeAuthorization(const OAuth::Authorization &authorization)
{
    showOutcome(authorization);
    if (authorization.server.issuer != m_engine->issuer()->url()) // whose URL is another one with every start
        m_form->learnClientIssuer(authorization.client, authorization.server.issuer);
    if (authorization.callError && OAuth::isRefusalOfToken(*authorization.callError))
        Q_EMIT failed(*authorization.callError);
    else
        Q_EMIT authorized(authorization);
}

void FlowPage::tryEmbedded()
{
    if (!isIdle())
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
    m_selection->setStep(step);
    if (step.state == StepState::Running)
        showProgress(step.kind);
}

void FlowPage::showProgress(OAuth::StepKind kind)
{
    const bool waitsForUser = kind == OAuth::StepKind::AuthorizationResponse && !m_control->browserUrl().isEmpty();
    m_banner->setVerdict(Level::Busy,
                         tr("Step %1 of %2: %3").arg(int(kind) + 1).arg(m_steps->rowCount()).arg(OAuth::title(kind)),
                         waitsForUser ? tr("Sign in in the browser. If none has opened, copy the address into one.")
                                      : inWords(m_control->used()));
    m_action = waitsForUser ? FlowAction::CopyUrl : FlowAction::None;
    if (waitsForUser)
        m_banner->setAction(tr("Copy the address"));
}

void FlowPage::showPause(OAuth::StepKind next)
{
    m_action = FlowAction::None;
    m_banner->setVerdict(Level::Info, tr("Before step %1: %2").arg(int(next) + 1).arg(OAuth::title(next)),
                         tr("Step runs it alone, Run all that follow."));
}

void FlowPage::showOutcome(const Result<OAuth::Authorization> &outcome)
{
    const FlowVerdict verdict = verdictOf(outcome, m_steps->steps(), systemClock()());
    QStringList detail = {verdict.detail, inWords(m_control->used())};
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
    m_selection->show(outcome->callError ? OAuth::StepKind::Call : OAuth::StepKind::Token);
}

void FlowPage::followAction()
{
    if (m_action == FlowAction::CopyUrl)
        return QGuiApplication::clipboard()->setText(m_control->browserUrl());
    const FlowAction action = std::exchange(m_action, FlowAction::None);
    if (action == FlowAction::UseOverride) {
        m_control->allow(m_override); // those allowed before stay, or it would fail where it did
        startAgain(false);
    } else if (action == FlowAction::RegisterAnew) {
        startAgain(true);
    } else if (action == FlowAction::EnterClientId) {
        m_tabs->setCurrentIndex(OptionsTab);
        m_form->focusClientId();
    }
}

void FlowPage::updateState()
{
    const auto begun =
        std::ranges::any_of(m_steps->steps(), [](const Step &step) { return step.state != StepState::Waiting; });
    m_bar->setState(m_control->state(), begun || !m_banner->isHidden());
}

} // namespace McpAuth::Ui
