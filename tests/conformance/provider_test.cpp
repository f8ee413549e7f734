// `mcp-auth provider` under the official suite's scenarios for authorization servers.
#include "base/json.h"
#include "conformance/suite.h"
#include "http/client.h"
#include "support/result.h"

#include <QJsonArray>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTcpServer>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

quint16 freePort()
{
    QTcpServer server;
    EXPECT_TRUE(server.listen(QHostAddress::LocalHost));
    return server.serverPort();
}

QString registered(Http::Client *client, const QString &issuer, const QString &redirectUri)
{
    Http::ClientRequest request;
    request.method = "POST";
    request.url = issuer + u"/register"_s;
    request.headers.append("Content-Type", "application/json");
    request.body = toJsonText(QJsonObject{{u"client_name"_s, u"conformance"_s},
                                          {u"redirect_uris"_s, QJsonArray{redirectUri}},
                                          {u"token_endpoint_auth_method"_s, u"none"_s}});
    const auto response = wait(client->send(request));
    EXPECT_TRUE(response);
    return response ? parseJsonObject(response->body).value_or(QJsonObject()).value("client_id"_L1).toString()
                    : QString();
}

} // namespace

TEST(ProviderScenarios, Pass)
{
    ASSERT_FALSE(suiteNode().isEmpty()) << "Node 22 is missing; ./test installs it, or tools/npm-install.";
    RunningProgram provider(mcpAuthProgram(), {u"provider"_s, u"--auto-consent"_s});
    const QByteArray listening = provider.readLine();
    ASSERT_TRUE(listening.startsWith("listening ")) << listening.constData();
    const QString issuer = QString::fromLatin1(listening.split(' ').value(1));
    const quint16 port = freePort();
    Http::Client client;
    const QString clientId = registered(&client, issuer, u"http://127.0.0.1:%1/callback"_s.arg(port));
    ASSERT_FALSE(clientId.isEmpty());

    const QTemporaryDir folder;
    RunningProgram suite(suiteNode(), {suiteProgram(), u"authorization"_s, u"--url"_s, issuer, u"--client-id"_s,
                                       clientId, u"--port"_s, QString::number(port), u"--output-dir"_s, folder.path()});
    QByteArray toOpen;
    bool isListening = false; // at the redirect URI; said before or after the URL
    while (toOpen.isEmpty() || !isListening) {
        const QByteArray line = suite.readLine();
        ASSERT_FALSE(line.isNull()) << "the suite asked nobody to open a URL";
        isListening = isListening || line.startsWith("Callback server started");
        if (line.startsWith(issuer.toLatin1()))
            toOpen = line;
    }
    QNetworkAccessManager browser; // follows the provider's redirect to the suite's own listener
    const std::unique_ptr<QNetworkReply> page(browser.get(QNetworkRequest(QUrl::fromEncoded(toOpen))));
    while (!suite.readLine().isNull()) {
    }
    EXPECT_EQ(page->error(), QNetworkReply::NoError) << page->errorString().toStdString();

    const QList<SuiteCheck> checks = checksIn(folder);
    EXPECT_EQ(complaintsOf(checks), QStringList());
    QStringList passed;
    for (const SuiteCheck &check : checks) {
        if (check.status == "SUCCESS"_L1)
            passed.append(check.id);
    }
    EXPECT_TRUE(passed.contains(u"authorization-server-metadata"_s)) << passed.join(u' ').toStdString();
    EXPECT_TRUE(passed.contains(u"authorization-code-grant"_s)) << passed.join(u' ').toStdString();
}
