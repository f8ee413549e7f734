#include "ui/provider/issuermodel.h"

#include "ui/theme.h"
#include "ui/widgets/tooltip.h"

#include <QSettings>
#include <QUrl>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

const QString historyKey = u"provider/history"_s;

} // namespace

IssuerModel::IssuerModel(QObject *parent)
    : QAbstractListModel(parent)
    , m_history(QSettings().value(historyKey).toStringList().mid(0, historySize))
{
}

void IssuerModel::setLocalIssuer(const QString &issuer)
{
    beginResetModel();
    m_localIssuer = issuer;
    endResetModel();
}

void IssuerModel::remember(const QString &issuer)
{
    if (issuer.isEmpty() || issuer == m_localIssuer || (!m_history.isEmpty() && m_history.first() == issuer))
        return;
    if (!QUrl(issuer).userInfo().isEmpty())
        return;
    beginResetModel();
    m_history.removeAll(issuer);
    m_history.prepend(issuer);
    if (m_history.size() > historySize)
        m_history.resize(historySize);
    endResetModel();
    QSettings().setValue(historyKey, m_history);
}

int IssuerModel::catalogueStart() const
{
    return (m_localIssuer.isEmpty() ? 0 : 1) + int(m_history.size());
}

const CatalogueEntry *IssuerModel::entry(int row) const
{
    const int index = row - catalogueStart();
    return index >= 0 && index < catalogue().size() ? &catalogue().at(index) : nullptr;
}

QString IssuerModel::issuer(int row) const
{
    if (const CatalogueEntry *known = entry(row))
        return known->issuer;
    const int past = row - (m_localIssuer.isEmpty() ? 0 : 1);
    return past < 0 ? m_localIssuer : m_history.value(past);
}

QString IssuerModel::label(int row) const
{
    if (const CatalogueEntry *known = entry(row))
        return known->name;
    if (row == 0 && !m_localIssuer.isEmpty())
        return tr("Local issuer");
    const CatalogueEntry *like = entryOfIssuer(issuer(row));
    return like ? like->name : QString();
}

int IssuerModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : catalogueStart() + int(catalogue().size());
}

QVariant IssuerModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const int row = index.row();
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return issuer(row);
    case Qt::ToolTipRole:
        return plainToolTip(entry(row) ? entry(row)->note : issuer(row));
    case Qt::AccessibleTextRole:
        return u"%1 %2"_s.arg(label(row), issuer(row)).trimmed();
    case LabelRole:
        return label(row);
    case SearchRole:
        return u"%1 %2"_s.arg(label(row), issuer(row));
    case EntryRole:
        return entry(row) ? row - catalogueStart() : -1;
    default:
        return {};
    }
}

} // namespace McpAuth::Ui
