#include "base/race.h"
#include "mcp/pendingreply_p.h"

namespace McpAuth::Mcp {

using namespace Qt::StringLiterals;

namespace {

QCoro::Task<Result<QJsonObject>> awaited(QFuture<Result<QJsonObject>> answer)
{
    Result<QJsonObject> result = co_await answer;
    co_return result;
}

} // namespace

EventChannel &PendingReply::channel()
{
    if (m_channel)
        return *m_channel;
    m_channel = m_state->openChannel(m_client.session, m_client.comesBack);
    m_channel->setAnswers();
    if (m_gone.stop_possible())
        m_channel->setConnectionLost([gone = m_gone]() mutable { gone.request_stop(); });
    m_opened = m_channel->connect();
    if (m_begun)
        give(*std::exchange(m_opened, std::nullopt));
    return *m_channel;
}

std::stop_token PendingReply::watchGone(const std::stop_token &peerGone)
{
    m_gone = std::stop_source();
    m_onPeerGone.emplace(peerGone, [gone = m_gone]() mutable { gone.request_stop(); });
    return m_gone.get_token();
}

bool PendingReply::send(const QByteArray &message)
{
    if (!m_client.takesStreams || m_answered)
        return false;
    return channel().send(message);
}

QCoro::Task<Result<QJsonObject>> PendingReply::request(QString method, QJsonObject params, std::stop_token stop)
{
    const auto self = shared_from_this();
    const Error cancelled{.code = u"cancelled"_s, .message = u"The request was given up before it was answered."_s};
    if (m_answered)
        co_return fail(cancelled);
    const auto waiting = m_state->clientRequests->open(m_client.session);
    if (!waiting)
        co_return fail(u"too_many_requests"_s, u"Too many questions wait for their answers."_s);
    const auto answer = waiting->answer();
    if (!self->send(rpcRequestText(waiting->id(), method, params)))
        co_return fail(cancelled);
    Result<QJsonObject> result = co_await raced(awaited(answer), std::move(stop), cancelled);
    co_return result;
}

void PendingReply::disconnect(std::chrono::milliseconds retry)
{
    if (m_client.takesStreams && m_client.comesBack && !m_answered)
        channel().disconnect(retry);
}

Http::Response PendingReply::finish(Http::Response answer)
{
    m_answered = true;
    if (!m_channel)
        return answer;
    m_channel->send(answer.body);
    m_channel->end();
    return *std::exchange(m_opened, std::nullopt); // nobody waits for what was answered at once
}

QFuture<Http::Response> PendingReply::begun()
{
    m_begun.emplace();
    m_begun->start();
    const auto future = m_begun->future();
    if (m_opened)
        give(*std::exchange(m_opened, std::nullopt));
    return future;
}

void PendingReply::finishLater(Http::Response answer)
{
    m_answered = true;
    if (m_channel) {
        m_channel->send(answer.body);
        m_channel->end();
        return;
    }
    give(std::move(answer));
}

void PendingReply::give(Http::Response response)
{
    m_begun->addResult(std::move(response));
    m_begun->finish();
}

} // namespace McpAuth::Mcp
