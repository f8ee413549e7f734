#include "ui/console/toolmodel.h"

#include "ui/widgets/rowdelegate.h"
#include "ui/widgets/tooltip.h"

#include <QPainter>

#include <algorithm>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int padding = 5;
constexpr int lineGap = 1;
constexpr qsizetype longestTip = 2'000;

QString summaryOf(const Mcp::ToolDescription &tool)
{
    return tool.title.isEmpty() ? tool.description.section(u'\n', 0, 0) : tool.title;
}

QString tipOf(const Mcp::ToolDescription &tool)
{
    const QString text = tool.description.isEmpty() ? tool.title : tool.description;
    return plainToolTip(text.left(longestTip));
}

} // namespace

void ToolModel::setTools(const QList<Mcp::ToolDescription> &tools)
{
    beginResetModel();
    m_tools = tools;
    endResetModel();
}

int ToolModel::rowOf(const QString &name) const
{
    const auto found = std::ranges::find(m_tools, name, &Mcp::ToolDescription::name);
    return found == m_tools.end() ? -1 : int(found - m_tools.begin());
}

int ToolModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_tools.size());
}

QVariant ToolModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Mcp::ToolDescription &tool = m_tools.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return tool.name;
    case Qt::ToolTipRole:
        return tipOf(tool);
    case Qt::AccessibleTextRole:
        return summaryOf(tool).isEmpty() ? tool.name : u"%1, %2"_s.arg(tool.name, summaryOf(tool));
    case SummaryRole:
        return summaryOf(tool);
    case SearchRole:
        return QStringList{tool.name, tool.title, tool.description}.join(u'\n');
    default:
        return {};
    }
}

void ToolDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const QPalette palette = rowPalette(option);
    const QColor highlighted = palette.color(QPalette::HighlightedText);
    painter->save();
    if (selected)
        painter->fillRect(option.rect, palette.color(QPalette::Highlight));
    QRect line = option.rect.adjusted(Theme::gap, padding, -Theme::gap, 0);
    line.setHeight(option.fontMetrics.height());
    QFont bold = option.font;
    bold.setWeight(QFont::DemiBold);
    painter->setFont(bold);
    painter->setPen(selected ? highlighted : palette.color(QPalette::Text));
    const int flags = int(Qt::AlignLeft) | int(Qt::AlignVCenter) | int(Qt::TextSingleLine);
    painter->drawText(line, flags,
                      QFontMetrics(bold).elidedText(index.data().toString(), Qt::ElideMiddle, line.width()));
    line.translate(0, line.height() + lineGap);
    painter->setFont(option.font);
    painter->setPen(selected ? highlighted : Theme::mutedText());
    const QString summary = index.data(ToolModel::SummaryRole).toString();
    painter->drawText(line, flags, option.fontMetrics.elidedText(summary, Qt::ElideRight, line.width()));
    painter->restore();
}

QSize ToolDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const
{
    return {option.rect.width(), 2 * option.fontMetrics.height() + lineGap + 2 * padding};
}

} // namespace McpAuth::Ui
