// Findings in groups: errors, warnings, passed, and skipped where there are any.
#pragma once

#include "metadata/validation.h"

#include <QAbstractItemModel>

namespace McpAuth::Ui {

class FindingsModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    explicit FindingsModel(QObject *parent = nullptr);

    void setFindings(const QList<Metadata::Finding> &findings);
    /// Null for a group.
    [[nodiscard]] const Metadata::Finding *finding(const QModelIndex &index) const;
    /// What to show first: the first error, else the first warning, else the first that passed; invalid without
    /// findings.
    [[nodiscard]] QModelIndex foremost() const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &index) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    struct Group
    {
        Metadata::FindingLevel level;
        QList<Metadata::Finding> findings;
    };

    QList<Group> m_groups;
};

} // namespace McpAuth::Ui
