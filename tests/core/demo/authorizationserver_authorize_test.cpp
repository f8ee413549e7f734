// The authorization endpoint and its pages.
#include "core/demo/providertest.h"

using namespace McpAuth;
using namespace McpAuth::Test;

namespace {

class AuthorizeTest : public ProviderTest
{
protected:
    [[nodiscard]] QString errorOf(const RawResponse &response) const { return field(answerAt(response), u"error"_s); }

    RawResponse signInAs(const QString &user, const Http::Form &changes = {})
    {
        return press(authorize(request(changes)), u"user"_s, user);
    }

    /// Alice is signed in and has agreed to the request.
    void agree() { ASSERT_FALSE(codeFor(request()).isEmpty()); }
};

bool isPage(const RawResponse &response, int status)
{
    return response.status == status && response.header("Content-Type").startsWith("text/html") &&
           response.header("Location").isEmpty();
}

} // namespace

TEST_F(AuthorizeTest, SignsInAsksAndAnswersWithCodeStateAndIssuer) // RFC 6749 §4.1.2, RFC 9207 §2
{
    start();
    const RawResponse signIn = authorize(request());
    ASSERT_TRUE(isPage(signIn, 200));
    const RawResponse consent = press(signIn, u"user"_s, u"bob"_s);
    ASSERT_TRUE(isPage(consent, 200));
    const RawResponse response = press(consent, u"decision"_s, u"allow"_s);
    EXPECT_EQ(response.status, 303);
    EXPECT_EQ(response.header("Cache-Control"), QByteArray("no-store"));
    const Http::Form answer = answerAt(response);
    EXPECT_EQ(answer.size(), 3);
    EXPECT_EQ(field(answer, u"state"_s), u"s 1"_s);
    EXPECT_EQ(field(answer, u"iss"_s), server.issuer());
    const Answer tokens = token(redemption(field(answer, u"code"_s)));
    EXPECT_EQ(tokens.status, 200) << tokens.response.body.constData();
    EXPECT_EQ(tokens.claims()[u"sub"].toString(), u"bob"_s);
}

TEST_F(AuthorizeTest, TakesTheRequestAsAFormToo) // OpenID Connect Core 1.0 §3.1.2.1
{
    start();
    EXPECT_TRUE(isPage(browser->post(path(u"authorization_endpoint"_s), request()), 200));
    EXPECT_EQ(browser->get(path(u"authorization_endpoint"_s)).status, 400);
}

TEST_F(AuthorizeTest, TheConsentPageSaysWhoWantsWhatAndWhere)
{
    start();
    const RawResponse page =
        signInAs(u"alice"_s, {{u"scope"_s, u"openid read:todos"_s}, {u"resource"_s, u"https://mcp.example/a?b=1&c"_s}});
    for (const QByteArray text :
         {"The &lt;App&gt;", "<dd>app</dd>", "127.0.0.1:9", "https://mcp.example/a?b=1&amp;c", "know who you are",
          "<code>openid</code>", "read your to-do list", "Alice Example (alice)", "For tests only", "Allow", "Deny"})
        EXPECT_TRUE(page.body.contains(text)) << text.constData();
    EXPECT_FALSE(page.body.contains("<App>"));
}

TEST_F(AuthorizeTest, ItsPagesAreFencedIn)
{
    start();
    const RawResponse signIn = authorize(request());
    const RawResponse consent = press(signIn, u"user"_s, u"alice"_s);
    const RawResponse error = authorize(request({{u"client_id"_s, u"unknown"_s}}));
    for (const RawResponse &page : {signIn, consent, error}) {
        const QByteArray policy = page.header("Content-Security-Policy");
        EXPECT_TRUE(policy.startsWith("default-src 'none'; style-src 'sha256-")) << policy.constData();
        EXPECT_TRUE(policy.contains("frame-ancestors 'none'"));
        EXPECT_EQ(page.header("X-Frame-Options"), QByteArray("DENY"));
        EXPECT_EQ(page.header("Cache-Control"), QByteArray("no-store"));
        EXPECT_FALSE(page.body.contains("<script"));
        EXPECT_TRUE(page.body.contains("<html lang=\"en\">"));
        EXPECT_TRUE(page.body.contains("For tests only"));
    }
    // Browsers measure the redirect after a form with it, too.
    EXPECT_TRUE(consent.header("Content-Security-Policy").contains("form-action 'self' http://127.0.0.1:9;"));
    EXPECT_TRUE(error.header("Content-Security-Policy").contains("form-action 'none'"));
}

