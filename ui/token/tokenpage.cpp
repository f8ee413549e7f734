#include "ui/token/tokenpage.h"

#include "ui/engine.h"
#include "ui/server/serverconfiguration.h"
#include "ui/theme.h"
#include "ui/token/checkspane.h"
#include "ui/token/claimsmodel.h"
#include "ui/token/matrixpane.h"
#include "ui/token/mintpanel.h"
#include "ui/token/timewords.h"
#include "ui/token/tokenjudge.h"
#include "ui/token/verdictmodels.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/copybutton.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/names.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTextDocument>
#include <QTreeView>

#include <algorithm>
#include <chrono>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace McpAuth::Ui {

namespace {

/// More than this was not meant as a token.
constexpr qsizetype maxPaste = 1024 * 1024;

struct KindLook
{
    TokenKind kind;
    Level level;
    const char *title;
};

/// What a token is before any server has judged it.
constexpr KindLook kinds[] = {
    {TokenKind::Empty, Level::Info, QT_TRANSLATE_NOOP("McpAuth::Ui::TokenPage", "Paste an access token, or mint one")},
    {TokenKind::Encrypted, Level::Warning, QT_TRANSLATE_NOOP("McpAuth::Ui::TokenPage", "An encrypted token (JWE)")},
    {TokenKind::Opaque, Level::Warning, QT_TRANSLATE_NOOP("McpAuth::Ui::TokenPage", "An opaque token")},
    {TokenKind::Malformed, Level::Error, QT_TRANSLATE_NOOP("McpAuth::Ui::TokenPage", "Not a readable token")},
    {TokenKind::Jwt, Level::Info, QT_TRANSLATE_NOOP("McpAuth::Ui::TokenPage", "Read, but not judged")},
};

/// A row of widgets without margins.
QWidget *rowOf(const QList<QWidget *> &left, const QList<QWidget *> &right)
{
    auto *box = new QWidget;
    auto *row = new QHBoxLayout(box);
    row->setContentsMargins({});
    row->setSpacing(Theme::tight);
    for (QWidget *widget : left)
        row->addWidget(widget);
    row->addStretch();
    for (QWidget *widget : right)
        row->addWidget(widget);
    return box;
}

QWidget *columnOf(const QList<QWidget *> &widgets, int top)
{
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, top, 0, 0);
    column->setSpacing(Theme::tight);
    for (QWidget *widget : widgets)
        column->addWidget(widget);
    return box;
}

QSplitter *split(Qt::Orientation orientation, const QList<QWidget *> &panes, const QList<int> &sizes)
{
    auto *splitter = new QSplitter(orientation);
    for (QWidget *widget : panes)
        splitter->addWidget(widget);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes(sizes);
    for (int i = 0; i < sizes.size(); ++i)
        splitter->setStretchFactor(i, sizes[i]);
    return splitter;
}

/// As servers count by default: expired only a minute after its end.
bool isExpired(const QJsonObject &claims)
{
    const auto now = std::chrono::floor<std::chrono::seconds>(systemClock()()).time_since_epoch().count();
    const QJsonValue exp = claims.value("exp"_L1);
    return exp.isDouble() && exp.toDouble() + 60 < static_cast<double>(now);
}

} // namespace

