#include "http/server.h"
#include "jose/keysource.h"
#include "support/clock.h"
#include "testkeys.h"

#include <QCoroTimer>
#include <QTimer>

namespace McpAuth::Jose {
namespace {

using namespace Test;
using namespace std::chrono_literals;

/// What the provider answers, and how often it was asked.
struct Provider
{
    QByteArray body;
    QByteArray cacheControl;
    int status = 200;
    std::chrono::milliseconds delay = 0ms;
    int requests = 0;
};

QCoro::Task<Http::Response> answer(std::shared_ptr<Provider> provider)
{
    ++provider->requests;
    Http::Response response = Http::Response::jsonText(provider->status, provider->body);
    if (!provider->cacheControl.isEmpty())
        response.set("Cache-Control", provider->cacheControl);
    if (provider->delay > 0ms) {
        QTimer timer;
        timer.start(provider->delay);
        co_await timer;
    }
    co_return response;
}

Key signer(const QString &kid)
{
    return generateKey(algorithm("ES256")).value().withKid(kid);
}

QByteArray setOf(const QList<Key> &keys)
{
    QJsonArray list;
    for (const Key &key : keys)
        list.append(key.publicJwk());
    return toJsonText(QJsonObject{{QStringLiteral("keys"), list}});
}

Jws tokenOf(const Key &key)
{
    return parseJws(signJws({}, "{}", key).value()).value();
}

class RemoteKeySetTest : public testing::Test
{
protected:
    RemoteKeySetTest()
        : provider(std::make_shared<Provider>())
        , server([shared = provider](const Http::Request &) { return answer(shared); })
        , first(signer(QStringLiteral("first")))
        , second(signer(QStringLiteral("second")))
    {
        provider->body = setOf({first});
        EXPECT_TRUE(server.listen());
        keys = std::make_unique<RemoteKeySet>(&client, server.origin() + QStringLiteral("/jwks"),
                                              RemoteKeySetOptions{.clock = clock.clock()});
    }

    Result<QList<Key>> candidates(const Key &key) { return wait(keys->candidates(tokenOf(key))); }

