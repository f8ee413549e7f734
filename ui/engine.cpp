#include "ui/engine.h"

#include "ui/worker_p.h"

#include <QCoroFuture>
#include <QDesktopServices>
#include <QPointer>
#include <QPromise>
#include <QThread>
#include <QUrl>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

/// A job on the worker's thread, and what it came to: nothing when the worker ended before the job did.
template<typename T>
struct Job
{
    QFuture<void> done;
    std::shared_ptr<std::optional<T>> outcome;
};

template<typename T>
QCoro::Task<> run(Worker *worker, std::function<QCoro::Task<T>()> make, std::shared_ptr<std::optional<T>> outcome,
                  std::shared_ptr<QPromise<void>> promise)
{
    worker->jobStarted();
    T value = co_await make();
    *outcome = std::move(value);
    // Told by way of the engine's event queue, behind the signals that were queued there before.
    QMetaObject::invokeMethod(
        worker->engine(), [promise = std::move(promise)] { promise->finish(); }, Qt::QueuedConnection);
    worker->jobEnded();
}

/// `make` is called on the worker's thread and kept until its task is done.
template<typename T>
Job<T> post(Worker *worker, std::function<QCoro::Task<T>()> make)
{
    auto promise = std::make_shared<QPromise<void>>();
    promise->start();
    const Job<T> job{promise->future(), std::make_shared<std::optional<T>>()};
    QMetaObject::invokeMethod(
        worker,
        [worker, make = std::move(make), outcome = job.outcome, promise = std::move(promise)] {
            run<T>(worker, make, outcome, promise);
        },
        Qt::QueuedConnection);
    return job;
}

/// Back on the caller's thread.
template<typename T>
QCoro::Task<T> outcomeOf(Job<T> job, T otherwise)
{
    co_await qCoro(job.done).waitForFinished();
    if (job.outcome->has_value())
        co_return std::move(**job.outcome);
    co_return otherwise;
}

Error closing()
{
    return {u"cancelled"_s, Engine::tr("The program is closing.")};
}

} // namespace

class Engine::Private
{
public:
    explicit Private(Engine *engine)
        : worker(std::make_unique<Worker>(engine, &log))
    {
    }

    Http::ExchangeLog log;
    QThread thread;
    std::unique_ptr<Worker> worker; ///< gone before the log it writes to
    QString localIssuer;
    IssuerSettings issuerSettings;
    ServerState server;
    std::function<bool(const QUrl &)> browser;
};

QStringList scopesOf(const ServerState &server)
{
    QStringList scopes = server.requiredScopes;
    for (const ToolSummary &tool : server.tools)
        scopes += tool.requiredScopes;
    scopes.removeDuplicates();
    return scopes;
}

Engine::Engine(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
    d->worker->moveToThread(&d->thread);
    d->thread.setObjectName(u"engine"_s);
    d->thread.start();
}

Engine::~Engine()
{
    QMetaObject::invokeMethod(d->worker.get(), &Worker::end, Qt::QueuedConnection);
    d->thread.wait();
}

Http::ExchangeLog *Engine::exchangeLog() const
{
    return &d->log;
}

QCoro::Task<Result<>> Engine::startLocalIssuer()
{
    const QPointer<Engine> self = this;
    auto job =
        post<Result<QString>>(d->worker.get(), [worker = d->worker.get()] { return Worker::startIssuer(worker); });
    const Result<QString> otherwise = fail(closing());
    const Result<QString> started = co_await outcomeOf(job, otherwise);
    if (!started)
        co_return fail(started.error());
    if (!self)
        co_return fail(closing());
    d->localIssuer = *started;
    Q_EMIT localIssuerChanged();
    co_return {};
}

QString Engine::localIssuer() const
{
    return d->localIssuer;
}

void Engine::setIssuerSettings(const IssuerSettings &settings)
{
    d->issuerSettings = settings;
    QMetaObject::invokeMethod(
        d->worker.get(), [worker = d->worker.get(), settings] { worker->setIssuerSettings(settings); },
        Qt::QueuedConnection);
}

const IssuerSettings &Engine::issuerSettings() const
{
    return d->issuerSettings;
}

