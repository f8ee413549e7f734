#include "ui/engine/embeddedserver.h"

#include "ui/engine/job_p.h"

#include <QPointer>

namespace McpAuth::Ui {

QStringList scopesOf(const ServerState &server)
{
    QStringList scopes = server.requiredScopes;
    for (const ToolSummary &tool : server.tools)
        scopes += tool.requiredScopes;
    scopes.removeDuplicates();
    return scopes;
}

EmbeddedServer::EmbeddedServer(Worker *worker)
    : m_worker(worker)
{
    connect(worker, &Worker::requestsAnswered, this, [this](const QList<Mcp::RequestEvent> &events) {
        m_worker->eventsTaken();
        Q_EMIT requestsAnswered(events);
    });
}

QCoro::Task<Result<>> EmbeddedServer::start(Mcp::ServerOptions options)
{
    const QPointer<EmbeddedServer> self = this;
    auto job = post<ServerOutcome>(this, m_worker,
                                   [worker = m_worker, options] { return Worker::startServer(worker, options); });
    const ServerOutcome otherwise{fail(closing()), {}};
    ServerOutcome outcome = co_await outcomeOf(job, otherwise);
    if (self) {
        m_state = outcome.state;
        Q_EMIT changed();
    }
    co_return outcome.result;
}

QCoro::Task<> EmbeddedServer::stop()
{
    const QPointer<EmbeddedServer> self = this;
    auto job = post<ServerOutcome>(this, m_worker, [worker = m_worker] { return Worker::stopServer(worker); });
    const ServerOutcome otherwise;
    const ServerOutcome outcome = co_await outcomeOf(job, otherwise);
    if (self) {
        m_state = outcome.state;
        Q_EMIT changed();
    }
}

QCoro::Task<Bearer::Verdict> EmbeddedServer::judge(Secret token, QString tool)
{
    auto job = post<Bearer::Verdict>(this, m_worker,
                                     [worker = m_worker, token, tool] { return Worker::judge(worker, token, tool); });
    Bearer::Verdict otherwise;
    otherwise.status = 500;
    otherwise.error = Bearer::BearerError::ServerError;
    otherwise.cause = closing();
    otherwise.errorDescription = otherwise.cause.message;
    co_return co_await outcomeOf(job, otherwise);
}

} // namespace McpAuth::Ui
