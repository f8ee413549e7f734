// The bearer token of a request, or why there is none.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "bearer/bearererror.h"
#include "http/message.h"

#include <expected>

namespace McpAuth::Bearer {

/// A reason to refuse. With BearerError::None there is none.
struct Refusal
{
    BearerError error = BearerError::None;
    Error cause = {};
};

/// One Authorization field of the scheme Bearer in any case, one or more spaces, and a b64token (RFC 9110 §11.4, RFC
/// 6750 §2.1). MissingAuthHeader, MissingBearerToken or InvalidAuthHeaderFormat otherwise.
[[nodiscard]] std::expected<Secret, Refusal> bearerToken(const Http::Request &request);
/// The same, whatever characters the token has: to look it up among good ones.
[[nodiscard]] std::expected<Secret, Refusal> sentToken(const Http::Request &request);

} // namespace McpAuth::Bearer
