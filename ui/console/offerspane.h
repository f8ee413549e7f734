// What the connected server offers, by kinds, with a search.
#pragma once

#include "ui/console/offermodel.h"

#include <QMap>
#include <QWidget>

class QLineEdit;
class QListView;
class QStackedWidget;
class QTabBar;

namespace McpAuth::Ui {

class EmptyState;

class OffersPane : public QWidget
{
    Q_OBJECT

public:
    explicit OffersPane(QWidget *parent = nullptr);

    /// Those that were selected stay so where there are some of their names; else the first are.
    void setOffers(const QList<Offer> &offers);
    /// Nothing is connected.
    void clear();
    /// Of the group that shows; null while none is.
    [[nodiscard]] const Offer *selected() const;
    /// Also one that the search hides, which then ends. False: there is none of this name.
    bool select(OfferGroup group, const QString &name);

Q_SIGNALS:
    void selectionChanged();
    void connectRequested(); ///< the empty list's button

protected:
    /// A group's mnemonic leads into its list.
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    [[nodiscard]] OfferGroup group() const;
    void showGroup();
    void showEmptiness();
    void takeSelection();

    OfferModel *m_model;
    OfferFilter *m_filter;
    QTabBar *m_groups;
    QLineEdit *m_search;
    QListView *m_view;
    EmptyState *m_empty;
    QStackedWidget *m_stack;
    bool m_isConnected = false;
    QMap<OfferGroup, QString> m_selected; ///< by name, also while nothing is connected
};

} // namespace McpAuth::Ui
