#include "base/base64url.h"
#include "jose/key.h"
#include "mcp/endpoint.h"
#include "mcp/sessions_p.h"

namespace McpAuth::Mcp {

namespace {

constexpr int idBytes = 32;

} // namespace

Session &Sessions::open(const SessionCaller &caller, const Revision *revision)
{
    forgetUnused();
    if (const auto own = m_byCaller.constFind(caller); own != m_byCaller.cend() && own->size() >= maxSessionsPerCaller)
        forget(own->back());
    if (m_byId.size() >= maxSessions)
        forget(std::prev(m_sessions.end()));
    m_sessions.push_front({.session = {.id = encodeBase64Url(Jose::randomBytes(idBytes)),
                                       .owner = caller.owner,
                                       .revision = revision,
                                       .lastUsed = m_clock()},
                           .caller = caller});
    Kept &kept = m_sessions.front();
    std::list<Place> &own = m_byCaller[caller];
    own.push_front(m_sessions.begin());
    kept.ofCaller = own.begin();
    m_byId.insert(kept.session.id, m_sessions.begin());
    return kept.session;
}

Session *Sessions::use(const QByteArray &id, const SessionOwner &owner)
{
    forgetUnused();
    const auto known = m_byId.constFind(id);
    if (known == m_byId.constEnd() || (*known)->session.owner != owner)
        return nullptr;
    moveToFront(*known);
    return &m_sessions.front().session;
}

void Sessions::touch(const QByteArray &id)
{
    if (const auto known = m_byId.constFind(id); known != m_byId.constEnd())
        moveToFront(*known);
}

void Sessions::moveToFront(Place place)
{
    m_sessions.splice(m_sessions.begin(), m_sessions, place);
    Kept &kept = m_sessions.front();
    std::list<Place> &own = m_byCaller[kept.caller];
    own.splice(own.begin(), own, kept.ofCaller);
    kept.session.lastUsed = m_clock();
}

bool Sessions::close(const QByteArray &id, const SessionOwner &owner)
{
    if (!use(id, owner))
        return false;
    forget(m_byId.value(id));
    return true;
}

qsizetype Sessions::count()
{
    forgetUnused();
    return m_byId.size();
}

bool Sessions::isSubscribed(const QByteArray &id, const QString &uri) const
{
    const auto known = m_byId.constFind(id);
    return known != m_byId.constEnd() && (*known)->session.subscriptions.contains(uri);
}

void Sessions::forget(Place place)
{
    const auto own = m_byCaller.find(place->caller);
    own->erase(place->ofCaller);
    if (own->empty())
        m_byCaller.erase(own);
    const QByteArray id = place->session.id;
    m_byId.remove(id);
    m_sessions.erase(place);
    if (m_ended)
        m_ended(id);
}

void Sessions::forgetUnused()
{
    const TimePoint now = m_clock();
    while (!m_sessions.empty() && now - m_sessions.back().session.lastUsed > sessionIdleTimeout)
        forget(std::prev(m_sessions.end()));
}

} // namespace McpAuth::Mcp
