#include "fuzz/fuzz.h"
#include "jose/verify.h"

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Jose;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView input = Fuzz::view(data, size);
    const auto jws = parseJws(input);
    const auto again = parseJws(input); // from the cache of headers
    Fuzz::expect(jws.has_value() == again.has_value(), "a token is judged the same twice");
    if (!jws)
        return 0;
    Fuzz::expect(jws->header == again->header && jws->alg == again->alg && jws->kid == again->kid,
                 "a kept header is the token's own");
    Fuzz::expect(input.startsWith(jws->signingInput), "the signature covers what came");
    const auto claims = parseClaims(*jws);
    if (!claims)
        return 0;
    const ClaimRules rules{.issuers = {QStringLiteral("https://login.example")},
                           .audiences = {QStringLiteral("https://mcp.example/mcp")},
                           .kinds = (size & 1) != 0 ? TokenKinds::AccessToken : TokenKinds::Common};
    const auto checks = checkClaims(jws->header, *claims, rules, TimePoint(std::chrono::seconds(1'767'225'600)));
    Fuzz::expect(checks.size() == 6, "one check a rule");
    Fuzz::expect(std::ranges::none_of(scopesOf(*claims), &QString::isNull), "scopes are words");
    (void)clientIdOf(*claims);
    return 0;
}
