#include "mcp/schema_p.h"
#include "support/result.h"

#include <QFile>

using namespace Qt::StringLiterals;
using namespace McpAuth;
using namespace McpAuth::Mcp;
using McpAuth::Test::codeOf;

namespace {

QJsonValue json(QByteArrayView text)
{
    auto value = parseJson(text);
    EXPECT_TRUE(value) << text.toByteArray().toStdString();
    return value.value_or(QJsonValue());
}

Result<Schema> compiled(QByteArrayView text)
{
    return Schema::compile(json(text).toObject());
}

bool fits(QByteArrayView schema, QByteArrayView value)
{
    const auto made = compiled(schema);
    EXPECT_TRUE(made) << made.error().message.toStdString();
    return made && made->check(json(value)).has_value();
}

void expectOutcome(const Schema &schema, const QJsonArray &values, bool isValid, const std::string &of)
{
    for (const QJsonValue value : values)
        EXPECT_EQ(schema.check(value).has_value(), isValid) << of << ": " << toJsonText(QJsonArray{value}).constData();
}

} // namespace

// The same file goes through Ajv in tests/interop.
TEST(Schema, EnforcesEveryKeyword)
{
    QFile file(QStringLiteral(MCPAUTH_SCHEMA_CASES));
    ASSERT_TRUE(file.open(QFile::ReadOnly));
    const QJsonArray cases = json(file.readAll()).toArray();
    EXPECT_GT(cases.size(), 50);
    for (const QJsonValue test : cases) {
        const std::string of = test["of"_L1].toString().toStdString();
        const auto schema = Schema::compile(test["schema"_L1].toObject());
        ASSERT_TRUE(schema) << of << ": " << schema.error().message.toStdString();
        expectOutcome(*schema, test["valid"_L1].toArray(), true, of);
        expectOutcome(*schema, test["invalid"_L1].toArray(), false, of);
    }
}

TEST(Schema, ComparesIntegersOf64BitsExactly)
{
    EXPECT_TRUE(fits(R"({"maximum":9007199254740992})", "9007199254740992"));
    EXPECT_FALSE(fits(R"({"maximum":9007199254740992})", "9007199254740993"));
    EXPECT_FALSE(fits(R"({"const":9007199254740992})", "9007199254740993"));
    EXPECT_FALSE(fits(R"({"multipleOf":2})", "9007199254740993"));
    EXPECT_TRUE(fits(R"({"uniqueItems":true})", "[9007199254740992,9007199254740993]"));
    EXPECT_TRUE(fits(R"({"multipleOf":0.1})", "0.3"));
}

struct Refusal
{
    const char *schema;
    const char *place;
};

class SchemaRefusals : public testing::TestWithParam<Refusal>
{
};

TEST_P(SchemaRefusals, NameTheKeywordAndItsPlace)
{
    const auto schema = compiled(GetParam().schema);
    ASSERT_FALSE(schema);
    EXPECT_EQ(schema.error().code, u"invalid_schema"_s);
    EXPECT_EQ(schema.error().details.value("place"_L1).toString(), QString::fromUtf8(GetParam().place));
    EXPECT_TRUE(schema.error().message.startsWith(QString::fromUtf8(GetParam().place)));
}