TokenPage::TokenPage(Engine *engine, QWidget *parent)
    : QWidget(parent)
    , m_engine(engine)
    , m_judge(new TokenJudge(engine, this))
    , m_claims(new ClaimsModel(systemClock(), this))
    , m_banner(named(new Banner, u"tokenBanner"_s, tr("The verdict")))
    , m_mint(new MintPanel(engine))
    , m_checks(new ChecksPane)
    , m_matrix(new MatrixPane)
{
    m_debounce.setSingleShot(true);
    m_debounce.setInterval(150ms);
    m_ticker.setInterval(1s);
    auto *upper = named(split(Qt::Horizontal, {makeInput(), makeClaims(), m_checks}, {290, 330, 360}),
                        u"tokenUpperSplitter"_s, tr("Token, claims and checks"));
    auto *both = named(split(Qt::Vertical, {upper, m_matrix}, {300, 250}), u"tokenSplitter"_s,
                       tr("The token above, the server below"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Theme::margin, Theme::margin, Theme::margin, Theme::gap);
    column->setSpacing(Theme::gap);
    column->addWidget(m_banner);
    column->addWidget(both, 1);

    connectAll();
    m_matrix->setServer(engine->server());
    read();
    m_ticker.start();
}

QWidget *TokenPage::makeInput()
{
    auto *tabs = named(new QTabWidget, u"tokenInputTabs"_s, tr("Where the token comes from"));
    tabs->setDocumentMode(true);
    tabs->addTab(makePaste(), tr("&Token"));
    tabs->addTab(m_mint, tr("&Mint a token"));
    connect(m_mint, &MintPanel::minted, this, [this, tabs](const QByteArray &token) {
        tabs->setCurrentIndex(0);
        setToken(token);
    });
    connect(m_mint, &MintPanel::failed, this,
            [this](const QString &message) { showProblem(tr("No token was minted"), message); });
    return tabs;
}

QWidget *TokenPage::makePaste()
{
    m_text = named(new QPlainTextEdit, u"tokenText"_s, tr("Token"));
    m_text->setPlaceholderText(
        tr("Paste a token here: alone, as “Authorization: Bearer …”, or the JSON answer of a token endpoint."));
    m_text->setFont(Theme::monospace());
    m_text->setWordWrapMode(QTextOption::WrapAnywhere);
    m_text->setTabChangesFocus(true);
    auto *copy =
        named(new CopyButton([this] { return QString::fromUtf8(m_token); }), u"tokenCopy"_s, tr("Copy the token"));
    auto *clear =
        named(new QPushButton(Theme::icon(u"clear"_s), tr("C&lear")), u"tokenClear"_s, tr("Forget the token"));
    connect(m_text, &QPlainTextEdit::textChanged, &m_debounce, qOverload<>(&QTimer::start));
    connect(clear, &QPushButton::clicked, this, &TokenPage::clear);
    return columnOf({m_text, rowOf({makePresets()}, {copy, clear})}, Theme::tight);
}

QPushButton *TokenPage::makePresets()
{
    auto *button = named(new QPushButton(Theme::icon(u"mint"_s), tr("Mi&nt")), u"tokenPresets"_s,
                         tr("Mint a token at the local issuer"));
    auto *menu = new QMenu(button);
    for (const Preset preset : presets()) {
        QAction *action = menu->addAction(titleOf(preset));
        action->setObjectName(u"tokenPreset%1"_s.arg(static_cast<int>(preset)));
        connect(action, &QAction::triggered, m_mint, [this, preset] { m_mint->mintPreset(preset); });
    }
    button->setMenu(menu);
    button->setEnabled(m_mint->canMint());
    connect(m_mint, &MintPanel::canMintChanged, button, [this, button] { button->setEnabled(m_mint->canMint()); });
    return button;
}

QWidget *TokenPage::makeClaims()
{
    m_claimsView = named(new QTreeView, u"tokenClaims"_s, tr("Header and claims"));
    m_claimsView->setModel(m_claims);
    m_claimsView->setUniformRowHeights(true);
    m_claimsView->header()->setSectionResizeMode(ClaimsModel::Name, QHeaderView::ResizeToContents);
    m_claimsView->header()->setStretchLastSection(true);
    auto *title = new QLabel(tr("Header and &claims"));
    title->setBuddy(m_claimsView);
    QFont font = title->font();
    font.setBold(true);
    title->setFont(font);
    auto *copy =
        named(new CopyButton([this] { return m_claimsView->currentIndex().data(ClaimsModel::RawRole).toString(); }),
              u"tokenCopyClaim"_s, tr("Copy the selected value"));
    m_noClaims = new EmptyState(u"token"_s, {});
    m_claimsStack = new QStackedWidget;
    m_claimsStack->addWidget(m_claimsView);
    m_claimsStack->addWidget(m_noClaims);
    return columnOf({rowOf({title}, {copy}), m_claimsStack}, 0);
}

void TokenPage::connectAll()
{
    connect(&m_debounce, &QTimer::timeout, this, &TokenPage::read);
    connect(&m_ticker, &QTimer::timeout, this, &TokenPage::tick);
    connect(m_judge, &TokenJudge::judged, m_matrix, &MatrixPane::setVerdict);
    connect(m_matrix, &MatrixPane::startRequested, this, &TokenPage::startServer);
    connect(m_matrix, &MatrixPane::selectedVerdictChanged, this, [this] {
        m_checks->setVerdict(*m_matrix->selectedVerdict());
        m_problemShown = false;
        showBanner();
    });
    connect(m_engine, &Engine::serverChanged, this, &TokenPage::serverChanged);
    connect(m_engine, &Engine::localIssuerChanged, this, &TokenPage::mintOnce);
}

void TokenPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    mintOnce();
}

