// 2026-07-28 Streamable HTTP, Custom Headers from Tool Parameters.
#include "mcp/clientwire_p.h"
#include "mcp/paramheaders_p.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

QJsonObject object(const char *text)
{
    return parseJsonObject(text).value();
}

QHttpHeaders headersOf(const char *schema, const char *arguments)
{
    QHttpHeaders headers;
    appendParamHeaders(headers, paramHeaders(object(schema)).value(), object(arguments));
    return headers;
}

class WrongAnnotation : public testing::TestWithParam<const char *>
{
};

struct EncodedValue
{
    const char *value;
    const char *field;
};

class ValueEncoding : public testing::TestWithParam<EncodedValue>
{
};

} // namespace

TEST(ParamHeaders, RepeatAnnotatedArgumentsOfEveryPrimitiveType)
{
    const QHttpHeaders headers = headersOf(
        R"({"type":"object","properties":{
            "region":{"type":"string","x-mcp-header":"Region"},
            "limit":{"type":"integer","x-mcp-header":"Limit"},
            "dry":{"type":"boolean","x-mcp-header":"Dry"},
            "deep":{"type":"object","properties":{"er":{"type":"string","x-mcp-header":"Deeper"}}},
            "query":{"type":"string"}}})",
        R"({"region":"us-west1","limit":-7,"dry":false,"deep":{"er":"x"},"query":"q"})");
    EXPECT_EQ(headers.size(), 4);
    EXPECT_EQ(headers.value("Mcp-Param-Region"_L1), "us-west1");
    EXPECT_EQ(headers.value("Mcp-Param-Limit"_L1), "-7");
    EXPECT_EQ(headers.value("Mcp-Param-Dry"_L1), "false");
    EXPECT_EQ(headers.value("Mcp-Param-Deeper"_L1), "x");
}

TEST(ParamHeaders, LeaveOutWhatIsAbsentNullOrOfAnotherType)
{
    EXPECT_TRUE(headersOf(R"({"properties":{"a":{"type":"string","x-mcp-header":"A"},
                                            "b":{"type":"string","x-mcp-header":"B"},
                                            "c":{"type":"integer","x-mcp-header":"C"}}})",
                          R"({"b":null,"c":1.5})")
                    .isEmpty());
}

TEST_P(WrongAnnotation, MakesTheToolInvalid)
{
    EXPECT_EQ(codeOf(paramHeaders(object(GetParam()))), u"invalid_tool");
}

INSTANTIATE_TEST_SUITE_P(
    ParamHeaders, WrongAnnotation,
    testing::Values(
        R"({"type":"object","x-mcp-header":"Root"})", R"({"properties":{"a":{"type":"string","x-mcp-header":""}}})",
        R"({"properties":{"a":{"type":"string","x-mcp-header":"A B"}}})",
        R"({"properties":{"a":{"type":"string","x-mcp-header":"A\r\nB"}}})",
        R"({"properties":{"a":{"type":"number","x-mcp-header":"A"}}})",
        R"({"properties":{"a":{"type":"object","x-mcp-header":"A"}}})",
        R"({"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}})",
        R"({"properties":{"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}}})",
        R"({"anyOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]})",
        R"({"$defs":{"a":{"type":"string","x-mcp-header":"A"}}})"));

TEST(ParamHeaders, DoNotMistakeDataOrAPropertyOfThatNameForAnAnnotation)
{
    EXPECT_TRUE(paramHeaders(object(R"({"properties":{"x-mcp-header":{"type":"array"},
                                        "a":{"type":"object","default":{"x-mcp-header":1}}}})"))
                    .value()
                    .isEmpty());
}

TEST_P(ValueEncoding, IsThatOfTheSpecificationsTable)
{
    EXPECT_EQ(headerValue(QString::fromUtf8(GetParam().value)), GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(ParamHeaders, ValueEncoding,
                         testing::Values(EncodedValue{"us-west1", "us-west1"},
                                         EncodedValue{"Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="},
                                         EncodedValue{" padded ", "=?base64?IHBhZGRlZCA=?="},
                                         EncodedValue{"line1\nline2", "=?base64?bGluZTEKbGluZTI=?="},
                                         EncodedValue{"=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="}));
