#include "core/metadata/provider.h"
#include "metadata/serverconfig.h"
#include "support/rawserver.h"
#include "support/result.h"

#include <QThread>

#include <vector>

using namespace McpAuth;
using namespace McpAuth::Metadata;
using namespace Qt::StringLiterals;
using Http::Response;
using Test::codeOf;
using Test::deadOrigin;
using Test::Gate;
using Test::Provider;
using Test::RawServer;
using Test::wait;

namespace {

constexpr auto oauth = "/.well-known/oauth-authorization-server";
constexpr auto oidc = "/.well-known/openid-configuration";

class ServerConfigTest : public testing::Test
{
protected:
    using Outcome = Result<ServerConfig>;

    Outcome fetch(const QString &issuer, ServerType type, TranspileData transpile = {})
    {
        return wait(fetchServerConfig(&client, issuer, type, {.transpileData = std::move(transpile), .stop = {}}));
    }

    bool waitForRequest() const
    {
        return RawServer::waitUntil([this] { return !provider.asked().isEmpty(); });
    }

    LazyServerConfig lazy() { return {&client, provider.origin(), ServerType::OAuth}; }

    Provider provider;
    Http::Client client;
};

using LazyServerConfigTest = ServerConfigTest;

} // namespace

TEST_F(ServerConfigTest, OAuthMetadataIsInserted)
{
    const QString issuer = provider.url(u"/oauth"_s);
    provider.serve("/.well-known/oauth-authorization-server/oauth", provider.document(issuer));
    const auto config = fetch(issuer, ServerType::OAuth);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->type, ServerType::OAuth);
    EXPECT_EQ(config->metadata.issuer, issuer);
    EXPECT_EQ(config->document, toJsonText(provider.document(issuer)));
}

TEST_F(ServerConfigTest, OidcMetadataIsAppended)
{
    const QString issuer = provider.url(u"/oidc"_s);
    provider.serve("/oidc/.well-known/openid-configuration", provider.document(issuer));
    const auto config = fetch(issuer, ServerType::Oidc);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->type, ServerType::Oidc);
    EXPECT_EQ(provider.asked().size(), 1);
}

TEST_F(ServerConfigTest, WithoutATypeEveryPlaceIsAsked)
{
    provider.serve(oidc, provider.document(provider.origin()));
    EXPECT_EQ(wait(fetchServerConfig(&client, provider.origin())).value().type, ServerType::Oidc);
    EXPECT_EQ(provider.asked().size(), 2);
    provider.serve(oauth, provider.document(provider.origin()));
    EXPECT_EQ(wait(fetchServerConfig(&client, provider.origin())).value().type, ServerType::OAuth);
    // The document's own URL is no issuer, though discover() would take it for one.
    EXPECT_EQ(codeOf(wait(fetchServerConfig(&client, provider.url(QString::fromLatin1(oauth))))), u"issuer_mismatch");
}

// RFC 8414 §3.3
TEST_F(ServerConfigTest, TheIssuerMustBeTheOneAskedFor)
{
    provider.serve(oidc, provider.document(provider.url(u"/"_s)));
    const auto config = fetch(provider.origin(), ServerType::Oidc);
    ASSERT_EQ(codeOf(config), u"issuer_mismatch");
    EXPECT_EQ(config.error().details.value(u"expected"_s), provider.origin());
    EXPECT_EQ(config.error().details.value(u"actual"_s), provider.url(u"/"_s));
    EXPECT_TRUE(config.error().message.contains(u"differs only by a trailing slash"_s));
    EXPECT_TRUE(fetch(provider.url(u"/"_s), ServerType::Oidc));
}

TEST_F(ServerConfigTest, ByWellKnownUrlTheIssuerIsNotCompared)
{
    provider.serve("/anywhere", provider.document(u"https://a.example"_s));
    const auto config = wait(fetchServerConfigByWellKnownUrl(&client, provider.url(u"/anywhere"_s), ServerType::OAuth));
    ASSERT_TRUE(config);
    EXPECT_EQ(config->metadata.issuer, u"https://a.example");
    EXPECT_EQ(config->type, ServerType::OAuth);
}

TEST_F(ServerConfigTest, AnotherStatusIsAnError)
{
    for (const int status : {204, 401, 403, 404, 500}) {
        provider.serve(oidc, Response::empty(status));
        const auto config = fetch(provider.origin(), ServerType::Oidc);
        ASSERT_EQ(codeOf(config), u"fetch_server_config_error");
        EXPECT_EQ(config.error().details.value(u"status"_s), status);
    }
}

