// What the pages ask for, done on one worker thread: the local issuer, the embedded server, audits, flows. The screen
// never waits.
#pragma once

#include "audit/provideraudit.h"
#include "bearer/verdict.h"
#include "demo/authorizationserver.h"
#include "demo/demoserver.h"
#include "http/exchangelog.h"
#include "mcp/client.h"
#include "ui/token/judgement.h"

#include <QCoroTask>
#include <QObject>

#include <functional>

class QUrl;

namespace McpAuth::Ui {

struct ToolSummary
{
    QString name;
    QString title;
    QString description;
    QStringList requiredScopes;
};

/// A copy of what the embedded server is, for the screen.
struct ServerState
{
    bool running = false;
    QString url;
    QString resource;
    QStringList issuers;
    QStringList audience;
    QStringList requiredScopes;
    QList<std::pair<QString, QJsonObject>> published; ///< URL and document
    QList<ToolSummary> tools;
};

/// What it asks of every request and of any of its tools, each once.
[[nodiscard]] QStringList scopesOf(const ServerState &server);

/// How the local issuer behaves.
struct IssuerSettings
{
    QSet<Demo::Fault> faults = {};
    std::chrono::seconds tokenLifetime{900};
    bool autoConsent = false;

    bool operator==(const IssuerSettings &) const = default;
};

/// A public client that the local issuer knows without a registration.
inline const QString embeddedClientId = QStringLiteral("demo-client");

/// Where registrations and tokens stay for the next time.
enum class Keeping {
    Nowhere,
    Memory, ///< until the program ends
    Keychain,
};

struct FlowRequest
{
    enum class Browser {
        System,   ///< the user's own
        SignedIn, ///< at the local issuer none, its first user counts as signed in; elsewhere the user's own
    };

    OAuth::FlowOptions options; ///< openBrowser, onStep, gate, stop, store and redirect.log are the engine's
    Browser browser = Browser::System;
    Keeping keeping = Keeping::Nowhere;
    bool stepping = false; ///< every step but the first waits for proceedFlow()
};

struct ClientRequest
{
    QString url;
    QString revision;
    std::optional<OAuth::Authorization> authorization; ///< for this URL; nothing: the one that was kept, or none
    bool allowHttp = false;                            ///< plain http beyond loopback
    Keeping keeping = Keeping::Nowhere;
};

/// What a server says of itself, and what it offers.
struct ClientConnection
{
    QString url;
    QString serverName; ///< its title or name, and its version; empty where it says neither
    QString revision;   ///< as agreed
    QList<Mcp::ToolDescription> tools;
};

struct ClientCall
{
    Result<Mcp::CallResult> result;
    double durationMs = 0; ///< of all of it, with what was renewed on the way
};

/// Lives on the screen's thread; so do its tasks and signals.
class Engine : public QObject
{
    Q_OBJECT

public:
    explicit Engine(QObject *parent = nullptr);
    ~Engine() override; // stops everything and joins the worker

    /// Lives on the screen's thread; every exchange of every page goes there.
    [[nodiscard]] Http::ExchangeLog *exchangeLog() const;

    QCoro::Task<Result<>> startLocalIssuer();
    [[nodiscard]] QString localIssuer() const; ///< empty until it runs
    /// At once, and for as long as it runs.
    void setIssuerSettings(const IssuerSettings &settings);
    [[nodiscard]] const IssuerSettings &issuerSettings() const;
    /// By the local issuer, with its current key. Errors: issuer_not_running, those of
    /// Demo::AuthorizationServer::mint.
    QCoro::Task<Result<QByteArray>> mint(Demo::MintRequest request);
    /// A new key for the local issuer; the embedded server asks for it at once. Errors: issuer_not_running, those of
    /// Demo::AuthorizationServer::rotateKeys.
    QCoro::Task<Result<>> rotateKeys(QByteArray algorithm);

    QCoro::Task<Audit::ProviderAudit> audit(QString issuer, Audit::AuditOptions options, bool allowHttp);

    /// In place of the one that runs, which goes on when this one does not start, unless it has the same port. The
    /// local issuer's keys come over HTTP like any provider's. Errors: those of Mcp::Server::listen.
    QCoro::Task<Result<>> startServer(Mcp::ServerOptions options);
    QCoro::Task<> stopServer();
    [[nodiscard]] const ServerState &server() const;
    QCoro::Task<Bearer::Verdict> judge(Secret token, QString tool);
    /// For whom else the user means. Errors: cancelled, those of Ui::judgeFor.
    QCoro::Task<Result<Judgement>> judgeFor(Secret token, JudgeTarget target);

    /// One at a time. Errors: flow_running, those of OAuth::authorize.
    QCoro::Task<Result<OAuth::Authorization>> runFlow(FlowRequest request);
    /// Lets the step that waits run, and with `toTheEnd` all that follow.
    void proceedFlow(bool toTheEnd);
    void cancelFlow();
    /// In place of the system's browser; null: the system's again.
    void setBrowser(std::function<bool(const QUrl &url)> open);
    /// Only http and https. False: nothing was opened.
    bool openBrowser(const QString &url);

    /// One connection at a time: a new one ends the one before. Its tokens are renewed before they expire and when they
    /// are refused; nobody is asked for that. Errors: cancelled, those of Mcp::Client with a session that is not
    /// interactive.
    QCoro::Task<Result<ClientConnection>> connectClient(ClientRequest request);
    /// Errors: not_connected, cancelled, those of Mcp::Client::callTool.
    QCoro::Task<ClientCall> callTool(QString tool, QJsonObject arguments);
    /// Another token for the connection that there is.
    void setClientAuthorization(const OAuth::Authorization &authorization);
    /// Ends what is under way; what is connected stays so.
    void cancelClient();
    void disconnectClient();
    /// Disconnects; the tokens are revoked where the provider can (RFC 7009), and forgotten in any case. Errors: those
    /// of OAuth::Session::logOut.
    QCoro::Task<Result<>> logOutClient(ClientRequest request);

    /// Whether Keeping::Keychain means that; otherwise it means Memory.
    QCoro::Task<bool> hasKeychain();

Q_SIGNALS:
    void localIssuerChanged();
    void serverChanged();
    /// At most 30 times a second.
    void requestsAnswered(const QList<McpAuth::Mcp::RequestEvent> &events);
    /// What has changed since the last time, at most 30 times a second; the last word on every step before runFlow()
    /// ends.
    void flowStepChanged(const McpAuth::OAuth::Step &step);
    /// The user signs in there; whole, for another browser that the user may prefer.
    void browserOpened(const QString &url);
    /// `next` waits for proceedFlow().
    void flowPaused(McpAuth::OAuth::StepKind next);
    /// The connection's tokens are others now.
    void clientAuthorizationChanged(const McpAuth::OAuth::Authorization &authorization);
    /// They were renewed, without anybody's doing.
    void clientAuthorizationRenewed();
    /// What was to be kept is in use all the same.
    void credentialsNotKept(const McpAuth::Error &error);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Ui
