#include "base/json.h"
#include "fuzz/fuzz.h"

using namespace McpAuth;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView input = Fuzz::view(data, size);
    const auto value = parseJson(input);
    const auto object = parseJsonObject(input);
    Fuzz::expect(object.has_value() == (value && value->isObject()), "an object is a value that is an object");
    if (!object)
        return 0;
    const QByteArray text = toJsonText(*object);
    const auto again = parseJsonObject(text);
    Fuzz::expect(again.has_value(), "what is written can be read");
    Fuzz::expect(toJsonText(*again) == text, "writing is stable");
    return 0;
}
