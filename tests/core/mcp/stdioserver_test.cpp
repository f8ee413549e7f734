// 2026-07-28 basic/transports/stdio, and 2025-11-25 basic/transports, stdio: real pipes.
#include "mcp/jsonrpc.h"
#include "mcp/stdioserver.h"
#include "support/rawclient.h"
#include "testserver.h"

#include <QCoreApplication>

#include <fcntl.h>
#include <unistd.h>

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

/// The client's ends of two pipes.
class Pipes
{
public:
    Pipes()
    {
        EXPECT_EQ(::pipe2(m_toServer, O_CLOEXEC), 0);
        EXPECT_EQ(::pipe2(m_toClient, O_CLOEXEC), 0);
        EXPECT_EQ(::fcntl(m_toClient[0], F_SETFL, O_NONBLOCK), 0);
    }
    ~Pipes()
    {
        closeInput();
        closeOutput();
        ::close(m_toServer[0]);
        ::close(m_toClient[1]);
    }
    Pipes(const Pipes &) = delete;
    Pipes &operator=(const Pipes &) = delete;

    [[nodiscard]] int in() const { return m_toServer[0]; }
    [[nodiscard]] int out() const { return m_toClient[1]; }
    bool write(const QByteArray &bytes) const
    {
        return ::write(m_toServer[1], bytes.constData(), size_t(bytes.size())) == bytes.size();
    }
    void closeInput()
    {
        if (m_toServer[1] >= 0)
            ::close(std::exchange(m_toServer[1], -1));
    }
    void closeOutput()
    {
        if (m_toClient[0] >= 0)
            ::close(std::exchange(m_toClient[0], -1));
    }

    /// Whole lines so far.
    const QList<QJsonObject> &lines()
    {
        QByteArray bytes(64 * 1024, Qt::Uninitialized);
        for (ssize_t count = 1; count > 0;) {
            count = ::read(m_toClient[0], bytes.data(), size_t(bytes.size()));
            m_partial.append(bytes.constData(), std::max<ssize_t>(count, 0));
        }
        for (qsizetype end = m_partial.indexOf('\n'); end >= 0; end = m_partial.indexOf('\n')) {
            m_lines.append(parseJsonObject(m_partial.first(end)).value_or(QJsonObject{{u"no"_s, u"json"_s}}));
            m_partial.remove(0, end + 1);
        }
        return m_lines;
    }
    bool waitForLines(qsizetype count)
    {
        return waitUntil([&] { return lines().size() >= count; });
    }
    /// Null while there is none.
    QJsonObject answerTo(int id)
    {
        for (const QJsonObject &line : lines()) {
            if (line.value("id"_L1) == id && !line.contains("method"_L1))
                return line;
        }
        return {};
    }
    bool waitForAnswer(int id)
    {
        return waitUntil([&] { return !answerTo(id).isEmpty(); });
    }

private:
    int m_toServer[2] = {-1, -1};
    int m_toClient[2] = {-1, -1};
    QByteArray m_partial;
    QList<QJsonObject> m_lines;
};

QCoro::Task<ToolResult> stopped(std::stop_token stop)
{
    co_await untilStopped(std::move(stop));
    co_return ToolResult::text(u"stopped"_s);
}

class Stdio : public testing::Test
{
protected:
    Stdio()
    {
        EXPECT_TRUE(endpoint.addTool(echoTool()));
        Tool waiting = echoTool(u"wait"_s);
        waiting.handler = [this](const QJsonObject &, const Context &context) {
            stop = context.stop();
            return stopped(stop);
        };
        EXPECT_TRUE(endpoint.addTool(waiting));
        Tool annotated = echoTool(u"annotated"_s);
        annotated.inputSchema = {
            {u"type"_s, u"object"_s},
            {u"properties"_s,
             QJsonObject{{u"region"_s, QJsonObject{{u"type"_s, u"string"_s}, {u"x-mcp-header"_s, u"Region"_s}}}}}};
        EXPECT_TRUE(endpoint.addTool(annotated));
        QObject::connect(&server, &StdioServer::finished, &server, [this] { isFinished = true; });
    }

