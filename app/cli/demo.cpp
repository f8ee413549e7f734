// mcp-auth demo: a provider, a server and a client on loopback tell the whole story.
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "audit/provideraudit.h"
#include "demo/demoserver.h"
#include "demo/localissuer.h"
#include "http/challenge.h"
#include "jose/sign.h"

#include <QJsonArray>

namespace McpAuth::Cli {

namespace {

/// Prints the steps and remembers whether all went as they should.
class Story
{
public:
    explicit Story(bool asJson)
        : m_asJson(asJson)
        , m_colour(wantsColour())
    {
    }

    void tell(const QString &title, bool asExpected, const QStringList &lines)
    {
        ++m_step;
        m_allAsExpected = m_allAsExpected && asExpected;
        m_heard = m_heard && (m_asJson ? tellJson(title, asExpected, lines) : tellText(title, asExpected, lines));
    }

    [[nodiscard]] int exitStatus() const { return !m_heard ? NotCarriedOut : m_allAsExpected ? Yes : No; }

private:
    [[nodiscard]] bool tellJson(const QString &title, bool asExpected, const QStringList &lines) const
    {
        return printJson({{QStringLiteral("step"), m_step},
                          {QStringLiteral("title"), title},
                          {QStringLiteral("asExpected"), asExpected},
                          {QStringLiteral("detail"), QJsonArray::fromStringList(lines)}});
    }

    [[nodiscard]] bool tellText(const QString &title, bool asExpected, const QStringList &lines) const
    {
        const QString mark = asExpected ? QStringLiteral("✔") : QStringLiteral("✖");
        const QString headline = QStringLiteral("%1 %2. %3").arg(mark).arg(m_step).arg(title);
        QString text = m_colour ? QStringLiteral("\x1b[1;%1m%2\x1b[0m\n").arg(asExpected ? 32 : 31).arg(headline)
                                : headline + u'\n';
        for (const QString &line : lines)
            text += QStringLiteral("     %1\n").arg(oneLine(line));
        return print(text);
    }

    bool m_asJson;
    bool m_colour;
    bool m_allAsExpected = true;
    bool m_heard = true; // standard output took every line
    int m_step = 0;
};

/// A minimal client of the embedded server: initialize, then one tool.
class DemoClient
{
public:
    DemoClient(Http::Client *client, QString url)
        : m_client(client)
        , m_url(std::move(url))
    {
    }

    /// The first response that is not 200, or the tool's.
    Result<Http::ClientResponse> call(const QByteArray &token, const QString &tool, const QJsonObject &arguments)
    {
        const QJsonObject hello{
            {QStringLiteral("protocolVersion"), QStringLiteral("2025-11-25")},
            {QStringLiteral("capabilities"), QJsonObject()},
            {QStringLiteral("clientInfo"), QJsonObject{{QStringLiteral("name"), QStringLiteral("demo")},
                                                       {QStringLiteral("version"), QStringLiteral("1")}}}};
        auto session = post(token, {}, QStringLiteral("initialize"), hello);
        if (!session || session->status != 200)
            return session;
        return post(token, session->header("Mcp-Session-Id"), QStringLiteral("tools/call"),
                    {{QStringLiteral("name"), tool}, {QStringLiteral("arguments"), arguments}});
    }

private:
    Result<Http::ClientResponse> post(const QByteArray &token, const QByteArray &session, const QString &method,
                                      const QJsonObject &params)
    {
        Http::ClientRequest request;
        request.method = "POST";
        request.url = m_url;
        request.headers.append("Content-Type", "application/json");
        request.headers.append("Accept", "application/json, text/event-stream");
        if (!token.isEmpty())
            request.headers.append("Authorization", "Bearer " + token);
        if (!session.isEmpty()) {
            request.headers.append("Mcp-Session-Id", session);
            request.headers.append("MCP-Protocol-Version", "2025-11-25");
        }
        request.body = toJsonText(QJsonObject{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")},
                                              {QStringLiteral("id"), 1},
                                              {QStringLiteral("method"), method},
                                              {QStringLiteral("params"), params}});
        return QCoro::waitFor(m_client->send(request));
    }