    std::shared_ptr<Provider> provider;
    Http::Server server;
    Http::Client client;
    ManualClock clock;
    Key first;
    Key second;
    std::unique_ptr<RemoteKeySet> keys;
};

TEST_F(RemoteKeySetTest, IsFetchedWhenItIsFirstNeeded)
{
    EXPECT_EQ(provider->requests, 0);
    EXPECT_FALSE(keys->candidatesNow(tokenOf(first)));
    EXPECT_EQ(candidates(first)->size(), 1);
    EXPECT_EQ(provider->requests, 1);
    ASSERT_TRUE(keys->candidatesNow(tokenOf(first)));
    EXPECT_EQ((*keys->candidatesNow(tokenOf(first)))->first().kid(), u"first");
}

TEST_F(RemoteKeySetTest, IsFetchedOnceForAllWhoWait)
{
    provider->delay = 50ms;
    std::vector<QCoro::Task<Result<QList<Key>>>> tasks;
    for (int i = 0; i < 50; ++i)
        tasks.push_back(keys->candidates(tokenOf(first)));
    for (auto &task : tasks)
        EXPECT_EQ(codeOf(wait(std::move(task))), QString());
    EXPECT_EQ(provider->requests, 1);
}

TEST_F(RemoteKeySetTest, OutlivesItsClientOnTheKeysThatItKnows)
{
    auto own = std::make_unique<Http::Client>();
    keys = std::make_unique<RemoteKeySet>(own.get(), server.origin() + QStringLiteral("/jwks"),
                                          RemoteKeySetOptions{.clock = clock.clock()});
    EXPECT_TRUE(candidates(first));
    own.reset();
    clock.advance(300s);
    EXPECT_TRUE(candidates(first));
    clock.advance(300s);
    EXPECT_FALSE(candidates(second));
    EXPECT_EQ(provider->requests, 1);
}

TEST_F(RemoteKeySetTest, IsKeptFiveMinutesAtLeast)
{
    provider->cacheControl = "public, max-age=1";
    EXPECT_TRUE(candidates(first));
    clock.advance(299s);
    EXPECT_TRUE(candidates(first));
    EXPECT_EQ(provider->requests, 1);
    clock.advance(1s);
    EXPECT_TRUE(keys->candidatesNow(tokenOf(first))); // nobody waits while newer keys are fetched
    EXPECT_TRUE(wait(keys->keySet()));
    EXPECT_EQ(provider->requests, 2);
}

TEST_F(RemoteKeySetTest, IsKeptAsLongAsTheProviderSays)
{
    provider->cacheControl = "Max-Age=1800, must-revalidate";
    EXPECT_TRUE(candidates(first));
    clock.advance(1799s);
    EXPECT_TRUE(candidates(first));
    EXPECT_EQ(provider->requests, 1);
    clock.advance(1s);
    EXPECT_TRUE(wait(keys->keySet()));
    EXPECT_EQ(provider->requests, 2);
}

TEST_F(RemoteKeySetTest, IsKeptAnHourAtMost)
{
    provider->cacheControl = "max-age=9223372036854775807";
    EXPECT_TRUE(candidates(first));
    clock.advance(1h - 1s);
    EXPECT_TRUE(candidates(first));
    EXPECT_EQ(provider->requests, 1);
    clock.advance(1s);
    EXPECT_TRUE(wait(keys->keySet()));
    EXPECT_EQ(provider->requests, 2);
}

TEST_F(RemoteKeySetTest, IsFetchedAgainWhereNoKeyMadeTheSignature)
{
    EXPECT_TRUE(candidates(first));
    const quint64 seen = keys->generation();
    EXPECT_FALSE(wait(keys->refresh(seen))); // the provider has no other keys
    EXPECT_EQ(provider->requests, 2);
    provider->body = setOf({second.withKid(first.kid())});
    EXPECT_FALSE(wait(keys->refresh(seen))); // whoever sends wrong signatures does not make us ask each time
    EXPECT_EQ(provider->requests, 2);
    clock.advance(30s);
    EXPECT_TRUE(wait(keys->refresh(seen)));
    EXPECT_TRUE(wait(keys->refresh(seen))); // who comes late finds them there
    EXPECT_EQ(provider->requests, 3);
}

TEST_F(RemoteKeySetTest, AClockThatIsSetBackEndsEveryWait)
{
    provider->status = 500;
    EXPECT_EQ(codeOf(candidates(first)), u"jwks_unreachable");
    provider->status = 200;
    clock.advance(-1h);
    EXPECT_TRUE(candidates(first));
}

TEST_F(RemoteKeySetTest, WaitsLongerAfterEachFailure)
{
    provider->status = 500;
    int expected = 0;
    for (const auto wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        EXPECT_EQ(codeOf(candidates(first)), u"jwks_unreachable");
        EXPECT_EQ(provider->requests, ++expected);
        clock.advance(wait - 1s);
        if (wait > 1s) {
            EXPECT_EQ(codeOf(candidates(first)), u"jwks_unreachable");
        }
        EXPECT_EQ(provider->requests, expected);
        clock.advance(1s);
    }
}

TEST_F(RemoteKeySetTest, IsFetchedAgainForAnUnknownKid)
{
    EXPECT_TRUE(candidates(first));
    provider->body = setOf({first, second});
    EXPECT_EQ(candidates(second)->size(), 1);
    EXPECT_EQ(provider->requests, 2);
}

TEST_F(RemoteKeySetTest, IsFetchedForUnknownKidsOnceACooldown)
{
    EXPECT_TRUE(candidates(first));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(codeOf(candidates(second)), u"no_matching_key");
    EXPECT_EQ(provider->requests, 2);
    clock.advance(29s);
    EXPECT_EQ(codeOf(candidates(second)), u"no_matching_key");
    EXPECT_EQ(provider->requests, 2);
    clock.advance(1s);
    provider->body = setOf({first, second});
    EXPECT_TRUE(candidates(second));
    EXPECT_EQ(provider->requests, 3);
}

TEST_F(RemoteKeySetTest, SharesTheFetchForAnUnknownKid)
{
    EXPECT_TRUE(candidates(first));
    provider->delay = 50ms;
    provider->body = setOf({first, second});
    std::vector<QCoro::Task<Result<QList<Key>>>> tasks;
    for (int i = 0; i < 20; ++i)
        tasks.push_back(keys->candidates(tokenOf(second)));
    EXPECT_TRUE(keys->candidatesNow(tokenOf(first))); // known keys do not wait for it
    for (auto &task : tasks)
        EXPECT_EQ(codeOf(wait(std::move(task))), QString());
    EXPECT_EQ(provider->requests, 2);
}

TEST_F(RemoteKeySetTest, IsFetchedAgainForAKidWhoseKeyIsOfAnotherKind)
{
    EXPECT_TRUE(candidates(first));
    const Key other = keyFor("RS256").withKid(first.kid());
    EXPECT_EQ(codeOf(candidates(other)), u"algorithm_key_mismatch");
    EXPECT_EQ(codeOf(candidates(other)), u"algorithm_key_mismatch");
    EXPECT_EQ(provider->requests, 2) << "once a cooldown";
    clock.advance(30s);
    provider->body = setOf({other});
    EXPECT_EQ(codeOf(candidates(other)), QString());
    EXPECT_EQ(provider->requests, 3);
}

TEST_F(RemoteKeySetTest, IsFetchedAgainForAKidWhoseKeyWasUnusable)
{
    provider->body = R"({"keys":[{"kty":"EC","kid":"first"}]})";
    EXPECT_EQ(codeOf(candidates(first)), u"unusable_key");
    clock.advance(30s);
    provider->body = setOf({first});
    EXPECT_EQ(codeOf(candidates(first)), QString());
}

TEST_F(RemoteKeySetTest, AWithdrawnKeyIsNotTrustedAfterAnIdleNight)
{
    EXPECT_TRUE(candidates(first));
    provider->body = setOf({second});
    clock.advance(10h);
    EXPECT_FALSE(keys->candidatesNow(tokenOf(first))) << "the provider is asked first";
    EXPECT_EQ(codeOf(candidates(first)), u"no_matching_key");
}

TEST_F(RemoteKeySetTest, AFailureOfYesterdayDoesNotKeepAWithdrawnKey)
{
    EXPECT_TRUE(candidates(first));
    provider->status = 503;
    clock.advance(1h);
    EXPECT_TRUE(wait(keys->keySet()));
    provider->status = 200;
    provider->body = setOf({second});
    clock.advance(10h);
    EXPECT_EQ(codeOf(candidates(first)), u"no_matching_key");
}

TEST_F(RemoteKeySetTest, KnownKeysGoOnWhileTheProviderIsDown)
{
    EXPECT_TRUE(candidates(first));
    const quint64 generation = keys->generation();
    wait(server.stop());
    for (int i = 0; i < 5; ++i) {
        clock.advance(1h);
        EXPECT_EQ(candidates(first)->size(), 1);
        EXPECT_TRUE(keys->candidatesNow(tokenOf(first)));
    }
    EXPECT_EQ(keys->generation(), generation);
    EXPECT_EQ(codeOf(candidates(second)), u"jwks_unreachable") << "the key may be one of those that cannot be fetched";
    EXPECT_EQ(candidates(first)->size(), 1);
}

TEST_F(RemoteKeySetTest, AsksAFailingProviderOnceACooldown)
{
    EXPECT_TRUE(candidates(first));
    provider->status = 503;
    clock.advance(1h);
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(candidates(first));
        EXPECT_TRUE(wait(keys->keySet()));
    }
    EXPECT_EQ(provider->requests, 2);
    provider->status = 200;
    provider->body = setOf({second});
    clock.advance(30s);
    EXPECT_TRUE(wait(keys->keySet()));
    EXPECT_EQ(provider->requests, 3);
    EXPECT_EQ(codeOf(candidates(second)), QString());
    EXPECT_EQ(codeOf(candidates(first)), u"no_matching_key");
}

TEST_F(RemoteKeySetTest, SaysWhyThereAreNoKeys)
{
    provider->status = 500;
    const auto failed = candidates(first);
    EXPECT_EQ(codeOf(failed), u"jwks_unreachable");
    EXPECT_EQ(failed.error().details.value(u"cause").toObject().value(u"status").toInt(), 500);
    ASSERT_TRUE(keys->candidatesNow(tokenOf(first)));
    EXPECT_EQ(codeOf(*keys->candidatesNow(tokenOf(first))), u"jwks_unreachable");
    EXPECT_EQ(codeOf(wait(keys->keySet())), u"jwks_unreachable");
    EXPECT_EQ(provider->requests, 1);
    EXPECT_EQ(keys->generation(), 0U);
}

TEST_F(RemoteKeySetTest, NamesAUrlWithEscapesAsItIs)
{
    provider->status = 404;
    const QString url = server.origin() + QStringLiteral("/a%2Fb%1F/jwks");
    RemoteKeySet escaped(&client, url, {.clock = clock.clock()});
    const auto failed = wait(escaped.candidates(tokenOf(first)));
    EXPECT_TRUE(failed.error().message.contains(url + QStringLiteral(" answered 404.")))
        << failed.error().message.toStdString();
}

TEST_F(RemoteKeySetTest, TriesAgainAfterTheFirstFailure)
{
    provider->status = 500;
    EXPECT_EQ(codeOf(candidates(first)), u"jwks_unreachable");
    provider->status = 200;
    clock.advance(30s);
    EXPECT_EQ(codeOf(candidates(first)), QString());
    EXPECT_EQ(provider->requests, 2);
}

TEST_F(RemoteKeySetTest, RefusesWhatIsNoKeySet)
{
    for (const QByteArray body : {"<html>", "[]", "{}", R"({"keys":1})", R"({"keys":[],"keys":[]})"}) {
        provider->body = body;
        clock.advance(30s);
        EXPECT_EQ(codeOf(candidates(first)), u"invalid_key_set") << body.data();
    }
    EXPECT_EQ(provider->requests, 5);
}

TEST_F(RemoteKeySetTest, CountsTheChangesOfItsKeys)
{
    EXPECT_EQ(keys->generation(), 0U);
    EXPECT_TRUE(candidates(first));
    EXPECT_EQ(keys->generation(), 1U);
    clock.advance(1h);
    EXPECT_TRUE(wait(keys->keySet()));
    EXPECT_EQ(keys->generation(), 1U);
    provider->body = setOf({first, second});
    clock.advance(1h);
    EXPECT_TRUE(wait(keys->keySet()));
    EXPECT_EQ(keys->generation(), 2U);
}

TEST_F(RemoteKeySetTest, CancelsWhoStillWaitsWhenItGoes)
{
    provider->delay = 200ms;
    auto waiting = keys->candidates(tokenOf(first));
    auto set = keys->keySet();
    keys.reset();
    EXPECT_EQ(codeOf(wait(std::move(waiting))), u"cancelled");
    EXPECT_EQ(codeOf(wait(std::move(set))), u"cancelled");
}

QCoro::Task<> verifyMany(RemoteKeySet *keys, QByteArray token, int count, std::shared_ptr<int> right)
{
    for (int i = 0; i < count; ++i) {
        const Jws jws = parseJws(token).value();
        const auto candidates = co_await keys->candidates(jws);
        if (candidates && verifySignature(jws, candidates->first(), asymmetricAlgorithmNames()))
            ++*right;
        QTimer pause;
        pause.start(1ms);
        co_await pause;
    }
}

TEST_F(RemoteKeySetTest, RotatesUnderLoadWithoutAFalseRefusal)
{
    EXPECT_TRUE(candidates(first));
    provider->delay = 5ms;
    provider->body = setOf({first, second});
    const auto right = std::make_shared<int>(0);
    std::vector<QCoro::Task<>> tasks;
    for (int i = 0; i < 20; ++i)
        tasks.push_back(verifyMany(keys.get(), signJws({}, "{}", i % 2 ? first : second).value(), 10, right));
    for (auto &task : tasks)
        wait(std::move(task));
    EXPECT_EQ(*right, 200);
    EXPECT_EQ(provider->requests, 2);
}

TEST(StaticKeys, AnswerAtOnce)
{
    StaticKeys keys({keyFor("ES256")});
    const Jws jws = tokenOf(keyFor("ES256"));
    ASSERT_TRUE(keys.candidatesNow(jws));
    EXPECT_EQ((*keys.candidatesNow(jws))->size(), 1);
    EXPECT_EQ(wait(keys.candidates(jws))->size(), 1);
    EXPECT_EQ(codeOf(wait(keys.candidates(tokenOf(keyFor("RS256"))))), u"no_matching_key");
    EXPECT_EQ(keys.generation(), 0U);
}

} // namespace
} // namespace McpAuth::Jose
