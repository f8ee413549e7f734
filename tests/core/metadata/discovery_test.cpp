#include "core/metadata/provider.h"
#include "metadata/discovery.h"
#include "support/rawserver.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Metadata;
using namespace Qt::StringLiterals;
using Http::Response;
using Test::codeOf;
using Test::deadOrigin;
using Test::Gate;
using Test::Provider;
using Test::rawResponse;
using Test::RawScript;
using Test::RawServer;
using Test::targetOf;
using Test::wait;

namespace {

constexpr auto oauth = "/.well-known/oauth-authorization-server";
constexpr auto oidc = "/.well-known/openid-configuration";

class DiscoveryTest : public testing::Test
{
protected:
    Discovery run(const QString &issuer, std::optional<ServerType> type = {})
    {
        return wait(discover(&client, issuer, {.type = type, .stop = {}}));
    }

    /// "not_found 404"…
    static QStringList outcomes(const Discovery &discovery)
    {
        QStringList list;
        for (const Probe &probe : discovery.probes)
            list.append(toString(probe.outcome) + u' ' + QString::number(probe.status));
        return list;
    }

    Provider provider;
    Http::Client client;
};

} // namespace

// MCP 2025-11-25 and 2026-07-28, Authorization Server Metadata Discovery
TEST_F(DiscoveryTest, PrefersOAuthInsertionForIssuersWithAPath)
{
    const QString issuer = provider.url(u"/tenant1"_s);
    for (const char *path : {"/.well-known/oauth-authorization-server/tenant1",
                             "/.well-known/openid-configuration/tenant1", "/tenant1/.well-known/openid-configuration"})
        provider.serve(path, provider.document(issuer));
    const auto discovery = run(issuer);
    EXPECT_EQ(outcomes(discovery), QStringList{u"used 200"_s});
    EXPECT_EQ(discovery.probes.first().url, provider.url(u"/.well-known/oauth-authorization-server/tenant1"_s));
    EXPECT_EQ(discovery.config.value().type, ServerType::OAuth);
    EXPECT_EQ(discovery.issuer, issuer);
}

TEST_F(DiscoveryTest, TriesOidcInsertionThenAppending)
{
    const QString issuer = provider.url(u"/tenant1"_s);
    provider.serve("/tenant1/.well-known/openid-configuration", provider.document(issuer));
    const auto discovery = run(issuer);
    EXPECT_EQ(outcomes(discovery), (QStringList{u"not_found 404"_s, u"not_found 404"_s, u"used 200"_s}));
    EXPECT_EQ(provider.asked(), (QList<QByteArray>{"/.well-known/oauth-authorization-server/tenant1",
                                                   "/.well-known/openid-configuration/tenant1",
                                                   "/tenant1/.well-known/openid-configuration"}));
    EXPECT_EQ(discovery.config.value().type, ServerType::Oidc);
}

TEST_F(DiscoveryTest, TriesTwoPlacesWithoutAPath)
{
    provider.serve(oidc, provider.document(provider.origin()));
    EXPECT_EQ(outcomes(run(provider.origin())), (QStringList{u"not_found 404"_s, u"used 200"_s}));
}

TEST_F(DiscoveryTest, AsksThePercentEncodedPathAsItIs)
{
    const QString issuer = provider.url(u"/a%2Fb/%C3%A9"_s);
    provider.serve("/.well-known/oauth-authorization-server/a%2Fb/%C3%A9", provider.document(issuer));
    EXPECT_TRUE(run(issuer).config);
    EXPECT_EQ(provider.asked(), QList<QByteArray>{"/.well-known/oauth-authorization-server/a%2Fb/%C3%A9"});
}

TEST_F(DiscoveryTest, AsksOnlyTheTypesOwnPlace)
{
    const QString issuer = provider.url(u"/t"_s);
    EXPECT_EQ(codeOf(run(issuer, ServerType::OAuth).config), u"metadata_not_found");
    EXPECT_EQ(codeOf(run(issuer, ServerType::Oidc).config), u"metadata_not_found");
    EXPECT_EQ(provider.asked(),
              (QList<QByteArray>{"/.well-known/oauth-authorization-server/t", "/t/.well-known/openid-configuration"}));
}

