#include "oauth/redirect.h"

#include "http/exchangelog.h"
#include "http/server.h"
#include "oauth/redirectpage_p.h"
#include "oauth/untrusted_p.h"

#include <QCoroFuture>
#include <QPointer>
#include <QPromise>
#include <QTimer>

#include <algorithm>
#include <vector>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

constexpr int portAttempts = 20; // for one that is free in both families

using Servers = std::vector<std::shared_ptr<Http::Server>>;

/// The addresses that a browser may try for the host; the first must be had.
QList<QHostAddress> addressesOf(const QString &host)
{
    if (host == u"127.0.0.1")
        return {QHostAddress(QHostAddress::LocalHost)};
    if (host == u"[::1]")
        return {QHostAddress(QHostAddress::LocalHostIPv6)};
    if (host == u"localhost")
        return {QHostAddress(QHostAddress::LocalHost), QHostAddress(QHostAddress::LocalHostIPv6)};
    return {};
}

Http::ServerOptions serverOptions(const QHostAddress &address, quint16 port)
{
    Http::ServerOptions options;
    options.address = address;
    options.port = port;
    options.limits.headerBytes = 16 * 1024;
    options.limits.bodyBytes = 1024;
    options.limits.idleTimeout = std::chrono::seconds(5);
    options.limits.stopTimeout = std::chrono::seconds(2);
    options.limits.connections = 100;
    return options;
}

/// One server an address, all at one port. A family that the machine does not have is left out.
Result<Servers> listenAt(const QList<QHostAddress> &addresses, quint16 port, const Http::Handler &handler)
{
    Servers servers;
    for (const QHostAddress &address : addresses) {
        auto server = std::make_shared<Http::Server>(handler);
        const quint16 wanted = servers.empty() ? port : servers.front()->port();
        const auto listening = server->listen(serverOptions(address, wanted));
        if (listening)
            servers.push_back(std::move(server));
        else if (servers.empty() || listening.error().code == u"port_in_use")
            return fail(listening.error());
    }
    return servers;
}

Result<Servers> listenAtOnePort(const QList<QHostAddress> &addresses, quint16 port, const Http::Handler &handler)
{
    auto servers = listenAt(addresses, port, handler);
    for (int attempt = 1; port == 0 && !servers && attempt < portAttempts; ++attempt)
        servers = listenAt(addresses, port, handler);
    return servers;
}

/// The servers outlive the listener until the page has left.
QCoro::Task<> closeGracefully(std::shared_ptr<Http::Server> server)
{
    co_await server->stop();
}

Result<> checkOptions(const RedirectOptions &options)
{
    if (addressesOf(options.host).isEmpty()) {
        return fail(
            u"invalid_redirect_host"_s,
            u"The redirect can come back to 127.0.0.1, [::1] or localhost only (RFC 8252 §7.3), not to \"%1\"."_s.arg(
                untrustedText(options.host)));
    }
    const bool isPath = options.path.startsWith(u'/') && std::ranges::all_of(options.path, [](QChar c) {
                            return c.unicode() > 0x20 && c.unicode() < 0x7f && c != u'?' && c != u'#';
                        });
    if (!isPath) {
        return fail(u"invalid_redirect_path"_s,
                    u"The redirect's path begins with '/' and holds neither '?' nor '#' nor blanks."_s);
    }
    return {};
}

/// Why a response does not end the wait: nobody knows whether it belongs here.
bool isStranger(const Error &error)
{
    return error.code == u"state_mismatch" ||
           (error.code == u"repeated_parameter" && error.details.value(u"parameter") == u"state"_s);
}

RedirectPage pageFor(const Result<Secret> &outcome)
{
    if (outcome) {
        return {.status = 200,
                .tone = PageTone::Good,
                .title = u"Authorization received"_s,
                .text = u"You can close this page and return to the application, which does the rest."_s};
    }
    const Error &error = outcome.error();
    if (isStranger(error)) {
        return {.status = 400,
                .title = u"This page belongs to no authorization in progress"_s,
                .text = u"Its address does not answer what the application asked for, so nothing was taken from it. "
                        u"Close it, and go on in the page where you signed in."_s};
    }
    if (error.code == u"authorization_refused") {
        return {.status = 200,
                .title = u"Not authorized"_s,
                .text = u"The authorization server refused. You can close this page; the application says more."_s,
                .remark = errorInWords(error.details)};
    }
    return {.status = 400,
            .title = u"Not authorized"_s,
            .text = u"The answer that came back cannot be trusted, so nothing was taken from it. You can close this "
                    u"page; the application says why."_s};
}

