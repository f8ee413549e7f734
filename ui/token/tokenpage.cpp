#include "ui/token/tokenpage.h"

#include "jose/verify.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"
#include "ui/engine/localissuer.h"
#include "ui/server/serverconfiguration.h"
#include "ui/theme.h"
#include "ui/token/checkspane.h"
#include "ui/token/claimsmodel.h"
#include "ui/token/matrixpane.h"
#include "ui/token/mintpanel.h"
#include "ui/token/targetbar.h"
#include "ui/token/timewords.h"
#include "ui/token/tokenhighlighter.h"
#include "ui/token/tokenjudge.h"
#include "ui/token/verdictmodels.h"
#include "ui/token/verdictwords.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/names.h"

#include <QEvent>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTextDocument>
#include <QTreeView>
#include <QVBoxLayout>

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
    , m_target(new TargetBar)
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
    column->addWidget(m_target);
    column->addWidget(m_banner);
    column->addWidget(both, 1);

    connectAll();
    m_matrix->setServer(engine->server()->state());
    read();
    m_ticker.start();
}

void TokenPage::connectAll()
{
    connect(&m_debounce, &QTimer::timeout, this, &TokenPage::read);
    connect(&m_ticker, &QTimer::timeout, this, &TokenPage::tick);
    connect(m_judge, &TokenJudge::judged, m_matrix, &MatrixPane::setVerdict);
    connect(m_judge, &TokenJudge::judgedFor, this, &TokenPage::showJudgement);
    connect(m_judge, &TokenJudge::failed, this,
            [this](const Error &error) { showProblem(tr("The token could not be judged"), error.message); });
    connect(m_target, &TargetBar::targetChanged, this, &TokenPage::judge);
    connect(m_banner, &Banner::actionTriggered, this, [this] { m_target->setKind(JudgeTarget::Kind::TokenItself); });
    connect(m_matrix, &MatrixPane::startRequested, this, &TokenPage::startServer);
    connect(m_matrix, &MatrixPane::selectedVerdictChanged, this, [this] {
        m_checks->setVerdict(*m_matrix->selectedVerdict(), m_measures.issuers, m_measures.audience);
        m_problemShown = false;
        showBanner();
    });
    connect(m_engine->server(), &EmbeddedServer::changed, this, &TokenPage::serverChanged);
    connect(m_engine->issuer(), &LocalIssuer::changed, this, &TokenPage::mintOnce);
}

void TokenPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    mintOnce();
}

void TokenPage::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange || !m_highlighter)
        return;
    m_highlighter->rehighlight();
    m_claims->setToken(m_decoded);
    m_claimsView->expandAll();
}

void TokenPage::serverChanged()
{
    if (!isElsewhere())
        judge();
    mintOnce();
}

void TokenPage::mintOnce()
{
    const ServerState &server = m_engine->server()->state();
    if (m_mintedOnce || !isVisible() || !server.running || !m_text->document()->isEmpty())
        return;
    if (!m_mint->canMint() || !server.issuers.contains(m_engine->issuer()->url()))
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
    const Result<> started = co_await startSavedServer(engine);
    if (!self)
        co_return;
    self->m_matrix->setStarting(false);
    if (!started)
        self->showProblem(tr("The server did not start"), started.error().message);
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
    const QString text = m_text->toPlainText().left(maxPaste);
    m_token = tokenFromPaste(text);
    m_decoded = decodePaste(text);
    m_expired = isExpired(m_decoded.claims);
    m_claims->setToken(m_decoded);
    m_claimsView->expandAll();
    m_noClaims->setSentence(m_token.isEmpty() ? tr("A token's header and claims appear here.")
                                              : tr("Nothing in this token can be read."));
    m_claimsStack->setCurrentIndex(m_claims->rowCount() > 0 ? 0 : 1);
    judge();
}

bool TokenPage::isElsewhere() const
{
    return m_target->target().kind != JudgeTarget::Kind::EmbeddedServer;
}

QString TokenPage::serverUrl() const
{
    if (const JudgeTarget target = m_target->target(); !target.mcpUrl.isEmpty())
        return target.mcpUrl;
    const ServerState &server = m_engine->server()->state();
    const QStringList audience = Jose::audiencesOf(m_decoded.claims);
    if (server.running && audience.contains(server.resource))
        return server.url;
    const auto url = std::ranges::find_if(
        audience, [](const QString &one) { return one.startsWith("https://"_L1) || one.startsWith("http://"_L1); });
    return url != audience.end() ? *url : server.url;
}

