// What the server has told: its notifications.
#pragma once

#include "ui/widgets/recenttable.h"

#include <QDateTime>
#include <QJsonObject>

namespace McpAuth::Ui {

/// Messages that are kept; the oldest go first.
inline constexpr qsizetype maxMessages = 500;

struct ServerMessage
{
    QDateTime time;
    QString kind;
    QString text; ///< in one line
};

/// "progress", "tools/list_changed" and so on, with what it says.
[[nodiscard]] ServerMessage messageOf(const QString &method, const QJsonObject &params);

class MessageModel : public RecentTable<ServerMessage, 3>
{
    Q_OBJECT

public:
    enum Column { Time, Kind, Text };

    explicit MessageModel(QObject *parent = nullptr)
        : RecentTable(maxMessages, parent)
    {
    }

    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
};

} // namespace McpAuth::Ui
