// mcp-auth provider, by its contract.
#include "base/json.h"
#include "http/client.h"
#include "http/form.h"
#include "support/program.h"
#include "support/result.h"

#include <QJsonArray>
#include <QTcpServer>
#include <QTemporaryFile>

#include <csignal>

using namespace McpAuth;
using namespace McpAuth::Test;

namespace {

QStringList providerWords(const QStringList &more)
{
    return QStringList{QStringLiteral("provider"), QStringLiteral("--format"), QStringLiteral("json")} + more;
}

/// The issuer that the first line names.
QString issuerOf(RunningProgram *program)
{
    const QJsonObject listening = parseJsonObject(program->readLine()).value_or(QJsonObject());
    EXPECT_EQ(listening.value(u"event"), QJsonValue(QStringLiteral("listening")))
        << program->standardError().constData();
    return listening.value(u"url").toString();
}

QJsonObject getJson(const QString &url)
{
    Http::Client client;
    const auto response = wait(client.get(url));
    EXPECT_TRUE(response) << url.toStdString();
    return response ? parseJsonObject(response->body).value_or(QJsonObject()) : QJsonObject();
}

Result<Http::ClientResponse> askForToken(const QString &issuer, const QByteArray &credentials)
{
    Http::Client client;
    Http::ClientRequest request;
    request.method = "POST";
    request.url = issuer + QStringLiteral("/token");
    request.headers.append("Content-Type", "application/x-www-form-urlencoded");
    request.headers.append("Authorization", "Basic " + credentials.toBase64());
    request.body = "grant_type=client_credentials";
    return wait(client.send(request));
}

} // namespace

TEST(Provider, AnnouncesItselfReportsEachRequestAndEndsCleanly)
{
    RunningProgram program(mcpAuthProgram(), providerWords({QStringLiteral("--path"), QStringLiteral("/tenant")}));
    const QJsonObject listening = parseJsonObject(program.readLine()).value_or(QJsonObject());
    ASSERT_EQ(listening.value(u"event"), QJsonValue(QStringLiteral("listening")))
        << program.standardError().constData();
    const QString issuer = listening.value(u"url").toString();
    EXPECT_TRUE(issuer.startsWith(QStringLiteral("http://127.0.0.1:")));
    const QJsonArray places = listening.value(u"metadata").toArray();
    ASSERT_EQ(places.size(), 3);
    for (const QJsonValue &place : places) {
        EXPECT_EQ(getJson(place.toString()).value(u"issuer").toString(), issuer);
        const QJsonObject event = parseJsonObject(program.readLine()).value_or(QJsonObject());
        EXPECT_EQ(event.value(u"event"), QJsonValue(QStringLiteral("request")));
        EXPECT_EQ(event.value(u"endpoint"), QJsonValue(QStringLiteral("metadata")));
        EXPECT_EQ(event.value(u"status"), QJsonValue(200));
        EXPECT_TRUE(event.value(u"error").isNull());
        EXPECT_TRUE(event.value(u"durationMs").isDouble());
    }
    EXPECT_EQ(program.terminate(), 0);
    EXPECT_TRUE(program.standardError().isEmpty());
}

TEST(Provider, InTextItsFirstLineIsItsUrlAndItSaysThatItIsForTests)
{
    RunningProgram program(mcpAuthProgram(), {QStringLiteral("provider")});
    const QByteArray first = program.readLine();
    ASSERT_TRUE(first.startsWith("listening http://127.0.0.1:")) << first.constData();
    EXPECT_TRUE(program.readLine().startsWith("for tests only"));
    getJson(QString::fromLatin1(first.sliced(10)) + QStringLiteral("/jwks"));
    const QByteArray line = program.readLine();
    EXPECT_TRUE(line.contains(" GET /jwks 200 ")) << line.constData();
    EXPECT_EQ(program.terminate(SIGINT), 0);
}

