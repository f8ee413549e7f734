#include "ui/console/toolspane.h"

#include "ui/console/toolmodel.h"
#include "ui/theme.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/names.h"
#include "ui/widgets/panehead.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

ToolsPane::ToolsPane(QWidget *parent)
    : QWidget(parent)
    , m_model(new ToolModel(this))
    , m_proxy(new QSortFilterProxyModel(this))
    , m_search(named(new QLineEdit, u"consoleToolSearch"_s, tr("Search the tools")))
    , m_view(named(new QListView, u"consoleTools"_s, tr("Tools of the server")))
    , m_empty(new EmptyState(u"console"_s, {}, tr("Connect")))
    , m_stack(new QStackedWidget)
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setFilterRole(ToolModel::SearchRole);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_search->setPlaceholderText(tr("Search"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(Theme::icon(u"search"_s), QLineEdit::LeadingPosition);
    m_view->setModel(m_proxy);
    m_view->setItemDelegate(new ToolDelegate(m_view));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setUniformItemSizes(true);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setMinimumWidth(120);
    named(m_empty->button(), u"consoleEmptyConnect"_s, tr("Connect to the server"));
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_empty);
    auto *title = new QLabel(tr("&Tools"));
    title->setBuddy(m_view);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::tight);
    column->addWidget(new PaneHead(title, {}));
    column->addWidget(m_search);
    column->addWidget(m_stack, 1);
    connect(m_search, &QLineEdit::textChanged, m_proxy, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &ToolsPane::takeSelection);
    connect(m_empty, &EmptyState::triggered, this, &ToolsPane::connectRequested);
    clear();
}

void ToolsPane::setTools(const QList<Mcp::ToolDescription> &tools)
{
    const QString kept = m_selected;
    m_model->setTools(tools);
    m_stack->setCurrentWidget(tools.isEmpty() ? static_cast<QWidget *>(m_empty) : m_view);
    m_empty->setSentence(tr("This server offers no tools."));
    m_empty->button()->hide();
    m_search->setEnabled(!tools.isEmpty());
    if (!select(kept) && !tools.isEmpty())
        select(tools.first().name);
}

void ToolsPane::clear()
{
    m_model->setTools({});
    m_stack->setCurrentWidget(m_empty);
    m_empty->setSentence(tr("Connect to an MCP server, and its tools are here to call."));
    m_empty->button()->show();
    m_search->setEnabled(false);
}

const Mcp::ToolDescription *ToolsPane::selected() const
{
    const int row = m_model->rowOf(m_selected);
    return row < 0 ? nullptr : &m_model->tools().at(row);
}

bool ToolsPane::select(const QString &name)
{
    const QModelIndex index = m_model->index(m_model->rowOf(name));
    if (!index.isValid())
        return false;
    if (!m_proxy->mapFromSource(index).isValid())
        m_search->clear();
    m_view->setCurrentIndex(m_proxy->mapFromSource(index));
    return true;
}

/// A search that hides the selected tool does not deselect it.
void ToolsPane::takeSelection()
{
    const QModelIndex current = m_view->currentIndex();
    if (!current.isValid())
        return;
    m_selected = current.data().toString();
    Q_EMIT selectionChanged();
}

} // namespace McpAuth::Ui
