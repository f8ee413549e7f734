// Authorization flows on the worker's thread: one at a time, stepped by hand or run through.
#pragma once

#include "demo/authorizationserver.h"
#include "ui/engine/flows.h"
#include "ui/engine/httpclients_p.h"

#include <QObject>
#include <QPromise>
#include <QTimer>

#include <atomic>
#include <memory>
#include <stop_token>

class QNetworkAccessManager;

namespace McpAuth::Ui {

class Credentials;

/// Used on the worker's thread only; it ends after that thread has, and so no coroutine there outlives it.
class FlowRunner : public QObject
{
    Q_OBJECT

public:
    /// `log` and `credentials` must outlive it.
    FlowRunner(Http::ExchangeLog *log, Credentials *credentials, QObject *parent);
    ~FlowRunner() override;

    static QCoro::Task<Result<OAuth::Authorization>> run(FlowRunner *runner, FlowRequest request);
    /// Lets the step that waits run, and with `toTheEnd` all that follow.
    void proceed(bool toTheEnd);
    void cancel();
    /// Nothing of the network is left afterwards.
    void close();

    /// Whose users "sign in for me" signs in; null: nobody's. It must outlive the runner or be taken back.
    void setProvider(Demo::AuthorizationServer *provider) { m_provider = provider; }
    void setAutoConsent(bool autoConsent);
    /// On any thread: the screen has what was told last.
    void stepsTaken() { m_delivering = false; }

Q_SIGNALS:
    /// What has changed since the last time.
    void stepsChanged(const QList<McpAuth::OAuth::Step> &steps);
    void paused(McpAuth::OAuth::StepKind next);
    /// Whoever opens it says whether that was done.
    void browserWanted(const QString &url, const std::shared_ptr<QPromise<bool>> &opened);
    void notKept(const McpAuth::Error &error);

private:
    static QCoro::Task<> waitForPermit(FlowRunner *runner, OAuth::StepKind next);
    static QCoro::Task<Result<>> openSystemBrowser(FlowRunner *runner, QString url, std::stop_token stop);
    static QCoro::Task<Result<>> signIn(FlowRunner *runner, QString url, std::stop_token stop);
    static QCoro::Task<> keep(FlowRunner *runner, std::shared_ptr<OAuth::CredentialStore> store,
                              OAuth::Authorization authorization);
    void prepare(FlowRequest *request);
    void openGate();
    void stepChanged(const OAuth::Step &step);
    void deliver(bool last);

    Credentials *m_credentials;
    Demo::AuthorizationServer *m_provider = nullptr;
    HttpClients m_clients;
    std::unique_ptr<QNetworkAccessManager> m_browser; ///< of "sign in for me"
    std::stop_source m_stop;
    std::shared_ptr<QPromise<void>> m_gate; ///< null while nothing waits at it
    QMap<OAuth::StepKind, OAuth::Step> m_changed;
    QTimer m_delivery;
    std::atomic<bool> m_delivering = false;
    bool m_running = false;
    bool m_stepping = false;
    bool m_permitted = false;
    bool m_autoConsent = false;
};

} // namespace McpAuth::Ui
