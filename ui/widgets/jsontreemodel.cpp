#include "base/json.h"
#include "ui/theme.h"
#include "ui/widgets/counted.h"
#include "ui/widgets/jsontree.h"
#include "ui/widgets/tooltip.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QRegularExpression>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

struct JsonTreeModel::Node
{
    QString name; ///< of a member; empty for an array's element
    int row = 0;
    Node *parent = nullptr;
    QJsonValue value;
    std::vector<std::unique_ptr<Node>> children;
};

namespace {

/// Values longer than this are cut in the list; copying gives the whole.
constexpr qsizetype shownLength = 300;

template<typename Node>
void fill(Node *node)
{
    const auto add = [node](const QString &name, const QJsonValue &value) {
        auto child = std::make_unique<Node>();
        child->name = name;
        child->row = int(node->children.size());
        child->parent = node;
        child->value = value;
        fill(child.get());
        node->children.push_back(std::move(child));
    };
    if (node->value.isObject()) {
        const QJsonObject object = node->value.toObject();
        for (auto member = object.begin(); member != object.end(); ++member)
            add(member.key(), member.value());
    } else if (node->value.isArray()) {
        const QJsonArray array = node->value.toArray();
        for (const QJsonValue &element : array)
            add({}, element);
    }
}

/// "3 members", "[ S256, plain ]": what a closed node says of what is in it.
QString summary(const QJsonValue &value)
{
    if (value.isObject())
        return counted(value.toObject().size(), JsonTreeModel::tr("{ 1 member }"), JsonTreeModel::tr("{ %1 members }"));
    const QJsonArray array = value.toArray();
    if (const auto strings = Json::strings(value); strings && !strings->isEmpty())
        return u"[ %1 ]"_s.arg(strings->join(", "_L1));
    return counted(array.size(), JsonTreeModel::tr("[ 1 element ]"), JsonTreeModel::tr("[ %1 elements ]"));
}

QString pathStep(const QString &name, int row, bool inArray)
{
    if (inArray)
        return u"[%1]"_s.arg(row);
    static const QRegularExpression identifier(u"^[A-Za-z_][A-Za-z0-9_]*$"_s);
    if (identifier.match(name).hasMatch())
        return u'.' + name;
    QString quoted = name;
    quoted.replace(u"\\"_s, u"\\\\"_s).replace(u"'"_s, u"\\'"_s);
    return u"['%1']"_s.arg(quoted);
}

} // namespace

QString jsonText(const QJsonValue &value)
{
    return value.isString() ? value.toString() : QString::fromUtf8(toJsonText(value));
}

JsonTreeModel::JsonTreeModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Node>())
{
}

JsonTreeModel::~JsonTreeModel() = default;

void JsonTreeModel::setValue(const QJsonValue &value)
{
    beginResetModel();
    m_root = std::make_unique<Node>();
    const bool isContainer = value.isObject() || value.isArray() || value.isUndefined() || value.isNull();
    m_root->value = isContainer ? value : QJsonValue(QJsonArray{value});
    fill(m_root.get());
    endResetModel();
}

const JsonTreeModel::Node *JsonTreeModel::node(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<const Node *>(index.constInternalPointer()) : m_root.get();
}

QJsonValue JsonTreeModel::value(const QModelIndex &index) const
{
    return node(index)->value;
}

QString JsonTreeModel::valueText(const QModelIndex &index) const
{
    return jsonText(node(index)->value);
}

QString JsonTreeModel::path(const QModelIndex &index) const
{
    QString path;
    for (const Node *at = node(index); at->parent; at = at->parent)
        path.prepend(pathStep(at->name, at->row, at->parent->value.isArray()));
    return u'$' + path;
}

QModelIndex JsonTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    const Node *above = node(parent);
    if (row < 0 || column < 0 || column >= ColumnCount || std::size_t(row) >= above->children.size())
        return {};
    return createIndex(row, column, above->children[std::size_t(row)].get());
}

QModelIndex JsonTreeModel::parent(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    Node *above = node(index)->parent;
    return above == m_root.get() ? QModelIndex() : createIndex(above->row, 0, above);
}

int JsonTreeModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : int(node(parent)->children.size());
}

int JsonTreeModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QVariant JsonTreeModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Node *at = node(index);
    const bool isContainer = at->value.isObject() || at->value.isArray();
    if (role == Qt::DisplayRole && index.column() == Member)
        return at->parent->value.isArray() ? QString::number(at->row) : at->name;
    if (role == Qt::DisplayRole)
        return (isContainer ? summary(at->value) : jsonText(at->value)).left(shownLength);
    if (role == Qt::ToolTipRole && index.column() == Value)
        return plainToolTip(jsonText(at->value).left(2000));
    if (role == Qt::FontRole && index.column() == Value)
        return Theme::monospace();
    if (role == Qt::ForegroundRole && index.column() == Value && isContainer)
        return Theme::mutedText();
    return {};
}

QVariant JsonTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == Member ? tr("Member") : tr("Value");
}

} // namespace McpAuth::Ui
