#include "ui/console/offermodel.h"

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

QString summaryOf(const Offer &offer)
{
    return offer.title.isEmpty() ? offer.description.section(u'\n', 0, 0) : offer.title;
}

QString tipOf(const Offer &offer)
{
    const QString text = offer.description.isEmpty() ? offer.title : offer.description;
    return plainToolTip(text.left(longestTip));
}

} // namespace

OfferGroup groupOf(OfferKind kind)
{
    switch (kind) {
    case OfferKind::Tool:
        break;
    case OfferKind::Resource:
    case OfferKind::ResourceTemplate:
        return OfferGroup::Resources;
    case OfferKind::Prompt:
        return OfferGroup::Prompts;
    }
    return OfferGroup::Tools;
}

void OfferModel::setOffers(const QList<Offer> &offers)
{
    beginResetModel();
    m_offers = offers;
    endResetModel();
}

int OfferModel::rowOf(OfferGroup group, const QString &name) const
{
    const auto isIt = [&](const Offer &offer) { return groupOf(offer.kind) == group && offer.name == name; };
    const auto found = std::ranges::find_if(m_offers, isIt);
    return found == m_offers.end() ? -1 : int(found - m_offers.begin());
}

qsizetype OfferModel::count(OfferGroup group) const
{
    return std::ranges::count_if(m_offers, [group](const Offer &offer) { return groupOf(offer.kind) == group; });
}

int OfferModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_offers.size());
}

QVariant OfferModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Offer &offer = m_offers.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return offer.name;
    case Qt::ToolTipRole:
        return tipOf(offer);
    case Qt::AccessibleTextRole:
        return summaryOf(offer).isEmpty() ? offer.name : u"%1, %2"_s.arg(offer.name, summaryOf(offer));
    case SummaryRole:
        return summaryOf(offer);
    case SearchRole:
        return QStringList{offer.name, offer.title, offer.description}.join(u'\n');
    default:
        return {};
    }
}

void OfferFilter::setGroup(OfferGroup group)
{
    m_group = group;
    invalidateRowsFilter();
}

bool OfferFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const auto *model = qobject_cast<const OfferModel *>(sourceModel());
    return groupOf(model->offers().at(row).kind) == m_group && QSortFilterProxyModel::filterAcceptsRow(row, parent);
}

void OfferDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
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
    const QString summary = index.data(OfferModel::SummaryRole).toString();
    painter->drawText(line, flags, option.fontMetrics.elidedText(summary, Qt::ElideRight, line.width()));
    painter->restore();
}

QSize OfferDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const
{
    return {option.rect.width(), 2 * option.fontMetrics.height() + lineGap + 2 * padding};
}

} // namespace McpAuth::Ui
