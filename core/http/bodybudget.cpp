#include "http/address.h"
#include "http/bodybudget_p.h"

namespace McpAuth::Http {

bool BodyBudget::take(const QHostAddress &group, qint64 bytes, const ServerLimits &limits)
{
    const auto ofAddress = m_perAddress.find(group);
    const qint64 before = ofAddress == m_perAddress.end() ? 0 : *ofAddress;
    if (m_held + bytes > limits.bufferedBytes || before + bytes > limits.bufferedBytesPerAddress)
        return false;
    m_held += bytes;
    if (ofAddress == m_perAddress.end())
        m_perAddress.insert(group, bytes);
    else
        *ofAddress += bytes;
    return true;
}

void BodyBudget::giveBack(const QHostAddress &group, qint64 bytes)
{
    m_held -= bytes;
    const auto ofAddress = m_perAddress.find(group);
    if (ofAddress != m_perAddress.end() && (*ofAddress -= bytes) == 0)
        m_perAddress.erase(ofAddress);
}

BodyLease::BodyLease(std::shared_ptr<BodyBudget> budget, const QHostAddress &peer)
    : m_budget(std::move(budget))
    , m_group(peerGroup(peer))
{
}

BodyLease::~BodyLease()
{
    if (m_bytes > 0)
        m_budget->giveBack(m_group, m_bytes);
}

bool BodyLease::growTo(qint64 bytes, const ServerLimits &limits)
{
    if (!m_budget->take(m_group, bytes - m_bytes, limits))
        return false;
    m_bytes = bytes;
    return true;
}

} // namespace McpAuth::Http
