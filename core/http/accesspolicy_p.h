// Who may talk to a server: the Host and Origin checks against DNS rebinding.
#pragma once

#include "http/server.h"

#include <QSet>

namespace McpAuth::Http {

class AccessPolicy
{
public:
    AccessPolicy() = default;
    /// `router` may be null: then no route is open to every origin.
    AccessPolicy(const ServerOptions &options, std::shared_ptr<const Router> router);

    /// 421 for a foreign Host, 403 for a foreign Origin; nothing when the request may pass.
    [[nodiscard]] std::optional<Response> refusal(const Request &request) const;
    /// The same, and what the router answers without a handler, which need not wait for a large body.
    [[nodiscard]] std::optional<Response> refusalBeforeBody(const Request &head) const;

private:
    [[nodiscard]] bool takesHost(const Request &request) const;
    [[nodiscard]] bool takesOrigin(const Request &request) const;

    QSet<QByteArray> m_hosts; // in lower case; empty: every host
    QSet<QByteArray> m_origins;
    bool m_anyOrigin = false;
    std::shared_ptr<const Router> m_router;
};

} // namespace McpAuth::Http