TEST_F(AuthorizeTest, ItsCookieIsForNobodyElse)
{
    start();
    const QByteArray cookie = authorize(request()).header("Set-Cookie");
    EXPECT_TRUE(cookie.startsWith("provider-session-" + QByteArray::number(QUrl(server.issuer()).port()) + '='));
    for (const QByteArray attribute : {"; HttpOnly", "; SameSite=Lax", "; Path=/authorize"})
        EXPECT_TRUE(cookie.contains(attribute)) << attribute.constData();
}

TEST_F(AuthorizeTest, NeverRedirectsToWhereItMustNot) // RFC 6749 §4.1.2.1
{
    start();
    const QList<Http::Form> cases{{{u"client_id"_s, {}}},
                                  {{u"client_id"_s, u"unknown"_s}},
                                  {{u"redirect_uri"_s, u"https://evil.example/"_s}},
                                  {{u"redirect_uri"_s, callback + u"/more"_s}},
                                  {{u"redirect_uri"_s, callback + u"?a=b"_s}},
                                  {{u"redirect_uri"_s, callback + u"#a"_s}},
                                  {{u"redirect_uri"_s, u"http://127.0.0.1:9/Callback"_s}},
                                  {{u"redirect_uri"_s, u"https://127.0.0.1:9/callback"_s}},
                                  {{u"redirect_uri"_s, u"http://localhost:9/callback"_s}},
                                  {{u"redirect_uri"_s, u"http://127.0.0.1:9@evil.example/callback"_s}},
                                  {{u"redirect_uri"_s, u"http://127.0.0.1.evil.example/callback"_s}}};
    for (const Http::Form &change : cases) {
        const RawResponse page = authorize(request(change));
        EXPECT_TRUE(isPage(page, 400)) << change.first().second.toStdString() << page.header("Location").constData();
    }
    EXPECT_TRUE(isPage(authorize(request() + Http::Form{{u"redirect_uri"_s, callback}}), 400));
    EXPECT_TRUE(isPage(authorize(request() + Http::Form{{u"client_id"_s, u"app"_s}}), 400));
    EXPECT_TRUE(isPage(browser->get("/authorize?client_id=app&redirect_uri=%ZZ"), 400));
}

TEST_F(AuthorizeTest, LoopbackPortsAreAsTheClientGotThem) // RFC 8252 §7.3
{
    auto options = withClients();
    options.clients = {{.clientId = u"app"_s,
                        .redirectUris = {u"http://127.0.0.1/cb"_s, u"http://localhost:1/cb"_s, u"http://[::1]/cb?x=1"_s,
                                         u"https://app.example/cb"_s, u"com.example.app:/cb"_s}}};
    start(options);
    const QList<std::pair<QString, int>> cases{
        {u"http://127.0.0.1:51004/cb"_s, 200},   {u"http://127.0.0.1/cb"_s, 200},
        {u"http://localhost:8/cb"_s, 200},       {u"http://[::1]:8/cb?x=1"_s, 200},
        {u"https://app.example/cb"_s, 200},      {u"com.example.app:/cb"_s, 200},
        {u"http://[::1]:8/cb"_s, 400},           {u"http://127.0.0.2:8/cb"_s, 400},
        {u"http://127.0.0.1:8/cb/"_s, 400},      {u"http://127.0.0.1:8/cb?"_s, 400},
        {u"https://app.example:8443/cb"_s, 400}, {u"com.example.app:/cb2"_s, 400}};
    for (const auto &[uri, status] : cases)
        EXPECT_EQ(authorize(request({{u"redirect_uri"_s, uri}})).status, status) << uri.toStdString();
    EXPECT_EQ(authorize(request({{u"redirect_uri"_s, {}}})).status, 400); // which of the five?
}

TEST_F(AuthorizeTest, TheOnlyRedirectUriNeedNotBeSent) // RFC 6749 §3.1.2.3
{
    startWithAutoConsent();
    EXPECT_FALSE(answerAt(authorize(request({{u"redirect_uri"_s, {}}}))).isEmpty());
}

