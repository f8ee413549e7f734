// The tools' handlers that run: how many of one caller, and how they are told to stop.
#pragma once

#include "mcp/jsonrpc.h"
#include "mcp/sessions_p.h"

#include <QMultiHash>

#include <memory>
#include <stop_token>

namespace McpAuth::Mcp {

class Calls;

/// Counts until it goes, which is when the handler has ended: a call that was given up runs on.
class RunningCall
{
public:
    RunningCall(std::shared_ptr<Calls> calls, SessionCaller caller, QByteArray session, QJsonValue id);
    ~RunningCall();
    RunningCall(const RunningCall &) = delete;
    RunningCall &operator=(const RunningCall &) = delete;

    [[nodiscard]] std::stop_token token() const { return m_stop.get_token(); }
    void stop() { m_stop.request_stop(); }
    [[nodiscard]] bool hasEnded() const { return m_ended; }
    void setEnded() { m_ended = true; }

private:
    friend class Calls;
    std::shared_ptr<Calls> m_calls;
    SessionCaller m_caller;
    QByteArray m_session;
    QJsonValue m_id;
    std::stop_source m_stop;
    bool m_ended = false;
};

/// Bounded by EndpointOptions::callsAtOncePerCaller, which the endpoint asks for.
class Calls
{
public:
    [[nodiscard]] int of(const SessionCaller &caller) const { return m_counts.value(caller); }
    /// notifications/cancelled tells the call that it names, if it runs in this session, to stop.
    void heed(const QByteArray &session, const RpcMessage &message);
    void stop(const QByteArray &session); ///< those of the session
    void stopAll();

private:
    friend class RunningCall;
    static void stop(const QList<RunningCall *> &calls);

    QMultiHash<QByteArray, RunningCall *> m_bySession;
    QHash<SessionCaller, int> m_counts;
};

} // namespace McpAuth::Mcp
