#include "ui/exchanges/exchangemodel.h"

#include "ui/theme.h"
#include "ui/widgets/statusicon.h"
#include "ui/widgets/tooltip.h"

#include <QGuiApplication>

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

/// A request without credentials is meant to be challenged.
Level levelOfExchange(const Exchange &exchange)
{
    const bool challenged = exchange.status == 401 && !exchange.requestHeaders.contains("Authorization");
    return challenged ? Level::Warning : levelOfStatus(exchange.status);
}

QVariant fontOf(int column)
{
    if (column != ExchangeModel::Status)
        return {};
    QFont font = QGuiApplication::font();
    font.setBold(true);
    return font;
}

QVariant decorationOf(const Exchange &exchange, int column)
{
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
    connect(log, &Http::ExchangeLog::added, this, &ExchangeModel::arrive);
    if (!m_rows.empty()) {
        m_firstId = m_rows.front().id - 1;
        m_lastId = m_rows.back().id;
    }
}

void ExchangeModel::arrive(const Exchange &exchange)
{
    m_lastId = exchange.id;
    m_arrived.push_back(exchange);
    if (m_arrived.size() > std::size_t(Http::exchangeLogEntries))
        m_arrived.pop_front();
    if (!m_batch.isActive())
        m_batch.start();
}

void ExchangeModel::setPaused(bool paused)
{
    m_paused = paused;
    take();
}

/// The one that is kept stays where it is, and counts not.
void ExchangeModel::dropOldest(int count)
{
    const auto kept = std::ranges::find(m_rows, m_keptId, &Exchange::id);
    const int keptRow = kept == m_rows.end() ? -1 : int(kept - m_rows.begin());
    const bool split = keptRow >= 0 && keptRow < count;
    const auto drop = [this](int from, int to) {
        if (from >= to)
            return;
        beginRemoveRows({}, from, to - 1);
        m_rows.erase(m_rows.begin() + from, m_rows.begin() + to);
        endRemoveRows();
    };
    if (!split) {
        drop(0, count);
        return;
    }
    drop(keptRow + 1, count);
    drop(0, keptRow);
}

void ExchangeModel::take()
{
    if (m_paused || m_arrived.empty()) {
        Q_EMIT countsChanged();
        return;
    }
    Q_EMIT batchBegins();
    const int surplus = int(m_rows.size() + m_arrived.size()) - Http::exchangeLogEntries;
    if (const int old = std::min(surplus, int(m_rows.size())); old > 0)
        dropOldest(old);
    beginInsertRows({}, int(m_rows.size()), int(m_rows.size() + m_arrived.size()) - 1);
    std::ranges::move(m_arrived, std::back_inserter(m_rows));
    m_arrived.clear();
    endInsertRows();
    Q_EMIT batchEnded();
    Q_EMIT countsChanged();
}

void ExchangeModel::reset()
{
    beginResetModel();
    m_arrived.clear();
    m_rows = m_log->exchanges();
    m_firstId = m_lastId;
    endResetModel();
    Q_EMIT countsChanged();
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
    if (role == Qt::ForegroundRole && index.column() == Status)
        return Theme::foreground(levelOfExchange(*row));
    if (role == Qt::FontRole)
        return fontOf(index.column());
    if (index.column() == Status && role == Qt::AccessibleTextRole)
        return u"%1, %2"_s.arg(textOf(*row, Status).toString(), statusWord(levelOfExchange(*row)));
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
    setSourceModel(model);
    sort(ExchangeModel::Time);
}

void ExchangeFilter::setDirection(std::optional<Http::Exchange::Direction> direction)
{
    m_direction = direction;
    invalidateRowsFilter();
}

void ExchangeFilter::setQuery(const ExchangeQuery &query, bool inMessages)
{
    m_query = query;
    m_inMessages = inMessages;
    invalidateRowsFilter();
}

bool ExchangeFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const Exchange *exchange = m_model->exchange(m_model->index(row, 0, parent));
    return (!m_direction || exchange->direction == *m_direction) && m_query.matches(*exchange, m_inMessages);
}

bool ExchangeFilter::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const Exchange *a = m_model->exchange(left);
    const Exchange *b = m_model->exchange(right);
    return std::tie(a->started, a->direction) < std::tie(b->started, b->direction);
}

} // namespace McpAuth::Ui