TEST_F(AuthorizeTest, TellsTheClientEverythingElseThatIsWrong)
{
    start();
    const QString other = u"https://other.example"_s;
    const QList<std::pair<Http::Form, QString>> cases{
        {{{u"response_type"_s, {}}}, u"invalid_request"_s},
        {{{u"response_type"_s, u"token"_s}}, u"unsupported_response_type"_s},
        {{{u"response_type"_s, u"code id_token"_s}}, u"unsupported_response_type"_s},
        {{{u"response_mode"_s, u"fragment"_s}}, u"invalid_request"_s},
        {{{u"response_mode"_s, u"form_post"_s}}, u"invalid_request"_s},
        {{{u"request"_s, u"eyJ"_s}}, u"request_not_supported"_s},
        {{{u"request_uri"_s, other}}, u"request_uri_not_supported"_s},
        {{{u"registration"_s, u"{}"_s}}, u"registration_not_supported"_s},
        {{{u"code_challenge"_s, {}}}, u"invalid_request"_s},
        {{{u"code_challenge_method"_s, {}}}, u"invalid_request"_s}, // means plain (RFC 7636 §4.3)
        {{{u"code_challenge_method"_s, u"plain"_s}}, u"invalid_request"_s},
        {{{u"code_challenge"_s, u"short"_s}}, u"invalid_request"_s},
        {{{u"code_challenge"_s, challenge.chopped(1) + u'='}}, u"invalid_request"_s},
        {{{u"scope"_s, u"read:todos nonsense"_s}}, u"invalid_scope"_s},
        {{{u"scope"_s, u"a\"b"_s}}, u"invalid_scope"_s},
        {{{u"resource"_s, u"/mcp"_s}}, u"invalid_target"_s}, // RFC 8707 §2
        {{{u"resource"_s, u"https://mcp.example/#a"_s}}, u"invalid_target"_s},
        {{{u"resource"_s, u"https:///mcp"_s}}, u"invalid_target"_s},
        {{{u"resource"_s, u"mcp.example"_s}}, u"invalid_target"_s},
        {{{u"resource"_s, u"https://mcp.example/a b"_s}}, u"invalid_target"_s},
        {{{u"prompt"_s, u"none login"_s}}, u"invalid_request"_s},
        {{{u"prompt"_s, u"create"_s}}, u"invalid_request"_s},
        {{{u"max_age"_s, u"-1"_s}}, u"invalid_request"_s},
        {{{u"max_age"_s, u"soon"_s}}, u"invalid_request"_s},
        {{{u"prompt"_s, u"none"_s}}, u"login_required"_s}};
    for (const auto &[change, error] : cases) {
        const RawResponse response = authorize(request(change));
        const std::string which = change.first().first.toStdString() + '=' + change.first().second.toStdString();
        EXPECT_EQ(response.status, 303) << which;
        EXPECT_EQ(errorOf(response), error) << which;
        EXPECT_EQ(field(answerAt(response), u"state"_s), u"s 1"_s) << which;
        EXPECT_EQ(field(answerAt(response), u"iss"_s), server.issuer()) << which; // RFC 9207 §2: in errors, too
    }
}

TEST_F(AuthorizeTest, RefusesParametersThatOccurTwice) // RFC 6749 §3.1
{
    start();
    for (const QString &name : {u"scope"_s, u"state"_s, u"code_challenge"_s, u"foo"_s}) {
        const RawResponse response = authorize(request() + Http::Form{{name, u"a"_s}, {name, u"a"_s}});
        EXPECT_EQ(errorOf(response), u"invalid_request"_s) << name.toStdString();
    }
    EXPECT_EQ(authorize(request() + Http::Form{{u"resource"_s, u"urn:example:b"_s}}).status, 200); // RFC 8707 §2
    Http::Form many = request();
    for (int i = 0; i < 8; ++i)
        many.append({u"resource"_s, u"urn:example:%1"_s.arg(i)});
    EXPECT_EQ(errorOf(authorize(many)), u"invalid_target"_s);
}

TEST_F(AuthorizeTest, AClientMayDoOnlyWhatItIsRegisteredFor)
{
    auto options = withClients();
    options.clients[0].grantTypes = {u"client_credentials"_s};
    start(options);
    EXPECT_EQ(errorOf(authorize(request())), u"unauthorized_client"_s);
}

