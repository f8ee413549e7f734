// Server-sent events, read as they arrive (HTML Standard §9.2.6, Interpreting an event stream).
#pragma once

#include <QByteArray>
#include <QHttpHeaders>
#include <QList>

#include <chrono>
#include <optional>

namespace McpAuth::Http {

struct ServerEvent
{
    QByteArray type; ///< "message" unless the stream says otherwise
    QByteArray data; ///< lines joined by LF
    QByteArray id;   ///< the last one that was given, or empty
};

/// Bytes of one line, and of one event's data, where nothing else is said; a stream that goes over it yields nothing
/// more.
inline constexpr qsizetype maxEventBytes = 1024 * 1024;

/// Whether the Content-Type is text/event-stream.
[[nodiscard]] bool isEventStream(const QHttpHeaders &headers);

class EventStream
{
public:
    /// `lastId`: of the stream that this one carries on.
    explicit EventStream(QByteArray lastId = {}, qsizetype mostBytes = maxEventBytes)
        : m_mostBytes(mostBytes)
        , m_id(std::move(lastId))
    {
    }
    /// The events that these bytes complete, however the stream is cut into pieces.
    [[nodiscard]] QList<ServerEvent> feed(QByteArrayView bytes);
    [[nodiscard]] bool isOverrun() const { return m_overrun; }
    /// The last id that was given, also by an event without data; what a client resumes after.
    [[nodiscard]] const QByteArray &lastId() const { return m_id; }
    /// How long to wait before that, where the stream says so.
    [[nodiscard]] std::optional<std::chrono::milliseconds> retry() const { return m_retry; }

private:
    void endLine(QList<ServerEvent> &events);
    void readField(QByteArrayView name, QByteArrayView value);
    void dispatch(QList<ServerEvent> &events);

    qsizetype m_mostBytes;
    QByteArray m_line;
    QByteArray m_type;
    QByteArray m_data;
    QByteArray m_id;
    std::optional<std::chrono::milliseconds> m_retry;
    bool m_isFirstLine = true;
    bool m_afterCarriageReturn = false;
    bool m_overrun = false;
};

} // namespace McpAuth::Http
