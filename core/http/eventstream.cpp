#include "http/eventstream.h"

namespace McpAuth::Http {

namespace {

constexpr QByteArrayView byteOrderMark = "\xEF\xBB\xBF";

bool isDigit(char character)
{
    return character >= '0' && character <= '9';
}

} // namespace

bool isEventStream(const QHttpHeaders &headers)
{
    const QByteArray type = headers.combinedValue(QHttpHeaders::WellKnownHeader::ContentType);
    return type.split(';').first().trimmed().toLower() == "text/event-stream";
}

QList<ServerEvent> EventStream::feed(QByteArrayView bytes)
{
    QList<ServerEvent> events;
    for (const char byte : bytes) {
        const bool endsPair = m_afterCarriageReturn && byte == '\n';
        m_afterCarriageReturn = byte == '\r';
        if (m_overrun || endsPair)
            continue;
        if (byte == '\r' || byte == '\n')
            endLine(events);
        else if (m_line.size() < m_mostBytes)
            m_line.append(byte);
        else
            m_overrun = true;
    }
    return events;
}

void EventStream::endLine(QList<ServerEvent> &events)
{
    const QByteArray line = std::exchange(m_line, {});
    QByteArrayView text = line;
    if (std::exchange(m_isFirstLine, false) && text.startsWith(byteOrderMark))
        text = text.sliced(byteOrderMark.size());
    if (text.isEmpty()) {
        dispatch(events);
        return;
    }
    const qsizetype colon = text.indexOf(':');
    if (colon == 0) // a comment: servers keep connections alive with it
        return;
    if (colon < 0) {
        readField(text, {});
        return;
    }
    QByteArrayView value = text.sliced(colon + 1);
    if (value.startsWith(' '))
        value = value.sliced(1);
    readField(text.first(colon), value);
}

void EventStream::readField(QByteArrayView name, QByteArrayView value)
{
    if (name == "event") {
        m_type = value.toByteArray();
    } else if (name == "data") {
        m_overrun = m_data.size() + value.size() > m_mostBytes;
        if (!m_overrun)
            m_data.append(value).append('\n');
    } else if (name == "id" && !value.contains('\0')) {
        m_id = value.toByteArray();
    } else if (name == "retry" && !value.isEmpty() && std::ranges::all_of(value, isDigit)) {
        bool fits = false;
        const int milliseconds = value.toInt(&fits);
        m_retry = fits ? std::chrono::milliseconds(milliseconds) : std::chrono::milliseconds::max();
    }
}

void EventStream::dispatch(QList<ServerEvent> &events)
{
    const QByteArray type = std::exchange(m_type, {});
    const QByteArray data = std::exchange(m_data, {});
    if (data.isEmpty())
        return;
    events.append({.type = type.isEmpty() ? QByteArray("message") : type, .data = data.chopped(1), .id = m_id});
}

} // namespace McpAuth::Http
