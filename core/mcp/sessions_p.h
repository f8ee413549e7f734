// The sessions of one endpoint: whose they are, and which revision they agreed on.
#pragma once

#include "base/clock.h"
#include "mcp/context.h"
#include "mcp/revision_p.h"
#include "mcp/seal_p.h"

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

/// How long an ID that other instances know can be taken over.
inline constexpr std::chrono::hours sealedSessionLifetime{24};
/// Ended sessions that an instance remembers, so that their IDs are not taken over; the oldest is forgotten first.
inline constexpr qsizetype maxEndedSessions = 10'000;

class EventChannel;

struct Session
{
    QByteArray id; ///< 256 random bits in base64url, or sealed
    SessionOwner owner;
    const Revision *revision = nullptr;
    TimePoint lastUsed;
    QJsonObject capabilities = {};             ///< the client's
    LogLevel logLevel = LogLevel::Debug;       ///< until logging/setLevel says otherwise
    bool isInitialized = false;                ///< of HTTP with SSE, whose sessions begin before
    std::shared_ptr<EventChannel> stream = {}; ///< of HTTP with SSE: all that the server says goes there
    QSet<QString> subscriptions = {};          ///< to resources
};

/// Bounded by maxSessions, maxSessionsPerCaller and sessionIdleTimeout (endpoint.h).
class Sessions
{
public:
    /// `ended` hears of each that goes, whatever the reason. With `seals` an ID carries its session, so that another
    /// instance can take it over.
    explicit Sessions(Clock clock, std::function<void(const QByteArray &id)> ended = {},
                      std::shared_ptr<const Seals> seals = {})
        : m_clock(std::move(clock))
        , m_ended(std::move(ended))
        , m_seals(std::move(seals))
    {
    }

    Session &open(const SessionCaller &caller, const Revision *revision, const QJsonObject &capabilities = {});
    /// One that no other instance takes over.
    Session &openLocal(const SessionCaller &caller, const Revision *revision);
    /// One that another instance opened, or that was forgotten here for others: without its log level and
    /// subscriptions. Null where the seal does not hold, is too old or somebody else's, or the session was ended here
    /// by its client. The idle time is each instance's own, so a sealed session may go on elsewhere.
    [[nodiscard]] Session *adopt(const QByteArray &id, const SessionCaller &caller);
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

    Session &insert(const SessionCaller &caller, Session session);
    void moveToFront(Place place);
    void rememberEnded(const QByteArray &id);

    Clock m_clock;
    std::function<void(const QByteArray &id)> m_ended;
    std::shared_ptr<const Seals> m_seals; // null: nobody else knows these sessions
    QSet<QByteArray> m_endedIds;          // sealed ones, which must not come back
    QList<QByteArray> m_endedOrder;       // the oldest first
    std::list<Kept> m_sessions;           // the last used first
    QHash<QByteArray, Place> m_byId;
    QHash<SessionCaller, std::list<Place>> m_byCaller; // of each the last used first
};

} // namespace McpAuth::Mcp
