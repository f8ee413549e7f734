#include "ui/widgets/serverbar.h"

#include "ui/theme.h"
#include "ui/widgets/names.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalBlocker>
#include <QUrl>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

ServerBar::ServerBar(const QString &historyKey, const QString &objectName, QWidget *parent)
    : QWidget(parent)
    , m_historyKey(historyKey)
    , m_url(named(new QComboBox, objectName, tr("URL of the MCP server")))
    , m_row(new QHBoxLayout(this))
    , m_history(QSettings().value(historyKey).toStringList().mid(0, historySize))
{
    m_url->setEditable(true);
    m_url->setInsertPolicy(QComboBox::NoInsert);
    m_url->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_url->setMinimumContentsLength(12);
    m_url->lineEdit()->setPlaceholderText(u"https://mcp.example.com/mcp"_s);
    m_url->lineEdit()->setClearButtonEnabled(true);
    connect(m_url->lineEdit(), &QLineEdit::returnPressed, this, &ServerBar::returnPressed);
    connect(m_url, &QComboBox::editTextChanged, this, &ServerBar::urlChanged);
    auto *label = new QLabel(tr("&MCP server"));
    label->setBuddy(m_url);
    m_row->setContentsMargins({});
    m_row->setSpacing(Theme::gap);
    m_row->addWidget(label);
    m_row->addWidget(m_url, 1);
    fill();
}

QPushButton *ServerBar::addButton(const QString &icon, const QString &text, const QString &objectName,
                                  const QString &name)
{
    auto *button = named(new QPushButton(Theme::icon(icon), text), objectName, name);
    button->setToolTip(name);
    m_row->addWidget(button);
    return button;
}

QString ServerBar::url() const
{
    return m_url->currentText().trimmed();
}

void ServerBar::setUrl(const QString &url)
{
    // The row that has this text: else QComboBox takes the text for a new choice when the focus leaves.
    m_url->setCurrentIndex(m_url->findText(url, Qt::MatchExactly | Qt::MatchCaseSensitive));
    m_url->setEditText(url);
}

void ServerBar::focusUrl()
{
    m_url->setFocus(Qt::OtherFocusReason);
    m_url->lineEdit()->selectAll();
}

void ServerBar::fill()
{
    const QString kept = m_url->currentText();
    const QSignalBlocker quiet(m_url);
    m_url->clear();
    if (!m_embedded.isEmpty())
        m_url->addItem(m_embedded);
    m_url->addItems(m_history);
    setUrl(kept);
}

void ServerBar::setEmbeddedUrl(const QString &url)
{
    if (url == m_embedded)
        return;
    const bool follows = this->url().isEmpty() || this->url() == m_embedded;
    m_embedded = url;
    fill();
    if (follows && !url.isEmpty())
        setUrl(url);
}

void ServerBar::remember(const QString &url)
{
    if (url.isEmpty() || url == m_embedded || !QUrl(url).userInfo().isEmpty())
        return;
    m_history.removeAll(url);
    m_history.prepend(url);
    m_history = m_history.mid(0, historySize);
    QSettings().setValue(m_historyKey, m_history);
    fill();
}

} // namespace McpAuth::Ui
