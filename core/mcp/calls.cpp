#include "mcp/calls_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

RunningCall::RunningCall(std::shared_ptr<Calls> calls, SessionCaller caller, QByteArray session, QJsonValue id)
    : m_calls(std::move(calls))
    , m_caller(std::move(caller))
    , m_session(std::move(session))
    , m_id(std::move(id))
{
    m_calls->m_bySession.insert(m_session, this);
    ++m_calls->m_counts[m_caller];
}

RunningCall::~RunningCall()
{
    m_calls->m_bySession.remove(m_session, this);
    if (--m_calls->m_counts[m_caller] == 0)
        m_calls->m_counts.remove(m_caller);
}

void Calls::heed(const QByteArray &session, const RpcMessage &message)
{
    const auto *notification = std::get_if<RpcNotification>(&message);
    if (!notification || notification->method != "notifications/cancelled"_L1)
        return;
    const QList<RunningCall *> running = m_bySession.values(session);
    const auto named = std::ranges::find(running, notification->params.value("requestId"_L1), &RunningCall::m_id);
    if (named == running.end())
        return;
    std::stop_source stop = (*named)->m_stop; // a copy: whoever hears it may end the call
    stop.request_stop();
}

void Calls::stop(const QByteArray &session)
{
    stop(m_bySession.values(session));
}

void Calls::stopAll()
{
    stop(m_bySession.values());
}

void Calls::stop(const QList<RunningCall *> &calls)
{
    QList<std::stop_source> stops; // copies: whoever hears it may end its call, and others
    for (const RunningCall *call : calls)
        stops.append(call->m_stop);
    for (std::stop_source &stop : stops)
        stop.request_stop();
}

} // namespace McpAuth::Mcp
