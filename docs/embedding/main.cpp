// An MCP server on http://127.0.0.1:3001/mcp, protected by the provider whose issuer is the first argument.
#include <QCoreApplication>
#include <QTextStream>

#include <McpAuth/http/descriptors.h>
#include <McpAuth/mcp/server.h>

using namespace McpAuth;
using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QString issuer = QCoreApplication::arguments().value(1);

    Http::raiseDescriptorLimit(); // or the server is full at the usual 1,024
    Mcp::Server server({.name = u"greeter"_s, .version = u"1.0"_s});
    Mcp::Tool greet{.name = u"greet"_s,
                    .inputSchema = {{u"type"_s, u"object"_s}},
                    .requiredScopes = {u"greetings:read"_s},
                    .handler = [](const QJsonObject &, const Mcp::Context &context) {
                        return Mcp::ToolResult::text(u"Hello, %1!"_s.arg(context.auth()->subject));
                    }};
    const auto listening = server.addTool(greet).and_then(
        [&] { return server.listen({.authServers = {{.issuer = issuer}}, .http = {.port = 3001}}); });

    if (!listening) {
        QTextStream(stderr) << listening.error().message << '\n';
        return 2;
    }
    QTextStream(stdout) << "listening " << server.url() << Qt::endl;
    return QCoreApplication::exec();
}
