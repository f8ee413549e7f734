// Our client at our endpoint: what a server asks and tells, in sessions and in stateless requests.
#include "http/stream.h"
#include "mcp/client.h"
#include "mcp/clientinput_p.h"
#include "support/rawclient.h"
#include "testserver.h"

#include <QCoroTimer>

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;
using namespace std::chrono_literals;

namespace {

QJsonObject formWithDefault()
{
    return nameForm({{u"default"_s, u"nobody"_s}});
}

QString greeting(const QJsonObject &answer)
{
    return u"Hello, "_s + answer.value("content"_L1)["name"_L1].toString(answer.value("action"_L1).toString());
}

QCoro::Task<ToolResult> greet(QJsonObject, Context context)
{
    const auto answer = co_await context.elicit(u"Who are you?"_s, formWithDefault());
    co_return answer ? ToolResult::text(greeting(*answer)) : ToolResult::error(answer.error().code);
}

/// Two rounds, the second with two questions.
QCoro::Task<ToolResult> survey(QJsonObject, Context context)
{
    const auto first = co_await context.elicit(u"Who are you?"_s, formWithDefault());
    if (!first)
        co_return ToolResult::error(first.error().code);
    const auto rest = co_await context.ask(
        {{u"place"_s, InputRequest::roots()},
         {u"rhyme"_s, InputRequest::sampling({{u"messages"_s, QJsonArray()}, {u"maxTokens"_s, 9}})}});
    if (!rest)
        co_return ToolResult::error(rest.error().code);
    co_return ToolResult::text(u"%1, %2, %3"_s.arg(greeting(*first),
                                                   rest->value(u"place"_s)["roots"_L1][0]["uri"_L1].toString(),
                                                   rest->value(u"rhyme"_s)["content"_L1]["text"_L1].toString()));
}

QCoro::Task<ToolResult> visit(QJsonObject, Context context)
{
    const auto answer =
        co_await context.ask({{u"page"_s, InputRequest::url(u"Sign in"_s, u"https://pay.example/7"_s)}});
    co_return answer ? ToolResult::text(answer->value(u"page"_s).value("action"_L1).toString())
                     : ToolResult::error(answer.error().code);
}

QCoro::Task<ToolResult> work(QJsonObject, Context context)
{
    context.log(LogLevel::Info, u"begun"_s);
    context.progress(1, 2, u"half"_s);
    context.progress(2, 2);
    co_return ToolResult::text(u"done"_s);
}

QCoro::Task<ToolResult> lose(QJsonObject, Context context)
{
    context.progress(1);
    context.disconnect(5ms);
    const auto answer = co_await context.elicit(u"Who are you?"_s, formWithDefault());
    co_return answer ? ToolResult::text(greeting(*answer)) : ToolResult::error(answer.error().code);
}

QCoro::Task<Result<QJsonObject>> given(QJsonObject result)
{
    co_return result;
}

InputProvider always(const QJsonObject &result, QList<QJsonObject> *asked = nullptr)
{
    return [result, asked](const QJsonObject &params, const std::stop_token &) {
        if (asked)
            asked->append(params);
        return given(result);
    };
}

QCoro::Task<Result<QJsonObject>> rejecting(QJsonObject, std::stop_token)
{
    co_return fail(u"rejected"_s, u"Nobody wants to."_s);
}

QCoro::Task<Result<QJsonObject>> acceptingSlowly(QJsonObject, std::stop_token)
{
    co_await QCoro::sleepFor(2500ms);
    co_return QJsonObject{{u"action"_s, u"accept"_s}, {u"content"_s, QJsonObject{{u"name"_s, u"Ada"_s}}}};
}

/// Holds `alive` until it has ended.
QCoro::Task<Result<QJsonObject>> acceptingSlowlyWith(std::shared_ptr<int> alive, QJsonObject params,
                                                     std::stop_token stop)
{
    Result<QJsonObject> accepted = co_await acceptingSlowly(std::move(params), std::move(stop));
    *alive = 1;
    co_return accepted;
}

QCoro::Task<Result<QJsonObject>> never(std::stop_token stop)
{
    co_await untilStopped(std::move(stop));
    co_return fail(u"cancelled"_s, {});
}

QCoro::Task<ToolResult> withoutEnd(std::stop_token stop)
{
    co_await untilStopped(std::move(stop));
    co_return ToolResult::error(u"stopped"_s);
}

QJsonObject accepted(const QString &name)
{
    return {{u"action"_s, u"accept"_s}, {u"content"_s, QJsonObject{{u"name"_s, name}}}};
}

QString textOf(const Result<CallResult> &result)
{
    return result ? result->content[0]["text"_L1].toString() : result.error().code;
}

class ClientFeaturesIn : public testing::TestWithParam<const char *>
{
protected:
    ClientFeaturesIn()
    {
        for (const auto &[name, handler] : QList<std::pair<QString, ToolHandler>>{
                 {u"greet"_s, greet}, {u"survey"_s, survey}, {u"visit"_s, visit}, {u"work"_s, work}, {u"lose"_s, lose}})
            add(name, handler);
    }

