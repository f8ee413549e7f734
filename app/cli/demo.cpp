// mcp-auth demo: a provider, a server and a client on loopback tell the whole story.
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/story.h"
#include "audit/provideraudit.h"
#include "demo/authorizationserver.h"
#include "demo/demoserver.h"
#include "jose/jwt.h"
#include "jose/sign.h"
#include "mcp/client.h"

#include <QCoroNetworkReply>
#include <QCoroTimer>
#include <QJsonArray>
#include <QNetworkAccessManager>
#include <QNetworkReply>

namespace McpAuth::Cli {

namespace {

constexpr std::chrono::seconds shortLifetime{1};
constexpr std::chrono::seconds usualLifetime{900};

/// Everything that plays a part.
struct Stage
{
    Http::Client http;
    QNetworkAccessManager browser;
    Demo::AuthorizationServer provider;
    Demo::DemoServer server{&http};
};

Result<> start(Stage *stage)
{
    Demo::AuthorizationServerOptions options;
    options.autoConsent = true;
    if (auto started = stage->provider.start(options); !started)
        return started;
    Mcp::ServerOptions serverOptions;
    Bearer::AuthServer trusted;
    trusted.issuer = stage->provider.issuer();
    serverOptions.authServers = {trusted};
    return stage->server.listen(serverOptions);
}

/// The provider consents by itself, so whatever follows redirects will do for a browser.
QCoro::Task<Result<>> visit(QNetworkAccessManager *browser, QString url)
{
    QNetworkRequest request(QUrl::fromEncoded(url.toUtf8()));
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::NoLessSafeRedirectPolicy);
    request.setTransferTimeout();
    const std::unique_ptr<QNetworkReply> reply(co_await browser->get(request));
    if (reply->error() != QNetworkReply::NoError)
        co_return fail(QStringLiteral("browser_failed"), reply->errorString());
    co_return {};
}

/// One request with this token, and nothing more.
Result<Http::ClientResponse> knock(Stage *stage, const QByteArray &token)
{
    Http::ClientRequest request;
    request.method = "POST";
    request.url = stage->server.url();
    request.headers.append("Content-Type", "application/json");
    request.headers.append("Accept", "application/json, text/event-stream");
    if (!token.isEmpty())
        request.headers.append("Authorization", "Bearer " + token);
    request.body = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    return QCoro::waitFor(stage->http.send(std::move(request)));
}

void tellRefusal(Story *story, const QString &title, const Result<Http::ClientResponse> &answer)
{
    if (!answer) {
        story->tell(title, false, {answer.error().message});
        return;
    }
    story->tell(title, answer->status == 401,
                {QStringLiteral("HTTP %1 · WWW-Authenticate: %2")
                     .arg(QString::number(answer->status), QString::fromLatin1(answer->header("WWW-Authenticate")))});
}

void tellDiscovery(Story *story, Stage *stage)
{
    const QString issuer = stage->provider.issuer();
    const Audit::ProviderAudit audit = QCoro::waitFor(Audit::auditProvider(&stage->http, issuer));
    story->tell(QStringLiteral("A provider runs at %1. Is it compatible with MCP %2?").arg(issuer, audit.revision),
                audit.isCompatible(),
                {QStringLiteral("checks passed: %1 · warnings: %2 · errors: %3 · keys: %4")
                     .arg(audit.count(Metadata::FindingLevel::Pass))
                     .arg(audit.count(Metadata::FindingLevel::Warning))
                     .arg(audit.count(Metadata::FindingLevel::Error))
                     .arg(audit.keys.size())});
}

/// Asks for less than the server offers, so that a step-up is due later.
OAuth::FlowOptions flowOptions(Stage *stage)
{
    OAuth::FlowOptions flow;
    flow.mcpUrl = stage->server.url();
    flow.scopes = {QStringLiteral("read:todos"), QStringLiteral("offline_access")};
    flow.store = OAuth::memoryCredentialStore();
    flow.browser =
        OAuth::loopbackBrowser([browser = &stage->browser](QString url) { return visit(browser, std::move(url)); });
    return flow;
}

std::optional<OAuth::Authorization> tellFlow(Story *story, Stage *stage)
{
    OAuth::FlowOptions flow = flowOptions(stage);
    QStringList lines;
    flow.onStep = [&lines](const OAuth::Step &step) {
        if (step.state == OAuth::StepState::Done)
            lines.append(QStringLiteral("%1: %2 [%3]").arg(title(step.kind), step.decision, step.rule));
    };
    const auto authorization = QCoro::waitFor(OAuth::authorize(&stage->http, flow));
    if (!authorization)
        lines.append(authorization.error().message);
    else if (authorization->callError)
        lines.append(authorization->callError->message);
    story->tell(QStringLiteral("The client finds the provider, registers, sends the user there and gets a token:"),
                authorization && !authorization->callError, lines);
    return authorization ? std::optional(*authorization) : std::nullopt;
}

QStringList linesOf(const Result<Mcp::CallResult> &called)
{
    if (!called)
        return {called.error().message};
    QStringList lines;
    for (const QJsonValue block : called->content)
        lines.append(block[QStringLiteral("text")].toString());
    return lines;
}

Result<Mcp::CallResult> call(Mcp::Client *client, const QString &tool, const QJsonObject &arguments = {})
{
    return QCoro::waitFor(client->callTool(tool, arguments));
}

bool isAnswered(const Result<Mcp::CallResult> &called)
{
    return called && !called->isError;
}

void tellWelcome(Story *story, Mcp::Client *client)
{
    const auto introduced = QCoro::waitFor(client->connectToServer());
    const auto called = introduced ? call(client, QStringLiteral("whoami")) : fail(introduced.error());
    const QJsonObject caller = called ? called->structuredContent.value_or(QJsonObject()) : QJsonObject();
    const QJsonArray scopes = caller.value(QStringLiteral("scopes")).toArray();
    QStringList granted;
    for (const QJsonValue scope : scopes)
        granted.append(scope.toString());
    story->tell(QStringLiteral("With the token it may call: whoami knows the caller."),
                isAnswered(called) && caller.value(QStringLiteral("authenticated")).toBool(),
                called ? QStringList{QStringLiteral("%1, through the client %2, with %3")
                                         .arg(caller.value(QStringLiteral("subject")).toString(),
                                              caller.value(QStringLiteral("clientId")).toString(),
                                              granted.join(QStringLiteral(", ")))}
                       : linesOf(called));
}

void tellStepUp(Story *story, Stage *stage, Mcp::Client *client, OAuth::Session *session)
{
    stage->provider.setTokenLifetime(shortLifetime);
    const auto created =
        call(client, QStringLiteral("create_todo"), {{QStringLiteral("content"), QStringLiteral("Read RFC 9728")}});
    stage->provider.setTokenLifetime(usualLifetime);
    const QStringList scopes = session->authorization() ? session->authorization()->tokens.scopes : QStringList();
    story->tell(
        QStringLiteral("create_todo needs a scope that the token lacks: 403, step-up, and the call goes through."),
        isAnswered(created) && scopes.contains(QStringLiteral("create:todos")),
        linesOf(created) + QStringList{QStringLiteral("scopes now: %1").arg(scopes.join(u' '))});
}

void tellRefresh(Story *story, Mcp::Client *client, OAuth::Session *session)
{
    int refreshes = 0;
    QCoro::waitFor(QCoro::sleepFor(shortLifetime));
    const auto counting = QObject::connect(session, &OAuth::Session::refreshed, session, [&] { ++refreshes; });
    const auto listed = call(client, QStringLiteral("list_todos"));
    QObject::disconnect(counting);
    story->tell(
        QStringLiteral("A second later that token has expired: it is refreshed automatically before the next call."),
        isAnswered(listed) && refreshes == 1,
        linesOf(listed) + QStringList{QStringLiteral("refreshes: %1").arg(refreshes)});
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

void tellRefusals(Story *story, Stage *stage, const QByteArray &genuine)
{
    const QByteArray forged = forge(genuine, stage->provider.signingKey()).value_or(QByteArray("forged"));
    tellRefusal(story, QStringLiteral("The same claims signed with another key: refused."), knock(stage, forged));
    Demo::MintRequest elsewhere;
    elsewhere.audience = {QStringLiteral("https://elsewhere.example/mcp")};
    const QByteArray astray = stage->provider.mint(elsewhere).value_or(QByteArray("astray"));
    tellRefusal(story, QStringLiteral("A valid token for another server: refused."), knock(stage, astray));
}

void tellFarewell(Story *story, OAuth::Session *session)
{
    const auto done = QCoro::waitFor(session->logOut());
    story->tell(QStringLiteral("The user logs out: the provider revokes the tokens (RFC 7009)."), done.has_value(),
                done ? QStringList() : QStringList{done.error().message});
}

int run(bool asJson)
{
    Stage stage;
    if (const auto started = start(&stage); !started) {
        printError(started.error());
        return NotCarriedOut;
    }
    Story story(asJson);
    tellDiscovery(&story, &stage);
    tellRefusal(&story,
                QStringLiteral("An MCP server at %1 is called without a token: refused, and told where to look.")
                    .arg(stage.server.url()),
                knock(&stage, {}));
    if (const auto authorization = tellFlow(&story, &stage)) {
        OAuth::SessionOptions sessionOptions;
        sessionOptions.flow = flowOptions(&stage);
        OAuth::Session session(&stage.http, sessionOptions);
        session.setAuthorization(*authorization);
        Mcp::ClientOptions clientOptions;
        clientOptions.url = stage.server.url();
        clientOptions.session = &session;
        Mcp::Client client(&stage.http, clientOptions);
        tellWelcome(&story, &client);
        tellStepUp(&story, &stage, &client, &session);
        tellRefresh(&story, &client, &session);
        tellRefusals(&story, &stage, authorization->tokens.accessToken.reveal());
        tellFarewell(&story, &session);
    }
    QCoro::waitFor(stage.server.stop());
    QCoro::waitFor(stage.provider.stop());
    return story.exitStatus();
}

} // namespace

Command demoCommand(CLI::App &program)
{
    auto format = std::make_shared<std::string>("text");
    CLI::App *command = program.add_subcommand(
        "demo", "Run a provider, a server and a client on this machine, from the first request to the log-out");
    addFormatOption(command, format.get());
    command->footer("Example: mcp-auth demo\nExit status: 0 everything went as it should, 1 something did not.");
    return {command, [format] { return run(*format == "json"); }};
}

} // namespace McpAuth::Cli
