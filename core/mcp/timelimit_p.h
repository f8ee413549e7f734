// Waiting for a handler that may never end.
#pragma once

#include "base/result.h"

#include <QCoroFuture>
#include <QCoroTask>
#include <QPromise>
#include <QTimer>

#include <chrono>
#include <memory>

namespace McpAuth::Mcp {

/// Ends a wait once: what comes first counts.
template<typename T>
struct TimedWait
{
    bool isOver = false;
    QPromise<Result<T>> promise;

    void end(Result<T> result)
    {
        if (std::exchange(isOver, true))
            return;
        promise.addResult(std::move(result));
        promise.finish();
    }
};

template<typename T>
QCoro::Task<> endWith(QCoro::Task<Result<T>> task, std::shared_ptr<TimedWait<T>> wait)
{
    Result<T> result = co_await task;
    wait->end(std::move(result));
}

/// The task's result, or (unless `atMost` is 0) the error timeout. A task that comes too late runs on by itself.
template<typename T>
QCoro::Task<Result<T>> within(QCoro::Task<Result<T>> task, std::chrono::milliseconds atMost)
{
    auto wait = std::make_shared<TimedWait<T>>();
    wait->promise.start();
    QCoro::Task<> running = endWith(std::move(task), wait);
    QTimer timer;
    timer.setSingleShot(true);
    timer.callOnTimeout([wait] { wait->end(fail(QStringLiteral("timeout"), QStringLiteral("It took too long."))); });
    if (atMost.count() > 0)
        timer.start(atMost);
    Result<T> result = co_await wait->promise.future();
    co_return result;
}

} // namespace McpAuth::Mcp
