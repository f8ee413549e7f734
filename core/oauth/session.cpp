#include "oauth/session_p.h"

#include <QTimer>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

std::unexpected<Error> cancelled()
{
    return fail(u"cancelled"_s, u"The wait for a token was cancelled."_s);
}

std::unexpected<Error> authorizationRequired(const Refusal &refusal, const Secret &sent)
{
    const QString reason = reasonOf(refusal, sent);
    QString message = u"The server requires a token, and none was accepted: sign in again."_s;
    if (!sent.isEmpty())
        message = reason.isEmpty()
                      ? u"The server refused the token (HTTP %1), and does not say why."_s.arg(refusal.status)
                      : u"The server refused the token: %1."_s.arg(reason);
    return fail(u"authorization_required"_s, message, toJson(refusal, sent));
}

std::unexpected<Error> stepUpLimit(const Refusal &refusal, const Secret &sent)
{
    return fail(u"step_up_limit"_s,
                u"The server asked for more scopes %1 times in a row, and what was granted never did: it is a matter "
                u"of the account's permissions, or of the server."_s.arg(maxStepUps + 1),
                insufficientScope(refusal, sent).details);
}

/// Whether the provider said no to the refresh token, as against not answering at all, or not now; or there is nothing
/// left to refresh.
bool leadsToFlow(const Error &error)
{
    const int status = error.details.value(u"status").toInt();
    return error.code == u"nothing_to_refresh" ||
           (error.code == u"token_request_refused" && status < 500 && status != 429);
}

} // namespace

QCoro::Task<Result<Secret>> Session::Private::accessToken(Self self, std::stop_token stop)
{
    if (!co_await loaded(self, stop))
        co_return cancelled();
    bool tried = false;
    while (!self->isClosed) {
        if (self->isFresh() || (tried && !self->flight))
            co_return self->unexpired();
        FlightPointer flight = self->flight;
        if (!flight && self->canRefresh())
            flight = startRefresh(self, {});
        else if (!flight && self->authorization && self->options.flow.grant == GrantType::ClientCredentials)
            flight = startFlow(self, self->flowOptions({}, {}));
        if (!flight)
            co_return self->unexpired();
        if (!co_await landed(flight, stop) || self->isClosed)
            break;
        tried = true;
        if (*flight->outcome)
            co_return self->present();
        if (self->unexpired().isEmpty() && !leadsToFlow(flight->outcome->error()))
            co_return fail(flight->outcome->error());
    }
    co_return cancelled();
}

QCoro::Task<Result<Secret>> Session::Private::renew(Self self, Secret refused, Refusal refusal, bool mayRunFlow,
                                                    std::stop_token stop)
{
    if (!co_await loaded(self, stop))
        co_return cancelled();
    // Another of the kind that was refused while it lived would be refused, too.
    bool mayRefresh = self->unexpired().isEmpty() || !(self->unproven == refused);
    while (!self->isClosed) {
        const Secret usable = self->unexpired();
        if (!usable.isEmpty() && !(usable == refused))
            co_return usable;
        FlightPointer flight = self->flight;
        if (!flight && mayRefresh && self->canRefresh())
            flight = startRefresh(self, refusal);
        const bool asksNobody = self->options.flow.grant == GrantType::ClientCredentials;
        if (!flight && !((mayRunFlow || asksNobody) && self->mayRunFlow()))
            co_return authorizationRequired(refusal, refused);
        if (!flight)
            flight = startFlow(self, self->flowOptions(refusal, {}));
        if (!co_await landed(flight, stop) || self->isClosed)
            break;
        if (*flight->outcome && (flight->kind == Flight::Kind::Flow || !(self->present() == refused)))
            co_return self->present();
        mayRefresh = false;
        // A refused refresh, or one that gave the refused token again, leads to a whole flow.
        if (!*flight->outcome && (flight->kind == Flight::Kind::Flow || !leadsToFlow(flight->outcome->error())))
            co_return fail(flight->outcome->error());
    }
    co_return cancelled();
}