    void send(const QByteArray &message) { EXPECT_TRUE(pipes.write(message + '\n')); }
    bool initialize(const QString &version = u"2025-11-25"_s)
    {
        send(initializeRequest(version));
        send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
        return pipes.waitForAnswer(1);
    }

    static QByteArray modernCall(const QString &tool, const QJsonObject &arguments, int id)
    {
        return request(u"tools/call"_s, {{u"name"_s, tool}, {u"arguments"_s, arguments}, {u"_meta"_s, modernMeta()}},
                       id);
    }
    static QJsonObject modernMeta()
    {
        return {{u"io.modelcontextprotocol/protocolVersion"_s, u"2026-07-28"_s},
                {u"io.modelcontextprotocol/clientCapabilities"_s, QJsonObject()}};
    }

    Endpoint endpoint{EndpointOptions()};
    Pipes pipes;
    std::stop_token stop;
    bool isFinished = false;
    StdioServer server{&endpoint, pipes.in(), pipes.out()};
};

} // namespace

TEST_F(Stdio, ServesASession)
{
    ASSERT_TRUE(initialize());
    EXPECT_EQ(pipes.answerTo(1).value("result"_L1)["protocolVersion"_L1], u"2025-11-25"_s);
    send(callOf(u"echo"_s, {{u"text"_s, u"hi"_s}}, 2));
    ASSERT_TRUE(pipes.waitForAnswer(2));
    EXPECT_EQ(pipes.lines().size(), 2) << "a notification has no answer";
    endpoint.announce(Change::Tools);
    ASSERT_TRUE(pipes.waitForLines(3));
    EXPECT_EQ(pipes.lines().last().value("method"_L1), u"notifications/tools/list_changed"_s);
}

TEST_F(Stdio, ServesStatelessRequests)
{
    send(modernCall(u"echo"_s, {{u"text"_s, u"hi"_s}}, 1));
    send(modernCall(u"annotated"_s, {{u"region"_s, u"eü"_s}}, 2));
    ASSERT_TRUE(pipes.waitForAnswer(1) && pipes.waitForAnswer(2));
    EXPECT_EQ(pipes.answerTo(1).value("result"_L1)["resultType"_L1], u"complete"_s);
    EXPECT_TRUE(pipes.answerTo(2).contains("result"_L1)) << "there is no header to agree with";
    send(request(u"tools/call"_s,
                 {{u"name"_s, u"echo"_s},
                  {u"_meta"_s, QJsonObject{{u"io.modelcontextprotocol/protocolVersion"_s, u"2099-01-01"_s},
                                           {u"io.modelcontextprotocol/clientCapabilities"_s, QJsonObject()}}}},
                 3));
    ASSERT_TRUE(pipes.waitForAnswer(3));
    EXPECT_EQ(pipes.answerTo(3).value("error"_L1)["code"_L1].toInt(), int(RpcErrorCode::UnsupportedProtocolVersion));
}

TEST_F(Stdio, TellsSubscribersAndEndsASubscriptionThatIsCancelled)
{
    send(request(u"subscriptions/listen"_s,
                 {{u"notifications"_s, QJsonObject{{u"toolsListChanged"_s, true}}}, {u"_meta"_s, modernMeta()}}, 5));
    ASSERT_TRUE(pipes.waitForLines(1));
    EXPECT_EQ(pipes.lines().at(0).value("method"_L1), u"notifications/subscriptions/acknowledged"_s);
    endpoint.announce(Change::Tools);
    ASSERT_TRUE(pipes.waitForLines(2));
    send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})");
    send(modernCall(u"echo"_s, {}, 6));
    ASSERT_TRUE(pipes.waitForAnswer(6));
    endpoint.announce(Change::Tools);
    send(modernCall(u"echo"_s, {}, 7));
    ASSERT_TRUE(pipes.waitForAnswer(7));
    EXPECT_EQ(pipes.lines().size(), 4);
}

