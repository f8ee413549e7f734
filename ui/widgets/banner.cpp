#include "ui/widgets/banner.h"

#include "ui/widgets/statusicon.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int iconSize = 26;

QLabel *makeLabel(const QString &objectName, bool selectable)
{
    auto *label = new QLabel;
    label->setObjectName(objectName);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    if (selectable)
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

Banner::Banner(QWidget *parent)
    : QFrame(parent)
    , m_icon(new QLabel)
    , m_title(makeLabel(u"bannerTitle"_s, false))
    , m_detail(makeLabel(u"bannerDetail"_s, true))
    , m_aside(makeLabel(u"bannerAside"_s, true))
    , m_progress(new QProgressBar)
    , m_action(new QPushButton)
{
    setAutoFillBackground(true);
    setFrameShape(QFrame::NoFrame);
    m_title->setFont(Theme::heading());
    m_aside->setWordWrap(false);
    m_aside->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(120);
    m_progress->setMaximumHeight(10);
    m_action->setObjectName(u"bannerAction"_s);
    m_action->setAccessibleName(tr("What can be done"));
    m_action->setAutoFillBackground(false);

    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_title);
    words->addWidget(m_detail);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(Theme::margin, Theme::gap, Theme::margin, Theme::gap);
    row->setSpacing(Theme::margin);
    row->addWidget(m_icon);
    row->addLayout(words, 1);
    row->addWidget(m_aside);
    row->addWidget(m_progress);
    row->addWidget(m_action);
    connect(m_action, &QPushButton::clicked, this, &Banner::actionTriggered);
    m_action->hide();
    m_progress->hide();
    hide();
}

void Banner::setVerdict(Level level, const QString &title, const QString &detail, const QString &aside)
{
    m_level = level;
    m_title->setText(title);
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    m_aside->setText(aside);
    m_aside->setVisible(!aside.isEmpty());
    m_progress->setVisible(level == Level::Busy);
    m_action->hide();
    setAccessibleName(u"%1: %2"_s.arg(statusWord(level), title));
    setAccessibleDescription(detail);
    paintLevel();
    show();
}

void Banner::setAction(const QString &text)
{
    m_action->setText(text);
    m_action->setAccessibleName(text);
    m_action->setVisible(!text.isEmpty());
}

QString Banner::title() const
{
    return m_title->text();
}

QString Banner::detail() const
{
    return m_detail->text();
}

QString Banner::aside() const
{
    return m_aside->text();
}

void Banner::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    // Not PaletteChange: that comes from our own setPalette, too.
    if (event->type() == QEvent::ApplicationPaletteChange)
        paintLevel();
}

void Banner::paintLevel()
{
    QPalette colours;
    colours.setColor(QPalette::Window, Theme::background(m_level));
    setPalette(colours);
    QPalette titleColours;
    titleColours.setColor(QPalette::WindowText, Theme::foreground(m_level));
    m_title->setPalette(titleColours);
    QPalette asideColours;
    asideColours.setColor(QPalette::WindowText, Theme::foreground(Level::Skipped));
    m_aside->setPalette(asideColours);
    m_icon->setPixmap(statusIcon(m_level).pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
}

} // namespace McpAuth::Ui