void TokenPage::serverChanged()
{
    m_matrix->setServer(m_engine->server());
    judge();
    mintOnce();
}

void TokenPage::mintOnce()
{
    const ServerState &server = m_engine->server();
    if (m_mintedOnce || !isVisible() || !server.running || !m_text->document()->isEmpty())
        return;
    if (!m_mint->canMint() || !server.issuers.contains(m_engine->localIssuer()))
        return;
    m_mintedOnce = true;
    m_mint->mintPreset(Preset::Good);
}

void TokenPage::startServer()
{
    m_matrix->setStarting(true);
    m_banner->setVerdict(Level::Busy, tr("Starting the server…"));
    runStart(this, m_engine);
}

QCoro::Task<> TokenPage::runStart(QPointer<TokenPage> self, QPointer<Engine> engine)
{
    QSettings settings;
    const ServerConfiguration configuration = loadServerConfiguration(settings);
    QString problem;
    if (const QList<FieldProblem> problems = problemsOf(configuration, engine->localIssuer()); !problems.isEmpty()) {
        problem = problems.first().message;
    } else {
        const Demo::DemoServerOptions options = toOptions(configuration, engine->localIssuer());
        const Result<> started = co_await engine->startServer(options);
        if (!started)
            problem = startProblem(started.error(), configuration.port).message;
    }
    if (!self)
        co_return;
    self->m_matrix->setStarting(false);
    if (!problem.isEmpty())
        self->showProblem(tr("The server did not start"), tr("%1 The Server page has its settings.").arg(problem));
}

void TokenPage::setToken(const QByteArray &token)
{
    m_text->setPlainText(QString::fromUtf8(token));
    m_debounce.stop();
    read();
}

void TokenPage::clear()
{
    m_mintedOnce = true;
    m_text->clear();
    m_text->document()->clearUndoRedoStacks();
    m_debounce.stop();
    read();
    m_text->setFocus();
}

void TokenPage::read()
{
    m_token = tokenFromPaste(m_text->toPlainText().left(maxPaste));
    m_decoded = decodeToken(m_token);
    m_expired = isExpired(m_decoded.claims);
    m_claims->setToken(m_decoded);
    m_claimsView->expandAll();
    m_noClaims->setSentence(m_token.isEmpty() ? tr("A token's header and claims appear here.")
                                              : tr("Nothing in this token can be read."));
    m_claimsStack->setCurrentIndex(m_claims->rowCount() > 0 ? 0 : 1);
    judge();
}

void TokenPage::judge()
{
    m_problemShown = false;
    m_checks->clear();
    m_matrix->clearVerdicts(m_token.isEmpty() ? tr("Paste a token to see the whole HTTP response.")
                                              : tr("Start the server to see the whole HTTP response."));
    showBanner();
    if (m_token.isEmpty() || !m_engine->server().running)
        m_judge->cancel();
    else
        m_judge->judge(m_token, m_matrix->tools());
}

void TokenPage::tick()
{
    if (!isVisible())
        return;
    m_claims->tick();
    if (const bool expired = isExpired(m_decoded.claims); expired != m_expired) {
        m_expired = expired;
        judge();
    } else if (!m_problemShown && !m_decoded.claims.isEmpty()) {
        showBanner();
    }
}

void TokenPage::showBanner()
{
    const QString life = m_decoded.claims.isEmpty() ? QString() : remainingLife(m_decoded.claims, systemClock()());
    if (const Bearer::Verdict *verdict = m_matrix->selectedVerdict(); verdict && m_decoded.kind == TokenKind::Jwt) {
        const VerdictWords words = bannerWords(*verdict, m_matrix->selectedTool());
        m_banner->setVerdict(verdict->accepted ? Level::Ok : Level::Error, words.title, words.detail, life);
        return;
    }
    const auto look = std::ranges::find(kinds, m_decoded.kind, &KindLook::kind);
    QString detail = m_decoded.problem;
    if (m_decoded.kind == TokenKind::Jwt)
        detail = m_engine->server().running
                     ? tr("The server is judging it.")
                     : tr("Nobody vouches for what it says until a server has checked it: start one below.");
    if (m_decoded.kind == TokenKind::Empty)
        detail = tr("It stays in this window: it is neither stored nor logged.");
    m_banner->setVerdict(look->level, tr(look->title), detail, life);
}

void TokenPage::showProblem(const QString &title, const QString &detail)
{
    m_problemShown = true;
    m_banner->setVerdict(Level::Error, title, detail);
}

} // namespace McpAuth::Ui
