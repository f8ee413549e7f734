// The state of a session, shared with its coroutines, so that they may outlive it.
#pragma once

#include "oauth/session.h"

#include <QPointer>

#include <coroutine>
#include <vector>

namespace McpAuth::OAuth {

/// Something that runs once for all who wait for it.
struct Flight
{
    enum class Kind { Load, Refresh, Flow };

    Kind kind;
    std::stop_source stop = {};
    std::optional<Result<>> outcome = {};
    std::vector<std::coroutine_handle<>> waiters = {};

    void land(Result<> result);
};

/// Await it as often as you like; the flight must be held meanwhile.
struct Landing
{
    Flight *flight;

    [[nodiscard]] bool await_ready() const { return flight->outcome.has_value(); }
    void await_suspend(std::coroutine_handle<> waiter) const { flight->waiters.push_back(waiter); }
    void await_resume() const {}
};

struct Session::Private
{
    using Self = std::shared_ptr<Private>;
    using FlightPointer = std::shared_ptr<Flight>;

    QPointer<Session> q;
    QPointer<Http::Client> client;
    SessionOptions options;

    std::optional<Authorization> authorization = {};
    std::optional<TimePoint> obtained = {}; ///< nothing: it comes from the store
    int stepUps = 0;
    bool isClosed = false; ///< the session is gone
    FlightPointer load = {};
    FlightPointer flight = {};
    bool isWriting = false;
    bool isDirty = false;

    static QCoro::Task<Result<Secret>> accessToken(Self self);
    static QCoro::Task<Result<Secret>> renew(Self self, Secret refused, Refusal refusal);
    static QCoro::Task<Result<Secret>> stepUp(Self self, Secret refused, Refusal refusal);
    static QCoro::Task<Result<>> logOut(Self self);

    static QCoro::Task<> loaded(Self self);
    static QCoro::Task<> readStore(Self self, FlightPointer load);
    static QCoro::Task<> writeStore(Self self);
    static QCoro::Task<> forgetRegistration(Self self, QString issuer);

    static FlightPointer startRefresh(const Self &self);
    static FlightPointer startFlow(const Self &self, FlowOptions flow);
    static QCoro::Task<> refresh(Self self, FlightPointer flight);
    static QCoro::Task<> runFlow(Self self, FlightPointer flight, FlowOptions flow);

    void land(const FlightPointer &landing, Result<> result);
    void apply(std::optional<Authorization> next);
    void takeRefreshed(const Secret &used, Tokens tokens);
    void refreshRefused(const Secret &used, const Error &error);
    void close();

    [[nodiscard]] TimePoint now() const { return options.flow.clock(); }
    [[nodiscard]] Secret present() const { return authorization ? authorization->tokens.accessToken : Secret(); }
    [[nodiscard]] Secret unexpired() const;
    [[nodiscard]] bool isFresh() const;
    [[nodiscard]] bool canRefresh() const;
    [[nodiscard]] bool mayRunFlow() const;
    [[nodiscard]] bool asksFor(const QStringList &scopes) const;
    [[nodiscard]] FlowOptions flowOptions(const std::optional<Refusal> &refusal, const QStringList &challenged) const;
};

} // namespace McpAuth::OAuth
