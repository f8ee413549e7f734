#include "http/exchangelog.h"
#include "support/rawserver.h"
#include "support/result.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTimeZone>
#include <QTimer>

#include <array>
#include <thread>
#include <vector>

using namespace McpAuth;
using namespace McpAuth::Http;
using McpAuth::Test::RawServer;

namespace {

const QByteArray jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ";
const QByteArray opaque = "s3cr3t-0p4qu3-v4lu3";

Exchange withBody(const QByteArray &type, const QByteArray &body)
{
    Exchange exchange;
    exchange.url = QStringLiteral("https://as.example/token");
    exchange.requestHeaders.append("Content-Type", type);
    exchange.requestBody = body;
    exchange.responseHeaders.append("Content-Type", type);
    exchange.responseBody = body;
    return exchange;
}

QByteArray redactedJson(const QByteArray &body)
{
    return redactedExchange(withBody("application/json", body)).responseBody;
}

QByteArray redactedHeader(const QByteArray &name, const QByteArray &value)
{
    Exchange exchange;
    exchange.requestHeaders.append(name, value);
    return redactedExchange(exchange).requestHeaders.valueAt(0).toByteArray();
}

QString redactedUrlOf(const QString &url)
{
    Exchange exchange;
    exchange.url = url;
    return redactedExchange(exchange).url;
}

} // namespace

TEST(Redaction, HeadersKeepTheirSchemesAndNames)
{
    EXPECT_EQ(redactedHeader("authorization", "Bearer " + jwt), "Bearer eyJh…(68 bytes)");
    EXPECT_EQ(redactedHeader("Authorization", "Bearer"), "…(6 bytes)");
    EXPECT_EQ(redactedHeader("Authorization", "Basic YWxpY2U6cGFzcw=="), "Basic YWxp…(16 bytes)");
    EXPECT_EQ(redactedHeader("Proxy-Authorization", "Basic YWJj"), "Basic …(4 bytes)");
    EXPECT_EQ(redactedHeader("Cookie", "sid=abc; x=y"), "sid=…(3 bytes); x=…(1 bytes)");
    EXPECT_EQ(redactedHeader("Set-Cookie", "sid=abc; Path=/; HttpOnly"), "sid=…(3 bytes); Path=/; HttpOnly");
    EXPECT_EQ(redactedHeader("Set-Cookie", "nameless"), "…(8 bytes)");
    EXPECT_EQ(redactedHeader("Location", "https://c.example/cb?code=" + opaque + "&iss=x#access_token=" + opaque),
              "https://c.example/cb?code=s3cr…(19 bytes)&iss=x#access_token=s3cr…(19 bytes)");
    EXPECT_EQ(redactedHeader("DPoP", jwt), "eyJh…(68 bytes)");
    EXPECT_EQ(redactedHeader("Accept", "application/json"), "application/json");
    EXPECT_EQ(redactedHeader("X-Login", "{\"password\":\"hunter2\"}"), "{\"password\":\"…(7 bytes)\"}");
    EXPECT_EQ(redactedHeader("WWW-Authenticate", "Bearer error=\"invalid_token\""), "Bearer error=\"invalid_token\"");
}

TEST(Redaction, UrlsKeepTheirShape)
{
    EXPECT_EQ(redactedUrlOf(QStringLiteral("https://a.example/p?x=1&CODE=abc&code%5Fverifier=z&state=&y#id_token=q")),
              u"https://a.example/p?x=1&CODE=…(3 bytes)&code%5Fverifier=…(1 bytes)&state=&y#id_token=…(1 bytes)");
    EXPECT_EQ(redactedUrlOf(QStringLiteral("https://alice:pw@a.example/p@q")), u"https://…(8 bytes)@a.example/p@q");
    EXPECT_EQ(redactedUrlOf(QStringLiteral("https://a.example/reset/%1/x").arg(QString::fromLatin1(jwt))),
              u"https://a.example/reset/eyJh…(68 bytes)/x");
    EXPECT_EQ(redactedUrlOf(QStringLiteral("https://a.example/.well-known/x?scope=a+b")),
              u"https://a.example/.well-known/x?scope=a+b");
}

