// The sessions of one endpoint: whose they are, and which revision they agreed on.
#pragma once

#include "base/clock.h"
#include "mcp/revision_p.h"

#include <QByteArray>
#include <QHash>

#include <list>

namespace McpAuth::Mcp {

/// The caller a session belongs to; both empty without auth.
struct SessionOwner
{
    QString issuer;
    QString subject;

    bool operator==(const SessionOwner &) const = default;
};

/// Who opens sessions, for maxSessionsPerCaller.
struct SessionCaller
{
    SessionOwner owner;
    QString peer; ///< the address, without auth only: one user must not count as many by many client IDs

    bool operator==(const SessionCaller &) const = default;
};

[[nodiscard]] inline size_t qHash(const SessionCaller &caller, size_t seed = 0) noexcept
{
    return qHashMulti(seed, caller.owner.issuer, caller.owner.subject, caller.peer);
}

struct Session
{
    QByteArray id; ///< 256 random bits in base64url
    SessionOwner owner;
    const Revision *revision = nullptr;
    TimePoint lastUsed;
};

/// Bounded by maxSessions, maxSessionsPerCaller and sessionIdleTimeout (endpoint.h).
class Sessions
{
public:
    explicit Sessions(Clock clock)
        : m_clock(std::move(clock))
    {
    }

    [[nodiscard]] const Session &open(const SessionCaller &caller, const Revision *revision);
    /// Counts as a use. Null when it is unknown, too long unused, or somebody else's: a caller cannot tell which.
    /// Valid until the next call.
    [[nodiscard]] const Session *use(const QByteArray &id, const SessionOwner &owner);
    /// False where use() would be null.
    bool close(const QByteArray &id, const SessionOwner &owner);
    [[nodiscard]] qsizetype count();

private:
    struct Kept;
    using Place = std::list<Kept>::iterator;
    struct Kept
    {
        Session session;
        SessionCaller caller;
        std::list<Place>::iterator ofCaller = {}; // its place in m_byCaller
    };

    void forget(Place place);
    void forgetUnused();

    Clock m_clock;
    std::list<Kept> m_sessions; // the last used first
    QHash<QByteArray, Place> m_byId;
    QHash<SessionCaller, std::list<Place>> m_byCaller; // of each the last used first
};

} // namespace McpAuth::Mcp
