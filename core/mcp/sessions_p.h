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

struct Session
{
    QByteArray id; ///< 256 random bits in base64url
    SessionOwner owner;
    const Revision *revision = nullptr;
    TimePoint lastUsed;
};

/// Bounded by maxSessions and sessionIdleTimeout (endpoint.h).
class Sessions
{
public:
    explicit Sessions(Clock clock)
        : m_clock(std::move(clock))
    {
    }

    [[nodiscard]] const Session &open(const SessionOwner &owner, const Revision *revision);
    /// Counts as a use. Null when it is unknown, too long unused, or somebody else's: a caller cannot tell which.
    /// Valid until the next call.
    [[nodiscard]] const Session *use(const QByteArray &id, const SessionOwner &owner);
    /// False where use() would be null.
    bool close(const QByteArray &id, const SessionOwner &owner);
    [[nodiscard]] qsizetype count();

private:
    void forgetUnused();

    Clock m_clock;
    std::list<Session> m_sessions; // the last used first
    QHash<QByteArray, std::list<Session>::iterator> m_byId;
};

} // namespace McpAuth::Mcp
