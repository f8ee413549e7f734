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

} // namespace McpAuth::OAuth
