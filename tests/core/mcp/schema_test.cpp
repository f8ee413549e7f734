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
                    Refusal{R"({"pattern":1})", "/pattern"}, Refusal{R"({"pattern":"(a)?\\1"})", "/pattern"},
                    Refusal{R"({"pattern":"(?<n>a)?\\k<n>"})", "/pattern"}, Refusal{R"({"pattern":"a++"})", "/pattern"},
                    Refusal{R"({"pattern":"a*+"})", "/pattern"}, Refusal{R"({"pattern":"a{1,2}+"})", "/pattern"},
                    Refusal{R"({"pattern":"a{,3}"})", "/pattern"}, Refusal{R"({"pattern":"a{ 1}"})", "/pattern"},
                    Refusal{R"({"pattern":"\\x{41}"})", "/pattern"},
                    Refusal{R"({"patternProperties":{"(":{}}})", "/patternProperties/("}));

TEST(Schema, APatternMayHaveABracketInAClass)
{
    EXPECT_TRUE(fits(R"({"pattern":"^[a[]+$"})", R"("a[")"));
    EXPECT_FALSE(fits(R"({"pattern":"^[a[]+$"})", R"("a]")"));
    EXPECT_TRUE(fits(R"({"pattern":"^[+]+?[a{,3}]+$"})", R"("+{,")"));
}

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

TEST(Schema, SaysWhatTheWholeValueIs)
{
    const auto schema = compiled(R"({"type":"object"})");
    EXPECT_EQ(schema->check(1).error().message, u"The arguments must be of type object, not a number."_s);
    EXPECT_EQ(schema->check(1, u"The result"_s).error().message, u"The result must be of type object, not a number."_s);
}

TEST(Schema, ATextTooLongForAPatternIsToldSo)
{
    const QString text(maxPatternTextLength + 1, u'a');
    const QString expected = u"is longer than the %1 characters that can be checked."_s.arg(maxPatternTextLength);
    const auto direct = compiled(R"({"properties":{"a":{"pattern":"a"}}})")->check(QJsonObject{{u"a"_s, text}});
    ASSERT_FALSE(direct);
    EXPECT_EQ(direct.error().message, u"`a` "_s + expected);
    const auto hidden = compiled(R"({"properties":{"a":{"anyOf":[{"pattern":"a"},{"type":"string"}]}}})")
                            ->check(QJsonObject{{u"a"_s, text}});
    ASSERT_FALSE(hidden) << "what could not be decided must not pass";
    EXPECT_EQ(hidden.error().message, u"`a` "_s + expected);
    EXPECT_FALSE(compiled(R"({"patternProperties":{"a":{}}})")->check(QJsonObject{{text, 1}}));
}

TEST(Schema, CountsHalvesOfSurrogatePairs)
{
    EXPECT_FALSE(fits(R"({"maxLength":2})", R"("\udc00\udc00\udc00")"));
    EXPECT_FALSE(fits(R"({"maxLength":2})", R"("\ud800\ud800\ud800")"));
    EXPECT_FALSE(fits(R"({"maxLength":2})", R"("\ud83d\ude00\ude00\ude00")"));
    EXPECT_TRUE(fits(R"({"maxLength":2,"minLength":2})", R"("\ud83d\ude00\ud83d\ude00")"));
}

TEST(Schema, TellsNeighbouringIntegersApart)
{
    QJsonArray items;
    for (qint64 i = 0; i < 20'000; ++i)
        items.append((qint64{1} << 62) + i);
    EXPECT_TRUE(compiled(R"({"uniqueItems":true})")->check(items));
    items.append(qint64{1} << 62);
    EXPECT_FALSE(compiled(R"({"uniqueItems":true})")->check(items));
}

TEST(Schema, AHonestArgumentMayBeLarge)
{
    QJsonArray numbers;
    for (int i = 0; i < 100'000; ++i)
        numbers.append(i);
    EXPECT_TRUE(compiled(R"({"items":{"type":"number","minimum":0}})")->check(numbers));
    QJsonArray records;
    QJsonObject record;
    for (int i = 0; i < 8; ++i)
        record.insert(u"member%1"_s.arg(i), u"some text"_s);
    for (int i = 0; i < 10'000; ++i)
        records.append(record);
    EXPECT_TRUE(compiled(R"({"items":{"type":"object","additionalProperties":{"type":"string"}}})")->check(records));
}

TEST(Place, CutsALongPathAtEachLevel)
{
    const Place root;
    Place outer{.parent = &root, .member = QString(1'000'000, u'a')};
    const Place inner{.parent = &outer, .member = u"b"_s};
    const Place item{.parent = &inner, .index = 3};
    EXPECT_EQ(item.text(), QString(maxShownPath, u'a'));
    outer.member = u"list"_s;
    EXPECT_EQ(item.text(), u"list.b[3]"_s);
    outer.member = QString(maxShownPath - 1, u'a');
    EXPECT_EQ(item.text().size(), maxShownPath);
}

namespace {

/// The work of one validation.
Walk walkOf(QByteArrayView schema, const QJsonValue &value)
{
    Walk walk{.subject = u"The arguments"_s};
    const auto made = compiled(schema);
    EXPECT_FALSE(made->root().check(value, {}, walk) && !walk.exhaustion);
    return walk;
}

QJsonArray repeated(const QJsonValue &value, int times)
{
    QJsonArray items;
    for (int i = 0; i < times; ++i)
        items.append(value);
    return items;
}

QJsonObject manyMembers(int count)
{
    QJsonObject object;
    for (int i = 0; i < count; ++i)
        object.insert(QString::number(i), 1);
    return object;
}

/// A schema of one keyword with the same alternative many times.
QByteArray alternatives(const char *keyword, const QByteArray &schema, int times)
{
    return "{\"" + QByteArray(keyword) + "\":[" + (schema + ',').repeated(times).chopped(1) + "]}";
}

/// What one step may cost beyond maxSchemaSteps: the last value is counted whole before it is looked at.
constexpr qsizetype oneValue = 1'000'001;

} // namespace

// Each of these took seconds or minutes when only values were counted.
TEST(SchemaWork, IsCountedInWhatIsLookedAt)
{
    QByteArray words = "[";
    for (int i = 0; i < 200; ++i)
        words += '"' + QByteArray::number(i) + "\",";
    words.chop(1);
    const QByteArray anyWord = R"({"items":{"anyOf":[{"enum":)" + words + R"(]},{"type":"null"}]}})";
    EXPECT_TRUE(walkOf(anyWord, repeated(QJsonValue::Null, 800'000)).exhaustion);
    EXPECT_TRUE(walkOf(anyWord, repeated(QJsonValue::Null, 2'000)).exhaustion);

    const QByteArray fifty = alternatives("oneOf", R"({"properties":{"a":true}})", 50);
    EXPECT_LE(walkOf(fifty, manyMembers(100'000)).steps, maxSchemaSteps + oneValue);
    const QByteArray longName = alternatives("oneOf", R"({"additionalProperties":{"type":"string"}})", 500);
    EXPECT_TRUE(walkOf(longName, QJsonObject{{QString(1'000'000, u'a'), 1}}).exhaustion);
    EXPECT_TRUE(walkOf(alternatives("oneOf", R"({"maxLength":1})", 500), QString(1'000'000, u'a')).exhaustion);

    QJsonValue nested = repeated(QString(10, u'a'), 100'000);
    for (int i = 0; i < 60; ++i)
        nested = QJsonArray{nested};
    EXPECT_TRUE(walkOf(R"({"uniqueItems":true,"items":{"$ref":"#"}})", nested).exhaustion);
}

TEST(SchemaWork, OfErrorsThatNobodyReadsIsNone)
{
    const QJsonObject value{{QString(500'000, u'a'), repeated(QJsonValue::Null, 50'000)}};
    const auto schema = compiled(R"({"additionalProperties":{"items":{"anyOf":[{"type":"string"},{"type":"null"}]}}})");
    EXPECT_TRUE(schema->check(value)); // the member's name once for each item would be 50 GB
    Walk walk{.subject = u"The arguments"_s, .quiet = 1};
    const auto unsaid = unfit({}, walk, []() -> QString { throw std::logic_error("nobody asked"); });
    EXPECT_TRUE(unsaid.error().message.isEmpty());
}

TEST(SchemaWork, OfPatternsIsBoundedInSum)
{
    const QString slow = QString(maxPatternTextLength - 2, u'a') + u"@."_s; // \w+@ looks at it from each of its places
    const Walk walk = walkOf(R"({"items":{"pattern":"\\w+@\\w+\\.\\w+"}})", repeated(slow, 1'000));
    EXPECT_LE(walk.patternUnits, maxPatternTextUnits + maxPatternTextLength + 1);
    const Walk contains =
        walkOf(R"({"contains":{"pattern":"\\w+@\\w+\\.\\w+"},"minContains":0})", repeated(slow, 1'000));
    EXPECT_LE(contains.patternUnits, maxPatternTextUnits + maxPatternTextLength + 1);
    EXPECT_LT(contains.steps, 1'000 + 100 * (1 + maxPatternTextLength / textUnitsPerStep));
}

TEST(SchemaWork, OfPatternsEndsWithTheFirstThatGivesUp)
{
    QJsonObject object;
    for (int i = 0; i < 1'000; ++i)
        object.insert(QString(60, u'a') + u'!' + QString::number(i), 1);
    const Walk walk = walkOf(R"({"patternProperties":{"^(a+)+$":{},"^(a+)+b$":{}}})", object);
    EXPECT_LE(walk.patternUnits, 200);
}
