#include "http/limits.h"
#include "http/poller_p.h"
#include "http/transport_p.h"

#include <QPointer>
#include <QSslSocket>

#ifdef Q_OS_UNIX
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace McpAuth::Http {

namespace {

constexpr qint64 socketBufferBytes = 64 * 1024;

QHostAddress withoutMapping(const QHostAddress &address)
{
    bool mapped = false;
    const quint32 ipv4 = address.toIPv4Address(&mapped);
    return mapped ? QHostAddress(ipv4) : address;
}

/// TLS, and plain sockets where there is no POSIX.
class QtTransport final : public Transport
{
public:
    explicit QtTransport(std::unique_ptr<QTcpSocket> socket)
        : m_socket(socket.release())
    {
    }

    void start(TransportUser *user) override
    {
        m_user = user;
        m_socket->setReadBufferSize(socketBufferBytes);
        m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        const auto read = [this] { offerBytes(); };
        const auto write = [this] {
            if (m_user)
                m_user->writable();
        };
        QObject::connect(m_socket.get(), &QAbstractSocket::readyRead, &m_context, read);
        QObject::connect(m_socket.get(), &QAbstractSocket::disconnected, &m_context, read);
        QObject::connect(m_socket.get(), &QAbstractSocket::errorOccurred, &m_context, read);
        QObject::connect(m_socket.get(), &QAbstractSocket::bytesWritten, &m_context, write);
        if (auto *tls = qobject_cast<QSslSocket *>(m_socket.get())) {
            QObject::connect(tls, &QSslSocket::encryptedBytesWritten, &m_context, write);
            tls->startServerEncryption(); // not before: most of those that are turned away need no handshake
        }
    }

    qint64 read(char *to, qint64 size) override
    {
        const qint64 count = m_socket->read(to, size);
        if (count > 0)
            return count;
        if (m_socket->state() == QAbstractSocket::ConnectedState)
            return 0;
        return broken;
    }

    qint64 write(QByteArrayView bytes) override
    {
        if (m_socket->state() != QAbstractSocket::ConnectedState)
            return broken;
        const auto *tls = qobject_cast<QSslSocket *>(m_socket.get());
        const qint64 waiting = m_socket->bytesToWrite() + (tls ? tls->encryptedBytesToWrite() : 0);
        const qint64 room = std::min<qint64>(socketBufferBytes - waiting, bytes.size());
        if (room <= 0)
            return 0;
        const qint64 count = m_socket->write(bytes.data(), room);
        return count < 0 ? broken : count;
    }

    void setReading(bool on) override
    {
        const bool again = on && !m_reading;
        m_reading = on;
        if (again)
            QMetaObject::invokeMethod(&m_context, [this] { offerBytes(); }, Qt::QueuedConnection);
    }

    void finishWriting() override { m_socket->disconnectFromHost(); }

    void close() override
    {
        m_user = nullptr;
        m_socket->abort();
    }

    QHostAddress peer() const override { return withoutMapping(m_socket->peerAddress()); }

private:
    void offerBytes()
    {
        const QPointer<QObject> self = &m_context; // a handler may end the server, and this with it
        qint64 before = -1;
        while (self && m_user && m_reading && m_socket->bytesAvailable() != before) {
            before = m_socket->bytesAvailable();
            m_user->readable();
        }
    }

    std::unique_ptr<QTcpSocket, QScopedPointerDeleteLater> m_socket; // may be emitting a signal when this goes
    QObject m_context;                                               // of all that calls back here
    TransportUser *m_user = nullptr;
    bool m_reading = true;
};

std::unique_ptr<Transport> makeTlsTransport(qintptr descriptor, QSslConfiguration configuration)
{
    if (configuration.peerVerifyMode() == QSslSocket::AutoVerifyPeer)
        configuration.setPeerVerifyMode(QSslSocket::VerifyNone); // or browsers ask their user for a certificate
    auto socket = std::make_unique<QSslSocket>();
    socket->setSocketDescriptor(descriptor);
    socket->setSslConfiguration(configuration);
    return std::make_unique<QtTransport>(std::move(socket));
}

#ifdef Q_OS_UNIX

void setSocketOption(int descriptor, int level, int name, int value)
{
    ::setsockopt(descriptor, level, name, &value, sizeof value);
}

/// A peer that vanishes without a word is found out.
void keepAlive(int descriptor)
{
    setSocketOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
    setSocketOption(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, int(keepAliveIdle.count()));
    setSocketOption(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, int(keepAliveInterval.count()));
    setSocketOption(descriptor, IPPROTO_TCP, TCP_KEEPCNT, keepAliveProbes);
#endif
}

class PlainTransport final : public Transport
{
public:
    PlainTransport(int descriptor, std::shared_ptr<Poller> poller)
        : m_descriptor(descriptor)
        , m_watch(std::move(poller), descriptor)
    {
        ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
        setSocketOption(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
#ifdef SO_NOSIGPIPE
        setSocketOption(descriptor, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
    }

    ~PlainTransport() override { close(); }

    void start(TransportUser *user) override { m_watch.start(user); }

    qint64 read(char *to, qint64 size) override
    {
        const ssize_t count = ::recv(m_descriptor, to, size_t(size), 0);
        if (count > 0)
            return count;
        return count == 0 ? ended : wouldBlock() ? 0 : broken;
    }

    qint64 write(QByteArrayView bytes) override
    {
#ifdef MSG_NOSIGNAL
        constexpr int flags = MSG_NOSIGNAL;
#else
        constexpr int flags = 0;
#endif
        const ssize_t count = ::send(m_descriptor, bytes.data(), size_t(bytes.size()), flags);
        if (count < 0 && !wouldBlock())
            return broken;
        if (count < bytes.size())
            m_watch.awaitWritable();
        return std::max<qint64>(count, 0);
    }

    void setReading(bool on) override { m_watch.setReading(on); }

    void finishWriting() override { ::shutdown(m_descriptor, SHUT_WR); }

    void close() override
    {
        if (m_descriptor < 0)
            return;
        m_watch.stop();
        ::close(m_descriptor);
        m_descriptor = -1;
    }

    QHostAddress peer() const override
    {
        sockaddr_storage storage{};
        socklen_t size = sizeof storage;
        auto *address = reinterpret_cast<sockaddr *>(&storage);
        return ::getpeername(m_descriptor, address, &size) == 0 ? withoutMapping(QHostAddress(address))
                                                                : QHostAddress();
    }

private:
    static bool wouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

    int m_descriptor;
    SocketWatch m_watch;
};

#endif

} // namespace

std::unique_ptr<Transport> makeTransport(qintptr descriptor, const std::optional<QSslConfiguration> &tls,
                                         [[maybe_unused]] const std::shared_ptr<Poller> &poller)
{
#ifdef Q_OS_UNIX
    keepAlive(int(descriptor));
#endif
    if (tls)
        return makeTlsTransport(descriptor, *tls);
#ifdef Q_OS_UNIX
    return std::make_unique<PlainTransport>(int(descriptor), poller);
#else
    auto socket = std::make_unique<QTcpSocket>();
    socket->setSocketDescriptor(descriptor);
    return std::make_unique<QtTransport>(std::move(socket));
#endif
}

} // namespace McpAuth::Http
