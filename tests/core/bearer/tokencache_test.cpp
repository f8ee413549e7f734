#include "bearer/tokencache_p.h"
#include "provider.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Bearer;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QString issuer = u"https://login.example"_s;

/// Keys that say how often they were asked for, and change when told.
class CountingKeys : public Jose::StaticKeys
{
public:
    using StaticKeys::StaticKeys;

    std::optional<Result<QList<Jose::Key>>> candidatesNow(const Jose::Jws &jws) override
    {
        ++asked;
        return StaticKeys::candidatesNow(jws);
    }
    [[nodiscard]] quint64 generation() const override { return current; }

    int asked = 0;
    quint64 current = 0;
};

class TokenCacheTest : public testing::Test
{
protected:
    [[nodiscard]] BearerAuth auth(const BearerAuthOptions &rules) const
    {
        return {{trustedIssuer(issuer, keys)}, rules};
    }

    [[nodiscard]] Secret tokenLiving(std::chrono::seconds life) const
    {
        return signedToken(with(goodClaims(issuer, clock), u"exp"_s, clock.seconds() + life.count()), key);
    }

    ManualClock clock;
    BearerAuthOptions options{.audience = QStringList(), .clock = clock.clock()};
    Jose::Key key = newKey();
    std::shared_ptr<CountingKeys> keys = std::make_shared<CountingKeys>(QList{key});
};

TokenCache::Entry entryFor(int number, TimePoint since)
{
    return {.token = Secret(QByteArray::number(number)),
            .verdict = std::make_shared<const Verdict>(),
            .source = nullptr,
            .generation = 0,
            .since = since,
            .until = since + 1s};
}

} // namespace

TEST_F(TokenCacheTest, TheSameTokenIsVerifiedOnceAndJudgedAlike)
{
    const BearerAuth guard = auth(options);
    const Secret token = tokenLiving(600s);
    const Verdict first = wait(guard.judge(token));
    const Verdict second = wait(guard.judge(token));
    ASSERT_TRUE(first.accepted);
    EXPECT_EQ(keys->asked, 1);
    EXPECT_EQ(guard.cachedTokens(), 1);
    EXPECT_EQ(first.checks, second.checks);
    EXPECT_EQ(toJson(first), toJson(second));
    EXPECT_EQ(second.keyId, key.kid());
    ASSERT_TRUE(second.auth);
    EXPECT_EQ(second.auth->token, token);
    EXPECT_EQ(second.auth->claims, first.auth->claims);
}

TEST_F(TokenCacheTest, ForgetsAfterAMinute)
{
    const BearerAuth guard = auth(options);
    const Secret token = tokenLiving(600s);
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    clock.advance(cacheLifetime - 1ms);
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    EXPECT_EQ(keys->asked, 1);
    clock.advance(1ms);
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    EXPECT_EQ(keys->asked, 2);
}

TEST_F(TokenCacheTest, NeverKeepsATokenPastItsExpiry)
{
    options.leeway = 0s;
    const BearerAuth guard = auth(options);
    const Secret token = tokenLiving(5s);
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    clock.advance(4999ms);
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    EXPECT_EQ(keys->asked, 1);
    clock.advance(1001ms);
    EXPECT_EQ(wait(guard.judge(token)).error, BearerError::InvalidToken);
    EXPECT_EQ(guard.cachedTokens(), 0);
}

TEST_F(TokenCacheTest, ATokenThatLivesByLeewayAloneIsNotKept)
{
    const BearerAuth guard = auth(options);
    EXPECT_TRUE(wait(guard.judge(tokenLiving(-30s))).accepted);
    EXPECT_EQ(guard.cachedTokens(), 0);
}

TEST_F(TokenCacheTest, ForgetsWhenTheClockIsSetBack)
{
    const BearerAuth guard = auth(options);
    const Secret token = tokenLiving(600s);
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    clock.advance(-10s);
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    EXPECT_EQ(keys->asked, 2);
}

TEST_F(TokenCacheTest, RefusedTokensAreNotKept)
{
    options.audience = {u"https://mcp.example/mcp"_s};
    const BearerAuth guard = auth(options);
    const QJsonObject claims = goodClaims(issuer, clock);
    EXPECT_FALSE(wait(guard.judge(signedToken(with(claims, u"aud"_s, u"https://other.example"_s), key))).accepted);
    EXPECT_FALSE(wait(guard.judge(signedToken(claims, newKey().withKid(key.kid())))).accepted);
    EXPECT_FALSE(wait(guard.judge(tokenLiving(-3600s))).accepted);
    EXPECT_EQ(guard.cachedTokens(), 0);
}

TEST_F(TokenCacheTest, IsBoundedByBytesToo)
{
    TokenCache cache;
    const TimePoint now = clock.now();
    const auto insert = [&](int number, qsizetype bytes) {
        TokenCache::Entry entry = entryFor(number, now);
        entry.bytes = bytes;
        cache.insert(std::move(entry));
    };
    const auto holds = [&](int number) { return cache.find(Secret(QByteArray::number(number)), now) != nullptr; };
    insert(1, cacheBytes / 2);
    insert(2, cacheBytes / 2);
    EXPECT_EQ(cache.size(), 2);
    EXPECT_TRUE(holds(1));
    insert(3, 1);
    EXPECT_TRUE(holds(1));
    EXPECT_FALSE(holds(2)); // longest unused
    EXPECT_TRUE(holds(3));
    insert(4, cacheBytes + 1);
    EXPECT_FALSE(holds(4));
    EXPECT_EQ(cache.size(), 2);
    insert(1, cacheBytes); // replaces its own entry, and leaves no room for another
    EXPECT_EQ(cache.size(), 1);
    cache.clear();
    insert(5, cacheBytes);
    EXPECT_TRUE(holds(5));
}

