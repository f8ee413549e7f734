#include "http/stream.h"

#include "http/connection_p.h"
#include "http/limits.h"

namespace McpAuth::Http {

Stream::Stream(QObject *parent)
    : QObject(parent)
    , m_limit(ServerLimits{}.unsentBytes)
{
}

bool Stream::write(const QByteArray &bytes)
{
    if (!m_open)
        return false;
    if (m_reader) {
        const QPointer<Stream> self(this);
        m_reader(bytes);
        return self && m_open;
    }
    if (bytes.size() > m_limit - m_unsent) {
        m_overrun = true;
        close();
        return false;
    }
    m_waiting.append(bytes);
    m_unsent += bytes.size();
    if (!m_connection)
        return true;
    const QPointer<Stream> self(this);
    m_connection->streamChanged();
    return self && m_open;
}

void Stream::close()
{
    if (!m_open)
        return;
    m_open = false;
    const QPointer<Stream> self(this);
    Q_EMIT closed();
    if (self && m_connection)
        m_connection->streamChanged();
}

void Stream::setReader(std::function<void(const QByteArray &bytes)> reader)
{
    m_reader = std::move(reader);
    m_unsent = 0;
    const QByteArray waiting = std::exchange(m_waiting, {});
    if (!waiting.isEmpty())
        m_reader(waiting);
}

void Stream::attach(Connection *connection, qint64 limit)
{
    m_connection = connection;
    m_limit = limit;
}

QByteArray Stream::take(qint64 most)
{
    if (m_waiting.size() <= most)
        return std::exchange(m_waiting, {});
    const QByteArray bytes = m_waiting.first(most);
    m_waiting.remove(0, most);
    return bytes;
}

void Stream::sent(qint64 bytes)
{
    m_unsent -= bytes;
    if (m_unsent > 0 || bytes == 0 || !m_open || m_drainedPosted)
        return;
    m_drainedPosted = true; // a producer that writes on drained() must not recurse through write()
    QMetaObject::invokeMethod(this, [this] { announceDrained(); }, Qt::QueuedConnection);
}

void Stream::announceDrained()
{
    m_drainedPosted = false;
    if (m_open && m_unsent == 0)
        Q_EMIT drained();
}

void Stream::abandon()
{
    m_connection = nullptr;
    m_waiting.clear();
    m_unsent = 0;
    if (!m_open)
        return;
    m_open = false;
    Q_EMIT closed();
}

} // namespace McpAuth::Http