INSTANTIATE_TEST_SUITE_P(
    LeftOut, SchemaRefusals,
    testing::Values(Refusal{R"({"unevaluatedProperties":false})", "/unevaluatedProperties"},
                    Refusal{R"({"properties":{"a":{"unevaluatedItems":false}}})", "/properties/a/unevaluatedItems"},
                    Refusal{R"({"$vocabulary":{}})", "/$vocabulary"},
                    Refusal{R"({"$defs":{"a":{"$id":"https://a.example"}}})", "/$defs/a/$id"},
                    Refusal{R"({"$schema":"http://json-schema.org/draft-07/schema#"})", "/$schema"},
                    Refusal{R"({"properties":{"a":{"$ref":"https://a.example/schema"}}})", "/properties/a/$ref"},
                    Refusal{R"({"$ref":"other.json#/a"})", "/$ref"}, Refusal{R"({"dependencies":{}})", "/dependencies"},
                    Refusal{R"({"anyOf":[{"minimun":1}]})", "/anyOf/0/minimun"}));
INSTANTIATE_TEST_SUITE_P(
    Malformed, SchemaRefusals,
    testing::Values(Refusal{R"({"type":"unheard-of"})", "/type"}, Refusal{R"({"type":[]})", "/type"},
                    Refusal{R"({"minimum":"1"})", "/minimum"}, Refusal{R"({"multipleOf":0})", "/multipleOf"},
                    Refusal{R"({"minLength":-1})", "/minLength"}, Refusal{R"({"required":[1]})", "/required"},
                    Refusal{R"({"allOf":[]})", "/allOf"}, Refusal{R"({"items":[{}]})", "/items"},
                    Refusal{R"({"properties":{"a":1}})", "/properties/a"},
                    Refusal{R"({"minContains":1.5,"contains":{}})", "/minContains"},
                    Refusal{R"({"dependentRequired":{"a":1}})", "/dependentRequired"},
                    Refusal{R"({"uniqueItems":1})", "/uniqueItems"}, Refusal{R"({"enum":1})", "/enum"},
                    Refusal{R"({"$ref":"#/$defs/none"})", "/$ref"}, Refusal{R"({"$ref":"#none"})", "/$ref"},
                    Refusal{R"({"$anchor":"a","not":{"$anchor":"a"}})", "/not/$anchor"}));
// What PCRE2 reads otherwise than ECMA-262, or not at all.
INSTANTIATE_TEST_SUITE_P(
    Patterns, SchemaRefusals,
    testing::Values(Refusal{R"_({"pattern":"("})_", "/pattern"}, Refusal{R"({"pattern":"(*UTF)a"})", "/pattern"},
                    Refusal{R"_({"pattern":"(?R)"})_", "/pattern"}, Refusal{R"({"pattern":"\\Aa"})", "/pattern"},
                    Refusal{R"({"pattern":"[[:alpha:]]"})", "/pattern"}, Refusal{R"({"pattern":"[]a]"})", "/pattern"},
                    Refusal{R"({"pattern":1})", "/pattern"},
                    Refusal{R"({"patternProperties":{"(":{}}})", "/patternProperties/("}));

TEST(Schema, BoundsThePatternsSize)
{
    const QJsonObject schema{{u"pattern"_s, QString(maxPatternLength + 1, u'a')}};
    EXPECT_EQ(codeOf(Schema::compile(schema)), u"invalid_schema"_s);
}

TEST(Schema, RefusesTextThatAPatternTakesTooLongFor)
{
    const QByteArray text = '"' + QByteArray(60, 'a') + "!\"";
    EXPECT_FALSE(fits(R"({"pattern":"^(a+)+$"})", text));
    EXPECT_FALSE(fits(R"({"not":{"pattern":"^(a+)+$"}})", text)) << "what could not be decided must not pass";
    const QByteArray longText = '"' + QByteArray(maxPatternTextLength + 1, 'a') + '"';
    EXPECT_FALSE(fits(R"({"pattern":"^a+$"})", longText));
    EXPECT_TRUE(fits(R"({"type":"string"})", longText));
}

TEST(Schema, ThatLeadsToItselfIsRefusedWhenItIsUsed)
{
    EXPECT_FALSE(fits(R"({"$ref":"#"})", "1"));
    EXPECT_FALSE(fits(R"({"not":{"$ref":"#"}})", "1"));
    EXPECT_FALSE(fits(R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})", "1"));
}

TEST(Schema, ThatIsTooDeepIsRefused)
{
    QJsonObject schema;
    for (int i = 0; i <= maxSchemaDepth; ++i)
        schema = QJsonObject{{u"not"_s, schema}};
    EXPECT_EQ(codeOf(Schema::compile(schema)), u"invalid_schema"_s);
}
