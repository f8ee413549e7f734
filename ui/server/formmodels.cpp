#include "ui/server/formmodels.h"

#include "ui/widgets/words.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

void IssuersModel::setLocalIssuer(const QString &url)
{
    m_localIssuer = url;
    if (!m_issuers.isEmpty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

void IssuersModel::setIssuers(const QList<IssuerEntry> &issuers)
{
    beginResetModel();
    m_issuers = issuers;
    endResetModel();
}

bool IssuersModel::hasLocal() const
{
    return std::ranges::any_of(m_issuers, &IssuerEntry::local);
}

int IssuersModel::add(const IssuerEntry &entry)
{
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_issuers.append(entry);
    endInsertRows();
    return row;
}

int IssuersModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_issuers.size());
}

int IssuersModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant IssuersModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const IssuerEntry &entry = m_issuers[index.row()];
    if (index.column() == Type) {
        if (role == Qt::EditRole)
            return static_cast<int>(entry.type);
        if (role == Qt::DisplayRole)
            return typeName(entry.type);
        return {};
    }
    if (role == Qt::EditRole)
        return entry.issuer;
    if (role == Qt::DisplayRole)
        return entry.local ? tr("Local issuer") : entry.issuer;
    if (role == Qt::ToolTipRole && entry.local)
        return m_localIssuer.isEmpty() ? tr("The local issuer is starting.") : m_localIssuer;
    return {};
}

bool IssuersModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!index.isValid() || role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable))
        return false;
    IssuerEntry &entry = m_issuers[index.row()];
    if (index.column() == Type)
        entry.type = value.toInt() == static_cast<int>(Metadata::ServerType::OAuth) ? Metadata::ServerType::OAuth
                                                                                    : Metadata::ServerType::Oidc;
    else
        entry.issuer = value.toString().trimmed();
    Q_EMIT dataChanged(index, index);
    return true;
}

QVariant IssuersModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Issuer ? tr("Issuer") : tr("Type");
}

Qt::ItemFlags IssuersModel::flags(const QModelIndex &index) const
{
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    return index.isValid() && !m_issuers[index.row()].local ? flags | Qt::ItemIsEditable : flags;
}

bool IssuersModel::removeRows(int row, int count, const QModelIndex &parent)
{
    if (parent.isValid() || row < 0 || count < 1 || row + count > rowCount())
        return false;
    beginRemoveRows({}, row, row + count - 1);
    m_issuers.remove(row, count);
    endRemoveRows();
    return true;
}

ToolScopesModel::ToolScopesModel(QObject *parent)
    : QAbstractTableModel(parent)
{
    for (const auto &[tool, own] : sampleToolScopes())
        m_rows.append({tool, own, own});
}

void ToolScopesModel::setToolScopes(const QMap<QString, QStringList> &scopes)
{
    for (Row &row : m_rows)
        row.scopes = scopes.value(row.tool, row.own);
    if (!m_rows.isEmpty())
        Q_EMIT dataChanged(index(0, Scopes), index(rowCount() - 1, Scopes));
}

QMap<QString, QStringList> ToolScopesModel::toolScopes() const
{
    QMap<QString, QStringList> changed;
    for (const Row &row : m_rows) {
        if (row.scopes != row.own)
            changed.insert(row.tool, row.scopes);
    }
    return changed;
}

int ToolScopesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ToolScopesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ToolScopesModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Row &row = m_rows[index.row()];
    const QString scopes = row.scopes.join(u' ');
    if (role == Qt::EditRole)
        return index.column() == Tool ? row.tool : scopes;
    if (role == Qt::DisplayRole)
        return index.column() == Tool ? row.tool : scopes.isEmpty() ? u"–"_s : scopes;
    if (role == Qt::ToolTipRole && index.column() == Scopes)
        return tr("Scopes between blanks, on top of those that every request needs. Press F2 to edit.");
    return {};
}

bool ToolScopesModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!index.isValid() || role != Qt::EditRole || index.column() != Scopes)
        return false;
    m_rows[index.row()].scopes = wordsOf(value.toString());
    Q_EMIT dataChanged(index, index);
    return true;
}

QVariant ToolScopesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Tool ? tr("Tool") : tr("Scopes it needs");
}

Qt::ItemFlags ToolScopesModel::flags(const QModelIndex &index) const
{
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    return index.column() == Scopes ? flags | Qt::ItemIsEditable : flags;
}

} // namespace McpAuth::Ui
