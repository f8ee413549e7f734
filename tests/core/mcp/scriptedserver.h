// An MCP server that says what the test wants it to say.
#pragma once

#include "http/server.h"
#include "mcp/jsonrpc.h"
#include "support/result.h"

#include <functional>

namespace McpAuth::Test {

using namespace Qt::StringLiterals;

/// A server that answers what the test says, and keeps what it was asked.
class ScriptedServer
{
public:
    using Script = std::function<Http::Response(const QJsonObject &message, const Http::Request &request)>;

    explicit ScriptedServer(Script script)
        : m_script(std::move(script))
        , m_server([this](Http::Request request) { return answered(std::move(request)); })
    {
        EXPECT_TRUE(m_server.listen());
    }

    [[nodiscard]] QString url() const { return m_server.origin() + u"/mcp"_s; }
    [[nodiscard]] QJsonObject message(qsizetype index) const
    {
        return parseJsonObject(requests.value(index).body).value_or(QJsonObject());
    }
    [[nodiscard]] QStringList methods() const
    {
        QStringList list;
        for (qsizetype i = 0; i < requests.size(); ++i)
            list.append(message(i).value("method"_L1).toString(QString::fromLatin1(requests.at(i).method)));
        return list;
    }

    QList<Http::Request> requests;

private:
    QCoro::Task<Http::Response> answered(Http::Request request)
    {
        requests.append(request);
        co_return m_script(parseJsonObject(request.body).value_or(QJsonObject()), request);
    }

    Script m_script;
    Http::Server m_server;
};

inline Http::Response result(const QJsonObject &message, const QJsonObject &value)
{
    return Http::Response::json(200, Mcp::rpcResult(message.value("id"_L1), value));
}

inline Http::Response rpcFault(const QJsonObject &message, int status, int code, const QJsonObject &data = {})
{
    return Http::Response::json(
        status, Mcp::rpcError(message.value("id"_L1), {.code = code, .message = u"no"_s, .data = data}));
}

inline Http::Response events(const QByteArray &text)
{
    Http::Response response = Http::Response::text(200, QString::fromUtf8(text));
    return response.set("Content-Type", "text/event-stream");
}

inline QByteArray eventOf(const QJsonObject &message)
{
    return "data: " + toJsonText(message) + "\n\n";
}

inline QJsonObject agreedOn(const QString &version)
{
    return {{u"protocolVersion"_s, version},
            {u"capabilities"_s, QJsonObject()},
            {u"serverInfo"_s, QJsonObject{{u"name"_s, u"scripted"_s}, {u"version"_s, u"1"_s}}}};
}

/// initialize, notifications, and then `rest`.
inline ScriptedServer::Script legacy(ScriptedServer::Script rest, const QString &version = u"2025-11-25"_s)
{
    return [rest, version](const QJsonObject &message, const Http::Request &request) {
        const QString method = message.value("method"_L1).toString();
        if (method == "initialize"_L1)
            return result(message, agreedOn(version)).set("Mcp-Session-Id", "s-1");
        return message.contains("id"_L1) ? rest(message, request) : Http::Response::empty(202);
    };
}

inline Http::Response empty(const QJsonObject &message, const Http::Request &)
{
    return result(message, {});
}

/// An InputProvider.
inline QCoro::Task<Result<QJsonObject>> acceptAll(QJsonObject, std::stop_token)
{
    co_return QJsonObject{{u"action"_s, u"accept"_s}};
}

} // namespace McpAuth::Test
