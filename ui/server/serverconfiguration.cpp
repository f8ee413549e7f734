#include "ui/server/serverconfiguration.h"

#include "base/text.h"
#include "demo/sampletools.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/engine.h"
#include "ui/engine/localissuer.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QSettings>
#include <QUrl>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

struct ServerConfigurationTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::ServerConfiguration)
};

constexpr auto group = "server"_L1;

/// RFC 8414 §2: an http(s) URL with a host, no query, no fragment. Only looked at, never rewritten.
bool isIssuer(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    return url.isValid() && (url.scheme() == "https"_L1 || url.scheme() == "http"_L1) && !url.host().isEmpty() &&
           !url.hasQuery() && !url.hasFragment();
}

/// RFC 8707 §2: an absolute URI without a fragment.
bool isResource(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    return url.isValid() && !url.isRelative() && !url.hasFragment();
}

QStringList issuerNames(const ServerConfiguration &configuration, const QString &localIssuer)
{
    QStringList names;
    for (const IssuerEntry &entry : configuration.issuers)
        names.append(entry.local ? localIssuer : entry.issuer);
    return names;
}

QList<FieldProblem> issuerProblems(const ServerConfiguration &configuration, const QString &localIssuer)
{
    QList<FieldProblem> problems;
    const auto add = [&](const QString &message) { problems.append({ServerField::Issuers, message}); };
    if (configuration.issuers.isEmpty())
        add(ServerConfigurationTexts::tr(
            "Name at least one issuer whose tokens the server takes, or add the local one."));
    for (const IssuerEntry &entry : configuration.issuers) {
        if (entry.local && localIssuer.isEmpty())
            add(ServerConfigurationTexts::tr(
                "The local issuer does not run yet. Wait a moment, or name another issuer."));
        else if (!entry.local && !isIssuer(entry.issuer))
            add(ServerConfigurationTexts::tr(
                    "“%1” is no issuer. Enter a whole URL such as https://login.example/realms/a, without query and "
                    "fragment.")
                    .arg(entry.issuer));
    }
    const QStringList names = issuerNames(configuration, localIssuer);
    for (qsizetype i = 0; i < names.size(); ++i) {
        if (names.indexOf(names[i]) < i)
            add(ServerConfigurationTexts::tr("%1 is named twice. Remove one of the two.").arg(names[i]));
    }
    if (configuration.authorizationServerMode && configuration.issuers.size() > 1)
        problems.append(
            {ServerField::Mode,
             ServerConfigurationTexts::tr("The authorization server mode serves one provider's metadata. Leave one "
                                          "issuer, or choose the resource server mode.")});
    return problems;
}

QString scopeProblem(const QStringList &scopes)
{
    const auto bad = std::ranges::find_if_not(scopes, isScope);
    if (bad == scopes.end())
        return {};
    return ServerConfigurationTexts::tr(
               "“%1” is no scope: a scope has visible ASCII characters only, without quotes and backslashes.")
        .arg(*bad);
}

bool isPairOfScopes(const QString &text)
{
    const auto pair = nameAndValue(text);
    return pair && isScope(pair->first) && isScope(pair->second);
}

QVariantList toVariant(const QList<IssuerEntry> &issuers)
{
    QVariantList list;
    for (const IssuerEntry &entry : issuers)
        list.append(QVariantMap{
            {u"local"_s, entry.local}, {u"issuer"_s, entry.issuer}, {u"type"_s, Metadata::toString(entry.type)}});
    return list;
}

QList<IssuerEntry> issuersFrom(const QVariant &variant)
{
    QList<IssuerEntry> issuers;
    for (const QVariant &item : variant.toList()) {
        const QVariantMap map = item.toMap();
        const bool oauth = map.value(u"type"_s).toString() == Metadata::toString(Metadata::ServerType::OAuth);
        const IssuerEntry entry{.local = map.value(u"local"_s).toBool(),
                                .issuer = map.value(u"issuer"_s).toString(),
                                .type = oauth ? Metadata::ServerType::OAuth : Metadata::ServerType::Oidc};
        if (entry.local || !entry.issuer.isEmpty())
            issuers.append(entry);
    }
    return issuers;
}

} // namespace

QList<FieldProblem> problemsOf(const ServerConfiguration &configuration, const QString &localIssuer)
{
    QList<FieldProblem> problems = issuerProblems(configuration, localIssuer);
    if (!configuration.resource.isEmpty() && !isResource(configuration.resource))
        problems.append(
            {ServerField::Resource,
             ServerConfigurationTexts::tr(
                 "The resource must be an absolute URI without a fragment, such as https://mcp.example/mcp. "
                 "Leave it empty for the server's own URL.")});
    if (const QString problem = scopeProblem(configuration.requiredScopes); !problem.isEmpty())
        problems.append({ServerField::RequiredScopes, problem});
    const auto odd = std::ranges::find_if_not(configuration.impliedScopes, isPairOfScopes);
    if (odd != configuration.impliedScopes.end())
        problems.append(
            {ServerField::ImpliedScopes,
             ServerConfigurationTexts::tr("“%1” is no pair of scopes: write it as wide=narrow.").arg(*odd)});
    for (const QStringList &scopes : configuration.toolScopes) {
        if (const QString problem = scopeProblem(scopes); !problem.isEmpty())
            problems.append({ServerField::ToolScopes, problem});
    }
    return problems;
}

