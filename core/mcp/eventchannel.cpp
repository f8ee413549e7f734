#include "base/base64url.h"
#include "http/stream.h"
#include "jose/key.h"
#include "mcp/eventchannel_p.h"

namespace McpAuth::Mcp {

namespace {

constexpr int prefixBytes = 9;

QByteArray eventText(const QByteArray &idField, const QByteArray &message)
{
    return idField + "data: " + message + "\n\n"; // a message is compact JSON: it has no line ends
}

} // namespace

QByteArray EventChannel::idField(qint64 number) const
{
    return m_id.isEmpty() ? QByteArray() : "id: " + m_id + '_' + QByteArray::number(number) + '\n';
}

Http::Response EventChannel::connect(qint64 after)
{
    leaveConnection();
    Http::Response response;
    response.set("Content-Type", "text/event-stream")
        .set("Cache-Control", "no-store")
        .set("X-Accel-Buffering", "no"); // nginx, Streamable HTTP: Receiving Messages
    m_stream = std::make_shared<Http::Stream>();
    if (m_answers)
        m_stream->setEndsByItself();
    response.stream = m_stream;
    QObject::connect(m_stream.get(), &Http::Stream::closed, m_stream.get(), [self = weak_from_this()] {
        const auto channel = self.lock();
        if (!channel || !channel->m_stream) // it was left before
            return;
        channel->m_stream = nullptr;
        if (channel->m_lost && !channel->m_ended)
            channel->m_lost();
    });
    QByteArray first;
    if (m_primed && after == 0 && m_kept.empty())
        first = idField(0) + "data: \n\n";
    for (const Kept &event : m_kept) {
        if (event.number > after)
            first += event.text;
    }
    if (!first.isEmpty())
        m_stream->write(first);
    if (m_ended)
        leaveConnection();
    return response;
}

bool EventChannel::send(const QByteArray &message)
{
    if (m_ended)
        return false;
    ++m_last;
    const QByteArray text = eventText(idField(m_last), message);
    if (!m_id.isEmpty())
        keep(text);
    const auto stream = m_stream; // may be lost by writing
    const bool isSent = stream && stream->write(text);
    return isSent || !m_id.isEmpty();
}

void EventChannel::keep(const QByteArray &text)
{
    m_kept.push_back({.number = m_last, .text = text});
    m_keptBytes += text.size();
    *m_keptOfAll += text.size();
    while (m_keptBytes > maxKeptEventBytes || *m_keptOfAll > maxKeptEventBytesOfAll ||
           qsizetype(m_kept.size()) > maxKeptEvents) {
        if (m_kept.empty())
            return;
        forget(1);
    }
}

void EventChannel::forget(size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        m_keptBytes -= m_kept.front().text.size();
        *m_keptOfAll -= m_kept.front().text.size();
        m_kept.pop_front();
    }
}

void EventChannel::sendEvent(const QByteArray &type, const QByteArray &data)
{
    if (const auto stream = m_stream)
        stream->write("event: " + type + "\ndata: " + data + "\n\n");
}

void EventChannel::lose()
{
    leaveConnection();
    if (m_lost)
        m_lost();
}

void EventChannel::keepAlive()
{
    if (const auto stream = m_stream)
        stream->write(":\n\n");
}

void EventChannel::disconnect(std::chrono::milliseconds retry)
{
    if (m_id.isEmpty() || !m_primed || !m_stream)
        return;
    const auto stream = m_stream;
    stream->write("retry: " + QByteArray::number(qint64(retry.count())) + "\n\n");
    leaveConnection();
}

void EventChannel::end()
{
    if (!m_ended)
        m_ended = now();
    leaveConnection();
}

void EventChannel::leaveConnection()
{
    if (const auto stream = std::exchange(m_stream, nullptr))
        stream->close();
}

EventChannels::EventChannels()
    : m_prefix(encodeBase64Url(Jose::randomBytes(prefixBytes)))
{
}

void EventChannels::remove(List::iterator entry)
{
    m_byId.remove(entry->channel->id());
    m_entries.erase(entry);
}

/// The session's own go first, and of those the ones that have ended.
void EventChannels::makeRoom(const QByteArray &session)
{
    qsizetype ofSession = 0;
    auto ended = m_entries.end(); // the oldest, as the next
    auto own = m_entries.end();
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        const auto current = entry++;
        if (current->channel->isStale()) {
            remove(current);
            continue;
        }
        if (ended == m_entries.end() && current->channel->hasEnded())
            ended = current;
        if (current->session != session)
            continue;
        ++ofSession;
        if (own == m_entries.end() || (current->channel->hasEnded() && !own->channel->hasEnded()))
            own = current;
    }
    if (ofSession >= maxKeptChannelsPerSession)
        remove(own);
    else if (qsizetype(m_entries.size()) >= maxKeptChannels)
        remove(ended == m_entries.end() ? m_entries.begin() : ended);
}

std::shared_ptr<EventChannel> EventChannels::open(const QByteArray &session, bool primed)
{
    makeRoom(session);
    const QByteArray id = m_prefix + '-' + QByteArray::number(++m_opened);
    m_entries.push_back({.session = session, .channel = std::make_shared<EventChannel>(id, primed, m_keptOfAll)});
    m_byId.insert(id, std::prev(m_entries.end()));
    return m_entries.back().channel;
}

std::optional<EventChannels::Place> EventChannels::find(const QByteArray &session, QByteArrayView lastEventId) const
{
    const qsizetype end = lastEventId.lastIndexOf('_');
    const auto known = end < 0 ? m_byId.cend() : m_byId.constFind(lastEventId.first(end).toByteArray());
    if (known == m_byId.cend() || (*known)->session != session)
        return std::nullopt;
    bool isNumber = false;
    const qint64 after = lastEventId.sliced(end + 1).toLongLong(&isNumber);
    if (!isNumber)
        return std::nullopt;
    return Place{.channel = (*known)->channel, .after = after};
}

void EventChannels::close(const QByteArray &session)
{
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        if (entry->session != session) {
            ++entry;
            continue;
        }
        const auto closed = entry++;
        closed->channel->end();
        remove(closed);
    }
}

} // namespace McpAuth::Mcp
