#include "http/challenge.h"
#include "support/result.h"

#include <QRandomGenerator>

using namespace McpAuth;
using namespace McpAuth::Http;
using McpAuth::Test::codeOf;

namespace {

using Parameters = QList<std::pair<QByteArray, QByteArray>>;

QByteArray randomBytes(QRandomGenerator &random, int smallest, int largest, int mostBytes)
{
    QByteArray bytes(random.bounded(mostBytes + 1), '\0');
    for (char &byte : bytes)
        byte = static_cast<char>(random.bounded(smallest, largest + 1));
    return bytes;
}

} // namespace

struct ReadableField
{
    const char *field;
    QList<Challenge> challenges;

    friend void PrintTo(const ReadableField &value, std::ostream *out) { *out << value.field; }
};

class ReadChallenges : public testing::TestWithParam<ReadableField>
{
};

TEST_P(ReadChallenges, AreWhatTheFieldSays)
{
    const auto challenges = parseChallenges(GetParam().field);
    ASSERT_TRUE(challenges) << challenges.error().message.toStdString();
    EXPECT_EQ(*challenges, GetParam().challenges);
}

INSTANTIATE_TEST_SUITE_P(
    Challenge, ReadChallenges,
    testing::Values(
        ReadableField{"", {}}, ReadableField{" , ,\t", {}}, ReadableField{"Bearer", {{"Bearer", {}, {}}}},
        ReadableField{"Bearer realm=\"a\"", {{"Bearer", {}, {{"realm", "a"}}}}},
        ReadableField{"bearer REALM=a", {{"bearer", {}, {{"realm", "a"}}}}},
        // RFC 9110 §11.6.1's own example
        ReadableField{"Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\"",
                      {{"Basic", {}, {{"realm", "simple"}}},
                       {"Newauth", {}, {{"realm", "apps"}, {"type", "1"}, {"title", "Login to \"apps\""}}}}},
        ReadableField{"Negotiate, Basic realm=\"x\"", {{"Negotiate", {}, {}}, {"Basic", {}, {{"realm", "x"}}}}},
        ReadableField{"Negotiate YWJj, Bearer", {{"Negotiate", "YWJj", {}}, {"Bearer", {}, {}}}},
        ReadableField{"Negotiate YWJjZA==", {{"Negotiate", "YWJjZA==", {}}}},
        ReadableField{"Negotiate a= , Bearer", {{"Negotiate", "a=", {}}, {"Bearer", {}, {}}}},
        ReadableField{"Bearer a=", {{"Bearer", "a=", {}}}}, // token68, by the grammar
        ReadableField{"Bearer a=b", {{"Bearer", {}, {{"a", "b"}}}}},
        ReadableField{"Bearer a = b", {{"Bearer", {}, {{"a", "b"}}}}},
        ReadableField{"Bearer a\t=\t\"b\" , c= d", {{"Bearer", {}, {{"a", "b"}, {"c", "d"}}}}},
        ReadableField{"Bearer a= \"b\"", {{"Bearer", {}, {{"a", "b"}}}}},
        ReadableField{",, Bearer  a=\"b\" ,, ,c=\"d\",", {{"Bearer", {}, {{"a", "b"}, {"c", "d"}}}}},
        ReadableField{"Bearer a=\"x, Basic realm=\\\"y\\\"\"", {{"Bearer", {}, {{"a", "x, Basic realm=\"y\""}}}}},
        ReadableField{"Bearer a=\"\\\\\\a\"", {{"Bearer", {}, {{"a", "\\a"}}}}},
        ReadableField{"Bearer a=\"\", b=\"\t\"", {{"Bearer", {}, {{"a", ""}, {"b", "\t"}}}}},
        ReadableField{"Bearer a=\"\xc3\xa9\"", {{"Bearer", {}, {{"a", "\xc3\xa9"}}}}},
        ReadableField{"A a=1, B a=1", {{"A", {}, {{"a", "1"}}}, {"B", {}, {{"a", "1"}}}}},
        ReadableField{
            "Bearer error=\"insufficient_scope\", scope=\"a b\", resource_metadata=\"https://x.example/.well-known/"
            "oauth-protected-resource?a=b\"",
            {{"Bearer",
              {},
              {{"error", "insufficient_scope"},
               {"scope", "a b"},
               {"resource_metadata", "https://x.example/.well-known/oauth-protected-resource?a=b"}}}}}));

struct UnreadableField
{
    QByteArray field;
    int offset;

    friend void PrintTo(const UnreadableField &value, std::ostream *out)
    {
        *out << value.field.toPercentEncoding().left(80).toStdString();
    }
};

class RefusedChallenges : public testing::TestWithParam<UnreadableField>
{
};

TEST_P(RefusedChallenges, NameTheByte)
{
    const auto challenges = parseChallenges(GetParam().field);
    ASSERT_EQ(codeOf(challenges), u"invalid_challenge") << GetParam().field.toStdString();
    EXPECT_EQ(challenges.error().details.value(u"offset").toInt(-1), GetParam().offset)
        << GetParam().field.toStdString();
}

