#include "http/exchangelog.h"

#include "http/redaction_p.h"

#include <utility>

namespace McpAuth::Http {

namespace {

void cutBodies(Exchange &exchange)
{
    exchange.requestBody.truncate(exchangeLogBodyBytes);
    exchange.responseBody.truncate(exchangeLogBodyBytes);
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
{
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
    m_pending.push_back({std::move(exchange), m_reveal});
    if (m_pending.size() > static_cast<size_t>(exchangeLogEntries)) {
        m_pending.pop_front();
        ++m_lost;
    }
}

void ExchangeLog::drain()
{
    std::deque<Pending> arrived;
    int lost = 0;
    {
        const std::scoped_lock lock(m_mutex);
        arrived.swap(m_pending);
        lost = std::exchange(m_lost, 0);
    }
    m_lastId += static_cast<quint64>(lost);
    for (Pending &pending : arrived) {
        Exchange exchange =
            pending.reveal ? std::move(pending.exchange) : redactedExchange(std::move(pending.exchange));
        exchange.id = ++m_lastId;
        m_exchanges.push_back(exchange);
        if (m_exchanges.size() > static_cast<size_t>(exchangeLogEntries)) {
            m_exchanges.pop_front();
            ++lost;
        }
        Q_EMIT added(exchange);
    }
    if (lost > 0)
        Q_EMIT dropped(lost);
}

void ExchangeLog::clear()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_pending.clear();
        m_lost = 0;
    }
    m_exchanges.clear();
    Q_EMIT cleared();
}

} // namespace McpAuth::Http