TEST_F(AuthorizeTest, AQueryOfTheRedirectUriStays) // RFC 6749 §3.1.2
{
    auto options = withClients();
    options.autoConsent = true;
    options.clients[0].redirectUris = {u"https://app.example/cb?from=us"_s};
    start(options);
    const RawResponse response = authorize(request({{u"redirect_uri"_s, {}}}));
    EXPECT_TRUE(response.header("Location").startsWith("https://app.example/cb?from=us&code="));
}

TEST_F(AuthorizeTest, WhoRefusesOrCancelsIsTakenAtTheirWord)
{
    start();
    const RawResponse cancelled = press(authorize(request()), u"cancel"_s, u"yes"_s);
    EXPECT_EQ(errorOf(cancelled), u"access_denied"_s);
    const RawResponse denied = press(signInAs(u"alice"_s), u"decision"_s, u"deny"_s);
    EXPECT_EQ(errorOf(denied), u"access_denied"_s);
    EXPECT_EQ(field(answerAt(denied), u"iss"_s), server.issuer());
}

TEST_F(AuthorizeTest, AFormIsGoodOnlyWithItsTokenItsBrowserAndItsOwnPage)
{
    start();
    const HtmlForm form = formIn(authorize(request()));
    const Http::Form alice = form.hidden + Http::Form{{u"user"_s, u"alice"_s}};
    EXPECT_TRUE(isPage(browser->post(form.action, changed(alice, {{u"csrf"_s, {}}})), 403));
    EXPECT_TRUE(isPage(browser->post(form.action, changed(alice, {{u"csrf"_s, u"guess"_s}})), 403));
    EXPECT_TRUE(isPage(browser->post(form.action, changed(alice, {{u"request"_s, u"guess"_s}})), 403));
    EXPECT_TRUE(isPage(browser->post(form.action, alice, "Origin: https://evil.example\r\n"), 403));
    EXPECT_TRUE(isPage(browser->post(form.action, alice, "Origin: null\r\n"), 403));
    Browser other(server.issuer());
    EXPECT_TRUE(isPage(other.post(form.action, alice), 403));
    other.get("/authorize?" + Http::toFormText(request()));
    EXPECT_TRUE(isPage(other.post(form.action, alice), 403));
    EXPECT_TRUE(isPage(browser->post(form.action, changed(alice, {{u"user"_s, u"mallory"_s}})), 400));
    const QByteArray own = "Origin: " + server.issuer().toUtf8() + "\r\n";
    EXPECT_EQ(browser->post(form.action, alice, own).status, 303);
}

TEST_F(AuthorizeTest, AConsentIsAnsweredOnceAndByTheBrowserThatWasAsked)
{
    start();
    const HtmlForm form = formIn(signInAs(u"alice"_s));
    const Http::Form allow = form.hidden + Http::Form{{u"decision"_s, u"allow"_s}};
    Browser other(server.issuer());
    EXPECT_TRUE(isPage(other.post(form.action, allow), 403));
    EXPECT_TRUE(isPage(browser->post(form.action, changed(allow, {{u"csrf"_s, u"guess"_s}})), 403));
    EXPECT_EQ(browser->post(form.action, allow).status, 303);
    EXPECT_TRUE(isPage(browser->post(form.action, allow), 403));
}

TEST_F(AuthorizeTest, NobodyConsentsWithoutASignIn)
{
    start();
    const HtmlForm form = formIn(authorize(request()));
    const Http::Form allow = form.hidden + Http::Form{{u"decision"_s, u"allow"_s}};
    EXPECT_TRUE(isPage(browser->post("/authorize/consent", allow), 403));
    EXPECT_TRUE(isPage(browser->get("/authorize/consent?request=" + field(form.hidden, u"request"_s).toUtf8()), 403));
}

TEST_F(AuthorizeTest, PagesAreGoodForTenMinutes)
{
    start();
    const RawResponse page = authorize(request());
    clock.advance(Demo::demoSignInLifetime + std::chrono::seconds{1});
    EXPECT_TRUE(isPage(press(page, u"user"_s, u"alice"_s), 403));
}

TEST_F(AuthorizeTest, TheSessionsCookieChangesAtTheSignIn) // against session fixation
{
    start();
    const RawResponse page = authorize(request());
    const auto planted = browser->cookies;
    const RawResponse consent = press(page, u"user"_s, u"alice"_s);
    ASSERT_TRUE(isPage(consent, 200));
    EXPECT_NE(browser->cookies, planted);
    browser->cookies = planted;
    EXPECT_TRUE(isPage(press(consent, u"decision"_s, u"allow"_s), 403));
}

