// The tools of the connected server, with their search.
#pragma once

#include "mcp/client.h"

#include <QWidget>

class QLineEdit;
class QListView;
class QSortFilterProxyModel;
class QStackedWidget;

namespace McpAuth::Ui {

class EmptyState;
class ToolModel;

class ToolsPane : public QWidget
{
    Q_OBJECT

public:
    explicit ToolsPane(QWidget *parent = nullptr);

    /// The one that was selected stays so where there is one of its name; else the first is.
    void setTools(const QList<Mcp::ToolDescription> &tools);
    /// Nothing is connected.
    void clear();
    /// Null while none is.
    [[nodiscard]] const Mcp::ToolDescription *selected() const;
    /// Also one that the search hides, which then ends. False: there is none of this name.
    bool select(const QString &name);

Q_SIGNALS:
    void selectionChanged();
    void connectRequested(); ///< the empty list's button

private:
    void takeSelection();

    ToolModel *m_model;
    QSortFilterProxyModel *m_proxy;
    QLineEdit *m_search;
    QListView *m_view;
    EmptyState *m_empty;
    QStackedWidget *m_stack;
    QString m_selected; ///< by name, also while nothing is connected
};

} // namespace McpAuth::Ui
