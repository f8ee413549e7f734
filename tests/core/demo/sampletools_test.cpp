#include "demo/sampletools.h"
#include "demo/todostore_p.h"
#include "mcp/schema_p.h"
#include "support/result.h"

using namespace Qt::StringLiterals;
using namespace McpAuth;
using namespace McpAuth::Demo;
using McpAuth::Test::wait;

namespace {

Bearer::AuthInfo caller(const QString &subject, const QString &issuer = u"https://a.example"_s)
{
    return {.token = Secret("eyJhbGciOiJFUzI1NiJ9.raw.token"),
            .issuer = issuer,
            .subject = subject,
            .clientId = u"inspector"_s,
            .scopes = {u"read:todos"_s},
            .audience = {u"https://mcp.example/mcp"_s},
            .expiresAt = 1'767'226'200,
            .claims = {{u"sub"_s, subject}, {u"email"_s, u"alice@example.org"_s}}};
}

Mcp::Context context(const std::optional<Bearer::AuthInfo> &auth)
{
    return {auth ? std::make_shared<const Bearer::AuthInfo>(*auth) : nullptr, {}, u"2025-11-25"_s};
}

/// The tools of one server, called as the endpoint does: arguments first held against the schema.
class Tools
{
public:
    Mcp::ToolResult call(const QString &name, const QJsonObject &arguments,
                         const std::optional<Bearer::AuthInfo> &auth = caller(u"alice"_s)) const
    {
        const auto tool = std::ranges::find(m_tools, name, &Mcp::Tool::name);
        EXPECT_NE(tool, m_tools.end()) << name.toStdString();
        const auto schema = Mcp::Schema::compile(tool->inputSchema);
        EXPECT_TRUE(schema && schema->check(arguments)) << name.toStdString();
        return std::get<Mcp::ToolFunction>(tool->handler)(arguments, context(auth)).value();
    }

    QJsonObject json(const QString &name, const QJsonObject &arguments = {},
                     const std::optional<Bearer::AuthInfo> &auth = caller(u"alice"_s)) const
    {
        return call(name, arguments, auth).structuredContent.value_or(QJsonObject{}).toObject();
    }

    QStringList todosOf(const std::optional<Bearer::AuthInfo> &auth) const
    {
        QStringList contents;
        const QJsonArray todos = json(u"list_todos"_s, {}, auth).value("todos"_L1).toArray();
        for (const QJsonValue todo : todos)
            contents.append(todo["content"_L1].toString());
        return contents;
    }

private:
    QList<Mcp::Tool> m_tools = sampleTools();
};

} // namespace

TEST(SampleTools, AskForTheScopesOfTheToDoManager)
{
    QHash<QString, QStringList> scopes;
    const QList<Mcp::Tool> tools = sampleTools();
    for (const Mcp::Tool &tool : tools)
        scopes.insert(tool.name, tool.requiredScopes);
    EXPECT_EQ(scopes, (QHash<QString, QStringList>{{u"whoami"_s, {}},
                                                   {u"add"_s, {}},
                                                   {u"create_todo"_s, {u"create:todos"_s}},
                                                   {u"list_todos"_s, {u"read:todos"_s}},
                                                   {u"delete_todo"_s, {u"delete:todos"_s}}}));
}

