#include "ui/engine/connection.h"

#include "ui/engine/job_p.h"

namespace McpAuth::Ui {

Connection::Connection(Worker *worker)
    : m_worker(worker)
{
    connect(worker->clients(), &ClientRunner::authorizationChanged, this, &Connection::authorizationChanged);
    connect(worker->clients(), &ClientRunner::authorizationRenewed, this, &Connection::authorizationRenewed);
    connect(worker->clients(), &ClientRunner::asked, this, &Connection::asked);
    connect(worker->clients(), &ClientRunner::withdrawn, this, &Connection::withdrawn);
    connect(worker->clients(), &ClientRunner::heard, this, &Connection::heard);
}

QCoro::Task<Result<ServerIntroduction>> Connection::open(ClientRequest request)
{
    close();
    auto job = post<Result<ServerIntroduction>>(
        this, m_worker, [runner = m_worker->clients(), request] { return ClientRunner::connectTo(runner, request); });
    const Result<ServerIntroduction> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

QCoro::Task<ClientCall> Connection::call(OfferCall call)
{
    auto job = post<ClientCall>(this, m_worker,
                                [runner = m_worker->clients(), call] { return ClientRunner::call(runner, call); });
    const ClientCall otherwise{fail(closing())};
    co_return co_await outcomeOf(job, otherwise);
}

QCoro::Task<Result<ServerIntroduction>> Connection::listAgain()
{
    auto job = post<Result<ServerIntroduction>>(
        this, m_worker, [runner = m_worker->clients()] { return ClientRunner::listAgain(runner); });
    const Result<ServerIntroduction> otherwise = fail(closing());
    co_return co_await outcomeOf(job, otherwise);
}

void Connection::answer(quint64 question, const Result<QJsonObject> &answer)
{
    ClientRunner *runner = m_worker->clients();
    QMetaObject::invokeMethod(
        runner, [runner, question, answer] { runner->answer(question, answer); }, Qt::QueuedConnection);
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
