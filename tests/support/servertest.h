// A server on loopback that notes what reaches its handler.
#pragma once

#include "http/server.h"
#include "support/rawclient.h"
#include "support/result.h"

namespace McpAuth::Test {

class ServerTest : public testing::Test
{
protected:
    /// Starts a server with this handler (or one that answers "hello").
    void start(Http::ServerOptions options = {}, Http::Handler handler = answerHello)
    {
        server = std::make_unique<Http::Server>([this, inner = std::move(handler)](Http::Request request) {
            handled.append(request);
            return inner(std::move(request));
        });
        const Result<> listening = server->listen(options);
        ASSERT_TRUE(listening) << listening.error().message.toStdString();
    }

    static QCoro::Task<Http::Response> answerHello(Http::Request /*request*/)
    {
        co_return Http::Response::text(200, QStringLiteral("hello"));
    }

    [[nodiscard]] RawClient connectClient(const char *from = nullptr) const { return RawClient(server->port(), from); }

    /// Waits until the server holds no connection.
    [[nodiscard]] bool isDeserted() const
    {
        return waitUntil([this] { return server->connectionCount() == 0; });
    }

    std::unique_ptr<Http::Server> server;
    QList<Http::Request> handled;
};

inline const QByteArray getRequest = QByteArrayLiteral("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");

} // namespace McpAuth::Test
