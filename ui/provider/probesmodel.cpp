#include "ui/provider/probesmodel.h"

#include "ui/widgets/statusicon.h"
#include "ui/widgets/tooltip.h"

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using Metadata::Probe;
using Metadata::ProbeOutcome;

namespace {

struct Look
{
    Level level;
    QString words;
};

Look lookOf(const Probe &probe)
{
    if (probe.status >= 500)
        return {Level::Error, ProbesModel::tr("server error")};
    switch (probe.outcome) {
    case ProbeOutcome::Used:
        return {Level::Ok, ProbesModel::tr("used")};
    case ProbeOutcome::NotFound:
        return {Level::Skipped, ProbesModel::tr("not found")};
    case ProbeOutcome::Invalid:
        return {Level::Warning, ProbesModel::tr("not usable")};
    case ProbeOutcome::IssuerMismatch:
        return {Level::Warning, ProbesModel::tr("wrong issuer")};
    case ProbeOutcome::Unreachable:
        break;
    }
    return {Level::Error, ProbesModel::tr("no answer")};
}

QVariant textOf(const Probe &probe, int column)
{
    switch (column) {
    case ProbesModel::Url:
        return probe.url;
    case ProbesModel::Status:
        return probe.status == 0 ? u"–"_s : QString::number(probe.status);
    case ProbesModel::Duration:
        return ProbesModel::tr("%1 ms").arg(probe.duration.count());
    case ProbesModel::Outcome:
        return lookOf(probe).words;
    case ProbesModel::Reason:
        return probe.reason.message;
    default:
        return {};
    }
}

} // namespace

ProbesModel::ProbesModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void ProbesModel::setProbes(const QList<Probe> &probes)
{
    beginResetModel();
    m_probes = probes;
    endResetModel();
}

int ProbesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_probes.size());
}

int ProbesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ProbesModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Probe &probe = m_probes.at(index.row());
    if (role == Qt::ToolTipRole)
        return plainToolTip(textOf(probe, index.column()).toString());
    if (role == Qt::DisplayRole)
        return textOf(probe, index.column());
    if (role == Qt::DecorationRole && index.column() == Outcome)
        return statusIcon(lookOf(probe).level);
    if (role == Qt::TextAlignmentRole && index.column() == Duration)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant ProbesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    static const QStringList titles = {tr("URL"), tr("Status"), tr("Time"), tr("Outcome"), tr("Reason")};
    return titles.value(section);
}

} // namespace McpAuth::Ui
