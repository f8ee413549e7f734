// Which client goes to which authorization server (2026-07-28 basic/authorization/client-registration).
#include "core/oauth/testprovider.h"
#include "jose/jwt.h"
#include "jose/verify.h"
#include "support/clock.h"

using namespace McpAuth;
using namespace McpAuth::OAuth;
using namespace McpAuth::Test;
using Http::Response;
using Origin = ClientInformation::Origin;

namespace {

const QString documentUrl = QStringLiteral("https://app.example/client.json");

class FlowClient : public FlowFixture
{
public:
    ClientInformation preregistered(const QString &issuer) const
    {
        ClientInformation mine{.clientId = u"mine"_s, .issuer = issuer};
        mine.clientSecret = Secret("my-secret");
        return mine;
    }

    QString used() const { return value(provider.formOf("/authorize"), u"client_id"); }
    bool hasRegistered() const { return journal.contains(u"as POST /register"); }
};

TEST_F(FlowClient, IsTheGivenOneFirst) // Client Registration, priority order
{
    provider.metadata.insert(u"client_id_metadata_document_supported"_s, true);
    FlowOptions flow = options();
    flow.preregistered = preregistered(provider.issuer);
    flow.clientMetadataUrl = documentUrl;
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(used(), u"mine");
    EXPECT_FALSE(hasRegistered());
    EXPECT_EQ(provider.last("/token").header("Authorization"), "Basic " + QByteArray("mine:my-secret").toBase64());
}

TEST_F(FlowClient, IsTheDocumentSecond)
{
    provider.metadata.insert(u"client_id_metadata_document_supported"_s, true);
    FlowOptions flow = options();
    flow.clientMetadataUrl = documentUrl;
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(used(), documentUrl);
    EXPECT_EQ(value(provider.formOf("/token"), u"client_id"), documentUrl);
    EXPECT_FALSE(hasRegistered());
}

TEST_F(FlowClient, OfADocumentHasAKeyOfItsOwn)
{
    provider.metadata.insert(u"client_id_metadata_document_supported"_s, true);
    provider.metadata.insert(u"token_endpoint_auth_methods_supported"_s, QJsonArray{u"private_key_jwt"_s, u"none"_s});
    FlowOptions flow = options();
    flow.clientMetadataUrl = documentUrl;
    flow.preregistered = preregistered(provider.issuer);
    flow.preregistered->key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
    flow.registration = RegistrationPreference::MetadataDocument;
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(value(provider.formOf("/token"), u"client_assertion"), u"");

    flow.clientMetadataKey = Jose::generateKey(*Jose::findAlgorithm("ES256")).value();
    ASSERT_TRUE(run(flow));
    const Jose::Jws jws = Jose::parseJws(value(provider.formOf("/token"), u"client_assertion").toLatin1()).value();
    EXPECT_TRUE(Jose::verifySignature(jws, flow.clientMetadataKey, {"ES256"}));
}

TEST_F(FlowClient, IsRegisteredLast)
{
    FlowOptions flow = options();
    flow.clientMetadataUrl = documentUrl; // but the provider does not say that it takes documents
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(used(), u"dynamic-1");
}

TEST_F(FlowClient, IsNoDocumentBeforeNovember2025)
{
    provider.metadata.insert(u"client_id_metadata_document_supported"_s, true);
    FlowOptions flow = options(u"2025-06-18"_s);
    flow.clientMetadataUrl = documentUrl;
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(used(), u"dynamic-1");
}

TEST_F(FlowClient, IsWhatIsForced)
{
    FlowOptions flow = options();
    flow.preregistered = preregistered(provider.issuer);
    flow.clientMetadataUrl = documentUrl;
    flow.registration = RegistrationPreference::MetadataDocument;
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(used(), documentUrl);
    EXPECT_FALSE(step(StepKind::Registration).notes.isEmpty()); // the provider does not say that it takes them

    flow.registration = RegistrationPreference::Dynamic;
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(used(), u"dynamic-1");
}

TEST_F(FlowClient, NamesItsApplicationTypeSince2026) // Application Type and Redirect URI Constraints
{
    ASSERT_TRUE(run(options()));
    EXPECT_EQ(provider.jsonOf("/register").value(u"application_type"), u"native"_s);
    EXPECT_EQ(provider.jsonOf("/register").value(u"redirect_uris"), (QJsonArray{u"http://127.0.0.1:7/callback"_s}));
    EXPECT_TRUE(provider.jsonOf("/register").value(u"grant_types").toArray().contains(u"refresh_token"_s));
    ASSERT_TRUE(run(options(u"2025-11-25"_s)));
    EXPECT_FALSE(provider.jsonOf("/register").contains(u"application_type"));
}

TEST_F(FlowClient, DoesNotAskForARefreshGrantThatTheProviderDoesNotList)
{
    provider.metadata.insert(u"grant_types_supported"_s, QJsonArray{u"authorization_code"_s});
    ASSERT_TRUE(run(options()));
    EXPECT_EQ(provider.jsonOf("/register").value(u"grant_types"), QJsonArray{u"authorization_code"_s});
    EXPECT_FALSE(step(StepKind::Registration).notes.isEmpty());
}

TEST_F(FlowClient, AsksForAnAuthenticationThatTheProviderTakes)
{
    provider.metadata.insert(u"token_endpoint_auth_methods_supported"_s, QJsonArray{u"client_secret_post"_s});
    provider.registration.insert(u"client_secret"_s, u"hush"_s);
    ASSERT_TRUE(run(options()));
    EXPECT_EQ(provider.jsonOf("/register").value(u"token_endpoint_auth_method"), u"client_secret_post"_s);
    EXPECT_EQ(value(provider.formOf("/token"), u"client_secret"), u"hush");
}

TEST_F(FlowClient, TriesTheOtherApplicationTypeOnce)
{
    provider.on("/register", [](const Http::Request &request) {
        if (request.body.contains("\"native\""))
            return Response::json(201, {{u"client_id"_s, u"second"_s}});
        return Response::error(400, u"invalid_redirect_uri"_s, u"http is for native clients"_s);
    });
    ASSERT_TRUE(run(options(u"2025-11-25"_s))); // sends none at first
    EXPECT_EQ(used(), u"second");
    EXPECT_EQ(journal.count(u"as POST /register"), 2);
    EXPECT_TRUE(step(StepKind::Registration).notes.join(u' ').contains(u"application_type"));
    EXPECT_FALSE(step(StepKind::Registration).messages.first().failure.isEmpty());
}

TEST_F(FlowClient, GivesUpAfterTheSecondRefusalWithTheFirstOnesWords)
{
    provider.on("/register", [](const Http::Request &request) {
        const QString words = request.body.contains("\"native\"") ? u"no loopback here"_s : u"no web here"_s;
        return Response::error(400, u"invalid_redirect_uri"_s, words);
    });
    const auto refused = run(options());
    EXPECT_EQ(failure(), u"registration registration_refused");
    EXPECT_TRUE(refused.error().message.contains(u"no loopback here"));
    EXPECT_EQ(journal.count(u"as POST /register"), 2);
}

TEST_F(FlowClient, IsNotRegisteredTwiceForOtherReasons)
{
    provider.on("/register", Response::error(400, u"invalid_client_metadata"_s, u"bad name"_s));
    EXPECT_FALSE(run(options()));
    EXPECT_EQ(journal.count(u"as POST /register"), 1);
}

TEST_F(FlowClient, IsKeptForTheNextFlow)
{
    FlowOptions flow = options();
    flow.store = memoryCredentialStore();
    ASSERT_TRUE(run(flow));
    const auto kept = wait(flow.store->client(provider.issuer));
    ASSERT_TRUE(kept && *kept);
    EXPECT_EQ((*kept)->clientId, u"dynamic-1");
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(journal.count(u"as POST /register"), 1);
    EXPECT_TRUE(step(StepKind::Registration).messages.isEmpty());
}

TEST_F(FlowClient, ComesBackToThePortOfItsRegistration) // some providers compare ports, despite RFC 8252 §7.3
{
    FlowOptions flow = options();
    flow.browser = loopbackBrowser(browse);
    flow.store = memoryCredentialStore();
    ASSERT_TRUE(run(flow));
    const QString first = value(provider.formOf("/authorize"), u"redirect_uri");
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"redirect_uri"), first);
    EXPECT_EQ(journal.count(u"as POST /register"), 1);

    const auto port = static_cast<quint16>(QUrl(first).port());
    QTcpServer occupant;
    ASSERT_TRUE(occupant.listen(QHostAddress::LocalHost, port));
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(journal.count(u"as POST /register"), 2);
    EXPECT_NE(value(provider.formOf("/authorize"), u"redirect_uri"), first);
}