TEST(Redaction, FormBodies)
{
    const QByteArray form =
        "grant_type=authorization_code&code=" + opaque + "&code_verifier=v&client%5Fsecret=s%26x&redirect_uri=y";
    EXPECT_EQ(redactedExchange(withBody("application/x-www-form-urlencoded; charset=utf-8", form)).requestBody,
              "grant_type=authorization_code&code=s3cr…(19 bytes)&code_verifier=…(1 bytes)"
              "&client%5Fsecret=…(5 bytes)&redirect_uri=y");
}

class SecretParameter : public testing::TestWithParam<const char *>
{
};

TEST_P(SecretParameter, IsRedactedInFormsQueriesAndJson)
{
    const QByteArray name = GetParam();
    const QByteArray shown = "s3cr…(19 bytes)";
    const QByteArray form = "x=1&" + name + "=" + opaque + "&y=2";
    EXPECT_EQ(redactedExchange(withBody("application/x-www-form-urlencoded", form)).requestBody,
              "x=1&" + name + "=" + shown + "&y=2");
    const QString url = QStringLiteral("https://a.example/p?%1=%2&x=1");
    EXPECT_EQ(redactedUrlOf(url.arg(QString::fromLatin1(name), QString::fromLatin1(opaque))),
              url.arg(QString::fromLatin1(name), QString::fromUtf8(shown)));
    EXPECT_EQ(redactedJson("{\"" + name + "\":\"" + opaque + "\"}"), "{\"" + name + "\":\"" + shown + "\"}");
}

INSTANTIATE_TEST_SUITE_P(Redaction, SecretParameter,
                         testing::Values("access_token", "refresh_token", "id_token", "id_token_hint", "token",
                                         "subject_token", "actor_token", "code", "code_verifier", "device_code",
                                         "user_code", "client_secret", "password", "assertion", "client_assertion",
                                         "initial_access_token", "software_statement", "registration_access_token",
                                         "state"));

// RFC 8693 §2.1, RFC 7636 §4.3, RFC 7591 §2: neighbours in name that are no secrets
TEST(Redaction, WhatOnlySoundsSecretStays)
{
    const QByteArray form = "subject_token_type=urn:x&code_challenge=abc&token_endpoint_auth_method=none"
                            "&client_assertion_type=urn:y&token_type_hint=access_token&client_id=z";
    EXPECT_EQ(redactedExchange(withBody("application/x-www-form-urlencoded", form)).requestBody, form);
}

TEST(Redaction, FormBodiesOfAnyTypesSpelling)
{
    const QByteArray type = " Application/X-WWW-Form-URLencoded";
    EXPECT_EQ(redactedExchange(withBody(type, "x=1&cod%65=" + opaque)).requestBody, "x=1&cod%65=s3cr…(19 bytes)");
    const QByteArray json = "\n{\"a\":\"b&c=d\",\"access_token\":\"" + opaque + "\"}";
    EXPECT_EQ(redactedExchange(withBody(type, json)).responseBody,
              "\n{\"a\":\"b&c=d\",\"access_token\":\"s3cr…(19 bytes)\"}");
}

// The page to go to after a sign-in, a document in a parameter.
TEST(Redaction, EncodedUrlsAndDocumentsInsideParameters)
{
    const QString inner =
        QStringLiteral("https://a.example/login?return_to=%2Fauthorize%3Fscope%3Da%26state%3D%1&x=a+b");
    const QString url = redactedUrlOf(inner.arg(QString::fromLatin1(opaque)));
    EXPECT_FALSE(url.contains(QString::fromLatin1(opaque))) << url.toStdString();
    EXPECT_TRUE(url.startsWith(u"https://a.example/login?return_to=%2Fauthorize%3Fscope%3Da%26state%3Ds3cr"));
    EXPECT_TRUE(url.endsWith(u"&x=a+b"));
    const QByteArray form = "x=%7B%22password%22%3A%22" + opaque + "%22%7D";
    EXPECT_FALSE(redactedExchange(withBody("application/x-www-form-urlencoded", form)).requestBody.contains(opaque));
    const QByteArray untouched = "redirect_uri=http%3a%2F%2f127.0.0.1%2Fcb&scope=a%20b";
    EXPECT_EQ(redactedExchange(withBody("application/x-www-form-urlencoded", untouched)).requestBody, untouched);
}

