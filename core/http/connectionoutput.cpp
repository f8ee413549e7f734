// What a connection sends: answers, streams, the end; and the record of them.
#include "http/connection_p.h"
#include "http/stream.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

namespace {

constexpr auto lingerTimeout = 2s; // for the peer to read the last answer before the socket is closed

} // namespace

void Connection::attachStream(std::shared_ptr<Stream> stream)
{
    m_state = State::Streaming;
    m_stream = std::move(stream);
    m_stream->attach(this, m_context->options.limits.unsentBytes);
    if (m_stream->isOpen() && (m_ended || m_context->stopping))
        m_stream->close();
}

void Connection::streamChanged()
{
    if (m_state == State::Streaming)
        advance();
}

void Connection::pullFromStream()
{
    if (m_stream->m_overrun)
        return abort();
    while (pendingOutput() < sendAheadBytes) {
        const QByteArray bytes = m_stream->take(sendAheadBytes);
        if (bytes.isEmpty())
            break;
        m_streamed += bytes.size();
        if (m_framing.http10)
            m_out.append(bytes);
        else
            appendChunk(m_out, bytes);
        if (m_exchange) {
            m_exchange->responseBodySize += bytes.size();
            m_exchange->responseBody +=
                bytes.first(std::min<qsizetype>(bytes.size(), exchangeLogBodyBytes - m_exchange->responseBody.size()));
        }
    }
    if (!m_stream->isOpen() && m_stream->m_waiting.isEmpty())
        endStream();
}

void Connection::endStream()
{
    if (!m_framing.http10)
        appendLastChunk(m_out);
    m_stream->detach();
    m_stream->m_unsent = 0;
    m_streamed = 0;
    m_stream.reset();
    complete();
}

bool Connection::flush()
{
    const QPointer<Connection> self(this);
    for (;;) {
        if (m_state == State::Streaming)
            pullFromStream();
        if (!self || m_state == State::Gone || !writeOut())
            return false;
        if (pendingOutput() > 0)
            return true; // writable() comes
        if (m_stream)
            m_stream->sent(std::exchange(m_streamed, 0));
        if (m_state != State::Streaming || m_stream->m_waiting.isEmpty())
            break;
    }
    if (m_state == State::Closing)
        linger();
    return m_state != State::Gone;
}

/// Hands over what the socket takes.
bool Connection::writeOut()
{
    while (pendingOutput() > 0) {
        const qint64 count = m_transport->write(QByteArrayView(m_out).sliced(m_sent));
        if (count == Transport::broken) {
            abort();
            return false;
        }
        if (count > 0 || m_writeDeadline == Moment::max())
            m_writeDeadline = now() + m_context->options.limits.idleTimeout;
        if (count == 0)
            return true;
        m_sent += count;
    }
    m_writeDeadline = Moment::max();
    m_sent = 0;
    if (m_out.capacity() > sendAheadBytes)
        m_out = {};
    else
        m_out.resize(0);
    return true;
}

void Connection::closeAfterOutput()
{
    m_state = State::Closing;
    m_deadline = Moment::max();
    m_in.clear();
    m_parsed = 0;
    m_transport->setReading(!m_ended);
}

/// Closing a socket with unread bytes resets it, and the peer may lose the answer: it is given time to read and to
/// close.
void Connection::linger()
{
    if (m_ended)
        return abort();
    m_state = State::Lingering;
    m_deadline = now() + std::min<Moment::duration>(lingerTimeout, m_context->options.limits.headerTimeout);
    m_transport->finishWriting();
}

void Connection::beginExchange(const Request &request)
{
    m_exchange = std::make_unique<Exchange>();
    m_exchangeStart = now();
    m_exchange->direction = Exchange::Direction::Served;
    m_exchange->purpose = m_context->options.purpose;
    m_exchange->started = QDateTime::currentDateTimeUtc();
    m_exchange->method = request.method;
    m_exchange->url = m_context->origin + QString::fromLatin1(request.target);
    m_exchange->requestHeaders = request.headers;
    m_exchange->requestBody = request.body.first(std::min<qsizetype>(request.body.size(), exchangeLogBodyBytes));
    m_exchange->requestBodySize = request.body.size();
}

void Connection::recordAnswer(const Response &response)
{
    if (!m_exchange)
        return;
    m_exchange->status = response.status;
    m_exchange->responseHeaders = response.headers;
    if (response.stream || !hasBody(response.status, m_framing))
        return;
    m_exchange->responseBody = response.body.first(std::min<qsizetype>(response.body.size(), exchangeLogBodyBytes));
    m_exchange->responseBodySize = response.body.size();
}

void Connection::record(const QString &error)
{
    const std::unique_ptr<Exchange> exchange = std::move(m_exchange);
    exchange->durationMs = std::chrono::duration<double, std::milli>(now() - m_exchangeStart).count();
    exchange->error = error;
    m_context->options.log->record(std::move(*exchange));
}

} // namespace McpAuth::Http
