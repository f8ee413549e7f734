// The places where metadata was looked for, in their order, and what each gave.
#pragma once

#include "metadata/discovery.h"

#include <QAbstractTableModel>

namespace McpAuth::Ui {

class ProbesModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Url, Status, Duration, Outcome, Reason, ColumnCount };

    explicit ProbesModel(QObject *parent = nullptr);

    void setProbes(const QList<Metadata::Probe> &probes);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<Metadata::Probe> m_probes;
};

} // namespace McpAuth::Ui
