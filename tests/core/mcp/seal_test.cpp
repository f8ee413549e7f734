#include "mcp/seal_p.h"
#include "support/clock.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

const Secret key(QByteArray(sealKeyBytes, 'k'));
const QJsonObject payload{{u"a"_s, 1}};

} // namespace

TEST(Seals, OpenWhatTheySealed)
{
    const Seals seals(key, "server", systemClock());
    const QByteArray sealed = seals.seal("purpose", payload, std::chrono::seconds(60));
    EXPECT_EQ(Seals(key, "server", systemClock()).open("purpose", sealed).value(), payload);
}

TEST(Seals, OpenNothingElse)
{
    const Seals seals(key, "server", systemClock());
    const QByteArray sealed = seals.seal("purpose", payload, std::chrono::seconds(60));
    EXPECT_EQ(codeOf(seals.open("other", sealed)), u"invalid_seal");
    EXPECT_EQ(codeOf(Seals(key, "another", systemClock()).open("purpose", sealed)), u"invalid_seal");
    EXPECT_EQ(codeOf(Seals({}, "server", systemClock()).open("purpose", sealed)), u"invalid_seal");
    for (qsizetype i = 0; i < sealed.size(); ++i) {
        QByteArray changed = sealed;
        changed[i] = changed.at(i) == 'A' ? 'B' : 'A';
        EXPECT_EQ(codeOf(seals.open("purpose", changed)), u"invalid_seal") << i;
        EXPECT_EQ(codeOf(seals.open("purpose", sealed.first(i))), u"invalid_seal") << i;
    }
    EXPECT_EQ(codeOf(seals.open("purpose", QByteArray(maxSealedBytes + 1, 'A'))), u"invalid_seal");
}

TEST(Seals, EndAfterTheirTime)
{
    ManualClock clock;
    const Seals seals(key, "server", clock.clock());
    const QByteArray sealed = seals.seal("purpose", payload, std::chrono::seconds(60));
    clock.advance(std::chrono::seconds(59));
    EXPECT_TRUE(seals.open("purpose", sealed));
    clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(codeOf(seals.open("purpose", sealed)), u"expired_seal");
}
