#include "ui/engine/keychain.h"

#include "ui/engine/job_p.h"

namespace McpAuth::Ui {

Keychain::Keychain(Worker *worker)
    : m_worker(worker)
{
    connect(worker->flows(), &FlowRunner::notKept, this, &Keychain::notKept);
    connect(worker->clients(), &ClientRunner::notKept, this, &Keychain::notKept);
}

QCoro::Task<bool> Keychain::isAvailable()
{
    auto job = post<bool>(this, m_worker,
                          [credentials = m_worker->credentials()] { return Credentials::hasKeychain(credentials); });
    co_return co_await outcomeOf(job, false);
}

} // namespace McpAuth::Ui