TEST(Redaction, QuotedParametersEndAtTheirQuotationMark)
{
    EXPECT_EQ(redactedHeader("X-Login", "password=\"a\\\"b\", x=\"y\""), "password=\"…(4 bytes)\", x=\"y\"");
    EXPECT_EQ(redactedJson(R"j({"sent":"Bearer token=\"s3cr3t-0p4qu3-v4lu3\", x=\"y\""})j"),
              R"j({"sent":"Bearer token=\"s3cr…(19 bytes)\", x=\"y\""})j");
    EXPECT_EQ(redactedJson(R"j({"sent":"token=\"s3cr3t-0p4qu3)j"), R"j({"sent":"token=\"…(13 bytes))j");
}

TEST(Redaction, JsonBodiesStayJson)
{
    EXPECT_EQ(redactedJson(R"j({"access_token": ")j" + opaque + R"j(", "expires_in": 60})j"),
              R"j({"access_token": "s3cr…(19 bytes)", "expires_in": 60})j");
    const QByteArray deep = redactedJson(R"j({"a":[{"b":{"refresh_token":"abc","\u0063ode":"def","scope":"x"}}]})j");
    EXPECT_EQ(deep, R"j({"a":[{"b":{"refresh_token":"…(3 bytes)","\u0063ode":"…(3 bytes)","scope":"x"}}]})j");
    EXPECT_EQ(redactedJson(R"j({"password":1234,"token":["a",{"b":"]"}],"state":{"x":"y"},"code":-32600,"z":null})j"),
              R"j({"password":"…(4 bytes)","token":"…(15 bytes)","state":"…(9 bytes)","code":-32600,"z":null})j");
    const QByteArray escaped = redactedJson(R"j({"token":"a\"b\\","x":"y","id_token":"é\u00e9"})j");
    EXPECT_EQ(escaped, R"j({"token":"…(6 bytes)","x":"y","id_token":"…(8 bytes)"})j");
    EXPECT_TRUE(parseJsonObject(escaped));
    EXPECT_EQ(redactedJson(R"j({"issuer":"https://a.example","scopes_supported":["a"]})j"),
              R"j({"issuer":"https://a.example","scopes_supported":["a"]})j");
}

TEST(Redaction, JsonInsideAString)
{
    const QByteArray inner = redactedJson(R"({"text":"{\"access_token\":\"s3cr3t-0p4qu3-v4lu3\",\"x\":1}"})");
    EXPECT_FALSE(inner.contains(opaque)) << inner.toStdString();
    EXPECT_TRUE(parseJsonObject(inner)) << inner.toStdString();
    EXPECT_TRUE(inner.contains(R"(\"x\":1)"));
}

TEST(Redaction, EventStreamsAndText)
{
    const Exchange events =
        redactedExchange(withBody("text/event-stream", "data: {\"code\":\"" + opaque + "\"}\n\ndata: " + jwt));
    EXPECT_EQ(events.responseBody, "data: {\"code\":\"s3cr…(19 bytes)\"}\n\ndata: eyJh…(68 bytes)");
    const Exchange html = redactedExchange(
        withBody("text/html", "5\" <a href='/cb?code=" + opaque + "&x=y'>it's</a> {\"token\":\"" + opaque + "\"}"));
    EXPECT_FALSE(html.responseBody.contains(opaque)) << html.responseBody.toStdString();
    EXPECT_TRUE(html.responseBody.contains("&x=y'>"));
}

// A body may be cut anywhere: at no length may a part of the secret stay, beyond the four bytes that redacted() shows.
TEST(Redaction, BodiesThatAreCutAnywhere)
{
    const QByteArray whole = "{ \"scope\" : \"a\",\n \"access_token\" : \"" + opaque +
                             "\", \"nested\": {\"password\" : [\"" + opaque + "\"]}, \"any\": \"" + jwt + "\"}";
    for (qsizetype length = 0; length <= whole.size(); ++length) {
        const QByteArray result = redactedJson(whole.first(length));
        ASSERT_FALSE(result.contains(opaque.first(5))) << result.toStdString();
        ASSERT_FALSE(result.contains(jwt.first(5))) << result.toStdString();
    }
}

TEST(Redaction, BodiesAreBounded)
{
    const QByteArray large = "{\"x\":\"" + QByteArray(exchangeLogBodyBytes, 'x') + "\",\"token\":\"" + opaque + "\"}";
    const Exchange exchange = redactedExchange(withBody("application/json", large));
    EXPECT_EQ(exchange.requestBody.size(), exchangeLogBodyBytes);
    EXPECT_EQ(exchange.responseBody.size(), exchangeLogBodyBytes);
    const QByteArray growing = "{" + QByteArray("\"code\":\"a\",").repeated(8000) + "}";
    EXPECT_LE(redactedJson(growing).size(), exchangeLogBodyBytes);
}

TEST(ExchangeLog, NumbersExchangesAndDropsTheOldest)
{
    ExchangeLog log;
    int added = 0;
    int dropped = 0;
    QObject::connect(&log, &ExchangeLog::added, &log, [&] { ++added; });
    QObject::connect(&log, &ExchangeLog::dropped, &log, [&](int count) { dropped += count; });
    for (int i = 0; i < exchangeLogEntries + 3; ++i) {
        Exchange exchange;
        exchange.status = i;
        log.record(exchange);
        QCoreApplication::sendPostedEvents(&log);
    }
    EXPECT_EQ(log.exchanges().size(), exchangeLogEntries);
    EXPECT_EQ(log.exchanges().front().id, 4);
    EXPECT_EQ(log.exchanges().back().status, exchangeLogEntries + 2);
    EXPECT_EQ(added, exchangeLogEntries + 3);
    EXPECT_EQ(dropped, 3);
    log.clear();
    EXPECT_TRUE(log.exchanges().empty());
    log.record({});
    QCoreApplication::sendPostedEvents(&log);
    EXPECT_EQ(log.exchanges().front().id, exchangeLogEntries + 4);
}

TEST(ExchangeLog, TakesFromManyThreadsInTheOrderOfEach)
{
    ExchangeLog log;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&log, thread] {
                for (int i = 0; i < 200; ++i) {
                    Exchange exchange;
                    exchange.status = thread * 1000 + i;
                    log.record(exchange);
                }
            });
    }
    EXPECT_TRUE(log.exchanges().empty()); // only the log's own thread appends
    ASSERT_TRUE(RawServer::waitUntil([&] { return log.exchanges().size() == 800; }));
    std::array<int, 4> next{};
    for (const Exchange &exchange : log.exchanges())
        EXPECT_EQ(exchange.status % 1000, next.at(static_cast<size_t>(exchange.status / 1000))++);
}

