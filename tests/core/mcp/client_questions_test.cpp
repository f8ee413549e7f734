// What a server asks and tells while requests are under way, when it, the network or the caller misbehaves.
#include "core/metadata/provider.h"
#include "http/eventstream.h"
#include "http/stream.h"
#include "mcp/client.h"
#include "mcp/clientinput_p.h"
#include "scriptedserver.h"
#include "support/rawclient.h"
#include "testserver.h"

#include <QCoroTimer>

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;
using namespace std::chrono_literals;

namespace {

QJsonObject ask(const QJsonValue &id, const QString &method, const QJsonObject &params = {})
{
    return {{u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, id}, {u"method"_s, method}, {u"params"_s, params}};
}

QJsonObject elicitation(const QJsonValue &id, const QJsonObject &params = {})
{
    return ask(id, u"elicitation/create"_s, params);
}

QJsonObject notification(const QString &method)
{
    return {{u"jsonrpc"_s, u"2.0"_s}, {u"method"_s, method}};
}

/// initialize, and a tools/call whose stream the test writes; GET is refused.
class StreamingServer : public ScriptedServer
{
public:
    StreamingServer()
        : ScriptedServer([this](const QJsonObject &message, const Http::Request &request) {
            if (request.method == "GET")
                return Http::Response::empty(405);
            if (message.value("method"_L1) == "tools/call"_L1)
                return opened(message);
            if (message.value("method"_L1) == "initialize"_L1)
                return result(message, agreedOn(u"2025-11-25"_s)).set("Mcp-Session-Id", nextSession());
            return message.contains("id"_L1) && message.contains("method"_L1) ? result(message, {})
                                                                              : Http::Response::empty(202);
        })
    {
    }

    void write(const QJsonObject &message) const { stream->write(eventOf(message)); }
    void answerCall() const { write(rpcResult(id, {{u"content"_s, QJsonArray()}})); }
    /// What the client answered to the question with this ID.
    [[nodiscard]] QList<QJsonObject> answersTo(const QJsonValue &question) const
    {
        QList<QJsonObject> answers;
        for (qsizetype i = 0; i < requests.size(); ++i) {
            if (message(i).value("id"_L1) == question && !message(i).contains("method"_L1))
                answers.append(message(i));
        }
        return answers;
    }

    std::shared_ptr<Http::Stream> stream;
    QJsonValue id;
    int sessions = 0;

private:
    QByteArray nextSession() { return "s-" + QByteArray::number(++sessions); }
    Http::Response opened(const QJsonObject &message)
    {
        id = message.value("id"_L1);
        Http::Response response = events({});
        response.stream = stream = std::make_shared<Http::Stream>();
        stream->write(": begun\n\n");
        return response;
    }
};

/// Answers when the test opens it.
class Person
{
public:
    InputProvider provider()
    {
        return [this](const QJsonObject &params, const std::stop_token &stop) {
            asked.append(params);
            stops.append(stop);
            return waiting(gate.opened());
        };
    }
    void answer() { gate.open(); }

    QList<QJsonObject> asked;
    QList<std::stop_token> stops;
    Gate gate;

private:
    static QCoro::Task<Result<QJsonObject>> waiting(QFuture<void> opened)
    {
        co_await opened;
        co_return QJsonObject{{u"action"_s, u"accept"_s}};
    }
};

QCoro::Task<Result<QJsonObject>> answeredWith(QJsonObject answer)
{
    co_return answer;
}

class ClientQuestions : public testing::Test
{
protected:
    /// Lets nobody who answers go before the gate opens.
    QCoro::Task<Http::Response> flooded(Http::Request request, std::shared_ptr<Http::Stream> &stream, QJsonValue &id,
                                        int &waiting, Gate &gate)
    {
        const QJsonObject message = parseJsonObject(request.body).value_or(QJsonObject());
        if (message.value("method"_L1) == "initialize"_L1)
            co_return result(message, agreedOn(u"2025-11-25"_s));
        if (message.value("method"_L1) == "tools/call"_L1) {
            id = message.value("id"_L1);
            Http::Response response = events({});
            response.stream = stream = std::make_shared<Http::Stream>();
            co_return response;
        }
        if (!message.contains("method"_L1)) {
            ++flood;
            ++waiting;
            const QFuture<void> opened = gate.opened();
            co_await opened;
            --waiting;
        }
        co_return Http::Response::empty(202);
    }

