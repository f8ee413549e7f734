#include "support/rawclient.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QThread>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace McpAuth::Test {

namespace {

sockaddr_in loopback(const char *address, quint16 port)
{
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &result.sin_addr);
    return result;
}

int connectTo(quint16 port, const char *from)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -1;
    if (from) {
        const sockaddr_in local = loopback(from, 0);
        if (::bind(descriptor, reinterpret_cast<const sockaddr *>(&local), sizeof local) != 0)
            return ::close(descriptor), -1;
    }
    // Blocking: the kernel takes the connection into the server's backlog without the server's help.
    const sockaddr_in peer = loopback("127.0.0.1", port);
    if (::connect(descriptor, reinterpret_cast<const sockaddr *>(&peer), sizeof peer) != 0)
        return ::close(descriptor), -1;
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return descriptor;
}

/// The body by its framing, and how many bytes of `from` it takes; -1 when more must come.
qsizetype readChunks(QByteArrayView from, QByteArray &body)
{
    qsizetype at = 0;
    for (;;) {
        const qsizetype lineEnd = from.indexOf("\r\n", at);
        if (lineEnd < 0)
            return -1;
        const qsizetype size = from.sliced(at, lineEnd - at).toByteArray().toLongLong(nullptr, 16);
        at = lineEnd + 2;
        if (from.size() < at + size + 2)
            return -1;
        body += from.sliced(at, size);
        at += size + 2;
        if (size == 0)
            return at;
    }
}

RawResponse readHead(const QByteArray &head)
{
    RawResponse response;
    const QList<QByteArray> lines = head.split('\n');
    response.status = lines.front().split(' ').value(1).toInt();
    for (const QByteArray &line : lines.sliced(1)) {
        if (const qsizetype colon = line.indexOf(':'); colon > 0)
            response.headers.append({line.first(colon), line.sliced(colon + 1).trimmed()});
    }
    return response;
}

} // namespace

bool waitUntil(const std::function<bool()> &condition, std::chrono::milliseconds atMost)
{
    QElapsedTimer timer;
    timer.start();
    while (!condition()) {
        if (timer.durationElapsed() > atMost)
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        if (condition())
            return true;
        QThread::usleep(200);
    }
    return true;
}

QByteArray RawResponse::header(QByteArrayView name) const
{
    QByteArrayList values;
    for (const auto &[field, value] : headers) {
        if (field.compare(name, Qt::CaseInsensitive) == 0)
            values.append(value);
    }
    return values.join(", ");
}

RawClient::RawClient(quint16 port, const char *from)
    : m_descriptor(connectTo(port, from))
{
}

RawClient::~RawClient()
{
    close();
}

RawClient::RawClient(RawClient &&other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_ended(other.m_ended)
    , m_received(std::move(other.m_received))
{
}

qint64 RawClient::sendSome(const QByteArray &bytes)
{
    const ssize_t count = ::send(m_descriptor, bytes.data(), size_t(bytes.size()), MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN ? 0 : -1;
    return count;
}

RawClient &RawClient::send(const QByteArray &bytes)
{
    qint64 sent = 0;
    waitUntil([&] {
        const qint64 count = sendSome(bytes.sliced(sent));
        sent += std::max<qint64>(count, 0);
        return count < 0 || sent == bytes.size();
    });
    return *this;
}

void RawClient::finishWriting()
{
    ::shutdown(m_descriptor, SHUT_WR);
}

void RawClient::close()
{
    if (m_descriptor >= 0)
        ::close(std::exchange(m_descriptor, -1));
}

void RawClient::reset()
{
    const linger hard{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
}

void RawClient::poll()
{
    std::array<char, 64 * 1024> buffer;
    while (!m_ended) {
        const ssize_t count = ::recv(m_descriptor, buffer.data(), buffer.size(), 0);
        if (count > 0)
            m_received.append(buffer.data(), count);
        else if (count == 0 || errno != EAGAIN)
            m_ended = true;
        else
            return;
    }
}

bool RawClient::waitForMore()
{
    const qsizetype before = m_received.size();
    waitUntil([&] {
        poll();
        return m_ended || m_received.size() > before;
    });
    return m_received.size() > before;
}

RawResponse RawClient::response(bool head)
{
    qsizetype end = m_received.indexOf("\r\n\r\n");
    while (end < 0 && waitForMore())
        end = m_received.indexOf("\r\n\r\n");
    if (end < 0)
        return {};
    RawResponse response = readHead(m_received.first(end));
    m_received.remove(0, end + 4);

    const bool noBody = head || response.status < 200 || response.status == 204 || response.status == 304;
    const QByteArray length = response.header("Content-Length");
    if (noBody) {
        response.whole = true;
    } else if (response.header("Transfer-Encoding") == "chunked") {
        qsizetype used = readChunks(m_received, response.body);
        while (used < 0 && waitForMore()) {
            response.body.clear();
            used = readChunks(m_received, response.body);
        }
        response.whole = used >= 0;
        m_received.remove(0, std::max<qsizetype>(used, 0));
    } else if (!length.isEmpty()) {
        while (m_received.size() < length.toLongLong() && waitForMore())
            ;
        response.whole = m_received.size() >= length.toLongLong();
        response.body = m_received.first(std::min<qsizetype>(length.toLongLong(), m_received.size()));
        m_received.remove(0, response.body.size());
    } else {
        response.body = everything();
        response.whole = m_ended;
    }
    return response;
}

QByteArray RawClient::bytes(qsizetype count)
{
    while (m_received.size() < count && waitForMore())
        ;
    return std::exchange(m_received, {});
}

QByteArray RawClient::everything()
{
    isClosedByPeer();
    return std::exchange(m_received, {});
}

bool RawClient::isClosedByPeer()
{
    while (!m_ended && waitForMore())
        ;
    return m_ended;
}

} // namespace McpAuth::Test
