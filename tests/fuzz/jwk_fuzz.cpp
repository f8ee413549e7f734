#include "fuzz/fuzz.h"
#include "jose/keyset.h"

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Jose;

namespace {

void examine(const Key &key)
{
    const QJsonObject jwk = key.publicJwk();
    for (const QStringView secret : {u"d", u"p", u"q", u"dp", u"dq", u"qi", u"k"})
        Fuzz::expect(!jwk.contains(secret), "nothing private is published");
    if (key.type() == KeyType::Oct)
        return;
    const auto again = keyFromJwk(jwk);
    Fuzz::expect(again && again->publicPem() == key.publicPem(), "a published key is the same key");
    Fuzz::expect(!again->isPrivate(), "and only its public half");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView input = Fuzz::view(data, size);
    if (const auto key = keyFromText(input))
        examine(*key);
    const auto document = parseJsonObject(input);
    const auto set = document.and_then([](const QJsonObject &object) { return parseKeySet(object); });
    if (!set)
        return 0;
    Fuzz::expect(set->keys.size() <= maxKeysInSet, "a set is bounded");
    for (const Key &key : set->keys) {
        Fuzz::expect(!key.isPrivate(), "of a set only public members are read");
        examine(key);
    }
    return 0;
}
