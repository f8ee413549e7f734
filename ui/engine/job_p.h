// A job on the worker's thread, and its outcome back on the screen's.
#pragma once

#include "ui/engine/worker_p.h"

#include <QCoroFuture>
#include <QPromise>

#include <functional>
#include <memory>
#include <optional>

namespace McpAuth::Ui {

/// What it came to is nothing when the worker ended before the job did.
template<typename T>
struct Job
{
    QFuture<void> done;
    std::shared_ptr<std::optional<T>> outcome;
};

template<typename T>
QCoro::Task<> runJob(QObject *screen, Worker *worker, std::function<QCoro::Task<T>()> make,
                     std::shared_ptr<std::optional<T>> outcome, std::shared_ptr<QPromise<void>> promise)
{
    worker->jobStarted();
    T value = co_await make();
    *outcome = std::move(value);
    // Told by way of the screen's event queue, behind the signals that were queued there before.
    QMetaObject::invokeMethod(screen, [promise = std::move(promise)] { promise->finish(); }, Qt::QueuedConnection);
    worker->jobEnded();
}

/// `make` is called on the worker's thread and kept until its task is done. `screen` lives on the caller's thread, and
/// as long as the worker.
template<typename T>
Job<T> post(QObject *screen, Worker *worker, std::function<QCoro::Task<T>()> make)
{
    auto promise = std::make_shared<QPromise<void>>();
    promise->start();
    const Job<T> job{promise->future(), std::make_shared<std::optional<T>>()};
    QMetaObject::invokeMethod(
        worker,
        [screen, worker, make = std::move(make), outcome = job.outcome, promise = std::move(promise)] {
            runJob<T>(screen, worker, make, outcome, promise);
        },
        Qt::QueuedConnection);
    return job;
}

/// Back on the caller's thread.
template<typename T>
QCoro::Task<T> outcomeOf(Job<T> job, T otherwise)
{
    co_await qCoro(job.done).waitForFinished();
    if (job.outcome->has_value())
        co_return std::move(**job.outcome);
    co_return otherwise;
}

/// Of a job that the worker did not finish.
[[nodiscard]] inline Error closing()
{
    return {QStringLiteral("cancelled"), Worker::tr("The program is closing.")};
}

} // namespace McpAuth::Ui