TEST_F(ServerConfigTest, NoResponseIsAnError)
{
    const auto config = fetch(deadOrigin(), ServerType::Oidc);
    ASSERT_EQ(codeOf(config), u"fetch_server_config_error");
    EXPECT_EQ(config.error().details.value(u"cause"_s).toObject().value(u"code"_s), u"connection_refused"_s);
    const auto noUrl = fetch(u"a.example"_s, ServerType::OAuth);
    ASSERT_EQ(codeOf(noUrl), u"fetch_server_config_error");
    EXPECT_EQ(noUrl.error().details.value(u"cause"_s).toObject().value(u"code"_s), u"invalid_url"_s);
}

TEST_F(ServerConfigTest, WhatIsNoMetadataIsAnError)
{
    for (const QByteArray &body : {QByteArray("<html>"), QByteArray("[]"), QByteArray("{}"),
                                   QByteArray("{\"issuer\":1}"), QByteArray("{\"a\":1,\"a\":2}")}) {
        provider.serve(oidc, Response::jsonText(200, body));
        EXPECT_EQ(codeOf(fetch(provider.origin(), ServerType::Oidc)), u"invalid_server_metadata") << body.toStdString();
    }
}

TEST_F(ServerConfigTest, TranspileDataRepairsBeforeValidation)
{
    QJsonObject broken = provider.document(provider.origin());
    broken.insert(u"issuer"_s, QJsonArray{provider.origin()});
    provider.serve(oidc, broken);
    EXPECT_EQ(codeOf(fetch(provider.origin(), ServerType::Oidc)), u"invalid_server_metadata");

    const auto repaired = fetch(provider.origin(), ServerType::Oidc, [](QJsonObject document) {
        document.insert(u"issuer"_s, document.value(u"issuer"_s)[0]);
        return document;
    });
    ASSERT_TRUE(repaired);
    EXPECT_EQ(repaired->metadata.issuer, provider.origin());
    EXPECT_EQ(parseJsonObject(repaired->document).value(), provider.document(provider.origin()));
}

TEST_F(ServerConfigTest, TranspileDataThatChangesNothingKeepsTheBytes)
{
    const QByteArray bytes = toJsonText(provider.document(provider.origin())) + "\n\n";
    provider.serve(oidc, Response::jsonText(200, bytes));
    const auto config = fetch(provider.origin(), ServerType::Oidc, [](QJsonObject document) { return document; });
    EXPECT_EQ(config.value().document, bytes);
}

TEST_F(ServerConfigTest, TranspileDataCannotHideAWrongIssuer)
{
    provider.serve(oidc, provider.document(u"https://other.example"_s));
    const auto config = fetch(provider.origin(), ServerType::Oidc, [](QJsonObject document) {
        document.insert(u"x"_s, 1);
        return document;
    });
    EXPECT_EQ(codeOf(config), u"issuer_mismatch");
}

TEST_F(LazyServerConfigTest, KnowsWhatWasGiven)
{
    ServerConfig given;
    given.metadata = parseAuthorizationServerMetadata(provider.document(u"https://a.example"_s)).value();
    given.type = ServerType::OAuth;
    LazyServerConfig config(given);
    EXPECT_EQ(config.issuer(), u"https://a.example");
    EXPECT_EQ(config.type(), ServerType::OAuth);
    ASSERT_NE(config.cached(), nullptr);
    EXPECT_EQ(wait(config.get()).value().metadata.issuer, u"https://a.example");
    EXPECT_TRUE(provider.asked().isEmpty());
}

TEST_F(LazyServerConfigTest, FetchesNothingBeforeItsFirstUse)
{
    const LazyServerConfig config = lazy();
    EXPECT_EQ(config.issuer(), provider.origin());
    EXPECT_EQ(config.type(), ServerType::OAuth);
    EXPECT_EQ(config.cached(), nullptr);
    EXPECT_TRUE(provider.asked().isEmpty());
}

TEST_F(LazyServerConfigTest, FetchesOnceForAllWhoWait)
{
    Gate gate;
    provider.serveLater(oauth, provider.document(provider.origin()), gate.opened());
    LazyServerConfig config = lazy();
    std::vector<QCoro::Task<Outcome>> waiters;
    for (int i = 0; i < 20; ++i)
        waiters.push_back(config.get());
    ASSERT_TRUE(waitForRequest());
    waiters.push_back(config.get());
    gate.open();
    for (auto &waiter : waiters)
        EXPECT_EQ(wait(std::move(waiter)).value().metadata.issuer, provider.origin());
    EXPECT_EQ(provider.asked().size(), 1);
}

