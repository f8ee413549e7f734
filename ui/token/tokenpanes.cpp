// The panes of the Token page that are no classes of their own.
#include "ui/theme.h"
#include "ui/token/claimsmodel.h"
#include "ui/token/mintpanel.h"
#include "ui/token/tokenhighlighter.h"
#include "ui/token/tokenpage.h"
#include "ui/widgets/copybutton.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/names.h"
#include "ui/widgets/panehead.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTreeView>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

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
    column->setSpacing(0);
    for (QWidget *widget : widgets)
        column->addWidget(widget);
    return box;
}

} // namespace

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
    m_text->setFrameShape(QFrame::NoFrame);
    m_highlighter = new TokenHighlighter(m_text->document());
    auto *copy =
        named(new CopyButton([this] { return QString::fromUtf8(m_token); }), u"tokenCopy"_s, tr("Copy the token"));
    auto *clear =
        named(new QPushButton(Theme::icon(u"clear"_s), tr("C&lear")), u"tokenClear"_s, tr("Forget the token"));
    connect(m_text, &QPlainTextEdit::textChanged, &m_debounce, qOverload<>(&QTimer::start));
    connect(clear, &QPushButton::clicked, this, &TokenPage::clear);
    return columnOf({m_text, rowOf({makePresets(), makeToConsole()}, {copy, clear})}, Theme::tight);
}

QPushButton *TokenPage::makeToConsole()
{
    m_toConsole = named(new QPushButton(Theme::icon(u"console"_s), tr("To th&e Console")), u"tokenToConsole"_s,
                        tr("Call tools with this token"));
    m_toConsole->setToolTip(tr("Call the tools of an MCP server with this token"));
    connect(m_toConsole, &QPushButton::clicked, this, [this] { Q_EMIT tokenForConsole(m_token); });
    return m_toConsole;
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
    m_claimsView->setFrameShape(QFrame::NoFrame);
    m_claimsView->header()->setSectionResizeMode(ClaimsModel::Name, QHeaderView::ResizeToContents);
    m_claimsView->header()->setStretchLastSection(true);
    auto *title = new QLabel(tr("Header and &claims"));
    title->setBuddy(m_claimsView);
    auto *copy =
        named(new CopyButton([this] { return m_claimsView->currentIndex().data(ClaimsModel::RawRole).toString(); }),
              u"tokenCopyClaim"_s, tr("Copy the selected value"));
    m_claimsView->setContextMenuPolicy(Qt::ActionsContextMenu);
    const auto addCopy = [this](const QString &text, int column, int role) {
        auto *action = new QAction(Theme::icon(u"copy"_s), text, m_claimsView);
        connect(action, &QAction::triggered, this, [this, column, role] {
            QGuiApplication::clipboard()->setText(
                m_claimsView->currentIndex().siblingAtColumn(column).data(role).toString());
        });
        m_claimsView->addAction(action);
    };
    addCopy(tr("Copy value"), ClaimsModel::Name, ClaimsModel::RawRole);
    addCopy(tr("Copy name"), ClaimsModel::Name, Qt::DisplayRole);
    m_noClaims = new EmptyState(u"token"_s, {});
    m_claimsStack = new QStackedWidget;
    m_claimsStack->addWidget(m_claimsView);
    m_claimsStack->addWidget(m_noClaims);
    return columnOf({new PaneHead(title, {copy}), m_claimsStack}, 0);
}

} // namespace McpAuth::Ui
