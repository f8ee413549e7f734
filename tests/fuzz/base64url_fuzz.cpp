#include "base/base64url.h"
#include "fuzz/fuzz.h"

using namespace McpAuth;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView input = Fuzz::view(data, size);
    if (const auto bytes = decodeBase64Url(input))
        Fuzz::expect(encodeBase64Url(*bytes) == input, "one byte string has one spelling");
    const auto back = decodeBase64Url(encodeBase64Url(input));
    Fuzz::expect(back && *back == input, "what is encoded can be decoded");
    return 0;
}
