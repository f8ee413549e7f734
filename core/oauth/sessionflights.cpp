// What a session does once for all who wait: the store's reads and writes, refreshing, whole flows; and what comes of
// it.
#include "http/url.h"
#include "metadata/resourcediscovery.h"
#include "oauth/session_p.h"

#include <QCoroFuture>

#include <utility>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

/// Another session may have stored a newer refresh token while this one's was refused: that one is tried too.
constexpr int maxRefreshes = 2;

Error sessionEnded()
{
    return {u"cancelled"_s, u"The session ended while a request waited for a token."_s};
}

std::unexpected<Error> nothingToRefresh()
{
    return fail(u"nothing_to_refresh"_s, u"There is no refresh token that could be used."_s);
}

/// RFC 6749 §6, RFC 8707 §2.2. Without `scope` the new token has the scopes of the old one.
TokenRequest refreshRequest(const Authorization &authorization, const Clock &clock, const std::stop_token &stop)
{
    const QString refreshToken = QString::fromUtf8(authorization.tokens.refreshToken.reveal());
    TokenRequest request{.server = authorization.server,
                         .client = authorization.client,
                         .fields = {{u"grant_type"_s, u"refresh_token"_s}, {u"refresh_token"_s, refreshToken}},
                         .requestedScopes = authorization.tokens.scopes,
                         .clock = clock,
                         .stop = stop};
    if (!authorization.resource.isEmpty())
        request.fields.emplace_back(u"resource"_s, authorization.resource);
    return request;
}

bool isSame(const Tokens &one, const Tokens &other)
{
    return one.accessToken == other.accessToken && one.refreshToken == other.refreshToken;
}

bool isSameOrigin(const QString &url, const QString &other)
{
    const auto one = Http::splitUrl(url);
    const auto two = Http::splitUrl(other);
    return one && two && one->scheme == two->scheme && one->host == two->host && one->port == two->port;
}

/// The resource metadata that the refusal names, where it is the MCP server's own; else empty.
QString metadataUrlIn(const Refusal &refusal, const QString &mcpUrl)
{
    const auto challenges = Http::parseChallenges(refusal.challenge);
    const Http::Challenge *challenge = challenges ? decisiveChallenge(*challenges) : nullptr;
    const QString url = challenge ? QString::fromUtf8(challenge->parameter("resource_metadata")) : QString();
    return isSameOrigin(url, mcpUrl) ? url : QString();
}

} // namespace

void Flight::land(Result<> result)
{
    if (outcome)
        return;
    outcome = std::move(result);
    for (const auto &waiter : std::exchange(waiters, {}))
        waiter->finish();
}

QCoro::Task<bool> landed(std::shared_ptr<Flight> flight, std::stop_token stop)
{
    if (!flight->outcome && !stop.stop_requested()) {
        const auto waiter = std::make_shared<QPromise<void>>();
        waiter->start();
        flight->waiters.push_back(waiter);
        const std::stop_callback onStop(stop, [waiter] { waiter->finish(); });
        const QFuture<void> end = waiter->future();
        co_await end;
    }
    co_return flight->outcome.has_value();
}

// ---- The store

QCoro::Task<bool> Session::Private::loaded(Self self, std::stop_token stop)
{
    if (!self->load) {
        self->load = std::make_shared<Flight>(Flight::Kind::Load);
        const auto task = readStore(self, self->load); // goes on by itself
    }
    const FlightPointer load = self->load;
    co_return co_await landed(load, std::move(stop));
}

QCoro::Task<> Session::Private::readStore(Self self, FlightPointer load)
{
    if (const auto store = self->options.store) {
        const auto stored = co_await store->authorization(self->options.flow.mcpUrl);
        if (!stored)
            self->reportStoreFailure(stored.error());
        // Whatever somebody has set meanwhile is newer.
        if (stored && *stored && !self->authorization && !self->isDirty && !self->writing && !self->isClosed)
            adopt(self, *stored);
    }
    load->land({});
}

QCoro::Task<StoreState> Session::Private::readAgain(Self self)
{
    const auto isUnsure = [self] { return !self->inStore || self->isDirty || self->writing || self->isClosed; };
    if (isUnsure())
        co_return StoreState::Unknown;
    const auto store = self->options.store;
    const auto stored = co_await store->authorization(self->options.flow.mcpUrl);
    if (!stored)
        self->reportStoreFailure(stored.error());
    if (!stored || isUnsure() || !self->authorization)
        co_return StoreState::Unknown;
    if (!*stored) {
        adopt(self, {});
        co_return StoreState::Gone;
    }
    if (isSame((*stored)->tokens, self->authorization->tokens))
        co_return StoreState::Ours;
    if (isSame((*stored)->tokens, *self->inStore))
        co_return StoreState::Unknown; // our own tokens could not be written
    adopt(self, *stored);
    co_return StoreState::Newer;
}

