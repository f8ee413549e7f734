#include "mcp/client.h"

#include "mcp/clientconnection_p.h"

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

QCoro::Task<Result<QList<ToolDescription>>> toolsOf(ConnectionPtr connection)
{
    QList<ToolDescription> tools;
    QJsonObject params;
    for (int page = 0; page < maxListPages; ++page) {
        const Result<QJsonObject> result = co_await perform(connection, u"tools/list"_s, params);
        if (!result)
            co_return std::unexpected(result.error());
        tools += usableTools(connection, result->value("tools"_L1).toArray());
        const QJsonValue cursor = result->value("nextCursor"_L1);
        if (!cursor.isString() || cursor == params.value("cursor"_L1))
            break;
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
    if (!result && rpcCodeOf(result.error()) == headerMismatchCode) { // the tool's schema may be another one by now
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
