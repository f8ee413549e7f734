#include "ui/console/messagemodel.h"

#include "base/text.h"
#include "ui/console/consolewords.h"
#include "ui/widgets/tooltip.h"

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype longestKind = 60;

/// "progress", "tools/list_changed"
QString kindOf(QString method)
{
    constexpr auto prefix = "notifications/"_L1;
    return shortened(method.startsWith(prefix) ? method.sliced(prefix.size()) : method, longestKind);
}

} // namespace

void MessageModel::add(const QString &method, const QJsonObject &params)
{
    if (m_messages.size() >= maxMessages) {
        beginRemoveRows({}, int(m_messages.size()) - 1, int(m_messages.size()) - 1);
        m_messages.removeLast();
        endRemoveRows();
    }
    beginInsertRows({}, 0, 0);
    m_messages.prepend({QDateTime::currentDateTimeUtc(), kindOf(method), notificationInWords(method, params)});
    endInsertRows();
}

void MessageModel::clear()
{
    beginResetModel();
    m_messages.clear();
    endResetModel();
}

int MessageModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_messages.size());
}

int MessageModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant MessageModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Message &message = m_messages.at(index.row());
    if (role == Qt::ToolTipRole)
        return plainToolTip(message.text);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Time:
        return message.time.toLocalTime().toString(u"HH:mm:ss"_s);
    case Kind:
        return message.kind;
    default:
        return message.text;
    }
}

QVariant MessageModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return QStringList{tr("Time"), tr("Kind"), tr("Text")}.value(section);
}

} // namespace McpAuth::Ui
