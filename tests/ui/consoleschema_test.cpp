#include "base/json.h"
#include "support/result.h"
#include "ui/console/schemaform.h"

#include <gmock/gmock.h>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

using Test::codeOf;

QJsonObject json(const char *text)
{
    const auto parsed = parseJsonObject(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(QJsonObject());
}

/// The only field of a schema with this property, required or not.
FormField fieldOf(const char *schema, bool isRequired = false)
{
    const QJsonObject root{{u"properties"_s, QJsonObject{{u"x"_s, json(schema)}}},
                           {u"required"_s, isRequired ? QJsonArray{u"x"_s} : QJsonArray()}};
    return fieldsOf(root).value(0);
}

struct Typed
{
    const char *schema;
    FieldKind kind;
};

} // namespace

TEST(SchemaForm, HasAFieldForEachPropertyAndTheRequiredOnesFirst)
{
    const auto fields = fieldsOf(json(R"({"type": "object", "required": ["z"], "properties": {
        "a": {"type": "string", "title": "First", "description": "What it is"}, "z": {"type": "number"}}})"));
    ASSERT_EQ(fields.size(), 2);
    EXPECT_EQ(fields[0].name, u"z");
    EXPECT_TRUE(fields[0].isRequired);
    EXPECT_EQ(fields[1].title, u"First");
    EXPECT_EQ(fields[1].description, u"What it is");
    EXPECT_FALSE(fields[1].isRequired);
    EXPECT_TRUE(fieldsOf({}).isEmpty());
}

TEST(SchemaForm, KnowsWhatKindEachPropertyIs)
{
    const Typed all[] = {
        {R"({"type": "string"})", FieldKind::Text},
        {R"({"type": "number"})", FieldKind::Number},
        {R"({"type": "integer"})", FieldKind::Integer},
        {R"({"type": "boolean"})", FieldKind::Choice},
        {R"({"type": "string", "enum": ["a", "b"]})", FieldKind::Choice},
        {R"({"const": 7})", FieldKind::Choice},
        {R"({"oneOf": [{"const": "a"}, {"const": "b"}]})", FieldKind::Choice},
        {R"({"type": "array"})", FieldKind::Json},
        {R"({"type": "object"})", FieldKind::Json},
        {R"({"type": ["string", "number"]})", FieldKind::Json},
        {R"({})", FieldKind::Json},
        {R"({"type": ["string", "null"]})", FieldKind::Text},
        {R"({"anyOf": [{"type": "integer"}, {"type": "null"}]})", FieldKind::Integer},
        {R"({"anyOf": [{"type": "integer"}, {"type": "string"}]})", FieldKind::Json},
    };
    for (const Typed &typed : all)
        EXPECT_EQ(fieldOf(typed.schema).kind, typed.kind) << typed.schema;
}

TEST(SchemaForm, FollowsReferencesWithinTheSchemaButNotInCircles)
{
    const auto fields = fieldsOf(json(R"({"$defs": {"colour": {"enum": ["red", "blue"], "description": "theirs"},
        "a/b": {"type": "integer"}, "loop": {"$ref": "#/$defs/loop"}}, "properties": {
        "c": {"$ref": "#/$defs/colour", "description": "ours"}, "i": {"$ref": "#/$defs/a~1b"},
        "l": {"$ref": "#/$defs/loop"}, "n": {"$ref": "https://elsewhere.example/schema"}}})"));
    ASSERT_EQ(fields.size(), 4);
    EXPECT_EQ(fields[0].kind, FieldKind::Choice);
    EXPECT_EQ(fields[0].description, u"ours");
    EXPECT_EQ(fields[1].kind, FieldKind::Integer) << "RFC 6901 §3: ~1 is a slash";
    EXPECT_EQ(fields[2].kind, FieldKind::Json);
    EXPECT_EQ(fields[3].kind, FieldKind::Json);
}

