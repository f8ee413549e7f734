// An MCP server on http://127.0.0.1:3001/mcp, protected by the provider whose issuer is the first argument.
#include <QCoreApplication>
#include <QTextStream>

#include <McpAuth/bearer/mcpauth.h>
#include <McpAuth/http/descriptors.h>
#include <McpAuth/http/server.h>
#include <McpAuth/mcp/endpoint.h>

using namespace McpAuth;

namespace {

QCoro::Task<Mcp::ToolResult> greet(QJsonObject, Mcp::Context context)
{
    co_return Mcp::ToolResult::text(QStringLiteral("Hello, %1!").arg(context.auth()->subject));
}

Mcp::Tool greeting()
{
    return {.name = QStringLiteral("greet"),
            .description = QStringLiteral("Greets the caller by name."),
            .inputSchema = {{QStringLiteral("type"), QStringLiteral("object")}},
            .requiredScopes = {QStringLiteral("greetings:read")},
            .handler = greet};
}

/// Everything that lives as long as the server.
struct ProtectedServer
{
    Http::Client client;
    std::unique_ptr<Bearer::McpAuth> mcpAuth;
    std::unique_ptr<Mcp::Endpoint> endpoint;
    std::shared_ptr<Http::Router> router = std::make_shared<Http::Router>();
    Http::Server server{router};
};

Result<> start(ProtectedServer *self, const QString &issuer)
{
    Bearer::ProtectedResource resource;
    resource.metadata.resource = QStringLiteral("http://127.0.0.1:3001/mcp");
    resource.authServers = {{.issuer = issuer}};
    auto mcpAuth = Bearer::McpAuth::forResources(&self->client, {resource});
    if (!mcpAuth)
        return fail(mcpAuth.error());
    self->mcpAuth = *std::move(mcpAuth);

    const QString name = resource.metadata.resource;
    auto bearerAuth = self->mcpAuth->bearerAuth({.resource = name});
    if (!bearerAuth)
        return fail(bearerAuth.error());
    self->endpoint = std::make_unique<Mcp::Endpoint>(
        Mcp::EndpointOptions{.name = QStringLiteral("greeter"), .version = QStringLiteral("1.0")},
        *std::move(bearerAuth));
    if (auto added = self->endpoint->addTool(greeting()); !added)
        return added;

    // Web pages of every origin may read the metadata (RFC 9728 §3.1), and nothing else.
    self->mcpAuth->mountMetadata(self->router.get());
    self->endpoint->mount(self->router.get(), "/mcp");
    return self->server.listen({.port = 3001});
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    if (argc != 2) {
        QTextStream(stderr) << "usage: protected-server ISSUER\n";
        return 2;
    }
    Http::raiseDescriptorLimit(); // or the server is full at the usual 1,024
    ProtectedServer server;
    if (const auto started = start(&server, QString::fromLocal8Bit(argv[1])); !started) {
        QTextStream(stderr) << started.error().message << '\n';
        return 2;
    }
    QTextStream(stdout) << "listening " << server.server.origin() << "/mcp" << Qt::endl;
    return QCoreApplication::exec();
}
