// mcp-auth provider: the embedded authorization server, alone.
#include "app/cli/command.h"
#include "app/cli/keyfile.h"
#include "app/cli/linewriter.h"
#include "app/cli/output.h"
#include "app/cli/terminationsignal.h"
#include "demo/authorizationserver.h"
#include "metadata/wellknown.h"

#include <QEventLoop>
#include <QJsonArray>

namespace McpAuth::Cli {

namespace {

struct ProviderOptions
{
    quint16 port = 0;
    std::string path;
    std::string algorithm = "ES256";
    int tokenLifetime = 900;
    bool autoConsent = false;
    std::vector<std::string> users;
    std::vector<std::string> scopes;
    std::vector<std::string> clients;
    std::vector<std::string> redirectUris;
    std::vector<std::string> faults;
    bool loopbackDocuments = false;
    std::string format = "text";
};

using KnownClient = Demo::AuthorizationServerOptions::KnownClient;

QStringList redirectUris(const ProviderOptions &options)
{
    if (!options.redirectUris.empty())
        return toStrings(options.redirectUris);
    return {QStringLiteral("http://127.0.0.1/callback"), QStringLiteral("http://localhost/callback"),
            QStringLiteral("http://[::1]/callback")};
}

/// ID, or ID:FILE where the file holds the secret. An ID that is a URL has no secret.
Result<KnownClient> knownClient(const QString &word, const ProviderOptions &options)
{
    KnownClient client;
    client.redirectUris = redirectUris(options);
    const qsizetype colon = word.contains(QStringLiteral("://")) ? -1 : word.indexOf(u':');
    client.clientId = colon < 0 ? word : word.first(colon);
    if (colon < 0)
        return client;
    const auto secret = readFile(word.sliced(colon + 1));
    if (!secret)
        return fail(secret.error());
    client.clientSecret = Secret(secret->trimmed());
    if (client.clientSecret.isEmpty())
        return fail(QStringLiteral("usage"),
                    QStringLiteral("The secret's file %1 is empty.").arg(word.sliced(colon + 1)));
    client.grantTypes.append(QStringLiteral("client_credentials"));
    return client;
}

Result<Demo::AuthorizationServerOptions> serverOptions(Http::Client *client, const ProviderOptions &options)
{
    Demo::AuthorizationServerOptions server;
    server.port = options.port;
    server.path = QString::fromStdString(options.path);
    server.algorithm = QByteArray::fromStdString(options.algorithm);
    server.tokenLifetime = std::chrono::seconds{options.tokenLifetime};
    server.autoConsent = options.autoConsent;
    server.scopes = toStrings(options.scopes);
    server.http = client;
    server.allowLoopbackDocuments = options.loopbackDocuments;
    if (!options.users.empty())
        server.users.clear();
    for (const QString &name : toStrings(options.users))
        server.users.append({.name = name});
    for (const QString &name : toStrings(options.faults))
        server.faults.insert(*Demo::faultFrom(name)); // the command line takes no others
    for (const QString &word : toStrings(options.clients)) {
        auto known = knownClient(word, options);
        if (!known)
            return fail(known.error());
        server.clients.append(*std::move(known));
    }
    return server;
}

void announce(LineWriter &output, const Demo::AuthorizationServer &server, bool asJson)
{
    if (!asJson) {
        output.writeLine(QStringLiteral("listening %1").arg(server.issuer()));
        return output.writeLine(
            QStringLiteral("for tests only: users sign in without a password, and nothing is stored"));
    }
    QStringList metadata;
    for (const auto &url :
         {Metadata::oauthWellKnownUrl(server.issuer()), Metadata::oidcInsertedWellKnownUrl(server.issuer()),
          Metadata::oidcWellKnownUrl(server.issuer())})
        metadata.append(url.value_or(QString()));
    metadata.removeDuplicates(); // without a path two are the same
    output.writeJson({{QStringLiteral("event"), QStringLiteral("listening")},
                      {QStringLiteral("url"), server.issuer()},
                      {QStringLiteral("metadata"), QJsonArray::fromStringList(metadata)},
                      {QStringLiteral("note"), QStringLiteral("for tests only")}});
}

void report(LineWriter &output, const Demo::ProviderEvent &event, bool asJson)
{
    if (asJson)
        return output.writeJson(Demo::toJson(event));
    QStringList words{clockText(event.time),
                      QString::fromUtf8(event.method),
                      event.path,
                      QString::number(event.status),
                      QStringLiteral("%1 ms").arg(event.durationMs, 0, 'f', 1),
                      event.grant,
                      event.clientId,
                      event.subject,
                      event.error};
    words.removeAll(QString());
    output.writeLine(words.join(u' '));
}

int run(const ProviderOptions &options)
{
    const bool asJson = options.format == "json";
    TerminationSignal termination;
    Http::Client client;
    const auto settings = serverOptions(&client, options);
    if (!settings) {
        printFailure(settings.error(), asJson);
        return NotCarriedOut;
    }
    Demo::AuthorizationServer server;
    if (const auto started = server.start(*settings); !started) {
        printFailure(started.error(), asJson);
        return NotCarriedOut;
    }
    QEventLoop loop;
    LineWriter output(asJson);
    QObject::connect(&output, &LineWriter::broken, &loop, &QEventLoop::quit);
    QObject::connect(&server, &Demo::AuthorizationServer::requestAnswered, &loop,
                     [&](const Demo::ProviderEvent &event) { report(output, event, asJson); });
    QObject::connect(&termination, &TerminationSignal::received, &loop, &QEventLoop::quit);
    announce(output, server, asJson);
    output.flush();
    if (output.isSound())
        loop.exec();
    QCoro::waitFor(server.stop());
    output.finish();
    return output.isSound() ? Yes : NotCarriedOut;
}

std::vector<std::string> faultNames()
{
    std::vector<std::string> names;
    for (const Demo::Fault fault : Demo::faults())
        names.push_back(Demo::toString(fault).toStdString());
    return names;
}

std::string faultHelp()
{
    std::string help = "Faults:\n";
    for (const Demo::Fault fault : Demo::faults())
        help += QStringLiteral("  %1 %2\n").arg(Demo::toString(fault), -22).arg(Demo::description(fault)).toStdString();
    return help;
}

} // namespace

Command providerCommand(CLI::App &program)
{
    auto options = std::make_shared<ProviderOptions>();
    CLI::App *command = program.add_subcommand("provider", "Run the embedded authorization server, for tests only");
    command->add_option("--port", options->port, "The port on 127.0.0.1; 0 takes any free one")->capture_default_str();
    command->add_option("--path", options->path, "The issuer's path, such as /tenant");
    command->add_option("--alg", options->algorithm, "What tokens are signed with")->capture_default_str();
    command->add_option("--token-lifetime", options->tokenLifetime, "Of access tokens, in seconds")
        ->check(CLI::Range(1, 31'536'000))
        ->capture_default_str();
    command->add_flag("--auto-consent", options->autoConsent, "The first user agrees to everything, without a page");
    command->add_option("--user", options->users, "A user who can sign in; repeatable; by default alice and bob")
        ->allow_extra_args(false);
    command->add_option("--scope", options->scopes, "A scope; repeatable; by default those of the sample tools")
        ->allow_extra_args(false);
    command
        ->add_option("--client", options->clients,
                     "ID, or ID:FILE with the secret in the file: a client known from the start; repeatable")
        ->allow_extra_args(false);
    command
        ->add_option("--redirect-uri", options->redirectUris,
                     "Of those clients; repeatable; by default /callback on loopback at any port")
        ->allow_extra_args(false);
    command->add_option("--fault", options->faults, "A fault to make; repeatable; see below")
        ->check(CLI::IsMember(faultNames()))
        ->allow_extra_args(false);
    command->add_flag("--loopback-documents", options->loopbackDocuments,
                      "Fetch Client ID Metadata Documents from this machine, too");
    addFormatOption(command, &options->format);
    command->footer(faultHelp() + "Example: mcp-auth provider --port 9000 --auto-consent --fault expired_tokens\n"
                                  "Ends cleanly on SIGINT and SIGTERM.");
    return {command, [options] { return run(*options); }};
}

} // namespace McpAuth::Cli
