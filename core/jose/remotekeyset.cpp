#include "base/backoff.h"
#include "jose/keysource.h"

#include <QCoroTimer>
#include <QPointer>
#include <QTimer>

#include <algorithm>
#include <coroutine>
#include <vector>

namespace McpAuth::Jose {

namespace {

std::unexpected<Error> unreachable(const QString &url, const QString &message, const QJsonObject &cause)
{
    return fail(QStringLiteral("jwks_unreachable"), QStringLiteral("The key set cannot be fetched: %1").arg(message),
                {{QStringLiteral("url"), url}, {QStringLiteral("cause"), cause}});
}

std::unexpected<Error> cancelled()
{
    return fail(QStringLiteral("cancelled"), QStringLiteral("The key set was given up while it was fetched."));
}

Result<KeySet> keySetOf(const QString &url, const Result<Http::ClientResponse> &response)
{
    if (!response)
        return unreachable(url, response.error().message, toJson(response.error()));
    if (response->status != 200)
        return unreachable(url, QStringLiteral("%1 answered %2.").arg(url, QString::number(response->status)),
                           {{QStringLiteral("status"), response->status}});
    auto set = parseJsonObject(response->body).and_then(parseKeySet);
    if (!set)
        return fail(QStringLiteral("invalid_key_set"),
                    QStringLiteral("What %1 answered is no key set: %2").arg(url, set.error().message),
                    {{QStringLiteral("url"), url}, {QStringLiteral("cause"), toJson(set.error())}});
    return set;
}

/// max-age of a Cache-Control field (RFC 9111 §5.2.2.1), where there is one.
std::optional<std::chrono::seconds> maxAge(const QByteArray &cacheControl)
{
    for (const QByteArray &directive : cacheControl.toLower().split(',')) {
        const QByteArray trimmed = directive.trimmed();
        if (!trimmed.startsWith("max-age="))
            continue;
        bool valid = false;
        const qint64 seconds = trimmed.sliced(8).replace('"', "").toLongLong(&valid);
        if (valid && seconds >= 0)
            return std::chrono::seconds(seconds);
    }
    return std::nullopt;
}

/// Errors of a token that newer keys may settle: the provider has a new key, or another one of the same name.
bool newerKeysMayHelp(const Error &error)
{
    return error.code == u"no_matching_key" || error.code == u"algorithm_key_mismatch" || error.code == u"unusable_key";
}

/// A while from a moment on. A clock that is set back ends it, where it would last for hours else.
struct Span
{
    TimePoint from = {};
    std::chrono::seconds length{0};

    [[nodiscard]] bool holds(TimePoint now) const { return now >= from && now < from + length; }
    [[nodiscard]] bool endedBefore(TimePoint time) const { return from + length <= time; }
};

} // namespace

/// Shared with the coroutines under way, so that they may outlive the key set.
struct RemoteKeySet::State
{
    using Self = std::shared_ptr<State>;
    using Answer = Result<QList<Key>>;

    QPointer<Http::Client> client;
    QString url;
    RemoteKeySetOptions options;

    std::optional<KeySet> set = {};
    quint64 generation = 0;
    std::optional<Error> failure = {}; ///< of the last fetch, when it failed
    Span fresh = {};                   ///< by Cache-Control
    Span cooling = {};                 ///< after a failure
    Span answered = {};                ///< after a fetch for a token that no key fitted
    int failures = 0;                  ///< in a row

    bool closed = false; ///< the key set is gone
    bool fetching = false;
    std::stop_source stop = {};
    std::vector<std::coroutine_handle<>> waiting = {};

    [[nodiscard]] TimePoint now() const { return options.clock(); }
    [[nodiscard]] bool isFresh() const { return set && fresh.holds(now()); }
    /// Too old to answer from before the provider was asked; known keys go on for a while after it could not be.
    [[nodiscard]] bool isOutdated() const
    {
        const TimePoint time = now() - options.maximumAge;
        return set && fresh.endedBefore(time) && cooling.endedBefore(time);
    }
    [[nodiscard]] bool mayFetch() const { return !fetching && !cooling.holds(now()); }
    [[nodiscard]] bool mayFetchForMisfit() const { return mayFetch() && !answered.holds(now()); }

    [[nodiscard]] static std::optional<Answer> answerNow(const Self &self, const Jws &jws);
    [[nodiscard]] Answer answerFromSet(const Jws &jws) const;
    [[nodiscard]] Answer blamed(Answer answer) const;
    static QCoro::Task<Answer> candidates(Self self, Jws jws);
    static QCoro::Task<bool> refresh(Self self, quint64 seen);
    static QCoro::Task<Result<KeySet>> keySet(Self self);

    static void startFetch(const Self &self);
    static QCoro::Task<> fetch(Self self);
    void accept(const Result<Http::ClientResponse> &response);
    void wake();

    /// Ends when no fetch is under way; many may await it at once.
    struct Arrival
    {
        State *state;