/// One writer at a time, so that the last change is what stays.
QCoro::Task<> Session::Private::writeStore(Self self, FlightPointer writing)
{
    const auto store = self->options.store;
    while (std::exchange(self->isDirty, false)) {
        const std::optional<Authorization> next = self->authorization;
        Result<> written;
        if (next)
            written = co_await store->storeAuthorization(*next);
        else
            written = co_await store->removeAuthorization(self->options.flow.mcpUrl);
        if (!written)
            self->reportStoreFailure(written.error());
        else
            self->inStore = next ? std::optional(next->tokens) : std::nullopt;
    }
    self->writing.reset();
    writing->land({});
}

/// The provider does not know the client any more: the next flow registers again.
QCoro::Task<> Session::Private::forgetRegistration(Self self, QString issuer)
{
    const auto store = self->options.flow.store;
    if (!store)
        co_return;
    const auto removed = co_await store->removeClient(issuer);
    if (!removed)
        self->reportStoreFailure(removed.error());
}

void Session::Private::reportStoreFailure(const Error &error) const
{
    if (q)
        Q_EMIT q->storeFailed(error);
}

void Session::Private::use(std::optional<Authorization> next, std::optional<TimePoint> since)
{
    authorization = std::move(next);
    obtained = since;
    unproven = {};
    auto &given = options.flow.preregistered;
    if (authorization && given && given->issuer.isEmpty() && given->clientId == authorization->client.clientId)
        given->issuer = authorization->server.issuer;
}

void Session::Private::adopt(Self self, std::optional<Authorization> stored)
{
    self->inStore = stored ? std::optional(stored->tokens) : std::nullopt;
    self->use(std::move(stored), {});
    if (self->q)
        Q_EMIT self->q->authorizationChanged();
}

void Session::Private::apply(Self self, std::optional<Authorization> next, std::optional<TimePoint> since)
{
    self->use(std::move(next), since);
    if (self->options.store) {
        self->isDirty = true;
        if (!self->writing) {
            self->writing = std::make_shared<Flight>(Flight::Kind::Write);
            const auto task = writeStore(self, self->writing); // goes on by itself
        }
    }
    if (self->q)
        Q_EMIT self->q->authorizationChanged();
}

// ---- Refreshing

Session::Private::FlightPointer Session::Private::startRefresh(const Self &self, const std::optional<Refusal> &refusal)
{
    auto flight = std::make_shared<Flight>(Flight::Kind::Refresh);
    self->flight = flight;
    const auto task = runRefresh(self, flight, refusal); // goes on by itself
    return flight;
}

QCoro::Task<> Session::Private::runRefresh(Self self, FlightPointer flight, std::optional<Refusal> refusal)
{
    const std::stop_token stop = flight->stop.get_token();
    bool isElsewhere = false;
    if (refusal)
        isElsewhere = co_await namesOtherProviders(self, *refusal, stop);
    Result<> outcome = nothingToRefresh();
    if (!isElsewhere)
        outcome = co_await refresh(self, stop);
    if (!self->isClosed)
        self->land(flight, std::move(outcome));
}

/// A refresh token is shown to nobody but the MCP server's authorization server, and that may be another one by now.
QCoro::Task<bool> Session::Private::namesOtherProviders(Self self, Refusal refusal, std::stop_token stop)
{
    const QString mcpUrl = self->options.flow.mcpUrl;
    const QString url = metadataUrlIn(refusal, mcpUrl);
    if (url.isEmpty() || self->options.flow.revision < u"2025-06-18")
        co_return false; // earlier revisions know no resource metadata
    const Metadata::ResourceDiscovery found =
        co_await Metadata::discoverResource(self->client, mcpUrl, {.metadataUrl = url, .stop = std::move(stop)});
    if (!found.metadata || !self->authorization)
        co_return false;
    const QStringList servers = found.metadata->authorizationServers.value_or(QStringList());
    co_return !servers.isEmpty() && !servers.contains(self->authorization->server.issuer);
}