TEST(SchemaForm, ShowsWhatANestedValueMustHave)
{
    const auto fields =
        fieldsOf(json(R"({"$defs": {"place": {"type": "object", "required": ["city", "days"], "properties": {
        "city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}, "note": {"type": "string"}}},
        "tree": {"type": "object", "required": ["left", "right"], "properties": {
        "left": {"$ref": "#/$defs/tree"}, "right": {"$ref": "#/$defs/tree"}}}},
        "properties": {"all": {"type": "array", "items": {"$ref": "#/$defs/place"}}, "one": {"$ref": "#/$defs/place"},
        "tree": {"$ref": "#/$defs/tree"}, "word": {"type": "string"}}})"));
    ASSERT_EQ(fields.size(), 4);
    EXPECT_EQ(compactJson(fields[0].example), u"[{\"city\":\"\",\"days\":1}]");
    EXPECT_EQ(compactJson(fields[1].example), u"{\"city\":\"\",\"days\":1}");
    EXPECT_LT(compactJson(fields[2].example).size(), 2'000);
    EXPECT_TRUE(fields[3].example.isUndefined());
}

TEST(SchemaForm, SaysWhereAFormCannotShowAll)
{
    EXPECT_TRUE(hasOtherForms(json(R"({"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]})")));
    EXPECT_TRUE(hasOtherForms(json(R"({"type": "object", "patternProperties": {"^x": {}}})")));
    EXPECT_FALSE(hasOtherForms(json(R"({"type": "object", "properties": {"a": {"oneOf": [{}, {}]}}})")));
    EXPECT_FALSE(hasOtherForms(json(R"({"anyOf": [{"type": "object"}, {"type": "null"}]})")));
    EXPECT_FALSE(hasOtherForms({}));
}

TEST(SchemaForm, IsBounded)
{
    QJsonObject properties;
    for (int i = 0; i < 500; ++i)
        properties.insert(QString::number(i), QJsonObject{{u"type"_s, u"string"_s}});
    EXPECT_EQ(fieldsOf({{u"properties"_s, properties}}).size(), maxFormFields);
}

TEST(SchemaForm, BeginsWithDefaultsAndWithWhatARequiredFieldCannotBeWithout)
{
    const auto fields = fieldsOf(json(R"({"required": ["text", "choice", "number"], "properties": {
        "text": {"type": "string"}, "choice": {"enum": ["a", "b"]}, "number": {"type": "number"},
        "limit": {"type": "integer", "default": 20}, "other": {"type": "string"}}})"));
    EXPECT_EQ(initialArguments(fields), json(R"({"text": "", "choice": "a", "limit": 20})"));
}

TEST(SchemaForm, TakesNumbersWithinTheirBounds)
{
    const FormField number = fieldOf(R"({"type": "number", "minimum": 0, "exclusiveMaximum": 10})");
    EXPECT_EQ(valueOf(number, u" 2.5 "_s), QJsonValue(2.5));
    EXPECT_EQ(valueOf(number, u"0"_s), QJsonValue(0));
    for (const auto &wrong : {u"-0.1"_s, u"10"_s, u"1e99"_s, u"ten"_s, u"1,5"_s, u"\"2\""_s, u"0x1"_s, u"NaN"_s})
        EXPECT_EQ(codeOf(valueOf(number, wrong)), u"invalid_argument") << wrong.toStdString();
    const FormField integer = fieldOf(R"({"type": "integer"})");
    EXPECT_EQ(valueOf(integer, u"3.0"_s), QJsonValue(3)) << "JSON Schema Core §6.3: 3.0 is an integer";
    EXPECT_EQ(codeOf(valueOf(integer, u"3.5"_s)), u"invalid_argument");
}

TEST(SchemaForm, TakesTextsOfTheirLengthInCharacters)
{
    const FormField text = fieldOf(R"({"type": "string", "minLength": 1, "maxLength": 2})", true);
    EXPECT_EQ(valueOf(text, u"ab"_s), QJsonValue(u"ab"_s));
    EXPECT_EQ(valueOf(text, u"😀😀"_s), QJsonValue(u"😀😀"_s)) << "JSON Schema Validation §6.3.1: not UTF-16 units";
    EXPECT_EQ(codeOf(valueOf(text, u"abc"_s)), u"invalid_argument");
    EXPECT_EQ(codeOf(valueOf(text, {})), u"invalid_argument");
    EXPECT_EQ(valueOf(fieldOf(R"({"type": "string"})", true), {}), QJsonValue(QString())) << "empty is a text";
}

