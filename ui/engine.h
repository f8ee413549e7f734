// What the pages ask for, done on one worker thread: the local issuer, the embedded server, audits. The screen never
// waits.
#pragma once

#include "audit/provideraudit.h"
#include "bearer/verdict.h"
#include "demo/demoserver.h"
#include "demo/localissuer.h"
#include "http/exchangelog.h"

#include <QCoroTask>
#include <QObject>

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
    /// By the local issuer, with its current key. Errors: issuer_not_running, those of Demo::LocalIssuer::mint.
    QCoro::Task<Result<QByteArray>> mint(Demo::MintRequest request);
    /// A new key for the local issuer; the embedded server asks for it at once. Errors: issuer_not_running, those of
    /// Demo::LocalIssuer::rotateKeys.
    QCoro::Task<Result<>> rotateKeys(QByteArray algorithm);

    QCoro::Task<Audit::ProviderAudit> audit(QString issuer, Audit::AuditOptions options, bool allowHttp);

    /// The local issuer's keys come over HTTP like any provider's.
    QCoro::Task<Result<>> startServer(Demo::DemoServerOptions options);
    QCoro::Task<> stopServer();
    [[nodiscard]] const ServerState &server() const;
    QCoro::Task<Bearer::Verdict> judge(Secret token, QString tool);

Q_SIGNALS:
    void localIssuerChanged();
    void serverChanged();
    /// At most 30 times a second.
    void requestsAnswered(const QList<McpAuth::Mcp::RequestEvent> &events);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Ui