TEST_F(AuthorizeTest, ASecondRequestOfTheSameBrowserAsksForConsentOnly)
{
    start();
    agree();
    const RawResponse page = authorize(request());
    EXPECT_TRUE(page.body.contains("value=\"allow\""));
    EXPECT_FALSE(page.body.contains("name=\"user\""));
}

TEST_F(AuthorizeTest, PromptDecidesWhoIsAsked) // OpenID Connect Core 1.0 §3.1.2.1, §3.1.2.6
{
    start();
    EXPECT_EQ(errorOf(authorize(request({{u"prompt"_s, u"none"_s}}))), u"login_required"_s);
    ASSERT_TRUE(isPage(signInAs(u"alice"_s), 200));
    EXPECT_EQ(errorOf(authorize(request({{u"prompt"_s, u"none"_s}}))), u"consent_required"_s);
    agree();
    const auto silent = [&](const Http::Form &more) {
        return authorize(request(Http::Form{{u"prompt"_s, u"none"_s}} + more));
    };
    EXPECT_FALSE(field(answerAt(silent({})), u"code"_s).isEmpty());
    EXPECT_EQ(errorOf(silent({{u"scope"_s, u"read:todos create:todos"_s}})), u"consent_required"_s);
    EXPECT_EQ(errorOf(silent({{u"resource"_s, u"https://other.example/mcp"_s}})), u"consent_required"_s);
    EXPECT_EQ(errorOf(silent({{u"login_hint"_s, u"bob"_s}})), u"login_required"_s);
    for (const QString &prompt : {u"login"_s, u"select_account"_s, u"login consent"_s})
        EXPECT_TRUE(authorize(request({{u"prompt"_s, prompt}})).body.contains("name=\"user\"")) << prompt.toStdString();
    EXPECT_TRUE(authorize(request({{u"prompt"_s, u"consent"_s}})).body.contains("value=\"allow\""));
}

TEST_F(AuthorizeTest, AnOldSignInIsNotGoodEnoughForMaxAge)
{
    start();
    agree();
    clock.advance(std::chrono::seconds{60});
    const auto asksWho = [&](const QString &age) {
        return authorize(request({{u"max_age"_s, age}})).body.contains("name=\"user\"");
    };
    EXPECT_FALSE(asksWho(u"60"_s));
    EXPECT_TRUE(asksWho(u"59"_s));
    EXPECT_TRUE(asksWho(u"0"_s));
    EXPECT_EQ(errorOf(authorize(request({{u"max_age"_s, u"59"_s}, {u"prompt"_s, u"none"_s}}))), u"login_required"_s);
}

TEST_F(AuthorizeTest, AHintChoosesTheUser)
{
    start();
    const RawResponse page = authorize(request({{u"login_hint"_s, u"bob"_s}}));
    EXPECT_TRUE(page.body.contains("value=\"bob\" class=\"main\""));
    agree(); // as alice
    EXPECT_TRUE(authorize(request({{u"login_hint"_s, u"bob"_s}})).body.contains("name=\"user\""));
}

TEST_F(AuthorizeTest, AutomaticConsentShowsNoPage)
{
    startWithAutoConsent();
    const auto subject = [&](const Http::Form &changes) { return tokensFor(changes).claims()[u"sub"].toString(); };
    EXPECT_EQ(subject({}), u"alice"_s);
    EXPECT_EQ(subject({{u"login_hint"_s, u"bob"_s}}), u"bob"_s);
    EXPECT_EQ(subject({{u"prompt"_s, u"none"_s}}), u"alice"_s);
    server.setAutoConsent(false);
    EXPECT_TRUE(isPage(authorize(request()), 200));
}

TEST_F(AuthorizeTest, ShowsTheUsersItWasGiven)
{
    auto options = withClients();
    options.users = {{.name = u"carol"_s, .fullName = u"<b>Carol</b>"_s}};
    start(options);
    const RawResponse page = authorize(request());
    EXPECT_EQ(formIn(page).buttons, (Http::Form{{u"user"_s, u"carol"_s}, {u"cancel"_s, u"yes"_s}}));
    EXPECT_TRUE(page.body.contains("&lt;b&gt;Carol"));
}
