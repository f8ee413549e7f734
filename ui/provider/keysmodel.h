// A provider's keys as a table; entries of the key set that cannot be used stand below with the reason.
#pragma once

#include "base/error.h"
#include "jose/key.h"

#include <QAbstractTableModel>

namespace McpAuth::Ui {

class KeysModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { KeyId, Type, Algorithm, Use, Bits, Thumbprint, ColumnCount };

    explicit KeysModel(QObject *parent = nullptr);

    void setKeys(const QList<Jose::Key> &keys, const QList<Error> &rejected);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<Jose::Key> m_keys;
    QList<Error> m_rejected;
};

} // namespace McpAuth::Ui
