// Moments of a token in words.
#pragma once

#include "base/clock.h"

#include <QJsonObject>
#include <QString>
#include <QTimeZone>

namespace McpAuth::Ui {

/// "in 9 minutes (12:10:44)", "3 days ago (2026-01-02 12:10:44)", "now (12:10:44)". `seconds` since the epoch (RFC 7519
/// NumericDate); a number that is no date within the years 1 to 9999 is said to be none, and one in milliseconds too.
[[nodiscard]] QString timeInWords(double seconds, TimePoint now, const QTimeZone &zone = QTimeZone::LocalTime);

/// "9 minutes", "1 second": the largest unit of which there are at least two, or seconds.
[[nodiscard]] QString durationInWords(std::chrono::seconds duration);

/// What is left until `exp`: "9 min 12 s left", "expired 3 min 10 s ago", "never expires" without one.
[[nodiscard]] QString remainingLife(const QJsonObject &claims, TimePoint now);

/// Whether a claim of this name holds a moment (exp, nbf, iat, auth_time, updated_at).
[[nodiscard]] bool isTimeClaim(QStringView name);

} // namespace McpAuth::Ui
