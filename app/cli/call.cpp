// mcp-auth call: calls a tool, with a token or after a login.
#include "app/cli/callarguments.h"
#include "app/cli/command.h"
#include "app/cli/flowoptions.h"
#include "app/cli/interruption.h"
#include "app/cli/output.h"
#include "mcp/client.h"

#include <QFile>
#include <QJsonArray>

#include <algorithm>
#include <unistd.h>

namespace McpAuth::Cli {

namespace {

/// Tools may take longer, and say more, than documents of metadata do.
constexpr std::chrono::seconds toolTimeout{120};
constexpr qint64 maxResultBytes = 16 * 1024 * 1024;

struct CallOptions
{
    FlowArguments flow;
    std::string tool;
    std::vector<std::string> arguments;
    std::string json;
    std::string token;
    bool login = false;
    bool keepsRevision = false; ///< it was asked for
    std::string format = "text";
};

/// The one named on the command line or in the environment; - is read from standard input.
Secret givenToken(const CallOptions &options)
{
    if (options.token.empty())
        return Secret(qgetenv("MCP_AUTH_TOKEN").trimmed());
    if (options.token != "-")
        return Secret(QByteArray::fromStdString(options.token));
    QFile input;
    constexpr qint64 maxTokenBytes = 1024 * 1024;
    if (!input.open(STDIN_FILENO, QIODevice::ReadOnly))
        return {};
    return Secret(input.readLine(maxTokenBytes).trimmed());
}

Result<QJsonObject> documentOf(const CallOptions &options)
{
    if (options.json.empty())
        return QJsonObject();
    return parseJsonObject(options.json).transform_error([](const Error &error) {
        return Error{QStringLiteral("invalid_arguments"), QStringLiteral("--json: %1").arg(error.message)};
    });
}

/// The tool's, where the server lists it.
Result<QJsonObject> schemaOf(Mcp::Client &client, const QString &tool)
{
    const auto tools = QCoro::waitFor(client.listTools());
    if (!tools)
        return std::unexpected(tools.error());
    const auto found = std::ranges::find(*tools, tool, &Mcp::ToolDescription::name);
    if (found != tools->end())
        return found->inputSchema;
    QStringList names;
    std::ranges::transform(*tools, std::back_inserter(names), &Mcp::ToolDescription::name);
    return fail(QStringLiteral("unknown_tool"),
                QStringLiteral("The server lists no tool %1, only %2.")
                    .arg(tool, names.isEmpty() ? QStringLiteral("none") : names.join(QStringLiteral(", "))));
}

Result<Mcp::CallResult> call(Mcp::Client &client, const CallOptions &options)
{
    const QString tool = QString::fromStdString(options.tool);
    auto document = documentOf(options);
    if (!document)
        return std::unexpected(document.error());
    Result<QJsonObject> schema = QJsonObject();
    if (!options.arguments.empty())
        schema = schemaOf(client, tool);
    if (!schema)
        return std::unexpected(schema.error());
    const auto arguments = callArguments(*document, toStrings(options.arguments), *schema);
    if (!arguments)
        return std::unexpected(arguments.error());
    return QCoro::waitFor(client.callTool(tool, *arguments));
}

/// A tool's text keeps its lines; nothing in it may steer the terminal.
QString printable(const QString &text)
{
    QStringList lines;
    for (const QString &line : text.split(u'\n'))
        lines.append(oneLine(line).isEmpty() ? QString() : oneLine(line));
    return lines.join(u'\n');
}

QString asText(const Mcp::CallResult &result)
{
    QStringList blocks;
    for (const QJsonValue block : result.content) {
        const bool isText = block[QStringLiteral("type")] == QStringLiteral("text");
        blocks.append(isText ? printable(block[QStringLiteral("text")].toString())
                             : escapedJson(toJsonText(block.toObject())));
    }
    if (blocks.isEmpty() && result.structuredContent)
        blocks.append(escapedJson(toJsonText(*result.structuredContent)));
    return blocks.isEmpty() ? QString() : blocks.join(u'\n') + u'\n';
}

Error explained(Error error, bool hadToken)
{
    if (error.code == QStringLiteral("unauthorized") && !hadToken)
        error.message += QStringLiteral(" Give --token, or --login to get one.");
    return error;
}

bool isMachine(const CallOptions &options)
{
    return options.flow.grant == "client_credentials";
}

Http::ClientOptions httpOptions(const CallOptions &options)
{
    Http::ClientOptions http;
    http.allowHttp = options.flow.overrides.allowHttp;
    http.purpose = QStringLiteral("call");
    return http;
}

Http::ClientOptions toolOptions(const CallOptions &options)
{
    Http::ClientOptions http = httpOptions(options);
    http.limits.timeout = toolTimeout;
    http.limits.bodyBytes = maxResultBytes;
    return http;
}

Mcp::ClientOptions mcpOptions(const CallOptions &options, const OAuth::FlowOptions &flow, OAuth::Session *session)
{
    Mcp::ClientOptions client;
    client.url = flow.mcpUrl;
    client.revision = flow.revision;
    client.keepsRevision = options.keepsRevision;
    client.name = QStringLiteral("mcp-auth");
    client.version = QStringLiteral(MCPAUTH_VERSION);
    client.session = session;
    client.stop = flow.stop;
    return client;
}

/// One document on standard output, whatever came of it.
int reportFailure(const Error &error, const Mcp::Client &client, const FlowReport &report, const CallOptions &options)
{
    QJsonObject more;
    if (client.isConnected())
        more.insert(QStringLiteral("revision"), client.revision());
    if (const QJsonArray steps = report.toJson(); !steps.isEmpty())
        more.insert(QStringLiteral("steps"), steps);
    printFailure(error, options.format == "json", more);
    return exitStatus(error);
}

int reportResult(const Mcp::CallResult &result, const Mcp::Client &client, const CallOptions &options)
{
    const QString asked = QString::fromStdString(options.flow.revision);
    QJsonObject document = result.raw;
    document.insert(QStringLiteral("revision"), client.revision());
    const bool asJson = options.format == "json";
    if (!asJson && client.revision() != asked)
        printError(
            QStringLiteral("The server does not speak revision %1: %2 was spoken.").arg(asked, client.revision()));
    if (!(asJson ? printJson(document) : print(asText(result))))
        return NotCarriedOut;
    return result.isError ? No : Yes;
}

int run(const CallOptions &options)
{
    const bool asJson = options.format == "json";
    auto flow = flowOptions(options.flow);
    if (!flow) {
        printFailure(flow.error(), asJson);
        return NotCarriedOut;
    }
    const Interruption interruption;
    FlowReport report(!asJson);
    flow->stop = interruption.token();
    flow->onStep = [&](const OAuth::Step &step) { report.add(step); };

    Http::Client tools(toolOptions(options));
    Http::Client tokens(httpOptions(options));
    OAuth::Session session(&tokens, {.flow = *flow, .interactive = options.login});
    const Secret token = givenToken(options);
    if (!token.isEmpty()) {
        OAuth::Authorization given;
        given.mcpUrl = flow->mcpUrl;
        given.tokens.accessToken = token;
        session.setAuthorization(given);
    }
    const bool isAuthorized = options.login || isMachine(options) || !token.isEmpty();
    Mcp::Client client(&tools, mcpOptions(options, *flow, isAuthorized ? &session : nullptr));
    const auto result = call(client, options);
    const int status = result ? reportResult(*result, client, options)
                              : reportFailure(explained(result.error(), isAuthorized), client, report, options);
    QCoro::waitFor(client.close());
    return status;
}

} // namespace

Command callCommand(CLI::App &program)
{
    auto options = std::make_shared<CallOptions>();
    CLI::App *command = program.add_subcommand("call", "Call a tool of an MCP server, with a token or after a login");
    command->add_option("MCP_URL", options->flow.url, "The MCP server")->required();
    command->add_option("TOOL", options->tool, "The tool's name")->required();
    command
        ->add_option("--arg", options->arguments,
                     "NAME=VALUE: an argument, typed as the tool's schema says; repeatable")
        ->allow_extra_args(false);
    command->add_option("--json", options->json, "The arguments as a JSON object; --arg overrides it");
    command->add_option(
        "--token", options->token,
        "The access token; - reads it from standard input; by default the environment's MCP_AUTH_TOKEN");
    command->add_flag("--login", options->login, "Run the flow of `mcp-auth login` when the server asks for a token");
    command
        ->add_option("--grant", options->flow.grant,
                     "authorization_code, or client_credentials: a machine's login, for which nobody is asked")
        ->check(CLI::IsMember({"authorization_code", "client_credentials"}))
        ->capture_default_str();
    addFlowOptions(command, &options->flow);
    addFormatOption(command, &options->format);
    command->footer(
        "Example: mcp-auth call http://127.0.0.1:3001/mcp add --arg a=2 --arg b=0.5 --login\n"
        "A --revision that is given is the only one spoken; else an older one is, where the server knows no other.\n"
        "JSON is the tool's result, or {\"error\"}, with the \"revision\" that was spoken.\n"
        "Exit status: 0 the tool answered, 1 the tool or a server refused, 2 it could not be carried out.");
    return {command, [options, revision = command->get_option("--revision")] {
                options->keepsRevision = revision->count() > 0;
                return run(*options);
            }};
}

} // namespace McpAuth::Cli
