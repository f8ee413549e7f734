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
