// JSON-RPC shapes from a generator: every combination of good and odd members, in both eras.
#include "mcp/jsonrpc.h"
#include "testserver.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;
using namespace McpAuth::Test;

namespace {

const QJsonValue absent = QJsonValue::Undefined;

QList<QJsonValue> oddValues()
{
    return {absent,
            QJsonValue(),
            true,
            1,
            -0.5,
            1e300,
            u""_s,
            u"x"_s,
            QString(300, u'i'),
            QJsonArray(),
            QJsonArray{1},
            QJsonObject(),
            QJsonObject{{u"a"_s, 1}}};
}

/// Not sent where it is undefined.
QJsonObject with(QJsonObject message, const QString &member, const QJsonValue &value)
{
    if (!value.isUndefined())
        message.insert(member, value);
    return message;
}

bool isId(const QJsonValue &value)
{
    const bool isInteger = value.isDouble() && value.toInteger(0) == value.toInteger(1);
    return isInteger || (value.isString() && value.toString().size() <= maxIdLength);
}

/// Every shape once: version, ID, method, parameters.
QList<QJsonObject> shapes(const QJsonValue &goodParams)
{
    QList<QJsonObject> all;
    QList<QJsonValue> params = oddValues();
    params.append(goodParams);
    for (const QJsonValue &version : {absent, QJsonValue(u"2.0"_s), QJsonValue(u"1.0"_s), QJsonValue(2)}) {
        for (const QJsonValue &id : oddValues()) {
            for (const QJsonValue &method :
                 {absent, QJsonValue(), QJsonValue(7), QJsonValue(u""_s), QJsonValue(u"ping"_s),
                  QJsonValue(u"tools/call"_s), QJsonValue(u"notifications/initialized"_s)}) {
                for (const QJsonValue &given : std::as_const(params))
                    all.append(with(with(with(with({}, u"jsonrpc"_s, version), u"id"_s, id), u"method"_s, method),
                                    u"params"_s, given));
            }
        }
    }
    return all;
}

/// An answer that JSON-RPC allows to what was sent.
void expectSound(const QJsonObject &sent, const Answer &answer)
{
    const std::string text = toJsonText(sent).toStdString() + " → " + answer.body.toStdString();
    if (answer.status == 202) {
        EXPECT_TRUE(answer.body.isEmpty()) << text;
        EXPECT_FALSE(isId(sent.value("id"_L1)) && sent.value("method"_L1).isString() &&
                     sent.value("jsonrpc"_L1) == u"2.0"_s)
            << text << ": a request has an answer";
        return;
    }
    EXPECT_TRUE(answer.status == 200 || answer.status == 400 || answer.status == 404) << answer.status << text;
    const QJsonObject json = answer.json();
    EXPECT_EQ(json.value("jsonrpc"_L1), u"2.0"_s) << text;
    EXPECT_NE(json.contains("result"_L1), json.contains("error"_L1)) << text;
    const QJsonValue id = json.value("id"_L1);
    EXPECT_TRUE(id == sent.value("id"_L1) || (id.isNull() && json.contains("error"_L1))) << text;
    if (json.contains("error"_L1)) {
        EXPECT_TRUE(json.value("error"_L1)["code"_L1].isDouble()) << text;
        EXPECT_FALSE(json.value("error"_L1)["message"_L1].toString().isEmpty()) << text;
    } else {
        EXPECT_TRUE(isId(id)) << text;
    }
}

} // namespace

TEST(RpcShapes, InASessionAreAnsweredAsJsonRpcWants)
{
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(echoTool()));
    const QByteArray session = server.initialized();
    for (const QJsonObject &shape : shapes(QJsonObject{{u"name"_s, u"echo"_s}, {u"arguments"_s, QJsonObject()}}))
        expectSound(shape, server.post(toJsonText(shape), session));
    EXPECT_EQ(server.post(callOf(u"echo"_s), session).status, 200);
    EXPECT_EQ(server.endpoint->sessionCount(), 1);
}

TEST(RpcShapes, WithoutASessionAreAnsweredAsJsonRpcWants)
{
    TestServer server;
    ASSERT_TRUE(server.endpoint->addTool(echoTool()));
    const QJsonObject meta{{u"io.modelcontextprotocol/protocolVersion"_s, u"2026-07-28"_s},
                           {u"io.modelcontextprotocol/clientCapabilities"_s, QJsonObject()}};
    const QJsonObject params{{u"name"_s, u"echo"_s}, {u"arguments"_s, QJsonObject()}, {u"_meta"_s, meta}};
    for (const QJsonObject &shape : shapes(params)) {
        const QString method = shape.value("method"_L1).toString();
        Fields fields{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method.toUtf8()}};
        if (method == "tools/call"_L1)
            fields.append(std::pair<QByteArray, QByteArray>("Mcp-Name", "echo"));
        expectSound(shape, server.post(toJsonText(shape), {}, {}, fields));
    }
    EXPECT_EQ(server.endpoint->sessionCount(), 0);
}
