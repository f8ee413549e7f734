// The protocol's methods, without HTTP and without sessions: what a request says and who sent it goes in, an answer
// comes out.
#pragma once

#include "mcp/endpoint.h"
#include "mcp/toolbox_p.h"

namespace McpAuth::Mcp {

/// What a server says of itself to `initialize`: the same to everybody, so it is written once.
class Introduction
{
public:
    explicit Introduction(const EndpointOptions &options);

    /// The result as JSON text.
    [[nodiscard]] const QByteArray &in(const Revision &revision) const;

private:
    QList<QByteArray> m_texts; // as revisions() has them
};

/// The client's revision if it is spoken here, else the newest (lifecycle.mdx, Version Negotiation).
[[nodiscard]] std::expected<const Revision *, RpcError> agreedRevision(const QJsonObject &params);

/// Every request but initialize.
[[nodiscard]] RpcAnswer answer(const Toolbox &toolbox, const RpcRequest &request, const Caller &caller);

/// What a payload asks for, all its messages together.
struct Demand
{
    QString methods;    ///< with commas between
    QString tools;      ///< that are called, likewise
    QStringList scopes; ///< that these tools require
    bool callsTools = false;
};

[[nodiscard]] Demand demandOf(const Toolbox &toolbox, const RpcPayload &payload);

} // namespace McpAuth::Mcp
