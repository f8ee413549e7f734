#include "mcp/jsonrpc.h"

#include <QStringBuilder>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

RpcError fault(RpcErrorCode code, const QString &message)
{
    return {.code = static_cast<int>(code), .message = message};
}

RpcError invalidRequest(const QString &message)
{
    return fault(RpcErrorCode::InvalidRequest, u"Invalid request: "_s + message);
}

/// A number that 64 bits hold: what is larger could not be sent back as it came.
bool isInteger(const QJsonValue &value)
{
    return value.isDouble() && value.toInteger(0) == value.toInteger(1);
}

bool isId(const QJsonValue &value)
{
    return isInteger(value) || (value.isString() && value.toString().size() <= maxIdLength);
}

QByteArray idText(const QJsonValue &id)
{
    if (isInteger(id))
        return QByteArray::number(id.toInteger());
    return toJsonText(id);
}

/// JSON-RPC 2.0 §4.2: structured or absent; MCP takes objects only.
std::expected<QJsonObject, RpcError> paramsOf(const QJsonObject &message)
{
    const QJsonValue params = message.value("params"_L1);
    if (params.isUndefined() || params.isObject())
        return params.toObject();
    if (params.isArray())
        return std::unexpected(fault(RpcErrorCode::InvalidParams, u"Invalid params: MCP takes params by name only."_s));
    return std::unexpected(invalidRequest(u"`params` must be an object, not %1."_s.arg(Json::typeName(params))));
}

std::expected<RpcMessage, RpcError> readCall(const QJsonObject &message, const QJsonValue &id, const QJsonValue &method)
{
    if (!method.isString())
        return std::unexpected(invalidRequest(u"`method` must be a string, not %1."_s.arg(Json::typeName(method))));
    if (message.contains("result"_L1) || message.contains("error"_L1))
        return std::unexpected(invalidRequest(u"A message with a method has neither result nor error."_s));
    auto params = paramsOf(message);
    if (!params)
        return std::unexpected(std::move(params).error());
    if (id.isUndefined())
        return RpcNotification{.method = method.toString(), .params = *std::move(params)};
    if (!isId(id))
        return std::unexpected(invalidRequest(u"`id` must be a string or an integer."_s));
    return RpcRequest{.id = id, .method = method.toString(), .params = *std::move(params)};
}

std::expected<RpcError, RpcError> readError(const QJsonValue &value)
{
    const QJsonObject error = value.toObject();
    if (!isInteger(error.value("code"_L1)) || !error.value("message"_L1).isString())
        return std::unexpected(invalidRequest(u"`error` must have an integer code and a message."_s));
    return RpcError{.code = error.value("code"_L1).toInt(),
                    .message = error.value("message"_L1).toString(),
                    .data = error.value("data"_L1).toObject()};
}

std::expected<RpcMessage, RpcError> readResponse(const QJsonObject &message, const QJsonValue &id)
{
    const QJsonValue result = message.value("result"_L1);
    const QJsonValue error = message.value("error"_L1);
    if (result.isUndefined() == error.isUndefined())
        return std::unexpected(invalidRequest(u"A message has a method, or else either a result or an error."_s));
    if (result.isUndefined()) {
        auto read = readError(error);
        if (!read)
            return std::unexpected(read.error());
        const bool nameless = id.isUndefined() || id.isNull(); // §5: the id could not be read
        if (!nameless && !isId(id))
            return std::unexpected(invalidRequest(u"`id` must be a string or an integer."_s));
        return RpcResponse{.id = nameless ? QJsonValue() : id, .result = {}, .error = *std::move(read)};
    }
    if (!isId(id))
        return std::unexpected(invalidRequest(u"`id` must be a string or an integer."_s));
    if (!result.isObject())
        return std::unexpected(invalidRequest(u"`result` must be an object, not %1."_s.arg(Json::typeName(result))));
    return RpcResponse{.id = id, .result = result.toObject(), .error = std::nullopt};
}

std::expected<RpcMessage, RpcError> readMessage(const QJsonObject &message, const QJsonValue &id)
{
    if (message.value("jsonrpc"_L1).toString() != "2.0"_L1)
        return std::unexpected(invalidRequest(u"`jsonrpc` must be \"2.0\"."_s));
    const QJsonValue method = message.value("method"_L1);
    return method.isUndefined() ? readResponse(message, id) : readCall(message, id, method);
}

RpcEntry entryOf(const QJsonValue &value)
{
    if (!value.isObject())
        return {.message =
                    std::unexpected(invalidRequest(u"A message is an object, not %1."_s.arg(Json::typeName(value)))),
                .id = QJsonValue()};
    const QJsonObject message = value.toObject();
    const QJsonValue id = message.value("id"_L1);
    return {.message = readMessage(message, id), .id = isId(id) ? id : QJsonValue()};
}

RpcPayload refused(RpcError error)
{
    return {.isBatch = false, .entries = {{.message = std::unexpected(std::move(error)), .id = QJsonValue()}}};
}

} // namespace

RpcPayload parseRpc(QByteArrayView text)
{
    const auto value = parseJson(text);
    if (!value)
        return refused(fault(RpcErrorCode::ParseError, u"Parse error: "_s + value.error().message));
    if (!value->isArray())
        return {.isBatch = false, .entries = {entryOf(*value)}};

    const QJsonArray messages = value->toArray();
    if (messages.isEmpty())
        return refused(invalidRequest(u"The batch is empty."_s));
    if (messages.size() > maxBatchSize)
        return refused(invalidRequest(u"The batch has more than %1 messages."_s.arg(maxBatchSize)));
    RpcPayload payload{.isBatch = true, .entries = {}};
    payload.entries.reserve(messages.size());
    for (const QJsonValue message : messages)
        payload.entries.append(entryOf(message));
    return payload;
}

QJsonObject rpcResult(const QJsonValue &id, const QJsonObject &result)
{
    return {{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, id}, {u"result"_s, result}};
}

QByteArray rpcResultText(const QJsonValue &id, const QByteArray &result)
{
    return R"({"id":)" % idText(id) % R"(,"jsonrpc":"2.0","result":)" % result % '}';
}

QByteArray rpcRequestText(qint64 id, const QString &method, const QJsonObject &params)
{
    QJsonObject message{{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, id}, {u"method"_s, method}};
    if (!params.isEmpty())
        message.insert(u"params"_s, params);
    return toJsonText(message);
}

QByteArray rpcNotificationText(const QString &method, const QJsonObject &params)
{
    QJsonObject message{{u"jsonrpc"_s, u"2.0"_s}, {u"method"_s, method}};
    if (!params.isEmpty())
        message.insert(u"params"_s, params);
    return toJsonText(message);
}

QJsonObject rpcError(const QJsonValue &id, const RpcError &error)
{
    QJsonObject object{{u"code"_s, error.code}, {u"message"_s, error.message}};
    if (!error.data.isEmpty())
        object.insert(u"data"_s, error.data);
    return {{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, id}, {u"error"_s, object}};
}

} // namespace McpAuth::Mcp
