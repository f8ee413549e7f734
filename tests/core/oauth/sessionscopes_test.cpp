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

TEST_F(StepUp, AsksForNothingElse)
{
    provider.metadata.insert(u"scopes_supported"_s, QJsonArray{u"read"_s, u"write"_s, u"offline_access"_s});
    mcp.metadata.insert(u"scopes_supported"_s, QJsonArray{u"read"_s, u"write"_s, u"delete"_s});
    start();
    session->setAuthorization(earlier());
    EXPECT_TRUE(wait(session->stepUp(Secret("old"), insufficient("write"))));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read write");
    EXPECT_EQ(value(provider.formOf("/authorize"), u"prompt"), u"");
}

// As the window begins it: with the scopes that are missing, and a challenge that the server gives to a new request.
TEST_F(StepUp, AsksForNothingElseWithoutTheRefusalItself)
{
    mcp.metadata.insert(u"scopes_supported"_s, QJsonArray{u"read"_s, u"write"_s, u"delete"_s});
    FlowOptions flow = options();
    flow.previousScopes = {u"read"_s, u"write"_s};
    EXPECT_TRUE(run(flow));
    EXPECT_EQ(value(provider.formOf("/authorize"), u"scope"), u"read write");
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

// Two windows, or two programs, that keep their tokens in one place.
TEST_F(SessionStore, OfTwoSessionsHasTheRefreshTokenThatBothUse)
{
    int refreshes = 0;
    provider.on("/token", [&](const Http::Request &request) {
        const Http::Form form = Http::parseForm(request.body).value();
        const QString expected = refreshes == 0 ? u"old-refresh"_s : u"refresh-%1"_s.arg(refreshes);
        if (value(form, u"refresh_token") != expected)
            return Http::Response::json(400, {{u"error"_s, u"invalid_grant"_s}}); // reuse: all of them are revoked
        ++refreshes;
        QJsonObject answer = provider.token;
        answer.insert(u"access_token"_s, u"access-%1"_s.arg(refreshes));
        answer.insert(u"refresh_token"_s, u"refresh-%1"_s.arg(refreshes));
        return Http::Response::json(200, answer);
    });
    ASSERT_TRUE(wait(store->storeAuthorization(earlier())));
    start();
    const auto first = std::move(session);
    start();
    EXPECT_EQ(tokenOf(wait(first->accessToken())), u"old");
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"old");

    clock.advance(std::chrono::hours(1));
    EXPECT_EQ(tokenOf(wait(first->accessToken())), u"access-1");
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"access-1") << "what the first has stored is good";
    EXPECT_EQ(refreshes, 1);
    clock.advance(std::chrono::hours(1));
    EXPECT_EQ(tokenOf(wait(session->accessToken())), u"access-2");
    EXPECT_EQ(tokenOf(wait(first->renew(Secret("access-1"), unauthorized()))), u"access-2");
    EXPECT_EQ(flows(), 0);
}

TEST_F(SessionStore, IsReadAgainWhenTheProviderRefusesTheRefreshToken)
{
    Gate gate;
    provider.hold("/token", gate.opened());
    provider.on("/token", [this](const Http::Request &request) {
        const bool isOld = request.body.contains("old-refresh");
        return isOld ? Http::Response::json(400, {{u"error"_s, u"invalid_grant"_s}})
                     : Http::Response::json(200, provider.token);
    });
    start();
    session->setAuthorization(earlier());
    auto renewed = session->renew(Secret("old"), unauthorized());
    ASSERT_TRUE(waitUntil([this] { return tokenRequests() == 1; }));
    Authorization newer = earlier("newer-refresh");
    newer.tokens.accessToken = Secret("newer");
    newer.tokens.expiresAt = clock.now(); // its owner let it expire
    ASSERT_TRUE(wait(store->storeAuthorization(newer)));
    gate.open();
    EXPECT_EQ(tokenOf(wait(std::move(renewed))), u"access-1");
    EXPECT_TRUE(provider.hasSeen("newer-refresh"));
    EXPECT_EQ(flows(), 0);
    EXPECT_EQ(stored(), u"access-1");
}