        [[nodiscard]] bool await_ready() const { return !state->fetching; }
        void await_suspend(std::coroutine_handle<> waiter) const { state->waiting.push_back(waiter); }
        void await_resume() const {}
    };
};

RemoteKeySet::State::Answer RemoteKeySet::State::answerFromSet(const Jws &jws) const
{
    if (!set)
        return fail(*failure);
    return candidateKeys(*set, jws);
}

/// The right key may be one that could not be fetched: then the token is not to blame.
RemoteKeySet::State::Answer RemoteKeySet::State::blamed(Answer answer) const
{
    if (!answer && failure && newerKeysMayHelp(answer.error()))
        return fail(*failure);
    return answer;
}

/// Nothing when a fetch has to be waited for.
std::optional<RemoteKeySet::State::Answer> RemoteKeySet::State::answerNow(const Self &self, const Jws &jws)
{
    if (!self->set && (self->fetching || self->mayFetch()))
        return std::nullopt;
    // Nobody waits for newer keys while there are some; a provider that is down would stop everybody.
    if (self->set && !self->isFresh() && self->mayFetch())
        startFetch(self);
    if (self->isOutdated() && self->fetching)
        return std::nullopt;
    auto answer = self->answerFromSet(jws);
    const bool isMisfit = self->set && !answer && newerKeysMayHelp(answer.error());
    if (isMisfit && (self->fetching || self->mayFetchForMisfit()))
        return std::nullopt;
    return self->blamed(std::move(answer));
}

QCoro::Task<RemoteKeySet::State::Answer> RemoteKeySet::State::candidates(Self self, Jws jws)
{
    bool joined = true;
    while (joined) {
        if (auto answer = answerNow(self, jws))
            co_return *std::move(answer);
        // A fetch that was under way before may miss a key that is in the token already: then one more is worth it.
        joined = self->fetching;
        if (!joined) {
            if (self->isFresh())
                self->answered = {self->now(), self->options.cooldown};
            startFetch(self);
        }
        co_await Arrival{self.get()};
        if (self->closed)
            co_return cancelled();
    }
    co_return self->blamed(self->answerFromSet(jws));
}

QCoro::Task<bool> RemoteKeySet::State::refresh(Self self, quint64 seen)
{
    if (self->generation == seen && self->mayFetchForMisfit()) {
        self->answered = {self->now(), self->options.cooldown};
        startFetch(self);
    }
    if (self->generation == seen && self->fetching)
        co_await Arrival{self.get()};
    co_return !self->closed && self->generation != seen;
}

QCoro::Task<Result<KeySet>> RemoteKeySet::State::keySet(Self self)
{
    if (!self->isFresh()) {
        if (self->mayFetch())
            startFetch(self);
        co_await Arrival{self.get()};
        if (self->closed)
            co_return cancelled();
    }
    if (!self->set)
        co_return fail(*self->failure);
    co_return Result<KeySet>(*self->set); // a copy: QCoro moves out of lvalues
}

void RemoteKeySet::State::startFetch(const Self &self)
{
    self->fetching = true;
    const auto task = fetch(self); // goes on by itself
}

QCoro::Task<> RemoteKeySet::State::fetch(Self self)
{
    Result<Http::ClientResponse> response =
        fail(QStringLiteral("cancelled"), QStringLiteral("The HTTP client has gone."));
    if (self->client)
        response = co_await self->client->get(self->url, self->stop.get_token());
    else
        co_await QCoro::sleepFor(std::chrono::milliseconds(0)); // who began the fetch waits for it first
    if (self->closed)
        co_return;
    self->accept(response);
    self->wake();
}

void RemoteKeySet::State::accept(const Result<Http::ClientResponse> &response)
{
    auto fetched = keySetOf(url, response);
    if (!fetched) {
        failure = fetched.error();
        cooling = {now(), backoff(failures, options.cooldown)};
        ++failures;
        return;
    }
    const auto age = maxAge(response->header("Cache-Control")).value_or(options.minimumAge);
    fresh = {now(), std::clamp(age, options.minimumAge, options.maximumAge)};
    failure.reset();
    failures = 0;
    cooling = {};
    if (!set || set->raw != fetched->raw)
        ++generation;
    set = *std::move(fetched);
}

void RemoteKeySet::State::wake()
{
    fetching = false;
    for (const auto waiter : std::exchange(waiting, {}))
        waiter.resume();
}

RemoteKeySet::RemoteKeySet(Http::Client *client, QString url, RemoteKeySetOptions options)
    : m_state(std::make_shared<State>(client, std::move(url), std::move(options)))
{
}

RemoteKeySet::~RemoteKeySet()
{
    m_state->closed = true;
    m_state->stop.request_stop();
    // Not from here: whoever waits may be about to be destroyed together with the key set.
    QTimer::singleShot(0, [state = m_state] { state->wake(); });
}

QCoro::Task<Result<QList<Key>>> RemoteKeySet::candidates(Jws jws)
{
    return State::candidates(m_state, std::move(jws));
}

std::optional<Result<QList<Key>>> RemoteKeySet::candidatesNow(const Jws &jws)
{
    return State::answerNow(m_state, jws);
}

QCoro::Task<bool> RemoteKeySet::refresh(quint64 seen)
{
    return State::refresh(m_state, seen);
}

quint64 RemoteKeySet::generation() const
{
    return m_state->generation;
}

QCoro::Task<Result<KeySet>> RemoteKeySet::keySet()
{
    return State::keySet(m_state);
}

QString RemoteKeySet::url() const
{
    return m_state->url;
}

} // namespace McpAuth::Jose
