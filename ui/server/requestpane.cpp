#include "ui/server/requestpane.h"

#include "ui/theme.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/names.h"
#include "ui/widgets/tables.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedLayout>

#include <utility>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

RequestPane::RequestPane(QWidget *parent)
    : QWidget(parent)
    , m_model(new RequestModel(this))
    , m_filter(new RequestFilter(this))
{
    m_filter->setSourceModel(m_model);
    m_full = new QWidget;
    auto *column = new QVBoxLayout(m_full);
    column->setContentsMargins({});
    column->setSpacing(0);
    column->addWidget(makeTools());
    column->addWidget(makeTable(), 1);
    m_reason = named(new QLabel, u"serverReason"_s, tr("Why the selected request got its answer"));
    m_reason->setTextFormat(Qt::PlainText);
    m_reason->setWordWrap(true);
    m_reason->setContentsMargins(Theme::gap, Theme::tight, Theme::gap, Theme::tight);
    m_reason->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    column->addWidget(m_reason);

    m_stopped = new EmptyState(u"server"_s, tr("The server does not run. Start it, and every request shows up here."),
                               tr("Start the server"));
    named(m_stopped->button(), u"serverStartEmpty"_s, tr("Start the server"));
    m_waiting = new EmptyState(u"server"_s, {}, tr("Try it no&w"));
    named(m_waiting->button(), u"serverTry"_s, tr("Make sample calls"));
    m_waiting->button()->setToolTip(
        tr("Calls the server without a token, and with a good one, a poor one and an expired one of the local issuer"));
    m_stack = new QStackedLayout(this);
    for (QWidget *page : {m_full, static_cast<QWidget *>(m_stopped), static_cast<QWidget *>(m_waiting)})
        m_stack->addWidget(page);

    connect(m_stopped, &EmptyState::triggered, this, &RequestPane::startRequested);
    connect(m_waiting, &EmptyState::triggered, this, [this] {
        m_tried = true;
        Q_EMIT tryRequested();
    });
    connect(m_model, &QAbstractItemModel::rowsInserted, this, &RequestPane::updateStack);
    connect(m_model, &QAbstractItemModel::modelReset, this, &RequestPane::updateStack);
    setUrl({});
    showReason();
}

QWidget *RequestPane::makeTools()
{
    auto *bar = new QWidget;
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(Theme::gap, Theme::tight, Theme::tight, Theme::tight);
    auto *text = named(new QLineEdit, u"serverRequestFilter"_s, tr("Filter requests"));
    text->setPlaceholderText(tr("Filter: tool, subject, client, status…"));
    text->setClearButtonEnabled(true);
    auto *refused = named(new QCheckBox(tr("Refused and failed only")), u"serverOnlyRefused"_s,
                          tr("Only refused and failed requests"));
    m_clear = named(new QPushButton(tr("C&lear")), u"serverClearRequests"_s, tr("Clear the list of requests"));
    row->addWidget(text, 1);
    row->addWidget(refused);
    row->addWidget(m_clear);
    connect(text, &QLineEdit::textChanged, m_filter, &RequestFilter::setText);
    connect(refused, &QCheckBox::toggled, m_filter, &RequestFilter::setOnlyRefused);
    connect(m_clear, &QPushButton::clicked, m_model, &RequestModel::clear);
    return bar;
}

QTableView *RequestPane::makeTable()
{
    m_table = named(new QTableView, u"serverRequests"_s, tr("Requests that the server answered"));
    m_table->setModel(m_filter);
    prepareTable(m_table);
    for (const auto column : {RequestModel::Call, RequestModel::Verdict})
        m_table->horizontalHeader()->setSectionResizeMode(column, QHeaderView::Stretch);
    fitColumn(m_table, RequestModel::Time, u"00:00:00.000"_s);
    fitColumn(m_table, RequestModel::Method, u"DELETE"_s);
    fitColumn(m_table, RequestModel::Subject, u"somebody"_s);
    fitColumn(m_table, RequestModel::Client, u"demo-client"_s);
    fitColumn(m_table, RequestModel::Status, tr("Status"));
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &RequestPane::showReason);
    connect(m_filter, &QAbstractItemModel::modelReset, this, &RequestPane::showReason);
    connect(m_filter, &QAbstractItemModel::rowsRemoved, this, &RequestPane::showReason);
    connect(m_filter, &QAbstractItemModel::rowsInserted, this, &RequestPane::follow);
    return m_table;
}

void RequestPane::setUrl(const QString &url)
{
    m_url = url;
    m_waiting->setSentence(
        tr("Nobody has called yet. Point a client at %1: the tab “Connect a client” has what to paste where.")
            .arg(url));
    updateStack();
}

void RequestPane::showReason()
{
    const QModelIndex current = m_table->currentIndex();
    m_reason->setText(current.isValid() ? reasonInWords(m_model->eventAt(m_filter->mapToSource(current).row()))
                                        : tr("Select a request to see why it got its answer."));
}

void RequestPane::updateStack()
{
    QWidget *idle = m_url.isEmpty() ? m_stopped : m_waiting;
    QWidget *next = m_model->rowCount() > 0 ? m_full : idle;
    m_stack->setCurrentWidget(next);
    // The button goes; what it brought is next.
    if (next == m_full && std::exchange(m_tried, false))
        m_table->setFocus();
}

void RequestPane::follow()
{
    // Only when the reader is not looking at an older row.
    const QModelIndex current = m_table->currentIndex();
    if (!current.isValid())
        QMetaObject::invokeMethod(m_table, &QTableView::scrollToBottom, Qt::QueuedConnection);
}

} // namespace McpAuth::Ui
