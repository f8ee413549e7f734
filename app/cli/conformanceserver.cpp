// mcp-auth conformance-server: the server as the official conformance suite tests it.
#include "app/cli/command.h"
#include "app/cli/linewriter.h"
#include "app/cli/output.h"
#include "app/cli/terminationsignal.h"
#include "demo/conformancefixtures.h"

#include <QEventLoop>

namespace McpAuth::Cli {

namespace {

int run(quint16 port)
{
    TerminationSignal termination;
    Mcp::Server server({.name = QStringLiteral("mcp-auth conformance"), .version = QStringLiteral("1")});
    const auto started = Demo::addConformanceFixtures(server).and_then(
        [&] { return server.listen({.requireAuth = false, .http = {.port = port}}); });
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
    auto port = std::make_shared<quint16>();
    CLI::App *command =
        program.add_subcommand("conformance-server", "Be the server that the official conformance suite tests");
    command->add_option("--port", *port, "The port; 0 takes any free one")->capture_default_str();
    command->footer("Example: mcp-auth conformance-server --port 3000\n"
                    "Requires no token. Ends cleanly on SIGINT and SIGTERM.");
    return {command, [port] { return run(*port); }};
}

} // namespace McpAuth::Cli
