// Where mcp-auth 0.2 on Node answers a token otherwise than this project, and what asks for our answer.
#pragma once

namespace McpAuth::Test {

struct Difference
{
    const char *name; ///< of the token in forgeries.mjs
    const char *ours;
    const char *theirs;
    const char *reason;
};

inline constexpr Difference differences[]{
    // design.md, Cryptography: refused always
    {"b64 true, critical", "401 invalid_token", "200", "crit with anything in it is refused"},
    {"b64 false, not critical", "401 invalid_token", "200", "b64 without crit is ignored by some, obeyed by others"},
    {"b64 a string", "401 invalid_token", "200", "RFC 7797 §3: a boolean"},
    // design.md, limits: duplicate members refused (RFC 7515 §4, RFC 8725 §2.4)
    {"alg twice", "401 invalid_token", "200", "RFC 7515 §4"},
    {"kid twice", "401 invalid_token", "200", "RFC 7515 §4"},
    {"sub twice", "401 invalid_token", "200", "RFC 7519 §4"},
    {"iss twice", "401 invalid_token", "200", "RFC 7519 §4"},
    {"scope twice", "401 invalid_token", "200", "RFC 7519 §4"},
    {"aud twice, once escaped", "401 invalid_token", "200", "RFC 7519 §4"},
    {"a member of a member twice", "401 invalid_token", "200", "RFC 8725 §2.4"},
    // design.md, limits: depth 64, 16 KiB
    {"claims nested too deep", "401 invalid_token", "200", "at most 64 levels"},
    {"claims nested much too deep", "401 invalid_token", "200", "at most 64 levels"},
    {"header nested too deep", "401 invalid_token", "200", "at most 64 levels"},
    {"over 16 KiB", "401 invalid_token", "431", "Node takes 16 KiB of headers, ours 32; the token is still too large"},
    // Strict base64url: one byte string has one spelling (RFC 7515 §2, RFC 4648 §3.5)
    {"padding in the signature", "401 invalid_token", "200", "RFC 7515 §2: no padding"},
    {"unused bits set in the signature", "401 invalid_token", "200", "RFC 4648 §3.5"},
    {"unused bits set in the payload", "401 invalid_token", "200", "RFC 4648 §3.5"},
    {"unused bits set in the header", "401 invalid_token", "200", "RFC 4648 §3.5"},
    // Strict JSON and types
    {"claims with a byte order mark", "401 invalid_token", "200", "RFC 8259 §8.1: not to be sent"},
    {"exp beyond all numbers", "401 invalid_token", "200", "design.md: times are finite numbers"},
    {"iss a list", "401 invalid_token", "401 invalid_issuer", "RFC 7519 §4.1.1: a string; so there is none to trust"},
    {"typ a number", "401 invalid_token", "200", "RFC 7519 §5.1: a string"},
    {"aud a list with a number", "401 invalid_audience", "200", "RFC 7519 §4.1.3: strings only"},
    // design.md, claims
    {"iat in an hour", "401 invalid_token", "200", "iat lies in the past"},
    {"expired within the leeway", "200", "401 invalid_token", "60 s of leeway"},
    {"nbf within the leeway", "200", "401 invalid_token", "60 s of leeway"},
    {"scp", "200", "403 missing_required_scopes", "scope, then scopes, then scp"},
    // Other kinds of JWT are no access tokens (RFC 8725 §3.11, §3.12)
    {"typ of an ID token", "401 invalid_token", "200", "RFC 8725 §3.11"},
    {"typ of a logout token", "401 invalid_token", "200", "RFC 8725 §3.11"},
    {"typ of a DPoP proof", "401 invalid_token", "200", "RFC 8725 §3.11"},
    {"typ of a security event", "401 invalid_token", "200", "RFC 8725 §3.11"},
    {"typ of a selective disclosure", "401 invalid_token", "200", "RFC 8725 §3.11"},
    {"ID token by its nonce", "401 invalid_token", "403 missing_required_scopes", "RFC 8725 §3.12"},
    {"ID token by token_use", "401 invalid_token", "200", "RFC 8725 §3.12"},
    {"ID token by at_hash", "401 invalid_token", "200", "RFC 8725 §3.12"},
    {"ID token by c_hash", "401 invalid_token", "200", "RFC 8725 §3.12"},
    {"logout token by its event", "401 invalid_token", "200", "RFC 8725 §3.12"},
    {"refresh token by the claim typ", "401 invalid_token", "200", "RFC 8725 §3.12"},
    {"bound to a DPoP key", "401 invalid_token", "200", "RFC 9449 §7.1: no bearer token"},
    {"bound to a certificate", "401 invalid_token", "200", "RFC 8705 §3: no bearer token"},
    {"Ed25519 by its own name", "200", "401 invalid_token", "RFC 9864 §2.2: a name of EdDSA"},
    // design.md, key choice
    {"no kid, several keys fit", "200", "401 invalid_token", "several are tried, at most 8"},
    // What the header field may look like
    {"JSON serialization", "401 invalid_auth_header_format", "401 invalid_token", "RFC 6750 §2.1: b64token"},
    {"padding in the header", "401 invalid_auth_header_format", "401 invalid_token",
     "RFC 6750 §2.1: = at the end only"},
    {"a tab within", "401 invalid_auth_header_format", "401 invalid_token", "RFC 6750 §2.1: b64token"},
    {"a letter that is no ASCII", "401 invalid_auth_header_format", "401 invalid_token", "RFC 6750 §2.1: b64token"},
    {"a space before", "200", "401 invalid_auth_header_format", "RFC 9110 §11.4: one space or more"},
};

} // namespace McpAuth::Test
