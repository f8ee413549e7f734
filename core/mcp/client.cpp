#include "mcp/client.h"

#include "base/eitherstop.h"
#include "mcp/clientconnection_p.h"
#include "mcp/clientfollow_p.h"
#include "mcp/clientprogram_p.h"

#include <QDeadlineTimer>

#include <algorithm>

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

/// A stateless client must not use those whose annotations are wrong.
QList<ToolDescription> usableTools(const ConnectionPtr &connection, const QJsonArray &all)
{
    QList<ToolDescription> tools;
    for (const QJsonValue tool : all) {
        ToolDescription described = describedTool(tool.toObject());
        if (described.name.isEmpty() || !connection->learn(described.name, described.inputSchema))
            continue;
        tools.append(std::move(described));
    }
    return tools;
}

std::unexpected<Error> listTooLarge(QLatin1StringView list, qsizetype entries, qint64 bytes)
{
    return fail(u"list_too_large"_s,
                u"The MCP server's list of %1 is longer than the %2 MiB that are read: %3 entries so far."_s.arg(list)
                    .arg(maxListBytes / 1024 / 1024)
                    .arg(entries),
                {{u"entries"_s, entries}, {u"bytes"_s, bytes}});
}

std::unexpected<Error> listTooSlow(QLatin1StringView list, qsizetype entries)
{
    return fail(
        u"timeout"_s,
        u"The MCP server's list of %1 did not come to its end in time: %2 entries so far."_s.arg(list).arg(entries));
}

QCoro::Task<Result<QJsonArray>> wholeList(ConnectionPtr connection, QString method, QLatin1StringView member)
{
    QJsonArray entries;
    QJsonObject params;
    qint64 bytes = 0;
    const RequestOptions options{.stop = connection->stop.get_token()};
    const QDeadlineTimer deadline(connection->options.listTime);
    for (int page = 0; page < maxListPages; ++page) {
        const Result<Answer> answer = co_await answerFor(connection, method, params, options);
        if (!answer)
            co_return std::unexpected(answer.error());
        bytes += answer->response.body.size();
        for (const QJsonValue entry : answer->result.value(member).toArray())
            entries.append(entry);
        const QJsonValue cursor = answer->result.value("nextCursor"_L1);
        if (!cursor.isString() || cursor == params.value("cursor"_L1))
            break;
        if (bytes > maxListBytes)
            co_return listTooLarge(member, entries.size(), bytes);
        if (deadline.hasExpired())
            co_return listTooSlow(member, entries.size());
        params.insert(u"cursor"_s, cursor);
    }
    co_return entries;
}

QCoro::Task<Result<QList<ToolDescription>>> toolsOf(ConnectionPtr connection)
{
    const Result<QJsonArray> tools = co_await wholeList(connection, u"tools/list"_s, "tools"_L1);
    co_return tools.transform([&](const QJsonArray &all) { return usableTools(connection, all); });
}

CallResult callResult(const QJsonObject &result)
{
    const QJsonValue structured = result.value("structuredContent"_L1);
    return {.content = result.value("content"_L1).toArray(),
            .structuredContent = structured.isObject() ? std::optional(structured.toObject()) : std::nullopt,
            .isError = result.value("isError"_L1).toBool(),
            .raw = result};
}

QCoro::Task<Result<CallResult>> call(ConnectionPtr connection, QJsonObject params, RequestOptions options)
{
    const EitherStop stop(connection->stop.get_token(), options.stop);
    options.stop = stop.token();
    Result<QJsonObject> result = co_await perform(connection, u"tools/call"_s, params, options);
    if (!result &&
        rpcCodeOf(result.error()) == RpcErrorCode::HeaderMismatch) { // the tool's schema may be another one by now
        const Result<QList<ToolDescription>> tools = co_await toolsOf(connection);
        if (tools && !options.stop.stop_requested())
            result = co_await perform(connection, u"tools/call"_s, params, options);
    }
    co_return result.transform(callResult);
}

QCoro::Task<Result<QJsonObject>> connectAgain(ConnectionPtr connection)
{
    if (!connection->connecting) // else a handshake is under way already
        connection->forgetSession();
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

bool isUnknownMethod(const Error &error)
{
    return rpcCodeOf(error) == RpcErrorCode::MethodNotFound;
}

bool isReservedField(QByteArrayView name)
{
    static constexpr std::array reserved{QByteArrayView("accept"),
                                         QByteArrayView("connection"),
                                         QByteArrayView("content-encoding"),
                                         QByteArrayView("content-length"),
                                         QByteArrayView("content-type"),
                                         QByteArrayView("expect"),
                                         QByteArrayView("host"),
                                         QByteArrayView("keep-alive"),
                                         QByteArrayView("last-event-id"),
                                         QByteArrayView("proxy-connection"),
                                         QByteArrayView("te"),
                                         QByteArrayView("transfer-encoding"),
                                         QByteArrayView("trailer"),
                                         QByteArrayView("upgrade")};
    const QByteArray lower = name.toByteArray().toLower();
    return lower.startsWith("mcp-") || std::ranges::contains(reserved, QByteArrayView(lower));
}

Client::Client(Http::Client *http, ClientOptions options, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(std::make_shared<Connection>(http, std::move(options))))
{
}

Client::~Client()
{
    d->connection->stop.request_stop();
    d->connection->forgetSession(); // and with it what it asks
    if (d->connection->program)     // which tasks may hold that have not ended yet
        d->connection->program->kill();
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

QCoro::Task<Result<QJsonArray>> Client::list(ListKind kind)
{
    const ListName &name = *std::ranges::find(listNames, kind, &ListName::kind);
    return wholeList(d->connection, name.method, name.member);
}

QCoro::Task<Result<CallResult>> Client::callTool(QString name, QJsonObject arguments, RequestOptions options)
{
    return call(d->connection, {{u"name"_s, name}, {u"arguments"_s, arguments}}, std::move(options));
}

QCoro::Task<Result<QJsonObject>> Client::request(QString method, QJsonObject params, RequestOptions options)
{
    return perform(d->connection, std::move(method), std::move(params), std::move(options));
}

QCoro::Task<Result<>> Client::follow(QStringList resources, std::stop_token stop)
{
    return followed(d->connection, std::move(resources), std::move(stop));
}

QCoro::Task<> Client::close()
{
    return endSession(d->connection);
}

} // namespace McpAuth::Mcp