FieldProblem startProblem(const Error &error, quint16 port)
{
    if (error.code == "port_in_use"_L1)
        return {ServerField::Port,
                ServerConfigurationTexts::tr(
                    "Port %1 is taken by another program. Choose another port, or 0 for any free one.")
                    .arg(port)};
    if (error.code == "permission_denied"_L1)
        return {ServerField::Port,
                ServerConfigurationTexts::tr(
                    "The system does not let this program listen on port %1. Ports from 1024 on are open to "
                    "everyone; 0 takes any free one.")
                    .arg(port)};
    if (error.code == "address_unavailable"_L1)
        return {ServerField::Port,
                ServerConfigurationTexts::tr("The address is not one of this computer's: %1").arg(error.message)};
    return {ServerField::None, error.message.isEmpty() ? error.code : error.message};
}

Mcp::ServerOptions toOptions(const ServerConfiguration &configuration, const QString &localIssuer)
{
    Mcp::ServerOptions options;
    options.http.port = configuration.port;
    options.resource = configuration.resource;
    if (!configuration.audience.isEmpty())
        options.bearer.audience = configuration.audience;
    options.bearer.requiredScopes = configuration.requiredScopes;
    for (const QString &pair : configuration.impliedScopes) {
        if (const auto parted = nameAndValue(pair)) // the others are a problem of the form
            options.bearer.impliedScopes[parted->first].append(parted->second);
    }
    options.authorizationServerMode = configuration.authorizationServerMode;
    options.bearer.showErrorDetails = configuration.showErrorDetails;
    for (const auto &[tool, scopes] : configuration.toolScopes.asKeyValueRange())
        options.toolScopes.insert(tool, scopes);
    for (const IssuerEntry &entry : configuration.issuers) {
        Bearer::AuthServer server;
        server.issuer = entry.local ? localIssuer : entry.issuer;
        server.type = entry.type;
        options.authServers.append(std::move(server));
    }
    return options;
}

QList<std::pair<QString, QStringList>> sampleToolScopes()
{
    QList<std::pair<QString, QStringList>> result;
    for (const Mcp::Tool &tool : Demo::sampleTools())
        result.append({tool.name, tool.requiredScopes});
    return result;
}

QStringList wordsOf(const QString &text)
{
    static const QRegularExpression separators(u"[\\s,]+"_s);
    QStringList words = text.split(separators, Qt::SkipEmptyParts);
    words.removeDuplicates();
    return words;
}

bool isScope(const QString &text)
{
    return !text.isEmpty() && std::ranges::all_of(text, [](QChar c) {
        return c.unicode() > 0x20 && c.unicode() < 0x7f && c != u'"' && c != u'\\';
    });
}

ServerConfiguration loadServerConfiguration(QSettings &settings)
{
    ServerConfiguration configuration;
    settings.beginGroup(group);
    configuration.authorizationServerMode = settings.value("authorizationServerMode"_L1, false).toBool();
    if (const QList<IssuerEntry> issuers = issuersFrom(settings.value("issuers"_L1)); !issuers.isEmpty())
        configuration.issuers = issuers;
    configuration.resource = settings.value("resource"_L1).toString();
    configuration.audience = settings.value("audience"_L1).toStringList();
    configuration.requiredScopes = settings.value("requiredScopes"_L1).toStringList();
    configuration.impliedScopes = settings.value("impliedScopes"_L1).toStringList();
    const QVariantMap toolScopes = settings.value("toolScopes"_L1).toMap();
    for (const auto &[tool, own] : sampleToolScopes()) {
        if (toolScopes.contains(tool))
            configuration.toolScopes.insert(tool, toolScopes.value(tool).toStringList());
    }
    bool isNumber = false;
    const uint port = settings.value("port"_L1, 0).toUInt(&isNumber);
    configuration.port = isNumber && port <= 65535 ? static_cast<quint16>(port) : 0;
    configuration.showErrorDetails = settings.value("showErrorDetails"_L1, false).toBool();
    settings.endGroup();
    return configuration;
}

void saveServerConfiguration(const ServerConfiguration &configuration, QSettings &settings)
{
    QVariantMap toolScopes;
    for (const auto &[tool, scopes] : configuration.toolScopes.asKeyValueRange())
        toolScopes.insert(tool, scopes);
    settings.beginGroup(group);
    settings.setValue("authorizationServerMode"_L1, configuration.authorizationServerMode);
    settings.setValue("issuers"_L1, toVariant(configuration.issuers));
    settings.setValue("resource"_L1, configuration.resource);
    settings.setValue("audience"_L1, configuration.audience);
    settings.setValue("requiredScopes"_L1, configuration.requiredScopes);
    settings.setValue("impliedScopes"_L1, configuration.impliedScopes);
    settings.setValue("toolScopes"_L1, toolScopes);
    settings.setValue("port"_L1, configuration.port);
    settings.setValue("showErrorDetails"_L1, configuration.showErrorDetails);
    settings.endGroup();
}

QCoro::Task<Result<>> startSavedServer(QPointer<Engine> engine)
{
    QSettings settings;
    const ServerConfiguration configuration = loadServerConfiguration(settings);
    const QString advice = ServerConfigurationTexts::tr("%1 The Server page has its settings.");
    if (const QList<FieldProblem> problems = problemsOf(configuration, engine->issuer()->url()); !problems.isEmpty())
        co_return fail(u"invalid_server_config"_s, advice.arg(problems.first().message));
    Result<> started = co_await engine->server()->start(toOptions(configuration, engine->issuer()->url()));
    if (!started)
        started.error().message = advice.arg(startProblem(started.error(), configuration.port).message);
    co_return started;
}

} // namespace McpAuth::Ui