    void add(const QString &name, const ToolHandler &handler) { addTo(server, name, handler); }
    static void addTo(const TestServer &to, const QString &name, const ToolHandler &handler)
    {
        EXPECT_TRUE(
            to.endpoint->addTool({.name = name, .inputSchema = {{u"type"_s, u"object"_s}}, .handler = handler}));
    }

    std::unique_ptr<Mcp::Client> clientWith(const ClientFeatures &features) { return clientAt(server, features); }
    std::unique_ptr<Mcp::Client> clientAt(const TestServer &at, const ClientFeatures &features)
    {
        return std::make_unique<Mcp::Client>(&http, Mcp::ClientOptions{.url = at.server.origin() + u"/mcp"_s,
                                                                       .revision = revision,
                                                                       .keepsRevision = true,
                                                                       .name = u"tests"_s,
                                                                       .features = features});
    }

    /// By a server of its own, whose tool asks this person.
    std::unique_ptr<Mcp::Client> greetedBy(const TestServer &by, const InputProvider &person)
    {
        addTo(by, u"greet"_s, greet);
        return clientAt(by, {.elicit = person});
    }

    /// Each notification as its method and parameters.
    ClientFeatures listening()
    {
        return {.onNotification = [this](const QString &method, const QJsonObject &params) {
            heard.append({method, params});
        }};
    }

    [[nodiscard]] QStringList methodsHeard() const
    {
        QStringList methods;
        for (const auto &[method, params] : heard)
            methods.append(method);
        return methods;
    }

    const QString revision = QString::fromLatin1(GetParam());
    TestServer server;
    Http::Client http;
    QList<std::pair<QString, QJsonObject>> heard;
};

} // namespace

TEST_P(ClientFeaturesIn, AFormIsFilledIn)
{
    QList<QJsonObject> asked;
    const auto client = clientWith({.elicit = always(accepted(u"Ada"_s), &asked)});
    EXPECT_EQ(textOf(wait(client->callTool(u"greet"_s, {}))), u"Hello, Ada");
    ASSERT_EQ(asked.size(), 1);
    EXPECT_EQ(asked.first().value("message"_L1), u"Who are you?"_s);
    EXPECT_EQ(withDefaults(asked.first().value("requestedSchema"_L1).toObject()),
              QJsonObject({{u"name"_s, u"nobody"_s}}));
}

TEST_P(ClientFeaturesIn, EveryKindOfInputGetsItsAnswerInAsManyRoundsAsItTakes)
{
    const QJsonObject roots{{u"roots"_s, QJsonArray{QJsonObject{{u"uri"_s, u"file:///home"_s}}}}};
    const QJsonObject sample{{u"role"_s, u"assistant"_s},
                             {u"model"_s, u"m"_s},
                             {u"content"_s, QJsonObject{{u"type"_s, u"text"_s}, {u"text"_s, u"verse"_s}}}};
    const auto client =
        clientWith({.elicit = always(accepted(u"Ada"_s)), .sample = always(sample), .listRoots = always(roots)});
    EXPECT_EQ(textOf(wait(client->callTool(u"survey"_s, {}))), u"Hello, Ada, file:///home, verse");
}

