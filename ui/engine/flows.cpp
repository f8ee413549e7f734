#include "ui/engine/flows.h"

#include "ui/engine/job_p.h"

#include <QDesktopServices>
#include <QUrl>

namespace McpAuth::Ui {

Flows::Flows(Worker *worker)
    : m_worker(worker)
{
    FlowRunner *runner = worker->flows();
    connect(runner, &FlowRunner::stepsChanged, this, [this, runner](const QList<OAuth::Step> &steps) {
        runner->stepsTaken();
        for (const OAuth::Step &step : steps)
            Q_EMIT stepChanged(step);
    });
    connect(runner, &FlowRunner::paused, this, &Flows::paused);
    connect(runner, &FlowRunner::browserWanted, this,
            [this](const QString &url, const std::shared_ptr<QPromise<bool>> &opened) {
                opened->addResult(openBrowser(url));
                opened->finish();
            });
}

QCoro::Task<Result<OAuth::Authorization>> Flows::run(FlowRequest request)
{
    auto job = post<Result<OAuth::Authorization>>(
        this, m_worker, [runner = m_worker->flows(), request] { return FlowRunner::run(runner, request); });
    const Result<OAuth::Authorization> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

void Flows::proceed(bool toTheEnd)
{
    FlowRunner *runner = m_worker->flows();
    QMetaObject::invokeMethod(runner, [runner, toTheEnd] { runner->proceed(toTheEnd); }, Qt::QueuedConnection);
}

void Flows::cancel()
{
    QMetaObject::invokeMethod(m_worker->flows(), &FlowRunner::cancel, Qt::QueuedConnection);
}

bool Flows::openBrowser(const QString &url)
{
    const QUrl parsed(url);
    if (parsed.scheme() != QLatin1StringView("https") && parsed.scheme() != QLatin1StringView("http"))
        return false;
    const bool opened = m_browser ? m_browser(parsed) : QDesktopServices::openUrl(parsed);
    if (opened)
        Q_EMIT browserOpened(url);
    return opened;
}

} // namespace McpAuth::Ui