bool TokenPage::isServerUrlClaimed() const
{
    return m_target->target().mcpUrl.isEmpty() && serverUrl() != m_engine->server()->state().url;
}

void TokenPage::judge()
{
    m_problemShown = false;
    m_checks->clear();
    m_judge->cancel();
    if (isElsewhere()) {
        judgeElsewhere();
        return;
    }
    const ServerState &server = m_engine->server()->state();
    m_measures = {server.issuers, server.audience, {}, {}};
    m_matrix->setServer(server);
    m_matrix->clearVerdicts(m_token.isEmpty() ? tr("Paste a token to see the whole HTTP response.")
                                              : tr("Start the server to see the whole HTTP response."));
    showMeasures();
    showBanner();
    if (!m_token.isEmpty() && server.running)
        m_judge->judge(m_token, m_matrix->tools());
}

/// Only what can be asked: a form that is not filled in yet says what it needs.
void TokenPage::judgeElsewhere()
{
    const JudgeTarget target = m_target->target();
    m_measures = {};
    m_matrix->setElsewhere(tr("Which tools a server has, and which scopes they need, is known of the embedded server "
                              "only."),
                           {});
    m_matrix->clearVerdicts(tr("The response to a refused token appears here."));
    showMeasures();
    const bool waits =
        (target.kind == JudgeTarget::Kind::McpServer && target.mcpUrl.isEmpty()) ||
        (target.kind == JudgeTarget::Kind::ByHand && target.issuer.isEmpty() && target.keySetUrl.isEmpty());
    if (m_token.isEmpty() || m_decoded.kind != TokenKind::Jwt || waits) {
        showBanner();
        return;
    }
    m_banner->setVerdict(Level::Busy, tr("Asking for metadata and keys…"));
    m_problemShown = true;
    m_judge->judgeFor(m_token, target);
}

void TokenPage::showJudgement(const Judgement &judgement)
{
    m_measures = judgement;
    m_matrix->setElsewhere(tr("Which tools a server has, and which scopes they need, is known of the embedded server "
                              "only."),
                           judgement.scopes);
    showMeasures();
}

void TokenPage::showMeasures()
{
    const bool known = isElsewhere() ? !m_measures.issuers.isEmpty() || !m_measures.audience.isEmpty()
                                     : m_engine->server()->state().running;
    m_target->setWords(known ? measuresInWords(m_measures) : QString());
    m_toConsole->setEnabled(!m_token.isEmpty());
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
        m_banner->setAside(remainingLife(m_decoded.claims, systemClock()()));
    }
}

void TokenPage::showBanner()
{
    const QString life = m_decoded.claims.isEmpty() ? QString() : remainingLife(m_decoded.claims, systemClock()());
    if (const Bearer::Verdict *verdict = m_matrix->selectedVerdict(); verdict && m_decoded.kind == TokenKind::Jwt) {
        const QStringList tools = m_matrix->tools();
        const VerdictWords words = bannerWords(*verdict, {.embedded = !isElsewhere(),
                                                          .tool = m_matrix->selectedTool(),
                                                          .tools = tools.size() - 1,
                                                          .refusedTools = m_matrix->refusedTools()});
        m_banner->setVerdict(words.level, words.title, words.detail, life);
        if (verdict->error == Bearer::BearerError::InvalidIssuer &&
            m_target->target().kind != JudgeTarget::Kind::TokenItself)
            m_banner->setAction(tr("Check with this token's issuer"));
        return;
    }
    const auto look = std::ranges::find(kinds, m_decoded.kind, &KindLook::kind);
    m_banner->setVerdict(look->level, tr(look->title), unjudgedWords(), life);
}

QString TokenPage::unjudgedWords() const
{
    if (m_decoded.kind == TokenKind::Empty)
        return tr("It stays in this window: it is neither stored nor logged.");
    if (m_decoded.kind != TokenKind::Jwt)
        return m_decoded.problem;
    switch (m_target->target().kind) {
    case JudgeTarget::Kind::McpServer:
        return tr("Enter the URL of an MCP server: its resource metadata says what it accepts.");
    case JudgeTarget::Kind::ByHand:
        return tr("Enter the issuer, or the URL of its key set.");
    default:
        return m_engine->server()->state().running
                   ? tr("The server is judging it.")
                   : tr("Its content is not verified yet: start the server below, or choose another to judge for.");
    }
}

void TokenPage::showProblem(const QString &title, const QString &detail)
{
    m_problemShown = true;
    m_banner->setVerdict(Level::Error, title, detail);
}

} // namespace McpAuth::Ui
