// How clients become known: registration and metadata documents.
#include "core/demo/providertest.h"

#include <QTcpServer>

using namespace McpAuth;
using namespace McpAuth::Test;

namespace {

class RegistrationTest : public ProviderTest
{
protected:
    Answer registerWith(const QByteArray &metadata)
    {
        return send("POST", endpoint(u"registration_endpoint"_s), "application/json", metadata);
    }

    /// With one redirect URI.
    Answer registerAt(const QString &uri, const QString &type = {})
    {
        QJsonObject metadata{{u"redirect_uris"_s, QJsonArray{uri}}, {u"token_endpoint_auth_method"_s, u"none"_s}};
        if (!type.isEmpty())
            metadata.insert(u"application_type"_s, type);
        return registerWith(toJsonText(metadata));
    }
};

} // namespace

TEST_F(RegistrationTest, ARegisteredPublicClientGetsItsTokens) // RFC 7591 §3.2.1
{
    startWithAutoConsent();
    const Answer known = registerWith(R"({"client_name":"Inspector","redirect_uris":["http://127.0.0.1/cb"],
        "token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token","implicit"],
        "response_types":["code"],"application_type":"native","scope":"read:todos","x_unknown":1})");
    ASSERT_EQ(known.status, 201) << known.response.body.constData();
    EXPECT_EQ(known.response.header("Cache-Control"), QByteArray("no-store"));
    EXPECT_EQ(known.json[u"client_id_issued_at"].toInteger(), clock.seconds());
    EXPECT_FALSE(known.json.contains(u"client_secret"));
    EXPECT_FALSE(known.json.contains(u"x_unknown")); // what the server does not understand it does not register
    EXPECT_EQ(known.text(u"client_name"_s), u"Inspector"_s);
    EXPECT_EQ(known.text(u"scope"_s), u"read:todos"_s);
    EXPECT_EQ(known.json[u"grant_types"].toArray(), (QJsonArray{u"authorization_code"_s, u"refresh_token"_s}));
    const QString uri = u"http://127.0.0.1:4711/cb"_s;
    const Http::Form self{{u"client_id"_s, known.text(u"client_id"_s)}, {u"redirect_uri"_s, uri}};
    const Answer tokens = token(redemption(codeFor(request(self)), self));
    EXPECT_EQ(tokens.status, 200) << tokens.response.body.constData();
    EXPECT_TRUE(tokens.json.contains(u"refresh_token"));
}

