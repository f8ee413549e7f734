// Waiting within the flow, which its user may cancel.
#pragma once

#include "base/race.h"

namespace McpAuth::OAuth {

[[nodiscard]] inline Error cancelledError()
{
    return {QStringLiteral("cancelled"), QStringLiteral("The flow was cancelled."), {}};
}

/// The task's result, or the error cancelled, or (unless `atMost` is 0) timeout. A task that loses runs on by itself.
template<typename T>
QCoro::Task<Result<T>> raced(QCoro::Task<Result<T>> task, std::stop_token stop,
                             std::chrono::milliseconds atMost = std::chrono::milliseconds(0))
{
    return McpAuth::raced(std::move(task), std::move(stop), cancelledError(), atMost);
}

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

} // namespace McpAuth::OAuth
