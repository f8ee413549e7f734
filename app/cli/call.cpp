// mcp-auth call: calls a tool, reads a resource or gets a prompt, with a token or after a login.
#include "app/cli/callarguments.h"
#include "app/cli/command.h"
#include "app/cli/flowoptions.h"
#include "app/cli/interruption.h"
#include "app/cli/output.h"
#include "base/text.h"
#include "http/message.h"
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
    QStringList server; ///< a program; empty: it is at flow.url
    QString aboutHttp;  ///< an option that was given and means nothing to a program; empty: none
    std::string tool;
    bool list = false;
    std::string resource;
    std::string prompt;
    std::vector<std::string> headers;
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

/// What the command line says, as the tool's schema types it.
Result<QJsonObject> argumentsOf(Mcp::Client &client, const CallOptions &options)
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
    return callArguments(*document, toStrings(options.arguments), *schema);
}

/// Arguments of prompts are texts.
Result<QJsonObject> promptArguments(const CallOptions &options)
{
    auto document = documentOf(options);
    for (const QString &word : toStrings(options.arguments)) {
        const auto pair = keyAndValue(word);
        if (!pair)
            return std::unexpected(pair.error());
        if (document)
            document->insert(pair->first, pair->second);
    }
    return document;
}

Result<QJsonObject> called(Mcp::Client &client, const CallOptions &options)
{
    const auto arguments = argumentsOf(client, options);
    if (!arguments)
        return std::unexpected(arguments.error());
    const auto result = QCoro::waitFor(client.callTool(QString::fromStdString(options.tool), *arguments));
    return result.transform([](const Mcp::CallResult &called) { return called.raw; });
}

Result<QJsonObject> prompted(Mcp::Client &client, const CallOptions &options)
{
    const auto arguments = promptArguments(options);
    if (!arguments)
        return std::unexpected(arguments.error());
    return QCoro::waitFor(
        client.request(QStringLiteral("prompts/get"), {{QStringLiteral("name"), QString::fromStdString(options.prompt)},
                                                       {QStringLiteral("arguments"), *arguments}}));
}

/// Everything that the server says it has.
Result<QJsonObject> listed(Mcp::Client &client)
{
    const auto introduction = QCoro::waitFor(client.connectToServer());
    if (!introduction)
        return std::unexpected(introduction.error());
    const QJsonObject capabilities = introduction->value(QStringLiteral("capabilities")).toObject();
    QJsonObject all;
    if (capabilities.contains(QStringLiteral("tools"))) {
        const auto tools = QCoro::waitFor(client.listTools());
        if (!tools)
            return std::unexpected(tools.error());
        QJsonArray raw;
        std::ranges::transform(*tools, std::back_inserter(raw), &Mcp::ToolDescription::raw);
        all.insert(QStringLiteral("tools"), raw);
    }
    for (const Mcp::ListName &name : Mcp::listNames) {
        if (!capabilities.contains(name.capability))
            continue;
        const auto list = QCoro::waitFor(client.list(name.kind));
        if (!list && Mcp::isUnknownMethod(list.error()))
            continue;
        if (!list)
            return std::unexpected(list.error());
        all.insert(name.member, *list);
    }
    return all;
}

Result<QJsonObject> answered(Mcp::Client &client, const CallOptions &options)
{
    if (options.list)
        return listed(client);
    if (!options.resource.empty())
        return QCoro::waitFor(client.request(QStringLiteral("resources/read"),
                                             {{QStringLiteral("uri"), QString::fromStdString(options.resource)}}));
    return options.prompt.empty() ? called(client, options) : prompted(client, options);
}

/// A text keeps its lines and tabs; nothing in it may steer the terminal.
QString printable(QString text)
{
    text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
    QStringList lines;
    for (const QString &line : text.split(u'\n')) {
        QStringList columns = line.split(u'\t');
        std::ranges::transform(columns, columns.begin(), withoutTreacherous);
        lines.append(columns.join(u'\t'));
    }
    return lines.join(u'\n');
}

/// A content block, or what was read of a resource.
QString blockText(const QJsonValue &block)
{
    const QJsonValue text = block[QStringLiteral("text")];
    return text.isString() ? printable(text.toString()) : escapedJson(toJsonText(block.toObject()));
}