TEST_F(RegistrationTest, TheDefaultsAreThoseOfTheStandard) // RFC 7591 §2
{
    startWithAutoConsent();
    const Answer known = registerWith(R"({"redirect_uris":["https://app.example/cb"]})");
    ASSERT_EQ(known.status, 201);
    EXPECT_EQ(known.text(u"token_endpoint_auth_method"_s), u"client_secret_basic"_s);
    EXPECT_EQ(known.json[u"grant_types"].toArray(), QJsonArray{u"authorization_code"_s});
    EXPECT_EQ(known.json[u"response_types"].toArray(), QJsonArray{u"code"_s});
    EXPECT_EQ(known.json[u"client_secret_expires_at"], QJsonValue(0));
    const QString id = known.text(u"client_id"_s);
    const QString secret = known.text(u"client_secret"_s);
    const Http::Form self{{u"client_id"_s, id}, {u"redirect_uri"_s, u"https://app.example/cb"_s}};
    const QString code = codeFor(request(self));
    EXPECT_EQ(token(redemption(code, self)).error(), u"invalid_client"_s);
    const Http::Form posted = changed(self, {{u"client_secret"_s, secret}});
    EXPECT_EQ(token(redemption(code, posted)).error(), u"invalid_client"_s); // it registered for basic
    const Answer tokens = token(redemption(code, self), basic((id + u':' + secret).toUtf8()));
    EXPECT_EQ(tokens.status, 200) << tokens.response.body.constData();
    EXPECT_FALSE(tokens.json.contains(u"refresh_token"));
}

TEST_F(RegistrationTest, RedirectUrisFitTheApplicationType) // OIDC Dynamic Client Registration 1.0 §2, RFC 8252 §7
{
    start();
    const QString any;
    const QString web = u"web"_s;
    const QString native = u"native"_s;
    struct Case
    {
        QString uri;
        QStringList good; // the application types that may have it
    };
    const QList<Case> cases{{u"https://app.example/cb"_s, {any, web, native}},
                            {u"http://127.0.0.1/cb"_s, {any, native}},
                            {u"http://localhost:6274/oauth/callback"_s, {any, native}},
                            {u"http://[::1]:1/"_s, {any, native}},
                            {u"com.example.app:/cb"_s, {any, native}},
                            {u"cursor://anysphere/cb"_s, {any, native}},
                            {u"https://localhost/cb"_s, {any}},
                            {u"http://app.example/cb"_s, {}},
                            {u"http://192.168.0.1/cb"_s, {}},
                            {u"https://app.example/cb#x"_s, {}},
                            {u"https://app.example/a b"_s, {}},
                            {u"https://"_s, {}},
                            {u"/cb"_s, {}},
                            {u""_s, {}},
                            {u"javascript:alert(1)"_s, {}},
                            {u"data:text/html,x"_s, {}},
                            {u"file:///etc/passwd"_s, {}},
                            {u"app:"_s, {}}};
    for (const auto &[uri, good] : cases) {
        for (const QString &type : {any, web, native}) {
            const Answer answer = registerAt(uri, type);
            const std::string which = uri.toStdString() + " for " + type.toStdString();
            EXPECT_EQ(answer.status, good.contains(type) ? 201 : 400) << which;
            EXPECT_EQ(answer.error(), good.contains(type) ? QString() : u"invalid_redirect_uri"_s) << which;
        }
    }
}

TEST_F(RegistrationTest, RefusesWhatDoesNotFit) // RFC 7591 §3.2.2
{
    start();
    const QList<std::pair<QByteArray, QString>> cases{
        {"", u"invalid_client_metadata"_s},
        {"[]", u"invalid_client_metadata"_s},
        {"{}", u"invalid_redirect_uri"_s},
        {R"({"redirect_uris":[]})", u"invalid_redirect_uri"_s},
        {R"({"redirect_uris":"https://app.example"})", u"invalid_redirect_uri"_s},
        {R"({"redirect_uris":["https://a.example"],"token_endpoint_auth_method":"tls_client_auth"})",
         u"invalid_client_metadata"_s},
        {R"({"redirect_uris":["https://a.example"],"application_type":"tv"})", u"invalid_client_metadata"_s},
        {R"({"redirect_uris":["https://a.example"],"grant_types":["implicit"]})", u"invalid_client_metadata"_s},
        {R"({"redirect_uris":["https://a.example"],"grant_types":"authorization_code"})", u"invalid_client_metadata"_s},
        {R"({"redirect_uris":["https://a.example"],"response_types":["token"]})", u"invalid_client_metadata"_s},
        {R"({"redirect_uris":["https://a.example"],"client_name":1})", u"invalid_client_metadata"_s},
        {R"({"redirect_uris":["https://a.example"],"client_name":"a\u202eb"})", u"invalid_client_metadata"_s},
        {R"({"redirect_uris":["https://a.example"],"logo_uri":"javascript:x"})", u"invalid_client_metadata"_s},
        {R"({"redirect_uris":["https://a.example"],"token_endpoint_auth_method":"private_key_jwt"})",
         u"invalid_client_metadata"_s},
        {R"({"redirect_uris":["https://a.example"],"jwks":{"keys":[]}})", u"invalid_client_metadata"_s},
        {R"({"grant_types":["client_credentials"],"token_endpoint_auth_method":"none"})",
         u"invalid_client_metadata"_s}};
    for (const auto &[metadata, error] : cases) {
        const Answer answer = registerWith(metadata);
        EXPECT_EQ(answer.status, 400) << metadata.constData();
        EXPECT_EQ(answer.error(), error) << metadata.constData();
    }
    const Answer form = send("POST", endpoint(u"registration_endpoint"_s), "application/x-www-form-urlencoded", "a=b");
    EXPECT_EQ(form.error(), u"invalid_client_metadata"_s);
}

namespace {

/// A host of metadata documents, on loopback.
class DocumentTest : public ProviderTest
{
protected:
    void SetUp() override
    {
        ASSERT_TRUE(host.listen());
        url = host.origin() + u"/client.json"_s;
        document = {{u"client_id"_s, url},
                    {u"client_name"_s, u"Document Client"_s},
                    {u"redirect_uris"_s, QJsonArray{callback}}};
        response = Http::Response::json(200, document);
        startWith(true);
    }

    void startWith(bool allowLoopback)
    {
        auto options = withClients();
        options.http = &client;
        options.allowLoopbackDocuments = allowLoopback;
        start(options);
    }

    QCoro::Task<Http::Response> serve()
    {
        ++fetched;
        Http::Response copy = response;
        co_return copy;
    }

    RawResponse ask(const QString &id) const { return authorize(request({{u"client_id"_s, id}})); }
    RawResponse ask() const { return ask(url); }
    void serveDocument(const QJsonObject &over)
    {
        QJsonObject changedDocument = document;
        for (auto member = over.begin(); member != over.end(); ++member)
            changedDocument.insert(member.key(), member.value());
        response = Http::Response::json(200, changedDocument);
    }

    int fetched = 0;
    QString url;
    QJsonObject document;
    Http::Response response;
    Http::Server host{[this](Http::Request) { return serve(); }};
};

} // namespace

TEST_F(DocumentTest, AClientIsWhatItsDocumentSays) // CIMD draft §4
{
    EXPECT_EQ(server.metadata()[u"client_id_metadata_document_supported"], QJsonValue(true));
    const Http::Form self{{u"client_id"_s, url}};
    const QString code = codeFor(request(self));
    const Answer tokens = token(redemption(code, self));
    EXPECT_EQ(tokens.status, 200) << tokens.response.body.constData();
    EXPECT_EQ(tokens.claims()[u"client_id"].toString(), url);
    EXPECT_EQ(fetched, 1);
}

TEST_F(DocumentTest, TheUserIsWarnedOfANameThatAnyProgramCouldClaim) // MCP security considerations
{
    const RawResponse page = press(ask(), u"user"_s, u"alice"_s);
    EXPECT_TRUE(page.body.contains("Document Client"));
    EXPECT_TRUE(page.body.contains("role=\"alert\""));
    const RawResponse known = authorize(request());
    EXPECT_TRUE(known.body.contains("value=\"allow\""));
    EXPECT_FALSE(known.body.contains("role=\"alert\""));
}

TEST_F(DocumentTest, IsCachedAsLongAsItSaysAndNoLongerThanADay) // CIMD draft §4.4
{
    const auto fetchesAfter = [&](const QByteArray &cacheControl, std::chrono::seconds age) {
        if (!cacheControl.isEmpty())
            response.set("Cache-Control", cacheControl);
        clock.advance(std::chrono::hours{48});
        ask();
        const int before = fetched;
        clock.advance(age);
        ask();
        return fetched - before;
    };
    using std::chrono::seconds;
    EXPECT_EQ(fetchesAfter({}, seconds{299}), 0);
    EXPECT_EQ(fetchesAfter({}, seconds{300}), 1);
    EXPECT_EQ(fetchesAfter("public, max-age=1000", seconds{999}), 0);
    EXPECT_EQ(fetchesAfter("max-age=1000", seconds{1'000}), 1);
    EXPECT_EQ(fetchesAfter("max-age=999999999", seconds{24 * 3'600}), 1);
    EXPECT_EQ(fetchesAfter("no-store", seconds{0}), 1);
    EXPECT_EQ(fetchesAfter("max-age=-5", seconds{0}), 1);
}

TEST_F(DocumentTest, IsRefusedWhenItDoesNotFit)
{
    const QList<QJsonObject> cases{{{u"client_id"_s, url + u"/"_s}},
                                   {{u"client_id"_s, 1}},
                                   {{u"client_name"_s, u""_s}},
                                   {{u"redirect_uris"_s, QJsonArray()}},
                                   {{u"redirect_uris"_s, QJsonArray{u"http://evil.example/"_s}}},
                                   {{u"client_secret"_s, u"x"_s}},
                                   {{u"token_endpoint_auth_method"_s, u"client_secret_basic"_s}}};
    for (const QJsonObject &over : cases) {
        serveDocument(over);
        const RawResponse page = ask();
        EXPECT_EQ(page.status, 400) << toJsonText(over).constData();
        EXPECT_TRUE(page.header("Location").isEmpty());
    }
    serveDocument({}); // a refusal is not kept
    EXPECT_EQ(ask().status, 200);
}

TEST_F(DocumentTest, IsRefusedWhenItIsNotServedAsIs)
{
    QList<Http::Response> bad{Http::Response::json(404, document), Http::Response::jsonText(200, "[]"),
                              Http::Response::html(200, QString::fromUtf8(toJsonText(document)))};
    Http::Response redirect = Http::Response::empty(302);
    redirect.set("Location", "/other.json");
    bad.append(redirect);
    QJsonObject large = document;
    large.insert(u"x"_s, QString(Demo::maxDocumentBytes, u'x'));
    bad.append(Http::Response::json(200, large));
    for (const Http::Response &one : bad) {
        response = one;
        fetched = 0;
        EXPECT_EQ(ask().status, 400) << one.status;
        EXPECT_EQ(fetched, 1); // no redirect is followed
    }
}

TEST_F(DocumentTest, IsFetchedFromPublicAddressesOnly) // CIMD draft §6.5
{
    wait(server.stop());
    startWith(false);
    QString secure = url;
    secure.replace(u"http:"_s, u"https:"_s);
    const QStringList ids{url,
                          secure,
                          u"https://localhost:1/c.json"_s,
                          u"https://[::1]/c.json"_s,
                          u"https://[::ffff:127.0.0.1]/c.json"_s,
                          u"https://10.1.2.3/c.json"_s,
                          u"https://192.168.1.1/c.json"_s,
                          u"https://169.254.169.254/latest"_s,
                          u"https://100.64.0.1/c.json"_s,
                          u"https://0.0.0.0/c.json"_s,
                          u"https://[fe80::1]/c.json"_s,
                          u"https://[fd00::1]/c.json"_s,
                          u"https://[64:ff9b::a00:1]/c.json"_s,
                          u"https://224.0.0.1/c.json"_s,
                          u"https://255.255.255.255/c.json"_s,
                          u"https://198.18.0.1/c.json"_s};
    for (const QString &id : ids) {
        const RawResponse page = ask(id);
        EXPECT_EQ(page.status, 400) << id.toStdString();
        EXPECT_TRUE(id == url || page.body.contains("private address")) << id.toStdString() << page.body.constData();
    }
    EXPECT_EQ(fetched, 0);
}

TEST_F(DocumentTest, ItsUrlIsOneOfADocument) // CIMD draft §3
{
    for (const QString &id : {host.origin(), host.origin() + u'/', url + u"#a"_s,
                              host.origin() + u"/a/../client.json"_s, host.origin() + u"/./client.json"_s,
                              u"https://user@app.example/c"_s, u"ftp://app.example/c"_s, u"http://app.example/c"_s})
        EXPECT_EQ(ask(id).status, 400) << id.toStdString();
    EXPECT_EQ(fetched, 0);
}

TEST_F(DocumentTest, TheServerMayGoWhileADocumentIsFetched)
{
    auto other = std::make_unique<Demo::AuthorizationServer>();
    auto options = withClients();
    options.http = &client;
    options.allowLoopbackDocuments = true;
    ASSERT_TRUE(other->start(options));
    QTcpServer silent;
    ASSERT_TRUE(silent.listen(QHostAddress::LocalHost));
    QObject::connect(&silent, &QTcpServer::newConnection, &silent, [&] { other.reset(); });
    const Http::Form form = request({{u"client_id"_s, u"http://127.0.0.1:%1/c.json"_s.arg(silent.serverPort())}});
    const auto answer = wait(client.get(other->metadata()[u"authorization_endpoint"].toString() + u'?' +
                                        QString::fromLatin1(Http::toFormText(form))));
    EXPECT_FALSE(answer);
    EXPECT_FALSE(other);
}
