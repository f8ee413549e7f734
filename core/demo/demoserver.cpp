#include "demo/demoserver.h"

#include "demo/sampletools.h"

#include <QCoreApplication>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

Mcp::EndpointOptions described(Mcp::EndpointOptions options)
{
    options.name = u"mcp-auth-tester"_s;
    options.title = u"MCP Auth Tester"_s;
    options.version = QCoreApplication::applicationVersion();
    return options;
}

} // namespace

DemoServer::DemoServer(Http::Client *client, QObject *parent, Mcp::EndpointOptions options)
    : Mcp::Server(described(std::move(options)), client, parent)
{
    for (const Mcp::Tool &tool : sampleTools()) {
        [[maybe_unused]] const Result<> added = addTool(tool);
        Q_ASSERT(added);
    }
}

} // namespace McpAuth::Demo
