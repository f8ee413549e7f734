// A provider without a sign-in: keys, metadata, key set, and tokens minted with whatever claims one wants.
#pragma once

#include "base/clock.h"
#include "demo/mintrequest.h"
#include "http/router.h"
#include "http/server.h"
#include "jose/key.h"

#include <QObject>

namespace McpAuth::Demo {

struct LocalIssuerOptions
{
    quint16 port = 0;
    QByteArray algorithm = "ES256";
    QString path = {}; ///< of the issuer: "/tenant"; empty for none
    Http::ExchangeLog *log = nullptr;
    Clock clock = systemClock();
};

class LocalIssuer : public QObject
{
    Q_OBJECT

public:
    explicit LocalIssuer(QObject *parent = nullptr);
    ~LocalIssuer() override;

    /// On 127.0.0.1 only. Errors: those of Http::Server::listen, unsupported_algorithm, crypto_failure.
    [[nodiscard]] Result<> start(const LocalIssuerOptions &options = {});
    QCoro::Task<> stop();
    [[nodiscard]] bool isRunning() const;

    [[nodiscard]] QString issuer() const; ///< "http://127.0.0.1:49152"
    [[nodiscard]] QJsonObject metadata() const;
    [[nodiscard]] QJsonObject keySet() const;
    [[nodiscard]] QList<Jose::Key> publicKeys() const;
    /// The key that signs now.
    [[nodiscard]] Jose::Key signingKey() const;

    /// Signed with the current key. Errors: those of Jose::signJwt.
    [[nodiscard]] Result<QByteArray> mint(const MintRequest &request) const;
    /// A new signing key; the old one stays published when `keepOld`. Errors: unsupported_algorithm, crypto_failure.
    [[nodiscard]] Result<> rotateKeys(bool keepOld = true, const QByteArray &algorithm = {});

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace McpAuth::Demo
