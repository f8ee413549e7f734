// Step-up, and what a session keeps between runs.
#include "sessionfixture.h"

namespace McpAuth::OAuth {
namespace {

using namespace Test;

class StepUp : public SessionFixture
{
};

// 2026-07-28, Step-Up Authorization Flow, 2
TEST_F(StepUp, AsksForTheUnionOfScopes)
{
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->stepUp(Secret("old"), insufficient("write")))), u"access-1");
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read write");
    EXPECT_EQ(session->authorization()->requestedScopes, (QStringList{u"read"_s, u"write"_s}));
}

TEST_F(StepUp, AddsToTheScopesThatTheUserChose)
{
    start([](SessionOptions &options) { options.flow.scopes = QStringList{u"mine"_s}; });
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->stepUp(Secret("old"), insufficient("write")))), u"access-1");
    const QStringList asked = value(provider.formOf("/authorize"), u"scope").split(u' ');
    EXPECT_EQ(QSet<QString>(asked.begin(), asked.end()), (QSet<QString>{u"mine"_s, u"read"_s, u"write"_s}));
}

TEST_F(StepUp, RunsOnceForAHundredRefusals)
{
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(outcomesOfAHundred([this] { return session->stepUp(Secret("old"), insufficient("write")); }),
              QStringList{u"access-1"_s});
    EXPECT_EQ(flows(), 1);
}

TEST_F(StepUp, RunsAgainForOtherScopes)
{
    start();
    session->setAuthorization(earlier());
    auto write = session->stepUp(Secret("old"), insufficient("write"));
    auto admin = session->stepUp(Secret("old"), insufficient("admin"));
    EXPECT_TRUE(wait(std::move(write)));
    EXPECT_TRUE(wait(std::move(admin)));
    EXPECT_EQ(flows(), 2);
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read write admin");
}

// 2026-07-28, Step-Up Authorization Flow, 4
TEST_F(StepUp, GivesUpAfterAFewTimes)
{
    start();
    session->setAuthorization(earlier());
    Secret token("old");
    for (int attempt = 1; attempt <= maxStepUps; ++attempt) {
        provider.token.insert(u"access_token"_s, u"token-%1"_s.arg(attempt));
        token = wait(session->stepUp(token, insufficient("admin"))).value();
        EXPECT_EQ(flows(), attempt);
    }
    EXPECT_EQ(tokenOf(wait(session->stepUp(token, insufficient("admin")))), u"step_up_limit");
    EXPECT_EQ(flows(), maxStepUps);

    session->succeeded();
    EXPECT_TRUE(wait(session->stepUp(token, insufficient("admin"))));
    EXPECT_EQ(flows(), maxStepUps + 1);
}

TEST_F(StepUp, NeedsSomebody)
{
    start([](SessionOptions &options) { options.interactive = false; });
    session->setAuthorization(earlier());
    const auto refused = wait(session->stepUp(Secret("old"), insufficient("write admin")));
    ASSERT_EQ(codeOf(refused), u"insufficient_scope");
    EXPECT_EQ(refused.error().details.value(u"scope"), u"write admin"_s);
    EXPECT_TRUE(journal.isEmpty());
    EXPECT_EQ(present(), u"old");
}

TEST_F(StepUp, ThatFailsLeavesTheTokenAlone)
{
    provider.redirectChanges.insert(u"error"_s, u"access_denied"_s);
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(outcomesOfAHundred([this] { return session->stepUp(Secret("old"), insufficient("write")); }),
              QStringList{u"authorization_refused"_s});
    EXPECT_EQ(flows(), 1);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"old");
}

class SessionStore : public SessionFixture
{
public:
    SessionStore() { store = memoryCredentialStore(clock.clock()); }

    [[nodiscard]] QString stored() const
    {
        const auto found = wait(store->authorization(mcp.url(u"/mcp"_s))).value();
        return found ? QString::fromLatin1(found->tokens.accessToken.reveal()) : QString();
    }
};

TEST_F(SessionStore, IsReadAtTheFirstUse)
{
    ASSERT_TRUE(wait(store->storeAuthorization(earlier())));
    start();
    int changes = 0;
    QObject::connect(session.get(), &Session::authorizationChanged, session.get(), [&] { ++changes; });
    EXPECT_EQ(session->authorization(), std::nullopt);
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"old");
    EXPECT_EQ(changes, 1);
}

TEST_F(SessionStore, IsWrittenAfterEachChange)
{
    start();
    session->setAuthorization(earlier());
    EXPECT_EQ(stored(), u"old");
    EXPECT_TRUE(wait(session->renew(Secret("old"), unauthorized())));
    EXPECT_EQ(stored(), u"access-1");
    EXPECT_EQ(wait(store->client(provider.issuer)).value(), std::nullopt);
}

TEST_F(SessionStore, KeepsTheRegistrationOfAFlow)
{
    start();
    EXPECT_TRUE(wait(session->renew(Secret(), unauthorized())));
    const auto registered = wait(store->client(provider.issuer)).value();
    ASSERT_TRUE(registered);
    EXPECT_EQ(registered->clientId, u"dynamic-1");
}

TEST_F(SessionStore, ForgetsARegistrationThatTheProviderForgot)
{
    refuseRefresh(401, u"invalid_client"_s);
    start();
    Authorization dynamic = earlier();
    dynamic.client.origin = ClientInformation::Origin::Dynamic;
    ASSERT_TRUE(wait(store->storeClient(dynamic.client)));
    session->setAuthorization(dynamic);
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
    EXPECT_EQ(session->authorization()->client.clientId, u"dynamic-1");
}

/// A keychain that lets nobody in.
class DeniedStore : public CredentialStore
{
    template<typename T>
    static QCoro::Task<Result<T>> denied()
    {
        co_return fail(u"keychain_denied"_s, u"The keychain is locked."_s);
    }
    QCoro::Task<Result<std::optional<ClientInformation>>> client(QString /*issuer*/) override
    {
        return denied<std::optional<ClientInformation>>();
    }
    QCoro::Task<Result<>> storeClient(ClientInformation /*client*/) override { return denied<void>(); }
    QCoro::Task<Result<>> removeClient(QString /*issuer*/) override { return denied<void>(); }
    QCoro::Task<Result<std::optional<Authorization>>> authorization(QString /*mcpUrl*/) override
    {
        return denied<std::optional<Authorization>>();
    }
    QCoro::Task<Result<>> storeAuthorization(Authorization /*authorization*/) override { return denied<void>(); }
    QCoro::Task<Result<>> removeAuthorization(QString /*mcpUrl*/) override { return denied<void>(); }
};

TEST_F(SessionStore, MayFailWithoutLossOfTheTokens)
{
    store = std::make_shared<DeniedStore>();
    start();
    QStringList failures;
    QObject::connect(session.get(), &Session::storeFailed, session.get(),
                     [&](const Error &error) { failures.append(error.code); });
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"");
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"old");
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"access-1");
    EXPECT_EQ(failures, (QStringList{u"keychain_denied"_s, u"keychain_denied"_s, u"keychain_denied"_s}));
}

} // namespace
} // namespace McpAuth::OAuth
