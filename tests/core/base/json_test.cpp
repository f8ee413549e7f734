#include "base/json.h"
#include "support/result.h"

#include <QJsonArray>

using namespace McpAuth;
using Test::codeOf;

TEST(Json, ReadsValuesOfEveryType)
{
    EXPECT_EQ(parseJson("1").value(), QJsonValue(1));
    EXPECT_EQ(parseJson(" \"x\" ").value(), QJsonValue(QStringLiteral("x")));
    EXPECT_EQ(parseJson("null").value(), QJsonValue(QJsonValue::Null));
    EXPECT_EQ(parseJson("[1,[2]]").value().toArray().size(), 2);
    EXPECT_EQ(parseJsonObject(R"({"a":{"b":[]}})").value().value(QStringLiteral("a")).toObject().size(), 1);
}

class RefusedJson : public testing::TestWithParam<std::pair<const char *, const char16_t *>>
{
};

TEST_P(RefusedJson, SaysWhy)
{
    EXPECT_EQ(codeOf(parseJson(GetParam().first)), QString::fromUtf16(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(Json, RefusedJson,
                         testing::Values(std::pair{"", u"invalid_json"}, std::pair{"1,2", u"invalid_json"},
                                         std::pair{"],[", u"invalid_json"}, std::pair{"{} {}", u"invalid_json"},
                                         std::pair{"{'a':1}", u"invalid_json"}, std::pair{"\"\xff\"", u"invalid_json"},
                                         std::pair{"NaN", u"invalid_json"}, std::pair{"\"a\nb\"", u"invalid_json"},
                                         std::pair{R"("\q")", u"invalid_json"},
                                         std::pair{"{\"a\tb\":1}", u"invalid_json"}, std::pair{"[1.]", u"invalid_json"},
                                         std::pair{"[.5]", u"invalid_json"}, std::pair{"[-.5]", u"invalid_json"},
                                         std::pair{R"({"a":1,"a":2})", u"duplicate_member"},
                                         std::pair{R"({"a":1,"\u0061":2})", u"duplicate_member"},
                                         std::pair{R"({"x":[{"b":1,"c":{},"b":2}]})", u"duplicate_member"}));

// RFC 8259 §8.1: nobody can see it, so it is named.
TEST(Json, NamesAByteOrderMark)
{
    const auto parsed = parseJson("\xEF\xBB\xBF{}");
    ASSERT_EQ(codeOf(parsed), u"invalid_json");
    EXPECT_TRUE(parsed.error().message.contains(QStringLiteral("byte order mark")));
    EXPECT_EQ(parsed.error().details.value(u"reason"), QJsonValue(QStringLiteral("byte_order_mark")));
}

TEST(Json, TakesEveryEscapeAndNumber)
{
    EXPECT_EQ(parseJson(R"("\"\\\/\b\f\n\r\t\u00e9")").value(), QJsonValue(QStringLiteral("\"\\/\b\f\n\r\t\u00e9")));
    EXPECT_EQ(parseJson("-1.5e3").value(), QJsonValue(-1500.0));
}

TEST(Json, SameNameInDifferentObjectsIsFine)
{
    EXPECT_TRUE(parseJson(R"({"a":{"a":[{"a":"a"},{"a":"a\",\"a\":{"}]},"b":"a"})"));
}

TEST(Json, FindsATwinAmongAHundredThousandMembers) // whoever sends them must not keep a server busy for minutes
{
    QByteArray members;
    for (int i = 0; i < 100'000; ++i)
        members += R"("m)" + QByteArray::number(i) + R"(":0,)";
    EXPECT_TRUE(parseJson('{' + members + R"("x":0})"));
    EXPECT_EQ(codeOf(parseJson('{' + members + R"("m\u0035":0})")), u"duplicate_member");
}

TEST(Json, DepthIsBounded)
{
    const auto nested = [](int depth) { return QByteArray(depth, '[') + QByteArray(depth, ']'); };
    EXPECT_TRUE(parseJson(nested(maxJsonDepth)));
    EXPECT_EQ(codeOf(parseJson(nested(maxJsonDepth + 1))), u"json_too_deep");
    EXPECT_EQ(codeOf(parseJson(nested(100'000))), u"json_too_deep");
}

TEST(Json, MembersAreTyped)
{
    const QJsonObject object = parseJsonObject(R"({"s":"x","l":["a","b"],"m":["a",1],"t":true,"n":null})").value();
    EXPECT_EQ(Json::requiredString(object, u"s").value(), u"x");
    EXPECT_EQ(codeOf(Json::requiredString(object, u"absent")), u"missing_member");
    EXPECT_EQ(Json::optionalString(object, u"absent").value(), std::nullopt);
    EXPECT_EQ(codeOf(Json::optionalString(object, u"n")), u"wrong_type");
    EXPECT_EQ(Json::requiredStrings(object, u"l").value(), (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
    EXPECT_EQ(codeOf(Json::requiredStrings(object, u"m")), u"wrong_type");
    EXPECT_EQ(codeOf(Json::requiredStrings(object, u"absent")), u"missing_member");
    EXPECT_EQ(Json::optionalBool(object, u"t").value(), true);
    EXPECT_EQ(codeOf(Json::optionalBool(object, u"s")), u"wrong_type");
    EXPECT_EQ(Json::optionalBool(object, u"s").error().details.value(u"member"), QJsonValue(QStringLiteral("s")));
}

TEST(JsonText, StringsWrittenByHandReadBackAsTheyWere)
{
    QByteArray all("ü€😀/");
    for (char c = 0; c < 0x7f; ++c)
        all += c;
    for (const QByteArray &text : {QByteArray(), QByteArray("plain"), QByteArray("\"\\"), QByteArray("end\n"), all}) {
        QByteArray json = "[";
        appendJsonString(json, text);
        json += ']';
        const auto read = parseJson(json);
        ASSERT_TRUE(read) << json.toStdString();
        EXPECT_EQ((*read)[0].toString().toUtf8(), text);
    }
}
