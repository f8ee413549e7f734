#include "http/exchangelog.h"
#include "oauth/redirect.h"
#include "response.h"
#include "support/rawclient.h"
#include "support/result.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>

namespace McpAuth::OAuth {
namespace {

using namespace Test;
using namespace McpAuth::Test;
using namespace std::chrono_literals;

class Redirect : public testing::Test
{
protected:
    void SetUp() override { listen({}); }

    void listen(const RedirectOptions &options)
    {
        listener = std::make_unique<RedirectListener>();
        const auto listening = listener->listen(options);
        ASSERT_TRUE(listening) << listening.error().message.toStdString();
        QObject::connect(listener.get(), &RedirectListener::arrived, listener.get(),
                         [this](const QString &url, int) { arrived.append(url); });
    }

    [[nodiscard]] quint16 port() const { return quint16(QUrl(listener->redirectUri()).port()); }
    [[nodiscard]] static QByteArray targetOf(const ResponseParameters &parameters)
    {
        return "/callback?" + Http::toFormText(parameters);
    }
    [[nodiscard]] RawResponse get(const QByteArray &target, const QByteArray &method = "GET") const
    {
        RawClient client(port());
        client.send(method + ' ' + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        return client.response(method == "HEAD");
    }
    [[nodiscard]] bool isPortClosed(quint16 number) const
    {
        return waitUntil([number] { return !RawClient(number).isConnected(); });
    }

    std::unique_ptr<RedirectListener> listener;
    QStringList arrived;
};

TEST_F(Redirect, GivesTheCodeAndAPageThatCanBeClosed)
{
    const quint16 number = port();
    EXPECT_EQ(listener->redirectUri(), u"http://127.0.0.1:%1/callback"_s.arg(number));
    auto code = listener->wait(expecting());
    const RawResponse page = get(targetOf(response()));
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(page.whole);
    EXPECT_TRUE(page.body.contains("Authorization received"));
    EXPECT_TRUE(page.body.contains("MCP Auth Tester"));
    EXPECT_EQ(wait(std::move(code)).value().reveal(), "the-code");
    EXPECT_TRUE(isPortClosed(number));
    ASSERT_EQ(arrived.size(), 1);
    EXPECT_TRUE(arrived.first().startsWith(listener->redirectUri()));
    EXPECT_FALSE(arrived.first().contains(u"the-code"));
    EXPECT_FALSE(arrived.first().contains(u"the-state"));
}

TEST_F(Redirect, ShowsAPageThatLoadsNothingAndIsKeptByNobody)
{
    const auto code = listener->wait(expecting());
    const RawResponse page = get(targetOf(response()));
    EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.header("cache-control"), "no-store");
    EXPECT_EQ(page.header("referrer-policy"), "no-referrer");
    EXPECT_EQ(page.header("x-frame-options"), "DENY");
    EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
    EXPECT_TRUE(page.header("content-security-policy").startsWith("default-src 'none'; style-src 'sha256-"));
    EXPECT_FALSE(page.body.contains("<script"));
    EXPECT_FALSE(page.body.contains("the-code"));
    EXPECT_TRUE(page.body.contains("prefers-color-scheme:dark"));
}

TEST_F(Redirect, TakesAResponseThatCameBeforeAnybodyWaited)
{
    RawClient early(port());
    early.send("GET " + targetOf(response()) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    auto code = listener->wait(expecting());
    EXPECT_EQ(early.response().status, 200);
    EXPECT_EQ(wait(std::move(code)).value().reveal(), "the-code");
}

TEST_F(Redirect, GoesOnWaitingAfterAWrongState)
{
    auto code = listener->wait(expecting());
    const RawResponse forged = get(targetOf(response({{u"state"_s, u"guessed"_s}, {u"code"_s, u"forged-code"_s}})));
    EXPECT_EQ(forged.status, 400);
    EXPECT_FALSE(forged.body.contains("forged-code"));
    EXPECT_EQ(get(targetOf(response()) + "&state=guessed").status, 400);
    EXPECT_EQ(get("/callback?code=%zz&state=the-state").status, 400);
    EXPECT_EQ(get("/callback").status, 400);
    EXPECT_TRUE(arrived.isEmpty());
    EXPECT_EQ(get(targetOf(response())).status, 200);
    EXPECT_EQ(wait(std::move(code)).value().reveal(), "the-code");
}

TEST_F(Redirect, AnswersNothingElse)
{
    auto code = listener->wait(expecting());
    const QByteArray right = Http::toFormText(response());
    EXPECT_EQ(get("/favicon.ico").status, 404);
    EXPECT_EQ(get("/?" + right).status, 404);
    EXPECT_EQ(get("/callback/?" + right).status, 404);
    EXPECT_EQ(get("/%63allback?" + right).status, 404);
    EXPECT_EQ(get("//callback?" + right).status, 404);
    for (const char *method : {"POST", "PUT", "DELETE", "OPTIONS", "HEAD"})
        EXPECT_EQ(get("/callback?" + right, method).status, 405) << method;
    EXPECT_FALSE(code.isReady());
    EXPECT_TRUE(arrived.isEmpty());
    EXPECT_EQ(get(targetOf(response())).status, 200);
    EXPECT_TRUE(wait(std::move(code)));
}

// DNS rebinding: the port is guessable, the name is not ours.
TEST_F(Redirect, AnswersForLoopbackHostsOnly)
{
    const auto code = listener->wait(expecting());
    RawClient client(port());
    client.send("GET " + targetOf(response()) + " HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    EXPECT_EQ(client.response().status, 421);
    EXPECT_FALSE(code.isReady());
}

TEST_F(Redirect, RefusesAHugeQuery)
{
    const auto code = listener->wait(expecting());
    RawClient client(port());
    client.send("GET /callback?state=" + QByteArray(40'000, 'x') + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    EXPECT_EQ(client.response().status, 431);
    EXPECT_FALSE(code.isReady());
}

TEST_F(Redirect, RefusesManyParameters)
{
    const auto code = listener->wait(expecting());
    EXPECT_EQ(get("/callback?state=the-state&code=c" + QByteArray("&a=b").repeated(200)).status, 400);
    EXPECT_FALSE(code.isReady());
}

// RFC 6749 §4.1.2: a code is used once.
TEST_F(Redirect, TakesNoSecondResponse)
{
    const quint16 number = port();
    RawClient second(number);
    second.send("GET "); // connected before the first is accepted
    auto code = listener->wait(expecting());
    EXPECT_EQ(get(targetOf(response())).status, 200);
    EXPECT_TRUE(wait(std::move(code)));
    second.send(targetOf(response({{u"code"_s, u"replayed"_s}})) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    EXPECT_NE(second.response().status, 200);
    EXPECT_TRUE(isPortClosed(number));
    EXPECT_EQ(arrived.size(), 1);
    EXPECT_EQ(wait(listener->wait(expecting())).value().reveal(), "the-code");
}

TEST_F(Redirect, EscapesTheWordsOfARefusal)
{
    auto code = listener->wait(expecting());
    const RawResponse page = get(targetOf(
        response({{u"error"_s, u"access_denied"_s}, {u"error_description"_s, u"<script>alert(1)</script>&\"'"_s}})));
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(page.body.contains("Not authorized"));
    EXPECT_TRUE(page.body.contains("access_denied"));
    EXPECT_TRUE(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"));
    EXPECT_FALSE(page.body.contains("<script"));
    EXPECT_EQ(codeOf(wait(std::move(code))), u"authorization_refused");
}

// 2026-07-28, Authorization Response Validation: neither acted on nor displayed.
TEST_F(Redirect, ShowsNothingOfAResponseFromAnotherIssuer)
{
    Http::ExchangeLog log;
    listen({.log = &log});
    auto code = listener->wait(expecting());
    const RawResponse page = get(targetOf(response({{u"iss"_s, u"https://evil.example"_s},
                                                    {u"error"_s, u"access_denied"_s},
                                                    {u"error_description"_s, u"Call 555-0100"_s},
                                                    {u"error_uri"_s, u"https://evil.example/help"_s}})));
    EXPECT_EQ(page.status, 400);
    for (const char *word : {"555-0100", "access_denied", "evil.example"})
        EXPECT_FALSE(page.body.contains(word)) << word;
    EXPECT_EQ(codeOf(wait(std::move(code))), u"issuer_mismatch");
    ASSERT_EQ(arrived.size(), 1);
    EXPECT_FALSE(arrived.first().contains(u"555-0100"));
    ASSERT_TRUE(waitUntil([&] { return !log.exchanges().empty(); }));
    EXPECT_FALSE(log.exchanges().front().url.contains(u"555-0100"));
    EXPECT_FALSE(log.exchanges().front().url.contains(u"access_denied"));
}

TEST_F(Redirect, LogsEveryHitWithoutSecrets)
{
    Http::ExchangeLog log;
    listen({.log = &log});
    auto code = listener->wait(expecting());
    EXPECT_EQ(get("/favicon.ico").status, 404);
    EXPECT_EQ(get(targetOf(response())).status, 200);
    EXPECT_TRUE(wait(std::move(code)));
    ASSERT_TRUE(waitUntil([&] { return log.exchanges().size() == 2; }));
    EXPECT_EQ(log.exchanges().front().status, 404);
    EXPECT_FALSE(log.exchanges().back().url.contains(u"the-code"));
    EXPECT_TRUE(log.exchanges().back().url.contains(u"code="));
}

TEST_F(Redirect, StrangersNeverEndTheWaitAndFillNoLog) // any web page can send them
{
    Http::ExchangeLog log;
    listen({.log = &log});
    auto code = listener->wait(expecting());
    for (int hit = 0; hit < maxRecordedStrangers + 50; ++hit)
        ASSERT_EQ(get(hit % 2 == 0 ? "/callback?state=guess" : "/elsewhere").status, hit % 2 == 0 ? 400 : 404) << hit;
    EXPECT_EQ(get(targetOf(response())).status, 200);
    EXPECT_TRUE(wait(std::move(code)));
    ASSERT_TRUE(waitUntil([&] { return log.exchanges().size() == maxRecordedStrangers + 1; }));
}

TEST_F(Redirect, SaysThatOtherAnswersCame)
{
    listen({});
    auto code = listener->wait(expecting(), 300ms);
    EXPECT_EQ(get("/callback?code=a&state=guess").status, 400);
    EXPECT_EQ(get("/elsewhere").status, 404);
    const auto late = wait(std::move(code));
    EXPECT_EQ(codeOf(late), u"timeout");
    EXPECT_EQ(late.error().details.value(u"wrong_states"), 1);
}

TEST_F(Redirect, EndsInTime)
{
    const quint16 number = port();
    EXPECT_EQ(codeOf(wait(listener->wait(expecting(), 20ms))), u"timeout");
    EXPECT_TRUE(isPortClosed(number));
}

TEST_F(Redirect, CanBeCancelled)
{
    const quint16 number = port();
    std::stop_source stop;
    auto code = listener->wait(expecting(), redirectTimeout, stop.get_token());
    stop.request_stop();
    EXPECT_EQ(codeOf(wait(std::move(code))), u"cancelled");
    EXPECT_TRUE(isPortClosed(number));
    listen({});
    EXPECT_EQ(codeOf(wait(listener->wait(expecting(), redirectTimeout, stop.get_token()))), u"cancelled");
}

TEST_F(Redirect, MayBeDestroyedWhileSomebodyWaits)
{
    const quint16 number = port();
    auto code = listener->wait(expecting());
    listener.reset();
    EXPECT_EQ(codeOf(wait(std::move(code))), u"cancelled");
    EXPECT_TRUE(isPortClosed(number));
}

TEST_F(Redirect, MayBeDestroyedWhileAResponseWaits)
{
    RawClient early(port());
    early.send("GET " + targetOf(response()) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    ASSERT_TRUE(waitUntil([polls = 0]() mutable { return ++polls > 20; }));
    listener.reset();
    EXPECT_NE(early.response().status, 200);
}

// The page still leaves when the flow goes on at once, and drops the listener.
TEST_F(Redirect, DeliversThePageThoughTheListenerIsGone)
{
    RawClient browser(port());
    browser.send("GET " + targetOf(response()) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    EXPECT_TRUE(wait(listener->wait(expecting())));
    listener.reset();
    const RawResponse page = browser.response();
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(page.whole);
}

TEST_F(Redirect, AnswersLocalhostOnBothFamilies)
{
    listen({.host = u"localhost"_s});
    EXPECT_EQ(listener->redirectUri(), u"http://localhost:%1/callback"_s.arg(port()));
    EXPECT_EQ(get("/elsewhere").status, 404);
    QTcpServer probe;
    if (!probe.listen(QHostAddress::LocalHostIPv6))
        GTEST_SKIP() << "this machine has no ::1";
    QTcpSocket socket;
    socket.connectToHost(QHostAddress(QHostAddress::LocalHostIPv6), port());
    EXPECT_TRUE(waitUntil([&] { return socket.state() == QAbstractSocket::ConnectedState; }));
}

TEST_F(Redirect, ListensOnIpv6WhenToldTo)
{
    QTcpServer probe;
    if (!probe.listen(QHostAddress::LocalHostIPv6))
        GTEST_SKIP() << "this machine has no ::1";
    listen({.host = u"[::1]"_s, .path = u"/cb"_s});
    EXPECT_TRUE(listener->redirectUri().startsWith(u"http://[::1]:"));
    EXPECT_TRUE(listener->redirectUri().endsWith(u"/cb"));
}

TEST(RedirectListener, RefusesWhatIsNoLoopbackRedirect)
{
    RedirectListener listener;
    for (const auto &host : {u"0.0.0.0"_s, u"example.com"_s, u"127.0.0.1.evil.example"_s, QString()})
        EXPECT_EQ(codeOf(listener.listen({.host = host})), u"invalid_redirect_host") << host.toStdString();
    for (const auto &path : {QString(), u"callback"_s, u"/a?b"_s, u"/a#b"_s, u"/a b"_s})
        EXPECT_EQ(codeOf(listener.listen({.path = path})), u"invalid_redirect_path") << path.toStdString();
    EXPECT_EQ(codeOf(wait(listener.wait(expecting()))), u"not_listening");
    ASSERT_TRUE(listener.listen());
    EXPECT_EQ(codeOf(listener.listen()), u"already_listening");

    QTcpServer taken;
    ASSERT_TRUE(taken.listen(QHostAddress::LocalHost));
    RedirectListener other;
    EXPECT_EQ(codeOf(other.listen({.port = taken.serverPort()})), u"port_in_use");
}

} // namespace
} // namespace McpAuth::OAuth
