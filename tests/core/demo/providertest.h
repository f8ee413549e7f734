// The embedded authorization server with two clients, and a browser that keeps cookies and fills in forms, over real
// sockets.
#pragma once

#include "demo/authorizationserver.h"
#include "http/form.h"
#include "http/url.h"
#include "jose/jwt.h"
#include "oauth/pkce.h"
#include "support/clock.h"
#include "support/rawclient.h"
#include "support/result.h"

#include <QJsonArray>
#include <QRegularExpression>
#include <QUrl>

#include <map>

namespace McpAuth::Test {

using namespace Qt::StringLiterals;

/// No cookies but the provider's, no redirects followed.
class Browser
{
public:
    explicit Browser(const QString &issuer)
        : m_port(static_cast<quint16>(QUrl(issuer).port()))
    {
    }

    RawResponse get(const QByteArray &target, const QByteArray &fields = {})
    {
        return send("GET " + target + " HTTP/1.1\r\n" + fields + "\r\n");
    }

    RawResponse post(const QByteArray &target, const Http::Form &form, const QByteArray &fields = {})
    {
        const QByteArray body = Http::toFormText(form);
        return send("POST " + target + " HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n" + fields +
                    "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    }

    std::map<QByteArray, QByteArray> cookies;

private:
    RawResponse send(QByteArray request)
    {
        QByteArray fields = "\r\nHost: 127.0.0.1:" + QByteArray::number(m_port) + "\r\nConnection: close\r\n";
        for (const auto &[name, value] : cookies)
            fields += "Cookie: " + name + '=' + value + "\r\n";
        request.replace(request.indexOf("\r\n"), 2, fields);
        RawClient connection(m_port);
        RawResponse response = connection.send(request).response();
        if (const QByteArray cookie = response.header("Set-Cookie").split(';').first(); cookie.contains('='))
            cookies[cookie.first(cookie.indexOf('='))] = cookie.sliced(cookie.indexOf('=') + 1);
        return response;
    }

    quint16 m_port;
};

/// The one form of a page, as a person without scripts has it.
struct HtmlForm
{
    QByteArray action;
    Http::Form hidden;
    Http::Form buttons;
};

inline HtmlForm formIn(const RawResponse &page)
{
    const QString html = QString::fromUtf8(page.body);
    const auto all = [&](const QString &pattern) {
        Http::Form found;
        auto matches = QRegularExpression(pattern).globalMatch(html);
        while (matches.hasNext()) {
            const auto match = matches.next();
            found.append({match.captured(1), match.captured(2)});
        }
        return found;
    };
    HtmlForm form;
    form.hidden = all(u"<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">"_s);
    form.buttons = all(u"<button type=\"submit\" name=\"([^\"]*)\" value=\"([^\"]*)\""_s);
    const auto actions = all(u"<form method=\"(post)\" action=\"([^\"]*)\">"_s);
    form.action = actions.value(0).second.toUtf8();
    return form;
}

/// Fields put over others; one without value is taken away.
inline Http::Form changed(Http::Form form, const Http::Form &changes)
{
    for (const auto &[name, value] : changes) {
        form.removeIf([&](const auto &field) { return field.first == name; });
        if (!value.isEmpty())
            form.append({name, value});
    }
    return form;
}

struct Answer
{
    int status = 0;
    QJsonObject json;
    Http::ClientResponse response;

    [[nodiscard]] QString error() const { return json[u"error"].toString(); }
    [[nodiscard]] QString text(const QString &member) const { return json[member].toString(); }
    [[nodiscard]] QJsonObject claims() const
    {
        const auto jws = Jose::parseJws(text(u"access_token"_s).toUtf8());
        return jws ? Jose::parseClaims(*jws).value_or(QJsonObject()) : QJsonObject();
    }
};

const inline QString callback = u"http://127.0.0.1:9/callback"_s;
const inline QString resource = u"https://mcp.example/mcp"_s;
const inline QString verifier = u"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"_s; // RFC 7636 appendix B
const inline QString challenge = u"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"_s;

class ProviderTest : public testing::Test
{
protected:
    /// "app" is public, "machine" has the secret "s3cret+%" and may have tokens for itself.
    static Demo::AuthorizationServerOptions withClients()
    {
        Demo::AuthorizationServerOptions options;
        options.clients = {{.clientId = u"app"_s, .redirectUris = {callback}, .name = u"The <App>"_s},
                           {.clientId = u"machine"_s,
                            .clientSecret = Secret("s3cret+%"),
                            .redirectUris = {callback},
                            .grantTypes = {u"authorization_code"_s, u"client_credentials"_s}}};
        return options;
    }

    void start(Demo::AuthorizationServerOptions options = withClients())
    {
        options.clock = clock.clock();
        QObject::connect(&server, &Demo::AuthorizationServer::requestAnswered, &server,
                         [this](const Demo::ProviderEvent &event) { events.append(event); });
        const auto started = server.start(options);
        ASSERT_TRUE(started) << codeOf(started).toStdString();
        browser = std::make_unique<Browser>(server.issuer());
    }

    void startWithAutoConsent()
    {
        auto options = withClients();
        options.autoConsent = true;
        start(options);
    }

    [[nodiscard]] QString endpoint(const QString &member) const { return server.metadata()[member].toString(); }
    [[nodiscard]] QByteArray path(const QString &member) const { return QUrl(endpoint(member)).path().toUtf8(); }

    static Http::Form request(const Http::Form &changes = {})
    {
        return changed({{u"response_type"_s, u"code"_s},
                        {u"client_id"_s, u"app"_s},
                        {u"redirect_uri"_s, callback},
                        {u"state"_s, u"s 1"_s},
                        {u"scope"_s, u"read:todos"_s},
                        {u"resource"_s, resource},
                        {u"code_challenge"_s, challenge},
                        {u"code_challenge_method"_s, u"S256"_s}},
                       changes);
    }

    RawResponse authorize(const Http::Form &form) const
    {
        return browser->get(path(u"authorization_endpoint"_s) + '?' + Http::toFormText(form));
    }

    /// Presses a button of the page; follows to the next page, not to the client.
    RawResponse press(const RawResponse &page, const QString &name, const QString &value) const
    {
        const HtmlForm form = formIn(page);
        const RawResponse answer = browser->post(form.action, form.hidden + Http::Form{{name, value}});
        const QByteArray location = answer.header("Location");
        return location.startsWith('/') ? browser->get(location) : answer;
    }

    /// What came back to the client, or nothing when it is not its redirect URI.
    static Http::Form answerAt(const RawResponse &response, const QString &uri = callback)
    {
        const QByteArray location = response.header("Location");
        return location.startsWith(uri.toUtf8() + '?')
                   ? Http::parseForm(location.sliced(uri.size() + 1)).value_or(Http::Form())
                   : Http::Form();
    }

    static QString field(const Http::Form &form, const QString &name)
    {
        return Http::formValue(form, name).value_or(std::nullopt).value_or(QString());
    }

    /// Through both pages, as alice; with automatic consent through none.
    QString codeFor(const Http::Form &form) const
    {
        RawResponse page = authorize(form);
        if (page.status == 200 && page.body.contains("name=\"user\""))
            page = press(page, u"user"_s, u"alice"_s);
        if (page.status == 200)
            page = press(page, u"decision"_s, u"allow"_s);
        const QString uri = Http::formValue(form, u"redirect_uri").value().value_or(callback);
        return field(answerAt(page, uri), u"code"_s);
    }

    Answer send(const QByteArray &method, const QString &url, const QByteArray &type, const QByteArray &body,
                const QByteArray &authorization = {})
    {
        Http::ClientRequest message;
        message.method = method;
        message.url = url;
        message.body = body;
        if (!type.isEmpty())
            message.headers.append("Content-Type", type);
        if (!authorization.isEmpty())
            message.headers.append("Authorization", authorization);
        const auto response = wait(sender->send(message));
        EXPECT_TRUE(response) << codeOf(response).toStdString();
        if (!response)
            return {};
        return {response->status, parseJsonObject(response->body).value_or(QJsonObject()), *response};
    }

    Answer post(const QString &member, const Http::Form &form, const QByteArray &authorization = {})
    {
        return send("POST", endpoint(member), "application/x-www-form-urlencoded", Http::toFormText(form),
                    authorization);
    }

    static Http::Form redemption(const QString &code, const Http::Form &changes = {})
    {
        return changed({{u"grant_type"_s, u"authorization_code"_s},
                        {u"client_id"_s, u"app"_s},
                        {u"code"_s, code},
                        {u"redirect_uri"_s, callback},
                        {u"code_verifier"_s, verifier}},
                       changes);
    }

    Answer token(const Http::Form &form, const QByteArray &authorization = {})
    {
        return post(u"token_endpoint"_s, form, authorization);
    }

    Answer tokensFor(const Http::Form &changes = {}) { return token(redemption(codeFor(request(changes)))); }

    static Http::Form refreshing(const Answer &tokens, const Http::Form &changes = {})
    {
        return changed({{u"grant_type"_s, u"refresh_token"_s},
                        {u"client_id"_s, u"app"_s},
                        {u"refresh_token"_s, tokens.text(u"refresh_token"_s)}},
                       changes);
    }

    static QByteArray basic(const QByteArray &pair) { return "Basic " + pair.toBase64(); }
    static QByteArray machine() { return basic("machine:s3cret%2B%25"); }

    ManualClock clock;
    Demo::AuthorizationServer server;
    Http::Client client;
    Http::Client *sender = &client; ///< of send() and what stands on it
    std::unique_ptr<Browser> browser;
    QList<Demo::ProviderEvent> events;
};

} // namespace McpAuth::Test
