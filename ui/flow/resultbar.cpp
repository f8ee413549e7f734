#include "ui/flow/resultbar.h"

#include "ui/theme.h"
#include "ui/widgets/copybutton.h"
#include "ui/widgets/names.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

ResultBar::ResultBar(QWidget *parent)
    : QWidget(parent)
    , m_text(named(new QLineEdit, u"flowAccessToken"_s, tr("Access token")))
    , m_reveal(named(new QToolButton, u"flowReveal"_s, tr("Reveal the token")))
    , m_console(named(new QPushButton(Theme::icon(u"terminal"_s), tr("To the &Console")), u"flowToConsole"_s,
                      tr("Take the token to the Console page")))
{
    m_text->setReadOnly(true);
    m_text->setFont(Theme::monospace());
    m_reveal->setIcon(Theme::icon(u"reveal"_s));
    m_reveal->setToolTip(m_reveal->accessibleName());
    m_reveal->setCheckable(true);
    m_reveal->setAutoRaise(true);
    m_reveal->setFocusPolicy(Qt::StrongFocus);
    auto *copy = named(new CopyButton([this] { return QString::fromUtf8(m_token.reveal()); }), u"flowCopyToken"_s,
                       tr("Copy the token"));
    auto *page = named(new QPushButton(Theme::icon(u"token"_s), tr("&To the Token page")), u"flowToToken"_s,
                       tr("Take the token to the Token page"));
    auto *label = new QLabel(tr("Access token"));
    label->setBuddy(m_text);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins({});
    row->setSpacing(Theme::gap);
    row->addWidget(label);
    row->addWidget(m_text, 1);
    for (QWidget *widget : {static_cast<QWidget *>(m_reveal), static_cast<QWidget *>(copy),
                            static_cast<QWidget *>(page), static_cast<QWidget *>(m_console)})
        row->addWidget(widget);
    connect(m_reveal, &QToolButton::toggled, this, &ResultBar::showToken);
    connect(page, &QPushButton::clicked, this, &ResultBar::tokenPageRequested);
    connect(m_console, &QPushButton::clicked, this, &ResultBar::consoleRequested);
    setConsoleAvailable(false);
    hide();
}

void ResultBar::setToken(const Secret &token)
{
    m_token = token;
    m_reveal->setChecked(false);
    showToken(false);
    setVisible(!token.isEmpty());
}

void ResultBar::setConsoleAvailable(bool available)
{
    m_console->setVisible(available);
}

void ResultBar::showToken(bool revealed)
{
    m_text->setText(revealed            ? QString::fromUtf8(m_token.reveal())
                    : m_token.isEmpty() ? QString()
                                        : m_token.redacted());
    m_text->setCursorPosition(0);
}

} // namespace McpAuth::Ui
