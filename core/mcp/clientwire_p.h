// What an MCP client writes and reads: messages and header fields of each revision. Pure functions.
#pragma once

#include "http/client.h"
#include "http/eventstream.h"
#include "mcp/clientfeatures.h"
#include "mcp/jsonrpc.h"
#include "mcp/wire_p.h"

namespace McpAuth::Mcp {

/// Who a message comes from, and under which rules.
struct Speaker
{
    QString name;
    QString version;
    QString revision;
    QJsonObject capabilities = {}; ///< as capabilitiesOf() has them
    QString logLevel = {};
};

/// {"name", "version"}
[[nodiscard]] QJsonObject implementation(const Speaker &speaker);
/// `params` with what a stateless request says of itself in `_meta`; as they are before 2026-07-28.
[[nodiscard]] QJsonObject paramsFor(const Speaker &speaker, QJsonObject params);

/// Content-Type and Accept; the revision's field from 2025-06-18 on, but for initialize; Mcp-Method and Mcp-Name of a
/// stateless request.
[[nodiscard]] QHttpHeaders headersFor(const Speaker &speaker, const QString &method, const QJsonObject &params);

/// The session that an answer to initialize opened; empty when there is none. Errors: invalid_rpc_response (characters
/// that the specification does not allow, more than 1 KiB).
[[nodiscard]] Result<QByteArray> sessionIdIn(const Http::ClientResponse &response);

/// Looks for the answer to one request in a stream of events while it arrives.
class StreamReader
{
public:
    using OnMessage = std::function<void(const RpcMessage &message)>;

    /// `events` carry on what came before. `onMessage` gets what the server tells and asks meanwhile.
    StreamReader(qint64 id, Http::EventStream events, OnMessage onMessage);

    /// The next bytes. True once the answer is there, or nothing more can be read.
    bool read(const QByteArray &arrived);
    /// The answer, where it came another way.
    void takeAnswer(const RpcResponse &answer) { m_answer = answer; }
    [[nodiscard]] const std::optional<RpcResponse> &answer() const { return m_answer; }
    [[nodiscard]] const Http::EventStream &events() const { return m_events; }

private:
    void take(const RpcMessage &message);

    qint64 m_id;
    Http::EventStream m_events;
    OnMessage m_onMessage;
    std::optional<RpcResponse> m_answer;
};

/// The result that a response brings, complete or input_required. Errors: rpc_error, http_error, invalid_rpc_response,
/// body_too_large (an event over the bound).
[[nodiscard]] Result<QJsonObject> resultIn(const Http::ClientResponse &response, const StreamReader &reader, qint64 id);

/// rpc_error
[[nodiscard]] Error rpcFailure(const RpcError &error, int status);
[[nodiscard]] RpcErrorCode rpcCodeOf(const Error &error); ///< RpcErrorCode() for any other error

} // namespace McpAuth::Mcp