TEST_F(FlowClient, IsForgottenWhenTheProviderHasForgottenIt)
{
    FlowOptions flow = options();
    flow.store = memoryCredentialStore();
    ASSERT_TRUE(run(flow));
    provider.on("/token", Response::error(401, u"invalid_client"_s, u"Who?"_s));
    EXPECT_EQ(codeOf(run(flow)), u"token_request_refused");
    const auto kept = wait(flow.store->client(provider.issuer));
    EXPECT_TRUE(kept && !*kept);
    EXPECT_TRUE(step(StepKind::Token).notes.join(u' ').contains(u"registers again"));
}

TEST_F(FlowClient, IsToldWhatAProviderThatRefusesItMayWantInstead)
{
    FlowOptions flow = options();
    flow.preregistered = ClientInformation{
        .clientId = u"https://app.example"_s, .issuer = provider.issuer, .clientSecret = Secret("50%")};
    provider.on("/token", Response::error(401, u"invalid_client"_s, u"Who?"_s));
    EXPECT_EQ(codeOf(run(flow)), u"token_request_refused");
    EXPECT_TRUE(step(StepKind::Token).notes.join(u' ').contains(u"client_secret_post"));

    flow.preregistered->registeredMethod = ClientAuthMethod::ClientSecretPost;
    EXPECT_EQ(codeOf(run(flow)), u"token_request_refused");
    EXPECT_EQ(value(provider.formOf("/token"), u"client_secret"), u"50%");
    EXPECT_TRUE(step(StepKind::Token).notes.isEmpty());

    flow.preregistered = ClientInformation{.clientId = u"machine"_s,
                                           .issuer = provider.issuer,
                                           .key = Jose::generateKey(*Jose::findAlgorithm("ES256")).value()};
    provider.metadata.insert(u"token_endpoint_auth_methods_supported"_s, QJsonArray{u"private_key_jwt"_s});
    EXPECT_EQ(codeOf(run(flow)), u"token_request_refused");
    EXPECT_TRUE(step(StepKind::Token).notes.join(u' ').contains(u"assertion audience"));

    flow.assertionAudience = AssertionAudience::TokenEndpoint;
    EXPECT_EQ(codeOf(run(flow)), u"token_request_refused");
    EXPECT_TRUE(step(StepKind::Token).notes.isEmpty());
}

