#include "http/poller_p.h"

#ifdef Q_OS_UNIX

#include "http/limits.h"

#ifdef Q_OS_LINUX
#include <algorithm>
#include <array>
#include <span>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>
#endif

namespace McpAuth::Http {

#ifdef Q_OS_LINUX

struct Poller::Batch
{
    std::array<epoll_event, readySocketsPerTurn> events{};
    int count = 0;
    Batch *outer = nullptr;

    [[nodiscard]] std::span<epoll_event> ready() { return std::span(events).first(size_t(count)); }
};

std::shared_ptr<Poller> Poller::create()
{
    std::shared_ptr<Poller> poller(new Poller);
    poller->m_epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (poller->m_epoll < 0)
        return nullptr;
    QSocketNotifier &notifier = poller->m_notifier.emplace(poller->m_epoll, QSocketNotifier::Read);
    QObject::connect(&notifier, &QSocketNotifier::activated, &notifier, [self = poller.get()] { self->deliver(); });
    return poller;
}

Poller::~Poller()
{
    m_notifier.reset();
    if (m_epoll >= 0)
        ::close(m_epoll);
}

void Poller::deliver()
{
    const std::shared_ptr<Poller> self = shared_from_this(); // a handler may end the server
    Batch batch{.outer = m_batch};
    m_batch = &batch;
    batch.count = std::max(0, ::epoll_wait(m_epoll, batch.events.data(), int(batch.events.size()), 0));
    for (const epoll_event &event : batch.ready()) {
        constexpr quint32 always = EPOLLERR | EPOLLHUP; // found out by reading or writing
        const auto concerns = [&event](quint32 direction) {
            const auto *watch = static_cast<const SocketWatch *>(event.data.ptr); // null once it is forgotten
            return watch && (watch->m_interest & direction) && (event.events & (direction | always));
        };
        auto *watch = static_cast<SocketWatch *>(event.data.ptr);
        if (concerns(EPOLLIN))
            watch->m_user->readable();
        if (concerns(EPOLLOUT)) {
            watch->setInterest(watch->m_interest & ~quint32(EPOLLOUT));
            watch->m_user->writable();
        }
    }
    m_batch = batch.outer;
}

void Poller::forget(const SocketWatch *watch)
{
    for (Batch *batch = m_batch; batch; batch = batch->outer) {
        for (epoll_event &event : batch->ready()) {
            if (event.data.ptr == watch)
                event.data.ptr = nullptr;
        }
    }
}

SocketWatch::SocketWatch(std::shared_ptr<Poller> poller, int descriptor)
    : m_poller(std::move(poller))
    , m_descriptor(descriptor)
{
}

SocketWatch::~SocketWatch()
{
    stop();
}

void SocketWatch::start(TransportUser *user)
{
    m_user = user;
    setInterest(EPOLLIN);
}

void SocketWatch::setReading(bool on)
{
    setInterest(on ? m_interest | EPOLLIN : m_interest & ~quint32(EPOLLIN));
}

void SocketWatch::awaitWritable()
{
    setInterest(m_interest | EPOLLOUT);
}

void SocketWatch::stop()
{
    if (m_user)
        m_poller->forget(this);
    setInterest(0);
    m_user = nullptr;
}

/// Where the kernel has no memory for it, the connection ends by its deadline.
void SocketWatch::setInterest(quint32 events)
{
    if (!m_user || events == m_interest)
        return;
    const int operation = events == 0 ? EPOLL_CTL_DEL : m_interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    epoll_event event{.events = events, .data = {.ptr = this}};
    ::epoll_ctl(m_poller->m_epoll, operation, m_descriptor, &event);
    m_interest = events;
}

#else

std::shared_ptr<Poller> Poller::create()
{
    return std::shared_ptr<Poller>(new Poller);
}

Poller::~Poller() = default;

SocketWatch::SocketWatch(std::shared_ptr<Poller> poller, int descriptor)
    : m_poller(std::move(poller))
    , m_readNotifier(descriptor, QSocketNotifier::Read)
    , m_descriptor(descriptor)
{
    m_readNotifier.setEnabled(false);
}

SocketWatch::~SocketWatch() = default;

void SocketWatch::start(TransportUser *user)
{
    m_user = user;
    QObject::connect(&m_readNotifier, &QSocketNotifier::activated, &m_readNotifier, [user] { user->readable(); });
    m_readNotifier.setEnabled(true);
}

void SocketWatch::setReading(bool on)
{
    m_readNotifier.setEnabled(on && m_user);
}

void SocketWatch::awaitWritable()
{
    if (!m_writeNotifier) {
        m_writeNotifier.emplace(m_descriptor, QSocketNotifier::Write);
        QObject::connect(&*m_writeNotifier, &QSocketNotifier::activated, &*m_writeNotifier, [this] {
            m_writeNotifier->setEnabled(false);
            m_user->writable();
        });
    }
    m_writeNotifier->setEnabled(true);
}

void SocketWatch::stop()
{
    m_readNotifier.setEnabled(false);
    if (m_writeNotifier)
        m_writeNotifier->setEnabled(false);
    m_user = nullptr;
}

#endif

} // namespace McpAuth::Http

#endif
