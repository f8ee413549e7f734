// 2024-11-05 basic/transports, HTTP with SSE.
#include "eventtap.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

QCoro::Task<ToolResult> greet(QJsonObject, Context context)
{
    context.progress(1);
    const auto answer = co_await context.elicit(u"Who are you?"_s, nameForm());
    if (!answer)
        co_return ToolResult::error(answer.error().code);
    co_return ToolResult::text(u"Hello, "_s + answer->value("content"_L1)["name"_L1].toString());
}

Fields eventFields(const QByteArray &bearer = {})
{
    Fields fields{{"Accept", "text/event-stream"}};
    if (!bearer.isEmpty())
        fields.append({"Authorization", "Bearer " + bearer});
    return fields;
}

class HttpSse : public testing::Test
{
protected:
    explicit HttpSse(std::unique_ptr<Bearer::BearerAuth> auth = {})
        : server(std::move(auth))
    {
        EXPECT_TRUE(server.endpoint->addTool(echoTool()));
        EXPECT_TRUE(server.endpoint->addTool(
            {.name = u"greet"_s, .inputSchema = {{u"type"_s, u"object"_s}}, .handler = greet}));
    }

    /// Where the stream's client posts its messages.
    static QString addressIn(const EventTap &tap)
    {
        const auto events = tap.events();
        if (events.isEmpty() || events.first().type != "endpoint")
            return {};
        return u'/' + QString::fromLatin1(events.first().data); // it is relative to /sse
    }

    /// The stream's first event, once it is there.
    static QString waitForAddress(const EventTap &tap)
    {
        EXPECT_TRUE(waitUntil([&] { return !tap.events().isEmpty(); }));
        return addressIn(tap);
    }

    int post(const QString &address, const QByteArray &body, const QByteArray &bearer = {})
    {
        Http::ClientRequest sent;
        sent.method = "POST";
        sent.url = server.server.origin() + address;
        sent.body = body;
        sent.headers.append("Content-Type"_L1, "application/json"_L1);
        if (!bearer.isEmpty())
            sent.headers.append("Authorization"_L1, QLatin1StringView("Bearer " + bearer));
        return wait(server.client.send(sent)).value().status;
    }

    /// Messages without the endpoint event.
    static QList<QJsonObject> messagesOf(const EventTap &tap) { return tap.messages().sliced(1); }

    TestServer server;
};

class HttpSseWithAuth : public HttpSse
{
protected:
    HttpSseWithAuth()
        : HttpSse(auth())
    {
    }
};

QByteArray initializeWith(const QJsonObject &capabilities)
{
    return request(u"initialize"_s, {{u"protocolVersion"_s, u"2024-11-05"_s},
                                     {u"capabilities"_s, capabilities},
                                     {u"clientInfo"_s, QJsonObject{{u"name"_s, u"t"_s}, {u"version"_s, u"1"_s}}}});
}

} // namespace

TEST_F(HttpSse, AnswersOnItsStreamWhatIsPosted)
{
    EventTap tap(server, "GET", {}, eventFields(), u"/sse"_s);
    const QString address = waitForAddress(tap);
    ASSERT_TRUE(address.startsWith("/sse/messages?sessionId="_L1)) << address.toStdString();
    EXPECT_EQ(post(address, initializeRequest(u"2024-11-05"_s)), 202);
    EXPECT_EQ(post(address, R"({"jsonrpc":"2.0","method":"notifications/initialized"})"), 202);
    EXPECT_EQ(post(address, callOf(u"echo"_s, {{u"text"_s, u"hi"_s}}, 2)), 202);
    ASSERT_TRUE(tap.waitForMessages(3));
    const auto messages = messagesOf(tap);
    EXPECT_EQ(messages.at(0).value("result"_L1)["protocolVersion"_L1].toString(), u"2024-11-05"_s);
    EXPECT_EQ(messages.at(1).value("id"_L1).toInt(), 2);
    EXPECT_TRUE(messages.at(1).value("result"_L1)["content"_L1][0]["text"_L1].toString().contains(u"hi"_s));
    EXPECT_EQ(post(address, "{"), 400);
    EXPECT_EQ(post(u"/sse/messages?sessionId=unknown"_s, initializeRequest()), 404);
    EXPECT_EQ(post(u"/sse/messages"_s, initializeRequest()), 404);
    EXPECT_EQ(post(address, initializeRequest()), 202);
    ASSERT_TRUE(tap.waitForMessages(4));
    EXPECT_EQ(messagesOf(tap).last().value("error"_L1)["code"_L1].toInt(), -32600);
    EXPECT_EQ(post(address, request(u"unknown"_s, {}, 3)), 202);
    EXPECT_EQ(server.events.last().error, u"Method not found: unknown"_s);
    server.endpoint->announce(Change::Tools);
    ASSERT_TRUE(tap.waitForMessages(6));
    EXPECT_EQ(messagesOf(tap).last().value("method"_L1).toString(), u"notifications/tools/list_changed"_s);
}

