// JSON-RPC 2.0 as MCP uses it: messages, errors, batches.
#pragma once

#include "base/json.h"

#include <QJsonArray>

#include <variant>

namespace McpAuth::Mcp {

/// JSON-RPC 2.0 §5.1 and the MCP schema.
enum class RpcErrorCode {
    ParseError = -32700,
    InvalidRequest = -32600,
    MethodNotFound = -32601,
    InvalidParams = -32602,
    InternalError = -32603,
};

struct RpcError
{
    int code = 0;
    QString message;
    QJsonObject data = {};
};

struct RpcRequest
{
    QJsonValue id; ///< string or integer: MCP forbids null
    QString method;
    QJsonObject params;
};

struct RpcNotification
{
    QString method;
    QJsonObject params;
};

struct RpcResponse
{
    QJsonValue id;
    QJsonObject result;
    std::optional<RpcError> error;
};

using RpcMessage = std::variant<RpcRequest, RpcNotification, RpcResponse>;

/// One entry of what came in: a message, or why it is none (with its id where that could be read, else null).
struct RpcEntry
{
    std::expected<RpcMessage, RpcError> message;
    QJsonValue id;
};

struct RpcPayload
{
    bool isBatch = false;
    QList<RpcEntry> entries; ///< exactly one unless isBatch; an empty batch is a single InvalidRequest
};

/// Messages in one batch at most.
inline constexpr int maxBatchSize = 100;

/// Never fails: what is malformed is an entry with an error.
[[nodiscard]] RpcPayload parseRpc(QByteArrayView text);

[[nodiscard]] QJsonObject rpcResult(const QJsonValue &id, const QJsonObject &result);
/// The same as text, from a result that is the text of an object already.
[[nodiscard]] QByteArray rpcResultText(const QJsonValue &id, const QByteArray &result);
[[nodiscard]] QJsonObject rpcError(const QJsonValue &id, const RpcError &error);

} // namespace McpAuth::Mcp
