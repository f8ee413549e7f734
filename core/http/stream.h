// A response body that is written while the peer reads it: server-sent events, large downloads.
#pragma once

#include <QByteArray>
#include <QObject>

#include <functional>

namespace McpAuth::Http {

class Connection;

/// Made by a handler and put into Response::stream. What is written before the server takes it is kept. Lives on the
/// server's thread.
///
/// A client that has shut down its side of the connection counts as gone: it gets what was written so far. Under
/// HTTP/1.0 the body ends with the connection.
class Stream : public QObject
{
    Q_OBJECT

public:
    explicit Stream(QObject *parent = nullptr);

    /// False once the peer has gone, the stream was closed, or ServerLimits::unsentBytes would be passed (which closes
    /// the stream and ends the connection, so that no cut body looks whole): nothing was taken then.
    bool write(const QByteArray &bytes);
    /// Ends the body; what was written is still sent.
    void close();
    /// Reads the body in this process, in place of a server: what was written, and then each write().
    void setReader(std::function<void(const QByteArray &bytes)> reader);

    /// For a body that comes to its end before long: a graceful stop of the server waits for it, and does not close it.
    void setEndsByItself() { m_endsByItself = true; }
    [[nodiscard]] bool endsByItself() const { return m_endsByItself; }

    [[nodiscard]] bool isOpen() const { return m_open; }
    /// Bytes that were written and not yet handed to the operating system.
    [[nodiscard]] qint64 unsentBytes() const { return m_unsent; }

Q_SIGNALS:
    /// Everything written so far has left: a producer that paused may go on. Never emitted from within write().
    void drained();
    /// The last signal: the peer went away, or close() was called. Emitted once.
    void closed();

private:
    friend class Connection;
    void attach(Connection *connection, qint64 limit);
    void detach() { m_connection = nullptr; }
    [[nodiscard]] QByteArray take(qint64 most); // bytes to send now; sent() follows
    void sent(qint64 bytes);
    void abandon(); // the peer has gone, or was never to read this
    void announceDrained();

    std::function<void(const QByteArray &bytes)> m_reader; // null: a connection, or nobody yet
    Connection *m_connection = nullptr; // takes the bytes; it has this stream's life in its hands, and detaches it
    QByteArray m_waiting;
    qint64 m_unsent = 0;
    qint64 m_limit;
    bool m_open = true;
    bool m_endsByItself = false;
    bool m_overrun = false;
    bool m_drainedPosted = false;
};

} // namespace McpAuth::Http