QCoro::Task<Result<>> Session::Private::refresh(Self self, std::stop_token stop)
{
    const Secret before = self->present();
    for (int attempt = 0; attempt < maxRefreshes; ++attempt) {
        co_await readAgain(self);
        if (self->isClosed || !self->client)
            co_return fail(sessionEnded());
        if (self->isFresh() && !(self->present() == before))
            co_return Result<>(); // another session has refreshed
        if (!self->canRefresh())
            co_return nothingToRefresh();
        const Secret used = self->presentRefreshToken();
        TokenRequest request = refreshRequest(*self->authorization, self->options.flow.clock, stop);
        const auto tokens = co_await requestTokens(self->client, std::move(request));
        if (self->isClosed)
            co_return fail(sessionEnded());
        if (tokens)
            co_return co_await takeRefreshed(self, used, *tokens);
        const bool isReplaced = co_await refreshRefused(self, used, tokens.error());
        if (!isReplaced)
            co_return fail(tokens.error());
    }
    co_return nothingToRefresh();
}

/// A new refresh token replaces the old one; without one the old one stays (RFC 6749 §6).
QCoro::Task<Result<>> Session::Private::takeRefreshed(Self self, Secret used, Tokens tokens)
{
    co_await readAgain(self);
    if (self->isClosed)
        co_return fail(sessionEnded());
    if (!self->authorization)
        co_return nothingToRefresh();
    if (!(self->presentRefreshToken() == used))
        co_return Result<>(); // another authorization was set or stored meanwhile
    Authorization next = *self->authorization;
    if (tokens.refreshToken.isEmpty())
        tokens.refreshToken = used;
    if (tokens.idToken.isEmpty())
        tokens.idToken = next.tokens.idToken;
    next.tokens = std::move(tokens);
    const Secret fresh = next.tokens.accessToken;
    apply(self, std::move(next), self->now());
    self->unproven = fresh;
    if (self->q)
        Q_EMIT self->q->refreshed();
    co_return Result<>();
}

/// True when another session has stored a refresh token to use instead. Else the refused one is not used again; the
/// store forgets it only when it is still there.
QCoro::Task<bool> Session::Private::refreshRefused(Self self, Secret used, Error error)
{
    if (!self->authorization || !(self->presentRefreshToken() == used))
        co_return false;
    const QString reason = error.details.value(u"error").toString();
    if (reason == u"invalid_client" && self->authorization->client.origin == ClientInformation::Origin::Dynamic) {
        const auto task = forgetRegistration(self, self->authorization->server.issuer); // goes on by itself
    }
    if (reason != u"invalid_grant" && reason != u"invalid_client")
        co_return false;
    const StoreState found = co_await readAgain(self);
    if (found == StoreState::Newer)
        co_return true;
    if (!self->authorization || !(self->presentRefreshToken() == used) || self->isClosed)
        co_return false;
    Authorization next = *self->authorization;
    next.tokens.refreshToken = Secret();
    if (found == StoreState::Ours)
        apply(self, std::move(next), self->obtained);
    else
        self->use(std::move(next), self->obtained);
    co_return false;
}

// ---- Flows

Session::Private::FlightPointer Session::Private::startFlow(const Self &self, FlowOptions flow)
{
    auto flight = std::make_shared<Flight>(Flight::Kind::Flow);
    self->flight = flight;
    const auto task = runFlow(self, flight, std::move(flow)); // goes on by itself
    return flight;
}

QCoro::Task<> Session::Private::runFlow(Self self, FlightPointer flight, FlowOptions flow)
{
    if (!self->client) {
        self->land(flight, fail(sessionEnded()));
        co_return;
    }
    const std::stop_callback link(flow.stop, [source = flight->stop]() mutable { source.request_stop(); });
    flow.stop = flight->stop.get_token();
    const auto authorization = co_await authorize(self->client, flow);
    if (self->isClosed)
        co_return;
    if (authorization)
        apply(self, *authorization, self->now());
    if (self->isClosed)
        co_return;
    self->land(flight, authorization ? Result<>() : fail(authorization.error()));
}

void Session::Private::land(const FlightPointer &landing, Result<> result)
{
    if (flight == landing)
        flight.reset();
    landing->land(std::move(result));
}

/// Whoever still waits gets the error cancelled.
void Session::Private::close()
{
    for (const FlightPointer &open : {std::exchange(load, {}), std::exchange(flight, {})}) {
        if (open)
            open->land(fail(sessionEnded()));
    }
}

} // namespace McpAuth::OAuth
