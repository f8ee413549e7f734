// The sessions of one endpoint: whose they are, and which revision they agreed on.
#pragma once

#include "base/clock.h"
#include "mcp/context.h"
#include "mcp/revision_p.h"

#include <QByteArray>
#include <QHash>
#include <QJsonObject>
#include <QSet>

#include <functional>
#include <list>

namespace McpAuth::Mcp {

/// The caller a session belongs to; both empty without auth.
struct SessionOwner
{
    QString issuer;
    QString subject;
    QString client = {}; ///< of a token without a subject

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
    return qHashMulti(seed, caller.owner.issuer, caller.owner.subject, caller.owner.client, caller.peer);
}

/// Of a client's capabilities, which its session keeps.
inline constexpr qsizetype maxCapabilitiesBytes = 4 * 1024;

struct Session
{
    QByteArray id; ///< 256 random bits in base64url
    SessionOwner owner;
    const Revision *revision = nullptr;
    TimePoint lastUsed;
    QJsonObject capabilities = {};       ///< the client's
    LogLevel logLevel = LogLevel::Debug; ///< until logging/setLevel says otherwise
    QSet<QString> subscriptions = {};    ///< to resources
};

/// Bounded by maxSessions, maxSessionsPerCaller and sessionIdleTimeout (endpoint.h).
class Sessions
{
public:
    /// `ended` hears of each that goes, whatever the reason.
    explicit Sessions(Clock clock, std::function<void(const QByteArray &id)> ended = {})
        : m_clock(std::move(clock))
        , m_ended(std::move(ended))
    {
    }

    Session &open(const SessionCaller &caller, const Revision *revision);
    /// Counts as a use. Null when it is unknown, too long unused, or somebody else's: a caller cannot tell which.
    /// Valid until the next call.
    [[nodiscard]] Session *use(const QByteArray &id, const SessionOwner &owner);
    /// False where use() would be null.
    bool close(const QByteArray &id, const SessionOwner &owner);
    /// A use of whoever has it already.
    void touch(const QByteArray &id);
    [[nodiscard]] qsizetype count();
    /// Whether the session is there and wants to hear of this resource.
    [[nodiscard]] bool isSubscribed(const QByteArray &id, const QString &uri) const;

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

    void moveToFront(Place place);

    Clock m_clock;
    std::function<void(const QByteArray &id)> m_ended;
    std::list<Kept> m_sessions; // the last used first
    QHash<QByteArray, Place> m_byId;
    QHash<SessionCaller, std::list<Place>> m_byCaller; // of each the last used first
};

} // namespace McpAuth::Mcp
