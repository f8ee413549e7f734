// One run of the flow: what it has found out, and the steps that find it out.
#pragma once

#include "metadata/protectedresourcemetadata.h"
#include "oauth/browser_p.h"
#include "oauth/flow.h"
#include "oauth/pkce.h"

#include <QPointer>

#include <optional>

namespace McpAuth::OAuth {

/// Shared by the flow's coroutines: it lives until the last of them has ended.
class Run
{
public:
    Run(Http::Client *callersClient, FlowOptions flowOptions);
    ~Run();
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;

    /// Requests go through a client of the flow's own, whose exchanges become messages of the present step and go on to
    /// the caller's log. Gone with the caller's client; then the run is stopped too.
    [[nodiscard]] Http::Client *http() const { return m_http; }
    [[nodiscard]] std::stop_token stop() const { return m_stop.get_token(); }
    [[nodiscard]] bool isStopped() const { return m_stop.stop_requested() || !m_http; }
    /// Revisions are dates: 2025-11-25.
    [[nodiscard]] bool isSince(QStringView revision) const { return options.revision >= revision; }
    /// Of the caller's client; null without one.
    [[nodiscard]] Http::ExchangeLog *log() const { return m_caller ? m_caller->options().log : nullptr; }
    [[nodiscard]] QString redirectUri() const { return visit ? visit->redirectUri() : QString(); }

    /// Once, before anything is sent: whether the MCP server's name leads to a private network, as an intranet's does.
    static QCoro::Task<> lookUpServer(std::shared_ptr<Run> run);

    void begin(StepKind kind, Actor askedOne);
    void end(StepState state);
    void changed();
    void note(const QString &text) { step.notes.append(text); }
    void cite(const QString &rule, const QString &reference);
    void add(Message message);
    /// Why a message of this step with that URL, which has no failure yet, did not do.
    void failMessage(const QString &url, const QString &why);

    FlowOptions options;
    Step step;

    // In the order in which they are found.
    int refusedWith = 401;
    bool knowsSessionsOnly = false; ///< the MCP server answers as before 2026-07-28
    QString resourceMetadataUrl;    ///< as the challenge names it
    QStringList challengedScopes;
    std::optional<Metadata::ProtectedResourceMetadata> resourceMetadata;
    QString issuer;
    QString resource; ///< in the requests; empty: left out
    Metadata::AuthorizationServerMetadata server;
    std::unique_ptr<Visit> visit; ///< null without a browser
    ClientInformation client;
    bool isStoredClient = false;
    QStringList scopes;
    Pkce pkce;
    ExpectedResponse expected;
    Secret code;
    Tokens tokens;

private:
    void take(const Http::Exchange &exchange);
    [[nodiscard]] Http::AddressRule addressRule(const Http::AddressRule &given) const;

    Actor m_asked = Actor::McpServer;
    std::shared_ptr<bool> m_isPrivateServer = std::make_shared<bool>(false); ///< shared with the client's rule
    QPointer<Http::Client> m_caller;
    std::unique_ptr<Http::ExchangeLog> m_observed;
    QPointer<Http::Client> m_http;
    std::stop_source m_stop;
    std::optional<std::stop_callback<std::function<void()>>> m_callersStop;
};

using RunPointer = std::shared_ptr<Run>;

QCoro::Task<Result<>> askServer(RunPointer run);
QCoro::Task<Result<>> findResourceMetadata(RunPointer run);
QCoro::Task<Result<>> findProviderMetadata(RunPointer run);
QCoro::Task<Result<>> findClient(RunPointer run);
QCoro::Task<Result<>> requestAuthorization(RunPointer run);
QCoro::Task<Result<>> awaitResponse(RunPointer run);
QCoro::Task<Result<>> requestToken(RunPointer run);
QCoro::Task<Result<>> callServer(RunPointer run);

/// Any status is a response. Errors: those of Http::Client::send.
QCoro::Task<Result<Http::ClientResponse>> send(RunPointer run, Http::ClientRequest request);

/// https, or http on loopback or where it is allowed; no fragment. A URL on loopback that a server elsewhere names is
/// noted. `what` begins the sentence: "The token_endpoint". Errors: invalid_url, insecure_url.
[[nodiscard]] Result<> checkUrl(Run &run, const QString &what, const QString &url);

/// What to ask for: a step-up adds; else the user's word goes before the selection. A machine has no use for
/// offline_access, since it can always ask again.
[[nodiscard]] QStringList scopesOf(const Run &run);

/// Whether the step failed as with a provider that does not know the stored registration any more: with an error code
/// of the token or the authorization endpoint, or with no answer, since it tells the person in the browser (RFC 6749
/// §4.1.2.1).
[[nodiscard]] bool mayBeForgotten(const Run &run, const Error &error);

/// An error of a step that has another one as its cause; `cancelled` and `private_address` stay what they are.
[[nodiscard]] Error because(const Error &cause, const QString &code, const QString &message);

} // namespace McpAuth::OAuth
