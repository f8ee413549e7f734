// The answer to one POST on its way: JSON, or from the first message before it on a stream of events.
#pragma once

#include "mcp/endpointstate_p.h"

#include <QPromise>

namespace McpAuth::Mcp {

class PendingReply final : public Outlet, public std::enable_shared_from_this<PendingReply>
{
public:
    struct Client
    {
        QByteArray session = {}; ///< empty: stateless
        bool takesStreams = false;
        bool comesBack = false; ///< to a stream whose connection has ended
    };
    PendingReply(EndpointStatePtr state, Client client)
        : m_state(std::move(state))
        , m_client(std::move(client))
    {
    }

    bool send(const QByteArray &message) override;
    [[nodiscard]] QCoro::Task<Result<QJsonObject>> request(QString method, QJsonObject params,
                                                           std::stop_token stop) override;
    void disconnect(std::chrono::milliseconds retry) override;

    /// The response to give: `answer`, or the stream that ends with it.
    [[nodiscard]] Http::Response finish(Http::Response answer);
    /// The response to give while the answer is not there: once the stream begins, or finishLater() is called.
    [[nodiscard]] QFuture<Http::Response> begun();
    void finishLater(Http::Response answer);
    /// Requested when the client has gone, before the stream began (`peerGone`) or after. To be asked for before it
    /// begins, where a client that has gone does not come back.
    [[nodiscard]] std::stop_token watchGone(const std::stop_token &peerGone);

private:
    EventChannel &channel();
    void give(Http::Response response); // to whoever waits

    EndpointStatePtr m_state;
    Client m_client;
    bool m_answered = false;                         // a handler may go on talking after its time
    std::shared_ptr<EventChannel> m_channel;         // null: nothing was said yet
    std::optional<Http::Response> m_opened;          // of the channel, until it is given
    std::optional<QPromise<Http::Response>> m_begun; // somebody waits
    std::stop_source m_gone{std::nostopstate};
    std::optional<std::stop_callback<std::function<void()>>> m_onPeerGone;
};

} // namespace McpAuth::Mcp
