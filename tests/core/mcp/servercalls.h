// Calls of a whole MCP server, as a client makes them.
#pragma once

#include "base/json.h"
#include "http/client.h"
#include "support/result.h"

namespace McpAuth::Test {

using namespace Qt::StringLiterals;

class ServerCalls : public testing::Test
{
protected:
    [[nodiscard]] virtual QString url() const = 0;

    [[nodiscard]] QCoro::Task<Result<Http::ClientResponse>> posting(const QByteArray &body, const QByteArray &bearer,
                                                                    const QByteArray &session = {})
    {
        Http::ClientRequest request;
        request.method = "POST";
        request.url = url();
        request.body = body;
        request.headers.append("Content-Type"_L1, "application/json"_L1);
        request.headers.append("Accept"_L1, "application/json, text/event-stream"_L1);
        if (!bearer.isEmpty())
            request.headers.append("Authorization"_L1, QLatin1StringView("Bearer " + bearer));
        if (!session.isEmpty())
            request.headers.append("Mcp-Session-Id"_L1, QLatin1StringView(session));
        return caller->send(request);
    }

    Http::ClientResponse post(const QByteArray &body, const QByteArray &bearer = {}, const QByteArray &session = {})
    {
        auto response = wait(posting(body, bearer, session));
        EXPECT_TRUE(response) << response.error().message.toStdString();
        return response.value_or(Http::ClientResponse{});
    }

    /// In a session of its own, which `initialize` opens.
    QJsonObject structured(const QByteArray &initialize, const QByteArray &body, const QByteArray &bearer)
    {
        const QByteArray session = post(initialize, bearer).header("Mcp-Session-Id");
        const auto answer = parseJsonObject(post(body, bearer, session).body);
        EXPECT_TRUE(answer);
        return answer.value_or(QJsonObject{}).value("result"_L1)["structuredContent"_L1].toObject();
    }

    std::unique_ptr<Http::Client> caller = std::make_unique<Http::Client>();
};

} // namespace McpAuth::Test
