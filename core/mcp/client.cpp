#include "mcp/client.h"

#include "mcp/clientconnection_p.h"

#include <QDeadlineTimer>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

ToolDescription describedTool(const QJsonObject &tool)
{
    return {.name = tool.value("name"_L1).toString(),
            .title = tool.value("title"_L1).toString(),
            .description = tool.value("description"_L1).toString(),
            .inputSchema = tool.value("inputSchema"_L1).toObject(),
            .raw = tool};
}

/// The page's tools; a stateless client must not use those whose annotations are wrong.
QList<ToolDescription> usableTools(const ConnectionPtr &connection, const QJsonArray &page)
{
    QList<ToolDescription> tools;
    for (const QJsonValue tool : page) {
        ToolDescription described = describedTool(tool.toObject());
        if (described.name.isEmpty() || !connection->learn(described.name, described.inputSchema))
            continue;
        tools.append(std::move(described));
    }
    return tools;
}

std::unexpected<Error> listTooLarge(qsizetype tools, qint64 bytes)
{
    return fail(u"list_too_large"_s,
                u"The MCP server's list of tools is longer than the %1 MiB that are read: %2 tools so far."_s
                    .arg(maxListBytes / 1024 / 1024)
                    .arg(tools),
                {{u"tools"_s, tools}, {u"bytes"_s, bytes}});
}

std::unexpected<Error> listTooSlow(qsizetype tools)
{
    return fail(u"timeout"_s,
                u"The MCP server's list of tools did not come to its end in time: %1 tools so far."_s.arg(tools));
}

QCoro::Task<Result<QList<ToolDescription>>> toolsOf(ConnectionPtr connection)
{
    QList<ToolDescription> tools;
    QJsonObject params;
    qint64 bytes = 0;
    const QDeadlineTimer deadline(connection->options.listTime);
    for (int page = 0; page < maxListPages; ++page) {
        const Result<Answer> answer = co_await answerFor(connection, u"tools/list"_s, params);
        if (!answer)
            co_return std::unexpected(answer.error());
        bytes += answer->response.body.size();
        tools += usableTools(connection, answer->result.value("tools"_L1).toArray());
        const QJsonValue cursor = answer->result.value("nextCursor"_L1);
        if (!cursor.isString() || cursor == params.value("cursor"_L1))
            break;
        if (bytes > maxListBytes)
            co_return listTooLarge(tools.size(), bytes);
        if (deadline.hasExpired())
            co_return listTooSlow(tools.size());
        params.insert(u"cursor"_s, cursor);
    }
    co_return tools;
}

CallResult callResult(const QJsonObject &result)
{
    const QJsonValue structured = result.value("structuredContent"_L1);
    return {.content = result.value("content"_L1).toArray(),
            .structuredContent = structured.isObject() ? std::optional(structured.toObject()) : std::nullopt,
            .isError = result.value("isError"_L1).toBool(),
            .raw = result};
}

QCoro::Task<Result<CallResult>> call(ConnectionPtr connection, QJsonObject params)
{
    Result<QJsonObject> result = co_await perform(connection, u"tools/call"_s, params);
    if (!result &&
        rpcCodeOf(result.error()) == RpcErrorCode::HeaderMismatch) { // the tool's schema may be another one by now
        const Result<QList<ToolDescription>> tools = co_await toolsOf(connection);
        if (tools)
            result = co_await perform(connection, u"tools/call"_s, params);
    }
    co_return result.transform(callResult);
}

QCoro::Task<Result<QJsonObject>> connectAgain(ConnectionPtr connection)
{
    if (!connection->connecting) { // else a handshake is under way already
        connection->isConnected = false;
        connection->sessionId.clear();
    }
    Result<QJsonObject> introduction = co_await connected(connection);
    co_return introduction;
}

} // namespace

struct Client::Private
{
    ConnectionPtr connection;
};

const QStringList &clientProtocolVersions()
{
    static const QStringList versions{u"2026-07-28"_s, u"2025-11-25"_s, u"2025-06-18"_s, u"2025-03-26"_s};
    return versions;
}

bool isStateless(const QString &revision)
{
    return revision >= "2026-07-28"_L1;
}

Client::Client(Http::Client *http, ClientOptions options, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(std::make_shared<Connection>(http, std::move(options))))
{
}

Client::~Client()
{
    d->connection->stop.request_stop();
}

QCoro::Task<Result<QJsonObject>> Client::connectToServer()
{
    return connectAgain(d->connection);
}

bool Client::isConnected() const
{
    return d->connection->isConnected;
}

QString Client::revision() const
{
    return d->connection->speaker.revision;
}

QCoro::Task<Result<QList<ToolDescription>>> Client::listTools()
{
    return toolsOf(d->connection);
}

QCoro::Task<Result<CallResult>> Client::callTool(QString name, QJsonObject arguments)
{
    return call(d->connection, {{u"name"_s, name}, {u"arguments"_s, arguments}});
}

QCoro::Task<Result<QJsonObject>> Client::request(QString method, QJsonObject params)
{
    return perform(d->connection, std::move(method), std::move(params));
}

QCoro::Task<> Client::close()
{
    return endSession(d->connection);
}

} // namespace McpAuth::Mcp
