#include "base/race.h"
#include "mcp/pendingreply_p.h"

namespace McpAuth::Mcp {

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
    return askClient(m_state->clientRequests, shared_from_this(), m_client.session, std::move(method),
                     std::move(params), std::move(stop));
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
