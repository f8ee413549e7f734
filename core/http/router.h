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
    /// replaces an earlier one. `admission` is asked before a large body for `handler` is read, as ServerOptions::admit
    /// is; other methods of the path have their own, or none.
    void add(const QByteArray &method, const QByteArray &path, Handler handler, Cors cors = Cors::None,
             Admission admission = {});
    /// Every method at the path that has no handler of its own.
    void addAll(const QByteArray &path, Handler handler, Cors cors = Cors::None, Admission admission = {});

    /// HEAD is answered from GET. Unknown path: 404; known path, other method: 405 with Allow. The route's handler
    /// lives for as long as its coroutine is suspended, even when it is replaced or the router is gone.
    [[nodiscard]] QCoro::Task<Response> handle(Request request) const;

    /// What handle() answers without a handler, as far as the request's header tells: 404, 405, a preflight. Nothing
    /// where a handler answers.
    [[nodiscard]] std::optional<Response> unrouted(const Request &head) const;
    /// What the admission beside the request's handler says to its header, with the route's CORS fields. The admission
    /// may end the router.
    [[nodiscard]] std::optional<Response> refusal(const Request &head) const;

    /// Whether the request goes to a route with Cors::Open.
    [[nodiscard]] bool isOpen(const Request &request) const;

private:
    struct Target
    {
        Handler handler;
        Admission admission; // may be empty
    };
    using TargetPtr = std::shared_ptr<const Target>;
    struct Route
    {
        std::map<QByteArray, TargetPtr> methods; // "*" is every method
        Cors cors = Cors::None;
    };
    std::map<QByteArray, Route> m_routes;

    [[nodiscard]] const Route *routeOf(const Request &head) const;
    [[nodiscard]] static TargetPtr targetOf(const Route &route, const Request &head);
    [[nodiscard]] static QByteArray allowedMethods(const Route &route);
    [[nodiscard]] static Response ownAnswer(const Route *route, const Request &head);
};

} // namespace McpAuth::Http
