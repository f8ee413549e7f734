#include "bearer/mcpauth.h"
#include "bearer/protect.h"
#include "http/client.h"
#include "http/router.h"
#include "jose/sign.h"
#include "support/rawclient.h"
#include "support/result.h"

#include <QDateTime>

using namespace McpAuth;
using namespace McpAuth::Bearer;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

const QString resource = u"https://api.example/reports"_s;

QCoro::Task<Http::Response> report(Http::Request request, AuthInfo caller)
{
    co_return Http::Response::text(200, QString::fromLatin1(request.path()) + u" for "_s + caller.subject);
}

/// Two routes behind one auth, beside the metadata.
class ProtectTest : public testing::Test
{
protected:
    void SetUp() override
    {
        ProtectedResource described;
        described.metadata.resource = resource;
        described.authServers = {
            {.issuer = u"https://login.example"_s, .keys = std::make_shared<Jose::StaticKeys>(QList{key})}};
        mcpAuth = Bearer::McpAuth::forResources(&client, {described}).value();
        auth = mcpAuth->bearerAuth({.requiredScopes = {u"read"_s}, .resource = resource}).value();
        mcpAuth->mountMetadata(router.get());
        router->add("GET", "/reports", protect(auth, report));
        router->add("DELETE", "/reports", protect(auth, report, {u"write"_s}));
        ASSERT_TRUE(server.listen());
    }

    [[nodiscard]] QByteArray token(const QString &scope, const QString &audience = resource) const
    {
        const qint64 now = QDateTime::currentSecsSinceEpoch();
        return Jose::signJwt({},
                             {{u"iss"_s, u"https://login.example"_s},
                              {u"sub"_s, u"alice"_s},
                              {u"aud"_s, audience},
                              {u"scope"_s, scope},
                              {u"iat"_s, now},
                              {u"exp"_s, now + 600}},
                             key)
            .value();
    }

    Http::ClientResponse send(const QByteArray &method, const QByteArray &bearer = {})
    {
        Http::ClientRequest request;
        request.method = method;
        request.url = server.origin() + u"/reports"_s;
        if (!bearer.isEmpty())
            request.headers.append("Authorization"_L1, QLatin1StringView("Bearer " + bearer));
        return wait(client.send(std::move(request))).value();
    }

    Jose::Key key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
    Http::Client client;
    std::unique_ptr<Bearer::McpAuth> mcpAuth;
    std::shared_ptr<const BearerAuth> auth;
    std::shared_ptr<Http::Router> router = std::make_shared<Http::Router>();
    Http::Server server{router};
};

} // namespace

TEST_F(ProtectTest, LetsInWhomTheAuthAccepts)
{
    const Http::ClientResponse answer = send("GET", token(u"read"_s));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "/reports for alice");
    EXPECT_EQ(send("DELETE", token(u"read write"_s)).status, 200);
}

TEST_F(ProtectTest, RefusesEverybodyElseByTheVerdict)
{
    const Http::ClientResponse nameless = send("GET");
    EXPECT_EQ(nameless.status, 401);
    EXPECT_THAT(nameless.header("WWW-Authenticate").toStdString(),
                testing::HasSubstr("https://api.example/.well-known/oauth-protected-resource/reports"));
    EXPECT_EQ(send("GET", token(u"read"_s, u"https://other.example"_s)).status, 401);
    EXPECT_EQ(send("GET", "rubbish").status, 401);
    EXPECT_EQ(send("GET", token(u"write"_s)).status, 403);
}

TEST_F(ProtectTest, AsksForTheScopesOfTheRouteOnTop)
{
    const Http::ClientResponse refused = send("DELETE", token(u"read"_s));
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.header("WWW-Authenticate").toStdString(), testing::HasSubstr("scope=\"read write\""));
    EXPECT_EQ(auth->cachedTokens(), 1);
    EXPECT_EQ(send("GET", token(u"read"_s)).status, 200);
}

TEST_F(ProtectTest, RefusesBeforeALargeBodyWhereItIsAskedTo)
{
    router->add("POST", "/reports", protect(auth, report), Http::Cors::None, admission(auth));
    const auto answer = [this](const QByteArray &bearer) {
        RawClient raw(server.port());
        QByteArray head = "POST /reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n";
        if (!bearer.isEmpty())
            head += "Authorization: Bearer " + bearer + "\r\n";
        return raw.send(head + "Expect: 100-continue\r\n\r\n").response();
    };
    const RawResponse nameless = answer({});
    EXPECT_EQ(nameless.status, 401);
    EXPECT_THAT(nameless.header("WWW-Authenticate").toStdString(), testing::HasSubstr("resource_metadata="));
    EXPECT_EQ(answer("rubbish").status, 401);
    EXPECT_EQ(answer(token(u"read"_s)).status, 100);
}
