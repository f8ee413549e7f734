#include "ui/engine/turn_p.h"
#include "ui/engine/worker_p.h"

#include <QThread>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto deliveryInterval = 33ms;
constexpr auto endTimeout = 2s;
/// Events that wait for a screen which is slower than the server; older ones are left out.
constexpr qsizetype keptEvents = 1'000;

ServerState stateOf(const Demo::DemoServer &server, const Mcp::ServerOptions &options)
{
    ServerState state;
    state.running = true;
    state.url = server.url();
    state.resource = server.resource();
    state.requiredScopes = options.bearer.requiredScopes;
    state.audience = options.bearer.audience.value_or(QStringList{state.resource});
    state.published = server.publishedMetadata();
    for (const Bearer::AuthServer &issuer : options.authServers)
        state.issuers.append(issuer.issuer);
    for (const Mcp::Tool &tool : server.tools())
        state.tools.append({tool.name, tool.title, tool.description, tool.requiredScopes});
    return state;
}

Error issuerNotRunning()
{
    return {u"issuer_not_running"_s, Worker::tr("The local issuer does not run.")};
}

/// For trying a client that need not register; its ports may be any (RFC 8252 §7.3).
Demo::AuthorizationServerOptions::KnownClient knownClient()
{
    Demo::AuthorizationServerOptions::KnownClient client;
    client.clientId = embeddedClientId;
    client.name = u"MCP Auth Tester"_s;
    for (const auto host : {"127.0.0.1"_L1, "[::1]"_L1, "localhost"_L1})
        client.redirectUris.append(u"http://%1/callback"_s.arg(host));
    return client;
}

Bearer::Verdict serverNotRunning()
{
    Bearer::Verdict verdict;
    verdict.error = Bearer::BearerError::ServerError;
    verdict.status = 500;
    verdict.errorDescription = Worker::tr("The server does not run: start it to judge a token.");
    verdict.cause = {u"server_not_running"_s, verdict.errorDescription};
    return verdict;
}

} // namespace

Worker::Worker(Http::ExchangeLog *log)
    : m_log(log)
    , m_checkClients({.limits = {}, .log = log, .purpose = u"provider check"_s})
    , m_judgeClients({.limits = {}, .log = log, .purpose = u"token check"_s})
    , m_flows(new FlowRunner(log, &m_credentials, this))
    , m_clients(new ClientRunner(log, &m_credentials, this))
    , m_delivery(new QTimer(this))
{
    m_delivery->setSingleShot(true);
    m_delivery->setInterval(deliveryInterval);
    connect(m_delivery, &QTimer::timeout, this, &Worker::deliver);
}

Worker::~Worker() = default;

Http::Client *Worker::serverClient()
{
    if (!m_serverClient)
        m_serverClient = std::make_unique<Http::Client>(
            Http::ClientOptions{.limits = {}, .allowHttp = false, .log = m_log, .purpose = u"server"_s});
    return m_serverClient.get();
}

QCoro::Task<Result<QString>> Worker::startIssuer(Worker *worker)
{
    if (!worker->m_issuer) {
        auto issuer = std::make_unique<Demo::AuthorizationServer>();
        Demo::AuthorizationServerOptions options;
        options.tokenLifetime = worker->m_issuerSettings.tokenLifetime;
        options.autoConsent = worker->m_issuerSettings.autoConsent;
        options.faults = worker->m_issuerSettings.faults;
        options.clients = {knownClient()};
        options.http = worker->serverClient();
        options.log = worker->m_log;
        if (auto started = issuer->start(options); !started)
            co_return fail(started.error());
        worker->m_issuer = std::move(issuer);
        worker->m_flows->setProvider(worker->m_issuer.get());
    }
    co_return worker->m_issuer->issuer();
}

void Worker::setIssuerSettings(const IssuerSettings &settings)
{
    m_issuerSettings = settings;
    m_flows->setAutoConsent(settings.autoConsent);
    if (!m_issuer)
        return;
    m_issuer->setFaults(settings.faults);
    m_issuer->setTokenLifetime(settings.tokenLifetime);
}

QCoro::Task<Result<QByteArray>> Worker::mint(Worker *worker, Demo::MintRequest request)
{
    if (!worker->m_issuer)
        co_return fail(issuerNotRunning());
    co_return worker->m_issuer->mint(request);
}

QCoro::Task<Result<>> Worker::rotateKeys(Worker *worker, QByteArray algorithm)
{
    if (!worker->m_issuer)
        co_return fail(issuerNotRunning());
    Result<> rotated = worker->m_issuer->rotateKeys(true, algorithm);
    if (rotated && worker->m_issuerKeys)
        worker->m_issuerKeys->renew();
    co_return rotated;
}