TEST_F(SessionStore, LosesARefreshTokenThatIsRefused)
{
    refuseRefresh(400, u"invalid_grant"_s);
    start([](SessionOptions &options) { options.interactive = false; });
    session->setAuthorization(earlier());
    EXPECT_EQ(tokenOf(wait(session->renew(Secret("old"), unauthorized()))), u"authorization_required");
    EXPECT_TRUE(wait(store->authorization(mcp.url(u"/mcp"_s))).value()->tokens.refreshToken.isEmpty());
}

TEST_F(SessionStore, ThatSomebodyElseHasClearedIsNotFilledAgain)
{
    Gate gate;
    provider.hold("/token", gate.opened());
    start([](SessionOptions &options) { options.interactive = false; });
    session->setAuthorization(earlier());
    auto renewed = session->renew(Secret("old"), unauthorized());
    ASSERT_TRUE(waitUntil([this] { return tokenRequests() == 1; }));
    ASSERT_TRUE(wait(store->removeAuthorization(mcp.url(u"/mcp"_s)))); // logged out in another window
    gate.open();
    EXPECT_EQ(tokenOf(wait(std::move(renewed))), u"authorization_required");
    EXPECT_EQ(stored(), u"");
    EXPECT_EQ(session->authorization(), std::nullopt);
}

/// A keychain that asks somebody before it writes.
class SlowEntries : public CredentialEntries
{
public:
    QCoro::Task<Result<std::optional<QByteArray>>> read(QString key) override { return inner->read(key); }
    QCoro::Task<Result<>> write(QString key, QByteArray entry) override
    {
        return later(gate.opened(), inner, key, entry);
    }
    QCoro::Task<Result<>> remove(QString key) override { return inner->remove(key); }

    Gate gate;
    std::shared_ptr<CredentialEntries> inner = memoryCredentialEntries();

private:
    static QCoro::Task<Result<>> later(QFuture<void> opened, std::shared_ptr<CredentialEntries> inner, QString key,
                                       QByteArray entry)
    {
        co_await opened;
        const Result<> written = co_await inner->write(key, entry);
        co_return written;
    }
};

TEST_F(SessionStore, IsEmptyWhenALogOutEndsThoughAWriteWasUnderWay)
{
    provider.metadata.remove(u"revocation_endpoint");
    const auto slow = std::make_shared<SlowEntries>();
    store = std::make_shared<CredentialStore>(slow);
    start();
    session->setAuthorization(earlier());
    auto loggedOut = session->logOut();
    EXPECT_EQ(session->authorization(), std::nullopt);
    slow->gate.open();
    EXPECT_TRUE(wait(std::move(loggedOut)));
    EXPECT_EQ(wait(CredentialStore(slow->inner).authorization(mcp.url(u"/mcp"_s))).value(), std::nullopt);
}

/// A keychain that lets nobody in.
class DeniedEntries : public CredentialEntries
{
    template<typename T>
    static QCoro::Task<Result<T>> denied()
    {
        co_return fail(u"keychain_denied"_s, u"The keychain is locked."_s);
    }
    QCoro::Task<Result<std::optional<QByteArray>>> read(QString) override
    {
        return denied<std::optional<QByteArray>>();
    }
    QCoro::Task<Result<>> write(QString, QByteArray) override { return denied<void>(); }
    QCoro::Task<Result<>> remove(QString) override { return denied<void>(); }
};

TEST_F(SessionStore, MayFailWithoutLossOfTheTokens)
{
    store = std::make_shared<CredentialStore>(std::make_shared<DeniedEntries>());
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

TEST_F(SessionStore, MayFailInASlotThatEndsTheSession)
{
    store = std::make_shared<CredentialStore>(std::make_shared<DeniedEntries>());
    start();
    QObject::connect(session.get(), &Session::storeFailed, session.get(), [this] { session.reset(); });
    session->setAuthorization(earlier());
    EXPECT_EQ(session, nullptr);
}

} // namespace
} // namespace McpAuth::OAuth
