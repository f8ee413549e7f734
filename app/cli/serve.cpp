// mcp-auth serve: the embedded MCP server with auth.
#include "app/cli/command.h"
#include "app/cli/keyfile.h"
#include "app/cli/linewriter.h"
#include "app/cli/output.h"
#include "app/cli/stdioservice.h"
#include "app/cli/terminationsignal.h"
#include "demo/demoserver.h"
#include "jose/key.h"
#include "mcp/serverthreads.h"
#include "metadata/discovery.h"

#include <QEventLoop>
#include <QUrl>

#include <algorithm>
#include <array>
#include <stop_token>

namespace McpAuth::Cli {

namespace {

/// Of a key that is made here, for the threads of this process.
constexpr int sessionKeyBytes = 32;

struct ServeOptions
{
    std::vector<std::string> issuers;
    std::string jwks;
    std::string host = "127.0.0.1";
    quint16 port = 0;
    std::string path = "/mcp";
    std::string resource;
    std::vector<std::string> audience;
    std::vector<std::string> scopes;
    std::vector<std::string> toolScopes;
    std::vector<std::string> implies;
    std::vector<std::string> allowedHosts;
    std::vector<std::string> allowedOrigins;
    std::string mode = "resource-server";
    std::string era = "both";
    std::string sessionKey;
    std::string transport = "http";
    int threads = 1;
    bool noAuth = false;
    bool showErrorDetails = false;
    bool allowHttp = false;
    std::string format = "text";
};

/// As browsers send it (RFC 6454 §6.1).
bool isOrigin(const QString &text)
{
    const QUrl url(text);
    const int usualPort = url.scheme() == u"https" ? 443 : 80; // which browsers leave out
    return text == QStringLiteral("*") || (!url.host().isEmpty() && url.port() != usualPort &&
                                           url.toString(QUrl::FullyEncoded | QUrl::RemovePath | QUrl::RemoveQuery |
                                                        QUrl::RemoveFragment | QUrl::RemoveUserInfo) == text);
}

/// Without port; IPv6 with or without brackets.
bool isHost(const QString &text)
{
    QUrl url;
    url.setHost(text);
    return url.isValid() && !url.host().isEmpty();
}

/// Why the options cannot go together; empty when they can.
QString usageError(const ServeOptions &options)
{
    const QStringList origins = toStrings(options.allowedOrigins);
    if (const auto wrong = std::ranges::find_if_not(origins, isOrigin); wrong != origins.end())
        return QStringLiteral("--allow-origin takes an origin such as https://app.example:8443, or *, not %1.")
            .arg(*wrong);
    if (options.transport == "stdio" && !options.sessionKey.empty())
        return QStringLiteral("--transport stdio does not go with --session-key: its session is one client's.");
    if (options.transport != "http" && options.threads > 1)
        return QStringLiteral("--threads is for --transport http: elsewhere a session is one thread's.");
    if (options.transport == "sse" && (options.era == "modern" || !options.sessionKey.empty()))
        return QStringLiteral(
            "--transport sse goes neither with --era modern nor with --session-key: its sessions are of "
            "the legacy era and end with their streams.");
    const QStringList hosts = toStrings(options.allowedHosts);
    if (const auto wrong = std::ranges::find_if_not(hosts, isHost); wrong != hosts.end())
        return QStringLiteral("--allow-host takes a host name without a port, such as mcp.example, not %1.")
            .arg(*wrong);
    if (!options.noAuth && options.transport != "stdio")
        return options.issuers.empty() ? QStringLiteral("Name a provider with --issuer, or use --no-auth.") : QString();
    const std::array<std::pair<const char *, bool>, 8> ofAuth{{{"--issuer", !options.issuers.empty()},
                                                               {"--jwks", !options.jwks.empty()},
                                                               {"--audience", !options.audience.empty()},
                                                               {"--scope", !options.scopes.empty()},
                                                               {"--tool-scope", !options.toolScopes.empty()},
                                                               {"--implies", !options.implies.empty()},
                                                               {"--mode", options.mode != "resource-server"},
                                                               {"--show-error-details", options.showErrorDetails}}};
    const auto given = std::ranges::find_if(ofAuth, &std::pair<const char *, bool>::second);
    return given == ofAuth.end()
               ? QString()
               : QStringLiteral("%1 and %2 exclude each other: without authorization no token is "
                                "required.")
                     .arg(options.noAuth ? QStringLiteral("--no-auth") : QStringLiteral("--transport stdio"),
                          QLatin1StringView(given->first));
}

/// Keys by hand need no metadata; else the provider must be there, and its kind is found out.
QCoro::Task<Result<Bearer::AuthServer>> authServer(Http::Client *client, QString issuer,
                                                   std::shared_ptr<Jose::KeySource> keys, std::stop_token stop)
{
    Bearer::AuthServer server;
    server.issuer = issuer;
    server.keys = keys;
    if (keys)
        co_return server;
    const Metadata::DiscoveryOptions how{.type = {}, .stop = stop};
    const Metadata::Discovery discovery = co_await Metadata::discover(client, issuer, how);
    if (!discovery.config)
        co_return fail(discovery.config.error());
    server.issuer = discovery.config->metadata.issuer;
    server.type = discovery.config->type;
    server.config = *discovery.config;
    co_return server;
}

/// Null: the providers' own.
Result<std::shared_ptr<Jose::KeySource>> givenKeys(Http::Client *client, const ServeOptions &options)
{
    if (options.jwks.empty())
        return nullptr;
    return keySetFrom(client, QString::fromStdString(options.jwks), systemClock());
}

Result<QList<Bearer::AuthServer>> authServers(Http::Client *client, const ServeOptions &options,
                                              const std::stop_token &stop)
{
    const auto keys = givenKeys(client, options);
    if (!keys)
        return fail(keys.error());
    QList<Bearer::AuthServer> servers;
    for (const QString &issuer : toStrings(options.issuers)) {
        auto server = QCoro::waitFor(authServer(client, issuer, *keys, stop));
        if (!server)
            return fail(server.error());
        servers.append(*server);
    }
    return servers;
}

Result<Mcp::ServerOptions> serverOptions(Http::Client *client, const ServeOptions &options, const std::stop_token &stop)
{
    Mcp::ServerOptions server;
    if (!server.http.address.setAddress(QString::fromStdString(options.host)))
        return fail(QStringLiteral("usage"),
                    QStringLiteral("--host takes an IP address such as 127.0.0.1 or ::1, not %1.")
                        .arg(QString::fromStdString(options.host)));
    if (const QString wrong = usageError(options); !wrong.isEmpty())
        return fail(QStringLiteral("usage"), wrong);
    auto scopes =
        scopesByName(toStrings(options.toolScopes), QStringLiteral("--tool-scope"), QStringLiteral("TOOL=SCOPE"));
    if (!scopes)
        return fail(scopes.error());
    auto implied = scopesByName(toStrings(options.implies), QStringLiteral("--implies"), QStringLiteral("WIDE=NARROW"));
    if (!implied)
        return fail(implied.error());
    auto providers = authServers(client, options, stop);
    if (!providers)
        return fail(providers.error());
    server.authServers = *providers;
    server.toolScopes = *scopes;
    server.bearer.impliedScopes = *implied;
    server.http.port = options.port;
    server.http.allowedHosts = toStrings(options.allowedHosts);
    server.http.allowedOrigins = toStrings(options.allowedOrigins);
    server.path = QString::fromStdString(options.path);
    server.resource = QString::fromStdString(options.resource);
    if (!options.audience.empty())
        server.bearer.audience = toStrings(options.audience);
    server.bearer.requiredScopes = toStrings(options.scopes);
    server.authorizationServerMode = options.mode == "authorization-server";
    server.requireAuth = !options.noAuth;
    if (options.transport == "sse")
        server.transport = Mcp::Transport::HttpSse;
    server.bearer.showErrorDetails = options.showErrorDetails;
    return server;
}

/// Errors: those of readFile.
Result<Mcp::EndpointOptions> endpointOptions(const ServeOptions &options)
{
    Mcp::EndpointOptions endpoint;
    if (!options.sessionKey.empty()) {
        auto key = readFile(QString::fromStdString(options.sessionKey));
        if (!key)
            return fail(key.error());
        if (key->isEmpty()) // which would mean that there is none
            return fail(QStringLiteral("invalid_session_key"), QStringLiteral("The session key's file is empty."));
        endpoint.sealKey = Secret(*std::move(key));
    }
    if (options.era != "both")
        endpoint.eras = options.era == "legacy" ? Mcp::Eras::Legacy : Mcp::Eras::Modern;
    return endpoint;
}

template<typename AnyServer>
void announce(LineWriter &output, const AnyServer &server, bool asJson)
{
    if (!asJson)
        return output.writeLine(QStringLiteral("listening %1").arg(server.url()));
    QJsonArray metadata;
    for (const auto &[url, document] : server.publishedMetadata())
        metadata.append(url);
    output.writeJson({{QStringLiteral("event"), QStringLiteral("listening")},
                      {QStringLiteral("url"), server.url()},
                      {QStringLiteral("resource"), server.resource()},
                      {QStringLiteral("metadata"), metadata}});
}

void report(LineWriter &output, const Mcp::RequestEvent &event, bool asJson)
{
    if (asJson)
        return output.writeJson(Mcp::toJson(event));
    QStringList words{clockText(event.time),
                      QString::fromUtf8(event.method),
                      event.path,
                      QString::number(event.status),
                      QStringLiteral("%1 ms").arg(event.durationMs, 0, 'f', 1),
                      event.rpc,
                      event.tool,
                      event.subject,
                      event.error,
                      event.reason};
    words.removeAll(QString());
    output.writeLine(words.join(u' '));
}

int runStdio(const ServeOptions &options)
{
    if (const QString wrong = usageError(options); !wrong.isEmpty()) {
        printFailure({QStringLiteral("usage"), wrong}, false);
        return NotCarriedOut;
    }
    const auto about = endpointOptions(options);
    if (!about) {
        printFailure(about.error(), false);
        return NotCarriedOut;
    }
    Demo::DemoServer offer(nullptr, nullptr, *about);
    return serveOnStdio(offer);
}

/// Tells of its requests meanwhile. `server`: a Mcp::Server or ServerThreads. The exit status.
template<typename AnyServer>
int runUntilTerminated(AnyServer &server, const std::function<Result<>()> &listen, const std::function<void()> &stop,
                       TerminationSignal &termination, bool asJson)
{
    QEventLoop loop;
    LineWriter output(asJson);
    QObject::connect(&output, &LineWriter::broken, &loop, &QEventLoop::quit);
    QObject::connect(&server, &AnyServer::requestAnswered, &loop,
                     [&](const Mcp::RequestEvent &event) { report(output, event, asJson); });
    if (const auto started = listen(); !started) {
        printFailure(started.error(), asJson);
        return NotCarriedOut;
    }
    QObject::connect(&termination, &TerminationSignal::received, &loop, &QEventLoop::quit);
    announce(output, server, asJson);
    output.flush();
    if (output.isSound())
        loop.exec();
    stop();
    output.finish();
    return output.isSound() ? Yes : NotCarriedOut;
}

/// `settings` and `endpoint`: of the main thread, which has found that they can be had.
int runThreads(const ServeOptions &options, const Http::ClientOptions &clientOptions,
               const Mcp::ServerOptions &settings, Mcp::EndpointOptions endpoint, TerminationSignal &termination)
{
    if (endpoint.sealKey.isEmpty())
        endpoint.sealKey = Secret(Jose::randomBytes(sessionKeyBytes));
    const auto make = [&]() -> Result<Mcp::ServerThread> {
        Mcp::ServerThread thread;
        thread.client = std::make_unique<Http::Client>(clientOptions);
        thread.options = settings;
        auto keys = givenKeys(thread.client.get(), options); // which are each thread's own
        if (!keys)
            return std::unexpected(keys.error());
        for (Bearer::AuthServer &provider : thread.options.authServers)
            provider.keys = *keys;
        thread.server = std::make_unique<Demo::DemoServer>(thread.client.get(), nullptr, endpoint);
        return thread;
    };
    Mcp::ServerThreads server;
    return runUntilTerminated(
        server, [&] { return server.listen(settings.http.address, options.port, options.threads, make); },
        [&] { server.stop(); }, termination, options.format == "json");
}

int run(const ServeOptions &options)
{
    if (options.transport == "stdio")
        return runStdio(options);
    const bool asJson = options.format == "json";
    TerminationSignal termination;
    std::stop_source startUp; // a signal need not wait for a slow provider
    QObject::connect(&termination, &TerminationSignal::received, &termination, [&] { startUp.request_stop(); });
    Http::ClientOptions clientOptions;
    clientOptions.purpose = QStringLiteral("serve");
    clientOptions.allowHttp = options.allowHttp;
    Http::Client client(clientOptions);
    const auto settings = serverOptions(&client, options, startUp.get_token());
    if (startUp.stop_requested())
        return Yes;
    if (!settings) {
        printFailure(settings.error(), asJson);
        return NotCarriedOut;
    }
    const auto endpoint = endpointOptions(options);
    if (!endpoint) {
        printFailure(endpoint.error(), asJson);
        return NotCarriedOut;
    }
    if (options.threads > 1)
        return runThreads(options, clientOptions, *settings, *endpoint, termination);
    Demo::DemoServer server(&client, nullptr, *endpoint);
    return runUntilTerminated(
        server, [&] { return server.listen(*settings); }, [&] { QCoro::waitFor(server.stop()); }, termination, asJson);
}

} // namespace

Command serveCommand(CLI::App &program)
{
    auto options = std::make_shared<ServeOptions>();
    CLI::App *command = program.add_subcommand("serve", "Run the embedded MCP server with authorization");
    command->add_option("--issuer", options->issuers, "A trusted provider; repeatable")->allow_extra_args(false);
    command->add_option("--jwks", options->jwks, "The providers' key set, URL or file, instead of discovery");
    command->add_option("--host", options->host, "The address to listen on")->capture_default_str();
    command->add_option("--port", options->port, "The port; 0 takes any free one")->capture_default_str();
    command->add_option("--path", options->path, "The MCP endpoint's path")->capture_default_str();
    command->add_option("--resource", options->resource, "The resource identifier; by default the endpoint's URL");
    command->add_option("--audience", options->audience, "An accepted aud; repeatable; by default the resource")
        ->allow_extra_args(false);
    command->add_option("--scope", options->scopes, "A scope that every request needs; repeatable")
        ->allow_extra_args(false);
    command->add_option("--tool-scope", options->toolScopes, "TOOL=SCOPE: what a tool needs; repeatable")
        ->allow_extra_args(false);
    command->add_option("--implies", options->implies, "WIDE=NARROW: a scope that includes another; repeatable")
        ->allow_extra_args(false);
    command
        ->add_option("--allow-host", options->allowedHosts,
                     "A host name that requests may name besides the address; repeatable")
        ->allow_extra_args(false);
    command
        ->add_option("--allow-origin", options->allowedOrigins,
                     "The origin of web pages that may call besides those on loopback; repeatable")
        ->allow_extra_args(false);
    command->add_option("--mode", options->mode, "resource-server, or authorization-server (deprecated)")
        ->check(CLI::IsMember({"resource-server", "authorization-server"}))
        ->capture_default_str();
    command
        ->add_option("--transport", options->transport,
                     "http: Streamable HTTP; sse: the older HTTP with SSE; stdio: whoever starts the program, without "
                     "authorization")
        ->check(CLI::IsMember({"http", "sse", "stdio"}))
        ->capture_default_str();
    command->add_option("--era", options->era, "legacy: with a handshake and sessions; modern: stateless; or both")
        ->check(CLI::IsMember({"legacy", "modern", "both"}))
        ->capture_default_str();
    command->add_option("--session-key", options->sessionKey,
                        "A file of 32 random bytes or more: servers that share it take over each other's sessions");
    command
        ->add_option("--threads", options->threads,
                     "Serve on so many threads, which share the port; for tools that ask their callers nothing")
        ->check(CLI::Range(1, Mcp::maxServerThreads))
        ->capture_default_str();
    command->add_flag("--no-auth", options->noAuth, "Require no token");
    command->add_flag("--show-error-details", options->showErrorDetails, "Tell callers why they were refused");
    command->add_flag("--allow-http", options->allowHttp, "Allow providers on plain http beyond this machine");
    addFormatOption(command, &options->format);
    command->footer("Example: mcp-auth serve --issuer https://login.example.com --tool-scope add=math:use --port 3001\n"
                    "Ends cleanly on SIGINT and SIGTERM.");
    return {command, [options] { return run(*options); }};
}

} // namespace McpAuth::Cli
