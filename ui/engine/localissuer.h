// The program's own authorization server, for trying things without a real one.
#pragma once

#include "base/result.h"
#include "demo/authorizationserver.h"

#include <QCoroTask>
#include <QObject>

namespace McpAuth::Ui {

class Worker;

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

class LocalIssuer : public QObject
{
    Q_OBJECT

public:
    explicit LocalIssuer(Worker *worker);

    /// On a free port of loopback. Errors: those of Demo::AuthorizationServer::start.
    QCoro::Task<Result<>> start();
    [[nodiscard]] const QString &url() const { return m_url; } ///< empty until it runs
    /// At once, and for as long as it runs.
    void setSettings(const IssuerSettings &settings);
    [[nodiscard]] const IssuerSettings &settings() const { return m_settings; }
    /// With its current key. Errors: issuer_not_running, those of Demo::AuthorizationServer::mint.
    QCoro::Task<Result<QByteArray>> mint(Demo::MintRequest request);
    /// A new key; the embedded server asks for it at once. Errors: issuer_not_running, those of
    /// Demo::AuthorizationServer::rotateKeys.
    QCoro::Task<Result<>> rotateKeys(QByteArray algorithm);

Q_SIGNALS:
    /// Started, or with another key.
    void changed();

private:
    Worker *m_worker;
    QString m_url;
    IssuerSettings m_settings;
};

} // namespace McpAuth::Ui
