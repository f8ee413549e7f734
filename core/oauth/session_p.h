// The state of a session, shared with its coroutines, so that they may outlive it.
#pragma once

#include "oauth/refusal.h"
#include "oauth/session.h"

#include <QPointer>
#include <QPromise>

#include <vector>

namespace McpAuth::OAuth {

/// Something that runs once for all who wait for it.
struct Flight
{
    enum class Kind { Load, Refresh, Flow, Write };

    Kind kind;
    std::stop_source stop = {};
    std::optional<Result<>> outcome = {};
    std::vector<std::shared_ptr<QPromise<void>>> waiters = {};

    void land(Result<> result);
};

/// Waits for the flight's end; false when `stop` came first.
[[nodiscard]] QCoro::Task<bool> landed(std::shared_ptr<Flight> flight, std::stop_token stop);

/// What the store has now, compared with what this session knows to be there.
enum class StoreState {
    Unknown, ///< there is none, it cannot be read, or a write of our own is under way
    Ours,
    Newer, ///< of another session, and in use from now on
    Gone,  ///< somebody has logged out elsewhere: and so has this session now
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
    Secret unproven = {};                   ///< of a refresh, and no call has succeeded with it yet
    std::optional<Tokens> inStore = {};     ///< as last read or written there
    int stepUps = 0;
    bool isClosed = false; ///< the session is gone
    FlightPointer load = {};
    FlightPointer flight = {};
    FlightPointer writing = {};
    bool isDirty = false;

    static QCoro::Task<Result<Secret>> accessToken(Self self, std::stop_token stop);
    static QCoro::Task<Result<Secret>> renew(Self self, Secret refused, Refusal refusal, bool mayRunFlow,
                                             std::stop_token stop);
    static QCoro::Task<Result<Secret>> stepUp(Self self, Secret refused, Refusal refusal, std::stop_token stop);
    static QCoro::Task<Result<>> logOut(Self self);
    static QCoro::Task<Result<>> revoked(Self self, Authorization last);

    static QCoro::Task<bool> loaded(Self self, std::stop_token stop);
    static QCoro::Task<> readStore(Self self, FlightPointer load);
    static QCoro::Task<StoreState> readAgain(Self self);
    static QCoro::Task<> writeStore(Self self, FlightPointer writing);
    static QCoro::Task<> forgetRegistration(Self self, QString issuer);

    static FlightPointer startRefresh(const Self &self, const std::optional<Refusal> &refusal);
    static FlightPointer startFlow(const Self &self, FlowOptions flow);
    static QCoro::Task<> runRefresh(Self self, FlightPointer flight, std::optional<Refusal> refusal);
    static QCoro::Task<> runFlow(Self self, FlightPointer flight, FlowOptions flow);
    static QCoro::Task<Result<>> refresh(Self self, std::stop_token stop);
    static QCoro::Task<Result<>> takeRefreshed(Self self, Secret used, Tokens tokens);
    static QCoro::Task<bool> refreshRefused(Self self, Secret used, Error error);
    static QCoro::Task<bool> namesOtherProviders(Self self, Refusal refusal, std::stop_token stop);

    /// In use from now on, obtained at `since`, and written to the store. Its signals may end the session.
    static void apply(Self self, std::optional<Authorization> next, std::optional<TimePoint> since);
    /// In use from now on, as it came from the store.
    static void adopt(Self self, std::optional<Authorization> stored);
    void use(std::optional<Authorization> next, std::optional<TimePoint> since);
    void land(const FlightPointer &landing, Result<> result);
    void reportStoreFailure(const Error &error) const;
    void close();

    [[nodiscard]] TimePoint now() const { return options.flow.clock(); }
    [[nodiscard]] Secret present() const { return authorization ? authorization->tokens.accessToken : Secret(); }
    [[nodiscard]] Secret presentRefreshToken() const;
    [[nodiscard]] Secret unexpired() const;
    [[nodiscard]] bool isFresh() const;
    [[nodiscard]] bool canRefresh() const { return !presentRefreshToken().isEmpty(); }
    [[nodiscard]] bool mayRunFlow() const;
    [[nodiscard]] bool asksFor(const QStringList &scopes) const;
    [[nodiscard]] FlowOptions flowOptions(const std::optional<Refusal> &refusal, const QStringList &challenged) const;
};

} // namespace McpAuth::OAuth
