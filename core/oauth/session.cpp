#include "oauth/session_p.h"

#include <QJsonArray>
#include <QTimer>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

std::unexpected<Error> cancelled()
{
    return fail(u"cancelled"_s, u"The session ended while a request waited for a token."_s);
}

std::unexpected<Error> authorizationRequired()
{
    return fail(u"authorization_required"_s,
                u"The server wants a token, and there is none that it takes: sign in (again)."_s);
}

std::unexpected<Error> insufficientScope(const QStringList &scopes)
{
    return fail(u"insufficient_scope"_s,
                scopes.isEmpty()
                    ? u"The token's scopes are too few for this operation: sign in again for more."_s
                    : u"The operation needs %1: sign in again for more scopes."_s.arg(scopes.join(u", "_s)),
                {{u"scope"_s, scopes.join(u' ')}});
}

std::unexpected<Error> stepUpLimit(const QStringList &scopes)
{
    return fail(u"step_up_limit"_s,
                u"The server asked for more scopes %1 times in a row, and what was granted never did: it is a matter "
                u"of the account's permissions, or of the server."_s.arg(maxStepUps + 1),
                {{u"scope"_s, scopes.join(u' ')}});
}

QStringList challengedScopes(const Refusal &refusal)
{
    const auto challenges = Http::parseChallenges(refusal.challenge);
    if (!challenges)
        return {};
    const auto bearer = std::ranges::find_if(*challenges, &Http::Challenge::isBearer);
    return bearer == challenges->end() ? QStringList()
                                       : QString::fromUtf8(bearer->parameter("scope")).split(u' ', Qt::SkipEmptyParts);
}

/// Whether the provider said no to the refresh token, as against not answering at all, or not now.
bool isRefusal(const Error &error)
{
    const int status = error.details.value(u"status").toInt();
    return error.code == u"token_request_refused" && status < 500 && status != 429;
}

} // namespace

QCoro::Task<Result<Secret>> Session::Private::accessToken(Self self)
{
    co_await loaded(self);
    bool tried = false;
    while (!self->isClosed) {
        if (self->isFresh() || (tried && !self->flight))
            co_return self->unexpired();
        FlightPointer flight = self->flight;
        if (!flight && self->canRefresh())
            flight = startRefresh(self);
        else if (!flight && self->authorization && self->options.flow.grant == GrantType::ClientCredentials)
            flight = startFlow(self, self->flowOptions({}, {}));
        if (!flight)
            co_return self->unexpired();
        co_await Landing{flight.get()};
        tried = true;
        if (self->isClosed)
            break;
        if (*flight->outcome)
            co_return self->present();
        if (self->unexpired().isEmpty() && !isRefusal(flight->outcome->error()))
            co_return fail(flight->outcome->error());
    }
    co_return cancelled();
}

QCoro::Task<Result<Secret>> Session::Private::renew(Self self, Secret refused, Refusal refusal)
{
    co_await loaded(self);
    bool refreshed = false;
    while (!self->isClosed) {
        const Secret usable = self->unexpired();
        if (!usable.isEmpty() && !(usable == refused))
            co_return usable;
        FlightPointer flight = self->flight;
        if (!flight && !refreshed && self->canRefresh())
            flight = startRefresh(self);
        if (!flight && !self->mayRunFlow())
            co_return authorizationRequired();
        if (!flight)
            flight = startFlow(self, self->flowOptions(refusal, {}));
        co_await Landing{flight.get()};
        if (self->isClosed)
            break;
        if (*flight->outcome && (flight->kind == Flight::Kind::Flow || !(self->present() == refused)))
            co_return self->present();
        refreshed = true;
        // A refused refresh, or one that gave the refused token again, leads to a whole flow.
        if (!*flight->outcome && (flight->kind == Flight::Kind::Flow || !isRefusal(flight->outcome->error())))
            co_return fail(flight->outcome->error());
    }
    co_return cancelled();
}

QCoro::Task<Result<Secret>> Session::Private::stepUp(Self self, Secret refused, Refusal refusal)
{
    co_await loaded(self);
    const QStringList challenged = challengedScopes(refusal);
    while (!self->isClosed) {
        const Secret usable = self->unexpired();
        if (!usable.isEmpty() && !(usable == refused) && self->asksFor(challenged))
            co_return usable; // somebody else has stepped up meanwhile
        FlightPointer flight = self->flight;
        const bool isOwn = !flight;
        if (isOwn && !self->mayRunFlow())
            co_return insufficientScope(challenged);
        if (isOwn && self->stepUps >= maxStepUps)
            co_return stepUpLimit(challenged);
        if (isOwn) {
            ++self->stepUps;
            flight = startFlow(self, self->flowOptions(refusal, challenged));
        }
        co_await Landing{flight.get()};
        if (self->isClosed)
            break;
        if (flight->kind == Flight::Kind::Flow && !*flight->outcome)
            co_return fail(flight->outcome->error());
        if (isOwn)
            co_return self->present();
    }
    co_return cancelled();
}

