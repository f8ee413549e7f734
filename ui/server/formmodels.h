// The issuers that the server trusts, and the tools' own scopes: two small tables that the form edits.
#pragma once

#include "ui/server/serverconfiguration.h"

#include <QAbstractTableModel>

namespace McpAuth::Ui {

/// Issuer and type; the local issuer's row shows its URL and cannot be edited.
class IssuersModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Issuer, Type, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void setLocalIssuer(const QString &url);
    void setIssuers(const QList<IssuerEntry> &issuers);
    [[nodiscard]] const QList<IssuerEntry> &issuers() const { return m_issuers; }
    [[nodiscard]] bool hasLocal() const;

    /// The new row.
    int add(const IssuerEntry &entry);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
    bool removeRows(int row, int count, const QModelIndex &parent = {}) override;

private:
    QList<IssuerEntry> m_issuers;
    QString m_localIssuer;
};

/// Tool and scopes, one row a sample tool; the scopes are edited as words between blanks.
class ToolScopesModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Tool, Scopes, ColumnCount };

    explicit ToolScopesModel(QObject *parent = nullptr);

    /// Tools that are not named get their own scopes back.
    void setToolScopes(const QMap<QString, QStringList> &scopes);
    /// Only the tools whose scopes are not their own.
    [[nodiscard]] QMap<QString, QStringList> toolScopes() const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    struct Row
    {
        QString tool;
        QStringList own;
        QStringList scopes;
    };
    QList<Row> m_rows;
};

} // namespace McpAuth::Ui
