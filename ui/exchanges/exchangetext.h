// An exchange as the text of two HTTP messages.
#pragma once

#include "http/exchangelog.h"

namespace McpAuth::Ui {

/// Request line, header fields, an empty line, body. JSON on one line is indented; what the log cut off is said at the
/// end.
[[nodiscard]] QString requestText(const Http::Exchange &exchange);
/// The same with a status line; the error where no response came.
[[nodiscard]] QString responseText(const Http::Exchange &exchange);

/// Whether a secret stands in it only as what the log put in its place.
[[nodiscard]] bool hasMaskedSecrets(const Http::Exchange &exchange);

/// A curl command line; where the token was not recorded it says "Bearer $TOKEN", which the shell fills in.
[[nodiscard]] QString curlText(const Http::Exchange &exchange);

} // namespace McpAuth::Ui
