// What an MCP client writes and reads: messages and header fields of each revision. Pure functions.
#pragma once

#include "http/client.h"
#include "http/eventstream.h"
#include "mcp/jsonrpc.h"

namespace McpAuth::Mcp {

inline constexpr QByteArrayView protocolVersionField = "MCP-Protocol-Version";
inline constexpr QByteArrayView sessionIdField = "Mcp-Session-Id";

/// Of the schema of 2026-07-28.
inline constexpr int headerMismatchCode = -32020;
inline constexpr int missingCapabilityCode = -32021;
inline constexpr int unsupportedVersionCode = -32022;

/// Who a message comes from, and under which rules.
struct Speaker
{
    QString name;
    QString version;
    QString revision;
};

/// {"name", "version"}
[[nodiscard]] QJsonObject implementation(const Speaker &speaker);
/// `params` with what a stateless request says of itself in `_meta`; as they are before 2026-07-28.
[[nodiscard]] QJsonObject paramsFor(const Speaker &speaker, QJsonObject params);
/// Without `params` where they are empty.
[[nodiscard]] QByteArray requestText(qint64 id, const QString &method, const QJsonObject &params);
[[nodiscard]] QByteArray notificationText(const QString &method);

/// Content-Type and Accept; the revision's field from 2025-06-18 on, but for initialize; Mcp-Method and Mcp-Name of a
/// stateless request.
[[nodiscard]] QHttpHeaders headersFor(const Speaker &speaker, const QString &method, const QJsonObject &params);

/// A value as a header field carries it: itself, or =?base64?…?= of its UTF-8 where it could not stand there
/// (2026-07-28 Streamable HTTP, Value Encoding).
[[nodiscard]] QByteArray headerValue(const QString &value);

/// The session that an answer to initialize opened; empty when there is none. Errors: invalid_rpc_response (characters
/// that the specification does not allow, more than 1 KiB).
[[nodiscard]] Result<QByteArray> sessionIdIn(const Http::ClientResponse &response);

/// What a server may ask before it answers; more is ignored.
inline constexpr int maxServerRequests = 100;

/// Looks for the answer to one request in a stream of events while it arrives.
class StreamReader
{
public:
    using OnRequest = std::function<void(const RpcRequest &request)>;

    /// `onRequest` gets what the server asks meanwhile (before 2026-07-28 it may).
    StreamReader(qint64 id, OnRequest onRequest);

    /// The body so far. True once the answer is there.
    bool read(const QHttpHeaders &headers, const QByteArray &body);
    [[nodiscard]] const std::optional<RpcResponse> &answer() const { return m_answer; }
    [[nodiscard]] const Http::EventStream &events() const { return m_events; }

private:
    void take(const RpcMessage &message);

    qint64 m_id;
    OnRequest m_onRequest;
    Http::EventStream m_events;
    int m_requests = 0;
    std::optional<RpcResponse> m_answer;
};

/// The result that a response brings. Errors: rpc_error, http_error, invalid_rpc_response.
[[nodiscard]] Result<QJsonObject> resultIn(const Http::ClientResponse &response, const StreamReader &reader, qint64 id);

/// rpc_error
[[nodiscard]] Error rpcFailure(const RpcError &error, int status);
[[nodiscard]] int rpcCodeOf(const Error &error); ///< 0 for any other error

} // namespace McpAuth::Mcp
