#include "base/base64url.h"
#include "jose/key.h"
#include "mcp/endpoint.h"
#include "mcp/sessions_p.h"

#include <QCryptographicHash>
#include <QJsonArray>

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

constexpr int idBytes = 32;
constexpr QByteArrayView sealPurpose = "session";

QString digestOf(const SessionOwner &owner)
{
    const QByteArray text = toJsonText(QJsonArray{owner.issuer, owner.subject, owner.client});
    return QString::fromLatin1(encodeBase64Url(QCryptographicHash::hash(text, QCryptographicHash::Sha256)));
}

} // namespace

Session &Sessions::openLocal(const SessionCaller &caller, const Revision *revision)
{
    return insert(caller, {.id = encodeBase64Url(Jose::randomBytes(idBytes)),
                           .owner = caller.owner,
                           .revision = revision,
                           .lastUsed = m_clock()});
}

Session &Sessions::open(const SessionCaller &caller, const Revision *revision, const QJsonObject &capabilities)
{
    if (!m_seals) {
        Session &session = openLocal(caller, revision);
        session.capabilities = capabilities;
        return session;
    }
    const QByteArray random = encodeBase64Url(Jose::randomBytes(idBytes));
    const QJsonObject sealed{{u"nonce"_s, QLatin1StringView(random)},
                             {u"owner"_s, digestOf(caller.owner)},
                             {u"revision"_s, revision->name},
                             {u"capabilities"_s, capabilities}};
    return insert(caller, {.id = m_seals->seal(sealPurpose, sealed, sealedSessionLifetime),
                           .owner = caller.owner,
                           .revision = revision,
                           .lastUsed = m_clock(),
                           .capabilities = capabilities});
}

Session *Sessions::adopt(const QByteArray &id, const SessionCaller &caller)
{
    if (!m_seals || m_byId.contains(id) || m_endedIds.contains(id))
        return nullptr;
    const auto sealed = m_seals->open(sealPurpose, id);
    if (!sealed || sealed->value("owner"_L1) != digestOf(caller.owner))
        return nullptr;
    const Revision *revision = findRevision(sealed->value("revision"_L1).toString());
    if (!revision || revision->stateless)
        return nullptr;
    return &insert(caller, {.id = id,
                            .owner = caller.owner,
                            .revision = revision,
                            .lastUsed = m_clock(),
                            .capabilities = sealed->value("capabilities"_L1).toObject()});
}

Session &Sessions::insert(const SessionCaller &caller, Session session)
{
    forgetUnused();
    if (const auto own = m_byCaller.constFind(caller); own != m_byCaller.cend() && own->size() >= maxSessionsPerCaller)
        forget(own->back());
    if (m_byId.size() >= maxSessions)
        forget(std::prev(m_sessions.end()));
    m_sessions.push_front({.session = std::move(session), .caller = caller});
    Kept &kept = m_sessions.front();
    std::list<Place> &own = m_byCaller[caller];
    own.push_front(m_sessions.begin());
    kept.ofCaller = own.begin();
    m_byId.insert(kept.session.id, m_sessions.begin());
    return kept.session;
}

void Sessions::rememberEnded(const QByteArray &id)
{
    if (!m_seals || !m_seals->open(sealPurpose, id)) // a local one is known to nobody else
        return;
    if (m_endedOrder.size() >= maxEndedSessions)
        m_endedIds.remove(m_endedOrder.takeFirst());
    m_endedIds.insert(id);
    m_endedOrder.append(id);
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
    rememberEnded(id);
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
