// One endpoint, as what it answers sees it.
#pragma once

#include "mcp/clientrequests_p.h"
#include "mcp/eventchannel_p.h"
#include "mcp/listeners_p.h"
#include "mcp/methods_p.h"

#include <QPointer>

namespace McpAuth::Mcp {

/// What a request needs while it is answered; it may outlive the endpoint.
struct EndpointState
{
    EndpointState(Endpoint *self, EndpointOptions about, std::unique_ptr<Bearer::BearerAuth> bearer);

    EndpointOptions options;
    std::unique_ptr<Bearer::BearerAuth> auth; ///< null: everybody may call everything
    Features features;
    std::shared_ptr<const Seals> seals;
    Sessions sessions;
    std::shared_ptr<Calls> calls = std::make_shared<Calls>();
    std::shared_ptr<ClientRequests> clientRequests = std::make_shared<ClientRequests>();
    EventChannels channels;
    Listeners listeners;
    QPointer<Endpoint> endpoint; ///< null once it is gone

    const QStringList spoken; ///< revisions, the newest first
    [[nodiscard]] bool speaks(const Revision *revision) const
    {
        return revision && (options.eras == Eras::Both || revision->stateless == (options.eras == Eras::Modern));
    }
    /// Of a session, or of one request where `session` is empty.
    [[nodiscard]] std::shared_ptr<EventChannel> openChannel(const QByteArray &session, bool primed);
    /// From time to time: streams say that they live, or end with their tokens.
    void keepStreamsAlive();
    /// Nothing of the session is left.
    void endSession(const QByteArray &session);
    /// The result of initialize, or of server/discover, as text.
    [[nodiscard]] const QByteArray &introductionIn(const Revision &revision);
    /// A result as the revision has it.
    [[nodiscard]] QByteArray complete(const RpcResultText &result, const Revision &revision) const;
    /// What it offers has changed.
    void changed(Change change);

private:
    QList<std::weak_ptr<EventChannel>> m_channels; // that may be open
    QHash<const Revision *, QByteArray> m_introductions;
    [[nodiscard]] QByteArray metaOf(QJsonObject own, const Revision &revision) const;

    QByteArray m_serverMeta; // `_meta` of a stateless result
    QByteArray m_cacheHints; // but for the time
    QByteArray m_timeToLive;
};

using EndpointStatePtr = std::shared_ptr<EndpointState>;

} // namespace McpAuth::Mcp