    int flood = 0; ///< answers that came
    std::unique_ptr<Mcp::Client> clientAt(const ScriptedServer &server, const ClientFeatures &features = {},
                                          const QString &revision = u"2025-11-25"_s)
    {
        return std::make_unique<Mcp::Client>(&http, Mcp::ClientOptions{.url = server.url(),
                                                                       .revision = revision,
                                                                       .name = u"tests"_s,
                                                                       .version = u"1"_s,
                                                                       .features = features});
    }

    Http::Client http;
};

/// One whose calls are answered on a stream that the test writes.
class ClientOnStream : public ClientQuestions
{
protected:
    /// A call whose stream is open.
    QCoro::Task<Result<CallResult>> begunCall(const RequestOptions &options = {})
    {
        server.stream.reset();
        auto call = client->callTool(u"a"_s, {}, options);
        if (!waitUntil([this] { return server.stream != nullptr; }))
            throw std::runtime_error("no call came"); // which fails the test
        return call;
    }

    StreamingServer server;
    Person person;
    std::unique_ptr<Mcp::Client> client = clientAt(server, {.elicit = person.provider()});
};

} // namespace

TEST_F(ClientOnStream, APersonsTimeIsLeftOutOfTheTimeOutAndTheServersIsNot)
{
    ASSERT_TRUE(wait(client->connectToServer()));
    auto patient = begunCall({.timeout = 2s});
    server.write(elicitation(u"q"_s));
    ASSERT_TRUE(waitUntil([&] { return !person.asked.isEmpty(); }));
    wait(QCoro::sleepFor(1'800ms));
    person.answer();
    ASSERT_TRUE(waitUntil([&] { return server.answersTo(u"q"_s).size() == 1; }));
    wait(QCoro::sleepFor(500ms)); // no question is open when two seconds have gone by
    server.answerCall();
    const auto answered = wait(std::move(patient));
    EXPECT_TRUE(answered) << answered.error().message.toStdString();

    auto late = begunCall({.timeout = 500ms});
    server.write(elicitation(u"r"_s)); // answered at once
    QElapsedTimer timer;
    timer.start();
    EXPECT_EQ(codeOf(wait(std::move(late))), u"timeout");
    EXPECT_LT(timer.elapsed(), 1'700) << "the time of the question before is over";
}

TEST_F(ClientOnStream, AnIdThatIsInUseAsksNobodyASecondTime)
{
    auto call = begunCall();
    for (int i = 0; i < 300; ++i)
        server.write(elicitation(u"q"_s));
    server.write(ask(u"p"_s, u"ping"_s));
    ASSERT_TRUE(waitUntil([&] { return server.answersTo(u"p"_s).size() == 1; })) << "all of them were read";
    person.answer();
    ASSERT_TRUE(waitUntil([&] { return server.answersTo(u"q"_s).size() == 1; }));
    server.answerCall();
    EXPECT_TRUE(wait(std::move(call)));
    EXPECT_EQ(person.asked.size(), 1);
}

TEST_F(ClientOnStream, PastTheBoundOfQuestionsTheRestIsRefusedAndPingsAreAnswered)
{
    auto call = begunCall();
    for (int i = 0; i < maxServerRequests + 10; ++i)
        server.write(elicitation(1'000 + i));
    server.write(ask(u"p"_s, u"ping"_s));
    ASSERT_TRUE(waitUntil([&] { return server.answersTo(u"p"_s).size() == 1; }));
    EXPECT_EQ(person.asked.size(), maxServerRequests);
    const int last = 1'000 + maxServerRequests + 9;
    ASSERT_TRUE(waitUntil([&] { return server.answersTo(last).size() == 1; }));
    EXPECT_EQ(server.answersTo(last).first().value("error"_L1)["code"_L1], -32603);
    server.answerCall();
    EXPECT_TRUE(wait(std::move(call)));
    EXPECT_TRUE(waitUntil([&] { return std::ranges::all_of(person.stops, &std::stop_token::stop_requested); }));
}

TEST_F(ClientQuestions, WhatIsRefusedAtOnceHasABoundToo)
{
    std::shared_ptr<Http::Stream> stream;
    QJsonValue id;
    int waiting = 0;
    Gate gate;
    Http::Server server([&](Http::Request request) { return flooded(std::move(request), stream, id, waiting, gate); });
    ASSERT_TRUE(server.listen());
    Mcp::Client client(&http, {.url = server.origin() + u"/mcp"_s, .name = u"tests"_s});
    auto call = client.callTool(u"a"_s, {});
    ASSERT_TRUE(waitUntil([&] { return stream != nullptr; }));
    for (int i = 0; i < 1'000; ++i)
        stream->write(eventOf(ask(1'000 + i, u"no/such/method"_s)));
    ASSERT_TRUE(waitUntil([&] { return waiting > 0; }));
    stream->write(eventOf(rpcResult(id, {{u"content"_s, QJsonArray()}})));
    EXPECT_TRUE(wait(std::move(call)));
    gate.open();
    EXPECT_TRUE(waitUntil([&] { return waiting == 0; }));
    EXPECT_LE(flood, maxServerRequests + maxQuickReplies);
    wait(client.close());
}

TEST_F(ClientOnStream, WhatIsOpenEndsWhenTheClientCloses)
{
    auto call = begunCall();
    server.write(elicitation(u"q"_s));
    ASSERT_TRUE(waitUntil([&] { return !person.asked.isEmpty(); }));
    wait(client->close());
    EXPECT_TRUE(person.stops.first().stop_requested());
    EXPECT_EQ(codeOf(wait(std::move(call))), u"cancelled");
    EXPECT_TRUE(server.answersTo(u"q"_s).isEmpty());
}

TEST_F(ClientOnStream, AnAnswerGoesToTheSessionThatAsked)
{
    auto call = begunCall();
    server.write(elicitation(u"q"_s));
    ASSERT_TRUE(waitUntil([&] { return !person.asked.isEmpty(); }));
    ASSERT_TRUE(wait(client->connectToServer()));
    ASSERT_EQ(server.sessions, 2);
    person.answer();
    EXPECT_TRUE(person.stops.first().stop_requested());
    ASSERT_TRUE(wait(client->request(u"ping"_s)));
    server.answerCall();
    EXPECT_TRUE(wait(std::move(call)));
    call = begunCall();
    server.write(elicitation(u"q"_s)); // the same ID, in the other session
    ASSERT_TRUE(waitUntil([&] { return !server.answersTo(u"q"_s).isEmpty(); }));
    server.answerCall();
    EXPECT_TRUE(wait(std::move(call)));
    EXPECT_EQ(person.asked.size(), 2);
    EXPECT_EQ(server.answersTo(u"q"_s).size(), 1);
}

TEST_F(ClientOnStream, AStreamOfAnotherSessionAsksNobody)
{
    auto call = begunCall();
    ASSERT_TRUE(wait(client->connectToServer()));
    server.write(elicitation(u"q"_s));
    server.answerCall();
    EXPECT_TRUE(wait(std::move(call)));
    ASSERT_TRUE(wait(client->request(u"ping"_s)));
    EXPECT_TRUE(person.asked.isEmpty());
    EXPECT_TRUE(server.answersTo(u"q"_s).isEmpty());
}

TEST_F(ClientOnStream, TheServerCanWithdrawAQuestion)
{
    auto call = begunCall();
    server.write(elicitation(7));
    ASSERT_TRUE(waitUntil([&] { return !person.asked.isEmpty(); }));
    QJsonObject cancelled = notification(u"notifications/cancelled"_s);
    cancelled.insert(u"params"_s, QJsonObject{{u"requestId"_s, u"7"_s}});
    server.write(cancelled); // "7" is another request than 7
    server.write(ask(u"p"_s, u"ping"_s));
    ASSERT_TRUE(waitUntil([&] { return server.answersTo(u"p"_s).size() == 1; }));
    EXPECT_FALSE(person.stops.first().stop_requested());
    cancelled.insert(u"params"_s, QJsonObject{{u"requestId"_s, 7}});
    server.write(cancelled);
    EXPECT_TRUE(waitUntil([&] { return person.stops.first().stop_requested(); }));
    server.answerCall();
    EXPECT_TRUE(wait(std::move(call)));
    EXPECT_TRUE(server.answersTo(7).isEmpty());
}

// 2025-11-25 elicitation, Error Handling; sampling, Tools in Sampling
TEST(ClientInput, WhatWasNotDeclaredIsRefusedInTheErrorThatSaysSo)
{
    const InputProvider accept = acceptAll;
    const auto codeFor = [](const ClientFeatures &features, const QString &method, const QJsonObject &params) {
        const auto input = wait(inputFor(features, method, params, {}));
        return input ? 0 : refusalOf(input.error()).code;
    };
    const QString elicit = u"elicitation/create"_s;
    EXPECT_EQ(codeFor({.elicit = accept}, elicit, {}), 0);
    EXPECT_EQ(codeFor({.elicit = accept}, elicit, {{u"mode"_s, u"form"_s}}), 0);
    EXPECT_EQ(codeFor({.elicit = accept}, elicit, {{u"mode"_s, u"url"_s}}), -32602);
    EXPECT_EQ(codeFor({.elicitByUrl = accept}, elicit, {}), -32602);
    EXPECT_EQ(codeFor({.elicit = accept, .elicitByUrl = accept}, elicit, {{u"mode"_s, u"voice"_s}}), -32602);
    EXPECT_EQ(codeFor({.sample = accept}, elicit, {}), -32601);
    const QString sample = u"sampling/createMessage"_s;
    EXPECT_EQ(codeFor({.sample = accept}, sample, {}), 0);
    EXPECT_EQ(codeFor({.sample = accept}, sample, {{u"tools"_s, QJsonArray()}}), -32602);
    EXPECT_EQ(codeFor({.sample = accept}, sample, {{u"toolChoice"_s, QJsonObject()}}), -32602);
    EXPECT_EQ(codeFor({.elicit = accept}, u"roots/list"_s, {}), -32601);
}

TEST(ClientInput, AServerLearnsNothingOfWhatWentWrongHere)
{
    const RpcError refusal = refusalOf({u"network_error"_s, u"Not even /home/ada could be read."_s});
    EXPECT_EQ(refusal.code, -32603);
    EXPECT_FALSE(refusal.message.contains(u"ada"_s));
    EXPECT_EQ(refusalOf({u"rejected"_s, u"Ada is not in the mood."_s}).code, -1);
    EXPECT_FALSE(refusalOf({u"rejected"_s, u"Ada is not in the mood."_s}).message.contains(u"Ada"_s));
}

namespace {

/// A provider with state of its own, which its coroutine reads at the end.
struct Remembering
{
    QString text;

    QCoro::Task<Result<QJsonObject>> operator()(QJsonObject, std::stop_token stop) const
    {
        co_await untilStopped(std::move(stop));
        co_await QCoro::sleepFor(10ms);
        co_return QJsonObject{{u"text"_s, text}};
    }
};

} // namespace

TEST(ClientInput, AProviderLivesUntilItsCoroutineHasEnded)
{
    const std::weak_ptr<int> gone = [] {
        const auto alive = std::make_shared<int>(0);
        const ClientFeatures features{.elicit = [provider = Remembering{QString(100, u'x')},
                                                 alive](const QJsonObject &params,
                                                        const std::stop_token &stop) { return provider(params, stop); },
                                      .inputTime = 20ms};
        EXPECT_EQ(codeOf(wait(inputFor(features, u"elicitation/create"_s, {}, {}))), u"timeout");
        return std::weak_ptr<int>(alive);
    }();
    EXPECT_FALSE(gone.expired()) << "its coroutine is still under way";
    EXPECT_TRUE(waitUntil([&] { return gone.expired(); }));
}

TEST_F(ClientQuestions, WhoeverIsAskedOrToldMayDestroyTheClient)
{
    for (const bool isQuestion : {true, false}) {
        StreamingServer server;
        std::unique_ptr<Mcp::Client> client;
        auto ownHttp = std::make_unique<Http::Client>();
        const auto destroy = [&] {
            client.reset();
            ownHttp.reset();
        };
        ClientFeatures features;
        features.elicit = [&](const QJsonObject &params, const std::stop_token &stop) {
            destroy();
            return acceptAll(params, stop);
        };
        features.onNotification = [&](const QString &, const QJsonObject &) { destroy(); };
        client = std::make_unique<Mcp::Client>(
            ownHttp.get(), Mcp::ClientOptions{.url = server.url(), .name = u"tests"_s, .features = features});
        auto call = client->callTool(u"a"_s, {});
        ASSERT_TRUE(waitUntil([&] { return server.stream != nullptr; }));
        if (isQuestion)
            server.write(elicitation(1));
        server.write(notification(u"notifications/message"_s));
        server.write(notification(u"notifications/message"_s));
        EXPECT_EQ(codeOf(wait(std::move(call))), u"cancelled");
        EXPECT_EQ(client, nullptr);
    }
}

// 2025-11-25 elicitation, URL Elicitation Required Error
TEST_F(ClientQuestions, ARequestIsSentAgainWhenThePagesThatItNeedsAreVisited)
{
    const auto page = [](const QString &id) {
        return QJsonObject{{u"mode"_s, u"url"_s},
                           {u"elicitationId"_s, id},
                           {u"url"_s, u"https://pay.example/"_s + id},
                           {u"message"_s, u"Sign in"_s}};
    };
    const QJsonObject data{{u"elicitations"_s, QJsonArray{page(u"a"_s), page(u"b"_s)}}};
    std::shared_ptr<Http::Stream> aside;
    int calls = 0;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        if (request.method == "GET") {
            Http::Response response = events({});
            response.stream = aside = std::make_shared<Http::Stream>();
            aside->write(": open\n\n");
            return response;
        }
        if (message.value("method"_L1) == "tools/call"_L1 && ++calls % 2 == 1)
            return rpcFault(message, 200, -32042, data);
        return legacy(empty)(message, request);
    });
    QStringList visited;
    bool isWilling = true;
    const auto visit = [&](const QJsonObject &params, const std::stop_token &) {
        visited.append(params.value("url"_L1).toString());
        QJsonObject complete = notification(u"notifications/elicitation/complete"_s);
        complete.insert(u"params"_s, QJsonObject{{u"elicitationId"_s, params.value("elicitationId"_L1)}});
        aside->write(eventOf(complete)); // at once, perhaps before the request waits for it
        return answeredWith({{u"action"_s, isWilling ? u"accept"_s : u"decline"_s}});
    };
    const auto client = clientAt(server, {.elicitByUrl = visit});
    EXPECT_TRUE(wait(client->callTool(u"a"_s, {})));
    EXPECT_EQ(visited, (QStringList{u"https://pay.example/a"_s, u"https://pay.example/b"_s}));
    EXPECT_EQ(calls, 2);

    isWilling = false;
    const auto declined = wait(client->callTool(u"a"_s, {}));
    ASSERT_EQ(codeOf(declined), u"rpc_error");
    EXPECT_EQ(declined.error().details.value("code"_L1), -32042);
    EXPECT_EQ(calls, 3);
    wait(client->close());

    calls = 0;
    const auto unable = clientAt(server, {.elicit = acceptAll}); // declared no URL mode
    EXPECT_EQ(codeOf(wait(unable->callTool(u"a"_s, {}))), u"rpc_error");
    EXPECT_EQ(calls, 1);
    wait(unable->close());
}

// 2025-11-25 transports, Resumability and Redelivery; SEP-1699 polling
TEST_F(ClientQuestions, AStreamThatIsPolledGoesOnAsLongAsItsEventsDo)
{
    int polls = 0;
    QByteArray last = "e-0";
    QJsonValue id;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        if (request.method == "GET") {
            ++polls;
            EXPECT_EQ(request.header("Last-Event-ID"), last);
            if (polls == 10)
                return events(eventOf(rpcResult(id, {{u"late"_s, true}})));
            if (polls % 5 == 0) // a stream without a word: what it follows is what the one before said
                return events(": idle\n\n");
            last = "e-" + QByteArray::number(polls);
            return events("id: " + last + "\ndata:\n\n");
        }
        if (message.value("method"_L1) == "ping"_L1) {
            id = message.value("id"_L1);
            return events("id: e-0\nretry: 1\ndata:\n\n");
        }
        return legacy(empty)(message, request);
    });
    QElapsedTimer timer;
    timer.start();
    const auto answer = wait(clientAt(server)->request(u"ping"_s));
    ASSERT_TRUE(answer) << answer.error().message.toStdString();
    EXPECT_EQ(polls, 10);
    EXPECT_LT(timer.elapsed(), 2'000) << "one retry field is for all of them";
}

TEST_F(ClientQuestions, AnEventMayBeAsLargeAsABody)
{
    ScriptedServer server(legacy([&](const QJsonObject &message, const Http::Request &) {
        return events(eventOf(rpcResult(message.value("id"_L1), {{u"text"_s, QString(3'000'000, u'x')}})));
    }));
    Http::Client wide({.limits = {.bodyBytes = 4'000'000}});
    Mcp::Client client(&wide, {.url = server.url(), .name = u"tests"_s});
    const auto answer = wait(client.request(u"ping"_s));
    ASSERT_TRUE(answer) << answer.error().message.toStdString();
    EXPECT_EQ(answer->value("text"_L1).toString().size(), 3'000'000);
}

TEST_F(ClientQuestions, AnEventOverTheBoundEndsAFollowedStream)
{
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        return request.method == "GET" ? events("id: e\ndata: " + QByteArray(5'000, 'x') + "\n\n")
                                       : legacy(empty)(message, request);
    });
    Http::Client narrow({.limits = {.bodyBytes = 4'096}});
    Mcp::Client client(&narrow, {.url = server.url(), .name = u"tests"_s});
    EXPECT_EQ(codeOf(wait(client.follow())), u"body_too_large");
    EXPECT_EQ(server.methods().count(u"GET"_s), 1);
}

TEST_F(ClientQuestions, AFollowedStreamMayGrowWithoutEnd)
{
    Http::Client narrow({.limits = {.bodyBytes = 4'096, .timeout = 1s}});
    std::shared_ptr<Http::Stream> stream;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        if (request.method != "GET")
            return legacy(empty)(message, request);
        Http::Response response = events({});
        response.stream = stream = std::make_shared<Http::Stream>();
        return response;
    });
    int heard = 0;
    Mcp::Client client(
        &narrow,
        {.url = server.url(), .name = u"tests"_s, .features = {.onNotification = [&](auto &&...) { ++heard; }}});
    auto following = client.follow();
    ASSERT_TRUE(waitUntil([&] { return stream != nullptr; }));
    for (int i = 0; i < 20; ++i) {
        stream->write(eventOf(notification(u"notifications/"_s + QString(1'000, u'x'))));
        wait(QCoro::sleepFor(75ms)); // which is more than the time-out in all
    }
    EXPECT_TRUE(waitUntil([&] { return heard == 20; }));
    EXPECT_EQ(server.methods().count(u"GET"_s), 1);
    wait(client.close());
    EXPECT_EQ(codeOf(wait(std::move(following))), u"cancelled");
}

TEST_F(ClientQuestions, WhatARefusalSaysInEventsIsNotHeard)
{
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        if (message.value("method"_L1) != "ping"_L1)
            return legacy(empty)(message, request);
        Http::Response refused = events(eventOf(notification(u"notifications/message"_s)));
        refused.status = 401;
        return refused;
    });
    bool isHeard = false;
    const auto client = clientAt(server, {.onNotification = [&](auto &&...) { isHeard = true; }});
    EXPECT_EQ(codeOf(wait(client->request(u"ping"_s))), u"unauthorized");
    EXPECT_FALSE(isHeard);
}

TEST_F(ClientQuestions, WhatWasNeverSentIsNotTakenBack)
{
    StreamingServer server;
    const auto client = clientAt(server);
    ASSERT_TRUE(wait(client->connectToServer()));
    const qsizetype before = server.requests.size();
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(codeOf(wait(client->callTool(u"a"_s, {}, {.stop = stop.get_token()}))), u"cancelled");
    EXPECT_TRUE(wait(client->request(u"ping"_s)));
    EXPECT_EQ(server.methods().mid(before), QStringList{u"ping"_s});
}

TEST_F(ClientQuestions, NothingOfAClosedClientIsSentAfterTheHandshakeThatItWaitedFor)
{
    std::shared_ptr<Http::Stream> slow;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        if (message.value("method"_L1) != "initialize"_L1 || slow)
            return legacy(empty)(message, request);
        Http::Response response = events({}).set("Mcp-Session-Id", "s-0");
        response.stream = slow = std::make_shared<Http::Stream>();
        return response;
    });
    const auto client = clientAt(server);
    auto waiting = client->request(u"ping"_s);
    ASSERT_TRUE(waitUntil([&] { return slow != nullptr; }));
    auto closing = client->close();
    auto next = client->request(u"tools/list"_s); // of the client as it is after close()
    EXPECT_EQ(codeOf(wait(std::move(waiting))), u"cancelled");
    wait(std::move(closing));
    EXPECT_TRUE(wait(std::move(next)));
    EXPECT_EQ(server.methods(),
              (QStringList{u"initialize"_s, u"initialize"_s, u"notifications/initialized"_s, u"tools/list"_s}));
}

TEST_F(ClientQuestions, TheCallersProgressTokenIsKept)
{
    ScriptedServer server(legacy(empty));
    const auto client = clientAt(server, {.onNotification = [](auto &&...) {}});
    const QJsonObject own{{u"progressToken"_s, u"mine"_s}};
    ASSERT_TRUE(wait(client->request(u"tools/call"_s, {{u"name"_s, u"a"_s}, {u"_meta"_s, own}})));
    ASSERT_TRUE(wait(client->callTool(u"b"_s, {})));
    const auto tokenOf = [&](qsizetype index) {
        return server.message(index).value("params"_L1)["_meta"_L1]["progressToken"_L1];
    };
    const qsizetype first = server.methods().indexOf(u"tools/call"_s);
    EXPECT_EQ(tokenOf(first), u"mine"_s);
    EXPECT_EQ(tokenOf(first + 1), server.message(first + 1).value("id"_L1));
}

TEST_F(ClientQuestions, NobodyIsAskedForInputThatIsNotSentAnyMore)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &) {
        if (message.value("method"_L1) == "server/discover"_L1)
            return result(message, {});
        return result(message, {{u"resultType"_s, u"input_required"_s},
                                {u"inputRequests"_s, QJsonObject{{u"q"_s, elicitation(1)}}}});
    });
    int asked = 0;
    const InputProvider counting = [&](const QJsonObject &params, const std::stop_token &stop) {
        ++asked;
        return acceptAll(params, stop);
    };
    const auto client = clientAt(server, {.elicit = counting}, u"2026-07-28"_s);
    EXPECT_EQ(codeOf(wait(client->callTool(u"a"_s, {}))), u"too_many_rounds");
    EXPECT_EQ(asked, maxInputRounds);
}

TEST_F(ClientQuestions, MoreInputThanTheBoundAllowsIsAnError)
{
    QJsonObject many;
    for (int i = 0; i <= maxServerRequests; ++i)
        many.insert(QString::number(i), elicitation(i));
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &) {
        if (message.value("method"_L1) == "server/discover"_L1)
            return result(message, {});
        return result(message, {{u"resultType"_s, u"input_required"_s}, {u"inputRequests"_s, many}});
    });
    Person person;
    const auto client = clientAt(server, {.elicit = person.provider()}, u"2026-07-28"_s);
    EXPECT_EQ(codeOf(wait(client->callTool(u"a"_s, {}))), u"invalid_rpc_response");
    EXPECT_TRUE(person.asked.isEmpty());
}

// 2026-07-28 subscriptions
TEST_F(ClientQuestions, AServerThatOnlyAcknowledgesIsLeftInPeace)
{
    ScriptedServer server([](const QJsonObject &message, const Http::Request &) {
        if (message.value("method"_L1) == "server/discover"_L1)
            return result(message, {});
        return events("retry: 1\n" + eventOf(notification(u"notifications/subscriptions/acknowledged"_s)));
    });
    const auto client = clientAt(server, {.onNotification = [](auto &&...) {}}, u"2026-07-28"_s);
    EXPECT_EQ(codeOf(wait(client->follow())), u"connection_closed");
    EXPECT_EQ(server.methods().count(u"subscriptions/listen"_s), 1 + maxReconnections);
}

TEST_F(ClientQuestions, FollowingBeginsAnewWhereAStreamHasEnded)
{
    bool isDown = true;
    std::shared_ptr<Http::Stream> stream;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        if (request.method != "GET")
            return legacy(empty)(message, request);
        if (isDown)
            return Http::Response::empty(500);
        Http::Response response = events({});
        response.stream = stream = std::make_shared<Http::Stream>();
        stream->write(": open\n\n");
        return response;
    });
    const auto client = clientAt(server, {.onNotification = [](auto &&...) {}});
    EXPECT_EQ(codeOf(wait(client->follow())), u"http_error");
    isDown = false;
    std::stop_source stop;
    auto following = client->follow({}, stop.get_token());
    ASSERT_TRUE(waitUntil([&] { return stream != nullptr; }));
    stop.request_stop();
    EXPECT_EQ(codeOf(wait(std::move(following))), u"cancelled");
}

TEST_F(ClientQuestions, FollowingGoesOnInANewSessionAndUnsubscribesAtItsEnd)
{
    int sessions = 0;
    std::shared_ptr<Http::Stream> stream;
    ScriptedServer server([&](const QJsonObject &message, const Http::Request &request) {
        if (request.method == "GET") {
            if (request.header("Mcp-Session-Id") == "s-1")
                return Http::Response::empty(404);
            Http::Response response = events({});
            response.stream = stream = std::make_shared<Http::Stream>();
            stream->write(": open\n\n");
            return response;
        }
        if (message.value("method"_L1) == "initialize"_L1)
            return result(message, agreedOn(u"2025-11-25"_s))
                .set("Mcp-Session-Id", "s-" + QByteArray::number(++sessions));
        return message.contains("id"_L1) ? result(message, {}) : Http::Response::empty(202);
    });
    const auto client = clientAt(server, {.onNotification = [](auto &&...) {}});
    std::stop_source one;
    std::stop_source other;
    auto following = client->follow({u"test://a"_s, u"test://b"_s}, one.get_token());
    ASSERT_TRUE(waitUntil([&] { return stream != nullptr; }));
    auto too = client->follow({u"test://a"_s}, other.get_token());
    ASSERT_TRUE(waitUntil([&] { return server.methods().count(u"resources/subscribe"_s) == 5; }));
    EXPECT_EQ(sessions, 2);
    EXPECT_EQ(server.requests.last().header("Mcp-Session-Id"), "s-2");
    const auto unsubscribed = [&] {
        QStringList uris;
        for (qsizetype i = 0; i < server.requests.size(); ++i) {
            if (server.message(i).value("method"_L1) == "resources/unsubscribe"_L1)
                uris.append(server.message(i).value("params"_L1)["uri"_L1].toString());
        }
        return uris;
    };
    one.request_stop();
    EXPECT_EQ(codeOf(wait(std::move(following))), u"cancelled");
    EXPECT_TRUE(waitUntil([&] { return unsubscribed() == QStringList{u"test://b"_s}; }))
        << unsubscribed().join(u' ').toStdString() << " while the other follows a";
    other.request_stop();
    EXPECT_EQ(codeOf(wait(std::move(too))), u"cancelled");
    EXPECT_TRUE(waitUntil([&] { return unsubscribed() == (QStringList{u"test://b"_s, u"test://a"_s}); }));
}

TEST_F(ClientQuestions, FollowingCanBeStoppedWhileItConnects)
{
    std::shared_ptr<Http::Stream> slow;
    ScriptedServer server([&](const QJsonObject &, const Http::Request &) {
        Http::Response response = events({});
        response.stream = slow = std::make_shared<Http::Stream>();
        return response;
    });
    const auto client = clientAt(server);
    std::stop_source stop;
    auto following = client->follow({}, stop.get_token());
    ASSERT_TRUE(waitUntil([&] { return slow != nullptr; }));
    stop.request_stop();
    EXPECT_EQ(codeOf(wait(std::move(following))), u"cancelled");
}