QCoro::Task<Audit::ProviderAudit> Worker::audit(Worker *worker, QString issuer, Audit::AuditOptions options,
                                                std::shared_ptr<std::stop_source> stop, bool allowHttp)
{
    worker->m_audits.removeIf([](const auto &audit) { return audit.expired(); });
    worker->m_audits.append(stop);
    options.stop = stop->get_token();
    co_return co_await Audit::auditProvider(worker->m_checkClients.get(allowHttp), issuer, options);
}

void Worker::giveIssuerKeys(QList<Bearer::AuthServer> &authServers)
{
    for (Bearer::AuthServer &server : authServers) {
        if (!m_issuer || server.issuer != m_issuer->issuer() || server.keys)
            continue;
        if (!m_issuerKeys)
            m_issuerKeys =
                std::make_shared<IssuerKeys>(serverClient(), m_issuer->metadata().value("jwks_uri"_L1).toString());
        server.keys = m_issuerKeys;
    }
}

QCoro::Task<> Worker::stopNow(Worker *worker)
{
    worker->m_serverState = {};
    if (const std::shared_ptr<Demo::DemoServer> server = std::exchange(worker->m_server, nullptr))
        co_await server->stop();
}

QCoro::Task<ServerOutcome> Worker::startServer(Worker *worker, Mcp::ServerOptions options)
{
    const QPromise<void> turn = co_await nextTurn(&worker->m_lastServerTurn);
    auto server = std::make_shared<Demo::DemoServer>(worker->serverClient());
    options.http.log = worker->m_log;
    worker->giveIssuerKeys(options.authServers);
    connect(server.get(), &Demo::DemoServer::requestAnswered, worker, &Worker::collect);
    Result<> started = server->listen(options);
    const bool isOwnPort = options.http.port == QUrl(worker->m_serverState.url).port();
    if (!started && started.error().code == "port_in_use"_L1 && isOwnPort) {
        co_await stopNow(worker);
        started = server->listen(options);
    }
    if (!started)
        co_return ServerOutcome{std::move(started), worker->m_serverState};
    const std::shared_ptr<Demo::DemoServer> before = std::exchange(worker->m_server, server);
    worker->m_serverState = stateOf(*server, options);
    const ServerOutcome outcome{{}, worker->m_serverState};
    if (before)
        co_await before->stop();
    co_return outcome;
}

QCoro::Task<ServerOutcome> Worker::stopServer(Worker *worker)
{
    const QPromise<void> turn = co_await nextTurn(&worker->m_lastServerTurn);
    co_await stopNow(worker);
    co_return ServerOutcome{};
}

QCoro::Task<Bearer::Verdict> Worker::judge(Worker *worker, Secret token, QString tool)
{
    const std::shared_ptr<Demo::DemoServer> server = worker->m_server;
    if (!server)
        co_return serverNotRunning();
    co_return co_await server->judge(token, tool);
}

void Worker::collect(const Mcp::RequestEvent &event)
{
    m_events.append(event);
    if (m_events.size() > keptEvents)
        m_events.removeFirst();
    if (!m_delivery->isActive())
        m_delivery->start();
}

/// A batch only when the screen has taken the one before.
void Worker::deliver()
{
    if (m_events.isEmpty() || m_ending)
        return;
    if (m_delivering.exchange(true)) {
        m_delivery->start();
        return;
    }
    Q_EMIT requestsAnswered(std::exchange(m_events, {}));
}

void Worker::end()
{
    m_ending = true;
    for (const auto &audit : std::as_const(m_audits)) {
        if (const auto stop = audit.lock())
            stop->request_stop();
    }
    m_flows->cancel();
    endClients(this);
    QTimer::singleShot(endTimeout, this, &Worker::finish);
    finishIfIdle();
}

QCoro::Task<> Worker::endClients(Worker *worker)
{
    worker->jobStarted();
    co_await ClientRunner::end(worker->m_clients);
    worker->jobEnded();
}

void Worker::jobEnded()
{
    --m_jobs;
    // Later: what has just ended may still stand on the stack of the client that finish() deletes.
    if (m_ending)
        QMetaObject::invokeMethod(this, &Worker::finishIfIdle, Qt::QueuedConnection);
}

void Worker::finishIfIdle()
{
    if (m_jobs == 0)
        finish();
}

void Worker::finish()
{
    m_flows->close();
    m_clients->close();
    m_server.reset();
    m_issuer.reset();
    m_issuerKeys.reset();
    m_serverClient.reset();
    m_checkClients.close();
    m_judgeClients.close();
    m_delivery->stop();
    thread()->quit();
}

} // namespace McpAuth::Ui
