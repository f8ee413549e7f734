#include "ui/console/consolebar.h"

#include "mcp/client.h"
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

namespace {

const QString historyKey = u"console/history"_s;
const QString revisionKey = u"console/revision"_s;

QPushButton *makeButton(const QString &icon, const QString &text, const QString &objectName, const QString &name)
{
    auto *button = named(new QPushButton(Theme::icon(icon), text), objectName, name);
    button->setToolTip(name);
    return button;
}

QLabel *labelFor(QWidget *buddy, const QString &text)
{
    auto *label = new QLabel(text);
    label->setBuddy(buddy);
    return label;
}

} // namespace

ConsoleBar::ConsoleBar(QWidget *parent)
    : QWidget(parent)
    , m_url(named(new QComboBox, u"consoleUrl"_s, tr("URL of the MCP server")))
    , m_revision(named(new QComboBox, u"consoleRevision"_s, tr("Revision of MCP")))
    , m_connect(makeButton(u"play"_s, tr("&Connect"), u"consoleConnect"_s, tr("Connect, and list the tools")))
    , m_disconnect(
          makeButton(u"stop"_s, tr("&Disconnect"), u"consoleDisconnect"_s, tr("End the connection, and its session")))
    , m_history(QSettings().value(historyKey).toStringList().mid(0, historySize))
{
    m_url->setEditable(true);
    m_url->setInsertPolicy(QComboBox::NoInsert);
    m_url->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_url->setMinimumContentsLength(12);
    m_url->lineEdit()->setPlaceholderText(u"https://mcp.example.com/mcp"_s);
    m_url->lineEdit()->setClearButtonEnabled(true);
    m_revision->addItems(Mcp::clientProtocolVersions());
    m_revision->setCurrentText(QSettings().value(revisionKey).toString());
    m_revision->setToolTip(tr("The revision to begin with: a server that does not speak it is asked in another"));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins({});
    row->setSpacing(Theme::gap);
    row->addWidget(labelFor(m_url, tr("&MCP server")));
    row->addWidget(m_url, 1);
    row->addWidget(labelFor(m_revision, tr("&Revision")));
    row->addWidget(m_revision);
    row->addWidget(m_connect);
    row->addWidget(m_disconnect);
    connect(m_connect, &QPushButton::clicked, this, &ConsoleBar::connectRequested);
    connect(m_disconnect, &QPushButton::clicked, this, &ConsoleBar::disconnectRequested);
    connect(m_revision, &QComboBox::textActivated, this,
            [](const QString &revision) { QSettings().setValue(revisionKey, revision); });
    connect(m_url->lineEdit(), &QLineEdit::returnPressed, this, [this] {
        if (m_connect->isEnabled())
            Q_EMIT connectRequested();
    });
    fill();
    setIdle(true);
}

QString ConsoleBar::url() const
{
    return m_url->currentText().trimmed();
}

QString ConsoleBar::revision() const
{
    return m_revision->currentText();
}

void ConsoleBar::setUrl(const QString &url)
{
    // The row that has this text: else QComboBox takes the text for a new choice when the focus leaves.
    m_url->setCurrentIndex(m_url->findText(url, Qt::MatchExactly | Qt::MatchCaseSensitive));
    m_url->setEditText(url);
}

void ConsoleBar::focusUrl()
{
    m_url->setFocus(Qt::OtherFocusReason);
    m_url->lineEdit()->selectAll();
}

void ConsoleBar::fill()
{
    const QString kept = m_url->currentText();
    const QSignalBlocker quiet(m_url);
    m_url->clear();
    if (!m_embedded.isEmpty())
        m_url->addItem(m_embedded);
    m_url->addItems(m_history);
    setUrl(kept);
}

void ConsoleBar::setEmbeddedUrl(const QString &url)
{
    if (url == m_embedded)
        return;
    const bool follows = this->url().isEmpty() || this->url() == m_embedded;
    m_embedded = url;
    fill();
    if (follows && !url.isEmpty())
        setUrl(url);
}

void ConsoleBar::remember(const QString &url)
{
    if (url.isEmpty() || url == m_embedded || !QUrl(url).userInfo().isEmpty())
        return;
    m_history.removeAll(url);
    m_history.prepend(url);
    m_history = m_history.mid(0, historySize);
    QSettings().setValue(historyKey, m_history);
    fill();
}

void ConsoleBar::setIdle(bool idle)
{
    for (QWidget *widget :
         {static_cast<QWidget *>(m_url), static_cast<QWidget *>(m_revision), static_cast<QWidget *>(m_connect)})
        widget->setEnabled(idle);
    m_disconnect->setEnabled(!idle);
}

} // namespace McpAuth::Ui
