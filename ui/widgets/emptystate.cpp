#include "ui/widgets/emptystate.h"

#include "ui/theme.h"

#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace McpAuth::Ui {

namespace {

constexpr int pictureSize = 40;

} // namespace

EmptyState::EmptyState(const QString &icon, const QString &sentence, const QString &action, QWidget *parent)
    : QWidget(parent)
    , m_iconName(icon)
    , m_icon(new QLabel)
    , m_sentence(new QLabel(sentence))
    , m_button(new QPushButton(action))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_sentence->setWordWrap(true);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setTextFormat(Qt::PlainText);
    m_button->setObjectName(QStringLiteral("emptyStateAction"));
    m_button->setAccessibleName(action.isEmpty() ? tr("What can be done") : action);
    m_button->setVisible(!action.isEmpty());
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Theme::wide, Theme::wide, Theme::wide, Theme::wide);
    column->setSpacing(Theme::margin);
    column->addStretch(1);
    column->addWidget(m_icon, 0, Qt::AlignHCenter);
    column->addWidget(m_sentence);
    column->addWidget(m_button, 0, Qt::AlignHCenter);
    column->addStretch(1);
    connect(m_button, &QPushButton::clicked, this, &EmptyState::triggered);
    paintIcon();
}

void EmptyState::setSentence(const QString &sentence)
{
    m_sentence->setText(sentence);
}

QString EmptyState::sentence() const
{
    return m_sentence->text();
}

void EmptyState::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        paintIcon();
}

/// Where there is no room for all of it the icon goes first.
void EmptyState::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    int needed = 2 * Theme::wide + m_sentence->heightForWidth(width() - 2 * Theme::wide) + Theme::margin + pictureSize;
    if (m_button->isVisibleTo(this))
        needed += Theme::margin + m_button->sizeHint().height();
    m_icon->setVisible(height() >= needed);
}

void EmptyState::paintIcon()
{
    m_icon->setPixmap(
        Theme::icon(m_iconName, Level::Skipped).pixmap(QSize(pictureSize, pictureSize), devicePixelRatioF()));
    QPalette colours;
    colours.setColor(QPalette::WindowText, Theme::mutedText());
    m_sentence->setPalette(colours);
}

} // namespace McpAuth::Ui
