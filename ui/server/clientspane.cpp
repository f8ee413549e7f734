#include "ui/server/clientspane.h"

#include "ui/theme.h"
#include "ui/widgets/copybutton.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/jsonview.h"
#include "ui/widgets/names.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QStackedLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

ClientsPane::ClientsPane(QWidget *parent)
    : QWidget(parent)
    , m_clients(named(new QListWidget, u"serverClients"_s, tr("MCP clients")))
    , m_where(named(new QLabel, u"serverClientWhere"_s, tr("Where it goes")))
    , m_text(new JsonView)
    , m_empty(new EmptyState(u"terminal"_s,
                             tr("Start the server, and the configuration for your MCP client is here to copy."),
                             tr("Start the server")))
    , m_stack(new QStackedLayout(this))
{
    m_text->setNames(u"serverClientText"_s, tr("What to paste"));
    m_text->setLineWrap(true);
    m_clients->setSpacing(Theme::tight / 2);
    m_where->setWordWrap(true);
    named(m_empty->button(), u"serverStartClients"_s, tr("Start the server"));
    auto *copy = named(new CopyButton([this] { return m_text->text(); }, tr("Cop&y")), u"serverCopyClient"_s,
                       tr("Copy the configuration"));

    auto *full = new QWidget;
    auto *row = new QHBoxLayout(full);
    row->setContentsMargins(Theme::gap, Theme::gap, Theme::gap, Theme::gap);
    row->setSpacing(Theme::gap);
    row->addWidget(m_clients);
    auto *column = new QVBoxLayout;
    auto *head = new QHBoxLayout;
    head->addWidget(m_where, 1);
    head->addWidget(copy, 0, Qt::AlignTop);
    column->addLayout(head);
    column->addWidget(m_text, 1);
    row->addLayout(column, 1);
    m_stack->addWidget(full);
    m_stack->addWidget(m_empty);

    connect(m_clients, &QListWidget::currentRowChanged, this, &ClientsPane::showConfig);
    connect(m_empty, &EmptyState::triggered, this, &ClientsPane::startRequested);
    setConfigs({});
}

void ClientsPane::setConfigs(const QList<ClientConfig> &configs)
{
    const int row = std::max(0, m_clients->currentRow());
    m_configs = configs;
    m_clients->clear();
    for (const ClientConfig &config : configs)
        m_clients->addItem(config.client);
    m_clients->setFixedWidth(m_clients->sizeHintForColumn(0) + Theme::wide);
    m_stack->setCurrentIndex(configs.isEmpty() ? 1 : 0);
    select(row);
}

void ClientsPane::select(int row)
{
    m_clients->setCurrentRow(row);
}

void ClientsPane::showConfig(int row)
{
    if (row < 0 || row >= m_configs.size())
        return;
    const ClientConfig &config = m_configs[row];
    m_where->setText(config.where);
    if (config.isCommand)
        m_text->setPlainText(config.text);
    else
        m_text->setJsonText(config.text.toUtf8());
}

} // namespace McpAuth::Ui
