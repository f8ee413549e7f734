#include "ui/server/samplecalls.h"

#include "mcp/endpoint.h"
#include "ui/engine/engine.h"
#include "ui/engine/localissuer.h"

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

QByteArray bodyOf(const SampleCall &call, int id)
{
    const QJsonObject initialize{{u"protocolVersion"_s, u"2025-11-25"_s},
                                 {u"capabilities"_s, QJsonObject()},
                                 {u"clientInfo"_s, QJsonObject{{u"name"_s, u"sample"_s}, {u"version"_s, u"1"_s}}}};
    const QJsonObject toolCall{{u"name"_s, call.tool}, {u"arguments"_s, call.arguments}};
    return toJsonText(QJsonObject{{u"jsonrpc"_s, u"2.0"_s},
                                  {u"id"_s, id},
                                  {u"method"_s, call.tool.isEmpty() ? u"initialize"_s : u"tools/call"_s},
                                  {u"params"_s, call.tool.isEmpty() ? initialize : toolCall}});
}

Http::ClientRequest requestOf(const QString &url, const QByteArray &body, const QByteArray &token,
                              const QByteArray &session)
{
    Http::ClientRequest request{.method = "POST", .url = url, .headers = {}, .body = body, .stop = {}};
    request.headers.append("Content-Type", "application/json");
    request.headers.append("Accept", "application/json, text/event-stream");
    if (!token.isEmpty())
        request.headers.append("Authorization", "Bearer " + token);
    if (!session.isEmpty())
        request.headers.append("Mcp-Session-Id", session);
    return request;
}

QCoro::Task<Result<QByteArray>> tokenFor(QPointer<Engine> engine, SampleCall call)
{
    if (!call.token)
        co_return QByteArray();
    Result<QByteArray> token = co_await engine->issuer()->mint(*call.token);
    co_return token;
}

} // namespace

QList<SampleCall> sampleCalls(const ServerState &server, const QString &localIssuer)
{
    QList<SampleCall> calls{SampleCall()};
    if (localIssuer.isEmpty() || !server.issuers.contains(localIssuer))
        return calls;
    Demo::MintRequest good;
    good.audience = server.audience;
    good.scopes = scopesOf(server);
    Demo::MintRequest poor = good;
    poor.scopes.removeAll(u"delete:todos"_s);
    Demo::MintRequest late = good;
    late.lifetime = std::chrono::minutes(-10);
    calls += {{.token = good},
              {.tool = u"whoami"_s, .token = good},
              {.tool = u"create_todo"_s, .arguments = {{u"content"_s, u"Read RFC 9728"_s}}, .token = good},
              {.tool = u"delete_todo"_s, .arguments = {{u"id"_s, u"1"_s}}, .token = poor},
              {.tool = u"whoami"_s, .token = late}};
    return calls;
}

QCoro::Task<Result<>> makeCalls(QPointer<Engine> engine, QPointer<Http::Client> client, QList<SampleCall> calls)
{
    QByteArray session;
    for (qsizetype i = 0; i < calls.size() && engine; ++i) {
        const QString url = engine->server()->state().url;
        const Result<QByteArray> token = co_await tokenFor(engine, calls[i]);
        if (!token)
            co_return fail(token.error());
        if (!client)
            co_return {};
        const QByteArray body = bodyOf(calls[i], static_cast<int>(i) + 1);
        const Result<Http::ClientResponse> response = co_await client->send(requestOf(url, body, *token, session));
        if (!response)
            co_return fail(response.error());
        if (const QByteArray given = response->header("Mcp-Session-Id"); !given.isEmpty())
            session = given;
    }
    co_return {};
}

} // namespace McpAuth::Ui