TEST_F(TokenCacheTest, IsEmptiedWhenTheKeysChange)
{
    const BearerAuth guard = auth(options);
    const Secret token = tokenLiving(600s);
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    EXPECT_TRUE(wait(guard.judge(tokenLiving(500s))).accepted);
    EXPECT_EQ(guard.cachedTokens(), 2);
    ++keys->current;
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    EXPECT_EQ(keys->asked, 3);
    EXPECT_EQ(guard.cachedTokens(), 1);
}

TEST_F(TokenCacheTest, ScopesAreDecidedAnewEachTime)
{
    const BearerAuth guard = auth(options);
    const Secret token = tokenLiving(600s);
    EXPECT_EQ(wait(guard.judge(token, {u"admin"_s})).status, 403);
    EXPECT_TRUE(wait(guard.judge(token, {u"read"_s})).accepted);
    EXPECT_EQ(wait(guard.judge(token, {u"admin"_s})).missingScopes, QStringList{u"admin"_s});
    EXPECT_EQ(keys->asked, 1);
}

TEST_F(TokenCacheTest, CanBeClearedAndSwitchedOff)
{
    BearerAuth guard = auth(options);
    const Secret token = tokenLiving(600s);
    EXPECT_TRUE(wait(guard.judge(token)).accepted);
    guard.clearCache();
    EXPECT_EQ(guard.cachedTokens(), 0);
    options.cache = false;
    const BearerAuth without = auth(options);
    EXPECT_TRUE(wait(without.judge(token)).accepted);
    EXPECT_TRUE(wait(without.judge(token)).accepted);
    EXPECT_EQ(without.cachedTokens(), 0);
    EXPECT_EQ(keys->asked, 3);
}

TEST_F(TokenCacheTest, AnswersAtOnceWhatItKnows)
{
    options.requiredScopes = {u"read"_s};
    const BearerAuth guard = auth(options);
    const auto ask = [&](const Secret &token) {
        Http::Request request;
        request.headers.append("Authorization"_L1, QLatin1StringView("Bearer " + token.reveal()));
        const std::shared_ptr<const Verdict> now = guard.authorizeNow(request);
        const Verdict verdict = wait(guard.authorize(request));
        if (now) {
            EXPECT_EQ(toJson(*now), toJson(verdict));
        }
        return now;
    };
    const Secret token = tokenLiving(600s);
    EXPECT_FALSE(ask(token));
    const auto known = ask(token);
    ASSERT_TRUE(known);
    EXPECT_TRUE(known->accepted);
    EXPECT_EQ(known->auth->token, token);
    EXPECT_EQ(ask(token), known);
    EXPECT_FALSE(guard.authorizeNow({}));
    EXPECT_FALSE(ask(Secret("rubbish")));

    const Secret weak = signedToken(with(goodClaims(issuer, clock), u"scope"_s, u"other"_s), key);
    EXPECT_FALSE(ask(weak));
    ASSERT_TRUE(ask(weak));
    EXPECT_EQ(ask(weak)->status, 403);
    const Verdict more = wait(guard.judge(weak, {u"write"_s}));
    EXPECT_EQ(more.requiredScopes, (QStringList{u"read"_s, u"write"_s}));
    EXPECT_EQ(more.missingScopes, (QStringList{u"read"_s, u"write"_s}));
    EXPECT_TRUE(more.challenge.contains("scope=\"read write\""));
}

TEST(TokenCache, IsBoundedAndDropsWhatIsLongestUnused)
{
    const TimePoint now = ManualClock().now();
    TokenCache cache;
    for (int number = 0; number < cacheEntries; ++number)
        cache.insert(entryFor(number, now));
    EXPECT_TRUE(cache.find(Secret("0"), now)); // used: the next to go is 1
    cache.insert(entryFor(cacheEntries, now));
    EXPECT_EQ(cache.size(), cacheEntries);
    EXPECT_TRUE(cache.find(Secret("0"), now));
    EXPECT_FALSE(cache.find(Secret("1"), now));
    EXPECT_TRUE(cache.find(Secret("2"), now));
    cache.insert(entryFor(2, now));
    EXPECT_EQ(cache.size(), cacheEntries);
}

TEST(TokenCache, SurvivesAnExpiryFarOutsideOfTime)
{
    const TimePoint now = ManualClock().now();
    for (const qint64 expiry : {qint64{9'000'000'000'000'000}, qint64{-9'000'000'000'000'000}}) {
        Evidence evidence;
        evidence.auth.expiresAt = expiry;
        EXPECT_EQ(cachedUntil(evidence, now) > now, expiry > 0);
    }
    EXPECT_EQ(cachedUntil(Evidence(), now), now + cacheLifetime);
}

TEST(TokenCacheBytes, GrowWithTheEntriesOfItsLists)
{
    constexpr qsizetype blockOfShortString = 32; // on the heap, beside the object in the list
    EXPECT_GE(entryBytes(1'000, 400) - entryBytes(1'000, 0), 400 * (qsizetype{sizeof(QString)} + blockOfShortString));
}