TEST_F(DiscoveryTest, KeepsTheBytesThatCame)
{
    const QByteArray bytes = "\n { " + toJsonText(provider.document(provider.origin())).mid(1) + "\n";
    provider.serve(oauth, Response::jsonText(200, bytes));
    const auto discovery = run(provider.origin());
    EXPECT_EQ(discovery.config.value().document, bytes);
    EXPECT_EQ(discovery.document, provider.document(provider.origin()));
}

TEST_F(DiscoveryTest, GoesOnForAMemberThatTheCallerNeeds)
{
    QJsonObject without = provider.document(provider.origin());
    without.remove("jwks_uri"_L1);
    QJsonObject with = without;
    with.insert(u"jwks_uri"_s, provider.url(u"/jwks"_s));
    provider.serve(oauth, without);
    provider.serve(oidc, with);
    EXPECT_EQ(run(provider.origin()).probes.size(), 1) << "nobody asked for it";
    const auto search = [&] {
        return wait(discover(&client, provider.origin(), {.needed = {u"jwks_uri"_s}, .stop = {}}));
    };
    const auto found = search();
    EXPECT_EQ(outcomes(found), (QStringList{u"invalid 200"_s, u"used 200"_s}));
    EXPECT_EQ(found.probes.first().reason.message, u"`jwks_uri` is missing."_s);
    EXPECT_EQ(found.config->metadata.jwksUri, provider.url(u"/jwks"_s));
    with.remove("token_endpoint"_L1);
    provider.serve(oidc, with);
    EXPECT_EQ(search().config->metadata.jwksUri, provider.url(u"/jwks"_s)) << "before one that is otherwise complete";
    provider.serve(oidc, without);
    EXPECT_EQ(search().config->type, ServerType::OAuth) << "the first, where no document has it";
}

struct Obstacle
{
    const char *name;
    Response response;
    const char16_t *outcome;
    const char16_t *code; ///< when nothing else is found
};

class ObstacleTest : public DiscoveryTest, public testing::WithParamInterface<Obstacle>
{
};

TEST_P(ObstacleTest, DoesNotEndTheSearch)
{
    provider.serve(oauth, GetParam().response);
    provider.serve(oidc, provider.document(provider.origin()));
    const auto discovery = run(provider.origin());
    ASSERT_EQ(discovery.probes.size(), 2);
    EXPECT_EQ(outcomes(discovery).first(), QString::fromUtf16(GetParam().outcome));
    EXPECT_FALSE(discovery.probes.first().reason.message.isEmpty());
    EXPECT_TRUE(discovery.config);
}

TEST_P(ObstacleTest, IsTheErrorWhenNothingElseIsFound)
{
    provider.serve(oauth, GetParam().response);
    EXPECT_EQ(codeOf(run(provider.origin()).config), QString::fromUtf16(GetParam().code));
}

namespace {

Response redirect(const QByteArray &location)
{
    return Response::empty(302).set("Location", location);
}

} // namespace

