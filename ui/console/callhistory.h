// The calls that were made, newest first: a bounded table.
#pragma once

#include "ui/engine/offers.h"
#include "ui/theme.h"

#include <QAbstractTableModel>
#include <QDateTime>
#include <QJsonObject>

namespace McpAuth::Ui {

/// Calls that are kept; the oldest go first.
inline constexpr qsizetype maxCalls = 200;

struct CallRecord
{
    QDateTime time;
    OfferKind kind = OfferKind::Tool;
    QString name; ///< the offer's
    QJsonObject arguments;
    Level level = Level::Ok;
    QString status; ///< in a few words
    double durationMs = 0;
};

class CallHistory : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Name, Arguments, Status, Duration, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void add(const CallRecord &call);
    [[nodiscard]] const CallRecord &call(int row) const { return m_calls.at(row); }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    QList<CallRecord> m_calls;
};

} // namespace McpAuth::Ui
