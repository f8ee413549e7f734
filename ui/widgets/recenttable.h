// A bounded table of what happened, newest first; the oldest rows go.
#pragma once

#include <QAbstractTableModel>
#include <QList>

namespace McpAuth::Ui {

/// Of `Columns` columns; data and headers are the derived model's.
template<typename Record, int Columns>
class RecentTable : public QAbstractTableModel
{
public:
    /// `most`: rows that are kept.
    explicit RecentTable(qsizetype most, QObject *parent)
        : QAbstractTableModel(parent)
        , m_most(most)
    {
    }

    void add(const Record &record)
    {
        if (m_records.size() >= m_most) {
            beginRemoveRows({}, int(m_records.size()) - 1, int(m_records.size()) - 1);
            m_records.removeLast();
            endRemoveRows();
        }
        beginInsertRows({}, 0, 0);
        m_records.prepend(record);
        endInsertRows();
    }
    void clear()
    {
        beginResetModel();
        m_records.clear();
        endResetModel();
    }
    [[nodiscard]] const Record &record(int row) const { return m_records.at(row); }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : int(m_records.size());
    }
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : Columns;
    }

private:
    qsizetype m_most;
    QList<Record> m_records;
};

} // namespace McpAuth::Ui
