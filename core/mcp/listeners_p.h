// Clients that want to know when what a server offers has changed: streams of GET (to 2025-11-25) and of
// subscriptions/listen (since 2026-07-28).
#pragma once

#include "mcp/endpoint.h"
#include "mcp/eventchannel_p.h"
#include "mcp/jsonrpc.h"
#include "mcp/sessions_p.h"

#include <QSet>

namespace McpAuth::Mcp {

/// Streams that listen, of one endpoint and of one caller; one more: 429.
inline constexpr qsizetype maxListeners = 10'000;
inline constexpr int maxListenersPerCaller = 100;

struct Listener
{
    std::shared_ptr<EventChannel> channel;
    SessionCaller caller;
    QByteArray session = {};                         ///< of a GET; it hears every change
    std::optional<TimePoint> expiresAt = {};         ///< of the token that opened it
    bool isWholeSession = false;                     ///< the session ends with it (HTTP with SSE)
    QJsonValue subscription = QJsonValue::Undefined; ///< the ID of subscriptions/listen
    QSet<Change> changes = {Change::Tools, Change::Prompts, Change::Resources};
    QSet<QString> resources = {}; ///< of subscriptions/listen: a session has its own
};

class Listeners
{
public:
    [[nodiscard]] bool isFullFor(const SessionCaller &caller) const;
    void add(Listener listener);

    void tell(Change change);
    /// `isSubscribed`: whether a session wants to hear of the resource.
    void tellUpdated(const QString &uri, const std::function<bool(const QByteArray &session)> &isSubscribed);
    /// Ends streams whose token has expired: the next request gets the challenge. A session's may be gone on with.
    void endExpired(TimePoint now);
    /// Sessions whose stream is open.
    [[nodiscard]] QByteArrayList openSessions() const;
    /// A session has one stream: the one before it ends (2025-11-25, Multiple Connections: a message goes to one).
    void close(const QByteArray &session);
    /// The session's stream goes on with another token. False when the channel is not one that listens.
    bool renew(const EventChannel *channel, std::optional<TimePoint> expiresAt);
    void remove(const EventChannel *channel);
    /// Tells those who can understand it that the server ends, and ends their streams.
    void closeAll();

private:
    [[nodiscard]] QList<Listener>::iterator find(const EventChannel *channel);
    void send(const Listener &listener, const QString &method, QJsonObject params);

    QList<Listener> m_listeners;
    QHash<SessionCaller, int> m_counts;
};

[[nodiscard]] QByteArray acknowledgement(const Listener &listener);

} // namespace McpAuth::Mcp
