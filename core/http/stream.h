// A response body that is written while the peer reads it: server-sent events, large downloads.
#pragma once

#include <QByteArray>
#include <QObject>

namespace McpAuth::Http {

/// Made by a handler and put into Response::stream. What is written before the server takes it is kept. Lives on the
/// server's thread.
class Stream : public QObject
{
    Q_OBJECT

public:
    explicit Stream(QObject *parent = nullptr);

    /// False once the peer has gone, the stream was closed, or ServerLimits::unsentBytes would be passed (which closes
    /// the stream): nothing was taken then.
    bool write(const QByteArray &bytes);
    /// Ends the body; what was written is still sent.
    void close();

    [[nodiscard]] bool isOpen() const { return m_open; }
    /// Bytes that were written and not yet handed to the operating system.
    [[nodiscard]] qint64 unsentBytes() const { return m_unsent; }

Q_SIGNALS:
    /// Everything written so far has left: a producer that paused may go on.
    void drained();
    /// The last signal: the peer went away, or close() was called. Emitted once.
    void closed();

private:
    friend class Connection;
    void attach(qint64 limit);       // the connection takes over: written() carries what comes from now on
    void sent(qint64 bytes);
    void abandon();                  // the peer has gone

    QByteArray m_waiting;
    qint64 m_unsent = 0;
    qint64 m_limit;
    bool m_open = true;
    bool m_attached = false;

Q_SIGNALS:
    void written(const QByteArray &bytes); ///< for the connection only
    void ended();                          ///< for the connection only
};

} // namespace McpAuth::Http