QCoro::Task<Result<Secret>> notListening()
{
    co_return fail(u"not_listening"_s, u"Nothing listens for the redirect: call listen() first."_s);
}

constexpr auto withheld = "(withheld)";

/// Of a response that is not believed no word of its error is kept (2026-07-28, Authorization Response Validation).
QByteArray shownTarget(const Http::Request &request, bool isBelieved)
{
    if (request.query().isEmpty())
        return request.path();
    auto form = Http::parseForm(request.query());
    if (!form)
        return request.path() + '?' + withheld;
    for (auto &[name, value] : *form) {
        if (!isBelieved && name.startsWith(u"error"_s))
            value = QString::fromLatin1(withheld);
    }
    return request.path() + '?' + Http::toFormText(*form);
}

} // namespace

/// Shared with the coroutines under way, so that they may outlive the listener.
struct RedirectListener::Private
{
    using Self = std::shared_ptr<Private>;

    QPointer<RedirectListener> q;
    RedirectOptions options;
    QPointer<Http::ExchangeLog> log;
    QString origin = {};
    Servers servers = {};
    QTimer timer{};
    int strangers = 0;
    int wrongStates = 0; ///< answers at the path that belong to no authorization of ours

    std::optional<ExpectedResponse> expected = {};
    std::optional<Result<Secret>> outcome = {};
    QPromise<void> awaited = {}; ///< what is expected is known: for responses that came before wait()
    QPromise<void> over = {};    ///< the outcome has been told

    static QCoro::Task<Http::Response> answer(std::weak_ptr<Private> weak, Http::Request request);
    static QCoro::Task<Result<Secret>> wait(Self self, ExpectedResponse expectedResponse,
                                            std::chrono::milliseconds timeout, std::stop_token stop);
    static void finish(const Self &self, Result<Secret> result);

    [[nodiscard]] std::unexpected<Error> late() const;
    [[nodiscard]] std::optional<RedirectPage> strangerPage(const Http::Request &request) const;
    [[nodiscard]] Result<Secret> judged(const Http::Request &request) const;
    [[nodiscard]] Http::Exchange exchangeOf(const Http::Request &request, const Http::Response &response,
                                            bool isBelieved) const;
};

/// For whatever is no authorization response at all.
std::optional<RedirectPage> RedirectListener::Private::strangerPage(const Http::Request &request) const
{
    if (request.path() != options.path.toUtf8())
        return RedirectPage{.status = 404, .title = u"There is nothing here"_s, .text = u"You can close this page."_s};
    if (request.method != "GET") // a HEAD of a link checker must not use up the code
        return RedirectPage{.status = 405, .title = u"Only GET is answered here"_s, .text = {}};
    return {};
}

std::unexpected<Error> RedirectListener::Private::late() const
{
    if (wrongStates == 0)
        return fail(u"timeout"_s, u"Nothing came back from the browser in time."_s);
    return fail(u"timeout"_s,
                u"Nothing with the right `state` came back from the browser in time. Answers without it, of an older "
                u"page, another program, or a provider that leaves it out: %1."_s.arg(wrongStates),
                {{u"wrong_states"_s, wrongStates}});
}

Result<Secret> RedirectListener::Private::judged(const Http::Request &request) const
{
    const auto form = Http::parseForm(request.query());
    if (!form)
        return fail(u"state_mismatch"_s, form.error().message);
    return acceptedCode(*form, *expected);
}

Http::Exchange RedirectListener::Private::exchangeOf(const Http::Request &request, const Http::Response &response,
                                                     bool isBelieved) const
{
    Http::Exchange exchange;
    exchange.direction = Http::Exchange::Direction::Served;
    exchange.purpose = u"redirect"_s;
    exchange.started = QDateTime::currentDateTimeUtc();
    exchange.method = request.method;
    exchange.url = origin + QString::fromLatin1(shownTarget(request, isBelieved));
    exchange.status = response.status;
    exchange.responseHeaders = response.headers;
    exchange.responseBodySize = response.body.size();
    return exchange;
}

