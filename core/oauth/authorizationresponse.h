// What comes back from the authorization endpoint, and what may be believed of it (RFC 6749 §4.1.2, RFC 9207).
#pragma once

#include "base/secret.h"
#include "http/form.h"

namespace McpAuth::OAuth {

/// The query of the redirect, decoded; not yet believed.
using ResponseParameters = Http::Form;

/// Written down before the browser opens.
struct ExpectedResponse
{
    Secret state;
    QString issuer;              ///< from the validated metadata
    bool issuerPromised = false; ///< authorization_response_iss_parameter_supported
    bool checkIssuer = true;     ///< the table of 2026-07-28; earlier revisions check a present iss all the same
};

/// In this order: state (in constant time), iss by the specification's table, byte for byte, then error, then code.
/// Of a response that fails state or iss nothing else is read or shown. Errors: state_mismatch, missing_issuer,
/// issuer_mismatch (details.expected, details.actual), authorization_refused (details: error, error_description,
/// error_uri), missing_code, repeated_parameter.
[[nodiscard]] Result<Secret> acceptedCode(const ResponseParameters &response, const ExpectedResponse &expected);

} // namespace McpAuth::OAuth
