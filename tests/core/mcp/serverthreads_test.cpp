// One server on several threads.
#include "mcp/serverthreads.h"
#include "support/rawclient.h"
#include "testserver.h"

#include <QMutex>
#include <QSet>
#include <QThread>

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

/// Which threads have made and run what.
class Threads
{
public:
    void note()
    {
        const QMutexLocker lock(&m_mutex);
        m_threads.insert(QThread::currentThread());
    }
    [[nodiscard]] QSet<QThread *> seen() const
    {
        const QMutexLocker lock(&m_mutex);
        return m_threads;
    }

private:
    mutable QMutex m_mutex;
    QSet<QThread *> m_threads;
};

class ServerThreadsTest : public testing::Test
{
protected:
    ServerThreadFactory factory()
    {
        return [this]() -> Result<ServerThread> {
            made.note();
            EndpointOptions about;
            about.sealKey = Secret(QByteArray(32, 'k'));
            auto server = std::make_unique<Mcp::Server>(about);
            const auto added = server->addTool({.name = u"where"_s,
                                                .inputSchema = {{u"type"_s, u"object"_s}},
                                                .handler = [this](const QJsonObject &, const Context &) {
                                                    ran.note();
                                                    return ToolResult::text(u"here"_s);
                                                }});
            if (!added)
                return std::unexpected(added.error());
            return ServerThread{.server = std::move(server), .options = {.requireAuth = false}};
        };
    }

    /// On a connection of its own.
    Answer post(const QByteArray &body, const QByteArray &session = {})
    {
        Http::Client client;
        Http::ClientRequest request{.method = "POST", .url = threads.url(), .headers = {}, .body = body, .stop = {}};
        for (const auto &[name, value] : TestServer::fieldsFor(session, {}))
            request.headers.append(QLatin1StringView(name), QLatin1StringView(value));
        const auto response = wait(client.send(request));
        EXPECT_TRUE(response) << response.error().message.toStdString();
        return response
                   ? Answer{response->status, response->body, response->header("Mcp-Session-Id"), response->headers}
                   : Answer();
    }

    Threads made;
    Threads ran;
    ServerThreads threads;
};

} // namespace

TEST_F(ServerThreadsTest, AnswerSideBySideAndTakeEachOthersSessions)
{
    QSet<QThread *> told;
    int events = 0;
    QObject::connect(&threads, &ServerThreads::requestAnswered, &threads, [&](const RequestEvent &) {
        told.insert(QThread::currentThread());
        ++events;
    });
    ASSERT_TRUE(threads.listen(QHostAddress::LocalHost, 0, 3, factory()));
    EXPECT_EQ(made.seen().size(), 3);
    const QByteArray session = post(initializeRequest()).session;
    ASSERT_FALSE(session.isEmpty());
    int calls = 0;
    while (ran.seen().size() < 3 && calls < 500) { // the system chooses by the ports of a connection
        const Answer answer = post(callOf(u"where"_s), session);
        ASSERT_EQ(answer.result().value("content"_L1)[0]["text"_L1], u"here"_s) << answer.body.constData();
        ++calls;
    }
    EXPECT_EQ(ran.seen(), made.seen());
    EXPECT_TRUE(waitUntil([&] { return events == calls + 1; })) << events;
    EXPECT_EQ(told, QSet<QThread *>{QThread::currentThread()});
    threads.stop();
    EXPECT_TRUE(threads.url().isEmpty());
}

TEST_F(ServerThreadsTest, TellOfTheLastRequestsWhenTheyStop)
{
    int events = 0;
    QObject::connect(&threads, &ServerThreads::requestAnswered, &threads, [&](const RequestEvent &) { ++events; });
    ASSERT_TRUE(threads.listen(QHostAddress::LocalHost, 0, 2, factory()));
    RawClient client(quint16(QUrl(threads.url()).port()));
    client.send("GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.response().status, 404);
    threads.stop();
    EXPECT_EQ(events, 1);
}

TEST_F(ServerThreadsTest, TakeNoPortThatSomebodyElseHas)
{
    ASSERT_TRUE(threads.listen(QHostAddress::LocalHost, 0, 2, factory()));
    const auto port = quint16(QUrl(threads.url()).port());
    ServerThreads others;
    EXPECT_EQ(codeOf(others.listen(QHostAddress::LocalHost, port, 2, factory())), u"port_in_use");
    Http::Server alone([](const Http::Request &) -> QCoro::Task<Http::Response> { co_return {}; });
    EXPECT_EQ(codeOf(alone.listen({.port = port})), u"port_in_use");
    threads.stop();
    EXPECT_TRUE(alone.listen({.port = port}));
}

TEST_F(ServerThreadsTest, ListenAllOrNot)
{
    int count = 0;
    const auto failing = [&, good = factory()]() -> Result<ServerThread> {
        return ++count < 3 ? good() : fail(u"no_more"_s, u"Two are enough."_s);
    };
    EXPECT_EQ(codeOf(threads.listen(QHostAddress::LocalHost, 0, 4, failing)), u"no_more");
    EXPECT_EQ(count, 3);
    EXPECT_TRUE(threads.url().isEmpty());
    EXPECT_EQ(codeOf(threads.listen(QHostAddress::LocalHost, 0, 0, factory())), u"invalid_threads");
    EXPECT_EQ(codeOf(threads.listen(QHostAddress::LocalHost, 0, maxServerThreads + 1, factory())), u"invalid_threads");
}

TEST_F(ServerThreadsTest, ListenOnIpv6)
{
    const auto listening = threads.listen(QHostAddress::LocalHostIPv6, 0, 2, factory());
    if (!listening) {
        EXPECT_EQ(codeOf(listening), u"address_unavailable"); // a machine without IPv6
        return;
    }
    EXPECT_TRUE(threads.url().startsWith(u"http://[::1]:"_s));
    EXPECT_EQ(post(initializeRequest()).status, 200);
}
