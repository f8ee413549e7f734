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

ServerMessage messageOf(const QString &method, const QJsonObject &params)
{
    return {
        .time = QDateTime::currentDateTimeUtc(), .kind = kindOf(method), .text = notificationInWords(method, params)};
}

QVariant MessageModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const ServerMessage &message = record(index.row());
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
