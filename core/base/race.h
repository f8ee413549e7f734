// Waiting for what may never come: a user, a keychain, a name server, a coroutine of the caller's.
#pragma once

#include "base/result.h"

#include <QCoroFuture>
#include <QCoroTask>
#include <QPromise>
#include <QTimer>

#include <atomic>
#include <chrono>
#include <memory>
#include <stop_token>

namespace McpAuth {

/// What comes first counts; the rest comes to nothing. Thread-safe, since a stop may come from any thread.
template<typename T>
struct Race
{
    std::atomic_flag isOver;
    QPromise<Result<T>> promise;

    void end(Result<T> result)
    {
        if (isOver.test_and_set())
            return;
        promise.addResult(std::move(result));
        promise.finish();
    }

    static QCoro::Task<> run(QCoro::Task<Result<T>> task, std::shared_ptr<Race> race)
    {
        Result<T> result = co_await task;
        race->end(std::move(result));
    }
};

/// For raced(): of a task that cannot fail.
template<typename T>
QCoro::Task<Result<T>> withResult(QCoro::Task<T> task)
{
    Result<T> result = co_await task;
    co_return result;
}

inline QCoro::Task<Result<>> withResult(QCoro::Task<> task)
{
    co_await task;
    co_return Result<>();
}

/// For raced(): of something that another promise tells.
template<typename T>
QCoro::Task<Result<T>> awaited(QFuture<Result<T>> future)
{
    Result<T> result = co_await future;
    co_return result;
}

inline QCoro::Task<Result<>> awaited(QFuture<void> future)
{
    co_await future;
    co_return Result<>();
}

/// What a request ends with that its caller stopped.
inline Error cancelledRequest()
{
    return {QStringLiteral("cancelled"), QStringLiteral("The request was cancelled.")};
}

/// The task's result, or `stopped`, or (unless `atMost` is 0) the error timeout. A task that loses runs on by itself.
template<typename T>
QCoro::Task<Result<T>> raced(QCoro::Task<Result<T>> task, std::stop_token stop, Error stopped,
                             std::chrono::milliseconds atMost = std::chrono::milliseconds(0))
{
    auto race = std::make_shared<Race<T>>();
    race->promise.start();
    QCoro::Task<> running = Race<T>::run(std::move(task), race);
    const std::stop_callback onStop(std::move(stop), [race, stopped] { race->end(fail(stopped)); });
    QTimer timer;
    timer.setSingleShot(true);
    timer.callOnTimeout([race, atMost] {
        race->end(fail(QStringLiteral("timeout"),
                       QStringLiteral("Nothing came within %1 s.")
                           .arg(std::chrono::duration_cast<std::chrono::seconds>(atMost).count())));
    });
    if (atMost.count() > 0)
        timer.start(atMost);
    Result<T> result = co_await race->promise.future();
    co_return result;
}

} // namespace McpAuth
