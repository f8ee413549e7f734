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

Response methodNotAllowed(const QByteArray &allowed)
{
    return Response::error(405, u"method_not_allowed"_s, u"This method is not known at this path."_s)
        .set("Allow", allowed);
}

/// A lambda's captures must outlive its coroutine: whatever has the handler is held.
QCoro::Task<Response> shared(QCoro::Task<Response> task, Cors cors, QByteArray origin,
                             std::shared_ptr<const void> /*held*/)
{
    Response response = co_await task;
    share(response, cors, origin);
    co_return response;
}

QCoro::Task<Response> ready(Response response)
{
    co_return response;
}

bool isPreflight(const Request &head, Cors cors)
{
    return cors != Cors::None && head.method == "OPTIONS";
}

} // namespace

void Router::add(const QByteArray &method, const QByteArray &path, Handler handler, Cors cors, Admission admission)
{
    Route &route = m_routes[path];
    route.methods.insert_or_assign(method,
                                   std::make_shared<const Target>(Target{std::move(handler), std::move(admission)}));
    route.cors = cors;
}

void Router::addAll(const QByteArray &path, Handler handler, Cors cors, Admission admission)
{
    add(anyMethod, path, std::move(handler), cors, std::move(admission));
}

const Router::Route *Router::routeOf(const Request &head) const
{
    const auto found = m_routes.find(head.path());
    return found == m_routes.end() ? nullptr : &found->second;
}

/// Null where the router answers by itself.
Router::TargetPtr Router::targetOf(const Route &route, const Request &head)
{
    // A route's own OPTIONS handler goes first, but one for every method does not know of CORS.
    if (isPreflight(head, route.cors) && !route.methods.contains("OPTIONS"))
        return nullptr;
    for (const QByteArray &name :
         {head.method, head.method == "HEAD" ? QByteArrayLiteral("GET") : anyMethod, anyMethod}) {
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
    for (const auto &[method, target] : route.methods)
        names.append(method);
    if (names.contains("GET") && !names.contains("HEAD"))
        names.append(QByteArrayLiteral("HEAD"));
    if (route.cors != Cors::None && !names.contains("OPTIONS"))
        names.append(QByteArrayLiteral("OPTIONS"));
    return names.join(", ");
}

Response Router::ownAnswer(const Route *route, const Request &head)
{
    if (!route)
        return Response::error(404, u"not_found"_s, u"There is nothing at this path."_s);
    Response response =
        isPreflight(head, route->cors) ? preflight(allowedMethods(*route)) : methodNotAllowed(allowedMethods(*route));
    share(response, route->cors, head.header("origin"));
    return response;
}

std::optional<Response> Router::unrouted(const Request &head) const
{
    const Route *route = routeOf(head);
    if (route && targetOf(*route, head))
        return {};
    return ownAnswer(route, head);
}

std::optional<Response> Router::refusal(const Request &head) const
{
    const Route *route = routeOf(head);
    const TargetPtr target = route ? targetOf(*route, head) : nullptr;
    if (!target || !target->admission)
        return {};
    const Cors cors = route->cors; // whoever is told of the refusal may end the router and the request
    const QByteArray origin = head.header("origin");
    std::optional<Response> response = target->admission(head);
    if (response)
        share(*response, cors, origin);
    return response;
}

QCoro::Task<Response> Router::handle(Request request) const
{
    const Route *route = routeOf(request);
    TargetPtr target = route ? targetOf(*route, request) : nullptr;
    if (!target)
        return ready(ownAnswer(route, request));
    const Cors cors = route->cors; // the handler may end the router
    QByteArray origin = request.header("origin");
    QCoro::Task<Response> task = target->handler(std::move(request));
    if (cors == Cors::None && task.isReady())
        return task;
    return shared(std::move(task), cors, std::move(origin), std::move(target));
}

bool Router::isOpen(const Request &request) const
{
    const Route *route = routeOf(request);
    return route && route->cors == Cors::Open;
}

} // namespace McpAuth::Http