TEST_F(FlowClient, MayBeForgottenWhenNothingComesBack) // RFC 6749 §4.1.2.1: the provider tells the person only
{
    FlowOptions flow = options();
    flow.store = memoryCredentialStore();
    ASSERT_TRUE(run(flow));
    const auto silent = [](QString) -> QCoro::Task<Result<ResponseParameters>> {
        co_return fail(u"timeout"_s, u"Nothing came back."_s);
    };
    flow.browser = following(silent);
    const auto late = run(flow);
    EXPECT_EQ(late.error().details.value(u"stored_client"), u"dynamic-1"_s);
    EXPECT_TRUE(late.error().message.contains(u"register again")) << late.error().message.toStdString();

    flow.browser = following(followRedirect);
    flow.registerAnew = true;
    provider.registration = {{u"client_id"_s, u"dynamic-2"_s}};
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(used(), u"dynamic-2");
    EXPECT_EQ((*wait(flow.store->client(provider.issuer)))->clientId, u"dynamic-2");

    flow.browser = following(silent); // of a fresh registration that is no reason
    EXPECT_FALSE(run(flow).error().details.contains(u"stored_client"));
}

TEST_F(FlowClient, OfAnotherFlowIsNotForgotten)
{
    FlowOptions flow = options();
    flow.store = memoryCredentialStore();
    ASSERT_TRUE(run(flow));
    const ClientInformation newer{.clientId = u"newer"_s, .issuer = provider.issuer, .origin = Origin::Dynamic};
    provider.on("/token", [&](const Http::Request &) {
        [[maybe_unused]] const auto stored = flow.store->storeClient(newer);
        return Response::error(401, u"invalid_client"_s, u"Who?"_s);
    });
    EXPECT_EQ(codeOf(run(flow)), u"token_request_refused");
    const auto kept = wait(flow.store->client(provider.issuer));
    ASSERT_TRUE(kept && *kept);
    EXPECT_EQ((*kept)->clientId, u"newer");
}

