#include "ui/flow/flowconfiguration.h"

#include "base/text.h"
#include "metadata/reference.h"
#include "ui/server/serverconfiguration.h"
#include "ui/widgets/counted.h"

#include <QCoreApplication>
#include <QSettings>
#include <QUrl>

#include <algorithm>
#include <array>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using OAuth::RegistrationPreference;

namespace {

struct FlowConfigurationTexts
{
    Q_DECLARE_TR_FUNCTIONS(FlowConfiguration)
};

const QString group = u"flow"_s;
constexpr std::array redirectHosts = {"127.0.0.1"_L1, "[::1]"_L1, "localhost"_L1};

bool isHttpUrl(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    return url.isValid() && (url.scheme() == "http"_L1 || url.scheme() == "https"_L1) && !url.host().isEmpty();
}

/// A number that was stored, within the range of an enumeration.
template<typename Enum>
Enum stored(const QSettings &settings, const QString &key, Enum otherwise, Enum last)
{
    bool isNumber = false;
    const int value = settings.value(key).toInt(&isNumber);
    return isNumber && value >= 0 && value <= int(last) ? Enum(value) : otherwise;
}

} // namespace

QList<FlowProblem> problemsOf(const FlowConfiguration &configuration, const QString &mcpUrl)
{
    QList<FlowProblem> problems;
    if (mcpUrl.isEmpty())
        problems.append({FlowField::McpUrl, FlowConfigurationTexts::tr("Enter the URL of an MCP server.")});
    else if (!isHttpUrl(mcpUrl))
        problems.append({FlowField::McpUrl,
                         FlowConfigurationTexts::tr(
                             "This is no URL of a server: it begins with https:// or http:// and names a host.")});
    if (configuration.registration == RegistrationPreference::Preregistered && configuration.clientId.isEmpty())
        problems.append(
            {FlowField::ClientId, FlowConfigurationTexts::tr("Enter the client ID that the provider gave you.")});
    if (!configuration.clientSecret.isEmpty() && configuration.clientIssuer.isEmpty())
        problems.append(
            {FlowField::ClientIssuer,
             FlowConfigurationTexts::tr("Enter the issuer that gave you the client secret: it is sent to no other.")});
    if (!configuration.clientId.isEmpty() && !configuration.clientAuthMethod.isEmpty() &&
        configuration.clientSecret.isEmpty())
        problems.append({FlowField::ClientSecret,
                         FlowConfigurationTexts::tr("Enter the client secret, which is not kept from one start to the "
                                                    "next, or choose the authentication that the provider lists.")});
    const bool needsDocument = configuration.registration == RegistrationPreference::MetadataDocument;
    if (needsDocument || !configuration.clientMetadataUrl.isEmpty()) {
        if (const auto checked = OAuth::checkClientMetadataUrl(configuration.clientMetadataUrl); !checked)
            problems.append({FlowField::ClientMetadataUrl, checked.error().message});
    }
    const auto wrong = std::ranges::find_if_not(configuration.scopes, isScope);
    if (wrong != configuration.scopes.end())
        problems.append(
            {FlowField::Scopes,
             FlowConfigurationTexts::tr("“%1” is no scope: quotes and backslashes are not allowed.").arg(*wrong)});
    const auto unnamed = std::ranges::find_if_not(configuration.authorizationParameters,
                                                  [](const QString &one) { return nameAndValue(one).has_value(); });
    if (unnamed != configuration.authorizationParameters.end())
        problems.append({FlowField::AuthorizationParameters,
                         FlowConfigurationTexts::tr("“%1” has no value: write it as name=value.").arg(*unnamed)});
    if (!configuration.redirectPath.startsWith(u'/'))
        problems.append(
            {FlowField::RedirectPath, FlowConfigurationTexts::tr("The path begins with a slash, as in /callback.")});
    return problems;
}

FlowRequest toRequest(const FlowConfiguration &configuration, const QString &mcpUrl, bool stepping)
{
    FlowRequest request;
    request.browser = configuration.browser;
    request.stepping = stepping;
    OAuth::FlowOptions &options = request.options;
    options.mcpUrl = mcpUrl;
    options.revision = configuration.revision;
    options.registration = configuration.registration;
    options.clientMetadataUrl = configuration.clientMetadataUrl;
    options.scopes = configuration.scopes;
    options.overrides = configuration.overrides;
    if (!configuration.prompt.isEmpty())
        options.prompt = configuration.prompt == "omit"_L1 ? QString() : configuration.prompt;
    for (const QString &parameter : configuration.authorizationParameters) {
        if (auto pair = nameAndValue(parameter)) // the others are a problem of the form
            options.authorizationParameters.append(*std::move(pair));
    }
    options.authorizationServer = configuration.authorizationServer;
    request.redirect = {
        .host = configuration.redirectHost, .port = configuration.redirectPort, .path = configuration.redirectPath};
    if (!configuration.clientId.isEmpty()) {
        OAuth::ClientInformation client;
        client.clientId = configuration.clientId;
        client.issuer = configuration.clientIssuer;
        client.clientSecret = Secret(configuration.clientSecret.toUtf8());
        client.registeredMethod = OAuth::clientAuthMethodFrom(configuration.clientAuthMethod);
        options.preregistered = client;
    }
    return request;
}

