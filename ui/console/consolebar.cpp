#include "ui/console/consolebar.h"

#include "mcp/client.h"
#include "ui/widgets/names.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSettings>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

const QString revisionKey = u"console/revision"_s;

} // namespace

ConsoleBar::ConsoleBar(QWidget *parent)
    : ServerBar(u"console/history"_s, u"consoleUrl"_s, parent)
    , m_revision(addRevision())
    , m_connect(addButton(u"play"_s, tr("&Connect"), u"consoleConnect"_s, tr("Connect, and list the tools")))
    , m_disconnect(
          addButton(u"stop"_s, tr("&Disconnect"), u"consoleDisconnect"_s, tr("End the connection, and its session")))
{
    connect(m_connect, &QPushButton::clicked, this, &ConsoleBar::connectRequested);
    connect(m_disconnect, &QPushButton::clicked, this, &ConsoleBar::disconnectRequested);
    connect(this, &ServerBar::returnPressed, this, [this] {
        if (m_connect->isEnabled())
            Q_EMIT connectRequested();
    });
    setIdle(true);
}

QComboBox *ConsoleBar::addRevision()
{
    auto *box = named(new QComboBox, u"consoleRevision"_s, tr("Revision of MCP"));
    box->addItems(Mcp::clientProtocolVersions());
    box->setCurrentText(QSettings().value(revisionKey).toString());
    box->setToolTip(tr("The revision to begin with: a server that does not speak it is asked in another"));
    connect(box, &QComboBox::textActivated, this,
            [](const QString &revision) { QSettings().setValue(revisionKey, revision); });
    auto *label = new QLabel(tr("&Revision"));
    label->setBuddy(box);
    row()->addWidget(label);
    row()->addWidget(box);
    return box;
}

QString ConsoleBar::revision() const
{
    return m_revision->currentText();
}

void ConsoleBar::setIdle(bool idle)
{
    for (QWidget *widget :
         {static_cast<QWidget *>(urlField()), static_cast<QWidget *>(m_revision), static_cast<QWidget *>(m_connect)})
        widget->setEnabled(idle);
    m_disconnect->setEnabled(!idle);
}

} // namespace McpAuth::Ui
