// What a session does once for all who wait: reading the store, refreshing, whole flows; and what comes of it.
#include "oauth/session_p.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

Error cancelledError()
{
    return {u"cancelled"_s, u"The session ended while a request waited for a token."_s};
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

} // namespace

void Flight::land(Result<> result)
{
    if (outcome)
        return;
    outcome = std::move(result);
    for (const auto waiter : std::exchange(waiters, {}))
        waiter.resume();
}

QCoro::Task<> Session::Private::loaded(Self self)
{
    if (!self->load) {
        self->load = std::make_shared<Flight>(Flight::Kind::Load);
        const auto task = readStore(self, self->load); // goes on by itself
    }
    const FlightPointer load = self->load;
    co_await Landing{load.get()};
}

QCoro::Task<> Session::Private::readStore(Self self, FlightPointer load)
{
    if (self->options.store) {
        const auto stored = co_await self->options.store->authorization(self->options.flow.mcpUrl);
        if (!stored && self->q)
            Q_EMIT self->q->storeFailed(stored.error());
        // Whatever somebody has set meanwhile is newer.
        if (stored && *stored && !self->authorization && !self->isDirty && !self->isWriting && !self->isClosed) {
            self->authorization = **stored;
            if (self->q)
                Q_EMIT self->q->authorizationChanged();
        }
    }
    load->land({});
}

/// One writer at a time, so that the last change is what stays.
QCoro::Task<> Session::Private::writeStore(Self self)
{
    if (!self->options.store || self->isWriting)
        co_return;
    self->isWriting = true;
    while (std::exchange(self->isDirty, false)) {
        Result<> written;
        if (self->authorization)
            written = co_await self->options.store->storeAuthorization(*self->authorization);
        else
            written = co_await self->options.store->removeAuthorization(self->options.flow.mcpUrl);
        if (!written && self->q)
            Q_EMIT self->q->storeFailed(written.error());
    }
    self->isWriting = false;
}

/// The provider does not know the client any more: the next flow registers again.
QCoro::Task<> Session::Private::forgetRegistration(Self self, QString issuer)
{
    const auto store = self->options.flow.store;
    if (!store)
        co_return;
    const auto removed = co_await store->removeClient(issuer);
    if (!removed && self->q)
        Q_EMIT self->q->storeFailed(removed.error());
}

void Session::Private::apply(std::optional<Authorization> next)
{
    authorization = std::move(next);
    obtained = now();
    isDirty = true;
    const auto task = writeStore(q->d); // goes on by itself
    Q_EMIT q->authorizationChanged();
}

Session::Private::FlightPointer Session::Private::startRefresh(const Self &self)
{
    auto flight = std::make_shared<Flight>(Flight::Kind::Refresh);
    self->flight = flight;
    const auto task = refresh(self, flight); // goes on by itself
    return flight;
}

Session::Private::FlightPointer Session::Private::startFlow(const Self &self, FlowOptions flow)
{
    auto flight = std::make_shared<Flight>(Flight::Kind::Flow);
    self->flight = flight;
    const auto task = runFlow(self, flight, std::move(flow)); // goes on by itself
    return flight;
}

QCoro::Task<> Session::Private::refresh(Self self, FlightPointer flight)
{
    if (!self->client) {
        self->land(flight, fail(cancelledError()));
        co_return;
    }
    const Secret used = self->authorization->tokens.refreshToken;
    TokenRequest request = refreshRequest(*self->authorization, self->options.flow.clock, flight->stop.get_token());
    const auto tokens = co_await requestTokens(self->client, std::move(request));
    if (self->isClosed)
        co_return;
    if (tokens)
        self->takeRefreshed(used, *tokens);
    else
        self->refreshRefused(used, tokens.error());
    if (self->isClosed)
        co_return;
    self->land(flight, tokens ? Result<>() : fail(tokens.error()));
}

QCoro::Task<> Session::Private::runFlow(Self self, FlightPointer flight, FlowOptions flow)
{
    if (!self->client) {
        self->land(flight, fail(cancelledError()));
        co_return;
    }
    const std::stop_callback link(flow.stop, [source = flight->stop]() mutable { source.request_stop(); });
    flow.stop = flight->stop.get_token();
    const auto authorization = co_await authorize(self->client, flow);
    if (self->isClosed)
        co_return;
    if (authorization)
        self->apply(*authorization);
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

/// A new refresh token replaces the old one; without one the old one stays (RFC 6749 §6).
void Session::Private::takeRefreshed(const Secret &used, Tokens tokens)
{
    if (!authorization || !(authorization->tokens.refreshToken == used))
        return; // another authorization was set meanwhile
    Authorization next = *authorization;
    if (tokens.refreshToken.isEmpty())
        tokens.refreshToken = used;
    if (tokens.idToken.isEmpty())
        tokens.idToken = next.tokens.idToken;
    next.tokens = std::move(tokens);
    apply(std::move(next));
    if (q)
        Q_EMIT q->refreshed();
}

void Session::Private::refreshRefused(const Secret &used, const Error &error)
{
    if (!authorization || !(authorization->tokens.refreshToken == used))
        return;
    const QString reason = error.details.value(u"error").toString();
    if (reason == u"invalid_client" && authorization->client.origin == ClientInformation::Origin::Dynamic) {
        const auto task = forgetRegistration(q->d, authorization->server.issuer); // goes on by itself
    }
    if (reason != u"invalid_grant" && reason != u"invalid_client")
        return;
    const auto since = obtained;
    Authorization next = *authorization;
    next.tokens.refreshToken = Secret();
    apply(std::move(next));
    obtained = since;
}

/// Whoever still waits gets the error cancelled.
void Session::Private::close()
{
    for (const FlightPointer &open : {std::exchange(load, {}), std::exchange(flight, {})}) {
        if (open)
            open->land(fail(cancelledError()));
    }
}

} // namespace McpAuth::OAuth
