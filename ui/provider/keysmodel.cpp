#include "ui/provider/keysmodel.h"

#include "ui/widgets/statusicon.h"
#include "ui/widgets/tooltip.h"
#include "ui/widgets/words.h"

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

QVariant textOf(const Jose::Key &key, int column)
{
    switch (column) {
    case KeysModel::KeyId:
        return orDash(key.kid());
    case KeysModel::Type:
        return u"%1 %2"_s.arg(Jose::toString(key.type()), Jose::toString(key.curve())).trimmed();
    case KeysModel::Algorithm:
        return orDash(QString::fromLatin1(key.alg()));
    case KeysModel::Use:
        return orDash(key.use());
    case KeysModel::Bits:
        return key.bits();
    case KeysModel::Thumbprint:
        return QString::fromLatin1(key.thumbprint());
    default:
        return {};
    }
}

QVariant textOf(const Error &rejected, int column)
{
    switch (column) {
    case KeysModel::KeyId:
        return orDash(rejected.details.value("kid"_L1).toString());
    case KeysModel::Type:
        return KeysModel::tr("unusable");
    case KeysModel::Thumbprint:
        return rejected.message;
    default:
        return orDash({});
    }
}

} // namespace

KeysModel::KeysModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void KeysModel::setKeys(const QList<Jose::Key> &keys, const QList<Error> &rejected)
{
    beginResetModel();
    m_keys = keys;
    m_rejected = rejected;
    endResetModel();
}

int KeysModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_keys.size() + m_rejected.size());
}

int KeysModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant KeysModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const bool isRejected = index.row() >= m_keys.size();
    if (role == Qt::ToolTipRole)
        return plainToolTip(data(index, Qt::DisplayRole).toString());
    if (role == Qt::DisplayRole)
        return isRejected ? textOf(m_rejected.at(index.row() - m_keys.size()), index.column())
                          : textOf(m_keys.at(index.row()), index.column());
    if (role == Qt::DecorationRole && index.column() == KeyId)
        return statusIcon(isRejected ? Level::Warning : Level::Ok);
    if (role == Qt::TextAlignmentRole && index.column() == Bits)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant KeysModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    static const QStringList titles = {tr("Key ID"), tr("Type"), tr("Algorithm"),
                                       tr("Use"),    tr("Bits"), tr("Thumbprint")};
    return titles.value(section);
}

} // namespace McpAuth::Ui