    Http::Client *m_client;
    QString m_url;
};

QStringList answerLines(const Result<Http::ClientResponse> &answer)
{
    if (!answer)
        return {answer.error().message};
    QStringList lines{
        QStringLiteral("HTTP %1 %2").arg(answer->status).arg(QString::fromLatin1(Http::reasonPhrase(answer->status)))};
    if (const QByteArray challenge = answer->header("WWW-Authenticate"); !challenge.isEmpty())
        lines.append(QStringLiteral("WWW-Authenticate: %1").arg(QString::fromLatin1(challenge)));
    const QJsonObject body = parseJsonObject(answer->body).value_or(QJsonObject());
    if (body.contains(QStringLiteral("error_description")))
        lines.append(QString::fromUtf8(toJsonText(body)));
    const QJsonArray content =
        body.value(QStringLiteral("result")).toObject().value(QStringLiteral("content")).toArray();
    for (const QJsonValue &block : content)
        lines.append(block[QStringLiteral("text")].toString());
    return lines;
}

bool isAnswered(const Result<Http::ClientResponse> &answer, int status)
{
    return answer && answer->status == status;
}

Result<> start(Demo::LocalIssuer *issuer, Demo::DemoServer *server)
{
    if (auto started = issuer->start(); !started)
        return started;
    Demo::DemoServerOptions options;
    Bearer::AuthServer provider;
    provider.issuer = issuer->issuer();
    options.authServers = {provider};
    options.showErrorDetails = true;
    return server->start(options);
}

void tellDiscovery(Story *story, Http::Client *client, const QString &issuer)
{
    const Audit::ProviderAudit audit = QCoro::waitFor(Audit::auditProvider(client, issuer));
    QStringList lines;
    for (const Metadata::Probe &probe : audit.probes)
        lines.append(QStringLiteral("GET %1 → %2 (%3)").arg(probe.url).arg(probe.status).arg(toString(probe.outcome)));
    lines.append(QStringLiteral("%1 checks passed, %2 warnings, %3 errors; %4 key(s)")
                     .arg(audit.count(Metadata::FindingLevel::Pass))
                     .arg(audit.count(Metadata::FindingLevel::Warning))
                     .arg(audit.count(Metadata::FindingLevel::Error))
                     .arg(audit.keys.size()));
    story->tell(QStringLiteral("A provider runs at %1. Does it fit MCP %2?").arg(issuer, audit.revision),
                audit.isCompatible(), lines);
}

QByteArray challengedMetadataUrl(const Result<Http::ClientResponse> &answer)
{
    if (!answer)
        return {};
    const auto challenges = Http::parseChallenges(answer->header("WWW-Authenticate"));
    return challenges && !challenges->isEmpty() ? challenges->first().parameter("resource_metadata") : QByteArray();
}

void tellChallenge(Story *story, Http::Client *client, DemoClient *caller)
{
    const auto refused = caller->call({}, QStringLiteral("whoami"), {});
    story->tell(QStringLiteral("A client calls without a token: refused, and told where to look."),
                isAnswered(refused, 401), answerLines(refused));

    const QString url = QString::fromLatin1(challengedMetadataUrl(refused));
    const auto metadata = QCoro::waitFor(client->get(url));
    QStringList lines{QStringLiteral("GET %1").arg(url)};
    QString providers;
    if (metadata) {
        const QJsonObject document = parseJsonObject(metadata->body).value_or(QJsonObject());
        providers = document.value(QStringLiteral("authorization_servers")).toArray().at(0).toString();
        lines.append(QStringLiteral("resource: %1").arg(document.value(QStringLiteral("resource")).toString()));
        lines.append(QStringLiteral("authorization server: %1").arg(providers));
    }
    story->tell(QStringLiteral("It reads the resource's metadata (RFC 9728) and knows whom to ask."),
                !providers.isEmpty(), lines);
}

/// The token's signature made by a key that the provider never published, under the kid of one that it did.
Result<QByteArray> forge(const QByteArray &genuine, const Jose::Key &imitated)
{
    const auto jws = Jose::parseJws(genuine);
    if (!jws)
        return fail(jws.error());
    return Jose::generateKey(*Jose::findAlgorithm(jws->alg)).and_then([&](const Jose::Key &key) {
        return Jose::signJws(jws->header, jws->payload, key.withKid(imitated.kid()));
    });
}

int run(bool asJson)
{
    Http::ClientOptions clientOptions;
    clientOptions.purpose = QStringLiteral("demo");
    Http::Client client(clientOptions);
    Demo::LocalIssuer issuer;
    Demo::DemoServer server(&client);
    if (const auto started = start(&issuer, &server); !started) {
        printError(started.error());
        return NotCarriedOut;
    }

    Story story(asJson);
    DemoClient caller(&client, server.url());
    tellDiscovery(&story, &client, issuer.issuer());
    tellChallenge(&story, &client, &caller);

    Demo::MintRequest request;
    request.audience = {server.resource()};
    request.scopes = {QStringLiteral("create:todos")};
    const QByteArray good = issuer.mint(request).value_or(QByteArray());
    const auto welcome = caller.call(good, QStringLiteral("whoami"), {});
    story.tell(QStringLiteral("With a token for this server it may call: whoami knows the caller."),
               isAnswered(welcome, 200), answerLines(welcome));

    const QJsonObject item{{QStringLiteral("content"), QStringLiteral("Read RFC 9728")}};
    const auto created = caller.call(good, QStringLiteral("create_todo"), item);
    story.tell(QStringLiteral("create_todo needs create:todos, which the token has."), isAnswered(created, 200),
               answerLines(created));

    const auto listed = caller.call(good, QStringLiteral("list_todos"), {});
    story.tell(QStringLiteral("list_todos needs read:todos, which it lacks: the challenge names the scope to ask for."),
               isAnswered(listed, 403), answerLines(listed));

    const QByteArray forged = forge(good, issuer.signingKey()).value_or(QByteArray());
    const auto fooled = caller.call(forged, QStringLiteral("whoami"), {});
    story.tell(QStringLiteral("The same claims signed by a stranger's key: refused."),
               !forged.isEmpty() && isAnswered(fooled, 401), answerLines(fooled));

    request.audience = {QStringLiteral("https://elsewhere.example/mcp")};
    const auto astray = caller.call(issuer.mint(request).value_or(QByteArray()), QStringLiteral("whoami"), {});
    story.tell(QStringLiteral("A good token that was meant for another server: refused."), isAnswered(astray, 401),
               answerLines(astray));

    QCoro::waitFor(server.stop());
    QCoro::waitFor(issuer.stop());
    return story.exitStatus();
}

} // namespace

Command demoCommand(CLI::App &program)
{
    auto format = std::make_shared<std::string>("text");
    CLI::App *command =
        program.add_subcommand("demo", "A provider, a server and a client on this machine: the whole story");
    addFormatOption(command, format.get());
    command->footer("Example: mcp-auth demo\nExit status: 0 everything went as it should, 1 something did not.");
    return {command, [format] { return run(*format == "json"); }};
}

} // namespace McpAuth::Cli