// ---- Scopes of a registration (RFC 7591 §2)

TEST_F(FlowClient, IsRegisteredForTheScopesThatAreAskedFor)
{
    mcp.challenge += ", scope=\"read\"";
    FlowOptions flow = options();
    flow.store = memoryCredentialStore();
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(provider.jsonOf("/register").value(u"scope"), u"read"_s);
    EXPECT_EQ((*wait(flow.store->client(provider.issuer)))->scopes, QStringList{u"read"_s});

    flow.scopes = {u"read"_s, u"write"_s};
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(journal.count(u"as POST /register"), 2);
    EXPECT_EQ(provider.jsonOf("/register").value(u"scope"), u"read write"_s);
    EXPECT_TRUE(step(StepKind::Registration).notes.join(u' ').contains(u"for read only"));

    flow.scopes = {u"write"_s};
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(journal.count(u"as POST /register"), 2);
}

TEST_F(FlowClient, IsRegisteredOnceWhereTheProviderGrantsFewerScopes)
{
    mcp.challenge += ", scope=\"read write\"";
    provider.registration = {{u"client_id"_s, u"dynamic-1"_s}, {u"scope"_s, u"read"_s}};
    FlowOptions flow = options();
    flow.store = memoryCredentialStore();
    ASSERT_TRUE(run(flow));
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(journal.count(u"as POST /register"), 1);
}

TEST_F(FlowClient, IsNotForgottenForWhatItMayNotDo) // RFC 6749 §5.2, unauthorized_client
{
    FlowOptions flow = options();
    flow.store = memoryCredentialStore();
    ASSERT_TRUE(run(flow));
    provider.on("/token", Response::error(400, u"unauthorized_client"_s, u"Not this grant"_s));
    EXPECT_TRUE(run(flow).error().details.contains(u"stored_client"));
    const auto kept = wait(flow.store->client(provider.issuer));
    EXPECT_TRUE(kept && *kept);
}

TEST_F(FlowClient, IsRegisteredWithoutScopesWhereTheProviderTakesNone)
{
    mcp.challenge += ", scope=\"read\"";
    provider.on("/register", [](const Http::Request &request) {
        if (request.body.contains("\"scope\""))
            return Response::error(400, u"invalid_client_metadata"_s, u"Not permitted to use specified scope"_s);
        return Response::json(201, {{u"client_id"_s, u"dynamic-1"_s}});
    });
    ASSERT_TRUE(run(options()));
    EXPECT_EQ(journal.count(u"as POST /register"), 2);
    EXPECT_TRUE(step(StepKind::Registration).notes.join(u' ').contains(u"without scope"));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read");
}

// ---- Authorization Server Binding

TEST_F(FlowClient, IsRegisteredAnewAtAnotherIssuer)
{
    provider.registration = {{u"client_id"_s, u"as1-client"_s}, {u"client_secret"_s, u"as1-secret"_s}};
    FlowOptions flow = options();
    flow.store = memoryCredentialStore();
    ASSERT_TRUE(run(flow));

    TestProvider other(journal, u"other"_s);
    mcp.metadata.insert(u"authorization_servers"_s, QJsonArray{other.issuer});
    const auto authorization = run(flow);
    ASSERT_TRUE(authorization) << authorization.error().message.toStdString();
    EXPECT_EQ(authorization->client.issuer, other.issuer);
    EXPECT_TRUE(journal.contains(u"other POST /register"));
    EXPECT_FALSE(other.hasSeen("as1-client"));
    EXPECT_FALSE(other.hasSeen("as1-secret"));
}

