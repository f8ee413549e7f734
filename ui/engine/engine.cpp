#include "ui/engine/engine.h"

#include "ui/engine/checks.h"
#include "ui/engine/connection.h"
#include "ui/engine/embeddedserver.h"
#include "ui/engine/flows.h"
#include "ui/engine/keychain.h"
#include "ui/engine/localissuer.h"
#include "ui/engine/worker_p.h"

#include <QThread>

namespace McpAuth::Ui {

class Engine::Private
{
public:
    Http::ExchangeLog log;
    QThread thread;
    Worker worker{&log}; ///< gone before the log it writes to
    LocalIssuer issuer{&worker};
    EmbeddedServer server{&worker};
    Checks checks{&worker};
    Flows flows{&worker};
    Connection connection{&worker};
    Keychain keychain{&worker};
};

Engine::Engine(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    d->worker.moveToThread(&d->thread);
    d->thread.setObjectName(QStringLiteral("engine"));
    d->thread.start();
}

Engine::~Engine()
{
    QMetaObject::invokeMethod(&d->worker, &Worker::end, Qt::QueuedConnection);
    d->thread.wait();
}

Http::ExchangeLog *Engine::exchangeLog() const
{
    return &d->log;
}

LocalIssuer *Engine::issuer() const
{
    return &d->issuer;
}

EmbeddedServer *Engine::server() const
{
    return &d->server;
}

Checks *Engine::checks() const
{
    return &d->checks;
}

Flows *Engine::flows() const
{
    return &d->flows;
}

Connection *Engine::connection() const
{
    return &d->connection;
}

Keychain *Engine::keychain() const
{
    return &d->keychain;
}

} // namespace McpAuth::Ui
