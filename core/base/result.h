// A value, or the Error that stands in its place. No exception crosses a public function.
#pragma once

#include "base/error.h"

#include <expected>
#include <utility>

namespace McpAuth {

template<typename T = void>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Error error)
{
    return std::unexpected(std::move(error));
}

[[nodiscard]] inline std::unexpected<Error> fail(QString code, QString message, QJsonObject details = {})
{
    return std::unexpected(Error{std::move(code), std::move(message), std::move(details)});
}

} // namespace McpAuth
