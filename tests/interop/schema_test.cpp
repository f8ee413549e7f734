// JSON Schema 2020-12 as Ajv reads it: the cases that tests/core/mcp/schema_test.cpp holds us to.
#include "base/json.h"
#include "interop/node.h"
#include "mcp/schema_p.h"

#include <QFile>
#include <QJsonArray>

using namespace McpAuth;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

class SchemaInterop : public Interop
{
};

QJsonArray outcomes(const Mcp::Schema &schema, const QJsonArray &values)
{
    QJsonArray result;
    for (const QJsonValue value : values)
        result.append(schema.check(value).has_value());
    return result;
}

} // namespace

TEST_F(SchemaInterop, AjvAgreesOnEveryCase)
{
    const QString path = QStringLiteral(MCPAUTH_SCHEMA_CASES);
    QFile file(path);
    ASSERT_TRUE(file.open(QFile::ReadOnly));
    const QJsonArray cases = parseJson(file.readAll()).value_or(QJsonValue()).toArray();
    const QList<QJsonObject> lines = runScript(u"schema.mjs"_s, {path});
    ASSERT_EQ(lines.size(), cases.size());
    for (qsizetype i = 0; i < cases.size(); ++i) {
        const QJsonObject test = cases.at(i).toObject();
        const auto schema = Mcp::Schema::compile(test.value("schema"_L1).toObject());
        ASSERT_TRUE(schema) << schema.error().message.toStdString();
        for (const QString &kind : {u"valid"_s, u"invalid"_s})
            EXPECT_EQ(lines.at(i).value(kind).toArray(), outcomes(*schema, test.value(kind).toArray()))
                << test.value("of"_L1).toString().toStdString() << ", " << kind.toStdString();
    }
}
