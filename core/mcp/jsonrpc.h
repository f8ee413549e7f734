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
    ResourceNotFound = -32002,       ///< to 2025-11-25; since then InvalidParams
    UrlElicitationRequired = -32042, ///< 2025-11-25 alone
    HeaderMismatch = -32020,         ///< these three since 2026-07-28
    MissingRequiredClientCapability = -32021,
    UnsupportedProtocolVersion = -32022,
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

/// Characters of an ID or a progress token that is a string; answers and notifications repeat it.
inline constexpr qsizetype maxIdLength = 256;
/// Messages in one batch at most.
inline constexpr int maxBatchSize = 100;

/// Never fails: what is malformed is an entry with an error.
[[nodiscard]] RpcPayload parseRpc(QByteArrayView text);

[[nodiscard]] QJsonObject rpcResult(const QJsonValue &id, const QJsonObject &result);
/// The same as text, from a result that is the text of an object already.
[[nodiscard]] QByteArray rpcResultText(const QJsonValue &id, const QByteArray &result);
/// Without `params` where they are empty, as the next.
[[nodiscard]] QByteArray rpcRequestText(qint64 id, const QString &method, const QJsonObject &params);
[[nodiscard]] QByteArray rpcNotificationText(const QString &method, const QJsonObject &params = {});
[[nodiscard]] QJsonObject rpcError(const QJsonValue &id, const RpcError &error);

} // namespace McpAuth::Mcp
