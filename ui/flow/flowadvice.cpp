#include "ui/flow/flowadvice.h"

#include <QCoreApplication>

#include <algorithm>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;

namespace {

struct Advice
{
    QLatin1StringView code;
    const char *text;
    OverrideMember override = nullptr;
    bool clientId = false;
};

constexpr Advice advices[] = {
    {"no_authorization_needed"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The server answers everybody: turn its protection on, or try another URL.")},
    {"mcp_unreachable"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Check the URL, its path included, and whether the server runs.")},
    {"not_an_mcp_server"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Check the URL, its path included: most servers listen at /mcp.")},
    {"fresh_token_refused"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "“To the Token page” checks the token as a server does and marks what is wrong.")},
    {"insufficient_scope"_L1, QT_TRANSLATE_NOOP("FlowAdvice", "Enter the scopes under Options, and run it again.")},
    {"connection_refused"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "No program listens there: start the server, or correct the URL.")},
    {"host_not_found"_L1, QT_TRANSLATE_NOOP("FlowAdvice", "Check the spelling of the host.")},
    {"resource_metadata_not_found"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The server must publish its metadata (RFC 9728); servers of 2025-03-26 do not: "
                                     "choose that revision for them.")},
    {"resource_mismatch"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Use the URL that the metadata names, byte for byte, or fix the metadata."),
     &OAuth::Overrides::allowResourceMismatch},
    {"no_authorization_server"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The metadata must list its provider in authorization_servers.")},
    {"provider_unreachable"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Check whether the provider runs, and whether the server names the right one.")},
    {"invalid_server_metadata"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The Provider page lists every fault of the document and its remedy.")},
    {"metadata_not_found"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The Provider page shows every place that was asked, and why it did not do.")},
    {"issuer_mismatch"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Both must be the same string, a slash at the end included: fix the provider's "
                                     "issuer or the server's authorization_servers.")},
    {"missing_issuer"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The provider must send the iss that its metadata promises (RFC 9207), or promise "
                                     "none.")},
    {"pkce_not_supported"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Many such providers support PKCE without announcing it."),
     &OAuth::Overrides::allowMissingPkce},
    {"insecure_url"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Use https; in a closed test network plain HTTP may be acceptable."),
     &OAuth::Overrides::allowHttp},
    {"no_client_id"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Register this client at the provider by hand, and enter its client ID."), nullptr,
     true},
    {"registration_not_supported"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Register this client at the provider by hand, and enter its client ID."), nullptr,
     true},
    {"registration_refused"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The response says what the provider does not like; a client ID from its console "
                                     "does without registration."),
     nullptr, true},
    {"browser_failed"_L1, QT_TRANSLATE_NOOP("FlowAdvice", "Choose the other kind of browser under Options.")},
    {"timeout"_L1, QT_TRANSLATE_NOOP("FlowAdvice", "There was no answer in time: run it again.")},
    {"state_mismatch"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Somebody else's answer came in, or an old one: run it again in a fresh window of "
                                     "the browser.")},
    {"authorization_refused"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The provider or its user refused: run it again, with other scopes or another "
                                     "user.")},
    {"no_client_auth_method"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "Enter a client secret, or let the provider take public clients."), nullptr, true},
    {"token_request_refused"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The response carries the provider's reason: look at its error and "
                                     "error_description.")},
    {"invalid_token_response"_L1,
     QT_TRANSLATE_NOOP("FlowAdvice", "The token endpoint must answer as RFC 6749 §5.1 says.")},
};

const Advice *find(const QString &code)
{
    const auto found = std::ranges::find_if(advices, [&](const Advice &advice) { return advice.code == code; });
    return found == std::end(advices) ? nullptr : found;
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
        return QCoreApplication::translate("FlowAdvice",
                                           "The provider does not accept the resource: register it there, or "
                                           "leave it out as such providers need.");
    const Advice *advice = find(error.code);
    return advice ? QCoreApplication::translate("FlowAdvice", advice->text) : QString();
}

OverrideMember overrideFor(const Error &error)
{
    if (refusesResource(error))
        return &OAuth::Overrides::omitResource;
    const Advice *advice = find(error.code);
    return advice ? advice->override : nullptr;
}

bool wantsClientId(const Error &error)
{
    const Advice *advice = find(error.code);
    return advice && advice->clientId;
}

} // namespace McpAuth::Ui
