// From evidence to a verdict: what this endpoint, or a tool of it, makes of a token. Pure functions.
#pragma once

#include "bearer/evidence_p.h"

namespace McpAuth::Bearer {

/// What an endpoint asks for, and where a client reads about it.
struct Rules
{
    BearerAuthOptions options;
    QString resourceMetadataUrl; ///< RFC 9728 §3.1; empty without a resource
};

[[nodiscard]] Rules rulesFor(BearerAuthOptions options);

/// The scopes are decided here; `extraScopes` are required on top of the rules'.
[[nodiscard]] Verdict decide(const Evidence &evidence, const Rules &rules, const Secret &token,
                             const QStringList &extraScopes);
/// A verdict looked at once more with further scopes; one that was refused for anything but scopes comes back as it is.
[[nodiscard]] Verdict decideAgain(Verdict verdict, const Rules &rules, const QStringList &scopes);

} // namespace McpAuth::Bearer
