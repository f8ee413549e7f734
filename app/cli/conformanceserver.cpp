// mcp-auth conformance-server: the server as the official conformance suite tests it.
#include "app/cli/command.h"
#include "app/cli/linewriter.h"
#include "app/cli/output.h"
#include "app/cli/stdioservice.h"
#include "app/cli/terminationsignal.h"
#include "demo/conformancefixtures.h"

#include <QEventLoop>

namespace McpAuth::Cli {

namespace {

struct ConformanceOptions
{
    quint16 port = 0;
    std::string transport = "http";
};

int run(const ConformanceOptions &options)
{
    Mcp::Server server({.name = QStringLiteral("mcp-auth conformance"), .version = QStringLiteral("1")});
    const auto offered = Demo::addConformanceFixtures(server);
    if (offered && options.transport == "stdio")
        return serveOnStdio(server);
    TerminationSignal termination;
    const auto started =
        offered.and_then([&] { return server.listen({.requireAuth = false, .http = {.port = options.port}}); });
    if (!started) {
        printFailure(started.error(), false);
        return NotCarriedOut;
    }
    QEventLoop loop;
    QObject::connect(&termination, &TerminationSignal::received, &loop, &QEventLoop::quit);
    LineWriter output(false);
    QObject::connect(&output, &LineWriter::broken, &loop, &QEventLoop::quit);
    output.writeLine(QStringLiteral("listening %1").arg(server.url()));
    output.flush();
    if (output.isSound())
        loop.exec();
    QCoro::waitFor(server.stop());
    return output.isSound() ? Yes : NotCarriedOut;
}

} // namespace

Command conformanceServerCommand(CLI::App &program)
{
    auto options = std::make_shared<ConformanceOptions>();
    CLI::App *command =
        program.add_subcommand("conformance-server", "Be the server that the official conformance suite tests");
    command->add_option("--port", options->port, "The port; 0 takes any free one")->capture_default_str();
    command->add_option("--transport", options->transport, "http, or stdio: whoever starts the program")
        ->check(CLI::IsMember({"http", "stdio"}))
        ->capture_default_str();
    command->footer("Example: mcp-auth conformance-server --port 3000\n"
                    "Requires no token. Ends cleanly on SIGINT and SIGTERM.");
    return {command, [options] { return run(*options); }};
}

} // namespace McpAuth::Cli