QCoro::Task<Result<>> Session::Private::logOut(Self self)
{
    co_await loaded(self);
    while (self->flight) {
        const FlightPointer flight = self->flight;
        if (flight->kind == Flight::Kind::Flow)
            flight->stop.request_stop();
        co_await Landing{flight.get()};
    }
    if (self->isClosed)
        co_return cancelled();
    const std::optional<Authorization> last = self->authorization;
    self->apply({});
    if (!last || !last->server.revocationEndpoint)
        co_return Result<>();
    const QList<std::pair<Secret, QString>> tokens{{last->tokens.refreshToken, u"refresh_token"_s},
                                                   {last->tokens.accessToken, u"access_token"_s}};
    Result<> outcome;
    for (const auto &[token, hint] : tokens) {
        if (token.isEmpty() || !self->client)
            continue;
        const auto revoked =
            co_await revokeToken(self->client, last->server, last->client, token, hint, self->options.flow.clock);
        if (!revoked && outcome)
            outcome = revoked;
    }
    co_return outcome;
}

/// Nothing is used that is about to expire; of a token whose life is short, the last quarter.
bool Session::Private::isFresh() const
{
    if (present().isEmpty())
        return false;
    const auto &expiresAt = authorization->tokens.expiresAt;
    if (!expiresAt)
        return true;
    std::chrono::milliseconds margin = renewBefore;
    if (obtained)
        margin = std::min(margin, (*expiresAt - *obtained) / 4);
    return now() + margin < *expiresAt;
}

/// The token, as long as it lives.
Secret Session::Private::unexpired() const
{
    const bool lives = authorization && (!authorization->tokens.expiresAt || now() < *authorization->tokens.expiresAt);
    return lives ? present() : Secret();
}

bool Session::Private::canRefresh() const
{
    return authorization && !authorization->tokens.refreshToken.isEmpty();
}

bool Session::Private::mayRunFlow() const
{
    return options.interactive || options.flow.grant == GrantType::ClientCredentials;
}

bool Session::Private::asksFor(const QStringList &scopes) const
{
    return std::ranges::all_of(scopes,
                               [this](const QString &scope) { return authorization->requestedScopes.contains(scope); });
}

/// What was asked for before is asked for again (2026-07-28, Step-Up Authorization Flow, 2).
FlowOptions Session::Private::flowOptions(const std::optional<Refusal> &refusal, const QStringList &challenged) const
{
    FlowOptions flow = options.flow;
    flow.refusal = refusal;
    const QStringList previous = authorization ? authorization->requestedScopes : QStringList();
    if (flow.scopes.isEmpty()) {
        flow.previousScopes += previous;
        flow.previousScopes.removeDuplicates();
    } else {
        flow.scopes += previous + challenged; // the user's scopes replace the flow's own choice
        flow.scopes.removeDuplicates();
    }
    return flow;
}

Session::Session(Http::Client *client, SessionOptions options, QObject *parent)
    : QObject(parent)
    , d(std::make_shared<Private>(this, client, std::move(options)))
{
    if (!d->options.flow.store)
        d->options.flow.store = d->options.store;
}

Session::~Session()
{
    d->isClosed = true;
    if (d->flight)
        d->flight->stop.request_stop();
    // Not from here: whoever waits may be about to be destroyed together with the session.
    QTimer::singleShot(0, [state = d] { state->close(); });
}

QCoro::Task<Result<Secret>> Session::accessToken()
{
    return Private::accessToken(d);
}

QCoro::Task<Result<Secret>> Session::renew(Secret refused, Refusal refusal)
{
    return Private::renew(d, std::move(refused), std::move(refusal));
}

QCoro::Task<Result<Secret>> Session::stepUp(Secret refused, Refusal refusal)
{
    return Private::stepUp(d, std::move(refused), std::move(refusal));
}

QCoro::Task<Result<>> Session::logOut()
{
    return Private::logOut(d);
}

void Session::succeeded()
{
    d->stepUps = 0;
}

void Session::setAuthorization(Authorization authorization)
{
    d->apply(std::move(authorization));
}

const std::optional<Authorization> &Session::authorization() const
{
    return d->authorization;
}

void Session::setInteractive(bool interactive)
{
    d->options.interactive = interactive;
}

} // namespace McpAuth::OAuth
