#include "mcp/endpoint.h"
#include "mcp/sessions_p.h"
#include "support/clock.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace Qt::StringLiterals;

namespace {

const Revision *newest()
{
    return &revisions().first();
}

const SessionOwner alice{u"https://a.example"_s, u"alice"_s};
const SessionCaller aliceHerself{alice, {}};

} // namespace

TEST(Sessions, HaveNamesOf256RandomBitsInVisibleAscii)
{
    Sessions sessions(systemClock());
    const QByteArray first = sessions.open(aliceHerself, newest()).id;
    const QByteArray second = sessions.open(aliceHerself, newest()).id;
    EXPECT_NE(first, second);
    EXPECT_EQ(first.size(), 43); // 256 bits, 6 a character
    EXPECT_TRUE(std::ranges::all_of(first, [](char c) { return c > 0x20 && c < 0x7f; }));
}

TEST(Sessions, AreFoundByTheirOwnerOnly)
{
    Sessions sessions(systemClock());
    const QByteArray id = sessions.open(aliceHerself, newest()).id;
    EXPECT_TRUE(sessions.use(id, alice));
    EXPECT_FALSE(sessions.use(id, {alice.issuer, u"bob"_s}));
    EXPECT_FALSE(sessions.use(id, {u"https://b.example"_s, alice.subject}));
    EXPECT_FALSE(sessions.use(id, {}));
    EXPECT_FALSE(sessions.close(id, {alice.issuer, u"bob"_s}));
    EXPECT_EQ(sessions.count(), 1);
    EXPECT_TRUE(sessions.close(id, alice));
    EXPECT_EQ(sessions.count(), 0);
}

TEST(Sessions, EndWhenTheyAreNotUsedForTooLong)
{
    McpAuth::Test::ManualClock clock;
    Sessions sessions(clock.clock());
    const QByteArray used = sessions.open(aliceHerself, newest()).id;
    const QByteArray unused = sessions.open(aliceHerself, newest()).id;
    clock.advance(sessionIdleTimeout);
    EXPECT_TRUE(sessions.use(used, alice));
    clock.advance(std::chrono::seconds(1));
    EXPECT_TRUE(sessions.use(used, alice));
    EXPECT_FALSE(sessions.use(unused, alice));
    EXPECT_EQ(sessions.count(), 1);
}

TEST(Sessions, AreBoundedAndTheOneLongestUnusedGoesFirst)
{
    Sessions sessions(systemClock());
    const QByteArray first = sessions.open(aliceHerself, newest()).id;
    const QByteArray second = sessions.open(aliceHerself, newest()).id;
    for (int i = 2; i < maxSessions; ++i)
        (void)sessions.open({{alice.issuer, QString::number(i)}, {}}, newest());
    EXPECT_TRUE(sessions.use(first, alice));
    (void)sessions.open({{alice.issuer, u"one more"_s}, {}}, newest());
    EXPECT_EQ(sessions.count(), maxSessions);
    EXPECT_TRUE(sessions.use(first, alice));
    EXPECT_FALSE(sessions.use(second, alice));
}

TEST(Sessions, OfOneCallerAreBoundedAndItsOwnGoFirst)
{
    Sessions sessions(systemClock());
    const QByteArray others = sessions.open({{alice.issuer, u"bob"_s}, {}}, newest()).id;
    const QByteArray first = sessions.open(aliceHerself, newest()).id;
    const QByteArray second = sessions.open(aliceHerself, newest()).id;
    for (int i = 2; i < maxSessionsPerCaller; ++i)
        (void)sessions.open(aliceHerself, newest());
    EXPECT_TRUE(sessions.use(first, alice));
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(sessions.count(), 1 + maxSessionsPerCaller);
        (void)sessions.open(aliceHerself, newest());
    }
    EXPECT_EQ(sessions.count(), 1 + maxSessionsPerCaller);
    EXPECT_TRUE(sessions.use(first, alice));
    EXPECT_FALSE(sessions.use(second, alice));
    EXPECT_TRUE(sessions.use(others, {alice.issuer, u"bob"_s}));
}

