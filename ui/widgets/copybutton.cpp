#include "ui/widgets/copybutton.h"

#include "ui/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QTimer>

#include <chrono>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

CopyButton::CopyButton(std::function<QString()> content, const QString &label, QWidget *parent)
    : QToolButton(parent)
    , m_content(std::move(content))
    , m_label(label)
{
    setIcon(Theme::icon(u"copy"_s));
    setText(label);
    const QString words = label.isEmpty() ? tr("Copy") : QString(label).remove(u'&');
    setToolTip(words);
    setAccessibleName(words);
    setToolButtonStyle(label.isEmpty() ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
    setAutoRaise(true);
    setFocusPolicy(Qt::StrongFocus);
    connect(this, &QToolButton::clicked, this, &CopyButton::copy);
}

void CopyButton::setContent(std::function<QString()> content)
{
    m_content = std::move(content);
}

void CopyButton::copy()
{
    const QString text = m_content ? m_content() : QString();
    QGuiApplication::clipboard()->setText(text);
    setIcon(Theme::icon(u"done"_s, Level::Ok));
    if (!m_label.isEmpty())
        setText(tr("Copied"));
    QTimer::singleShot(1500ms, this, [this] {
        setIcon(Theme::icon(u"copy"_s));
        setText(m_label);
    });
    Q_EMIT copied(text);
}

} // namespace McpAuth::Ui