TEST_P(ClientFeaturesIn, AUrlIsForTheFeatureThatAsksForConsent)
{
    QList<QJsonObject> asked;
    const auto client = clientWith({.elicitByUrl = always({{u"action"_s, u"accept"_s}}, &asked)});
    EXPECT_EQ(textOf(wait(client->callTool(u"visit"_s, {}))), u"accept");
    ASSERT_EQ(asked.size(), 1);
    EXPECT_EQ(asked.first().value("url"_L1), u"https://pay.example/7"_s);
}

TEST_P(ClientFeaturesIn, WhatIsNotProvidedIsNotDeclared)
{
    const auto client = clientWith({});
    const auto result = wait(client->callTool(u"greet"_s, {}));
    if (isStateless(revision)) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().details.value("code"_L1).toInt(),
                  static_cast<int>(RpcErrorCode::MissingRequiredClientCapability));
    } else {
        EXPECT_EQ(textOf(result), u"capability_missing");
    }
}

TEST_P(ClientFeaturesIn, ARefusalReachesWhoeverWaits)
{
    const auto client = clientWith({.elicit = rejecting});
    EXPECT_EQ(textOf(wait(client->callTool(u"greet"_s, {}))),
              isStateless(revision) ? u"rejected" : u"client_error"); // the tool says so in a session
}

TEST_P(ClientFeaturesIn, ProgressAndLogsAreHeard)
{
    ClientFeatures features = listening();
    features.logLevel = u"debug"_s;
    const auto client = clientWith(features);
    EXPECT_EQ(textOf(wait(client->callTool(u"work"_s, {}))), u"done");
    EXPECT_EQ(methodsHeard(),
              (QStringList{u"notifications/message"_s, u"notifications/progress"_s, u"notifications/progress"_s}));
    EXPECT_EQ(heard.at(1).second.value("message"_L1), u"half"_s);
}

TEST_P(ClientFeaturesIn, LogsComeOnlyWhereTheyAreWanted)
{
    const auto client = clientWith(listening());
    EXPECT_EQ(textOf(wait(client->callTool(u"work"_s, {}))), u"done");
    const qsizetype logs = methodsHeard().count(u"notifications/message"_s);
    EXPECT_EQ(logs, isStateless(revision) ? 0 : 1); // a session's server decides where nobody has set a level
}

TEST_P(ClientFeaturesIn, APersonsTimeIsNotTheServers)
{
    const auto client = clientWith({.elicit = acceptingSlowly});
    ASSERT_TRUE(wait(client->connectToServer()));
    EXPECT_EQ(textOf(wait(client->callTool(u"greet"_s, {}, {.timeout = 2s}))), u"Hello, Ada");
}

TEST_P(ClientFeaturesIn, APersonsTimeIsNotTheToolsEither)
{
    EndpointOptions options;
    options.toolTimeout = 1s;
    options.inputTime = 4s;
    TestServer patient({}, options);
    const auto client = greetedBy(patient, acceptingSlowly);
    EXPECT_EQ(textOf(wait(client->callTool(u"greet"_s, {}))), u"Hello, Ada");
}

