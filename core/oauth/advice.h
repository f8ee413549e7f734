// What an error of a flow, a session or a call means for whoever has to act on it.
#pragma once

#include "oauth/flow.h"

namespace McpAuth::OAuth {

/// What can be done: one or two sentences; empty where the error's message says it already.
[[nodiscard]] QString adviceFor(const Error &error);

using OverrideMember = bool Overrides::*;
/// The override that lets the flow pass what it failed at; null where there is none.
[[nodiscard]] OverrideMember overrideFor(const Error &error);
/// Whether a client ID of the user's own would help.
[[nodiscard]] bool wantsClientId(const Error &error);

/// Whether it failed for want of an answer that counts, because of the network, this machine or what was asked, and not
/// by a refusal.
[[nodiscard]] bool wasNotCarriedOut(const Error &error);

} // namespace McpAuth::OAuth
