#include "bearer/protect.h"

namespace McpAuth::Bearer {

namespace {

struct Guard
{
    std::shared_ptr<const BearerAuth> auth;
    ProtectedHandler handler;
    QStringList scopes;
};

QCoro::Task<Http::Response> guarded(std::shared_ptr<const Guard> guard, Http::Request request)
{
    Verdict verdict = co_await guard->auth->authorize(request, guard->scopes);
    if (!verdict.accepted)
        co_return toResponse(verdict);
    Http::Response response = co_await guard->handler(std::move(request), *std::move(verdict.auth));
    co_return response;
}

} // namespace

Http::Handler protect(std::shared_ptr<const BearerAuth> auth, ProtectedHandler handler, QStringList scopes)
{
    const auto guard = std::make_shared<const Guard>(Guard{std::move(auth), std::move(handler), std::move(scopes)});
    return [guard](Http::Request request) { return guarded(guard, std::move(request)); };
}

Http::Admission admission(std::shared_ptr<const BearerAuth> auth)
{
    return [auth = std::move(auth)](const Http::Request &head) -> std::optional<Http::Response> {
        const std::optional<Verdict> verdict = auth->refusalNow(head);
        return verdict ? std::optional(toResponse(*verdict)) : std::nullopt;
    };
}

} // namespace McpAuth::Bearer
