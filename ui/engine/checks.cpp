#include "ui/engine/checks.h"

#include "ui/engine/job_p.h"

#include <QPointer>

namespace McpAuth::Ui {

Checks::Checks(Worker *worker)
    : m_worker(worker)
{
}

QCoro::Task<Audit::ProviderAudit> Checks::audit(QString issuer, Audit::AuditOptions options, bool allowHttp)
{
    auto source = std::make_shared<std::stop_source>();
    // The client on the worker's thread must be stopped there.
    const std::stop_callback link(options.stop, [source, worker = QPointer(m_worker)] {
        if (worker)
            QMetaObject::invokeMethod(worker, [source] { source->request_stop(); }, Qt::QueuedConnection);
    });
    auto job = post<Audit::ProviderAudit>(this, m_worker, [worker = m_worker, issuer, options, source, allowHttp] {
        return Worker::audit(worker, issuer, options, source, allowHttp);
    });
    Audit::ProviderAudit cancelled;
    cancelled.issuer = issuer;
    cancelled.revision = options.revision;
    cancelled.failure = closing();
    co_return co_await outcomeOf(job, cancelled);
}

QCoro::Task<Result<Judgement>> Checks::judge(Secret token, JudgeTarget target)
{
    auto job = post<Result<Judgement>>(
        this, m_worker, [worker = m_worker, token, target] { return judgeFor(worker->judgeClient(), token, target); });
    const Result<Judgement> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

} // namespace McpAuth::Ui
