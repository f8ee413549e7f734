#include "http/url.h"
#include "oauth/browser_p.h"
#include "oauth/race_p.h"

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

/// A function that outlives the tasks it gave: one that has lost its race runs on by itself.
template<typename T>
using Shared = std::shared_ptr<const std::function<QCoro::Task<Result<T>>(QString)>>;

template<typename T>
QCoro::Task<Result<T>> called(Shared<T> function, QString url)
{
    Result<T> result = co_await (*function)(std::move(url));
    co_return result;
}

// ---- The user's browser, and a listener

class LoopbackVisit : public Visit
{
public:
    LoopbackVisit(Shared<void> open, std::unique_ptr<RedirectListener> listener, std::chrono::milliseconds wait)
        : m_open(std::move(open))
        , m_listener(std::move(listener))
        , m_redirectUri(m_listener->redirectUri())
        , m_wait(wait)
    {
        QObject::connect(m_listener.get(), &RedirectListener::arrived, m_listener.get(),
                         [this](const QString &url, int status) { m_arrival = {url, status}; });
    }

    [[nodiscard]] QString redirectUri() const override { return m_redirectUri; }
    [[nodiscard]] std::optional<Arrival> arrival() const override { return m_arrival; }

    QCoro::Task<Result<>> open(QString url, ExpectedResponse expected, std::stop_token stop) override
    {
        // The wait begins first: the browser may be quicker than its opener.
        m_response = m_listener->wait(std::move(expected), m_wait, stop);
        co_return co_await raced(called<void>(m_open, std::move(url)), std::move(stop));
    }

    QCoro::Task<Result<Secret>> code() override
    {
        QCoro::Task<Result<Secret>> response = *std::exchange(m_response, std::nullopt);
        Result<Secret> code = co_await response;
        m_listener.reset();
        co_return code;
    }

private:
    Shared<void> m_open;
    std::unique_ptr<RedirectListener> m_listener;
    QString m_redirectUri;
    std::chrono::milliseconds m_wait;
    std::optional<QCoro::Task<Result<Secret>>> m_response;
    std::optional<Arrival> m_arrival;
};

class LoopbackBrowser : public Browser
{
public:
    LoopbackBrowser(OpenUrl open, RedirectOptions redirect, std::chrono::milliseconds wait)
        : m_open(std::make_shared<const OpenUrl>(std::move(open)))
        , m_redirect(std::move(redirect))
        , m_wait(wait)
    {
    }

    [[nodiscard]] Result<std::unique_ptr<Visit>> visit(Http::ExchangeLog *log) const override
    {
        return listenAt(m_redirect.port, log);
    }

    [[nodiscard]] std::unique_ptr<Visit> visitAt(const QStringList &registered, Http::ExchangeLog *log) const override
    {
        for (const QString &uri : registered) {
            const auto parts = Http::splitUrl(uri);
            const bool isOurs = parts && parts->port > 0 && parts->path == m_redirect.path &&
                                parts->authority == m_redirect.host + u':' + QString::number(parts->port);
            if (!isOurs || (m_redirect.port != 0 && m_redirect.port != parts->port))
                continue;
            if (auto visit = listenAt(static_cast<quint16>(parts->port), log))
                return *std::move(visit);
        }
        return nullptr;
    }

private:
    [[nodiscard]] Result<std::unique_ptr<Visit>> listenAt(quint16 port, Http::ExchangeLog *log) const
    {
        RedirectOptions options = m_redirect;
        options.port = port;
        if (!options.log)
            options.log = log;
        auto listener = std::make_unique<RedirectListener>();
        if (auto listening = listener->listen(options); !listening)
            return fail(listening.error());
        return std::make_unique<LoopbackVisit>(m_open, std::move(listener), m_wait);
    }

    Shared<void> m_open;
    RedirectOptions m_redirect;
    std::chrono::milliseconds m_wait;
};

// ---- In place of a browser

bool isUnbelieved(const Error &error)
{
    static const QStringList codes{u"state_mismatch"_s, u"missing_issuer"_s, u"issuer_mismatch"_s,
                                   u"repeated_parameter"_s};
    return codes.contains(error.code);
}

/// Of a response that is not believed, its words are not shown (2026-07-28, Authorization Response Validation).
ResponseParameters shown(ResponseParameters response, const Result<Secret> &code)
{
    if (!code && isUnbelieved(code.error()))
        response.removeIf([](const auto &field) { return field.first.startsWith("error"_L1); });
    return response;
}

class FollowingVisit : public Visit
{
public:
    FollowingVisit(Shared<ResponseParameters> follow, QString redirectUri, std::chrono::milliseconds wait)
        : m_follow(std::move(follow))
        , m_redirectUri(std::move(redirectUri))
        , m_wait(wait)
    {
    }

    [[nodiscard]] QString redirectUri() const override { return m_redirectUri; }
    [[nodiscard]] std::optional<Arrival> arrival() const override { return m_arrival; }

    QCoro::Task<Result<>> open(QString url, ExpectedResponse expected, std::stop_token stop) override
    {
        m_url = std::move(url);
        m_expected = std::move(expected);
        m_stop = std::move(stop);
        co_return Result<>();
    }

    QCoro::Task<Result<Secret>> code() override
    {
        const Result<ResponseParameters> response =
            co_await raced(called<ResponseParameters>(m_follow, m_url), m_stop, m_wait);
        if (!response)
            co_return fail(response.error());
        Result<Secret> code = acceptedCode(*response, m_expected);
        m_arrival = {Http::withQuery(m_redirectUri, shown(*response, code)), 0};
        co_return code;
    }

private:
    Shared<ResponseParameters> m_follow;
    QString m_redirectUri;
    std::chrono::milliseconds m_wait;
    QString m_url;
    ExpectedResponse m_expected;
    std::stop_token m_stop;
    std::optional<Arrival> m_arrival;
};

class FollowingBrowser : public Browser
{
public:
    FollowingBrowser(QString redirectUri, FollowUrl follow, std::chrono::milliseconds wait)
        : m_follow(std::make_shared<const FollowUrl>(std::move(follow)))
        , m_redirectUri(std::move(redirectUri))
        , m_wait(wait)
    {
    }

    [[nodiscard]] Result<std::unique_ptr<Visit>> visit(Http::ExchangeLog * /*log*/) const override
    {
        return std::make_unique<FollowingVisit>(m_follow, m_redirectUri, m_wait);
    }

    [[nodiscard]] std::unique_ptr<Visit> visitAt(const QStringList &registered,
                                                 Http::ExchangeLog * /*log*/) const override
    {
        if (!registered.contains(m_redirectUri))
            return nullptr;
        return std::make_unique<FollowingVisit>(m_follow, m_redirectUri, m_wait);
    }

private:
    Shared<ResponseParameters> m_follow;
    QString m_redirectUri;
    std::chrono::milliseconds m_wait;
};

} // namespace

std::shared_ptr<const Browser> loopbackBrowser(OpenUrl open, RedirectOptions redirect, std::chrono::milliseconds wait)
{
    if (!open)
        return nullptr;
    return std::make_shared<const LoopbackBrowser>(std::move(open), std::move(redirect), wait);
}

std::shared_ptr<const Browser> followingBrowser(QString redirectUri, FollowUrl follow, std::chrono::milliseconds wait)
{
    if (!follow || redirectUri.isEmpty())
        return nullptr;
    return std::make_shared<const FollowingBrowser>(std::move(redirectUri), std::move(follow), wait);
}

} // namespace McpAuth::OAuth
