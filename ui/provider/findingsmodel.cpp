#include "ui/provider/findingsmodel.h"

#include "ui/widgets/statusicon.h"

#include <QGuiApplication>

#include <algorithm>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using Metadata::Finding;
using Metadata::FindingLevel;

namespace {

constexpr quintptr groupId = 0; ///< a finding's is its group's row + 1

constexpr std::array order = {FindingLevel::Error, FindingLevel::Warning, FindingLevel::Pass, FindingLevel::Skipped};

QString groupTitle(FindingLevel level)
{
    switch (level) {
    case FindingLevel::Error:
        return FindingsModel::tr("Errors");
    case FindingLevel::Warning:
        return FindingsModel::tr("Warnings");
    case FindingLevel::Pass:
        return FindingsModel::tr("Passed");
    case FindingLevel::Skipped:
        break;
    }
    return FindingsModel::tr("Not checked");
}

QFont boldFont()
{
    QFont font = QGuiApplication::font();
    font.setBold(true);
    return font;
}

} // namespace

FindingsModel::FindingsModel(QObject *parent)
    : QAbstractItemModel(parent)
{
}

void FindingsModel::setFindings(const QList<Finding> &findings)
{
    beginResetModel();
    m_groups.clear();
    for (const FindingLevel level : order) {
        Group group{level, {}};
        std::ranges::copy_if(findings, std::back_inserter(group.findings),
                             [level](const Finding &finding) { return finding.level == level; });
        if (!findings.isEmpty() && (level != FindingLevel::Skipped || !group.findings.isEmpty()))
            m_groups.append(group);
    }
    endResetModel();
}

const Finding *FindingsModel::finding(const QModelIndex &index) const
{
    if (!index.isValid() || index.internalId() == groupId)
        return nullptr;
    return &m_groups.at(qsizetype(index.internalId()) - 1).findings.at(index.row());
}

QModelIndex FindingsModel::foremost() const
{
    const auto found = std::ranges::find_if(m_groups, [](const Group &group) { return !group.findings.isEmpty(); });
    if (found == m_groups.end())
        return {};
    return createIndex(0, 0, quintptr(found - m_groups.begin()) + 1);
}

QModelIndex FindingsModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? quintptr(parent.row()) + 1 : groupId);
}

QModelIndex FindingsModel::parent(const QModelIndex &index) const
{
    if (!index.isValid() || index.internalId() == groupId)
        return {};
    return createIndex(int(index.internalId()) - 1, 0, groupId);
}

int FindingsModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_groups.size());
    return parent.internalId() == groupId ? int(m_groups.at(parent.row()).findings.size()) : 0;
}

int FindingsModel::columnCount(const QModelIndex &) const
{
    return 1;
}

QVariant FindingsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    if (const Finding *row = finding(index)) {
        if (role == Qt::DisplayRole)
            return QString(row->title).remove(u'`');
        if (role == Qt::ToolTipRole)
            return row->code;
        if (role == Qt::DecorationRole)
            return statusIcon(levelOf(row->level));
        if (role == Qt::AccessibleTextRole)
            return u"%1: %2"_s.arg(statusWord(levelOf(row->level)), row->title);
        return {};
    }
    const Group &group = m_groups.at(index.row());
    if (role == Qt::DisplayRole)
        return tr("%1 (%2)").arg(groupTitle(group.level)).arg(group.findings.size());
    if (role == Qt::DecorationRole)
        return statusIcon(levelOf(group.level), group.findings.isEmpty());
    if (role == Qt::FontRole)
        return boldFont();
    return {};
}

} // namespace McpAuth::Ui
