// Every exchange as a row, newest last; arrivals are taken in batches so that a load test does not stall the screen.
#pragma once

#include "ui/exchanges/exchangequery.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QTimer>

#include <deque>
#include <optional>

namespace McpAuth::Ui {

class ExchangeModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Direction, Method, Status, Url, Duration, Purpose, ColumnCount };

    /// `log` must outlive the model. Shows what is in it already.
    explicit ExchangeModel(Http::ExchangeLog *log, QObject *parent = nullptr);

    /// Null for an invalid index.
    [[nodiscard]] const Http::Exchange *exchange(const QModelIndex &index) const;

    /// While paused, what arrives waits; as much of it as the log keeps.
    void setPaused(bool paused);
    [[nodiscard]] bool isPaused() const { return m_paused; }
    [[nodiscard]] qsizetype waiting() const { return qsizetype(m_arrived.size()); }
    /// This one stays, also when the log has dropped it; 0: none.
    void keep(quint64 id) { m_keptId = id; }
    /// So many there were since the last clearing, with those that the log has dropped.
    [[nodiscard]] qint64 total() const { return qint64(m_lastId - m_firstId); }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    /// Around each batch of arrivals, so that a view can stay where it is.
    void batchBegins();
    void batchEnded();
    /// What waiting() and total() say has changed.
    void countsChanged();

private:
    void take();
    void reset();
    void arrive(const Http::Exchange &exchange);
    void dropOldest(int count);

    Http::ExchangeLog *m_log;
    std::deque<Http::Exchange> m_rows;
    std::deque<Http::Exchange> m_arrived;
    QTimer m_batch;
    bool m_paused = false;
    quint64 m_keptId = 0;
    quint64 m_firstId = 0; ///< the one before the first that counts
    quint64 m_lastId = 0;
};

/// In the order of their beginning, what was made before what it caused to be served; those of one direction, when
/// asked, that match the query.
class ExchangeFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit ExchangeFilter(ExchangeModel *model, QObject *parent = nullptr);

    void setDirection(std::optional<Http::Exchange::Direction> direction);
    void setQuery(const ExchangeQuery &query, bool inMessages);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    ExchangeModel *m_model;
    std::optional<Http::Exchange::Direction> m_direction;
    ExchangeQuery m_query;
    bool m_inMessages = false;
};

} // namespace McpAuth::Ui
