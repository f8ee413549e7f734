#include "ui/console/callhistory.h"

#include "base/json.h"
#include "base/text.h"
#include "ui/console/consolewords.h"
#include "ui/widgets/statusicon.h"
#include "ui/widgets/tooltip.h"

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype longestArguments = 200;
constexpr qsizetype longestTip = 2'000;

QString argumentsText(const CallRecord &call, qsizetype longest)
{
    return shortened(QString::fromUtf8(toJsonText(call.arguments)), longest);
}

QString textOf(const CallRecord &call, int column)
{
    switch (column) {
    case CallHistory::Time:
        return call.time.toLocalTime().toString(u"HH:mm:ss"_s);
    case CallHistory::Name:
        return call.name;
    case CallHistory::Arguments:
        return argumentsText(call, longestArguments);
    case CallHistory::Status:
        return call.status;
    default:
        return durationText(call.durationMs);
    }
}

} // namespace

QVariant CallHistory::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const CallRecord &call = record(index.row());
    if (role == Qt::DisplayRole)
        return textOf(call, index.column());
    if (role == Qt::DecorationRole && index.column() == Status)
        return statusIcon(call.level);
    if (role == Qt::ToolTipRole)
        return plainToolTip(argumentsText(call, longestTip));
    if (role == Qt::TextAlignmentRole && index.column() == Duration)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant CallHistory::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const QStringList titles = {tr("Time"), tr("Name"), tr("Arguments"), tr("Status"), tr("Duration")};
    return titles.value(section);
}

} // namespace McpAuth::Ui