TEST(Sessions, WithoutAuthAreBoundedByThePeersAddress)
{
    Sessions sessions(systemClock());
    const QByteArray quiet = sessions.open({{}, u"127.0.0.2"_s}, newest()).id;
    for (int i = 0; i < 2 * maxSessionsPerCaller; ++i)
        (void)sessions.open({{}, u"127.0.0.1"_s}, newest());
    EXPECT_EQ(sessions.count(), 1 + maxSessionsPerCaller);
    EXPECT_TRUE(sessions.use(quiet, {}));
}

TEST(Sessions, ThatWereClosedDoNotCount)
{
    Sessions sessions(systemClock());
    const QByteArray kept = sessions.open(aliceHerself, newest()).id;
    for (int i = 0; i < maxSessionsPerCaller; ++i) {
        const QByteArray id = sessions.open(aliceHerself, newest()).id;
        EXPECT_TRUE(sessions.close(id, alice));
    }
    EXPECT_EQ(sessions.count(), 1);
    EXPECT_TRUE(sessions.use(kept, alice));
}

namespace {

const Secret sealKey(QByteArray(sealKeyBytes, 'k'));

std::shared_ptr<const Seals> sealsOf(const Clock &clock)
{
    return std::make_shared<const Seals>(sealKey, "server", clock);
}

} // namespace

TEST(SealedSessions, AreTakenOverByAnotherInstance)
{
    const McpAuth::Test::ManualClock clock;
    const QJsonObject capabilities{{u"roots"_s, QJsonObject()}};
    Sessions first(clock.clock(), {}, sealsOf(clock.clock()));
    Sessions second(clock.clock(), {}, sealsOf(clock.clock()));
    const QByteArray id = first.open(aliceHerself, newestLegacyRevision(), capabilities).id;
    EXPECT_TRUE(std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7f; }));
    EXPECT_FALSE(second.use(id, alice));
    const Session *adopted = second.adopt(id, aliceHerself);
    ASSERT_TRUE(adopted);
    EXPECT_EQ(adopted->revision, newestLegacyRevision());
    EXPECT_EQ(adopted->capabilities, capabilities);
    EXPECT_TRUE(second.use(id, alice));
}

TEST(SealedSessions, AreNobodyElses)
{
    McpAuth::Test::ManualClock clock;
    Sessions first(clock.clock(), {}, sealsOf(clock.clock()));
    Sessions second(clock.clock(), {}, sealsOf(clock.clock()));
    Sessions stranger(clock.clock(), {}, std::make_shared<const Seals>(Secret(), "server", clock.clock()));
    Sessions unsealed(clock.clock());
    const QByteArray id = first.open(aliceHerself, newestLegacyRevision()).id;
    EXPECT_FALSE(second.adopt(id, {{alice.issuer, u"bob"_s}, {}}));
    EXPECT_FALSE(second.adopt(id, {}));
    EXPECT_FALSE(second.adopt(id + 'x', aliceHerself));
    EXPECT_FALSE(stranger.adopt(id, aliceHerself));
    EXPECT_FALSE(unsealed.adopt(id, aliceHerself));
    clock.advance(sealedSessionLifetime);
    EXPECT_FALSE(second.adopt(id, aliceHerself));
}

TEST(SealedSessions, DoNotComeBackWhereTheirClientEndedThem)
{
    McpAuth::Test::ManualClock clock;
    Sessions sessions(clock.clock(), {}, sealsOf(clock.clock()));
    const QByteArray closed = sessions.open(aliceHerself, newestLegacyRevision()).id;
    const QByteArray unused = sessions.open(aliceHerself, newestLegacyRevision()).id;
    EXPECT_TRUE(sessions.close(closed, alice));
    clock.advance(sessionIdleTimeout + std::chrono::seconds(1));
    EXPECT_EQ(sessions.count(), 0);
    EXPECT_FALSE(sessions.adopt(closed, aliceHerself));
    EXPECT_TRUE(sessions.adopt(unused, aliceHerself)); // another instance may have used it meanwhile
}

TEST(SealedSessions, ALocalOneIsNotTakenOver)
{
    const McpAuth::Test::ManualClock clock;
    Sessions first(clock.clock(), {}, sealsOf(clock.clock()));
    Sessions second(clock.clock(), {}, sealsOf(clock.clock()));
    const QByteArray id = first.openLocal(aliceHerself, newestLegacyRevision()).id;
    EXPECT_TRUE(first.use(id, alice));
    EXPECT_FALSE(second.adopt(id, aliceHerself));
}
