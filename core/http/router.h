// Which handler answers which method at which path.
#pragma once

#include "http/server.h"

#include <map>

namespace McpAuth::Http {

enum class Cors {
    None,
    Open, ///< any origin may read the answers and send Authorization, Content-Type and Mcp-* fields; OPTIONS is answered
};

class Router
{
public:
    /// `path` is compared byte for byte with the request's (no decoding, no trailing-slash folding). A later addition
    /// replaces an earlier one.
    void add(const QByteArray &method, const QByteArray &path, Handler handler, Cors cors = Cors::None);
    /// Every method at the path.
    void addAll(const QByteArray &path, Handler handler, Cors cors = Cors::None);

    /// HEAD is answered from GET. Unknown path: 404; known path, other method: 405 with Allow.
    [[nodiscard]] QCoro::Task<Response> handle(Request request) const;

    /// The router as a server's handler; it must outlive the server.
    [[nodiscard]] Handler handler() const;

private:
    struct Route
    {
        std::map<QByteArray, Handler> methods; // "*" is every method
        Cors cors = Cors::None;
    };
    std::map<QByteArray, Route> m_routes;
};

} // namespace McpAuth::Http