TEST(ExchangeLog, WhatWaitsIsBounded)
{
    ExchangeLog log;
    int dropped = 0;
    QObject::connect(&log, &ExchangeLog::dropped, &log, [&](int count) { dropped += count; });
    for (int i = 0; i < exchangeLogEntries + 10; ++i)
        log.record({});
    ASSERT_TRUE(RawServer::waitUntil([&] { return log.exchanges().size() == exchangeLogEntries; }));
    EXPECT_EQ(log.exchanges().front().id, 11);
    EXPECT_EQ(dropped, 10);
}

TEST(ExchangeLog, BytesAreBounded)
{
    constexpr qint64 most = exchangeLogBytes / exchangeLogBodyBytes; // with a body in one direction each
    static_assert(most > 500 && most < 2 * exchangeLogEntries);
    ExchangeLog log;
    log.setRevealsSecrets(true); // which is quick
    const QByteArray body(exchangeLogBodyBytes, 'x');
    const auto kept = [&log] {
        qint64 bytes = 0;
        for (const Exchange &exchange : log.exchanges())
            bytes += exchange.requestBody.size() + exchange.responseBody.size();
        return bytes;
    };
    for (int i = 0; i < exchangeLogEntries; ++i)
        log.record(withBody("text/plain", body));
    ASSERT_TRUE(RawServer::waitUntil([&] { return log.exchanges().size() == most / 2; }));
    EXPECT_EQ(log.exchanges().back().id, exchangeLogEntries);
    log.record(withBody("text/plain", body));
    ASSERT_TRUE(RawServer::waitUntil([&] { return log.exchanges().back().id == exchangeLogEntries + 1; }));
    EXPECT_EQ(kept(), exchangeLogBytes);
}

