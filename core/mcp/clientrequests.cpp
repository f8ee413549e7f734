#include "base/race.h"
#include "mcp/clientrequests_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

ClientRequests::Waiting::~Waiting()
{
    if (const auto entry = m_all->m_entries.take(m_id); entry && entry->promise.future().resultCount() == 0) {
        entry->promise.addResult(fail(u"cancelled"_s, u"The question was given up."_s));
        entry->promise.finish();
    }
}

QFuture<Result<QJsonObject>> ClientRequests::Waiting::answer() const
{
    return m_all->m_entries.value(m_id)->promise.future();
}

std::unique_ptr<ClientRequests::Waiting> ClientRequests::open(const QByteArray &session)
{
    if (m_entries.size() >= maxWaitingClientRequests)
        return nullptr;
    const auto entry = std::make_shared<Entry>();
    entry->session = session;
    entry->promise.start();
    m_entries.insert(++m_last, entry);
    return std::make_unique<Waiting>(shared_from_this(), m_last);
}

void ClientRequests::close(const QByteArray &session)
{
    const auto entries = m_entries.values(); // whoever hears it may ask again
    for (const auto &entry : entries) {
        if (entry->session != session || entry->promise.future().resultCount() > 0)
            continue;
        entry->promise.addResult(fail(u"cancelled"_s, u"The session has ended."_s));
        entry->promise.finish();
    }
}

bool ClientRequests::take(const QByteArray &session, const RpcResponse &response)
{
    const auto entry = m_entries.value(response.id.toInteger(-1));
    if (!entry || entry->session != session || entry->promise.future().resultCount() > 0)
        return false;
    if (response.error)
        entry->promise.addResult(fail(u"client_error"_s,
                                      u"The client refused: "_s + response.error->message.left(1'000),
                                      {{u"code"_s, response.error->code}}));
    else
        entry->promise.addResult(response.result);
    entry->promise.finish();
    return true;
}

QCoro::Task<Result<QJsonObject>> askClient(std::shared_ptr<ClientRequests> requests, std::shared_ptr<Outlet> outlet,
                                           QByteArray session, QString method, QJsonObject params, std::stop_token stop)
{
    const auto waiting = requests->open(session);
    if (!waiting)
        co_return fail(u"too_many_requests"_s, u"Too many questions wait for their answers."_s);
    const auto answer = waiting->answer();
    const Error cancelled{.code = u"cancelled"_s, .message = u"The request was given up before it was answered."_s};
    if (!outlet->send(rpcRequestText(waiting->id(), method, params)))
        co_return fail(cancelled);
    Result<QJsonObject> result = co_await raced(awaited(answer), std::move(stop), cancelled);
    co_return result;
}

} // namespace McpAuth::Mcp
