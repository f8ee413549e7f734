// What can be done about a flow that failed.
#pragma once

#include "oauth/flow.h"

namespace McpAuth::Ui {

/// One or two sentences; empty where the error says it already.
[[nodiscard]] QString adviceFor(const Error &error);

using OverrideMember = bool OAuth::Overrides::*;
/// The override that lets the flow pass what it failed at; null where there is none.
[[nodiscard]] OverrideMember overrideFor(const Error &error);
/// Whether a client ID of the user's own would help.
[[nodiscard]] bool wantsClientId(const Error &error);

} // namespace McpAuth::Ui