TEST(ExchangeLog, LetsTheEventLoopHaveTurnsInBetween)
{
    ExchangeLog log;
    const Exchange slow = withBody("application/json", "[" + QByteArray(R"("a":"b=c&d=e",)").repeated(5'000) + "1]");
    constexpr int count = 50; // some 200 ms of work where it is fast
    int turnsBetween = 0;
    QTimer other;
    QObject::connect(&other, &QTimer::timeout, &other, [&] {
        if (!log.exchanges().empty() && log.exchanges().size() < count)
            ++turnsBetween;
    });
    other.start(0);
    for (int i = 0; i < count; ++i)
        log.record(slow);
    ASSERT_TRUE(RawServer::waitUntil([&] { return log.exchanges().size() == count; }));
    EXPECT_GE(turnsBetween, 1);
}

TEST(ExchangeLog, KeepsSecretsOnlyWhenAskedBeforehand)
{
    ExchangeLog log;
    EXPECT_FALSE(log.revealsSecrets());
    Exchange exchange = withBody("application/json", "{\"token\":\"" + opaque + "\"}");
    log.record(exchange);
    log.setRevealsSecrets(true);
    log.record(exchange);
    log.setRevealsSecrets(false);
    ASSERT_TRUE(RawServer::waitUntil([&] { return log.exchanges().size() == 2; }));
    EXPECT_FALSE(log.exchanges()[0].requestBody.contains(opaque));
    EXPECT_TRUE(log.exchanges()[1].requestBody.contains(opaque));
}

// printf stands in for curl: it shows the arguments that the shell has made.
TEST(Curl, QuotingSurvivesTheShell)
{
    Exchange exchange;
    exchange.method = "POST";
    exchange.url = QStringLiteral("https://a.example/x?y=[1]&z='$(touch /tmp/x)'`id`");
    exchange.requestHeaders.append("X-Odd", "it's; \"$HOME\" \\ `id`");
    exchange.requestHeaders.append("X-Empty", "");
    exchange.requestHeaders.append("Content-Length", "7");
    exchange.requestBody = "@/etc/passwd\nit's $HOME \\ %s\n";
    exchange.requestBodySize = exchange.requestBody.size();
    const QString command = toCurl(exchange);
    ASSERT_TRUE(command.startsWith(u"curl "));
    QProcess shell;
    shell.start(QStringLiteral("/bin/sh"),
                {QStringLiteral("-c"), QStringLiteral("curl() { printf '<%s>' \"$@\"; }; ") + command});
    ASSERT_TRUE(shell.waitForFinished());
    EXPECT_EQ(
        shell.readAllStandardOutput(),
        "<-i><--globoff><--path-as-is><-X><POST><-H><x-odd: it's; \"$HOME\" \\ `id`><-H><x-empty;><-H><Content-Type:>"
        "<--data-raw><@/etc/passwd\nit's $HOME \\ %s\n><--url><https://a.example/x?y=[1]&z='$(touch /tmp/x)'`id`>");
}

TEST(Curl, BinaryBodiesComeThroughAPipe)
{
    Exchange exchange;
    exchange.method = "PUT";
    exchange.url = QStringLiteral("https://a.example/");
    for (int byte = 0; byte < 256; ++byte)
        exchange.requestBody.append(static_cast<char>(byte));
    exchange.requestBodySize = 256;
    QProcess shell;
    shell.start(QStringLiteral("/bin/sh"),
                {QStringLiteral("-c"), QStringLiteral("curl() { cat; }; ") + toCurl(exchange)});
    ASSERT_TRUE(shell.waitForFinished());
    EXPECT_EQ(shell.readAllStandardOutput(), exchange.requestBody);
}

TEST(Curl, SimpleRequestsStaySimple)
{
    Exchange exchange;
    exchange.method = "GET";
    exchange.url = QStringLiteral("https://a.example/");
    EXPECT_EQ(toCurl(exchange), u"curl -i --globoff --path-as-is --url 'https://a.example/'");
    exchange.method = "HEAD";
    EXPECT_TRUE(toCurl(exchange).contains(u" --head "));
    exchange.requestBody = "x";
    exchange.requestBodySize = 100'000;
    EXPECT_TRUE(toCurl(exchange).startsWith(u"# Only the first 1 of 100000 bytes"));
}

TEST(Har, HasWhatVersion12Asks)
{
    Exchange exchange = withBody("application/json", "{\"a\":1}");
    exchange.purpose = QStringLiteral("discovery");
    exchange.method = "POST";
    exchange.url = QStringLiteral("https://a.example/x?a=1%202&b=c+d&e");
    exchange.started = QDateTime::fromMSecsSinceEpoch(1'767'225'600'123, QTimeZone::UTC);
    exchange.durationMs = 12.5;
    exchange.status = 302;
    exchange.requestBodySize = 7;
    exchange.responseBodySize = 7;
    exchange.responseHeaders.append("Location", "/y");
    Exchange failed;
    failed.url = QStringLiteral("https://a.example/");
    failed.method = "GET";
    failed.error = QStringLiteral("Nothing accepts connections.");
    failed.responseBody = "\xff\xfe";
    const QJsonObject log = toHar({exchange, failed}).value(u"log").toObject();
    EXPECT_EQ(log.value(u"version"), QJsonValue(QStringLiteral("1.2")));
    EXPECT_FALSE(log.value(u"creator").toObject().value(u"name").toString().isEmpty());
    EXPECT_FALSE(log.value(u"creator").toObject().value(u"version").toString().isEmpty());
    const QJsonArray entries = log.value(u"entries").toArray();
    ASSERT_EQ(entries.size(), 2);
    const QJsonObject entry = entries.at(0).toObject();
    for (const auto *member : {u"startedDateTime", u"time", u"request", u"response", u"cache", u"timings"})
        EXPECT_TRUE(entry.contains(QString::fromUtf16(member)));
    EXPECT_EQ(entry.value(u"startedDateTime"), QJsonValue(QStringLiteral("2026-01-01T00:00:00.123Z")));
    EXPECT_EQ(entry.value(u"time"), QJsonValue(12.5));
    const QJsonObject request = entry.value(u"request").toObject();
    for (const auto *member : {u"method", u"url", u"httpVersion", u"cookies", u"headers", u"queryString", u"postData",
                               u"headersSize", u"bodySize"})
        EXPECT_TRUE(request.contains(QString::fromUtf16(member)));
    EXPECT_EQ(request.value(u"queryString").toArray().at(0).toObject().value(u"value"),
              QJsonValue(QStringLiteral("1 2")));
    EXPECT_EQ(request.value(u"queryString").toArray().at(1).toObject().value(u"value"),
              QJsonValue(QStringLiteral("c d")));
    const QJsonObject response = entry.value(u"response").toObject();
    for (const auto *member : {u"status", u"statusText", u"httpVersion", u"cookies", u"headers", u"content",
                               u"redirectURL", u"headersSize", u"bodySize"})
        EXPECT_TRUE(response.contains(QString::fromUtf16(member)));
    EXPECT_EQ(response.value(u"redirectURL"), QJsonValue(QStringLiteral("/y")));
    EXPECT_EQ(response.value(u"content").toObject().value(u"text"), QJsonValue(QStringLiteral("{\"a\":1}")));
    const QJsonObject broken = entries.at(1).toObject().value(u"response").toObject();
    EXPECT_EQ(broken.value(u"comment"), QJsonValue(failed.error));
    EXPECT_EQ(broken.value(u"content").toObject().value(u"encoding"), QJsonValue(QStringLiteral("base64")));
    EXPECT_FALSE(entries.at(1).toObject().value(u"request").toObject().contains(u"postData"));
}
