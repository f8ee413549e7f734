#include "ui/engine/connection.h"

#include "ui/engine/job_p.h"

namespace McpAuth::Ui {

Connection::Connection(Worker *worker)
    : m_worker(worker)
{
    connect(worker->clients(), &ClientRunner::authorizationChanged, this, &Connection::authorizationChanged);
    connect(worker->clients(), &ClientRunner::authorizationRenewed, this, &Connection::authorizationRenewed);
}

QCoro::Task<Result<ServerIntroduction>> Connection::open(ClientRequest request)
{
    close();
    auto job = post<Result<ServerIntroduction>>(
        this, m_worker, [runner = m_worker->clients(), request] { return ClientRunner::connectTo(runner, request); });
    const Result<ServerIntroduction> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

QCoro::Task<ClientCall> Connection::callTool(QString tool, QJsonObject arguments)
{
    auto job = post<ClientCall>(this, m_worker, [runner = m_worker->clients(), tool, arguments] {
        return ClientRunner::call(runner, tool, arguments);
    });
    const ClientCall otherwise{fail(closing())};
    co_return co_await outcomeOf(job, otherwise);
}

void Connection::setAuthorization(const OAuth::Authorization &authorization)
{
    ClientRunner *runner = m_worker->clients();
    QMetaObject::invokeMethod(
        runner, [runner, authorization] { runner->setAuthorization(authorization); }, Qt::QueuedConnection);
}

void Connection::cancel()
{
    QMetaObject::invokeMethod(m_worker->clients(), &ClientRunner::cancel, Qt::QueuedConnection);
}

void Connection::close()
{
    post<Result<>>(this, m_worker, [runner = m_worker->clients()] { return ClientRunner::leave(runner); });
}

QCoro::Task<Result<>> Connection::logOut(ClientRequest request)
{
    auto job = post<Result<>>(
        this, m_worker, [runner = m_worker->clients(), request] { return ClientRunner::logOut(runner, request); });
    const Result<> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

} // namespace McpAuth::Ui
