// The official TypeScript client at `mcp-auth serve`, with tokens of the embedded provider.
#include "demo/authorizationserver.h"
#include "interop/node.h"

#include <QJsonArray>
#include <QUrlQuery>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

const QStringList allScopes{u"mcp:use"_s, u"create:todos"_s, u"read:todos"_s, u"delete:todos"_s};

QJsonObject call(const QString &tool, const QJsonObject &arguments = {})
{
    return {{u"name"_s, tool}, {u"arguments"_s, arguments}};
}

class OfficialClient : public Interop
{
protected:
    void SetUp() override
    {
        ASSERT_NO_FATAL_FAILURE(Interop::SetUp());
        ASSERT_TRUE(m_issuer.start());
        m_server = serve({u"--issuer"_s, m_issuer.issuer(), u"--scope"_s, u"mcp:use"_s});
        ASSERT_FALSE(m_server->url().isEmpty());
    }

    [[nodiscard]] QString mint(const QStringList &scopes = allScopes, const QString &subject = u"alice"_s) const
    {
        return QString::fromLatin1(
            m_issuer.mint({.subject = subject, .audience = {m_server->url()}, .scopes = scopes}).value());
    }

    /// The client's report.
    QJsonObject client(QJsonObject options) const
    {
        options.insert(u"url"_s, m_server->url());
        return runScript(u"client.mjs"_s, {argument(options)}).value(0);
    }

    Demo::AuthorizationServer m_issuer;
    std::unique_ptr<Listening> m_server;
};

QJsonValue resultAt(const QJsonObject &report, qsizetype index)
{
    return report.value(u"results").toArray().at(index);
}

QString textAt(const QJsonObject &report, qsizetype index)
{
    return resultAt(report, index)[u"content"_s][0][u"text"_s].toString();
}

class OfficialClientOf : public OfficialClient, public testing::WithParamInterface<const char *>
{
};

} // namespace

TEST_P(OfficialClientOf, ConnectsAndCallsTools)
{
    const QString revision = QString::fromLatin1(GetParam());
    const QJsonObject report =
        client({{u"token"_s, mint()},
                {u"revision"_s, revision},
                {u"calls"_s, QJsonArray{call(u"whoami"_s), call(u"add"_s, {{u"a"_s, 2}, {u"b"_s, 0.5}})}}});
    EXPECT_TRUE(report.value(u"error").isUndefined()) << argument(report).toStdString();
    EXPECT_EQ(report.value(u"revision").toString(), revision);
    EXPECT_FALSE(report.value(u"session").toString().isEmpty());
    EXPECT_EQ(report.value(u"errors").toArray(), QJsonArray()) << argument(report).toStdString();
    EXPECT_EQ(report.value(u"tools").toArray(),
              (QJsonArray{u"whoami"_s, u"add"_s, u"create_todo"_s, u"list_todos"_s, u"delete_todo"_s}));
    EXPECT_TRUE(textAt(report, 0).contains(u"\"subject\":\"alice\"")) << textAt(report, 0).toStdString();
    EXPECT_TRUE(textAt(report, 1).contains(u"2.5")) << textAt(report, 1).toStdString();
}

INSTANTIATE_TEST_SUITE_P(Revisions, OfficialClientOf, testing::Values("2025-03-26", "2025-06-18", "2025-11-25"),
                         [](const auto &test) { return QByteArray(test.param).replace('-', '_').toStdString(); });

// The older transport, with which its getting-started pages began.
TEST_F(OfficialClient, SpeaksHttpWithSse)
{
    m_server = serve({u"--issuer"_s, m_issuer.issuer(), u"--scope"_s, u"mcp:use"_s, u"--transport"_s, u"sse"_s,
                      u"--path"_s, u"/sse"_s});
    const QJsonObject report =
        client({{u"token"_s, mint()}, {u"sse"_s, true}, {u"calls"_s, QJsonArray{call(u"whoami"_s)}}});
    EXPECT_TRUE(report.value(u"error").isUndefined()) << argument(report).toStdString();
    EXPECT_EQ(report.value(u"errors").toArray(), QJsonArray()) << argument(report).toStdString();
    EXPECT_TRUE(textAt(report, 0).contains(u"\"subject\":\"alice\"")) << textAt(report, 0).toStdString();
    const QJsonObject refused = client({{u"sse"_s, true}});
    EXPECT_FALSE(refused.value(u"error").isUndefined()) << argument(refused).toStdString();
}

