#include "ui/widgets/banner.h"

#include "ui/widgets/statusicon.h"

#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int bannerIconSize = 16;
constexpr int leastHeight = 28;

/// Specifications write names between backticks, a bar in plain words does not.
QString withoutBackticks(QString text)
{
    return text.remove(u'`');
}

bool isWrong(Level level)
{
    return level == Level::Warning || level == Level::Error;
}

} // namespace

Banner::Banner(QWidget *parent)
    : QFrame(parent)
    , m_icon(new QLabel)
    , m_words(new QLabel)
    , m_aside(new QLabel)
    , m_progress(new QProgressBar)
    , m_action(new QPushButton)
{
    setAutoFillBackground(true);
    setFrameShape(QFrame::NoFrame);
    setMinimumHeight(leastHeight);
    m_words->setObjectName(u"bannerWords"_s);
    m_words->setTextFormat(Qt::RichText);
    m_words->setWordWrap(true);
    m_words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_aside->setObjectName(u"bannerAside"_s);
    m_aside->setTextFormat(Qt::PlainText);
    m_aside->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_aside->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(120);
    m_progress->setMaximumHeight(10);
    m_action->setObjectName(u"bannerAction"_s);
    m_action->setAccessibleName(tr("What can be done"));
    m_action->setAutoFillBackground(false);

    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(Theme::gap, 3, Theme::gap, 3);
    row->setSpacing(Theme::gap);
    row->addWidget(m_icon);
    row->addWidget(m_words, 1);
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
    m_title = title;
    m_detail = detail;
    setAside(aside);
    m_progress->setVisible(level == Level::Busy);
    m_action->hide();
    setAccessibleName(u"%1: %2"_s.arg(statusWord(level), withoutBackticks(m_title)));
    setAccessibleDescription(withoutBackticks(m_detail));
    paintLevel();
    show();
}

void Banner::setAside(const QString &aside)
{
    m_aside->setText(aside);
    m_aside->setVisible(!aside.isEmpty());
}

void Banner::setAction(const QString &text)
{
    m_action->setText(text);
    m_action->setAccessibleName(text);
    m_action->setVisible(!text.isEmpty());
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
    colours.setColor(QPalette::Window,
                     isWrong(m_level) ? Theme::background(m_level) : QApplication::palette().color(QPalette::Base));
    setPalette(colours);
    const QString titleColour =
        (isWrong(m_level) ? Theme::foreground(m_level) : QApplication::palette().color(QPalette::Text)).name();
    m_words->setText(u"<b style=\"color:%1\">%2</b>%3"_s.arg(
        titleColour, withoutBackticks(m_title).toHtmlEscaped(),
        m_detail.isEmpty() ? QString()
                           : u"&nbsp; "_s + withoutBackticks(m_detail).toHtmlEscaped().replace(u'\n', u"<br>"_s)));
    QPalette asideColours;
    asideColours.setColor(QPalette::WindowText, Theme::foreground(Level::Skipped));
    m_aside->setPalette(asideColours);
    m_icon->setPixmap(statusIcon(m_level).pixmap(QSize(bannerIconSize, bannerIconSize), devicePixelRatioF()));
}

} // namespace McpAuth::Ui