QCoro::Task<Result<QByteArray>> Engine::mint(Demo::MintRequest request)
{
    auto job = post<Result<QByteArray>>(d->worker.get(),
                                        [worker = d->worker.get(), request] { return Worker::mint(worker, request); });
    const Result<QByteArray> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

QCoro::Task<Result<>> Engine::rotateKeys(QByteArray algorithm)
{
    const QPointer<Engine> self = this;
    auto job = post<Result<>>(d->worker.get(),
                              [worker = d->worker.get(), algorithm] { return Worker::rotateKeys(worker, algorithm); });
    const Result<> otherwise = fail(closing());
    Result<> rotated = co_await outcomeOf(job, otherwise);
    if (self && rotated)
        Q_EMIT localIssuerChanged();
    co_return rotated;
}

QCoro::Task<Audit::ProviderAudit> Engine::audit(QString issuer, Audit::AuditOptions options, bool allowHttp)
{
    auto source = std::make_shared<std::stop_source>();
    // The client on the worker's thread must be stopped there.
    const std::stop_callback link(options.stop, [source, worker = QPointer(d->worker.get())] {
        if (worker)
            QMetaObject::invokeMethod(worker, [source] { source->request_stop(); }, Qt::QueuedConnection);
    });
    auto job =
        post<Audit::ProviderAudit>(d->worker.get(), [worker = d->worker.get(), issuer, options, source, allowHttp] {
            return Worker::audit(worker, issuer, options, source, allowHttp);
        });
    Audit::ProviderAudit cancelled;
    cancelled.issuer = issuer;
    cancelled.revision = options.revision;
    cancelled.failure = closing();
    co_return co_await outcomeOf(job, cancelled);
}

QCoro::Task<Result<>> Engine::startServer(Mcp::ServerOptions options)
{
    const QPointer<Engine> self = this;
    auto job = post<ServerOutcome>(
        d->worker.get(), [worker = d->worker.get(), options] { return Worker::startServer(worker, options); });
    const ServerOutcome otherwise{fail(closing()), {}};
    ServerOutcome outcome = co_await outcomeOf(job, otherwise);
    if (self) {
        d->server = outcome.state;
        Q_EMIT serverChanged();
    }
    co_return outcome.result;
}

QCoro::Task<> Engine::stopServer()
{
    const QPointer<Engine> self = this;
    auto job = post<ServerOutcome>(d->worker.get(), [worker = d->worker.get()] { return Worker::stopServer(worker); });
    const ServerOutcome otherwise;
    const ServerOutcome outcome = co_await outcomeOf(job, otherwise);
    if (self) {
        d->server = outcome.state;
        Q_EMIT serverChanged();
    }
}

const ServerState &Engine::server() const
{
    return d->server;
}

QCoro::Task<Bearer::Verdict> Engine::judge(Secret token, QString tool)
{
    auto job = post<Bearer::Verdict>(
        d->worker.get(), [worker = d->worker.get(), token, tool] { return Worker::judge(worker, token, tool); });
    Bearer::Verdict otherwise;
    otherwise.status = 500;
    otherwise.error = Bearer::BearerError::ServerError;
    otherwise.cause = closing();
    otherwise.errorDescription = otherwise.cause.message;
    co_return co_await outcomeOf(job, otherwise);
}

QCoro::Task<Result<Judgement>> Engine::judgeFor(Secret token, JudgeTarget target)
{
    auto job = post<Result<Judgement>>(d->worker.get(), [worker = d->worker.get(), token, target] {
        return Ui::judgeFor(worker->judgeClient(), token, target);
    });
    const Result<Judgement> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

QCoro::Task<Result<OAuth::Authorization>> Engine::runFlow(FlowRequest request)
{
    auto job = post<Result<OAuth::Authorization>>(
        d->worker.get(), [runner = d->worker->flows(), request] { return FlowRunner::run(runner, request); });
    const Result<OAuth::Authorization> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

void Engine::proceedFlow(bool toTheEnd)
{
    FlowRunner *flows = d->worker->flows();
    QMetaObject::invokeMethod(flows, [flows, toTheEnd] { flows->proceed(toTheEnd); }, Qt::QueuedConnection);
}

void Engine::cancelFlow()
{
    QMetaObject::invokeMethod(d->worker->flows(), &FlowRunner::cancel, Qt::QueuedConnection);
}

QCoro::Task<Result<ClientConnection>> Engine::connectClient(ClientRequest request)
{
    disconnectClient();
    auto job = post<Result<ClientConnection>>(
        d->worker.get(), [runner = d->worker->clients(), request] { return ClientRunner::connectTo(runner, request); });
    const Result<ClientConnection> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

QCoro::Task<ClientCall> Engine::callTool(QString tool, QJsonObject arguments)
{
    auto job = post<ClientCall>(d->worker.get(), [runner = d->worker->clients(), tool, arguments] {
        return ClientRunner::call(runner, tool, arguments);
    });
    const ClientCall otherwise{fail(closing())};
    co_return co_await outcomeOf(job, otherwise);
}

void Engine::setClientAuthorization(const OAuth::Authorization &authorization)
{
    ClientRunner *clients = d->worker->clients();
    QMetaObject::invokeMethod(
        clients, [clients, authorization] { clients->setAuthorization(authorization); }, Qt::QueuedConnection);
}

void Engine::cancelClient()
{
    QMetaObject::invokeMethod(d->worker->clients(), &ClientRunner::cancel, Qt::QueuedConnection);
}

void Engine::disconnectClient()
{
    post<Result<>>(d->worker.get(), [runner = d->worker->clients()] { return ClientRunner::leave(runner); });
}

QCoro::Task<Result<>> Engine::logOutClient(ClientRequest request)
{
    auto job = post<Result<>>(
        d->worker.get(), [runner = d->worker->clients(), request] { return ClientRunner::logOut(runner, request); });
    const Result<> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

QCoro::Task<bool> Engine::hasKeychain()
{
    auto job = post<bool>(d->worker.get(),
                          [credentials = d->worker->credentials()] { return Credentials::hasKeychain(credentials); });
    co_return co_await outcomeOf(job, false);
}

void Engine::setBrowser(std::function<bool(const QUrl &url)> open)
{
    d->browser = std::move(open);
}

bool Engine::openBrowser(const QString &url)
{
    const QUrl parsed(url);
    if (parsed.scheme() != "https"_L1 && parsed.scheme() != "http"_L1)
        return false;
    const bool opened = d->browser ? d->browser(parsed) : QDesktopServices::openUrl(parsed);
    if (opened)
        Q_EMIT browserOpened(url);
    return opened;
}

} // namespace McpAuth::Ui