TEST_F(Stdio, StopsWhatIsCancelledAndSaysNothingMoreOfIt)
{
    send(modernCall(u"wait"_s, {}, 1));
    ASSERT_TRUE(waitUntil([&] { return stop.stop_possible(); }));
    send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
    ASSERT_TRUE(waitUntil([&] { return stop.stop_requested(); }));
    send(modernCall(u"echo"_s, {}, 2));
    ASSERT_TRUE(pipes.waitForAnswer(2));
    EXPECT_TRUE(pipes.answerTo(1).isEmpty());

    stop = {};
    ASSERT_TRUE(initialize()) << "and sessions have their own way";
    send(callOf(u"wait"_s, {}, 3));
    ASSERT_TRUE(waitUntil([&] { return stop.stop_possible(); }));
    send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}})");
    EXPECT_TRUE(waitUntil([&] { return stop.stop_requested(); }));
}

TEST_F(Stdio, ReadsALineHoweverItComes)
{
    const QByteArray bytes =
        "\n  \r\n" + initializeRequest() + "\r\n" + callOf(u"echo"_s, {{u"text"_s, u"ü"_s}}, 2) + '\n';
    for (const char byte : bytes) {
        ASSERT_TRUE(pipes.write(QByteArray(1, byte)));
        QCoreApplication::processEvents();
    }
    ASSERT_TRUE(pipes.waitForAnswer(2));
    EXPECT_EQ(pipes.lines().size(), 2);
    send("{\"jsonrpc\":");
    send("[]");
    ASSERT_TRUE(pipes.waitForLines(4));
    EXPECT_EQ(pipes.lines().at(2).value("error"_L1)["code"_L1].toInt(), -32700);
    EXPECT_EQ(pipes.lines().at(3).value("error"_L1)["code"_L1].toInt(), -32600);
    EXPECT_FALSE(isFinished);
}

TEST_F(Stdio, EndsWithItsInputOnceAllIsAnswered)
{
    ASSERT_TRUE(initialize());
    send(callOf(u"echo"_s, {{u"text"_s, u"last"_s}}, 2));
    pipes.closeInput();
    ASSERT_TRUE(waitUntil([&] { return isFinished; }));
    EXPECT_FALSE(pipes.answerTo(2).isEmpty());
}

TEST_F(Stdio, EndsWhenNobodyReads)
{
    pipes.closeOutput();
    send(initializeRequest());
    EXPECT_TRUE(waitUntil([&] { return isFinished; }));
}

TEST_F(Stdio, EndsWithAClientWhoseLineHasNoEnd)
{
    const QByteArray part(4096, 'x');
    for (qsizetype sent = 0; sent <= maxLineBytes && !isFinished; sent += part.size()) {
        ASSERT_TRUE(pipes.write(part));
        QCoreApplication::processEvents();
    }
    ASSERT_TRUE(waitUntil([&] { return isFinished; }));
    EXPECT_EQ(pipes.lines().first().value("error"_L1)["code"_L1].toInt(), -32600);
}

TEST(StdioLifetime, MayEndWhileACallIsUnderWay)
{
    Endpoint endpoint{EndpointOptions()};
    std::stop_token stop;
    Tool waiting = echoTool(u"wait"_s);
    waiting.handler = [&](const QJsonObject &, const Context &context) {
        stop = context.stop();
        return stopped(stop);
    };
    ASSERT_TRUE(endpoint.addTool(waiting));
    const Pipes pipes;
    auto server = std::make_unique<StdioServer>(&endpoint, pipes.in(), pipes.out());
    ASSERT_TRUE(pipes.write(
        request(u"tools/call"_s,
                {{u"name"_s, u"wait"_s},
                 {u"_meta"_s, QJsonObject{{u"io.modelcontextprotocol/protocolVersion"_s, u"2026-07-28"_s},
                                          {u"io.modelcontextprotocol/clientCapabilities"_s, QJsonObject()}}}}) +
        '\n'));
    ASSERT_TRUE(waitUntil([&] { return stop.stop_possible(); }));
    server.reset();
    EXPECT_TRUE(waitUntil([&] { return stop.stop_requested(); }));
}