TEST_F(FlowClient, IsNeverShownToAnotherIssuer)
{
    TestProvider other(journal, u"other"_s);
    mcp.metadata.insert(u"authorization_servers"_s, QJsonArray{other.issuer});
    FlowOptions flow = options();
    flow.preregistered = preregistered(provider.issuer);
    const auto refused = run(flow);
    EXPECT_EQ(failure(), u"registration credentials_of_another_issuer");
    EXPECT_EQ(refused.error().details.value(u"expected"), provider.issuer);
    EXPECT_EQ(refused.error().details.value(u"actual"), other.issuer);
    EXPECT_FALSE(other.hasSeen("mine"));
    EXPECT_FALSE(other.hasSeen("my-secret"));
}

TEST_F(FlowClient, IsNotTakenFromAStoreThatMixesIssuersUp)
{
    /// Answers every issuer with the credentials of one.
    class Careless : public CredentialEntries
    {
    public:
        explicit Careless(const ClientInformation &always)
        {
            EXPECT_TRUE(wait(CredentialStore(m_inner).storeClient(always)));
            m_key = u"client "_s + always.issuer;
        }
        QCoro::Task<Result<std::optional<QByteArray>>> read(QString) override { return m_inner->read(m_key); }
        QCoro::Task<Result<>> write(QString, QByteArray) override { co_return Result<>(); }
        QCoro::Task<Result<>> remove(QString) override { co_return Result<>(); }

    private:
        std::shared_ptr<CredentialEntries> m_inner = memoryCredentialEntries();
        QString m_key;
    };
    FlowOptions flow = options();
    const QString other = u"https://other.example"_s;
    flow.store = std::make_shared<CredentialStore>(std::make_shared<Careless>(preregistered(other)));
    ASSERT_TRUE(wait(flow.store->client(other)).value());
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(used(), u"dynamic-1");
    EXPECT_FALSE(provider.hasSeen("my-secret"));
}

TEST_F(FlowClient, GoesToTheIssuerOfItsCredentialsAmongSeveral)
{
    TestProvider other(journal, u"other"_s);
    mcp.metadata.insert(u"authorization_servers"_s, QJsonArray{other.issuer, provider.issuer});
    FlowOptions flow = options();
    flow.preregistered = preregistered(provider.issuer);
    const auto authorization = run(flow);
    ASSERT_TRUE(authorization);
    EXPECT_EQ(authorization->server.issuer, provider.issuer);
    EXPECT_TRUE(other.requests().isEmpty());
}

TEST_F(FlowClient, OfNobodyKnowsWhomIsNoted)
{
    FlowOptions flow = options();
    flow.preregistered = preregistered({});
    EXPECT_EQ(codeOf(run(flow)), u"unbound_credentials"_s); // a secret goes nowhere then
    flow.overrides.allowUnboundSecret = true;
    const auto authorization = run(flow);
    ASSERT_TRUE(authorization);
    EXPECT_EQ(authorization->client.issuer, provider.issuer);
    EXPECT_FALSE(step(StepKind::Registration).notes.isEmpty());
}

TEST_F(FlowClient, GoesOnWithoutAStoreThatFails)
{
    class Locked : public CredentialEntries
    {
    public:
        QCoro::Task<Result<std::optional<QByteArray>>> read(QString) override
        {
            co_return fail(u"keychain_denied"_s, u"The keychain is locked."_s);
        }
        QCoro::Task<Result<>> write(QString, QByteArray) override
        {
            co_return fail(u"keychain_denied"_s, u"The keychain is locked."_s);
        }
        QCoro::Task<Result<>> remove(QString) override { co_return Result<>(); }
    };
    FlowOptions flow = options();
    flow.store = std::make_shared<CredentialStore>(std::make_shared<Locked>());
    ASSERT_TRUE(run(flow));
    EXPECT_EQ(step(StepKind::Registration).notes.filter(u"locked"_s).size(), 2);
}

} // namespace
