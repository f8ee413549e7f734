#include "oauth/refusal.h"
#include "ui/engine/credentials_p.h"
#include "ui/engine/flowrunner_p.h"

#include <QCoroFuture>
#include <QCoroNetworkReply>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkReply>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto deliveryInterval = 33ms;
constexpr auto signInTimeout = 30s;

Error browserFailed(const QString &why)
{
    return {u"browser_failed"_s, why};
}

/// Stays on this machine, and follows redirects as a browser does.
QNetworkRequest signInRequest(const QString &url)
{
    QNetworkRequest request{QUrl(url)};
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::NoLessSafeRedirectPolicy);
    request.setTransferTimeout(signInTimeout);
    request.setRawHeader("Accept", "text/html");
    return request;
}

} // namespace

FlowRunner::FlowRunner(Http::ExchangeLog *log, Credentials *credentials, QObject *parent)
    : QObject(parent)
    , m_credentials(credentials)
    , m_clients({.limits = {}, .log = log, .purpose = u"flow"_s})
    , m_delivery(this)
{
    m_delivery.setSingleShot(true);
    m_delivery.setInterval(deliveryInterval);
    connect(&m_delivery, &QTimer::timeout, this, [this] { deliver(false); });
}

FlowRunner::~FlowRunner() = default;

void FlowRunner::prepare(FlowRequest *request)
{
    m_running = true;
    m_stop = std::stop_source();
    m_stepping = request->stepping;
    m_permitted = true; // starting it lets its first step run
    m_changed.clear();
    OAuth::FlowOptions &options = request->options;
    options.stop = m_stop.get_token();
    options.onStep = [this](const OAuth::Step &step) { stepChanged(step); };
    options.gate = [this](OAuth::StepKind next) { return waitForPermit(this, next); };
    const auto open = [this, browser = request->browser, stop = options.stop](const QString &url) {
        return browser == FlowRequest::Browser::System ? openSystemBrowser(this, url, stop) : signIn(this, url, stop);
    };
    options.browser = OAuth::loopbackBrowser(open, request->redirect);
}

QCoro::Task<Result<OAuth::Authorization>> FlowRunner::run(FlowRunner *runner, FlowRequest request)
{
    if (runner->m_running)
        co_return fail(u"flow_running"_s, FlowRunner::tr("A flow is running already: cancel it first."));
    runner->prepare(&request);
    request.options.store = co_await Credentials::store(runner->m_credentials, request.keeping);
    Http::Client *client = runner->m_clients.get(request.options.overrides.allowHttp);
    const std::shared_ptr<OAuth::CredentialStore> store = request.options.store;
    Result<OAuth::Authorization> outcome = co_await OAuth::authorize(client, std::move(request.options));
    runner->m_running = false;
    const bool isRefused = outcome && outcome->callError && OAuth::isRefusalOfToken(*outcome->callError);
    if (outcome && !isRefused && store)
        const auto task = keep(runner, store, *outcome); // goes on by itself: a keychain may have to be unlocked
    runner->deliver(true);
    co_return outcome;
}

QCoro::Task<> FlowRunner::keep(FlowRunner *runner, std::shared_ptr<OAuth::CredentialStore> store,
                               OAuth::Authorization authorization)
{
    const Result<> kept = co_await store->storeAuthorization(authorization);
    if (kept)
        co_return;
    Q_EMIT runner->notKept(kept.error());
}

QCoro::Task<> FlowRunner::waitForPermit(FlowRunner *runner, OAuth::StepKind next)
{
    if (!runner->m_stepping || std::exchange(runner->m_permitted, false))
        co_return;
    runner->m_gate = std::make_shared<QPromise<void>>();
    runner->m_gate->start();
    const QFuture<void> opened = runner->m_gate->future();
    runner->deliver(true);
    Q_EMIT runner->paused(next);
    co_await qCoro(opened).waitForFinished();
}

void FlowRunner::openGate()
{
    if (const auto gate = std::exchange(m_gate, nullptr))
        gate->finish();
}

void FlowRunner::proceed(bool toTheEnd)
{
    if (toTheEnd)
        m_stepping = false;
    openGate();
}

void FlowRunner::cancel()
{
    m_stop.request_stop();
    openGate();
}

void FlowRunner::close()
{
    m_provider = nullptr;
    m_delivery.stop();
    m_browser.reset();
    m_clients.close();
}

/// The screen's thread opens it; a stop ends the wait for that.
QCoro::Task<Result<>> FlowRunner::openSystemBrowser(FlowRunner *runner, QString url, std::stop_token stop)
{
    const auto opened = std::make_shared<QPromise<bool>>();
    opened->start();
    const QFuture<bool> future = opened->future();
    Q_EMIT runner->browserWanted(url, opened);
    {
        const std::stop_callback onStop(stop, [opened] { opened->finish(); });
        co_await qCoro(future).waitForFinished();
    }
    if (future.resultCount() == 0)
        co_return fail(u"cancelled"_s, FlowRunner::tr("The flow was cancelled."));
    if (!future.result())
        co_return fail(browserFailed(FlowRunner::tr("The system has no browser that could be opened.")));
    co_return {};
}

void FlowRunner::setAutoConsent(bool autoConsent)
{
    m_autoConsent = autoConsent;
    if (m_provider)
        m_provider->setAutoConsent(autoConsent);
}

QCoro::Task<Result<>> FlowRunner::signIn(FlowRunner *runner, QString url, std::stop_token stop)
{
    if (!runner->m_provider || !url.startsWith(runner->m_provider->issuer() + u'/'))
        co_return co_await openSystemBrowser(runner, url, stop);
    runner->m_browser = std::make_unique<QNetworkAccessManager>();
    runner->m_browser->setProxy(QNetworkProxy::NoProxy);
    runner->m_provider->setAutoConsent(true);
    QNetworkReply *reply = runner->m_browser->get(signInRequest(url));
    const QPointer<QNetworkReply> guard = reply;
    {
        const std::stop_callback onStop(stop, [guard] {
            if (guard)
                guard->abort();
        });
        co_await qCoro(reply).waitForFinished();
    }
    if (runner->m_provider)
        runner->m_provider->setAutoConsent(runner->m_autoConsent);
    if (!guard)
        co_return fail(u"cancelled"_s, FlowRunner::tr("The flow was cancelled."));
    guard->deleteLater();
    const int status = guard->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const bool isStillThere = runner->m_provider && guard->url().toString().startsWith(runner->m_provider->issuer());
    if (status == 0)
        co_return fail(browserFailed(FlowRunner::tr("The sign-in page did not answer: %1.").arg(guard->errorString())));
    if (isStillThere)
        co_return fail(browserFailed(
            FlowRunner::tr("The provider did not send the browser back, but answered with status %1.").arg(status)));
    co_return {};
}

void FlowRunner::stepChanged(const OAuth::Step &step)
{
    m_changed.insert(step.kind, step);
    if (!m_delivery.isActive())
        m_delivery.start();
}

/// A batch only when the screen has taken the one before; the last of a flow, or before a pause, in any case.
void FlowRunner::deliver(bool last)
{
    if (m_changed.isEmpty())
        return;
    if (m_delivering.exchange(true) && !last) {
        m_delivery.start();
        return;
    }
    m_delivery.stop();
    Q_EMIT stepsChanged(std::exchange(m_changed, {}).values());
}

} // namespace McpAuth::Ui
