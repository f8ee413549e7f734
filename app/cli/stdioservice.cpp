#include "app/cli/stdioservice.h"

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/terminationsignal.h"
#include "mcp/stdioserver.h"

#include <QEventLoop>

#include <unistd.h>

namespace McpAuth::Cli {

int serveOnStdio(Mcp::Server &offer)
{
    TerminationSignal termination;
    const auto endpoint = offer.makeEndpoint();
    if (!endpoint) {
        printFailure(endpoint.error(), false);
        return NotCarriedOut;
    }
    QEventLoop loop;
    const Mcp::StdioServer server(endpoint->get(), STDIN_FILENO, STDOUT_FILENO);
    QObject::connect(&server, &Mcp::StdioServer::finished, &loop, &QEventLoop::quit);
    QObject::connect(&termination, &TerminationSignal::received, &loop, &QEventLoop::quit);
    loop.exec();
    return Yes;
}

} // namespace McpAuth::Cli
