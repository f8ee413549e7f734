#include "ui/engine/issuerkeys_p.h"

namespace McpAuth::Ui {

namespace {

using Keys = Result<QList<Jose::Key>>;

/// Holds the set for as long as it is asked.
QCoro::Task<Keys> ask(std::shared_ptr<Jose::RemoteKeySet> set, Jose::Jws jws)
{
    Keys keys = co_await set->candidates(std::move(jws));
    co_return keys;
}

} // namespace

IssuerKeys::IssuerKeys(Http::Client *client, QString url)
    : m_client(client)
    , m_url(std::move(url))
    , m_set(std::make_shared<Jose::RemoteKeySet>(m_client, m_url))
{
}

void IssuerKeys::renew()
{
    m_pastGenerations += m_set->generation() + 1;
    m_set = std::make_shared<Jose::RemoteKeySet>(m_client, m_url);
}

QCoro::Task<Result<QList<Jose::Key>>> IssuerKeys::candidates(Jose::Jws jws)
{
    return ask(m_set, std::move(jws));
}

std::optional<Result<QList<Jose::Key>>> IssuerKeys::candidatesNow(const Jose::Jws &jws)
{
    return m_set->candidatesNow(jws);
}

quint64 IssuerKeys::generation() const
{
    return m_pastGenerations + m_set->generation();
}

} // namespace McpAuth::Ui
