#include "mcp/jsonrpc.h"
#include "support/result.h"

using namespace Qt::StringLiterals;
using namespace McpAuth;
using namespace McpAuth::Mcp;

namespace {

RpcEntry only(QByteArrayView text)
{
    const RpcPayload payload = parseRpc(text);
    EXPECT_FALSE(payload.isBatch);
    EXPECT_EQ(payload.entries.size(), 1);
    return payload.entries.value(0, RpcEntry{.message = std::unexpected(RpcError{}), .id = {}});
}

int codeOf(const RpcEntry &entry)
{
    return entry.message ? 0 : entry.message.error().code;
}

} // namespace

TEST(JsonRpc, ReadsARequestWithAStringOrAnIntegerId)
{
    const RpcEntry entry = only(R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add"}})");
    ASSERT_TRUE(entry.message);
    const auto *request = std::get_if<RpcRequest>(&*entry.message);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->id, QJsonValue(7));
    EXPECT_EQ(request->method, u"tools/call"_s);
    EXPECT_EQ(request->params.value("name"_L1), QJsonValue(u"add"_s));
    EXPECT_EQ(only(R"({"jsonrpc":"2.0","id":"a","method":"ping"})").id, QJsonValue(u"a"_s));
}

TEST(JsonRpc, KeepsAnIntegerIdOf64BitsAsItCame)
{
    const RpcEntry entry = only(R"({"jsonrpc":"2.0","id":9007199254740993,"method":"ping"})");
    ASSERT_TRUE(entry.message);
    EXPECT_THAT(toJsonText(rpcResult(entry.id, {})).toStdString(), testing::HasSubstr("9007199254740993"));
}

TEST(JsonRpc, TakesAMessageWithMethodAndWithoutIdForANotification)
{
    const RpcEntry entry = only(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    ASSERT_TRUE(entry.message);
    ASSERT_TRUE(std::holds_alternative<RpcNotification>(*entry.message));
    EXPECT_EQ(std::get<RpcNotification>(*entry.message).method, u"notifications/initialized"_s);
}

TEST(JsonRpc, ReadsResultsAndErrorsAsResponses)
{
    const RpcEntry result = only(R"({"jsonrpc":"2.0","id":1,"result":{"a":true}})");
    ASSERT_TRUE(result.message);
    EXPECT_FALSE(std::get<RpcResponse>(*result.message).error);
    EXPECT_EQ(std::get<RpcResponse>(*result.message).result.value("a"_L1), QJsonValue(true));

    const RpcEntry error =
        only(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no","data":{"why":"x"}}})");
    ASSERT_TRUE(error.message);
    ASSERT_TRUE(std::get<RpcResponse>(*error.message).error);
    EXPECT_EQ(std::get<RpcResponse>(*error.message).error->code, -32601);
    EXPECT_EQ(std::get<RpcResponse>(*error.message).error->data.value("why"_L1), QJsonValue(u"x"_s));
}

TEST(JsonRpc, TakesAnErrorResponseWithNullIdForTheIdMayHaveBeenUnreadable)
{
    EXPECT_TRUE(only(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}})").message);
    EXPECT_TRUE(only(R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}})").message);
}

TEST(JsonRpc, AnswersWhatIsNotJsonWithAParseErrorAndNullId)
{
    for (const QByteArrayView text :
         {QByteArrayView(""), QByteArrayView("{"), QByteArrayView("{\"jsonrpc\":\"2.0\",}"), QByteArrayView("{} {}"),
          QByteArrayView("{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}"), QByteArrayView("\xff")}) {
        const RpcEntry entry = only(text);
        EXPECT_EQ(codeOf(entry), -32700) << text.toByteArray().toStdString();
        EXPECT_TRUE(entry.id.isNull());
    }
    EXPECT_EQ(codeOf(only(QByteArray(100, '[') + QByteArray(100, ']'))), -32700);
}

struct Malformed
{
    const char *text;
    int code;
    const char *id; // as JSON, in an array
};

class MalformedMessages : public testing::TestWithParam<Malformed>
{
};