INSTANTIATE_TEST_SUITE_P(
    Discovery, ObstacleTest,
    testing::Values(
        Obstacle{"401", Response::empty(401), u"not_found 401", u"metadata_not_found"},
        Obstacle{"403", Response::error(403, u"forbidden"_s, u"no"_s), u"not_found 403", u"metadata_not_found"},
        Obstacle{"404", Response::empty(404), u"not_found 404", u"metadata_not_found"},
        Obstacle{"500", Response::text(500, u"oops"_s), u"unreachable 500", u"provider_unreachable"},
        Obstacle{"429", Response::empty(429), u"unreachable 429", u"provider_unreachable"},
        Obstacle{"204", Response::empty(204), u"not_found 204", u"metadata_not_found"},
        Obstacle{"html", Response::html(200, u"<!doctype html><title>x</title>"_s), u"invalid 200",
                 u"invalid_server_metadata"},
        Obstacle{"empty", Response::empty(200), u"invalid 200", u"invalid_server_metadata"},
        Obstacle{"array", Response::jsonText(200, "[]"), u"invalid 200", u"invalid_server_metadata"},
        Obstacle{"incomplete", Response::jsonText(200, "{}"), u"invalid 200", u"invalid_server_metadata"},
        Obstacle{"twice", Response::jsonText(200, R"({"issuer":"a","issuer":"b"})"), u"invalid 200",
                 u"invalid_server_metadata"},
        Obstacle{"deep", Response::jsonText(200, "{\"a\":" + QByteArray(5'000, '[') + QByteArray(5'000, ']') + "}"),
                 u"invalid 200", u"invalid_server_metadata"}),
    [](const auto &obstacle) { return std::string("Of") + obstacle.param.name; });

TEST_F(DiscoveryTest, ARedirectThatIsNotFollowedDoesNotEndTheSearch)
{
    Provider elsewhere;
    elsewhere.serve(oauth, elsewhere.document(provider.origin()));
    provider.serve(oauth, redirect(elsewhere.url(QString::fromLatin1(oauth)).toLatin1()));
    provider.serve(oidc, provider.document(provider.origin()));
    const auto discovery = run(provider.origin());
    ASSERT_EQ(discovery.probes.size(), 2);
    EXPECT_EQ(discovery.probes.first().outcome, ProbeOutcome::NotFound);
    EXPECT_EQ(discovery.probes.first().reason.code, u"redirect_refused");
    EXPECT_TRUE(discovery.config);
    EXPECT_EQ(elsewhere.asked().size(), 0);
}

TEST_F(DiscoveryTest, ACircleOfRedirectsDoesNotEndTheSearch)
{
    provider.serve(oauth, redirect(oauth));
    provider.serve(oidc, provider.document(provider.origin()));
    const auto discovery = run(provider.origin());
    ASSERT_EQ(discovery.probes.size(), 2);
    EXPECT_EQ(discovery.probes.first().outcome, ProbeOutcome::NotFound);
    EXPECT_TRUE(discovery.config);
}

TEST_F(DiscoveryTest, ATooLargeDocumentDoesNotEndTheSearch)
{
    provider.serve(oauth, Response::jsonText(200, "{\"a\":\"" + QByteArray(2 * 1024 * 1024, 'x') + "\"}"));
    provider.serve(oidc, provider.document(provider.origin()));
    const auto discovery = run(provider.origin());
    ASSERT_EQ(discovery.probes.size(), 2);
    EXPECT_EQ(discovery.probes.first().outcome, ProbeOutcome::Invalid);
    EXPECT_EQ(discovery.probes.first().reason.code, u"body_too_large");
    EXPECT_TRUE(discovery.config);
}

TEST_F(DiscoveryTest, TakesJsonWhateverItsContentTypeSays)
{
    provider.serve(oauth, Response::html(200, QString::fromUtf8(toJsonText(provider.document(provider.origin())))));
    EXPECT_EQ(outcomes(run(provider.origin())), QStringList{u"used 200"_s});
}

TEST_F(DiscoveryTest, CallsHtmlByItsName)
{
    provider.serve(oauth, Response::html(200, u"<html>"_s));
    const auto discovery = run(provider.origin());
    ASSERT_EQ(codeOf(discovery.config), u"invalid_server_metadata");
    EXPECT_TRUE(discovery.config.error().message.contains(u"an HTML page, not JSON"_s));
    EXPECT_EQ(discovery.document, std::nullopt);
}

// RFC 8414 §3.3
TEST_F(DiscoveryTest, GoesOnAfterAWrongIssuer)
{
    provider.serve(oauth, provider.document(u"https://honest.example"_s));
    provider.serve(oidc, provider.document(provider.origin()));
    EXPECT_EQ(outcomes(run(provider.origin())), (QStringList{u"issuer_mismatch 200"_s, u"used 200"_s}));
}

TEST_F(DiscoveryTest, NeverUsesADocumentOfAnotherIssuer)
{
    provider.serve(oauth, provider.document(u"https://honest.example"_s));
    const auto discovery = run(provider.origin());
    ASSERT_EQ(codeOf(discovery.config), u"issuer_mismatch");
    const Error &error = discovery.config.error();
    EXPECT_EQ(error.details.value(u"expected"_s), provider.origin());
    EXPECT_EQ(error.details.value(u"actual"_s), u"https://honest.example"_s);
    EXPECT_FALSE(error.message.contains(u"trailing slash"_s));
    EXPECT_EQ(discovery.document, provider.document(u"https://honest.example"_s));
}

TEST_F(DiscoveryTest, ComparesIssuersByteForByte)
{
    const QString port = provider.origin().section(u':', 2);
    for (const QString &other : {u"HTTP://127.0.0.1:"_s + port, u"http://localhost:"_s + port, provider.url(u"/."_s),
                                 provider.url(u"/%2E"_s)}) {
        provider.serve(oauth, provider.document(other));
        EXPECT_EQ(codeOf(run(provider.origin()).config), u"issuer_mismatch") << other.toStdString();
    }
}

TEST_F(DiscoveryTest, ATrailingSlashHasItsOwnWords)
{
    provider.serve(oauth, provider.document(provider.url(u"/"_s)));
    const auto without = run(provider.origin());
    ASSERT_EQ(codeOf(without.config), u"issuer_mismatch");
    EXPECT_TRUE(without.config.error().message.contains(u"differs only by a trailing slash"_s));
    EXPECT_TRUE(run(provider.url(u"/"_s)).config);
}

TEST_F(DiscoveryTest, TellsTheMostTellingError)
{
    const QString issuer = provider.url(u"/t"_s);
    EXPECT_EQ(codeOf(run(issuer).config), u"metadata_not_found");
    provider.serve("/t/.well-known/openid-configuration", QJsonObject{});
    EXPECT_EQ(codeOf(run(issuer).config), u"invalid_server_metadata");
    provider.serve("/.well-known/openid-configuration/t", provider.document(u"https://other.example"_s));
    EXPECT_EQ(codeOf(run(issuer).config), u"issuer_mismatch");
    EXPECT_EQ(outcomes(run(issuer)), (QStringList{u"not_found 404"_s, u"issuer_mismatch 200"_s, u"invalid 200"_s}));
}

TEST_F(DiscoveryTest, AJsonDocumentTellsMoreThanAPage)
{
    provider.serve(oauth, Response::html(200, u"<html>"_s));
    provider.serve(oidc, QJsonObject{{u"issuer"_s, 1}});
    const auto discovery = run(provider.origin());
    ASSERT_EQ(codeOf(discovery.config), u"invalid_server_metadata");
    EXPECT_EQ(discovery.config.error().details.value(u"member"_s), u"issuer"_s);
    EXPECT_EQ(discovery.document, (QJsonObject{{u"issuer"_s, 1}}));
}

TEST_F(DiscoveryTest, NamesThePlacesWhereNothingWas)
{
    provider.serve(oidc, Response::empty(403));
    const auto discovery = run(provider.origin());
    ASSERT_EQ(codeOf(discovery.config), u"metadata_not_found");
    const QString message = discovery.config.error().message;
    EXPECT_TRUE(message.contains(provider.url(QString::fromLatin1(oauth)) + u" (HTTP 404)"_s)) << message.toStdString();
    EXPECT_TRUE(message.contains(provider.url(QString::fromLatin1(oidc)) + u" (HTTP 403)"_s)) << message.toStdString();
}

TEST_F(DiscoveryTest, SaysThatAProviderIsDown)
{
    provider.serve(oauth, Response::text(503, u"maintenance"_s));
    provider.serve(oidc, Response::text(503, u"maintenance"_s));
    const auto discovery = run(provider.origin());
    EXPECT_EQ(outcomes(discovery), (QStringList{u"unreachable 503"_s, u"unreachable 503"_s}));
    ASSERT_EQ(codeOf(discovery.config), u"provider_unreachable");
    EXPECT_EQ(discovery.config.error().message,
              u"The provider answers 503: it is down (%1)."_s.arg(provider.url(QString::fromLatin1(oauth))));
    EXPECT_EQ(discovery.config.error().details.value(u"status"_s), 503);
}

// To judge a token, a document needs issuer and jwks_uri only.
TEST_F(DiscoveryTest, TakesAnIncompleteDocumentWhereThereIsNoBetterOne)
{
    const QJsonObject keysOnly{{u"issuer"_s, provider.origin()}, {u"jwks_uri"_s, provider.url(u"/jwks"_s)}};
    provider.serve(oauth, keysOnly);
    const auto discovery = run(provider.origin());
    EXPECT_EQ(outcomes(discovery), (QStringList{u"used 200"_s, u"not_found 404"_s}));
    EXPECT_EQ(discovery.config.value().metadata.jwksUri, provider.url(u"/jwks"_s));
    EXPECT_EQ(discovery.document, keysOnly);
    EXPECT_EQ(discovery.probes.first().reason.message, QString());
}

TEST_F(DiscoveryTest, PrefersACompleteDocument)
{
    provider.serve(oauth, QJsonObject{{u"issuer"_s, provider.origin()}});
    provider.serve(oidc, provider.document(provider.origin()));
    const auto discovery = run(provider.origin());
    EXPECT_EQ(outcomes(discovery), (QStringList{u"invalid 200"_s, u"used 200"_s}));
    EXPECT_TRUE(discovery.probes.first().reason.message.contains(u"`token_endpoint` is missing."_s));
    EXPECT_EQ(discovery.config.value().type, ServerType::Oidc);
}

TEST_F(DiscoveryTest, NamesAByteOrderMark)
{
    provider.serve(oauth, Response::jsonText(200, "\xEF\xBB\xBF" + toJsonText(provider.document(provider.origin()))));
    const auto discovery = run(provider.origin());
    ASSERT_EQ(codeOf(discovery.config), u"invalid_server_metadata");
    EXPECT_TRUE(discovery.config.error().message.contains(u"byte order mark"_s));
}

TEST_F(DiscoveryTest, StopsWhereNobodyListens)
{
    const auto discovery = run(deadOrigin() + u"/t"_s);
    EXPECT_EQ(outcomes(discovery), QStringList{u"unreachable 0"_s});
    ASSERT_EQ(codeOf(discovery.config), u"provider_unreachable");
    EXPECT_EQ(discovery.config.error().details.value(u"cause"_s).toObject().value(u"code"_s), u"connection_refused"_s);
}

TEST_F(DiscoveryTest, StopsWhereNobodyAnswersInTime)
{
    RawServer silent(RawScript().awaitRequest().hang());
    Http::ClientOptions options;
    options.limits.timeout = std::chrono::milliseconds(100);
    Http::Client impatient(options);
    const auto discovery = wait(discover(&impatient, silent.origin() + u"/t"_s));
    EXPECT_EQ(outcomes(discovery), QStringList{u"unreachable 0"_s});
    ASSERT_EQ(codeOf(discovery.config), u"provider_unreachable");
    EXPECT_EQ(discovery.probes.first().reason.code, u"timeout");
}

TEST_F(DiscoveryTest, PlainHttpAcrossTheNetworkIsNotEvenTried)
{
    const auto discovery = run(u"http://a.example/t"_s);
    EXPECT_EQ(discovery.probes.size(), 1);
    EXPECT_EQ(codeOf(discovery.config), u"provider_unreachable");
    EXPECT_EQ(discovery.probes.first().reason.code, u"insecure_url");
}

TEST_F(DiscoveryTest, GoesOnWhenAConnectionBreaks)
{
    const auto serveOnSecond = [](const QByteArray &request) {
        const QByteArray target = targetOf(request);
        return target.startsWith("/.well-known/openid") ? rawResponse(404, "Connection: close\r\n", "") : QByteArray();
    };
    RawServer broken({RawScript().awaitRequest().close(), RawScript().awaitRequest().answer(serveOnSecond).close()});
    const auto discovery = wait(discover(&client, broken.origin()));
    ASSERT_GE(discovery.probes.size(), 2);
    EXPECT_EQ(discovery.probes.last().url, broken.origin() + QString::fromLatin1(oidc));
}

TEST_F(DiscoveryTest, RefusesWhatIsNoIssuer)
{
    for (const QString &issuer : {u""_s, u"a.example"_s, u"https://a.example?x"_s, u"https://a.example#x"_s}) {
        const auto discovery = run(issuer);
        EXPECT_EQ(codeOf(discovery.config), u"invalid_url") << issuer.toStdString();
        EXPECT_TRUE(discovery.probes.isEmpty());
        EXPECT_EQ(discovery.issuer, issuer);
    }
}

TEST_F(DiscoveryTest, TakesTheDocumentsOwnUrl)
{
    const QString issuer = provider.url(u"/t"_s);
    provider.serve("/t/.well-known/openid-configuration", provider.document(issuer));
    const auto discovery = run(provider.url(u"/t/.well-known/openid-configuration"_s));
    EXPECT_EQ(outcomes(discovery), QStringList{u"used 200"_s});
    EXPECT_EQ(discovery.issuer, issuer);
    EXPECT_EQ(discovery.config.value().type, ServerType::Oidc);
}

// Issuers with and without a trailing slash share one metadata URL (RFC 8414 §3.1).
TEST_F(DiscoveryTest, TheDocumentsOwnUrlStandsForBothSpellingsOfTheIssuer)
{
    provider.serve(oauth, provider.document(provider.url(u"/"_s)));
    const auto discovery = run(provider.url(QString::fromLatin1(oauth)));
    ASSERT_TRUE(discovery.config);
    EXPECT_EQ(discovery.issuer, provider.url(u"/"_s));
    EXPECT_EQ(discovery.config->type, ServerType::OAuth);

    provider.serve(oauth, provider.document(u"https://other.example"_s));
    EXPECT_EQ(codeOf(run(provider.url(QString::fromLatin1(oauth))).config), u"issuer_mismatch");
}

TEST_F(DiscoveryTest, CanBeCancelled)
{
    Gate gate;
    provider.serveLater(oauth, provider.document(provider.origin()), gate.opened());
    std::stop_source stop;
    auto task = discover(&client, provider.origin(), {.type = {}, .stop = stop.get_token()});
    ASSERT_TRUE(RawServer::waitUntil([&] { return !provider.asked().isEmpty(); }));
    stop.request_stop();
    const auto discovery = wait(std::move(task));
    EXPECT_EQ(codeOf(discovery.config), u"cancelled");
    EXPECT_EQ(discovery.probes.size(), 1);
}

TEST_F(DiscoveryTest, EndsWhenItsClientIsDestroyed)
{
    Gate gate;
    provider.serveLater(oauth, provider.document(provider.origin()), gate.opened());
    auto own = std::make_unique<Http::Client>();
    auto task = discover(own.get(), provider.origin());
    ASSERT_TRUE(RawServer::waitUntil([&] { return !provider.asked().isEmpty(); }));
    own.reset();
    EXPECT_EQ(codeOf(wait(std::move(task)).config), u"cancelled");
}

TEST(ProbeOutcomes, HaveNames)
{
    EXPECT_EQ(toString(ProbeOutcome::Used), u"used");
    EXPECT_EQ(toString(ProbeOutcome::NotFound), u"not_found");
    EXPECT_EQ(toString(ProbeOutcome::Invalid), u"invalid");
    EXPECT_EQ(toString(ProbeOutcome::IssuerMismatch), u"issuer_mismatch");
    EXPECT_EQ(toString(ProbeOutcome::Unreachable), u"unreachable");
}
