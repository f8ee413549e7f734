#include "http/message.h"
#include "mcp/client.h"
#include "mcp/clientwire_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype maxSessionIdBytes = 1024;
std::unexpected<Error> invalidResponse(const QString &message)
{
    return fail(u"invalid_rpc_response"_s, message);
}

bool isVisible(char character)
{
    return character > 0x20 && character < 0x7f;
}

void appendField(QHttpHeaders &headers, QByteArrayView name, const QByteArray &value)
{
    headers.append(QLatin1StringView(name), QLatin1StringView(value));
}

const RpcResponse *responseIn(const RpcPayload &payload)
{
    if (payload.isBatch || !payload.entries.first().message)
        return nullptr;
    return std::get_if<RpcResponse>(&*payload.entries.first().message);
}

/// Revisions before 2026-07-28 have no resultType; those that are not known must not be taken for results.
Result<QJsonObject> knownResult(const QJsonObject &result)
{
    const QJsonValue type = result.value("resultType"_L1);
    if (type.isUndefined() || type == "complete"_L1 || type == "input_required"_L1)
        return result;
    return invalidResponse(u"The server's result is of a type that this client does not know: %1."_s.arg(
        type.toString(Json::typeName(type)).left(64)));
}

Result<QJsonObject> resultOf(const RpcResponse &answer, int status)
{
    if (answer.error)
        return fail(rpcFailure(*answer.error, status));
    return knownResult(answer.result);
}

std::unexpected<Error> httpFailure(int status)
{
    return fail(u"http_error"_s,
                u"The MCP server answered with status %1 %2."_s.arg(QString::number(status),
                                                                    QString::fromLatin1(Http::reasonPhrase(status))),
                {{u"status"_s, status}});
}

} // namespace

QJsonObject implementation(const Speaker &speaker)
{
    return {{u"name"_s, speaker.name}, {u"version"_s, speaker.version}};
}

QJsonObject paramsFor(const Speaker &speaker, QJsonObject params)
{
    if (!isStateless(speaker.revision))
        return params;
    QJsonObject meta = params.value("_meta"_L1).toObject();
    meta.insert(MetaKey::protocolVersion, speaker.revision);
    meta.insert(MetaKey::clientInfo, implementation(speaker));
    meta.insert(MetaKey::clientCapabilities, speaker.capabilities);
    if (!speaker.logLevel.isEmpty())
        meta.insert(MetaKey::logLevel, speaker.logLevel);
    params.insert(u"_meta"_s, meta);
    return params;
}

QHttpHeaders headersFor(const Speaker &speaker, const QString &method, const QJsonObject &params)
{
    QHttpHeaders headers;
    headers.append(QHttpHeaders::WellKnownHeader::ContentType, "application/json");
    headers.append(QHttpHeaders::WellKnownHeader::Accept, "application/json, text/event-stream");
    if (speaker.revision >= "2025-06-18"_L1 && method != "initialize"_L1)
        appendField(headers, versionField, speaker.revision.toLatin1());
    if (!isStateless(speaker.revision))
        return headers;
    appendField(headers, methodField, headerValue(method));
    if (const auto member = nameMemberOf(method); !member.isEmpty())
        appendField(headers, nameField, headerValue(params.value(member).toString()));
    return headers;
}

Result<QByteArray> sessionIdIn(const Http::ClientResponse &response)
{
    QByteArray id = response.header(sessionField);
    if (id.size() > maxSessionIdBytes || !std::ranges::all_of(id, isVisible))
        return invalidResponse(u"The server's Mcp-Session-Id is longer than %1 bytes, or has other than visible "
                               u"ASCII characters."_s.arg(maxSessionIdBytes));
    return id;
}

StreamReader::StreamReader(qint64 id, Http::EventStream events, OnMessage onMessage)
    : m_id(id)
    , m_events(std::move(events))
    , m_onMessage(std::move(onMessage))
{
}

bool StreamReader::read(const QByteArray &arrived)
{
    const QList<Http::ServerEvent> events = m_events.feed(arrived);
    for (const Http::ServerEvent &event : events) {
        if (event.type != "message" || m_answer)
            continue;
        for (const RpcEntry &entry : parseRpc(event.data).entries) { // 2025-03-26 has batches
            if (entry.message)
                take(*entry.message);
        }
    }
    return m_answer.has_value() || m_events.isOverrun();
}

void StreamReader::take(const RpcMessage &message)
{
    if (const auto *response = std::get_if<RpcResponse>(&message)) {
        const bool isNameless = response->id.isNull() && response->error;
        if (response->id == m_id || isNameless)
            m_answer = *response;
        return;
    }
    m_onMessage(message);
}

Result<QJsonObject> resultIn(const Http::ClientResponse &response, const StreamReader &reader, qint64 id)
{
    if (reader.answer())
        return resultOf(*reader.answer(), response.status);
    if (reader.events().isOverrun())
        return fail(u"body_too_large"_s, u"An event of the server's stream is larger than the client takes."_s);
    const RpcPayload payload = parseRpc(response.body);
    const RpcResponse *answer = responseIn(payload);
    const bool isOurs = answer && (answer->id == id || (answer->id.isNull() && answer->error));
    if (isOurs)
        return resultOf(*answer, response.status);
    if (response.status < 200 || response.status > 299)
        return httpFailure(response.status);
    if (Http::isEventStream(response.headers))
        return invalidResponse(u"The server's event stream ended without the answer to the request."_s);
    return invalidResponse(answer ? u"The server answered another request than the one it was sent."_s
                                  : u"The server's answer is no JSON-RPC response."_s);
}

Error rpcFailure(const RpcError &error, int status)
{
    return {
        .code = u"rpc_error"_s,
        .message = u"The MCP server refused the request: %1 (%2)"_s.arg(error.message.left(1024)).arg(error.code),
        .details = {
            {u"code"_s, error.code}, {u"message"_s, error.message}, {u"data"_s, error.data}, {u"status"_s, status}}};
}

RpcErrorCode rpcCodeOf(const Error &error)
{
    return RpcErrorCode(error.code == "rpc_error"_L1 ? error.details.value("code"_L1).toInt() : 0);
}

} // namespace McpAuth::Mcp
