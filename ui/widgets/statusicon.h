// Icons and words for levels and outcomes, the same on every page.
#pragma once

#include "base/check.h"
#include "metadata/validation.h"
#include "ui/theme.h"

namespace McpAuth::Ui {

/// Circle with a tick, triangle, octagon with a cross, circle with a dash…: told apart without colour.
/// `muted`: the same shape without its colour, for what did not occur.
[[nodiscard]] QIcon statusIcon(Level level, bool muted = false);
/// "passed", "warning", "error", "skipped"…: what a screen reader says for the icon.
[[nodiscard]] QString statusWord(Level level);

[[nodiscard]] Level levelOf(Metadata::FindingLevel level);
[[nodiscard]] Level levelOf(CheckOutcome outcome);
/// Of an HTTP status: 2xx Ok, 3xx Info, 401 and 403 (refused), 5xx and 0 (no response) Error, other 4xx Warning.
[[nodiscard]] Level levelOfStatus(int status);

} // namespace McpAuth::Ui
