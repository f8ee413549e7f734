#include "http/router.h"

using namespace Qt::StringLiterals;

namespace McpAuth::Http {

namespace {

const auto anyMethod = QByteArrayLiteral("*");

// What pages may send (the MCP transports' fields, RFC 9110's, and the event stream's) and read beyond the safelisted
// ones.
const auto requestFields = QByteArrayLiteral("Authorization, Content-Type, Mcp-Protocol-Version, Mcp-Session-Id, "
                                             "Last-Event-ID, Mcp-Method, Mcp-Name");
const auto responseFields = QByteArrayLiteral("WWW-Authenticate, Mcp-Session-Id");
const auto preflightAge = QByteArrayLiteral("7200"); // seconds; browsers cap it there

void share(Response &response, Cors cors, const QByteArray &origin)
{
    if (cors == Cors::None)
        return;
    if (cors == Cors::Open)
        response.set("Access-Control-Allow-Origin", "*");
    else
        response.headers.append(QHttpHeaders::WellKnownHeader::Vary, "Origin");
    if (origin.isEmpty()) // no browser reads on
        return;
    if (cors == Cors::Allowed) // the server has checked it before
        response.set("Access-Control-Allow-Origin", origin);
    response.set("Access-Control-Expose-Headers", responseFields);
}

Response preflight(const QByteArray &methods)
{
    Response response = Response::empty(204);
    response.set("Access-Control-Allow-Methods", methods);
    response.set("Access-Control-Allow-Headers", requestFields);
    response.set("Access-Control-Max-Age", preflightAge);
    return response;
}

/// A lambda's captures must outlive its coroutine: the handler is held.
QCoro::Task<Response> shared(QCoro::Task<Response> task, Cors cors, QByteArray origin,
                             std::shared_ptr<const Handler> /*held*/)
{
    Response response = co_await task;
    share(response, cors, origin);
    co_return response;
}

QCoro::Task<Response> ready(Response response, Cors cors, QByteArray origin)
{
    share(response, cors, origin);
    co_return response;
}

} // namespace

void Router::add(const QByteArray &method, const QByteArray &path, Handler handler, Cors cors)
{
    Route &route = m_routes[path];
    route.methods.insert_or_assign(method, std::make_shared<const Handler>(std::move(handler)));
    route.cors = cors;
}

void Router::addAll(const QByteArray &path, Handler handler, Cors cors, Admission admission)
{
    add(anyMethod, path, std::move(handler), cors);
    m_routes[path].admission = std::move(admission);
}

std::optional<Response> Router::refusal(const Request &head) const
{
    const auto found = m_routes.find(head.path());
    if (found == m_routes.end() || !found->second.admission)
        return {};
    const Cors cors = found->second.cors; // whoever is told of the refusal may end the router
    std::optional<Response> response = found->second.admission(head);
    if (response)
        share(*response, cors, head.header("origin"));
    return response;
}

Router::HandlerPtr Router::handlerFor(const Route &route, const QByteArray &method)
{
    for (const QByteArray &name : {method, method == "HEAD" ? QByteArrayLiteral("GET") : anyMethod, anyMethod}) {
        if (const auto found = route.methods.find(name); found != route.methods.end())
            return found->second;
    }
    return nullptr;
}

QByteArray Router::allowedMethods(const Route &route)
{
    if (route.methods.contains(anyMethod))
        return QByteArrayLiteral("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    QByteArrayList names;
    for (const auto &[method, handler] : route.methods)
        names.append(method);
    if (names.contains("GET") && !names.contains("HEAD"))
        names.append(QByteArrayLiteral("HEAD"));
    if (route.cors != Cors::None && !names.contains("OPTIONS"))
        names.append(QByteArrayLiteral("OPTIONS"));
    return names.join(", ");
}

QCoro::Task<Response> Router::handle(Request request) const
{
    const auto found = m_routes.find(request.path());
    if (found == m_routes.end())
        return ready(Response::error(404, u"not_found"_s, u"There is nothing at this path."_s), Cors::None, {});
    const Route &route = found->second;
    QByteArray origin = request.header("origin");
    // A route's own OPTIONS handler goes first, but one for every method does not know of CORS.
    const bool isPreflight =
        route.cors != Cors::None && request.method == "OPTIONS" && !route.methods.contains("OPTIONS");
    if (isPreflight)
        return ready(preflight(allowedMethods(route)), route.cors, std::move(origin));
    if (HandlerPtr handler = handlerFor(route, request.method)) {
        const Cors cors = route.cors; // the handler may end the router
        QCoro::Task<Response> task = (*handler)(std::move(request));
        if (cors == Cors::None && task.isReady())
            return task;
        return shared(std::move(task), cors, std::move(origin), std::move(handler));
    }
    Response refusal = Response::error(405, u"method_not_allowed"_s, u"This method is not known at this path."_s);
    refusal.set("Allow", allowedMethods(route));
    return ready(std::move(refusal), route.cors, std::move(origin));
}

bool Router::isOpen(const Request &request) const
{
    const auto found = m_routes.find(request.path());
    return found != m_routes.end() && found->second.cors == Cors::Open;
}

} // namespace McpAuth::Http
