#include "mcp/schema_p.h"
#include "mcp/tool.h"

using namespace Qt::StringLiterals;
using namespace McpAuth;
using namespace McpAuth::Mcp;

namespace {

QJsonObject json(QByteArrayView text)
{
    auto object = parseJsonObject(text);
    EXPECT_TRUE(object) << text.toByteArray().toStdString();
    return object.value_or(QJsonObject{});
}

} // namespace

TEST(ToolResult, LeavesTheTextOfStructuredContentToTheEndpoint)
{
    const ToolResult result = ToolResult::json({{u"sum"_s, 3}});
    EXPECT_EQ(result.structuredContent, (QJsonObject{{u"sum"_s, 3}}));
    EXPECT_TRUE(result.content.isEmpty());
    EXPECT_FALSE(result.isError);
}

TEST(ToolResult, MarksAnErrorForTheModel)
{
    EXPECT_TRUE(ToolResult::error(u"no"_s).isError);
    EXPECT_FALSE(ToolResult::text(u"yes"_s).isError);
    EXPECT_FALSE(ToolResult::error(u"no"_s).structuredContent);
}

struct ArgumentCase
{
    const char *schema;
    const char *arguments;
    const char *path; // of what does not fit; null when all fits
};

class Arguments : public testing::TestWithParam<ArgumentCase>
{
};

TEST_P(Arguments, AreHeldAgainstTheSchema)
{
    const auto schema = Schema::compile(json(GetParam().schema));
    ASSERT_TRUE(schema) << schema.error().message.toStdString();
    const auto fits = schema->check(json(GetParam().arguments));
    if (!GetParam().path) {
        EXPECT_TRUE(fits) << fits.error().message.toStdString();
        return;
    }
    ASSERT_FALSE(fits);
    EXPECT_EQ(fits.error().code, u"invalid_arguments"_s);
    EXPECT_EQ(fits.error().details.value("path"_L1).toString(), QString::fromUtf8(GetParam().path));
}

constexpr auto typed = R"({"type":"object","properties":{"n":{"type":"number"},"i":{"type":"integer"},
    "s":{"type":["string","null"]},"b":{"type":"boolean"},"a":{"type":"array"},"o":{"type":"object"}}})";
constexpr auto bounded = R"({"type":"object","properties":{"n":{"minimum":1,"maximum":3},
    "s":{"minLength":2,"maxLength":3},"e":{"enum":["x",1,null]}}})";
constexpr auto nested = R"({"type":"object","properties":{"list":{"type":"array","items":{"type":"object",
    "required":["id"],"additionalProperties":{"type":"string"}}}},"required":["list"],"additionalProperties":false})";

INSTANTIATE_TEST_SUITE_P(
    Types, Arguments,
    testing::Values(ArgumentCase{typed, R"({"n":1.5,"i":2,"s":"x","b":true,"a":[],"o":{}})", nullptr},
                    ArgumentCase{typed, R"({"s":null,"i":3.0})", nullptr}, ArgumentCase{typed, "{}", nullptr},
                    ArgumentCase{typed, R"({"n":"1"})", "n"}, ArgumentCase{typed, R"({"i":1.5})", "i"},
                    ArgumentCase{typed, R"({"s":1})", "s"}, ArgumentCase{typed, R"({"b":0})", "b"},
                    ArgumentCase{typed, R"({"a":{}})", "a"}, ArgumentCase{typed, R"({"o":[]})", "o"},
                    ArgumentCase{typed, R"({"n":null})", "n"}, ArgumentCase{R"({"type":"array"})", "{}", ""}));
INSTANTIATE_TEST_SUITE_P(Bounds, Arguments,
                         testing::Values(ArgumentCase{bounded, R"({"n":1,"s":"ab","e":"x"})", nullptr},
                                         ArgumentCase{bounded, R"({"n":3,"s":"abc","e":null})", nullptr},
                                         ArgumentCase{bounded, "{\"s\":\"\U0001F600\U0001F600\U0001F600\"}", nullptr},
                                         ArgumentCase{bounded, R"({"n":0.9})", "n"},
                                         ArgumentCase{bounded, R"({"n":4})", "n"},
                                         ArgumentCase{bounded, R"({"s":"a"})", "s"},
                                         ArgumentCase{bounded, R"({"s":"abcd"})", "s"},
                                         ArgumentCase{bounded, R"({"e":"1"})", "e"}));
INSTANTIATE_TEST_SUITE_P(Nesting, Arguments,
                         testing::Values(ArgumentCase{nested, R"({"list":[{"id":"1","more":"x"}]})", nullptr},
                                         ArgumentCase{nested, "{}", "list"},
                                         ArgumentCase{nested, R"({"list":[],"other":1})", "other"},
                                         ArgumentCase{nested, R"({"list":[{"id":"1"},{}]})", "list[1].id"},
                                         ArgumentCase{nested, R"({"list":[{"id":"1","more":2}]})", "list[0].more"}));
