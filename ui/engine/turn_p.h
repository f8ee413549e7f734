// Things that are done one after the other, in the order in which they were asked for.
#pragma once

#include <QCoroFuture>
#include <QPromise>

#include <utility>

namespace McpAuth::Ui {

/// Waits for all whose turns were asked for before; the turn ends with the promise. `last` belongs to the row of turns
/// and is not used once this waits.
inline QCoro::Task<QPromise<void>> nextTurn(QFuture<void> *last)
{
    QPromise<void> turn;
    turn.start();
    const QFuture<void> before = std::exchange(*last, turn.future());
    co_await qCoro(before).waitForFinished();
    co_return std::move(turn);
}

} // namespace McpAuth::Ui
