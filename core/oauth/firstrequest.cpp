#include "base/json.h"
#include "http/eventstream.h"
#include "http/url.h"
#include "oauth/firstrequest_p.h"
#include "oauth/untrusted_p.h"

#include <QCoreApplication>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

const QString lastRevisionWithSessions = QStringLiteral("2025-11-25");
constexpr QByteArrayView sessionIdField = "Mcp-Session-Id";

bool isStateless(const QString &revision)
{
    return revision >= u"2026-07-28";
}

QString methodOf(const QString &revision)
{
    return isStateless(revision) ? u"tools/list"_s : u"initialize"_s;
}

QJsonObject clientInfo(const FlowOptions &options)
{
    const QString version = QCoreApplication::applicationVersion();
    return {{u"name"_s, options.clientMetadata.clientName}, {u"version"_s, version.isEmpty() ? u"0"_s : version}};
}

QJsonObject firstParams(const FlowOptions &options, const QString &revision)
{
    if (!isStateless(revision)) {
        return {{u"protocolVersion"_s, revision},
                {u"capabilities"_s, QJsonObject()},
                {u"clientInfo"_s, clientInfo(options)}};
    }
    const QJsonObject meta{{u"io.modelcontextprotocol/protocolVersion"_s, revision},
                           {u"io.modelcontextprotocol/clientInfo"_s, clientInfo(options)},
                           {u"io.modelcontextprotocol/clientCapabilities"_s, QJsonObject()}};
    return {{u"_meta"_s, meta}};
}

void authorizeWith(Http::ClientRequest &request, const Secret &token)
{
    if (!token.isEmpty())
        request.headers.append(QHttpHeaders::WellKnownHeader::Authorization, "Bearer " + token.reveal());
}

std::optional<QJsonObject> rpcMessage(const QByteArray &text)
{
    const Result<QJsonObject> object = parseJsonObject(text);
    if (!object || object->value("jsonrpc"_L1) != "2.0"_L1)
        return std::nullopt;
    return *object;
}

std::optional<QJsonObject> firstMessage(const QList<Http::ServerEvent> &events)
{
    for (const Http::ServerEvent &event : events) {
        if (auto message = rpcMessage(event.data))
            return message;
    }
    return std::nullopt;
}

/// Until the stream has its first message.
Http::BodyReader untilFirstMessage()
{
    const auto stream = std::make_shared<Http::EventStream>();
    return [stream](int, const QHttpHeaders &headers, const QByteArray &arrived) {
        const bool hasMessage =
            Http::isEventStream(headers) && (firstMessage(stream->feed(arrived)) || stream->isOverrun());
        return hasMessage ? Http::BodyProgress::Whole : Http::BodyProgress::Incomplete;
    };
}

Http::ClientRequest firstRequest(const FlowOptions &options, const QString &revision, const Secret &token)
{
    Http::ClientRequest request;
    request.method = "POST";
    request.url = options.mcpUrl;
    request.headers.append(QHttpHeaders::WellKnownHeader::ContentType, "application/json");
    request.headers.append(QHttpHeaders::WellKnownHeader::Accept, "application/json, text/event-stream");
    authorizeWith(request, token);
    if (isStateless(revision)) {
        request.headers.append("MCP-Protocol-Version", revision);
        request.headers.append("Mcp-Method", methodOf(revision));
    }
    request.body = toJsonText(QJsonObject{{u"jsonrpc"_s, u"2.0"_s},
                                          {u"id"_s, 1},
                                          {u"method"_s, methodOf(revision)},
                                          {u"params"_s, firstParams(options, revision)}});
    request.readBody = untilFirstMessage();
    return request;
}

/// What a server says to a stateless request that knows sessions only (2026-07-28 Streamable HTTP, Backward
/// Compatibility).
bool isOfEarlierEra(const Result<Http::ClientResponse> &response)
{
    return response && (response->status == 400 || response->status == 404 || response->status == 405);
}

/// 2025-11-25 Streamable HTTP, Session Management: who needs the session no longer ends it. What becomes of that is the
/// server's.
QCoro::Task<> endSession(RunPointer run, Http::ClientResponse opened, Secret token)
{
    const QByteArray session = opened.header(sessionIdField);
    if (session.isEmpty())
        co_return;
    Http::ClientRequest request;
    request.method = "DELETE";
    request.url = run->options.mcpUrl;
    authorizeWith(request, token);
    request.headers.append(QLatin1StringView(sessionIdField), QLatin1StringView(session));
    const QJsonObject message = rpcMessageIn(opened.headers, opened.body).value_or(QJsonObject());
    if (const QString agreed = message.value("result"_L1)["protocolVersion"_L1].toString(); agreed >= "2025-06-18"_L1)
        request.headers.append("MCP-Protocol-Version", agreed);
    co_await send(run, std::move(request));
}

} // namespace

QCoro::Task<Result<FirstAnswer>> sendFirstRequest(RunPointer run, Secret token)
{
    QString revision = run->knowsSessionsOnly ? lastRevisionWithSessions : run->options.revision;
    Result<Http::ClientResponse> response = co_await send(run, firstRequest(run->options, revision, token));
    if (isStateless(revision) && isOfEarlierEra(response)) {
        run->note(u"HTTP %1 to a stateless request: asked again as before 2026-07-28."_s.arg(response->status));
        revision = lastRevisionWithSessions;
        response = co_await send(run, firstRequest(run->options, revision, token));
        run->knowsSessionsOnly = response && !isOfEarlierEra(response);
    }
    if (!response)
        co_return fail(because(response.error(), u"mcp_unreachable"_s, u"The MCP server did not answer."_s));
    co_await endSession(run, *response, token);
    co_return FirstAnswer{methodOf(revision), *std::move(response)};
}

std::optional<QJsonObject> rpcMessageIn(const QHttpHeaders &headers, const QByteArray &body)
{
    if (!Http::isEventStream(headers))
        return rpcMessage(body);
    Http::EventStream stream;
    return firstMessage(stream.feed(body));
}

Error notAnMcpServer(const Http::ClientResponse &response)
{
    const QString type = untrustedText(QString::fromUtf8(response.header("Content-Type")));
    QString what = u"nothing in it"_s;
    if (!response.body.isEmpty())
        what = type.isEmpty() ? u"a body of no type"_s : type;
    return {u"not_an_mcp_server"_s,
            u"This is no MCP server: it answered HTTP %1 with %2, where a JSON-RPC message is expected."_s.arg(
                QString::number(response.status), what),
            {{u"status"_s, response.status}, {u"content_type"_s, type}, {u"url"_s, Http::shownUrl(response.url)}}};
}

} // namespace McpAuth::OAuth