TEST(SchemaForm, LeavesOutWhatIsEmptyAndNotRequired)
{
    for (const char *schema : {R"({"type": "string"})", R"({"type": "number"})", R"({"type": "boolean"})", "{}"}) {
        const auto value = valueOf(fieldOf(schema), {});
        ASSERT_TRUE(value) << schema;
        EXPECT_TRUE(value->isUndefined()) << schema;
        const bool isText = QByteArrayView(schema).contains("string");
        EXPECT_EQ(valueOf(fieldOf(schema, true), {}).has_value(), isText) << schema;
    }
    const FormField field = fieldOf(R"({"type": "string"})");
    EXPECT_EQ(withValue(json(R"({"x": "a", "y": 1})"), field, QJsonValue::Undefined), json(R"({"y": 1})"));
    EXPECT_EQ(withValue(json(R"({"y": 1})"), field, u"b"_s), json(R"({"x": "b", "y": 1})"));
}

TEST(SchemaForm, TellsChoicesApartThatLookAlike)
{
    const FormField choice = fieldOf(R"({"enum": ["1", 1, null]})");
    EXPECT_EQ(valueOf(choice, u"\"1\""_s), QJsonValue(u"1"_s));
    EXPECT_EQ(valueOf(choice, u"1"_s), QJsonValue(1));
    EXPECT_EQ(valueOf(choice, u"null"_s), QJsonValue(QJsonValue::Null));
    EXPECT_EQ(codeOf(valueOf(choice, u"2"_s)), u"invalid_argument");
}

TEST(SchemaForm, TakesJsonOfItsType)
{
    const FormField array = fieldOf(R"({"type": "array"})");
    EXPECT_EQ(valueOf(array, u"[1, \"a\"]"_s), QJsonValue(QJsonArray{1, u"a"_s}));
    for (const auto &wrong : {u"{}"_s, u"[1"_s, u"1"_s, u"[1] 2"_s})
        EXPECT_EQ(codeOf(valueOf(array, wrong)), u"invalid_argument") << wrong.toStdString();
    EXPECT_EQ(valueOf(fieldOf(R"({"type": "object"})"), u"{\"a\": {}}"_s), QJsonValue(json(R"({"a": {}})")));
}

TEST(SchemaForm, ShowsAnyValueInAFieldAndReadsItBack)
{
    const std::pair<const char *, QJsonValue> all[] = {{R"({"type": "string"})", u"two \"words\""_s},
                                                       {R"({"type": "number"})", 0.5},
                                                       {R"({"type": "integer"})", -3},
                                                       {R"({"type": "boolean"})", false},
                                                       {R"({"enum": ["a", 2]})", u"a"_s},
                                                       {R"({"type": "array"})", QJsonArray{1, QJsonArray{}}},
                                                       {R"({"type": "object"})", json(R"({"a": "b"})")},
                                                       {"{}", u"quoted"_s}};
    for (const auto &[schema, value] : all)
        EXPECT_EQ(valueOf(fieldOf(schema), textOf(fieldOf(schema), value)), value) << schema;
    EXPECT_EQ(textOf(fieldOf(R"({"type": "number"})"), u"x"_s), u"\"x\"") << "a value of another type, as it is";
    EXPECT_EQ(textOf(fieldOf(R"({"type": "number"})"), QJsonValue::Undefined), QString());
}

TEST(SchemaForm, SaysTypesAndBoundsInWords)
{
    EXPECT_EQ(typeInWords(fieldOf(R"({"type": "number", "minimum": 0})")), u"number, at least 0");
    EXPECT_EQ(typeInWords(fieldOf(R"({"type": "integer", "minimum": 1, "maximum": 10})")), u"integer, 1 to 10");
    EXPECT_EQ(typeInWords(fieldOf(R"({"type": "string", "maxLength": 5})")), u"string, 0 to 5 characters");
    EXPECT_EQ(typeInWords(fieldOf("{}")), u"any JSON");
}

} // namespace McpAuth::Ui