Keeping keepingFor(const FlowConfiguration &configuration, const QString &mcpUrl, const ServerState &embedded)
{
    return mcpUrl == embedded.url ? Keeping::Nowhere : configuration.keeping;
}

const QList<Override> &overrides()
{
    static const QList<Override> all = {
        {&OAuth::Overrides::allowMissingPkce, "allowMissingPkce",
         QT_TRANSLATE_NOOP("FlowConfiguration", "Go on without PKCE in the metadata"),
         QT_TRANSLATE_NOOP("FlowConfiguration",
                           "The metadata does not say that PKCE with S256 works, as with Entra ID and Cognito.")},
        {&OAuth::Overrides::omitResource, "omitResource",
         QT_TRANSLATE_NOOP("FlowConfiguration", "Leave out the resource"),
         QT_TRANSLATE_NOOP("FlowConfiguration",
                           "No resource in the requests (RFC 8707), for providers that refuse it, as Entra ID does.")},
        {&OAuth::Overrides::allowResourceMismatch, "allowResourceMismatch",
         QT_TRANSLATE_NOOP("FlowConfiguration", "Accept metadata of another resource"),
         QT_TRANSLATE_NOOP("FlowConfiguration",
                           "The resource metadata names another server than the one that was asked (RFC 9728 §3.3).")},
        {&OAuth::Overrides::allowHttp, "allowHttp",
         QT_TRANSLATE_NOOP("FlowConfiguration", "Use plain HTTP beyond this computer"),
         QT_TRANSLATE_NOOP("FlowConfiguration", "Tokens then travel readable for everybody on the way.")},
        {&OAuth::Overrides::allowPrivateAddresses, "allowPrivateAddresses",
         QT_TRANSLATE_NOOP("FlowConfiguration", "Follow a server elsewhere to this computer"),
         QT_TRANSLATE_NOOP("FlowConfiguration", "Metadata of a server elsewhere can then make this program send "
                                                "requests to this computer and its network.")},
    };
    return all;
}

QString inWords(const OAuth::Overrides &chosen)
{
    const auto count = std::ranges::count_if(overrides(), [&](const Override &entry) { return chosen.*entry.member; });
    return count == 0 ? QString()
                      : counted(count, FlowConfigurationTexts::tr("1 override on"),
                                FlowConfigurationTexts::tr("%1 overrides on"));
}

FlowConfiguration loadFlowConfiguration(QSettings &settings)
{
    FlowConfiguration configuration;
    settings.beginGroup(group);
    if (const QString revision = settings.value(u"revision"_s).toString();
        Metadata::specificationRevisions().contains(revision))
        configuration.revision = revision;
    configuration.registration =
        stored(settings, u"registration"_s, configuration.registration, RegistrationPreference::Preregistered);
    configuration.clientId = settings.value(u"clientId"_s).toString();
    configuration.clientIssuer = settings.value(u"clientIssuer"_s).toString();
    configuration.isIssuerLearnt = settings.value(u"clientIssuerLearnt"_s).toBool();
    configuration.clientAuthMethod = settings.value(u"clientAuthMethod"_s).toString();
    configuration.clientMetadataUrl = settings.value(u"clientMetadataUrl"_s).toString();
    configuration.scopes = settings.value(u"scopes"_s).toStringList();
    const QString host = settings.value(u"redirectHost"_s).toString();
    if (std::ranges::any_of(redirectHosts, [&](QLatin1StringView known) { return known == host; }))
        configuration.redirectHost = host;
    configuration.redirectPort = static_cast<quint16>(std::clamp(settings.value(u"redirectPort"_s).toInt(), 0, 65'535));
    configuration.redirectPath = settings.value(u"redirectPath"_s, configuration.redirectPath).toString();
    configuration.prompt = settings.value(u"prompt"_s).toString();
    configuration.authorizationParameters = settings.value(u"authorizationParameters"_s).toStringList();
    configuration.browser = stored(settings, u"browser"_s, configuration.browser, FlowRequest::Browser::SignedIn);
    configuration.keeping = stored(settings, u"keeping"_s, configuration.keeping, Keeping::Keychain);
    settings.endGroup();
    return configuration;
}

void saveFlowConfiguration(const FlowConfiguration &configuration, QSettings &settings)
{
    settings.beginGroup(group);
    settings.setValue(u"revision"_s, configuration.revision);
    settings.setValue(u"registration"_s, int(configuration.registration));
    settings.setValue(u"clientId"_s, configuration.clientId);
    settings.setValue(u"clientIssuer"_s, configuration.clientIssuer);
    settings.setValue(u"clientIssuerLearnt"_s, configuration.isIssuerLearnt);
    settings.setValue(u"clientAuthMethod"_s, configuration.clientAuthMethod);
    settings.setValue(u"clientMetadataUrl"_s, configuration.clientMetadataUrl);
    settings.setValue(u"scopes"_s, configuration.scopes);
    settings.setValue(u"redirectHost"_s, configuration.redirectHost);
    settings.setValue(u"redirectPort"_s, configuration.redirectPort);
    settings.setValue(u"redirectPath"_s, configuration.redirectPath);
    settings.setValue(u"prompt"_s, configuration.prompt);
    settings.setValue(u"authorizationParameters"_s, configuration.authorizationParameters);
    settings.setValue(u"browser"_s, int(configuration.browser));
    settings.setValue(u"keeping"_s, int(configuration.keeping));
    settings.endGroup();
}

} // namespace McpAuth::Ui