TEST(Provider, TakesItsSettings)
{
    RunningProgram program(
        mcpAuthProgram(),
        providerWords({QStringLiteral("--alg"), QStringLiteral("EdDSA"), QStringLiteral("--scope"),
                       QStringLiteral("math:use"), QStringLiteral("--fault"), QStringLiteral("no_pkce_member"),
                       QStringLiteral("--auto-consent"), QStringLiteral("--user"), QStringLiteral("carol"),
                       QStringLiteral("--client"), QStringLiteral("inspector")}));
    const QString issuer = issuerOf(&program);
    const QJsonObject metadata = getJson(issuer + QStringLiteral("/.well-known/oauth-authorization-server"));
    EXPECT_TRUE(metadata.value(u"scopes_supported").toArray().contains(QStringLiteral("math:use")));
    EXPECT_FALSE(metadata.value(u"scopes_supported").toArray().contains(QStringLiteral("read:todos")));
    EXPECT_FALSE(metadata.contains(u"code_challenge_methods_supported"));
    EXPECT_EQ(metadata.value(u"client_id_metadata_document_supported"), QJsonValue(true));
    EXPECT_EQ(getJson(issuer + QStringLiteral("/jwks")).value(u"keys").toArray().at(0)[u"alg"].toString(),
              QStringLiteral("EdDSA"));
    for (const char *endpoint : {"metadata", "keys"})
        EXPECT_EQ(parseJsonObject(program.readLine()).value_or(QJsonObject()).value(u"endpoint"),
                  QJsonValue(QLatin1StringView(endpoint)));
    const Http::Form form{
        {QStringLiteral("response_type"), QStringLiteral("code")},
        {QStringLiteral("client_id"), QStringLiteral("inspector")},
        {QStringLiteral("redirect_uri"), QStringLiteral("http://localhost:1/callback")},
        {QStringLiteral("code_challenge"), QStringLiteral("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")},
        {QStringLiteral("code_challenge_method"), QStringLiteral("S256")}};
    Http::Client client;
    const auto redirected =
        wait(client.get(issuer + QStringLiteral("/authorize?") + QString::fromLatin1(Http::toFormText(form))));
    EXPECT_EQ(codeOf(redirected), QStringLiteral("redirect_refused")); // to the client, which is elsewhere
    const QJsonObject event = parseJsonObject(program.readLine()).value_or(QJsonObject());
    EXPECT_EQ(event.value(u"subject"), QJsonValue(QStringLiteral("carol")));
    EXPECT_EQ(event.value(u"clientId"), QJsonValue(QStringLiteral("inspector")));
    EXPECT_TRUE(event.value(u"error").isNull());
}

TEST(Provider, AClientsSecretComesFromAFile)
{
    QTemporaryFile file;
    ASSERT_TRUE(file.open());
    file.write("s3cret\n");
    file.close();
    RunningProgram program(mcpAuthProgram(),
                           providerWords({QStringLiteral("--client"), QStringLiteral("machine:") + file.fileName(),
                                          QStringLiteral("--token-lifetime"), QStringLiteral("7")}));
    const QString issuer = issuerOf(&program);
    const auto tokens = askForToken(issuer, "machine:s3cret");
    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->status, 200);
    EXPECT_EQ(parseJsonObject(tokens->body).value().value(u"expires_in"), QJsonValue(7));
    EXPECT_EQ(askForToken(issuer, "machine:guess").value().status, 401);
}

TEST(Provider, SaysWhatKeepsItFromStarting)
{
    QTcpServer rival;
    ASSERT_TRUE(rival.listen(QHostAddress::LocalHost));
    const QList<QStringList> cases{{QStringLiteral("--port"), QString::number(rival.serverPort())},
                                   {QStringLiteral("--alg"), QStringLiteral("HS256")},
                                   {QStringLiteral("--fault"), QStringLiteral("nonsense")},
                                   {QStringLiteral("--token-lifetime"), QStringLiteral("0")},
                                   {QStringLiteral("--scope"), QStringLiteral("a\"b")},
                                   {QStringLiteral("--client"), QStringLiteral("machine:/nonexistent")},
                                   {QStringLiteral("--client"), QStringLiteral("a"), QStringLiteral("--redirect-uri"),
                                    QStringLiteral("http://app.example/")}};
    for (const QStringList &words : cases) {
        const ProgramResult result = runProgram(mcpAuthProgram(), providerWords(words));
        EXPECT_EQ(result.status, 2) << words.join(u' ').toStdString();
        const QJsonObject document = parseJsonObject(result.output).value_or(QJsonObject());
        EXPECT_FALSE(document.value(u"error")[u"code"].toString().isEmpty()) << result.output.constData();
        EXPECT_EQ(result.error.count('\n'), 1) << result.error.constData();
    }
}
