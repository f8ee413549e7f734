// The protocol's methods, without a transport and without sessions: what a request says and who sent it goes in, an
// answer comes out.
#pragma once

#include "mcp/features_p.h"

namespace McpAuth::Mcp {

/// The client's revision if it is spoken here, else the newest with a handshake (lifecycle.mdx, Version Negotiation).
[[nodiscard]] std::expected<const Revision *, RpcError> agreedRevision(const QJsonObject &params);

/// Those that an endpoint can make use of: what else a client declares is not kept.
[[nodiscard]] QJsonObject keptCapabilities(const QJsonObject &initializeParams);

/// Whether a revision has this method, or the endpoint has it beyond the protocol.
[[nodiscard]] bool hasMethod(const Features &features, const QString &method, const Revision &revision);

/// Of any revision: no method of the embedder's can have this name.
[[nodiscard]] bool isOfTheProtocol(const QString &method);

/// Every request but initialize, server/discover, logging/setLevel and those about subscriptions, which are the
/// endpoint's.
[[nodiscard]] RpcAnswer answer(const Features &features, const RpcRequest &request, const Caller &caller);

/// What a payload asks for, all its messages together.
struct Demand
{
    QString methods;    ///< with commas between
    QString tools;      ///< that are called, likewise
    QStringList scopes; ///< that these tools, resources and prompts require
    bool runsHandlers = false;
};

[[nodiscard]] Demand demandOf(const Features &features, const RpcPayload &payload);

} // namespace McpAuth::Mcp
