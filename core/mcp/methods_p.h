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
[[nodiscard]] QCoro::Task<RpcOutcome> answer(const Toolbox &toolbox, const RpcRequest &request,
                                             const Revision &revision, Context context, CallSlot slot);

/// What the tools that a payload calls require together.
[[nodiscard]] QStringList requiredScopes(const Toolbox &toolbox, const RpcPayload &payload);

[[nodiscard]] bool callsTools(const RpcPayload &payload);

/// The call's tool; empty for any other method.
[[nodiscard]] QString calledTool(const RpcRequest &request);

} // namespace McpAuth::Mcp
