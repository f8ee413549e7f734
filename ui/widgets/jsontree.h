// A JSON value as a tree: members and values, a filter, copy value and copy path.
#pragma once

#include <QAbstractItemModel>
#include <QJsonValue>
#include <QWidget>

#include <memory>

class QTreeView;
class QLineEdit;
class QSortFilterProxyModel;

namespace McpAuth::Ui {

/// A string without its quotes; anything else as compact JSON.
[[nodiscard]] QString jsonText(const QJsonValue &value);

class JsonTreeModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { Member, Value, ColumnCount };

    explicit JsonTreeModel(QObject *parent = nullptr);
    ~JsonTreeModel() override;

    /// An object's or array's children become the top level; any other value is the only row.
    void setValue(const QJsonValue &value);

    [[nodiscard]] QJsonValue value(const QModelIndex &index) const;
    [[nodiscard]] QString valueText(const QModelIndex &index) const; ///< jsonText() of it
    /// "$.keys[0].kid"; names that are no identifiers as ['…'] (RFC 9535 §2.3.1).
    [[nodiscard]] QString path(const QModelIndex &index) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &index) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Node;
    [[nodiscard]] const Node *node(const QModelIndex &index) const;
    std::unique_ptr<Node> m_root;
};

class JsonTree : public QWidget
{
    Q_OBJECT

public:
    explicit JsonTree(QWidget *parent = nullptr);

    /// Object names objectName, objectName + "View", "Filter", "CopyValue", "CopyPath"; accessible names alike.
    void setNames(const QString &objectName, const QString &accessibleName);
    void setValue(const QJsonValue &value);
    void setPlaceholderText(const QString &text); ///< of the filter line

    [[nodiscard]] JsonTreeModel *model() const { return m_model; }
    [[nodiscard]] QTreeView *view() const { return m_view; }

public Q_SLOTS:
    void copyValue(); ///< Ctrl+C
    void copyPath();  ///< Ctrl+Shift+C

private:
    [[nodiscard]] QModelIndex current() const;
    void updateActions();

    JsonTreeModel *m_model;
    QSortFilterProxyModel *m_proxy;
    QTreeView *m_view;
    QLineEdit *m_filter;
    QAction *m_copyValue;
    QAction *m_copyPath;
};

} // namespace McpAuth::Ui
