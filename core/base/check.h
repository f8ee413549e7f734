// One thing that was looked at when a token was judged, and what came of it.
#pragma once

#include <QList>
#include <QString>

namespace McpAuth {

enum class CheckOutcome { Pass, Fail, Skipped };

struct Check
{
    /// signature, expiry, not_before, issued_at, issuer, audience, scopes, type, binding, algorithm, key, format,
    /// header, subject…
    QString name;
    CheckOutcome outcome = CheckOutcome::Skipped;
    /// One sentence: what was found, or why the check was skipped.
    QString detail;

    bool operator==(const Check &) const = default;
};

/// "pass", "fail", "skipped"
[[nodiscard]] QString toString(CheckOutcome outcome);

} // namespace McpAuth