/// A name or URI, and in brief what it is.
QString entryText(const QJsonValue &entry)
{
    QStringList words;
    for (const char *name : {"uri", "uriTemplate", "name", "title", "description"}) {
        const QString word = oneLine(entry[QLatin1StringView(name)].toString());
        if (!word.isEmpty() && words.size() < 2 && !words.contains(word))
            words.append(word);
    }
    return QStringLiteral("  ") + words.join(QStringLiteral("  "));
}

QString asText(const QJsonObject &result, const CallOptions &options)
{
    QStringList lines;
    if (options.list) {
        for (auto list = result.begin(); list != result.end(); ++list) {
            lines.append(list.key());
            std::ranges::transform(list->toArray(), std::back_inserter(lines), entryText);
        }
    } else if (!options.prompt.empty()) {
        for (const QJsonValue message : result.value(QStringLiteral("messages")).toArray())
            lines.append(oneLine(message[QStringLiteral("role")].toString()) + QStringLiteral(": ") +
                         // No line of a message can be taken for the beginning of another.
                         blockText(message[QStringLiteral("content")]).replace(u'\n', QStringLiteral("\n  ")));
    } else {
        const QString member = options.resource.empty() ? QStringLiteral("content") : QStringLiteral("contents");
        std::ranges::transform(result.value(member).toArray(), std::back_inserter(lines), blockText);
    }
    const QJsonValue structured = result.value(QStringLiteral("structuredContent"));
    if (lines.isEmpty() && structured.isObject())
        lines.append(escapedJson(toJsonText(structured.toObject())));
    const QString text = lines.join(u'\n');
    return text.isEmpty() || text.endsWith(u'\n') ? text : text + u'\n';
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

/// Of "Name: value". Its bytes are sent as they were given (RFC 9110 §5.5, obs-text).
QByteArray valueOf(const QString &field)
{
    return field.section(u':', 1).trimmed().toUtf8();
}

Mcp::ClientOptions mcpOptions(const CallOptions &options, std::stop_token stop)
{
    Mcp::ClientOptions client;
    client.revision = QString::fromStdString(options.flow.revision);
    client.keepsRevision = options.keepsRevision;
    client.name = QStringLiteral("mcp-auth");
    client.version = QStringLiteral(MCPAUTH_VERSION);
    client.stop = std::move(stop);
    for (const QString &field : toStrings(options.headers))
        client.headers.append(field.section(u':', 0, 0), QLatin1StringView(valueOf(field)));
    return client;
}

/// Why a field cannot be sent; empty when it can.
QString headerError(const QString &field)
{
    const QByteArray name = field.section(u':', 0, 0).toUtf8();
    if (!field.contains(u':') || !Http::isField(name, valueOf(field)))
        return QStringLiteral("--header takes \"Name: value\", not %1.").arg(field);
    if (name.compare("Authorization", Qt::CaseInsensitive) == 0)
        return QStringLiteral("--header does not take Authorization: give the token with --token.");
    if (Mcp::isReservedField(name))
        return QStringLiteral("--header does not take %1, which is the protocol's own.").arg(field.section(u':', 0, 0));
    return {};
}

/// Why the words cannot go together; empty when they can.
QString usageError(const CallOptions &options)
{
    if (options.flow.url.empty() && options.server.isEmpty())
        return QStringLiteral("Give the MCP_URL, or -- and the command of a server that speaks stdio.");
    if (!options.flow.url.empty() && !options.server.isEmpty())
        return QStringLiteral("Give either the MCP_URL or -- and a command.");
    if (!options.server.isEmpty() && !options.aboutHttp.isEmpty())
        return QStringLiteral("%1 is for servers at a URL.").arg(options.aboutHttp);
    const int wanted =
        int(!options.tool.empty()) + int(options.list) + int(!options.resource.empty()) + int(!options.prompt.empty());
    if (wanted != 1)
        return QStringLiteral("Name a TOOL, or give one of --list, --read and --prompt.");
    const bool takesArguments = !options.tool.empty() || !options.prompt.empty();
    if (!takesArguments && !(options.arguments.empty() && options.json.empty()))
        return QStringLiteral("--arg and --json are for a TOOL and for --prompt.");
    for (const QString &field : toStrings(options.headers)) {
        if (const QString wrong = headerError(field); !wrong.isEmpty())
            return wrong;
    }
    return {};
}

/// Over stdio there is no authorization, and there are no header fields.
QString optionAboutHttp(const CLI::App &command)
{
    static const std::vector<std::string> ofAnyServer{"MCP_URL",  "TOOL",  "--list", "--read",     "--prompt",
                                                      "--format", "--arg", "--json", "--revision", "--ca-file"};
    for (const CLI::Option *option : command.get_options()) {
        if (option->count() > 0 && !std::ranges::contains(ofAnyServer, option->get_name()))
            return QString::fromStdString(option->get_name());
    }
    return {};
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

int reportResult(const QJsonObject &result, const Mcp::Client &client, const CallOptions &options)
{
    const QString asked = QString::fromStdString(options.flow.revision);
    QJsonObject document = result;
    document.insert(QStringLiteral("revision"), client.revision());
    const bool asJson = options.format == "json";
    if (!asJson && client.revision() != asked)
        printError(
            QStringLiteral("The server does not speak revision %1: %2 was spoken.").arg(asked, client.revision()));
    if (!(asJson ? printJson(document) : print(asText(result, options))))
        return NotCarriedOut;
    return result.value(QStringLiteral("isError")).toBool() ? No : Yes;
}

int reportAll(const Result<QJsonObject> &result, Mcp::Client &client, const FlowReport &steps,
              const CallOptions &options)
{
    const int status =
        result ? reportResult(*result, client, options) : reportFailure(result.error(), client, steps, options);
    QCoro::waitFor(client.close());
    return status;
}

int callProgram(const CallOptions &options)
{
    const Interruption interruption;
    Http::Client http(toolOptions(options)); // of which only the time-out counts
    Mcp::ClientOptions server = mcpOptions(options, interruption.token());
    server.command = options.server;
    Mcp::Client client(&http, server);
    return reportAll(answered(client, options), client, FlowReport(false), options);
}

int callAtUrl(const CallOptions &options)
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
    Mcp::ClientOptions server = mcpOptions(options, flow->stop);
    server.url = flow->mcpUrl;
    server.session = isAuthorized ? &session : nullptr;
    Mcp::Client client(&tools, server);
    const auto result =
        answered(client, options).transform_error([&](const Error &error) { return explained(error, isAuthorized); });
    return reportAll(result, client, report, options);
}

int run(CallOptions options)
{
    if (!options.server.isEmpty() && options.tool.empty()) // the only word before -- is the tool's name
        std::swap(options.tool, options.flow.url);
    if (const QString wrong = usageError(options); !wrong.isEmpty()) {
        printFailure({QStringLiteral("invalid_options"), wrong}, options.format == "json");
        return NotCarriedOut;
    }
    return options.server.isEmpty() ? callAtUrl(options) : callProgram(options);
}

} // namespace

