// mcp-auth login: runs the client's flow and prints the tokens.
#include "app/cli/command.h"
#include "app/cli/flowoptions.h"
#include "app/cli/interruption.h"
#include "app/cli/output.h"

#include <QCoroTask>

namespace McpAuth::Cli {

namespace {

struct LoginOptions
{
    FlowArguments flow;
    std::string format = "text";
};

QString asText(const QJsonObject &tokens)
{
    QString text;
    for (auto member = tokens.begin(); member != tokens.end(); ++member)
        text += QStringLiteral("%1 %2\n").arg(member.key().leftJustified(13), oneLine(member->toVariant().toString()));
    return text;
}

/// Some servers ask for a token only when a tool is called.
Error explained(Error error, const std::string &url)
{
    if (error.code == QStringLiteral("no_authorization_needed"))
        error.message += QStringLiteral(" Where only some tools ask for a token: mcp-auth call %1 TOOL --login.")
                             .arg(QString::fromStdString(url));
    return error;
}

int run(const LoginOptions &options)
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
    Http::ClientOptions clientOptions;
    clientOptions.allowHttp = options.flow.overrides.allowHttp;
    clientOptions.purpose = QStringLiteral("login");
    Http::Client client(clientOptions);
    const auto authorization = QCoro::waitFor(OAuth::authorize(&client, *flow));
    if (!authorization) {
        printFailure(explained(authorization.error(), options.flow.url), asJson,
                     {{QStringLiteral("steps"), report.toJson()}});
        return exitStatus(authorization.error());
    }
    QJsonObject tokens = OAuth::toJson(*authorization, systemClock()());
    if (asJson)
        tokens.insert(QStringLiteral("steps"), report.toJson());
    if (!asJson && !print(asText(tokens)))
        return NotCarriedOut;
    if (authorization->callError) { // the tokens are there, and may be looked at
        printFailure(*authorization->callError, asJson, tokens);
        return exitStatus(*authorization->callError);
    }
    return !asJson || printJson(tokens) ? Yes : NotCarriedOut;
}

} // namespace

Command loginCommand(CLI::App &program)
{
    auto options = std::make_shared<LoginOptions>();
    CLI::App *command = program.add_subcommand("login", "Get a token for an MCP server, step by step");
    command->add_option("MCP_URL", options->flow.url, "The MCP server")->required();
    command->add_option("--grant", options->flow.grant, "authorization_code, or client_credentials for machines")
        ->check(CLI::IsMember({"authorization_code", "client_credentials"}))
        ->capture_default_str();
    addFlowOptions(command, &options->flow);
    addFormatOption(command, &options->format);
    command->footer(
        "Example: mcp-auth login http://127.0.0.1:3001/mcp --no-browser\n"
        "Exit status: 0 tokens were issued and the MCP server accepts them, 1 the user, the provider, the MCP "
        "server or a rule refused, 2 it could not be carried out.");
    return {command, [options] { return run(*options); }};
}

} // namespace McpAuth::Cli