TEST_P(ClientFeaturesIn, AToolDoesNotWaitForAPersonForEver)
{
    EndpointOptions options;
    options.toolTimeout = 200ms;
    options.inputTime = 500ms;
    TestServer hasty({}, options);
    const auto person = std::make_shared<int>(0);
    const auto client = greetedBy(hasty, [person](const QJsonObject &params, const std::stop_token &stop) {
        return acceptingSlowlyWith(person, params, stop);
    });
    QElapsedTimer timer;
    timer.start();
    const QString text = textOf(wait(client->callTool(u"greet"_s, {})));
    EXPECT_GE(timer.elapsed(), 700);
    if (isStateless(revision)) {
        EXPECT_EQ(text, u"Hello, Ada") << "no call waits: it ends with its questions, and is made again";
    } else {
        EXPECT_TRUE(text.contains(u"did not finish in time"_s)) << text.toStdString();
    }
    EXPECT_TRUE(waitUntil([&] { return *person == 1; })) << "whom nobody asks any more";
    wait(client->close());
    wait(QCoro::sleepFor(1ms)); // his coroutine's frame goes with the event that it ended by
}

TEST_P(ClientFeaturesIn, ARequestHasATimeOfItsOwnAndTheServerHearsOfItsEnd)
{
    std::stop_token serverStop;
    bool isReached = false;
    add(u"wait"_s, [&](const QJsonObject &, const Context &context) {
        serverStop = context.stop();
        isReached = true;
        return withoutEnd(context.stop());
    });
    const auto client = clientWith({});
    ASSERT_TRUE(wait(client->connectToServer()));
    EXPECT_EQ(textOf(wait(client->callTool(u"wait"_s, {}, {.timeout = 1s}))), u"timeout");
    EXPECT_TRUE(waitUntil([&] { return serverStop.stop_requested(); }));

    isReached = false;
    std::stop_source stop;
    auto call = client->callTool(u"wait"_s, {}, {.stop = stop.get_token()});
    ASSERT_TRUE(waitUntil([&] { return isReached; }));
    stop.request_stop();
    EXPECT_EQ(textOf(wait(std::move(call))), u"cancelled");
    EXPECT_TRUE(waitUntil([&] { return serverStop.stop_requested(); }));
    EXPECT_EQ(textOf(wait(client->callTool(u"work"_s, {}))), u"done");
}

TEST_P(ClientFeaturesIn, WhatIsAskedEndsWithTheRequest)
{
    std::stop_token asked;
    const InputProvider pending = [&](const QJsonObject &, const std::stop_token &stopped) {
        asked = stopped;
        return never(stopped);
    };
    const auto client = clientWith({.elicit = pending});
    std::stop_source stop;
    auto call = client->callTool(u"greet"_s, {}, {.stop = stop.get_token()});
    ASSERT_TRUE(waitUntil([&] { return asked.stop_possible(); }));
    EXPECT_FALSE(asked.stop_requested());
    stop.request_stop();
    EXPECT_EQ(textOf(wait(std::move(call))), u"cancelled");
    EXPECT_TRUE(waitUntil([&] { return asked.stop_requested(); }));
}

TEST_P(ClientFeaturesIn, ChangedListsAndResourcesAreHeardWhileTheyAreFollowed)
{
    ASSERT_TRUE(server.endpoint->addResource(
        {.uri = u"test://news"_s, .name = u"news"_s, .handler = [](const QString &, const Context &) {
             return Result<QList<ResourceContents>>(QList<ResourceContents>{{.content = u"none"_s}});
         }}));
    const auto client = clientWith(listening());
    std::stop_source stop;
    auto following = client->follow({u"test://news"_s}, stop.get_token());
    ASSERT_TRUE(waitUntil([&] {
        server.endpoint->announce(Change::Tools);
        return methodsHeard().contains(u"notifications/tools/list_changed"_s);
    }));
    ASSERT_TRUE(waitUntil([&] {
        server.endpoint->resourceUpdated(u"test://news"_s);
        return methodsHeard().contains(u"notifications/resources/updated"_s);
    }));
    stop.request_stop();
    EXPECT_EQ(codeOf(wait(std::move(following))), u"cancelled");
}

INSTANTIATE_TEST_SUITE_P(Revisions, ClientFeaturesIn, testing::Values("2025-11-25", "2026-07-28"),
                         [](const auto &revision) {
                             return QString::fromLatin1(revision.param).remove(u'-').toStdString();
                         });
