#include "ui/exchanges/exchangemodel.h"

#include "ui/theme.h"
#include "ui/widgets/statusicon.h"
#include "ui/widgets/tooltip.h"

#include <algorithm>
#include <tuple>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

using Exchange = Http::Exchange;

bool isServed(const Exchange &exchange)
{
    return exchange.direction == Exchange::Direction::Served;
}

QString durationText(double ms)
{
    return ms < 10 ? ExchangeModel::tr("%1 ms").arg(ms, 0, 'f', 1) : ExchangeModel::tr("%1 ms").arg(ms, 0, 'f', 0);
}

QVariant textOf(const Exchange &exchange, int column)
{
    switch (column) {
    case ExchangeModel::Time:
        return exchange.started.toLocalTime().toString(u"HH:mm:ss.zzz"_s);
    case ExchangeModel::Method:
        return QString::fromUtf8(exchange.method);
    case ExchangeModel::Status:
        return exchange.status == 0 ? ExchangeModel::tr("none") : QString::number(exchange.status);
    case ExchangeModel::Url:
        return exchange.url;
    case ExchangeModel::Duration:
        return durationText(exchange.durationMs);
    case ExchangeModel::Purpose:
        return exchange.purpose;
    default:
        return {};
    }
}

QVariant decorationOf(const Exchange &exchange, int column)
{
    if (column == ExchangeModel::Status)
        return statusIcon(levelOfStatus(exchange.status));
    if (column == ExchangeModel::Direction)
        return Theme::icon(isServed(exchange) ? u"served"_s : u"made"_s);
    return {};
}

} // namespace

ExchangeModel::ExchangeModel(Http::ExchangeLog *log, QObject *parent)
    : QAbstractTableModel(parent)
    , m_log(log)
    , m_rows(log->exchanges())
{
    m_batch.setSingleShot(true);
    m_batch.setInterval(33ms);
    connect(&m_batch, &QTimer::timeout, this, &ExchangeModel::take);
    connect(log, &Http::ExchangeLog::cleared, this, &ExchangeModel::reset);
    connect(log, &Http::ExchangeLog::added, this, [this](const Exchange &exchange) {
        m_arrived.push_back(exchange);
        if (m_arrived.size() > std::size_t(Http::exchangeLogEntries))
            m_arrived.pop_front();
        if (!m_batch.isActive())
            m_batch.start();
    });
}

void ExchangeModel::take()
{
    const int surplus = int(m_rows.size() + m_arrived.size()) - Http::exchangeLogEntries;
    if (const int old = std::min(surplus, int(m_rows.size())); old > 0) {
        beginRemoveRows({}, 0, old - 1);
        m_rows.erase(m_rows.begin(), m_rows.begin() + old);
        endRemoveRows();
    }
    if (m_arrived.empty())
        return;
    beginInsertRows({}, int(m_rows.size()), int(m_rows.size() + m_arrived.size()) - 1);
    std::ranges::move(m_arrived, std::back_inserter(m_rows));
    m_arrived.clear();
    endInsertRows();
}

void ExchangeModel::reset()
{
    beginResetModel();
    m_arrived.clear();
    m_rows = m_log->exchanges();
    endResetModel();
}

const Http::Exchange *ExchangeModel::exchange(const QModelIndex &index) const
{
    return index.isValid() ? &m_rows.at(std::size_t(index.row())) : nullptr;
}

int ExchangeModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ExchangeModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ExchangeModel::data(const QModelIndex &index, int role) const
{
    const Exchange *row = exchange(index);
    if (!row)
        return {};
    if (role == Qt::DisplayRole)
        return textOf(*row, index.column());
    if (role == Qt::DecorationRole)
        return decorationOf(*row, index.column());
    if (index.column() == Direction && (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole))
        return isServed(*row) ? tr("served here") : tr("made from here");
    if (role == Qt::ToolTipRole)
        return plainToolTip(row->error.isEmpty() ? row->url : u"%1\n%2"_s.arg(row->url, row->error));
    if (role == Qt::TextAlignmentRole && index.column() == Duration)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant ExchangeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    static const QStringList titles = {tr("Time"), QString(),      tr("Method"), tr("Status"),
                                       tr("URL"),  tr("Duration"), tr("Purpose")};
    return titles.value(section);
}

ExchangeFilter::ExchangeFilter(ExchangeModel *model, QObject *parent)
    : QSortFilterProxyModel(parent)
    , m_model(model)
{
    setFilterKeyColumn(-1);
    setFilterCaseSensitivity(Qt::CaseInsensitive);
    setSourceModel(model);
    sort(ExchangeModel::Time);
}

void ExchangeFilter::setDirection(std::optional<Http::Exchange::Direction> direction)
{
    m_direction = direction;
    invalidateRowsFilter();
}

bool ExchangeFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const Exchange *exchange = m_model->exchange(m_model->index(row, 0, parent));
    return (!m_direction || exchange->direction == *m_direction) &&
           QSortFilterProxyModel::filterAcceptsRow(row, parent);
}

bool ExchangeFilter::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const Exchange *a = m_model->exchange(left);
    const Exchange *b = m_model->exchange(right);
    return std::tie(a->started, a->direction) < std::tie(b->started, b->direction);
}

} // namespace McpAuth::Ui
