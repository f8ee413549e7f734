// How a handler of the embedder's is run: at once, or as a call that is counted, timed and can be stopped.
#pragma once

#include "base/deadline.h"
#include "base/race.h"
#include "mcp/caller_p.h"
#include "mcp/handler.h"

namespace McpAuth::Mcp {

/// What a handler belongs to, for sentences: the tool "add".
struct HandlerName
{
    QLatin1StringView kind;
    QString name;

    /// The tool "add" failed.
    [[nodiscard]] QString sentence(const char16_t *words) const
    {
        return QStringLiteral("The %1 \"%2\" %3.").arg(kind, name.left(128), QStringView(words));
    }
};

/// In a catch block. A handler is a stranger's code: it may throw, and then the caller learns that it failed and
/// nothing else. Errors: handler_failed.
[[nodiscard]] std::unexpected<Error> thrownBy(const HandlerName &name);

template<typename Value>
QCoro::Task<Result<Value>> asResult(QCoro::Task<Result<Value>> task)
{
    return task;
}

template<typename Value>
QCoro::Task<Result<Value>> asResult(QCoro::Task<Value> task)
{
    return withResult(std::move(task));
}

/// `owner` keeps the function alive until it has ended, which may be after everybody has given it up.
template<typename Value, typename Function, typename... Args>
QCoro::Task<Result<Value>> guarded(std::shared_ptr<const void> owner, const Function *function,
                                   std::shared_ptr<RunningCall> running, HandlerName name, Context context,
                                   Args... args)
{
    Q_ASSERT(owner && running); // which counts until this has ended
    Result<Value> result;
    try {
        result = co_await asResult((*function)(std::move(args)..., std::move(context)));
    } catch (...) {
        result = thrownBy(name);
    }
    running->setEnded();
    co_return result;
}

template<typename Value, typename Function, typename ToOutcome, typename... Args>
QCoro::Task<RpcOutcome> runLater(std::shared_ptr<const void> owner, const Function *function, RpcRequest request,
                                 Caller caller, std::shared_ptr<RequestScope> scope, HandlerName name,
                                 ToOutcome toOutcome, Args... args)
{
    const auto running = std::make_shared<RunningCall>(caller.calls, caller.counted, caller.session, request.id);
    const auto stopCall = [running] { auto(running)->stop(); }; // a copy: the call may end by being told
    const std::stop_callback onGone(caller.gone, stopCall);
    scope->stop = running->token();
    auto task = guarded<Value>(std::move(owner), function, running, name, Context(scope), std::move(args)...);
    std::optional<Deadline> deadline;
    if (!task.isReady() && caller.callTime.count() > 0) {
        std::stop_source late;
        deadline.emplace(
            caller.callTime, [scope, most = caller.waitingTime] { return std::min(scope->waitingTime.total(), most); },
            [late]() mutable { late.request_stop(); });
        task = raced(std::move(task), late.get_token(), Error());
    }
    Result<Value> result = co_await task;
    if (!running->hasEnded()) {
        running->stop();
        result = fail(QStringLiteral("timeout"), name.sentence(u"did not finish in time"));
    }
    co_return finished(request, caller, *scope, toOutcome(std::move(result)));
}

/// `toOutcome`: Result<Value> -> RpcOutcome; errors: the handler's, handler_failed, timeout. `owner` holds `handler`.
template<typename Value, typename Now, typename Later, typename ToOutcome, typename... Args>
RpcAnswer run(std::shared_ptr<const void> owner, const std::variant<Now, Later> &handler, const RpcRequest &request,
              const Caller &caller, HandlerName name, ToOutcome toOutcome, Args... args)
{
    auto scope = scopeOf(request, caller);
    if (!scope)
        return RpcOutcome(std::unexpected(scope.error()));
    const auto *later = std::get_if<Later>(&handler);
    if (later && caller.calls->of(caller.counted) >= caller.callsAtOnce) // a batch may bring them all at once
        return RpcOutcome(rpcFault(RpcErrorCode::InternalError, QStringLiteral("Too many calls at the same time.")));
    if (later)
        return runLater<Value>(std::move(owner), later, request, caller, *scope, std::move(name), std::move(toOutcome),
                               std::move(args)...);
    Result<Value> result;
    try {
        result = std::get<Now>(handler)(args..., Context(*scope));
    } catch (...) {
        result = thrownBy(name);
    }
    return finished(request, caller, **scope, toOutcome(std::move(result)));
}

} // namespace McpAuth::Mcp
