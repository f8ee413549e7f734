#include "fuzz/fuzz.h"
#include "mcp/jsonrpc.h"

using namespace McpAuth;
using namespace McpAuth::Mcp;

namespace {

bool mayBeEchoed(const QJsonValue &id)
{
    return id.isNull() || id.isString() || id.isDouble();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const RpcPayload payload = parseRpc(Fuzz::view(data, size));
    Fuzz::expect(payload.isBatch || payload.entries.size() == 1, "what is no batch is one entry");
    Fuzz::expect(!payload.entries.isEmpty() && payload.entries.size() <= maxBatchSize, "batches are bounded");
    for (const RpcEntry &entry : payload.entries) {
        Fuzz::expect(mayBeEchoed(entry.id), "an answer's id is a string, a number or null");
        const QJsonObject answer = entry.message ? rpcResult(entry.id, {}) : rpcError(entry.id, entry.message.error());
        Fuzz::expect(parseJsonObject(toJsonText(answer)).has_value(), "every answer is JSON");
    }
    return 0;
}
