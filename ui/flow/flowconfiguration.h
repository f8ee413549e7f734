// What the Flow page's form says, as a value: checked, remembered, and turned into a request.
#pragma once

#include "ui/engine/embeddedserver.h"
#include "ui/engine/flows.h"

class QSettings;

namespace McpAuth::Ui {

struct FlowConfiguration
{
    QString revision = OAuth::FlowOptions().revision;
    OAuth::RegistrationPreference registration = OAuth::RegistrationPreference::Automatic;
    QString clientId = {};
    QString clientSecret = {};     ///< never in the settings
    QString clientIssuer = {};     ///< whose the client ID is: the secret goes to no other issuer
    bool isIssuerLearnt = false;   ///< from the first token of a client without a secret; nobody stated it
    QString clientAuthMethod = {}; ///< as the metadata names it; empty: what the provider lists
    QString clientMetadataUrl = {};
    QStringList scopes = {}; ///< empty: what the server and the provider say
    QString prompt = {};     ///< empty: the flow's choice; "omit": left out; else as FlowOptions::prompt
    QStringList authorizationParameters = {}; ///< NAME=VALUE
    QString authorizationServer = {};         ///< which of several; empty: the first. For one server, so never stored
    QString redirectHost = OAuth::RedirectOptions().host;
    quint16 redirectPort = 0; ///< 0: any that is free
    QString redirectPath = OAuth::RedirectOptions().path;
    FlowRequest::Browser browser = FlowRequest::Browser::SignedIn;
    Keeping keeping = Keeping::Keychain; ///< of the embedded server's credentials nothing is kept
    OAuth::Overrides overrides = {};     ///< for one server, so never stored
};

/// Where on the form a problem belongs.
enum class FlowField {
    McpUrl,
    ClientId,
    ClientSecret,
    ClientIssuer,
    ClientMetadataUrl,
    Scopes,
    AuthorizationParameters,
    RedirectPath
};

struct FlowProblem
{
    FlowField field = FlowField::McpUrl;
    QString message; ///< one sentence, with what to do
};

/// What can be told before anything is sent: a URL that is none, a preregistered client without its ID, a secret
/// without the issuer that it belongs to, a way to send a secret without one, a metadata document's URL that cannot be
/// one, words that are no scopes (RFC 6749 §3.3), parameters without a value, a redirect path that does not begin with
/// a slash.
[[nodiscard]] QList<FlowProblem> problemsOf(const FlowConfiguration &configuration, const QString &mcpUrl);

[[nodiscard]] FlowRequest toRequest(const FlowConfiguration &configuration, const QString &mcpUrl, bool stepping);

/// The embedded server's story begins anew with every flow: its provider forgets everything when the program ends.
[[nodiscard]] Keeping keepingFor(const FlowConfiguration &configuration, const QString &mcpUrl,
                                 const ServerState &embedded);

/// One thing that a strict client refuses, and the switch that lets it pass.
struct Override
{
    bool OAuth::Overrides::*member;
    const char *name;  ///< in object names
    const char *title; ///< to be translated in the context "FlowConfiguration"
    const char *tip;
};
[[nodiscard]] const QList<Override> &overrides();
/// "2 overrides on"; empty: none is.
[[nodiscard]] QString inWords(const OAuth::Overrides &chosen);

/// Neither a secret nor what holds for one server is among it. What is absent or of another type keeps its default.
[[nodiscard]] FlowConfiguration loadFlowConfiguration(QSettings &settings);
void saveFlowConfiguration(const FlowConfiguration &configuration, QSettings &settings);

} // namespace McpAuth::Ui
