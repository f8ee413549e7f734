#include "oauth/advice.h"

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

constexpr QStringView registerByHand = u"Register this client at the provider by hand, and give its client ID.";

struct Advice
{
    QLatin1StringView code;
    QStringView text;
    OverrideMember override = nullptr;
    bool clientId = false;
};

constexpr Advice advices[] = {
    {"no_authorization_needed"_L1, u"The server answers everybody: turn its protection on, or try another URL."},
    {"mcp_unreachable"_L1, u"Check the URL, its path included, and whether the server runs."},
    {"not_an_mcp_server"_L1, u"Check the URL, its path included: most servers listen at /mcp."},
    {"fresh_token_refused"_L1, u"Verify the token for this server: the check that fails says what is wrong with it."},
    {"insufficient_scope"_L1, u"Ask for these scopes."},
    {"connection_refused"_L1, u"No program listens there: start the server, or correct the URL."},
    {"redirect_refused"_L1, u"If the redirect leads to the server's own URL, use that one."},
    {"tls_error"_L1, u"Trust the certificate's authority, if it is one of your own."},
    {"host_not_found"_L1, u"Check the spelling of the host."},
    {"resource_metadata_not_found"_L1,
     u"The server must publish its metadata (RFC 9728); servers of 2025-03-26 do not: choose that revision for them."},
    {"resource_mismatch"_L1, u"Use the URL that the metadata names, byte for byte, or fix the metadata.",
     &Overrides::allowResourceMismatch},
    {"no_authorization_server"_L1, u"The metadata must list its provider in authorization_servers."},
    {"provider_unreachable"_L1, u"Check whether the provider runs, and whether the server names the right one."},
    {"invalid_server_metadata"_L1, u"Check the provider: that lists every fault of the document and its remedy."},
    {"metadata_not_found"_L1, u"Check the provider: that shows every place that was asked, and why it did not do."},
    {"issuer_mismatch"_L1, u"Both must be the same string, a slash at the end included: fix the provider's issuer or "
                           "the server's authorization_servers."},
    {"missing_issuer"_L1, u"The provider must send the iss that its metadata promises (RFC 9207), or promise none."},
    {"pkce_not_supported"_L1, u"Turn S256 on at the provider. Many support it without announcing it.",
     &Overrides::allowMissingPkce},
    {"insecure_url"_L1, u"Use https; in a closed test network plain HTTP may be acceptable.", &Overrides::allowHttp},
    {"private_address"_L1,
     u"A server elsewhere should not lead a client to this computer or its network. If you know why it does, allow "
     "private addresses."},
    {"no_client_id"_L1, registerByHand, nullptr, true},
    {"registration_not_supported"_L1, registerByHand, nullptr, true},
    {"registration_refused"_L1,
     u"The response says what the provider does not like; a client ID from its console does "
     "without registration.",
     nullptr, true},
    {"browser_failed"_L1, u"Run it again with another browser."},
    {"timeout"_L1, u"There was no answer in time: run it again."},
    {"state_mismatch"_L1,
     u"Somebody else's answer came in, or an old one: run it again in a fresh window of the browser."},
    {"authorization_refused"_L1, u"The provider or its user refused: run it again, with other scopes or another user."},
    {"no_client_auth_method"_L1, u"Give a client secret, or let the provider take public clients.", nullptr, true},
    {"token_request_refused"_L1,
     u"The response carries the provider's reason: look at its error and error_description."},
    {"invalid_token_response"_L1, u"The token endpoint must answer as RFC 6749 §5.1 says."},
};

constexpr QLatin1StringView notCarriedOut[] = {
    "address_unavailable"_L1,   "body_too_large"_L1,     "browser_failed"_L1,  "cancelled"_L1,
    "connection_closed"_L1,     "connection_refused"_L1, "file_too_large"_L1,  "host_not_found"_L1,
    "insecure_url"_L1,          "invalid_arguments"_L1,  "invalid_options"_L1, "invalid_redirect_host"_L1,
    "invalid_redirect_path"_L1, "invalid_url"_L1,        "keychain_denied"_L1, "keychain_unavailable"_L1,
    "list_too_large"_L1,        "listen_failed"_L1,      "mcp_unreachable"_L1, "network_error"_L1,
    "permission_denied"_L1,     "port_in_use"_L1,        "program_ended"_L1,   "program_failed"_L1,
    "provider_unreachable"_L1,  "redirect_refused"_L1,   "timeout"_L1,         "tls_error"_L1,
    "unknown_tool"_L1,          "unreadable_file"_L1,
};

const Advice *find(const QString &code)
{
    const auto found = std::ranges::find_if(advices, [&](const Advice &advice) { return advice.code == code; });
    return found == std::end(advices) ? nullptr : found;
}

/// A cause says more than the step that it stopped.
const Advice *find(const Error &error)
{
    const Advice *ofCause = find(error.details.value("cause"_L1)["code"_L1].toString());
    return ofCause ? ofCause : find(error.code);
}

/// RFC 8707 §2.
bool refusesResource(const Error &error)
{
    return error.details.value("error"_L1) == "invalid_target"_L1;
}

} // namespace

QString adviceFor(const Error &error)
{
    if (refusesResource(error))
        return u"The provider does not accept the resource: register it there, or leave it out as such providers need."_s;
    const Advice *advice = find(error);
    return advice ? advice->text.toString() : QString();
}

OverrideMember overrideFor(const Error &error)
{
    if (error.details.contains("code_challenge_methods_supported"_L1)) // without S256: the override is for no list
        return nullptr;
    if (refusesResource(error))
        return &Overrides::omitResource;
    const Advice *advice = find(error);
    return advice ? advice->override : nullptr;
}

bool wantsClientId(const Error &error)
{
    const Advice *advice = find(error);
    return advice && advice->clientId;
}

bool wasNotCarriedOut(const Error &error)
{
    return std::ranges::any_of(notCarriedOut, [&](QLatin1StringView code) { return error.code == code; });
}

} // namespace McpAuth::OAuth
