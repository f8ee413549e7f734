#include "base/backoff.h"
#include "metadata/serverconfig.h"

#include <QCoroFuture>
#include <QPointer>
#include <QPromise>

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

/// Shared with the fetch that is under way, so that it may outlive the configuration.
struct LazyServerConfig::State
{
    using Outcome = Result<ServerConfig>;

    QPointer<Http::Client> client;
    QString issuer;
    std::optional<ServerType> type;
    FetchOptions options;
    std::optional<ServerConfig> config;
    std::optional<Error> failure; ///< of the last fetch, which stands until `retry`
    int failures = 0;             ///< in a row
    std::chrono::steady_clock::time_point retry;
    std::shared_ptr<QPromise<Outcome>> fetching; ///< what all waiters share; null when nothing is under way
    std::stop_source stop;

    void settle(Outcome outcome)
    {
        if (!fetching)
            return;
        const auto promise = std::exchange(fetching, nullptr);
        promise->addResult(std::move(outcome));
        promise->finish();
    }

    void abandon()
    {
        settle(fail(u"cancelled"_s, u"The configuration was dropped while it was being fetched."_s));
        stop.request_stop();
    }

    static QCoro::Task<> fetch(std::shared_ptr<State> state, FetchOptions options)
    {
        auto own = state->stop;
        const std::stop_callback forward(options.stop, [own]() mutable { own.request_stop(); });
        options.stop = own.get_token();
        auto outcome = co_await fetchServerConfig(state->client, state->issuer, state->type, std::move(options));
        if (outcome && state->fetching)
            state->config = *outcome;
        else if (!outcome)
            state->remember(outcome.error());
        state->settle(std::move(outcome));
    }

    /// Whoever names the issuer in a token must not make this server ask there as often as they like.
    void remember(const Error &error)
    {
        failure = error;
        retry = std::chrono::steady_clock::now() + backoff(failures, longestRetryWait);
        ++failures;
    }

    static QCoro::Task<Outcome> get(std::shared_ptr<State> state)
    {
        if (state->config)
            co_return Outcome(*state->config); // a copy: QCoro moves out of lvalues
        if (!state->client)
            co_return fail(u"cancelled"_s, u"The HTTP client is gone."_s);
        if (state->failure && std::chrono::steady_clock::now() < state->retry)
            co_return fail(*state->failure);
        const bool isFirst = !state->fetching;
        if (isFirst) {
            state->fetching = std::make_shared<QPromise<Outcome>>();
            state->fetching->start();
        }
        const QFuture<Outcome> outcome = state->fetching->future();
        if (isFirst)
            fetch(state, state->options);
        co_return co_await outcome;
    }
};

LazyServerConfig::LazyServerConfig(ServerConfig config)
    : m_state(std::make_shared<State>())
{
    m_state->issuer = config.metadata.issuer;
    m_state->type = config.type;
    m_state->config = std::move(config);
}

LazyServerConfig::LazyServerConfig(Http::Client *client, QString issuer, std::optional<ServerType> type,
                                   FetchOptions options)
    : m_state(std::make_shared<State>())
{
    m_state->client = client;
    m_state->issuer = std::move(issuer);
    m_state->type = type;
    m_state->options = std::move(options);
}

LazyServerConfig::~LazyServerConfig()
{
    if (m_state)
        m_state->abandon();
}

LazyServerConfig::LazyServerConfig(LazyServerConfig &&) noexcept = default;

LazyServerConfig &LazyServerConfig::operator=(LazyServerConfig &&other) noexcept
{
    LazyServerConfig dropped(std::move(other)); // takes over what was here, and abandons it at the end of the scope
    std::swap(m_state, dropped.m_state);
    return *this;
}

QString LazyServerConfig::issuer() const
{
    return m_state->issuer;
}

std::optional<ServerType> LazyServerConfig::type() const
{
    return m_state->type;
}

QCoro::Task<Result<ServerConfig>> LazyServerConfig::get()
{
    return State::get(m_state);
}

const ServerConfig *LazyServerConfig::cached() const
{
    return m_state->config ? &*m_state->config : nullptr;
}

} // namespace McpAuth::Metadata
