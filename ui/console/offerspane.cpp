#include "ui/console/offerspane.h"

#include "ui/theme.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/names.h"

#include <QEvent>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

constexpr OfferGroup groups[] = {OfferGroup::Tools, OfferGroup::Resources, OfferGroup::Prompts};

QString titleOf(OfferGroup group)
{
    switch (group) {
    case OfferGroup::Tools:
        break;
    case OfferGroup::Resources:
        return OffersPane::tr("R&esources");
    case OfferGroup::Prompts:
        return OffersPane::tr("&Prompts");
    }
    return OffersPane::tr("&Tools");
}

QString absence(OfferGroup group)
{
    switch (group) {
    case OfferGroup::Tools:
        break;
    case OfferGroup::Resources:
        return OffersPane::tr("This server offers no resources.");
    case OfferGroup::Prompts:
        return OffersPane::tr("This server offers no prompts.");
    }
    return OffersPane::tr("This server offers no tools.");
}

} // namespace

OffersPane::OffersPane(QWidget *parent)
    : QWidget(parent)
    , m_model(new OfferModel(this))
    , m_filter(new OfferFilter(this))
    , m_groups(named(new QTabBar, u"consoleGroups"_s, tr("Tools, resources or prompts")))
    , m_search(named(new QLineEdit, u"consoleSearch"_s, tr("Search what the server offers")))
    , m_view(named(new QListView, u"consoleOffers"_s, tr("What the server offers")))
    , m_empty(new EmptyState(u"console"_s, {}, tr("Connect")))
    , m_stack(new QStackedWidget)
{
    m_filter->setSourceModel(m_model);
    m_filter->setFilterRole(OfferModel::SearchRole);
    m_filter->setFilterCaseSensitivity(Qt::CaseInsensitive);
    for (const OfferGroup one : groups)
        m_groups->addTab(titleOf(one));
    m_groups->installEventFilter(this);
    m_groups->setDocumentMode(true);
    m_groups->setExpanding(false);
    m_groups->setDrawBase(false);
    m_groups->setUsesScrollButtons(false);
    m_groups->setElideMode(Qt::ElideNone);
    m_search->setPlaceholderText(tr("Search"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(Theme::icon(u"search"_s), QLineEdit::LeadingPosition);
    m_view->setModel(m_filter);
    m_view->setItemDelegate(new OfferDelegate(m_view));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setUniformItemSizes(true);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    named(m_empty->button(), u"consoleEmptyConnect"_s, tr("Connect to the server"));
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_empty);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::tight);
    column->addWidget(m_groups);
    column->addWidget(m_search);
    column->addWidget(m_stack, 1);
    connect(m_search, &QLineEdit::textChanged, m_filter, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_groups, &QTabBar::currentChanged, this, &OffersPane::showGroup);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &OffersPane::takeSelection);
    connect(m_empty, &EmptyState::triggered, this, &OffersPane::connectRequested);
    clear();
}

bool OffersPane::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Shortcut)
        QMetaObject::invokeMethod(m_view, qOverload<>(&QWidget::setFocus), Qt::QueuedConnection);
    return QWidget::eventFilter(watched, event);
}

OfferGroup OffersPane::group() const
{
    return groups[m_groups->currentIndex()];
}

void OffersPane::setOffers(const QList<Offer> &offers)
{
    const QMap<OfferGroup, QString> kept = m_selected;
    m_isConnected = true;
    m_model->setOffers(offers);
    m_selected = kept;
    showGroup();
}

void OffersPane::clear()
{
    const QMap<OfferGroup, QString> kept = m_selected;
    m_isConnected = false;
    m_model->setOffers({});
    m_selected = kept;
    showEmptiness();
}

void OffersPane::showEmptiness()
{
    const bool isEmpty = m_model->count(group()) == 0;
    m_stack->setCurrentWidget(isEmpty ? static_cast<QWidget *>(m_empty) : m_view);
    m_empty->setSentence(m_isConnected ? absence(group())
                                       : tr("Connect to an MCP server, and what it offers is here to try."));
    m_empty->button()->setVisible(!m_isConnected);
    m_search->setEnabled(!isEmpty);
}

void OffersPane::showGroup()
{
    const QString kept = m_selected.value(group());
    m_filter->setGroup(group());
    showEmptiness();
    if (!select(group(), kept) && m_model->count(group()) > 0)
        m_view->setCurrentIndex(m_filter->index(0, 0));
    Q_EMIT selectionChanged();
}

const Offer *OffersPane::selected() const
{
    const int row = m_model->rowOf(group(), m_selected.value(group()));
    return row < 0 ? nullptr : &m_model->offers().at(row);
}

bool OffersPane::select(OfferGroup group, const QString &name)
{
    const QModelIndex index = m_model->index(m_model->rowOf(group, name));
    if (!index.isValid())
        return false;
    m_selected.insert(group, name);
    m_groups->setCurrentIndex(int(group));
    if (!m_filter->mapFromSource(index).isValid())
        m_search->clear();
    m_view->setCurrentIndex(m_filter->mapFromSource(index));
    return true;
}

/// A search that hides the selected one does not deselect it.
void OffersPane::takeSelection()
{
    const QModelIndex current = m_view->currentIndex();
    if (!current.isValid())
        return;
    m_selected.insert(group(), current.data().toString());
    Q_EMIT selectionChanged();
}

} // namespace McpAuth::Ui
