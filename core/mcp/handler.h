// A function of the embedder's that answers a request.
#pragma once

#include "mcp/context.h"

#include <functional>
#include <variant>

namespace McpAuth::Mcp {

/// Answers at once, and so is neither timed nor stopped; or later, as a coroutine, which takes its parameters by value.
/// Either, as a lambda or a plain function. It runs on the endpoint's thread: what blocks there blocks every request.
template<typename Value, typename... Args>
using Handler = std::variant<std::function<Result<Value>(const Args &..., const Context &)>,
                             std::function<QCoro::Task<Result<Value>>(Args..., Context)>>;

/// Whether a function was given.
template<typename... Functions>
[[nodiscard]] bool isCallable(const std::variant<Functions...> &handler)
{
    return std::visit([](const auto &function) { return static_cast<bool>(function); }, handler);
}

} // namespace McpAuth::Mcp