Command callCommand(CLI::App &program, QStringList server)
{
    auto options = std::make_shared<CallOptions>();
    options->server = std::move(server);
    CLI::App *command = program.add_subcommand(
        "call", "Call a tool of an MCP server, read a resource or get a prompt, with a token or after a login");
    command->add_option("MCP_URL", options->flow.url,
                        "The MCP server; in its place -- COMMAND after all other words: a server that speaks stdio");
    command->add_option("TOOL", options->tool, "The tool's name");
    command->add_flag("--list", options->list, "List the tools, resources and prompts that the server has");
    command->add_option("--read", options->resource, "URI: the resource to read");
    command->add_option("--prompt", options->prompt, "NAME: the prompt to get; --arg and --json give its arguments");
    command
        ->add_option("--header", options->headers,
                     "\"Name: value\": another header field of every request to the MCP server; repeatable")
        ->allow_extra_args(false);
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
    addFlowOptions(command, &options->flow, "--login-prompt");
    addFormatOption(command, &options->format);
    command->footer(
        "Example: mcp-auth call http://127.0.0.1:3001/mcp add --arg a=2 --arg b=0.5 --login\n"
        "         mcp-auth call --list -- npx -y my-mcp-server --verbose\n"
        "A --revision that is given is the only one spoken; else an older one is, where the server knows no other.\n"
        "JSON is the result, or {\"error\"}, with the \"revision\" that was spoken.\n"
        "Exit status: 0 the server answered, 1 the tool or a server refused, 2 it could not be carried out.");
    return {command, [options, command] {
                options->keepsRevision = command->get_option("--revision")->count() > 0;
                options->aboutHttp = optionAboutHttp(*command);
                return run(*options);
            }};
}

} // namespace McpAuth::Cli
