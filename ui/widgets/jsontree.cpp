#include "ui/widgets/jsontree.h"

#include "ui/theme.h"
#include "ui/widgets/names.h"
#include "ui/widgets/rowdelegate.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QToolButton>
#include <QTreeView>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

QTreeView *makeView(QAbstractItemModel *model)
{
    auto *view = new QTreeView;
    view->setModel(model);
    view->setItemDelegate(new RowDelegate(Theme::tight, view));
    view->setAlternatingRowColors(true);
    view->setUniformRowHeights(true);
    view->setContextMenuPolicy(Qt::ActionsContextMenu);
    view->setFrameShape(QFrame::NoFrame);
    view->header()->setStretchLastSection(true);
    return view;
}

QToolButton *makeButton(QAction *action)
{
    auto *button = new QToolButton;
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return button;
}

} // namespace

JsonTree::JsonTree(QWidget *parent)
    : QWidget(parent)
    , m_model(new JsonTreeModel(this))
    , m_proxy(new QSortFilterProxyModel(this))
    , m_view(makeView(m_proxy))
    , m_filter(new QLineEdit)
    , m_copyValue(new QAction(Theme::icon(u"copy"_s), tr("Copy value"), this))
    , m_copyPath(new QAction(Theme::icon(u"copy"_s), tr("Copy path"), this))
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setRecursiveFilteringEnabled(true);
    m_proxy->setAutoAcceptChildRows(true);
    m_proxy->setFilterKeyColumn(-1);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_filter->setPlaceholderText(tr("Filter"));
    m_filter->setClearButtonEnabled(true);
    m_copyValue->setShortcut(QKeySequence::Copy);
    m_copyPath->setShortcut(QKeySequence(u"Ctrl+Shift+C"_s));
    for (QAction *action : {m_copyValue, m_copyPath}) {
        action->setShortcutContext(Qt::WidgetShortcut);
        m_view->addAction(action);
    }
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(Theme::tight, Theme::tight, Theme::tight, Theme::tight);
    bar->addWidget(m_filter, 1);
    bar->addWidget(makeButton(m_copyValue));
    bar->addWidget(makeButton(m_copyPath));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_view);

    connect(m_filter, &QLineEdit::textChanged, m_proxy, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_copyValue, &QAction::triggered, this, &JsonTree::copyValue);
    connect(m_copyPath, &QAction::triggered, this, &JsonTree::copyPath);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &JsonTree::updateActions);
    connect(m_proxy, &QAbstractItemModel::modelReset, this, &JsonTree::updateActions);
    setNames(u"jsonTree"_s, tr("JSON tree"));
    updateActions();
}

void JsonTree::setNames(const QString &objectName, const QString &accessibleName)
{
    named<QWidget>(this, objectName, accessibleName);
    named(m_view, objectName + "View"_L1, accessibleName);
    named(m_filter, objectName + "Filter"_L1, tr("Filter: %1").arg(accessibleName));
    const auto buttons = findChildren<QToolButton *>(Qt::FindDirectChildrenOnly);
    for (QToolButton *button : buttons) {
        const bool copiesValue = button->defaultAction() == m_copyValue;
        named(button, objectName + (copiesValue ? "CopyValue"_L1 : "CopyPath"_L1),
              u"%1: %2"_s.arg(button->text(), accessibleName));
    }
}

void JsonTree::setValue(const QJsonValue &value)
{
    m_model->setValue(value);
    if (m_proxy->rowCount() > 0)
        m_view->setCurrentIndex(m_proxy->index(0, 0));
    m_view->resizeColumnToContents(JsonTreeModel::Member);
    m_view->setColumnWidth(JsonTreeModel::Member, std::clamp(m_view->columnWidth(JsonTreeModel::Member), 120, 320));
}

void JsonTree::setPlaceholderText(const QString &text)
{
    m_filter->setPlaceholderText(text);
}

QModelIndex JsonTree::current() const
{
    return m_proxy->mapToSource(m_view->currentIndex());
}

void JsonTree::copyValue()
{
    if (const QModelIndex index = current(); index.isValid())
        QGuiApplication::clipboard()->setText(m_model->valueText(index));
}

void JsonTree::copyPath()
{
    if (const QModelIndex index = current(); index.isValid())
        QGuiApplication::clipboard()->setText(m_model->path(index));
}

void JsonTree::updateActions()
{
    const bool any = m_view->currentIndex().isValid();
    m_copyValue->setEnabled(any);
    m_copyPath->setEnabled(any);
}

} // namespace McpAuth::Ui
