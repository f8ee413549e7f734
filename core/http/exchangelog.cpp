#include "http/exchangelog.h"

#include "http/redaction_p.h"

#include <QElapsedTimer>

#include <utility>

namespace McpAuth::Http {

namespace {

void cutBodies(Exchange &exchange)
{
    exchange.requestBody.truncate(exchangeLogBodyBytes);
    exchange.responseBody.truncate(exchangeLogBodyBytes);
}

qint64 bodyBytes(const Exchange &exchange)
{
    return exchange.requestBody.size() + exchange.responseBody.size();
}

QByteArray contentType(const QHttpHeaders &headers)
{
    return headers.value(QHttpHeaders::WellKnownHeader::ContentType).toByteArray();
}

} // namespace

Exchange redactedExchange(Exchange exchange)
{
    cutBodies(exchange);
    exchange.url = redactedUrl(exchange.url);
    exchange.requestBody = redactedBody(exchange.requestBody, contentType(exchange.requestHeaders));
    exchange.responseBody = redactedBody(exchange.responseBody, contentType(exchange.responseHeaders));
    exchange.requestHeaders = redactedHeaders(exchange.requestHeaders);
    exchange.responseHeaders = redactedHeaders(exchange.responseHeaders);
    cutBodies(exchange); // what stands for a short secret is longer than it
    return exchange;
}

ExchangeLog::ExchangeLog(QObject *parent)
    : QObject(parent)
    , m_nextSlice(this)
{
    m_nextSlice.setSingleShot(true);
    connect(&m_nextSlice, &QTimer::timeout, this, &ExchangeLog::drain);
}

void ExchangeLog::setRevealsSecrets(bool reveal)
{
    m_reveal = reveal;
}

bool ExchangeLog::revealsSecrets() const
{
    return m_reveal;
}

void ExchangeLog::record(Exchange exchange)
{
    cutBodies(exchange);
    const std::scoped_lock lock(m_mutex);
    if (m_pending.empty())
        QMetaObject::invokeMethod(this, &ExchangeLog::drain, Qt::QueuedConnection);
    m_pendingBytes += bodyBytes(exchange);
    m_pending.push_back({std::move(exchange), m_reveal});
    while (m_pending.size() > static_cast<size_t>(exchangeLogEntries) || m_pendingBytes > exchangeLogBytes) {
        m_pendingBytes -= bodyBytes(m_pending.front().exchange);
        m_pending.pop_front();
        ++m_lost;
    }
}

std::optional<ExchangeLog::Pending> ExchangeLog::nextPending()
{
    const std::scoped_lock lock(m_mutex);
    if (m_pending.empty())
        return std::nullopt;
    Pending next = std::move(m_pending.front());
    m_pending.pop_front();
    m_pendingBytes -= bodyBytes(next.exchange);
    return next;
}

/// Redaction takes its time: a screen paints between two slices.
void ExchangeLog::drain()
{
    QElapsedTimer timer;
    timer.start();
    int lost = 0;
    {
        const std::scoped_lock lock(m_mutex);
        lost = std::exchange(m_lost, 0);
    }
    m_lastId += static_cast<quint64>(lost);
    while (std::optional<Pending> pending = nextPending()) {
        Exchange exchange =
            pending->reveal ? std::move(pending->exchange) : redactedExchange(std::move(pending->exchange));
        exchange.id = ++m_lastId;
        m_bytes += bodyBytes(exchange);
        m_exchanges.push_back(exchange);
        while (m_exchanges.size() > static_cast<size_t>(exchangeLogEntries) || m_bytes > exchangeLogBytes) {
            m_bytes -= bodyBytes(m_exchanges.front());
            m_exchanges.pop_front();
            ++lost;
        }
        Q_EMIT added(exchange);
        if (timer.durationElapsed() > exchangeLogSlice) {
            m_nextSlice.start(); // a posted event would be taken before the screen paints
            break;
        }
    }
    if (lost > 0)
        Q_EMIT dropped(lost);
}

void ExchangeLog::clear()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_pending.clear();
        m_pendingBytes = 0;
        m_lost = 0;
    }
    m_exchanges.clear();
    m_bytes = 0;
    Q_EMIT cleared();
}

} // namespace McpAuth::Http
