// mcp-auth conformance-client: the client as the official conformance suite runs it.
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "http/url.h"
#include "mcp/client.h"

#include <QCoroNetworkReply>
#include <QJsonArray>
#include <QNetworkAccessManager>
#include <QNetworkReply>

#include <algorithm>

namespace McpAuth::Cli {

namespace {

/// What the suite's own clients say; nobody fetches the one or listens at the other.
const QString metadataUrl = QStringLiteral("https://conformance-test.local/client-metadata.json");
const QString redirectUri = QStringLiteral("http://localhost:3000/callback");

struct Scenario
{
    QString name;
    QString revision;
    QJsonObject context;
};

std::unexpected<Error> refuse(const QString &message)
{
    return fail(QStringLiteral("invalid_options"), message);
}

Result<Scenario> scenarioFromEnvironment()
{
    Scenario scenario{.name = qEnvironmentVariable("MCP_CONFORMANCE_SCENARIO"),
                      .revision =
                          qEnvironmentVariable("MCP_CONFORMANCE_PROTOCOL_VERSION", QStringLiteral("2025-11-25")),
                      .context = {}};
    if (scenario.name.isEmpty())
        return refuse(
            QStringLiteral("MCP_CONFORMANCE_SCENARIO is not set: this command is for the conformance suite."));
    if (!Mcp::clientProtocolVersions().contains(scenario.revision))
        return refuse(QStringLiteral("MCP_CONFORMANCE_PROTOCOL_VERSION %1 is not known.").arg(scenario.revision));
    const QByteArray context = qgetenv("MCP_CONFORMANCE_CONTEXT");
    if (context.isEmpty())
        return scenario;
    const auto parsed = parseJsonObject(context);
    if (!parsed)
        return refuse(QStringLiteral("MCP_CONFORMANCE_CONTEXT: %1").arg(parsed.error().message));
    scenario.context = *parsed;
    return scenario;
}

QString member(const Scenario &scenario, const char *name)
{
    return scenario.context.value(QLatin1StringView(name)).toString();
}

/// Nothing when the scenario gives no credentials.
Result<std::optional<OAuth::ClientInformation>> credentialsOf(const Scenario &scenario)
{
    if (member(scenario, "client_id").isEmpty())
        return std::nullopt;
    OAuth::ClientInformation client;
    client.clientId = member(scenario, "client_id");
    client.clientSecret = Secret(member(scenario, "client_secret").toUtf8());
    const QByteArray pem = member(scenario, "private_key_pem").toUtf8();
    if (pem.isEmpty())
        return client;
    const auto key = Jose::keyFromText(pem.trimmed());
    if (!key)
        return std::unexpected(key.error());
    client.key = *key;
    client.keyAlgorithm = member(scenario, "signing_algorithm").toLatin1();
    return client;
}

/// Asks the authorization endpoint in a browser's place: the query of the redirect that it answers with.
QCoro::Task<Result<OAuth::ResponseParameters>> followed(QNetworkAccessManager *network, QString url)
{
    QNetworkRequest request(QUrl::fromEncoded(url.toUtf8()));
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setTransferTimeout();
    const std::unique_ptr<QNetworkReply> reply(co_await network->get(request));
    const QByteArray location = reply->headers().value(QHttpHeaders::WellKnownHeader::Location).toByteArray();
    if (!location.startsWith(redirectUri.toLatin1()))
        co_return fail(QStringLiteral("browser_failed"),
                       QStringLiteral("The authorization endpoint does not redirect to the client."));
    const auto parts = Http::splitUrl(QString::fromUtf8(location));
    if (!parts)
        co_return std::unexpected(parts.error());
    co_return Http::parseForm(parts->query.toUtf8());
}

Result<OAuth::FlowOptions> flowFor(const QString &url, const Scenario &scenario, QNetworkAccessManager *network)
{
    auto credentials = credentialsOf(scenario);
    if (!credentials)
        return std::unexpected(credentials.error());
    OAuth::FlowOptions flow;
    flow.mcpUrl = url;
    flow.revision = scenario.revision;
    flow.grant = scenario.name.startsWith(QStringLiteral("auth/client-credentials-"))
                     ? OAuth::GrantType::ClientCredentials
                     : OAuth::GrantType::AuthorizationCode;
    flow.preregistered = *std::move(credentials);
    flow.overrides.allowUnboundSecret = true; // the suite gives a client without its issuer
    flow.clientMetadataUrl = metadataUrl;
    flow.store = OAuth::memoryCredentialStore();
    flow.browser = OAuth::followingBrowser(redirectUri,
                                           [network](QString target) { return followed(network, std::move(target)); });
    return flow;
}

/// Every number that a tool asks for is 2; what is to be an object is the schema of the first tool (the scenario
/// json-schema-2020-12-preservation wants it back).
QJsonObject argumentsFor(const QJsonObject &schema, const QJsonObject &firstSchema)
{
    QJsonObject arguments;
    const QJsonObject properties = schema.value(QStringLiteral("properties")).toObject();
    for (auto property = properties.begin(); property != properties.end(); ++property) {
        const QString type = property->toObject().value(QStringLiteral("type")).toString();
        if (type == QStringLiteral("number"))
            arguments.insert(property.key(), 2);
        else if (type == QStringLiteral("object"))
            arguments.insert(property.key(), firstSchema);
    }
    return arguments;
}

struct ToolCall
{
    QString name;
    QJsonObject arguments;
};

/// Those that the scenario wants, else each tool once.
QList<ToolCall> callsFor(const Scenario &scenario, const QList<Mcp::ToolDescription> &tools)
{
    QList<ToolCall> calls;
    for (const QJsonValue call : scenario.context.value(QStringLiteral("toolCalls")).toArray())
        calls.append({.name = call[QStringLiteral("name")].toString(),
                      .arguments = call[QStringLiteral("arguments")].toObject()});
    const bool isOfListsOnly = scenario.name == QStringLiteral("json-schema-ref-no-deref");
    if (!calls.isEmpty() || isOfListsOnly)
        return calls;
    for (const Mcp::ToolDescription &tool : tools)
        calls.append({.name = tool.name, .arguments = argumentsFor(tool.inputSchema, tools.first().inputSchema)});
    return calls;
}

/// Accepts every form as it comes.
QCoro::Task<Result<QJsonObject>> accept(QJsonObject params, std::stop_token)
{
    const QJsonObject schema = params.value(QStringLiteral("requestedSchema")).toObject();
    co_return QJsonObject{{QStringLiteral("action"), QStringLiteral("accept")},
                          {QStringLiteral("content"), Mcp::withDefaults(schema)}};
}

QCoro::Task<Result<>> play(Mcp::Client *client, Scenario scenario)
{
    const auto introduction = co_await client->connectToServer();
    if (!introduction)
        co_return std::unexpected(introduction.error());
    const auto tools = co_await client->listTools();
    if (!tools)
        co_return std::unexpected(tools.error());
    for (const ToolCall &call : callsFor(scenario, *tools)) {
        const auto called = co_await client->callTool(call.name, call.arguments);
        if (!called)
            co_return std::unexpected(called.error());
    }
    co_await client->close();
    co_return {};
}

int run(const std::string &url)
{
    const auto scenario = scenarioFromEnvironment();
    if (!scenario) {
        printError(scenario.error());
        return NotCarriedOut;
    }
    QNetworkAccessManager network;
    const auto flow = flowFor(QString::fromStdString(url), *scenario, &network);
    if (!flow) {
        printError(flow.error());
        return NotCarriedOut;
    }
    Http::Client http;
    OAuth::SessionOptions sessionOptions;
    sessionOptions.flow = *flow;
    OAuth::Session session(&http, sessionOptions);
    Mcp::Client client(&http, {.url = flow->mcpUrl,
                               .revision = flow->revision,
                               .name = QStringLiteral("mcp-auth"),
                               .version = QStringLiteral(MCPAUTH_VERSION),
                               .session = &session,
                               .features = {.elicit = accept}});
    const auto played = QCoro::waitFor(play(&client, *scenario));
    if (!played) {
        printError(QStringLiteral("%1 (%2)").arg(played.error().message, played.error().code));
        return No;
    }
    return Yes;
}

} // namespace

Command conformanceClientCommand(CLI::App &program)
{
    auto url = std::make_shared<std::string>();
    CLI::App *command =
        program.add_subcommand("conformance-client", "Be the client that the official conformance suite tests");
    command->group(""); // for a test suite, not for people
    command->add_option("MCP_URL", *url, "The suite's MCP server")->required();
    command->footer("Example: mcp-auth conformance-client http://localhost:3000/mcp\n"
                    "Reads MCP_CONFORMANCE_SCENARIO, MCP_CONFORMANCE_CONTEXT and MCP_CONFORMANCE_PROTOCOL_VERSION,\n"
                    "which the suite sets, and follows the authorization redirect itself instead of a browser.");
    return {command, [url] { return run(*url); }};
}

} // namespace McpAuth::Cli
