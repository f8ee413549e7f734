// One stream of events to a client, which may outlive the connections that carry it (Streamable HTTP, Resumability).
#pragma once

#include "http/message.h"

#include <QByteArray>
#include <QHash>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>

namespace McpAuth::Mcp {

/// What is kept for clients that come back: of one channel, of one session's channels, and of an endpoint's. The oldest
/// goes first; an event that is larger than a channel may keep is not kept.
inline constexpr qsizetype maxKeptEvents = 1'000;
inline constexpr qsizetype maxKeptEventBytes = 1024 * 1024;
inline constexpr qsizetype maxKeptEventBytesOfAll = 32 * 1024 * 1024;
inline constexpr qsizetype maxKeptChannelsPerSession = 64;
inline constexpr qsizetype maxKeptChannels = 1'000;
/// How long after its end a channel can be gone on with.
inline constexpr std::chrono::minutes channelKeepTime{5};
/// After this a client that has heard nothing is told that the connection lives.
inline constexpr std::chrono::seconds eventKeepAlive{25};

class EventChannel : public std::enable_shared_from_this<EventChannel>
{
public:
    /// `id` empty: events have none and nothing is kept. `primed`: a connection begins with an ID to resume after.
    explicit EventChannel(QByteArray id = {}, bool primed = false, std::shared_ptr<qsizetype> keptOfAll = {})
        : m_id(std::move(id))
        , m_primed(primed)
        , m_keptOfAll(std::move(keptOfAll))
    {
    }
    ~EventChannel() { forget(m_kept.size()); }
    EventChannel(const EventChannel &) = delete;
    EventChannel &operator=(const EventChannel &) = delete;

    /// A response that carries the channel from now on, beginning with the events after number `after`. The connection
    /// before it ends.
    [[nodiscard]] Http::Response connect(qint64 after = 0);
    /// One JSON-RPC message. False when nobody can get it: no connection, and nothing is kept.
    bool send(const QByteArray &message);
    /// An event of a type of its own, which is not kept.
    void sendEvent(const QByteArray &type, const QByteArray &data);
    void keepAlive();
    /// Ends the connection; the client comes back after `retry`. Only where events are kept.
    void disconnect(std::chrono::milliseconds retry);
    /// The client may come back for the rest.
    void leaveConnection();
    /// As when the client goes.
    void lose();
    /// No more events.
    void end();
    /// The stream has an answer at its end: a server that stops waits for it.
    void setAnswers() { m_answers = true; }

    [[nodiscard]] bool hasEnded() const { return m_ended.has_value(); }
    [[nodiscard]] bool isStale() const { return m_ended && now() - *m_ended > channelKeepTime; }
    [[nodiscard]] bool isConnected() const { return m_stream != nullptr; }
    [[nodiscard]] const QByteArray &id() const { return m_id; }
    /// It has no answer at its end: what a session hears beside its requests.
    void setListening() { m_listening = true; }
    [[nodiscard]] bool isListening() const { return m_listening; }
    /// The client's doing, not ours.
    void setConnectionLost(std::function<void()> lost) { m_lost = std::move(lost); }

private:
    struct Kept
    {
        qint64 number;
        QByteArray text;
    };

    [[nodiscard]] QByteArray idField(qint64 number) const;
    void keep(const QByteArray &text);
    void forget(size_t count);
    [[nodiscard]] static std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }

    QByteArray m_id;
    bool m_primed;
    bool m_answers = false;
    bool m_listening = false;
    std::optional<std::chrono::steady_clock::time_point> m_ended;
    qint64 m_last = 0; // number of the last event
    std::list<Kept> m_kept;
    qsizetype m_keptBytes = 0;
    std::shared_ptr<qsizetype> m_keptOfAll; // bytes of all channels of the endpoint
    std::shared_ptr<Http::Stream> m_stream; // null while there is no connection
    std::function<void()> m_lost;
};

/// Those of an endpoint whose events are kept.
class EventChannels
{
public:
    EventChannels();

    [[nodiscard]] std::shared_ptr<EventChannel> open(const QByteArray &session, bool primed);
    struct Place
    {
        std::shared_ptr<EventChannel> channel;
        qint64 after = 0;
    };
    /// Where a client that heard this event last goes on; only in the session that the channel belongs to.
    [[nodiscard]] std::optional<Place> find(const QByteArray &session, QByteArrayView lastEventId) const;
    /// Ends all of the session.
    void close(const QByteArray &session);

private:
    struct Entry
    {
        QByteArray session;
        std::shared_ptr<EventChannel> channel;
    };
    using List = std::list<Entry>;

    QByteArray m_prefix; // of this endpoint's IDs: another instance knows none of them
    quint64 m_opened = 0;
    void remove(List::iterator entry);
    void makeRoom(const QByteArray &session);

    std::shared_ptr<qsizetype> m_keptOfAll = std::make_shared<qsizetype>(0);
    List m_entries; // the oldest first
    QHash<QByteArray, List::iterator> m_byId;
};

} // namespace McpAuth::Mcp
