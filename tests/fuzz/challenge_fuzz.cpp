#include "fuzz/fuzz.h"
#include "http/challenge.h"

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Http;

namespace {

bool isFieldValue(QByteArrayView text)
{
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView input = Fuzz::view(data, size);
    if (const auto challenges = parseChallenges(input)) {
        for (const Challenge &challenge : *challenges) {
            const auto again = parseChallenges(toFieldValue(challenge));
            Fuzz::expect(again && again->size() == 1, "what is written can be read");
            Fuzz::expect(again->first().scheme == challenge.scheme, "the scheme survives");
            Fuzz::expect(again->first().parameters.size() == challenge.parameters.size(), "the parameters survive");
        }
    }
    const Challenge hostile{.scheme = "Bearer",
                            .token68 = {},
                            .parameters = {{"error", "invalid_token"}, {"error_description", input.toByteArray()}}};
    const QByteArray text = toFieldValue(hostile);
    Fuzz::expect(isFieldValue(text), "nothing ends the field");
    const auto read = parseChallenges(text);
    if (text.size() <= 16 * 1024)
        Fuzz::expect(read && read->size() == 1 && read->first().parameters.size() == 2,
                     "nothing breaks out of its quotes");
    return 0;
}
