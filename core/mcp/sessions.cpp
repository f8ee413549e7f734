#include "base/base64url.h"
#include "jose/key.h"
#include "mcp/endpoint.h"
#include "mcp/sessions_p.h"

namespace McpAuth::Mcp {

namespace {

constexpr int idBytes = 32;

} // namespace

const Session &Sessions::open(const SessionOwner &owner, const Revision *revision)
{
    forgetUnused();
    while (m_byId.size() >= maxSessions) {
        m_byId.remove(m_sessions.back().id);
        m_sessions.pop_back();
    }
    m_sessions.push_front({.id = encodeBase64Url(Jose::randomBytes(idBytes)),
                           .owner = owner,
                           .revision = revision,
                           .lastUsed = m_clock()});
    m_byId.insert(m_sessions.front().id, m_sessions.begin());
    return m_sessions.front();
}

const Session *Sessions::use(const QByteArray &id, const SessionOwner &owner)
{
    forgetUnused();
    const auto known = m_byId.constFind(id);
    if (known == m_byId.constEnd() || (*known)->owner != owner)
        return nullptr;
    m_sessions.splice(m_sessions.begin(), m_sessions, *known);
    m_sessions.front().lastUsed = m_clock();
    return &m_sessions.front();
}

bool Sessions::close(const QByteArray &id, const SessionOwner &owner)
{
    if (!use(id, owner))
        return false;
    m_sessions.erase(m_byId.take(id));
    return true;
}

qsizetype Sessions::count()
{
    forgetUnused();
    return m_byId.size();
}

void Sessions::forgetUnused()
{
    const TimePoint now = m_clock();
    while (!m_sessions.empty() && now - m_sessions.back().lastUsed > sessionIdleTimeout) {
        m_byId.remove(m_sessions.back().id);
        m_sessions.pop_back();
    }
}

} // namespace McpAuth::Mcp
