#include "app/cli/flowoptions.h"

#include "app/cli/command.h"
#include "app/cli/keyfile.h"
#include "app/cli/output.h"
#include "base/text.h"
#include "metadata/reference.h"
#include "oauth/advice.h"

#include <QProcess>
#include <QStandardPaths>

#include <algorithm>
#include <cstdio>

namespace McpAuth::Cli {

namespace {

struct RegistrationWord
{
    const char *word;
    OAuth::RegistrationPreference preference;
};

constexpr RegistrationWord registrationWords[] = {{"auto", OAuth::RegistrationPreference::Automatic},
                                                  {"cimd", OAuth::RegistrationPreference::MetadataDocument},
                                                  {"dcr", OAuth::RegistrationPreference::Dynamic},
                                                  {"preregistered", OAuth::RegistrationPreference::Preregistered}};

struct OverrideFlag
{
    OAuth::OverrideMember member;
    const char *name;
    const char *description;
};

constexpr OverrideFlag overrideFlags[] = {
    {&OAuth::Overrides::allowMissingPkce, "--allow-missing-pkce",
     "Continue although the provider's metadata does not name S256"},
    {&OAuth::Overrides::omitResource, "--omit-resource", "Send no resource parameter"},
    {&OAuth::Overrides::allowResourceMismatch, "--allow-resource-mismatch",
     "Continue although the metadata describes another resource"},
    {&OAuth::Overrides::allowPrivateAddresses, "--allow-private-addresses",
     "Follow a server elsewhere to this machine or a private network"},
    {&OAuth::Overrides::allowHttp, "--allow-http", "Allow plain http beyond this machine"},
};

void say(const QString &line, const QString &indent = {})
{
    std::fputs((indent + oneLine(line) + u'\n').toUtf8().constData(), stderr);
    std::fflush(stderr);
}

bool hasScreen()
{
#ifdef Q_OS_LINUX
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
#else
    return true;
#endif
}

/// The system's program that opens a URL in the user's browser; empty when there is none.
QString opener()
{
#ifdef Q_OS_MACOS
    const QString name = QStringLiteral("open");
#else
    const QString name = QStringLiteral("xdg-open");
#endif
    return hasScreen() ? QStandardPaths::findExecutable(name) : QString();
}

QCoro::Task<Result<>> showUrl(QString url, bool mayOpen)
{
    const QString program = mayOpen ? opener() : QString();
    if (!program.isEmpty() && QProcess::startDetached(program, {url}))
        say(QStringLiteral("The browser opens. If it does not, open this URL yourself:"));
    else
        say(QStringLiteral("Open this URL in a browser:"));
    say(url);
    co_return {};
}

Result<Secret> clientSecret(const FlowArguments &arguments)
{
    if (arguments.clientSecretFile.empty())
        return Secret(qgetenv("MCP_AUTH_CLIENT_SECRET"));
    return readFile(QString::fromStdString(arguments.clientSecretFile)).transform([](const QByteArray &bytes) {
        return Secret(bytes.trimmed());
    });
}

/// Nothing when no client ID was given.
Result<std::optional<OAuth::ClientInformation>> preregistered(const FlowArguments &arguments)
{
    if (arguments.clientId.empty() && !arguments.clientSecretFile.empty())
        return fail(QStringLiteral("invalid_options"), QStringLiteral("A client's secret needs its --client-id."));
    if (arguments.clientId.empty())
        return std::nullopt;
    OAuth::ClientInformation client;
    client.clientId = QString::fromStdString(arguments.clientId);
    client.issuer = QString::fromStdString(arguments.authorizationServer);
    const auto secret = clientSecret(arguments);
    if (!secret)
        return std::unexpected(secret.error());
    client.clientSecret = *secret;
    if (!secret->isEmpty() && client.issuer.isEmpty())
        return fail(QStringLiteral("invalid_options"),
                    QStringLiteral("A client's secret needs --authorization-server, the issuer that it belongs to: it "
                                   "is sent to no other."));
    if (!arguments.clientAuthMethod.empty())
        client.registeredMethod = OAuth::clientAuthMethodFrom(QString::fromStdString(arguments.clientAuthMethod));
    return client;
}

/// For the client of --client-id, that of --client-metadata-url, or both, whichever the flow comes to use.
Result<> giveKey(OAuth::FlowOptions &flow, const FlowArguments &arguments)
{
    if (arguments.clientKey.empty())
        return {};
    if (!flow.preregistered && flow.clientMetadataUrl.isEmpty())
        return fail(QStringLiteral("invalid_options"),
                    QStringLiteral("A client's key needs its --client-id or its --client-metadata-url."));
    const auto key = keyFromFile(QString::fromStdString(arguments.clientKey));
    if (!key)
        return std::unexpected(key.error());
    if (flow.preregistered)
        flow.preregistered->key = *key;
    flow.clientMetadataKey = *key;
    return {};
}

/// A method that the client has nothing for would be passed over in silence.
Result<> checkAuthMethod(const std::optional<OAuth::ClientInformation> &client, const std::string &method)
{
    if (method.empty())
        return {};
    if (!client)
        return fail(QStringLiteral("invalid_options"), QStringLiteral("--client-auth-method needs a --client-id."));
    if (const auto chosen = OAuth::chooseClientAuthMethod({}, *client); chosen && *chosen == client->registeredMethod)
        return {};
    return fail(QStringLiteral("invalid_options"),
                method == "private_key_jwt"
                    ? QStringLiteral("--client-auth-method private_key_jwt needs a --client-key.")
                    : QStringLiteral("--client-auth-method %1 needs the client's secret: --client-secret-file, or "
                                     "MCP_AUTH_CLIENT_SECRET in the environment.")
                          .arg(QString::fromStdString(method)));
}

QString mark(OAuth::StepState state)
{
    if (state == OAuth::StepState::Skipped)
        return QStringLiteral("·");
    return state == OAuth::StepState::Done ? QStringLiteral("✔") : QStringLiteral("✖");
}

/// What can be done about a step's error. Of --allow-http printError() speaks.
QString adviceLine(const Error &error)
{
    QStringList parts{OAuth::adviceFor(error)};
    const OAuth::OverrideMember member = OAuth::overrideFor(error);
    const auto *const flag = std::ranges::find(overrideFlags, member, &OverrideFlag::member);
    if (flag != std::end(overrideFlags) && member != &OAuth::Overrides::allowHttp)
        parts.append(QStringLiteral("To go on all the same: %1.").arg(QLatin1StringView(flag->name)));
    return parts.join(u' ').trimmed();
}

void sayStep(const OAuth::Step &step)
{
    const QString rule = step.rule.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(step.rule);
    const QString outcome = step.decision.isEmpty() ? step.error.message : step.decision;
    say(QStringLiteral("%1 %2: %3%4").arg(mark(step.state), title(step.kind), outcome, rule));
    for (const QString &note : step.notes)
        say(QStringLiteral("! %1").arg(note), QStringLiteral("  "));
    if (const QString advice = adviceLine(step.error); !advice.isEmpty())
        say(QStringLiteral("→ %1").arg(advice), QStringLiteral("  "));
}

bool isEnd(OAuth::StepState state)
{
    return state != OAuth::StepState::Waiting && state != OAuth::StepState::Running;
}

} // namespace

void addFlowOptions(CLI::App *command, FlowArguments *arguments, const std::string &promptOption)
{
    std::vector<std::string> revisions;
    for (const QString &revision : Metadata::specificationRevisions())
        revisions.push_back(revision.toStdString());
    std::vector<std::string> registrations;
    for (const RegistrationWord &one : registrationWords)
        registrations.emplace_back(one.word);
    command->add_option("--revision", arguments->revision, "The MCP revision whose rules apply")
        ->check(CLI::IsMember(revisions))
        ->capture_default_str();
    command->add_option("--registration", arguments->registration, "auto, cimd, dcr or preregistered")
        ->check(CLI::IsMember(registrations))
        ->capture_default_str();
    command->add_option("--client-id", arguments->clientId, "A client ID that the provider knows already");
    command->add_option("--client-secret-file", arguments->clientSecretFile,
                        "Its secret; without this option the environment's MCP_AUTH_CLIENT_SECRET");
    command->add_option("--client-key", arguments->clientKey,
                        "The client's private key for private_key_jwt: PEM or JWK file");
    command
        ->add_option("--client-auth-method", arguments->clientAuthMethod,
                     "How the client of --client-id proves who it is; without this option the provider's metadata "
                     "decides")
        ->check(CLI::IsMember({"none", "client_secret_basic", "client_secret_post", "private_key_jwt"}));
    command
        ->add_option("--assertion-audience", arguments->assertionAudience,
                     "Whom an assertion of private_key_jwt is for: issuer, or token-endpoint for providers that take "
                     "nothing else")
        ->check(CLI::IsMember({"issuer", "token-endpoint"}))
        ->capture_default_str();
    command->add_option("--client-metadata-url", arguments->clientMetadataUrl,
                        "The https URL of a Client ID Metadata Document");
    command->add_option("--scope", arguments->scopes, "A scope to ask for instead of the server's choice; repeatable")
        ->allow_extra_args(false);
    command->add_option(
        "--authorization-server", arguments->authorizationServer,
        "The issuer to use, where the MCP server names several or none; the one a client secret belongs to");
    command
        ->add_option(promptOption, arguments->prompt,
                     "The authorization request's prompt, omit for none; without this option consent is asked for with "
                     "offline_access")
        ->check(CLI::IsMember({"none", "login", "consent", "select_account", "omit"}));
    command
        ->add_option("--authorization-parameter", arguments->authorizationParameters,
                     "NAME=VALUE, one more parameter of the authorization request; repeatable")
        ->allow_extra_args(false);
    command->add_option("--redirect-host", arguments->redirectHost, "127.0.0.1, [::1] or localhost")
        ->capture_default_str();
    command
        ->add_option("--redirect-port", arguments->redirectPort,
                     "The port of the redirect URI, for providers that compare it; 0 takes any free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    command->add_option("--redirect-path", arguments->redirectPath, "The path of the redirect URI")
        ->capture_default_str();
    command->add_option("--wait", arguments->wait, "Seconds to wait for the browser to come back")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    command->add_flag("--no-browser", arguments->noBrowser,
                      "Print the URL to open, on standard error, and open nothing");
    for (const OverrideFlag &flag : overrideFlags)
        command->add_flag(flag.name, arguments->overrides.*flag.member, flag.description);
}

Result<OAuth::FlowOptions> flowOptions(const FlowArguments &arguments)
{
    auto client = preregistered(arguments);
    if (!client)
        return std::unexpected(client.error());
    OAuth::FlowOptions flow;
    flow.mcpUrl = QString::fromStdString(arguments.url);
    flow.revision = QString::fromStdString(arguments.revision);
    flow.grant = arguments.grant == "client_credentials" ? OAuth::GrantType::ClientCredentials
                                                         : OAuth::GrantType::AuthorizationCode;
    flow.registration =
        std::ranges::find(registrationWords, arguments.registration, &RegistrationWord::word)->preference;
    flow.preregistered = *std::move(client);
    flow.clientMetadataUrl = QString::fromStdString(arguments.clientMetadataUrl);
    if (auto given = giveKey(flow, arguments); !given)
        return std::unexpected(given.error());
    if (auto usable = checkAuthMethod(flow.preregistered, arguments.clientAuthMethod); !usable)
        return std::unexpected(usable.error());
    if (arguments.assertionAudience == "token-endpoint" && arguments.clientKey.empty())
        return fail(QStringLiteral("invalid_options"), QStringLiteral("--assertion-audience needs a --client-key."));
    if (arguments.assertionAudience == "token-endpoint")
        flow.assertionAudience = OAuth::AssertionAudience::TokenEndpoint;
    flow.store = OAuth::memoryCredentialStore();
    flow.authorizationServer = QString::fromStdString(arguments.authorizationServer);
    flow.scopes = toStrings(arguments.scopes);
    if (!arguments.prompt.empty())
        flow.prompt = arguments.prompt == "omit" ? QString() : QString::fromStdString(arguments.prompt);
    for (const QString &parameter : toStrings(arguments.authorizationParameters)) {
        auto pair = nameAndValue(parameter);
        if (!pair)
            return fail(QStringLiteral("invalid_options"),
                        QStringLiteral("--authorization-parameter needs NAME=VALUE, not %1.").arg(parameter));
        flow.authorizationParameters.append(*std::move(pair));
    }
    flow.overrides = arguments.overrides;
    const OAuth::RedirectOptions redirect{.host = QString::fromStdString(arguments.redirectHost),
                                          .port = static_cast<quint16>(arguments.redirectPort),
                                          .path = QString::fromStdString(arguments.redirectPath)};
    flow.browser = OAuth::loopbackBrowser(
        [mayOpen = !arguments.noBrowser](QString url) { return showUrl(std::move(url), mayOpen); }, redirect,
        std::chrono::seconds(arguments.wait));
    return flow;
}

void FlowReport::add(const OAuth::Step &step)
{
    if (!isEnd(step.state))
        return;
    const bool isNew = m_steps.isEmpty() || m_steps.last().kind != step.kind;
    if (!isNew)
        m_steps.removeLast();
    m_steps.append(step);
    if (isNew && m_asText)
        sayStep(step);
}

QJsonArray FlowReport::toJson() const
{
    QJsonArray steps;
    for (const OAuth::Step &step : m_steps)
        steps.append(OAuth::toJson(step));
    return steps;
}

int exitStatus(const Error &error)
{
    return OAuth::wasNotCarriedOut(error) ? NotCarriedOut : No;
}

} // namespace McpAuth::Cli