TEST_F(LazyServerConfigTest, KeepsWhatItGot)
{
    provider.serve(oauth, provider.document(provider.origin()));
    LazyServerConfig config = lazy();
    ASSERT_TRUE(wait(config.get()));
    ASSERT_TRUE(wait(config.get()));
    ASSERT_NE(config.cached(), nullptr);
    EXPECT_EQ(config.cached()->metadata.issuer, provider.origin());
    EXPECT_EQ(provider.asked().size(), 1);
}

TEST_F(LazyServerConfigTest, TriesAnewSomeTimeAfterAFailure)
{
    LazyServerConfig config = lazy();
    EXPECT_EQ(codeOf(wait(config.get())), u"fetch_server_config_error");
    EXPECT_EQ(config.cached(), nullptr);
    provider.serve(oauth, provider.document(provider.origin()));
    for (int i = 0; i < 50; ++i) // whoever names the issuer in a token does not make us ask there each time
        EXPECT_EQ(codeOf(wait(config.get())), u"fetch_server_config_error");
    EXPECT_EQ(provider.asked().size(), 1);
    QThread::sleep(std::chrono::milliseconds(1100)); // the first wait is a second
    EXPECT_TRUE(wait(config.get()));
    EXPECT_EQ(provider.asked().size(), 2);
}

TEST_F(LazyServerConfigTest, AFailureReachesAllWhoWait)
{
    LazyServerConfig config = lazy();
    std::vector<QCoro::Task<Outcome>> waiters;
    for (int i = 0; i < 5; ++i)
        waiters.push_back(config.get());
    for (auto &waiter : waiters)
        EXPECT_EQ(codeOf(wait(std::move(waiter))), u"fetch_server_config_error");
    EXPECT_EQ(provider.asked().size(), 1);
}

TEST_F(LazyServerConfigTest, WhoWaitsWhenItIsDestroyedGetsCancelled)
{
    Gate gate;
    provider.serveLater(oauth, provider.document(provider.origin()), gate.opened());
    auto config = std::make_unique<LazyServerConfig>(lazy());
    std::vector<QCoro::Task<Outcome>> waiters;
    for (int i = 0; i < 3; ++i)
        waiters.push_back(config->get());
    ASSERT_TRUE(waitForRequest());
    config.reset();
    for (auto &waiter : waiters)
        EXPECT_EQ(codeOf(wait(std::move(waiter))), u"cancelled");
}

TEST_F(LazyServerConfigTest, WhoWaitsWhenTheClientIsDestroyedGetsAnError)
{
    Gate gate;
    provider.serveLater(oauth, provider.document(provider.origin()), gate.opened());
    auto own = std::make_unique<Http::Client>();
    LazyServerConfig config(own.get(), provider.origin(), ServerType::OAuth);
    auto waiter = config.get();
    ASSERT_TRUE(waitForRequest());
    own.reset();
    EXPECT_EQ(codeOf(wait(std::move(waiter))), u"fetch_server_config_error");
    EXPECT_EQ(codeOf(wait(config.get())), u"cancelled");
}

TEST_F(LazyServerConfigTest, AssigningAnotherCancelsWhoWaited)
{
    Gate gate;
    provider.serveLater(oauth, provider.document(provider.origin()), gate.opened());
    LazyServerConfig config = lazy();
    auto waiter = config.get();
    ASSERT_TRUE(waitForRequest());
    config = LazyServerConfig(&client, u"https://other.example"_s, ServerType::Oidc);
    EXPECT_EQ(codeOf(wait(std::move(waiter))), u"cancelled");
    EXPECT_EQ(config.issuer(), u"https://other.example");
}

TEST_F(LazyServerConfigTest, MovingDoesNotDisturbWhoWaits)
{
    Gate gate;
    provider.serveLater(oauth, provider.document(provider.origin()), gate.opened());
    LazyServerConfig config = lazy();
    auto waiter = config.get();
    LazyServerConfig moved = std::move(config);
    gate.open();
    EXPECT_TRUE(wait(std::move(waiter)));
    EXPECT_NE(moved.cached(), nullptr);
}
