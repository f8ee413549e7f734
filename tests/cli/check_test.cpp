// mcp-auth check, by its contract: JSON shape, formats, exit statuses.
#include "base/json.h"
#include "demo/authorizationserver.h"
#include "http/router.h"
#include "http/server.h"
#include "support/program.h"
#include "support/result.h"

#include <QCoroTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>

using namespace McpAuth;
using namespace McpAuth::Test;

namespace {

class Check : public testing::Test
{
protected:
    void SetUp() override { ASSERT_TRUE(m_issuer.start()); }

    static ProgramResult check(const QStringList &arguments)
    {
        return runProgram(mcpAuthProgram(), QStringList{QStringLiteral("check")} + arguments);
    }

    static QJsonArray json(const ProgramResult &result) { return QJsonDocument::fromJson(result.output).array(); }

    Demo::AuthorizationServer m_issuer;
};

/// Without PKCE.
QJsonObject documentOf(const QString &issuer)
{
    return {{QStringLiteral("issuer"), issuer},
            {QStringLiteral("authorization_endpoint"), issuer + QStringLiteral("/authorize")},
            {QStringLiteral("token_endpoint"), issuer + QStringLiteral("/token")},
            {QStringLiteral("response_types_supported"), QJsonArray{QStringLiteral("code")}}};
}

QCoro::Task<Http::Response> respond(QJsonObject document)
{
    co_return Http::Response::json(200, document);
}

QCoro::Task<Http::Response> slowly(QJsonObject document)
{
    co_await QCoro::sleepFor(std::chrono::milliseconds(150));
    co_return Http::Response::json(200, document);
}

} // namespace

TEST_F(Check, JsonHasTheMembersOfTheContract)
{
    const ProgramResult result = check({m_issuer.issuer(), QStringLiteral("--format"), QStringLiteral("json")});
    EXPECT_EQ(result.status, 0) << result.error.constData();
    ASSERT_EQ(json(result).size(), 1);
    const QJsonObject audit = json(result).at(0).toObject();
    EXPECT_EQ(audit.value(u"issuer"), QJsonValue(m_issuer.issuer()));
    EXPECT_EQ(audit.value(u"type"), QJsonValue(QStringLiteral("oauth")));
    EXPECT_EQ(audit.value(u"revision"), QJsonValue(QStringLiteral("2026-07-28")));
    EXPECT_EQ(audit.value(u"compatible"), QJsonValue(true));
    for (const char16_t *level : {u"pass", u"warning", u"error", u"skipped"})
        EXPECT_TRUE(audit.value(u"summary")[QStringView(level)].isDouble());
    const QJsonObject probe = audit.value(u"probes").toArray().at(0).toObject();
    EXPECT_EQ(probe.value(u"status"), QJsonValue(200));
    EXPECT_EQ(probe.value(u"outcome"), QJsonValue(QStringLiteral("used")));
    EXPECT_TRUE(probe.value(u"url").isString());
    EXPECT_TRUE(probe.value(u"durationMs").isDouble());
    const QJsonArray findings = audit.value(u"findings").toArray();
    ASSERT_GE(findings.size(), 6);
    for (const QJsonValue &finding : findings) {
        for (const char16_t *member : {u"code", u"level", u"title", u"detail", u"reference", u"remedy"})
            EXPECT_TRUE(finding[QStringView(member)].isString()) << QString::fromUtf16(member).toStdString();
    }
    EXPECT_EQ(audit.value(u"metadata").toObject(), m_issuer.metadata());
    const QJsonObject key = audit.value(u"keys").toArray().at(0).toObject();
    EXPECT_EQ(key.value(u"kty"), QJsonValue(QStringLiteral("EC")));
    EXPECT_EQ(key.value(u"bits"), QJsonValue(256));
}

TEST_F(Check, AnIncompatibleProviderIsStatus1)
{
    QString issuer;
    const auto router = std::make_shared<Http::Router>();
    router->add("GET", "/.well-known/openid-configuration",
                [&issuer](const Http::Request &) { return respond(documentOf(issuer)); });
    Http::Server server(router);
    ASSERT_TRUE(server.listen());
    issuer = server.origin();
    const ProgramResult result = check({issuer, m_issuer.issuer(), QStringLiteral("--format"), QStringLiteral("json")});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(json(result).at(0)[QStringLiteral("compatible")], QJsonValue(false));
    EXPECT_EQ(json(result).at(0)[QStringLiteral("type")], QJsonValue(QStringLiteral("oidc")));
    EXPECT_EQ(json(result).at(1)[QStringLiteral("compatible")], QJsonValue(true));
}

TEST_F(Check, AProviderThatCannotBeReadIsStatus2WithOneLine)
{
    const QString gone = m_issuer.issuer();
    wait(m_issuer.stop());
    const ProgramResult result = check({gone, QStringLiteral("--format"), QStringLiteral("json")});
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    EXPECT_EQ(json(result).at(0)[QStringLiteral("probes")].toArray().at(0)[QStringLiteral("outcome")],
              QJsonValue(QStringLiteral("unreachable")));
}

TEST_F(Check, ManyIssuersOfASlowHostDoNotTimeOutWaitingForEachOther)
{
    QString origin;
    Http::Server server([&origin](const Http::Request &request) {
        return slowly(documentOf(origin + QString::fromLatin1(request.path()).section(u'/', 3).prepend(u'/')));
    });
    ASSERT_TRUE(server.listen());
    origin = server.origin();
    QStringList arguments{QStringLiteral("--format"), QStringLiteral("json"), QStringLiteral("--timeout"),
                          QStringLiteral("1")};
    for (int i = 0; i < 60; ++i)
        arguments.append(origin + u'/' + QString::number(i));
    const ProgramResult result = check(arguments);
    EXPECT_EQ(result.status, 1) << result.error.constData(); // read, all of them; none has PKCE
    EXPECT_EQ(json(result).size(), 60);
    EXPECT_EQ(json(result).at(59)[QStringLiteral("issuer")], QJsonValue(arguments.last()));
}

TEST_F(Check, TakesTheMetadataDocumentsOwnUrl)
{
    EXPECT_EQ(check({m_issuer.issuer() + QStringLiteral("/.well-known/openid-configuration")}).status, 0);
}

TEST_F(Check, PlainHttpBeyondThisMachineNeedsAllowHttp)
{
    const ProgramResult result = check({QStringLiteral("http://provider.invalid")});
    EXPECT_EQ(result.status, 2);
    EXPECT_TRUE(result.error.contains("http")) << result.error.constData();
}

TEST_F(Check, WritesReportsToAFile)
{
    const QTemporaryDir folder;
    const std::pair<const char *, const char *> formats[] = {{"text", "2026-07-28"},
                                                             {"json", "\"compatible\""},
                                                             {"junit", "<testsuite"},
                                                             {"markdown", "#"},
                                                             {"html", "<html"}};
    for (const auto &[format, expected] : formats) {
        const QString path = folder.filePath(QString::fromLatin1(format));
        const ProgramResult result = check({m_issuer.issuer(), QStringLiteral("--format"), QString::fromLatin1(format),
                                            QStringLiteral("--output"), path});
        EXPECT_EQ(result.status, 0) << format;
        EXPECT_EQ(result.output, "");
        QFile file(path);
        ASSERT_TRUE(file.open(QIODevice::ReadOnly));
        EXPECT_TRUE(file.readAll().contains(expected)) << format;
    }
    EXPECT_EQ(check({m_issuer.issuer(), QStringLiteral("--output"), QStringLiteral("/nonexistent/report")}).status, 2);
}
