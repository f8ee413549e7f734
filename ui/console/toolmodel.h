// The tools that a server offers, as a list with a line below each name, and a search over all of their words.
#pragma once

#include "mcp/client.h"

#include <QAbstractListModel>
#include <QStyledItemDelegate>

namespace McpAuth::Ui {

class ToolModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        SummaryRole = Qt::UserRole, ///< the title, else the description's first line
        SearchRole,                 ///< name, title and description
    };

    using QAbstractListModel::QAbstractListModel;

    void setTools(const QList<Mcp::ToolDescription> &tools);
    [[nodiscard]] const QList<Mcp::ToolDescription> &tools() const { return m_tools; }
    [[nodiscard]] int rowOf(const QString &name) const; ///< -1: there is none

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    QList<Mcp::ToolDescription> m_tools;
};

/// The name, and below it, quieter, the summary.
class ToolDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace McpAuth::Ui
