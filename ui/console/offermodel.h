// What a server offers, as a list with a line below each name, and a search over all of its words.
#pragma once

#include "ui/engine/offers.h"

#include <QAbstractListModel>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>

namespace McpAuth::Ui {

/// What is listed together.
enum class OfferGroup { Tools, Resources, Prompts };

[[nodiscard]] OfferGroup groupOf(OfferKind kind);

class OfferModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        SummaryRole = Qt::UserRole, ///< the title, else the description's first line
        SearchRole,                 ///< name, title and description
    };

    using QAbstractListModel::QAbstractListModel;

    void setOffers(const QList<Offer> &offers);
    [[nodiscard]] const QList<Offer> &offers() const { return m_offers; }
    [[nodiscard]] int rowOf(OfferGroup group, const QString &name) const; ///< -1: there is none
    [[nodiscard]] qsizetype count(OfferGroup group) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    QList<Offer> m_offers;
};

/// One group, and of that what a search finds.
class OfferFilter final : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setGroup(OfferGroup group);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    OfferGroup m_group = OfferGroup::Tools;
};

/// The name, and below it, quieter, the summary.
class OfferDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace McpAuth::Ui
