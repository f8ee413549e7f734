// What the server has told: its notifications, newest first, as a bounded table.
#pragma once

#include <QAbstractTableModel>
#include <QDateTime>
#include <QJsonObject>

namespace McpAuth::Ui {

/// Messages that are kept; the oldest go first.
inline constexpr qsizetype maxMessages = 500;

class MessageModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Kind, Text, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void add(const QString &method, const QJsonObject &params);
    void clear();

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

private:
    struct Message
    {
        QDateTime time;
        QString kind;
        QString text; ///< in one line
    };

    QList<Message> m_messages;
};

} // namespace McpAuth::Ui
