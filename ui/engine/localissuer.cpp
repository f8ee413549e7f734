#include "ui/engine/localissuer.h"

#include "ui/engine/job_p.h"

#include <QPointer>

namespace McpAuth::Ui {

LocalIssuer::LocalIssuer(Worker *worker)
    : m_worker(worker)
{
}

QCoro::Task<Result<>> LocalIssuer::start()
{
    const QPointer<LocalIssuer> self = this;
    auto job = post<Result<QString>>(this, m_worker, [worker = m_worker] { return Worker::startIssuer(worker); });
    const Result<QString> otherwise = fail(closing());
    const Result<QString> started = co_await outcomeOf(job, otherwise);
    if (!started)
        co_return fail(started.error());
    if (!self)
        co_return fail(closing());
    m_url = *started;
    Q_EMIT changed();
    co_return {};
}

void LocalIssuer::setSettings(const IssuerSettings &settings)
{
    m_settings = settings;
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, settings] { worker->setIssuerSettings(settings); }, Qt::QueuedConnection);
}

QCoro::Task<Result<QByteArray>> LocalIssuer::mint(Demo::MintRequest request)
{
    auto job = post<Result<QByteArray>>(this, m_worker,
                                        [worker = m_worker, request] { return Worker::mint(worker, request); });
    const Result<QByteArray> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

QCoro::Task<Result<>> LocalIssuer::rotateKeys(QByteArray algorithm)
{
    const QPointer<LocalIssuer> self = this;
    auto job = post<Result<>>(this, m_worker,
                              [worker = m_worker, algorithm] { return Worker::rotateKeys(worker, algorithm); });
    const Result<> otherwise = fail(closing());
    Result<> rotated = co_await outcomeOf(job, otherwise);
    if (self && rotated)
        Q_EMIT changed();
    co_return rotated;
}

} // namespace McpAuth::Ui