TEST_P(MalformedMessages, GetTheRightErrorWithTheIdWhereItCouldBeRead)
{
    const RpcEntry entry = only(GetParam().text);
    EXPECT_EQ(codeOf(entry), GetParam().code);
    EXPECT_EQ(toJsonText(QJsonArray{entry.id}), QByteArray(GetParam().id));
}

// JSON-RPC 2.0 §4 and §5; MCP basic: ids are strings or integers, never null
INSTANTIATE_TEST_SUITE_P(
    JsonRpc, MalformedMessages,
    testing::Values(Malformed{"1", -32600, "[null]"}, Malformed{"null", -32600, "[null]"},
                    Malformed{"\"ping\"", -32600, "[null]"}, Malformed{"{}", -32600, "[null]"},
                    Malformed{R"({"id":1,"method":"ping"})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"1.0","id":1,"method":"ping"})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":2.0,"id":1,"method":"ping"})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1,"method":7})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1,"method":null})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"2.0","id":null,"method":"ping"})", -32600, "[null]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", -32600, "[null]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1e40,"method":"ping"})", -32600, "[null]"},
                    Malformed{R"({"jsonrpc":"2.0","id":true,"method":"ping"})", -32600, "[null]"},
                    Malformed{R"({"jsonrpc":"2.0","id":{},"method":"ping"})", -32600, "[null]"},
                    Malformed{R"({"jsonrpc":"2.0","id":"x","method":"ping","params":"a"})", -32600, "[\"x\"]"},
                    Malformed{R"({"jsonrpc":"2.0","id":"x","method":"ping","params":null})", -32600, "[\"x\"]"},
                    Malformed{R"({"jsonrpc":"2.0","id":"x","method":"ping","params":[1]})", -32602, "[\"x\"]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1,"method":"ping","result":{}})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1,"result":[]})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"2.0","id":null,"result":{}})", -32600, "[null]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1,"error":"no"})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":""}})", -32600, "[1]"},
                    Malformed{R"({"jsonrpc":"2.0","id":true,"error":{"code":1,"message":""}})", -32600, "[null]"}));

TEST(JsonRpc, ReadsABatchEntryByEntry)
{
    const RpcPayload payload = parseRpc(R"([{"jsonrpc":"2.0","id":1,"method":"ping"},3,
        {"jsonrpc":"2.0","method":"notifications/initialized"}])");
    EXPECT_TRUE(payload.isBatch);
    ASSERT_EQ(payload.entries.size(), 3);
    EXPECT_TRUE(payload.entries.at(0).message);
    EXPECT_EQ(codeOf(payload.entries.at(1)), -32600);
    EXPECT_TRUE(payload.entries.at(2).message);
}

TEST(JsonRpc, AnswersAnEmptyBatchLikeASingleInvalidRequest) // JSON-RPC 2.0 §6
{
    EXPECT_EQ(codeOf(only("[]")), -32600);
}

TEST(JsonRpc, RefusesABatchOverItsLimitAsAWhole)
{
    QByteArrayList messages;
    messages.fill(R"({"jsonrpc":"2.0","id":1,"method":"ping"})", maxBatchSize);
    EXPECT_EQ(parseRpc('[' + messages.join(',') + ']').entries.size(), maxBatchSize);
    messages.append(messages.first());
    EXPECT_EQ(codeOf(only('[' + messages.join(',') + ']')), -32600);
}

TEST(JsonRpc, WritesResultsAndErrors)
{
    EXPECT_EQ(toJsonText(rpcResult(1, {{u"a"_s, 2}})), R"({"id":1,"jsonrpc":"2.0","result":{"a":2}})");
    EXPECT_EQ(toJsonText(rpcError(QJsonValue(), {.code = -32700, .message = u"no"_s})),
              R"({"error":{"code":-32700,"message":"no"},"id":null,"jsonrpc":"2.0"})");
    EXPECT_EQ(rpcError(1, {.code = 1, .message = u"no"_s, .data = {{u"b"_s, 3}}})
                  .value("error"_L1)
                  .toObject()
                  .value("data"_L1),
              QJsonValue(QJsonObject{{u"b"_s, 3}}));
}
