// The bytes under a connection: a plain socket, or one with TLS.
#pragma once

#include <QByteArray>
#include <QHostAddress>
#include <QSslConfiguration>

#include <memory>
#include <optional>

namespace McpAuth::Http {

class Poller;

/// Who is told that a transport can be read or written.
class TransportUser
{
public:
    virtual void readable() = 0;
    virtual void writable() = 0;

protected:
    ~TransportUser() = default;
};

class Transport
{
public:
    static constexpr qint64 ended = -1;  ///< the peer writes no more
    static constexpr qint64 broken = -2; ///< neither side can go on

    virtual ~Transport() = default;

    virtual void start(TransportUser *user) = 0;
    /// Bytes read, 0 when there are none now, ended or broken.
    [[nodiscard]] virtual qint64 read(char *to, qint64 size) = 0;
    /// Bytes taken, or broken. Fewer than given: writable() follows.
    [[nodiscard]] virtual qint64 write(QByteArrayView bytes) = 0;
    virtual void setReading(bool on) = 0;
    /// Nothing more will be written: the peer sees the end.
    virtual void finishWriting() = 0;
    /// At once; the user hears nothing more.
    virtual void close() = 0;
    [[nodiscard]] virtual QHostAddress peer() const = 0;
};

/// Takes over an accepted descriptor. A plain socket can be closed in one direction (a client that has sent everything
/// and shut its side still gets its answer), which QTcpSocket cannot; under TLS, Qt closes both.
[[nodiscard]] std::unique_ptr<Transport> makeTransport(qintptr descriptor, const std::optional<QSslConfiguration> &tls,
                                                       const std::shared_ptr<Poller> &poller);

} // namespace McpAuth::Http