QCoro::Task<Http::Response> RedirectListener::Private::answer(std::weak_ptr<Private> weak, Http::Request request)
{
    const Self self = weak.lock();
    if (!self || self->outcome)
        co_return pageResponse({.status = 410, .title = u"This authorization is over"_s, .text = {}}, {});

    auto page = self->strangerPage(request);
    bool isBelieved = false;
    std::optional<Result<Secret>> outcome;
    if (!page) {
        co_await self->awaited.future();
        if (self->outcome)
            co_return pageResponse({.status = 410, .title = u"This authorization is over"_s, .text = {}}, {});
        outcome = self->judged(request);
        isBelieved = *outcome || outcome->error().code == u"authorization_refused";
        page = pageFor(*outcome);
    }
    Http::Response response = pageResponse(*page, self->options.clientName);
    const Http::Exchange exchange = self->exchangeOf(request, response, isBelieved);
    const bool isOurs = outcome && (*outcome || !isStranger(outcome->error()));
    if (outcome && !isOurs)
        ++self->wrongStates;
    if (self->log && (isOurs || ++self->strangers <= maxRecordedStrangers))
        self->log->record(exchange);
    if (isOurs) {
        finish(self, *outcome);
        if (self->q)
            Q_EMIT self->q->arrived(Http::redactedExchange(exchange).url, response.status);
    }
    co_return response;
}

void RedirectListener::Private::finish(const Self &self, Result<Secret> result)
{
    if (self->outcome)
        return;
    self->outcome = std::move(result);
    self->timer.stop();
    // Not from here: the page is still to be handed to the server, and whoever waits may be about to go. Whoever waits
    // holds this too; an event that held it could be the last to, when an ending program discards its events.
    QTimer::singleShot(0, [weak = std::weak_ptr(self)] {
        const Self locked = weak.lock();
        if (!locked)
            return;
        for (auto &server : std::exchange(locked->servers, {}))
            const auto task = closeGracefully(std::move(server)); // goes on by itself
        locked->awaited.finish();
        locked->over.finish();
    });
}

QCoro::Task<Result<Secret>> RedirectListener::Private::wait(Self self, ExpectedResponse expectedResponse,
                                                            std::chrono::milliseconds timeout, std::stop_token stop)
{
    if (!self->outcome && !self->expected) {
        self->expected = std::move(expectedResponse);
        self->timer.start(timeout);
    }
    // The token may be stopped on another thread; the timer's is the one to act on.
    const std::weak_ptr<Private> weak = self;
    const auto cancel = [weak, timer = &self->timer] {
        QMetaObject::invokeMethod(
            timer,
            [weak] {
                if (const Self locked = weak.lock())
                    finish(locked, fail(u"cancelled"_s, u"The wait for the redirect was cancelled."_s));
            },
            Qt::QueuedConnection);
    };
    const std::stop_callback onStop(stop, cancel);
    self->awaited.finish();
    co_await self->over.future();
    Result<Secret> result = *self->outcome;
    co_return result;
}

RedirectListener::RedirectListener(QObject *parent)
    : QObject(parent)
{
}

RedirectListener::~RedirectListener()
{
    if (d)
        Private::finish(d, fail(u"cancelled"_s, u"The wait for the redirect was given up."_s));
}

Result<> RedirectListener::listen(const RedirectOptions &options)
{
    if (d && !d->outcome) {
        return fail(u"already_listening"_s, u"The listener waits already at %1."_s.arg(redirectUri()));
    }
    if (const auto valid = checkOptions(options); !valid)
        return valid;
    auto state = std::make_shared<Private>(this, options, options.log);
    state->awaited.start();
    state->over.start();
    const std::weak_ptr<Private> weak = state;
    auto servers = listenAtOnePort(addressesOf(options.host), options.port,
                                   [weak](Http::Request request) { return Private::answer(weak, std::move(request)); });
    if (!servers)
        return fail(servers.error());
    state->servers = *std::move(servers);
    state->origin = u"http://%1:%2"_s.arg(options.host).arg(state->servers.front()->port());
    state->timer.setSingleShot(true);
    connect(&state->timer, &QTimer::timeout, &state->timer, [weak] {
        if (const auto locked = weak.lock()) {
            Private::finish(locked, locked->late());
        }
    });
    d = std::move(state);
    return {};
}

QString RedirectListener::redirectUri() const
{
    return d ? d->origin + d->options.path : QString();
}

QCoro::Task<Result<Secret>> RedirectListener::wait(ExpectedResponse expected, std::chrono::milliseconds timeout,
                                                   std::stop_token stop)
{
    if (!d)
        return notListening();
    return Private::wait(d, std::move(expected), timeout, std::move(stop));
}

} // namespace McpAuth::OAuth