TEST_F(OfficialClient, KeepsAToDoListThatNobodyElseSees)
{
    const QJsonObject report =
        client({{u"token"_s, mint()},
                {u"calls"_s,
                 QJsonArray{call(u"create_todo"_s, {{u"content"_s, u"Read RFC 9728"_s}}), call(u"list_todos"_s)}}});
    EXPECT_TRUE(textAt(report, 0).contains(u"Read RFC 9728")) << argument(report).toStdString();
    EXPECT_TRUE(textAt(report, 1).contains(u"Read RFC 9728")) << argument(report).toStdString();

    const QString id =
        parseJsonObject(textAt(report, 0).toUtf8()).value_or(QJsonObject()).value(u"id").toVariant().toString();
    ASSERT_FALSE(id.isEmpty()) << textAt(report, 0).toStdString();
    const QJsonArray listAndDelete{call(u"list_todos"_s), call(u"delete_todo"_s, {{u"id"_s, id}})};
    const QJsonObject stranger = client({{u"token"_s, mint(allScopes, u"bob"_s)}, {u"calls"_s, listAndDelete}});
    EXPECT_FALSE(textAt(stranger, 0).contains(u"RFC 9728")) << argument(stranger).toStdString();
    EXPECT_EQ(resultAt(stranger, 1)[u"isError"_s], QJsonValue(true)) << argument(stranger).toStdString();

    const QJsonObject owner = client({{u"token"_s, mint()}, {u"calls"_s, listAndDelete}});
    EXPECT_TRUE(textAt(owner, 0).contains(u"RFC 9728")) << argument(owner).toStdString();
    EXPECT_NE(resultAt(owner, 1)[u"isError"_s], QJsonValue(true)) << argument(owner).toStdString();
}

TEST_F(OfficialClient, IsToldByStatus401ThatItHasNoToken)
{
    const QJsonObject error = client({}).value(u"error").toObject();
    EXPECT_EQ(error.value(u"name"), u"StreamableHTTPError"_s);
    EXPECT_EQ(error.value(u"code"), 401);
    EXPECT_TRUE(error.value(u"message").toString().contains(u"missing_auth_header")) << argument(error).toStdString();
}

TEST_F(OfficialClient, FindsItsWayFromTheChallengeToTheProvidersAuthorizationEndpoint)
{
    const QJsonObject report = client({{u"asksUser"_s, true}});
    EXPECT_EQ(report.value(u"error")[u"name"_s], u"UnauthorizedError"_s) << argument(report).toStdString();
    const QString url = report.value(u"authorizationUrl").toString();
    EXPECT_TRUE(url.startsWith(m_issuer.metadata().value(u"authorization_endpoint").toString() + u'?'))
        << url.toStdString();
    const QUrlQuery query{QUrl(url)};
    EXPECT_EQ(query.queryItemValue(u"resource"_s, QUrl::FullyDecoded), m_server->url());
    EXPECT_EQ(query.queryItemValue(u"scope"_s, QUrl::FullyDecoded), u"mcp:use");
    EXPECT_EQ(query.queryItemValue(u"code_challenge_method"_s), u"S256");
}

TEST_F(OfficialClient, IsToldByStatus403WhichScopeItLacks)
{
    const QJsonObject report = client(
        {{u"token"_s, mint({u"mcp:use"_s})}, {u"calls"_s, QJsonArray{call(u"list_todos"_s), call(u"whoami"_s)}}});
    const QJsonObject error = resultAt(report, 0)[u"error"_s].toObject();
    EXPECT_EQ(error.value(u"name"), u"StreamableHTTPError"_s) << argument(report).toStdString();
    EXPECT_EQ(error.value(u"code"), 403);
    EXPECT_TRUE(error.value(u"message").toString().contains(u"read:todos")) << argument(error).toStdString();
    EXPECT_TRUE(textAt(report, 1).contains(u"alice")) << "the session goes on";
}

TEST_F(OfficialClient, CannotConnectWithATokenForAnotherServer)
{
    const QByteArray token = m_issuer.mint({.audience = {u"https://other.example/mcp"_s}, .scopes = allScopes}).value();
    const QJsonObject error = client({{u"token"_s, QString::fromLatin1(token)}}).value(u"error").toObject();
    EXPECT_EQ(error.value(u"code"), 401);
    EXPECT_TRUE(error.value(u"message").toString().contains(u"invalid_audience")) << argument(error).toStdString();
}