TEST(SampleTools, SayWhoIsCallingButNeverTheToken)
{
    const Tools tools;
    const Mcp::ToolResult result = tools.call(u"whoami"_s, {});
    EXPECT_EQ(result.structuredContent,
              (QJsonObject{{u"authenticated"_s, true},
                           {u"issuer"_s, u"https://a.example"_s},
                           {u"subject"_s, u"alice"_s},
                           {u"clientId"_s, u"inspector"_s},
                           {u"scopes"_s, QJsonArray{u"read:todos"_s}},
                           {u"audience"_s, QJsonArray{u"https://mcp.example/mcp"_s}},
                           {u"expiresAt"_s, 1'767'226'200},
                           {u"claims"_s, QJsonObject{{u"sub"_s, u"alice"_s}, {u"email"_s, u"alice@example.org"_s}}}}));
    EXPECT_FALSE(toJsonText(result.structuredContent.value_or(QJsonObject{}).toObject()).contains("eyJ"));
    EXPECT_EQ(tools.json(u"whoami"_s, {}, std::nullopt), (QJsonObject{{u"authenticated"_s, false}}));
}

TEST(SampleTools, AddNumbers)
{
    const Tools tools;
    EXPECT_EQ(tools.json(u"add"_s, {{u"a"_s, 2}, {u"b"_s, 0.5}}), (QJsonObject{{u"sum"_s, 2.5}}));
    EXPECT_TRUE(tools.call(u"add"_s, {{u"a"_s, 1e308}, {u"b"_s, 1e308}}).isError);
}

TEST(SampleTools, KeepEveryonesItemsApart)
{
    const Tools tools;
    const auto alice = caller(u"alice"_s);
    const auto bob = caller(u"bob"_s);
    const auto otherAlice = caller(u"alice"_s, u"https://b.example"_s);
    const QString id =
        tools.json(u"create_todo"_s, {{u"content"_s, u"water the plants"_s}}, alice).value("id"_L1).toString();
    EXPECT_EQ(tools.todosOf(alice), QStringList{u"water the plants"_s});
    EXPECT_TRUE(tools.todosOf(bob).isEmpty());
    EXPECT_TRUE(tools.todosOf(otherAlice).isEmpty());
    EXPECT_TRUE(tools.todosOf(std::nullopt).isEmpty());

    EXPECT_TRUE(tools.call(u"delete_todo"_s, {{u"id"_s, id}}, bob).isError);
    EXPECT_EQ(tools.json(u"delete_todo"_s, {{u"id"_s, id}}, alice).value("content"_L1),
              QJsonValue(u"water the plants"_s));
    EXPECT_TRUE(tools.call(u"delete_todo"_s, {{u"id"_s, id}}, alice).isError);
    EXPECT_TRUE(tools.todosOf(alice).isEmpty());
}

TEST(SampleTools, TellUsersApartWhoseNamesOnlyJoinToTheSame)
{
    const Tools tools;
    (void)tools.call(u"create_todo"_s, {{u"content"_s, u"x"_s}}, caller(u"bc"_s, u"a"_s));
    EXPECT_TRUE(tools.todosOf(caller(u"c"_s, u"ab"_s)).isEmpty());
}

TEST(SampleTools, ServeEverybodyTogetherWithoutAuth)
{
    const Tools tools;
    (void)tools.call(u"create_todo"_s, {{u"content"_s, u"x"_s}}, std::nullopt);
    EXPECT_EQ(tools.todosOf(std::nullopt), QStringList{u"x"_s});
}

TEST(SampleTools, OfAnotherServerHaveAnotherList)
{
    const Tools one;
    const Tools other;
    (void)one.call(u"create_todo"_s, {{u"content"_s, u"x"_s}});
    EXPECT_TRUE(other.todosOf(caller(u"alice"_s)).isEmpty());
}

TEST(TodoStore, IsBoundedPerUser)
{
    TodoStore store;
    for (int i = 0; i < maxTodosPerUser; ++i)
        ASSERT_TRUE(store.create(u"alice"_s, u"x"_s));
    EXPECT_EQ(McpAuth::Test::codeOf(store.create(u"alice"_s, u"x"_s)), u"too_many_todos"_s);
    EXPECT_TRUE(store.create(u"bob"_s, u"x"_s));
    ASSERT_TRUE(store.remove(u"alice"_s, u"1"_s));
    const auto next = store.create(u"alice"_s, u"x"_s);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->id, QString::number(maxTodosPerUser + 1)); // an id is never given out twice
}

TEST(TodoStore, ForgetsTheUserLongestUnused)
{
    TodoStore store;
    for (int i = 0; i < maxTodoUsers; ++i)
        ASSERT_TRUE(store.create(QString::number(i), u"x"_s));
    EXPECT_EQ(store.list(u"0"_s).size(), 1);
    ASSERT_TRUE(store.create(u"newcomer"_s, u"x"_s));
    EXPECT_EQ(store.list(u"0"_s).size(), 1);
    EXPECT_TRUE(store.list(u"1"_s).isEmpty());
    EXPECT_TRUE(store.list(u"nobody"_s).isEmpty()); // and asking does not make room for one
    EXPECT_EQ(store.list(u"2"_s).size(), 1);
}
