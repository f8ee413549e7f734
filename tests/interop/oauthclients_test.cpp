// The embedded provider under clients that others wrote: openid-client, oauth4webapi, and the official SDK.
#include "interop/node.h"

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

class EmbeddedProvider : public Interop
{
protected:
    void SetUp() override
    {
        ASSERT_NO_FATAL_FAILURE(Interop::SetUp());
        m_provider = std::make_unique<Listening>(mcpAuthProgram(), QStringList{u"provider"_s, u"--auto-consent"_s});
        ASSERT_FALSE(m_provider->url().isEmpty());
        m_server = serve({u"--issuer"_s, m_provider->url(), u"--scope"_s, u"read:todos"_s});
        ASSERT_FALSE(m_server->url().isEmpty());
    }

    QJsonObject clientReport(const QString &library)
    {
        return runScript(u"oauthclients.mjs"_s, {library, m_provider->url(), m_server->url()}).value(0);
    }

    /// Of our own `verify`, for the MCP server's audience.
    QJsonObject verdict(const QJsonObject &report)
    {
        return mcpAuthLines({u"verify"_s, report.value(u"token").toString(), u"--issuer"_s, m_provider->url(),
                             u"--audience"_s, m_server->url(), u"--scope"_s, u"read:todos"_s})
            .value(0);
    }

private:
    std::unique_ptr<Listening> m_provider;
    std::unique_ptr<Listening> m_server;
};

class EmbeddedProviderUnder : public EmbeddedProvider, public testing::WithParamInterface<const char *>
{
};

} // namespace

TEST_P(EmbeddedProviderUnder, RegistersGrantsRefreshesIntrospectsAndRevokes)
{
    const QJsonObject report = clientReport(QString::fromLatin1(GetParam()));
    EXPECT_EQ(report.value(u"subject"), u"alice"_s) << argument(report).toStdString();
    EXPECT_EQ(report.value(u"user"), u"alice"_s);
    EXPECT_EQ(report.value(u"active"), true);
    EXPECT_EQ(report.value(u"revoked"), true);
    EXPECT_EQ(verdict(report).value(u"accepted"), true) << argument(verdict(report)).toStdString();
}

INSTANTIATE_TEST_SUITE_P(Libraries, EmbeddedProviderUnder, testing::Values("openid-client", "oauth4webapi"),
                         [](const auto &test) { return QByteArray(test.param).replace('-', '_').toStdString(); });

TEST_F(EmbeddedProvider, LeadsTheOfficialClientToACalledTool)
{
    const QJsonObject report = clientReport(u"sdk"_s);
    EXPECT_EQ(report.value(u"refused"), u"UnauthorizedError"_s) << argument(report).toStdString();
    EXPECT_TRUE(report.value(u"said").toString().contains(u"alice")) << argument(report).toStdString();
    EXPECT_EQ(verdict(report).value(u"accepted"), true) << argument(verdict(report)).toStdString();
}
