// Which sockets of a server are ready. On Linux one epoll descriptor knows, and idle connections cost nothing;
// elsewhere Qt's event loop asks about every socket at every turn.
#pragma once

#include "http/transport_p.h"

#include <QSocketNotifier>

#include <optional>

namespace McpAuth::Http {

class SocketWatch;

/// Lives on the server's thread; every watch holds it.
class Poller : public std::enable_shared_from_this<Poller>
{
    Q_DISABLE_COPY_MOVE(Poller)

public:
    /// Null when the system gives no descriptor.
    [[nodiscard]] static std::shared_ptr<Poller> create();
    ~Poller();

private:
    Poller() = default;

#ifdef Q_OS_LINUX
    friend class SocketWatch;
    struct Batch;

    void deliver();
    void forget(const SocketWatch *watch);

    int m_epoll = -1;
    std::optional<QSocketNotifier> m_notifier;
    Batch *m_batch = nullptr; // under delivery; several when a handler turns the event loop
#endif
};

/// Tells a transport's user about one descriptor. What it tells may end everything, this object included.
class SocketWatch
{
    Q_DISABLE_COPY_MOVE(SocketWatch)

public:
    SocketWatch(std::shared_ptr<Poller> poller, int descriptor);
    ~SocketWatch();

    /// With reading on.
    void start(TransportUser *user);
    void setReading(bool on);
    /// writable() follows, once.
    void awaitWritable();
    /// Before the descriptor is closed.
    void stop();

private:
    std::shared_ptr<Poller> m_poller;
    TransportUser *m_user = nullptr;
#ifdef Q_OS_LINUX
    friend class Poller;

    void setInterest(quint32 events);

    int m_descriptor;
    quint32 m_interest = 0; // none: not registered, for epoll would report errors all the same
#else
    QSocketNotifier m_readNotifier;
    std::optional<QSocketNotifier> m_writeNotifier; // only slow readers need one
    int m_descriptor;
#endif
};

} // namespace McpAuth::Http
