// The other side of Engine and its parts: what lives on the worker thread.
#pragma once

#include "audit/provideraudit.h"
#include "http/client.h"
#include "ui/engine/clientrunner_p.h"
#include "ui/engine/credentials_p.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/flowrunner_p.h"
#include "ui/engine/httpclients_p.h"
#include "ui/engine/issuerkeys_p.h"
#include "ui/engine/localissuer.h"

#include <QFuture>
#include <QObject>
#include <QTimer>

#include <atomic>

namespace McpAuth::Ui {

struct ServerOutcome
{
    Result<> result;
    ServerState state;
};

/// Made on the screen's thread, moved to the worker's, used only there; destroyed after that thread has ended.
class Worker : public QObject
{
    Q_OBJECT

public:
    explicit Worker(Http::ExchangeLog *log);
    ~Worker() override;

    /// Stops what runs, closes what listens and quits the thread; within `endTimeout`.
    void end();
    void jobStarted() { ++m_jobs; }
    void jobEnded();

    [[nodiscard]] FlowRunner *flows() const { return m_flows; }
    [[nodiscard]] ClientRunner *clients() const { return m_clients; }
    [[nodiscard]] Credentials *credentials() { return &m_credentials; }
    void setIssuerSettings(const IssuerSettings &settings);
    /// For what is asked about a token: metadata and keys.
    [[nodiscard]] Http::Client *judgeClient() { return m_judgeClients.get(false); }

    static QCoro::Task<Result<QString>> startIssuer(Worker *worker);
    static QCoro::Task<Result<QByteArray>> mint(Worker *worker, Demo::MintRequest request);
    static QCoro::Task<Result<>> rotateKeys(Worker *worker, QByteArray algorithm);
    static QCoro::Task<Audit::ProviderAudit> audit(Worker *worker, QString issuer, Audit::AuditOptions options,
                                                   std::shared_ptr<std::stop_source> stop, bool allowHttp);
    static QCoro::Task<ServerOutcome> startServer(Worker *worker, Mcp::ServerOptions options);
    static QCoro::Task<ServerOutcome> stopServer(Worker *worker);
    static QCoro::Task<Bearer::Verdict> judge(Worker *worker, Secret token, QString tool);
    /// On any thread: the screen has what was told last.
    void eventsTaken() { m_delivering = false; }

Q_SIGNALS:
    /// At most 30 times a second, and only when the screen has taken those before.
    void requestsAnswered(const QList<McpAuth::Mcp::RequestEvent> &events);

private:
    Http::Client *serverClient();
    /// So that the server learns of new keys when they are made, not 30 seconds later.
    void giveIssuerKeys(QList<Bearer::AuthServer> &authServers);
    static QCoro::Task<> stopNow(Worker *worker);
    void collect(const Mcp::RequestEvent &event);
    void deliver();
    static QCoro::Task<> endClients(Worker *worker);
    void finishIfIdle();
    void finish();

    Http::ExchangeLog *m_log;
    HttpClients m_checkClients;
    HttpClients m_judgeClients;
    std::unique_ptr<Http::Client> m_serverClient;
    std::unique_ptr<Demo::AuthorizationServer> m_issuer;
    IssuerSettings m_issuerSettings;
    Credentials m_credentials;
    FlowRunner *m_flows;
    ClientRunner *m_clients;
    std::shared_ptr<IssuerKeys> m_issuerKeys; ///< null until a server trusts the local issuer
    std::shared_ptr<Demo::DemoServer> m_server;
    ServerState m_serverState;      ///< of m_server
    QFuture<void> m_lastServerTurn; ///< of starts and stops
    QList<std::weak_ptr<std::stop_source>> m_audits;
    QList<Mcp::RequestEvent> m_events;
    QTimer *m_delivery;
    std::atomic<bool> m_delivering = false;
    int m_jobs = 0;
    bool m_ending = false;
};

} // namespace McpAuth::Ui
