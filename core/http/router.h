// Which handler answers which method at which path.
#pragma once

#include "http/server.h"

#include <map>

namespace McpAuth::Http {

/// What web pages may do at a route (the Fetch standard's CORS protocol). With anything but None, OPTIONS is answered
/// and the fields Authorization, Content-Type, Last-Event-ID, Mcp-Protocol-Version, Mcp-Session-Id, Mcp-Method and
/// Mcp-Name may be sent.
enum class Cors {
    None,
    Allowed, ///< pages of the origins that the server takes (ServerOptions::allowedOrigins) may read the answers
    Open,    ///< pages of any origin may, and the server's Origin check does not concern the route
};

class Router
{
public:
    /// `path` is compared byte for byte with the request's (no decoding, no trailing-slash folding). A later addition
    /// replaces an earlier one.
    void add(const QByteArray &method, const QByteArray &path, Handler handler, Cors cors = Cors::None);
    /// Every method at the path. `admission` is asked before a large body is read, as ServerOptions::admit is.
    void addAll(const QByteArray &path, Handler handler, Cors cors = Cors::None, Admission admission = {});

    /// HEAD is answered from GET. Unknown path: 404; known path, other method: 405 with Allow. The route's handler
    /// lives for as long as its coroutine is suspended, even when it is replaced or the router is gone.
    [[nodiscard]] QCoro::Task<Response> handle(Request request) const;

    /// What the route's admission says to a request's header, with the route's CORS fields.
    [[nodiscard]] std::optional<Response> refusal(const Request &head) const;

    /// Whether the request goes to a route with Cors::Open.
    [[nodiscard]] bool isOpen(const Request &request) const;

private:
    using HandlerPtr = std::shared_ptr<const Handler>;
    struct Route
    {
        std::map<QByteArray, HandlerPtr> methods; // "*" is every method
        Cors cors = Cors::None;
        Admission admission = {};
    };
    std::map<QByteArray, Route> m_routes;

    [[nodiscard]] static HandlerPtr handlerFor(const Route &route, const QByteArray &method);
    [[nodiscard]] static QByteArray allowedMethods(const Route &route);
};

} // namespace McpAuth::Http
