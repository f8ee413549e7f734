// What a request is answered with, before a binding puts it on its wire.
#pragma once

#include "mcp/jsonrpc.h"

#include <QCoroTask>

#include <expected>
#include <variant>

namespace McpAuth::Mcp {

/// What 2026-07-28 says of a result.
enum class ResultKind { Complete, Cacheable, Uncacheable, InputRequired };

struct RpcResultText
{
    QByteArray text; ///< of a JSON object, without `_meta` and resultType
    ResultKind kind = ResultKind::Complete;
    QJsonObject meta = {}; ///< the handler's own
};

using RpcOutcome = std::expected<RpcResultText, RpcError>;
/// At once, or later.
using RpcAnswer = std::variant<RpcOutcome, QCoro::Task<RpcOutcome>>;

[[nodiscard]] inline std::unexpected<RpcError> rpcFault(RpcErrorCode code, const QString &message,
                                                        const QJsonObject &data = {})
{
    return std::unexpected(RpcError{.code = static_cast<int>(code), .message = message, .data = data});
}

/// `sentence` says what is wrong.
[[nodiscard]] inline std::unexpected<RpcError> invalidParams(const QString &sentence)
{
    return rpcFault(RpcErrorCode::InvalidParams, QStringLiteral("Invalid params: ") + sentence);
}

} // namespace McpAuth::Mcp
