// Every exchange as a row, newest last; arrivals are taken in batches so that a load test does not stall the screen.
#pragma once

#include "http/exchangelog.h"

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

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void take();
    void reset();

    Http::ExchangeLog *m_log;
    std::deque<Http::Exchange> m_rows;
    std::deque<Http::Exchange> m_arrived;
    QTimer m_batch;
};

/// In the order of their beginning, what was made before what it caused to be served; those of one direction, when
/// asked, in which some column contains the fixed string.
class ExchangeFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit ExchangeFilter(ExchangeModel *model, QObject *parent = nullptr);

    void setDirection(std::optional<Http::Exchange::Direction> direction);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    ExchangeModel *m_model;
    std::optional<Http::Exchange::Direction> m_direction;
};

} // namespace McpAuth::Ui
