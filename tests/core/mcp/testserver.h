// An endpoint behind a real server, and a client that speaks to it.
#pragma once

#include "http/client.h"
#include "jose/sign.h"
#include "mcp/endpoint.h"
#include "support/clock.h"
#include "support/result.h"

#include <QCoroFuture>
#include <QCoroSignal>
#include <QPromise>

namespace McpAuth::Test {

using namespace Qt::StringLiterals;

inline const QString issuer = QStringLiteral("https://issuer.example");
inline const QString audience = QStringLiteral("https://mcp.example/mcp");

/// Made once: what is signed with it is trusted by auth().
inline const Jose::Key &signingKey()
{
    static const Jose::Key key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value_or(Jose::Key());
    return key;
}

inline std::unique_ptr<Bearer::BearerAuth> auth(const QStringList &scopes = {}, const Clock &clock = systemClock())
{
    Bearer::BearerAuthOptions options;
    options.requiredScopes = scopes;
    options.audience = QStringList{audience};
    options.resource = audience;
    options.clock = clock;
    const auto keys = std::make_shared<Jose::StaticKeys>(QList<Jose::Key>{signingKey()});
    return std::make_unique<Bearer::BearerAuth>(QList<Bearer::TrustedIssuer>{Bearer::trustedIssuer(issuer, keys)},
                                                options);
}

inline QByteArray token(const QString &subject, const QStringList &scopes = {}, const QString &forAudience = audience,
                        const QString &client = u"tests"_s)
{
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    return Jose::signJwt({},
                         {{u"iss"_s, issuer},
                          {u"sub"_s, subject},
                          {u"aud"_s, forAudience},
                          {u"client_id"_s, client},
                          {u"scope"_s, scopes.join(u' ')},
                          {u"iat"_s, now},
                          {u"exp"_s, now + 600}},
                         signingKey())
        .value_or(QByteArray());
}

struct Answer
{
    int status = 0;
    QByteArray body;
    QByteArray session;
    QHttpHeaders headers;

    [[nodiscard]] QJsonObject json() const { return parseJsonObject(body).value_or(QJsonObject{}); }
    [[nodiscard]] QJsonObject result() const { return json().value("result"_L1).toObject(); }
    [[nodiscard]] int errorCode() const { return json().value("error"_L1)["code"_L1].toInt(); }
    [[nodiscard]] QString errorMessage() const { return json().value("error"_L1)["message"_L1].toString(); }
    [[nodiscard]] QByteArray header(QLatin1StringView name) const { return headers.combinedValue(name); }
};

using Fields = QList<std::pair<QByteArray, QByteArray>>;

inline QByteArray request(const QString &method, const QJsonObject &params = {}, const QJsonValue &id = 1)
{
    return toJsonText(
        QJsonObject{{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, id}, {u"method"_s, method}, {u"params"_s, params}});
}

inline QByteArray callOf(const QString &tool, const QJsonObject &arguments = {}, const QJsonValue &id = 1)
{
    return request(u"tools/call"_s, {{u"name"_s, tool}, {u"arguments"_s, arguments}}, id);
}

inline QByteArray initializeRequest(const QString &version = u"2025-11-25"_s)
{
    return request(u"initialize"_s, {{u"protocolVersion"_s, version},
                                     {u"capabilities"_s, QJsonObject()},
                                     {u"clientInfo"_s, QJsonObject{{u"name"_s, u"tests"_s}, {u"version"_s, u"1"_s}}}});
}

inline QCoro::Task<Mcp::ToolResult> answered(Mcp::ToolResult result)
{
    co_return result;
}

/// Asks for a name; `more`: of its schema.
inline QJsonObject nameForm(QJsonObject more = {})
{
    more.insert(u"type"_s, u"string"_s);
    return {{u"type"_s, u"object"_s}, {u"properties"_s, QJsonObject{{u"name"_s, more}}}};
}

inline QCoro::Task<> untilStopped(std::stop_token stop)
{
    const auto promise = std::make_shared<QPromise<void>>();
    promise->start();
    const std::stop_callback end(std::move(stop), [promise] { promise->finish(); });
    co_await promise->future();
}

inline Mcp::Tool echoTool(const QString &name = u"echo"_s)
{
    return {.name = name,
            .title = u"Echo"_s,
            .description = u"Says it again."_s,
            .inputSchema = {{u"type"_s, u"object"_s},
                            {u"properties"_s, QJsonObject{{u"text"_s, QJsonObject{{u"type"_s, u"string"_s}}}}}},
            .handler = [](const QJsonObject &arguments, const Mcp::Context &) {
                return answered(Mcp::ToolResult::json(arguments));
            }};
}

class TestServer
{
public:
    explicit TestServer(std::unique_ptr<Bearer::BearerAuth> bearer = {}, const Mcp::EndpointOptions &options = {})
        : endpoint(std::make_unique<Mcp::Endpoint>(options, std::move(bearer)))
        , server(router)
    {
        endpoint->mount(router.get(), "/mcp");
        endpoint->mountHttpSse(router.get(), "/sse");
        EXPECT_TRUE(server.listen());
        QObject::connect(endpoint.get(), &Mcp::Endpoint::requestAnswered, endpoint.get(),
                         [this](const Mcp::RequestEvent &event) { events.append(event); });
    }

    [[nodiscard]] QCoro::Task<Result<Http::ClientResponse>> sending(const QByteArray &method, const QByteArray &body,
                                                                    const Fields &fields)
    {
        Http::ClientRequest sent;
        sent.method = method;
        sent.url = server.origin() + u"/mcp"_s;
        sent.body = body;
        for (const auto &[name, value] : fields)
            sent.headers.append(QLatin1StringView(name), QLatin1StringView(value));
        return client.send(sent);
    }

    Answer send(const QByteArray &method, const QByteArray &body = {}, const Fields &fields = {})
    {
        auto response = wait(sending(method, body, fields));
        EXPECT_TRUE(response) << response.error().message.toStdString();
        if (!response)
            return {};
        return {response->status, response->body, response->header("Mcp-Session-Id"), response->headers};
    }

    /// As a client should: with JSON in both directions, and the caller's token and session.
    Answer post(const QByteArray &body, const QByteArray &session = {}, const QByteArray &bearer = {}, Fields more = {})
    {
        return send("POST", body, fieldsFor(session, bearer, std::move(more)));
    }

    static Fields fieldsFor(const QByteArray &session, const QByteArray &bearer, Fields more = {})
    {
        Fields fields{{"Content-Type", "application/json"}, {"Accept", "application/json, text/event-stream"}};
        if (!session.isEmpty())
            fields.append({"Mcp-Session-Id", session});
        if (!bearer.isEmpty())
            fields.append({"Authorization", "Bearer " + bearer});
        fields.append(more);
        return fields;
    }

    QByteArray initialized(const QString &version = u"2025-11-25"_s, const QByteArray &bearer = {})
    {
        return post(initializeRequest(version), {}, bearer).session;
    }

    std::shared_ptr<Http::Router> router = std::make_shared<Http::Router>();
    std::unique_ptr<Mcp::Endpoint> endpoint;
    QList<Mcp::RequestEvent> events;
    Http::Client client;
    Http::Server server;
};

} // namespace McpAuth::Test