INSTANTIATE_TEST_SUITE_P(
    Challenge, RefusedChallenges,
    testing::Values(UnreadableField{"a=b", 0}, UnreadableField{"=b", 0}, UnreadableField{"\"x\"", 0},
                    UnreadableField{"Bearer a=\"x", 9}, UnreadableField{"Bearer a=\"x\\", 9},
                    UnreadableField{"Bearer a=\"x\\\"", 9}, UnreadableField{"Bearer a=\"x\" b=\"y\"", 13},
                    UnreadableField{"Bearer a=\"x\"b=\"y\"", 12}, UnreadableField{"Bearer a=1, A=2", 12},
                    UnreadableField{"Bearer a=1, b=", 14}, UnreadableField{"Bearer abc, b=1", 12},
                    UnreadableField{"Bearer abc def", 7}, UnreadableField{"Bearer a=https://x", 14},
                    UnreadableField{"Bearer\ta=1", 6}, UnreadableField{"Bearer/x", 6},
                    UnreadableField{"Bearer a==b", 9}, UnreadableField{"Bearer =", 0},
                    UnreadableField{QByteArray("Bearer a=\"\0\"", 12), 10},
                    UnreadableField{"Bearer a=\"\r\nX: y\"", 10}, UnreadableField{"Bearer a=\"\\\n\"", 11},
                    UnreadableField{"Bearer a=\"\x7f\"", 10}, UnreadableField{QByteArray("\0", 1), 0},
                    UnreadableField{"Bearer\r\n", 6}, UnreadableField{QByteArray(16 * 1024 + 1, ','), 16 * 1024},
                    UnreadableField{QByteArray("A,").repeated(33), 64}));

TEST(Challenge, BoundsAreExact)
{
    EXPECT_TRUE(parseChallenges(QByteArray(16 * 1024, ',')));
    EXPECT_EQ(parseChallenges(QByteArray("A,").repeated(32)).value().size(), 32);
}

TEST(Challenge, ParametersAreFoundWithoutCase)
{
    const Challenge challenge = parseChallenges("BEARER Error=\"invalid_token\", empty=\"\"").value().first();
    EXPECT_TRUE(challenge.isBearer());
    EXPECT_EQ(challenge.parameter("ERROR"), "invalid_token");
    EXPECT_TRUE(challenge.parameter("scope").isNull());
    EXPECT_FALSE(challenge.parameter("empty").isNull());
    EXPECT_FALSE(Challenge({"Basic", {}, {}}).isBearer());
}

TEST(Challenge, IsWrittenQuoted)
{
    EXPECT_EQ(toFieldValue({"Bearer", {}, {}}), "Bearer");
    EXPECT_EQ(toFieldValue({"Negotiate", "YQ==", {}}), "Negotiate YQ==");
    EXPECT_EQ(toFieldValue({"Bearer", {}, {{"error", "invalid_token"}, {"scope", "a b"}}}),
              "Bearer error=\"invalid_token\", scope=\"a b\"");
    EXPECT_EQ(toFieldValue({"Bearer", {}, {{"a", "x\", b=\"y\\"}}}), "Bearer a=\"x\\\", b=\\\"y\\\\\"");
}

TEST(Challenge, WhatIsPrintableComesBackAsItWas)
{
    QRandomGenerator random(20260101);
    for (int round = 0; round < 2000; ++round) {
        Challenge challenge{"Bearer", {}, {}};
        for (int i = random.bounded(6); i > 0; --i)
            challenge.parameters.append({"p" + QByteArray::number(i), randomBytes(random, 0x20, 0x7e, 40)});
        const QByteArray field = toFieldValue(challenge);
        const auto parsed = parseChallenges(field + ", " + field);
        ASSERT_TRUE(parsed) << field.toStdString();
        ASSERT_EQ(*parsed, (QList{challenge, challenge}));
    }
}

TEST(Challenge, NothingBreaksOutOfAQuotedString)
{
    QRandomGenerator random(7);
    for (int round = 0; round < 2000; ++round) {
        const Challenge challenge{"Bearer", {}, {{"a", randomBytes(random, -128, 127, 40)}, {"b", "end"}}};
        const QByteArray field = toFieldValue(challenge);
        ASSERT_TRUE(std::ranges::all_of(field, [](char c) { return c >= 0x20 && c < 0x7f; }));
        const auto parsed = parseChallenges(field);
        ASSERT_TRUE(parsed) << field.toStdString();
        ASSERT_EQ(parsed->size(), 1);
        ASSERT_EQ(parsed->first().parameters.size(), 2);
        ASSERT_EQ(parsed->first().parameter("a").size(), challenge.parameter("a").size());
        ASSERT_EQ(parsed->first().parameter("b"), "end");
    }
}

TEST(Challenge, SchemesAndNamesCannotEndTheField)
{
    EXPECT_EQ(toFieldValue({"Be\r\narer", {}, {{"a\"=", "x"}}}), "Bearer a=\"x\"");
    EXPECT_EQ(toFieldValue({"Negotiate", "a\r\nX: b", {}}), "Negotiate aXb");
}

TEST(Challenge, AnyBytesAreReadWithoutHarm)
{
    QRandomGenerator random(99);
    int read = 0;
    for (int round = 0; round < 20'000; ++round) {
        QByteArray field;
        for (int i = random.bounded(12); i > 0; --i)
            field +=
                QList<QByteArray>{"Bearer", " ", ",", "=", "\"", "\\", "a", "\t", "==", "\xff"}.at(random.bounded(10));
        const auto parsed = parseChallenges(field);
        if (!parsed) {
            ASSERT_LE(parsed.error().details.value(u"offset").toInt(), field.size());
            continue;
        }
        ++read;
        for (const Challenge &challenge : *parsed)
            ASSERT_TRUE(parseChallenges(toFieldValue(challenge))) << field.toStdString();
    }
    EXPECT_GT(read, 100);
}
