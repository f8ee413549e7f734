// The calls that were made.
#pragma once

#include "ui/engine/offers.h"
#include "ui/theme.h"
#include "ui/widgets/recenttable.h"

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

class CallHistory : public RecentTable<CallRecord, 5>
{
    Q_OBJECT

public:
    enum Column { Time, Name, Arguments, Status, Duration };

    explicit CallHistory(QObject *parent = nullptr)
        : RecentTable(maxCalls, parent)
    {
    }

    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
};

} // namespace McpAuth::Ui