TEST_F(HttpSse, TellsItsAddressBelowAPathThatEndsInASlash)
{
    for (const QString &path : {u"/"_s, u"/events/"_s}) {
        server.endpoint->mountHttpSse(server.router.get(), path.toLatin1());
        const EventTap tap(server, "GET", {}, eventFields(), path);
        ASSERT_FALSE(waitForAddress(tap).isEmpty());
        const QString address = QString::fromLatin1(tap.events().first().data);
        EXPECT_TRUE(address.startsWith("messages?sessionId="_L1)) << address.toStdString();
        EXPECT_EQ(post(path + address, initializeRequest()), 202);
    }
}

TEST_F(HttpSse, AsksItsClientAndTellsItsProgress)
{
    EventTap tap(server, "GET", {}, eventFields(), u"/sse"_s);
    const QString address = waitForAddress(tap);
    ASSERT_EQ(post(address, initializeWith({{u"elicitation"_s, QJsonObject()}})), 202);
    const QJsonObject meta{{u"progressToken"_s, 5}};
    ASSERT_EQ(post(address, request(u"tools/call"_s, {{u"name"_s, u"greet"_s}, {u"_meta"_s, meta}}, 2)), 202);
    ASSERT_TRUE(tap.waitForMessages(4));
    EXPECT_EQ(messagesOf(tap).at(1).value("method"_L1).toString(), u"notifications/progress"_s);
    const QJsonValue question = messagesOf(tap).at(2).value("id"_L1);
    const QJsonObject result{{u"action"_s, u"accept"_s}, {u"content"_s, QJsonObject{{u"name"_s, u"Ada"_s}}}};
    ASSERT_EQ(
        post(address, toJsonText(QJsonObject{{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, question}, {u"result"_s, result}})),
        202);
    ASSERT_TRUE(tap.waitForMessages(5));
    EXPECT_EQ(messagesOf(tap).last().value("result"_L1)["content"_L1][0]["text"_L1].toString(), u"Hello, Ada"_s);
}

TEST_F(HttpSse, ASessionEndsWithItsStream)
{
    QString address;
    {
        EventTap tap(server, "GET", {}, eventFields(), u"/sse"_s);
        address = waitForAddress(tap);
        EXPECT_EQ(server.endpoint->sessionCount(), 1);
    }
    EXPECT_TRUE(waitUntil([&] { return server.endpoint->sessionCount() == 0; }));
    EXPECT_EQ(post(address, initializeRequest()), 404);
}

TEST_F(HttpSseWithAuth, BelongsToWhoeverOpenedIt)
{
    EventTap refused(server, "GET", {}, eventFields(), u"/sse"_s);
    ASSERT_TRUE(refused.waitForEnd());
    EXPECT_EQ(refused.status(), 401);
    EventTap tap(server, "GET", {}, eventFields(token(u"alice"_s)), u"/sse"_s);
    const QString address = waitForAddress(tap);
    EXPECT_EQ(post(address, initializeRequest()), 401);
    EXPECT_EQ(post(address, initializeRequest(), token(u"mallory"_s)), 404);
    EXPECT_EQ(post(address, initializeRequest(), token(u"alice"_s)), 202);
    ASSERT_TRUE(tap.waitForMessages(2));
    EXPECT_TRUE(messagesOf(tap).first().contains("result"_L1)); // had Mallory's been heard, this one would be refused
    const QByteArray session = address.section(u'=', 1).toLatin1();
    EXPECT_EQ(server.post(request(u"tools/list"_s), session, token(u"alice"_s)).status, 404); // at the other transport
}

TEST_F(HttpSse, AHandlerWhoseClientHasGoneIsTold)
{
    std::stop_token stop;
    bool asked = false;
    const auto waits = [&](QJsonObject, Context context) {
        stop = context.stop();
        asked = true;
        return greet({}, context);
    };
    ASSERT_TRUE(server.endpoint->addTool({.name = u"waits"_s, .inputSchema = nameForm(), .handler = waits}));
    {
        EventTap tap(server, "GET", {}, eventFields(), u"/sse"_s);
        const QString address = waitForAddress(tap);
        ASSERT_EQ(post(address, initializeWith({{u"elicitation"_s, QJsonObject()}})), 202);
        ASSERT_EQ(post(address, callOf(u"waits"_s, {}, 2)), 202);
        ASSERT_TRUE(tap.waitForMessages(3));
        EXPECT_TRUE(asked);
        EXPECT_FALSE(stop.stop_requested());
    }
    EXPECT_TRUE(waitUntil([&] { return stop.stop_requested(); }));
    EXPECT_TRUE(waitUntil([&] { return !server.events.isEmpty() && server.events.last().tool == u"waits"; }));
}

TEST(HttpSseEras, HasNoPlaceAtAModernServer)
{
    EndpointOptions options;
    options.eras = Eras::Modern;
    TestServer server({}, options);
    EventTap tap(server, "GET", {}, eventFields(), u"/sse"_s);
    ASSERT_TRUE(tap.waitForEnd());
    EXPECT_EQ(tap.status(), 404);
}