QCoro::Task<Result<Secret>> Session::Private::stepUp(Self self, Secret refused, Refusal refusal, std::stop_token stop)
{
    if (!co_await loaded(self, stop))
        co_return cancelled();
    const QStringList challenged = challengedScopes(refusal);
    while (!self->isClosed) {
        const Secret usable = self->unexpired();
        if (!usable.isEmpty() && !(usable == refused) && self->asksFor(challenged))
            co_return usable; // somebody else has stepped up meanwhile
        FlightPointer flight = self->flight;
        const bool isOwn = !flight;
        if (isOwn && !self->mayRunFlow())
            co_return std::unexpected(insufficientScope(refusal, refused));
        if (isOwn && self->stepUps >= maxStepUps)
            co_return stepUpLimit(refusal, refused);
        if (isOwn) {
            ++self->stepUps;
            flight = startFlow(self, self->flowOptions(refusal, challenged));
        }
        if (!co_await landed(flight, stop) || self->isClosed)
            break;
        if (flight->kind == Flight::Kind::Flow && !*flight->outcome)
            co_return fail(flight->outcome->error());
        if (isOwn)
            co_return self->present();
    }
    co_return cancelled();
}

/// Also those of the store are gone when it ends, so that nobody finds them there.
QCoro::Task<Result<>> Session::Private::logOut(Self self)
{
    co_await loaded(self, {});
    while (self->flight) {
        const FlightPointer flight = self->flight;
        if (flight->kind == Flight::Kind::Flow)
            flight->stop.request_stop();
        co_await landed(flight, {});
    }
    if (self->isClosed)
        co_return cancelled();
    const std::optional<Authorization> last = self->authorization;
    apply(self, {}, self->now());
    Result<> outcome;
    if (last && last->server.revocationEndpoint)
        outcome = co_await revoked(self, *last);
    if (const FlightPointer writing = self->writing)
        co_await landed(writing, {});
    co_return outcome;
}

/// The refresh token first: without it nothing new can come.
QCoro::Task<Result<>> Session::Private::revoked(Self self, Authorization last)
{
    const QList<std::pair<Secret, QString>> tokens{{last.tokens.refreshToken, u"refresh_token"_s},
                                                   {last.tokens.accessToken, u"access_token"_s}};
    Result<> outcome;
    for (const auto &[token, hint] : tokens) {
        if (token.isEmpty() || !self->client)
            continue;
        const auto revoked =
            co_await revokeToken(self->client, last.server, last.client, token, hint, self->options.flow.clock);
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

/// The token, as long as it lives. Whether one that had expired when it came is good, only the server can say.
Secret Session::Private::unexpired() const
{
    if (!authorization || !authorization->tokens.expiresAt)
        return present();
    const TimePoint expiresAt = *authorization->tokens.expiresAt;
    const bool cameExpired = obtained && expiresAt <= *obtained;
    return cameExpired || now() < expiresAt ? present() : Secret();
}

Secret Session::Private::presentRefreshToken() const
{
    return authorization ? authorization->tokens.refreshToken : Secret();
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
    flow.tryToken = false; // the request that waits for the token tries it
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

QCoro::Task<Result<Secret>> Session::accessToken(std::stop_token stop)
{
    return Private::accessToken(d, std::move(stop));
}

QCoro::Task<Result<Secret>> Session::renew(Secret refused, Refusal refusal, std::stop_token stop)
{
    return Private::renew(d, std::move(refused), std::move(refusal), true, std::move(stop));
}

QCoro::Task<Result<Secret>> Session::renewQuietly(Secret refused, Refusal refusal, std::stop_token stop)
{
    return Private::renew(d, std::move(refused), std::move(refusal), false, std::move(stop));
}

QCoro::Task<Result<Secret>> Session::stepUp(Secret refused, Refusal refusal, std::stop_token stop)
{
    return Private::stepUp(d, std::move(refused), std::move(refusal), std::move(stop));
}

QCoro::Task<Result<>> Session::logOut()
{
    return Private::logOut(d);
}

void Session::succeeded()
{
    d->stepUps = 0;
    d->unproven = {};
}

void Session::setAuthorization(Authorization authorization)
{
    Private::apply(d, std::move(authorization), d->now());
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
