// What went wrong, as a value: for a program (code), a person (message) and a report (details).
#pragma once

#include <QJsonObject>
#include <QString>

namespace McpAuth {

struct Error
{
    /// Stable, snake_case; a program may compare it.
    QString code;
    /// One sentence for a person, with what to do where that is known. Never contains a secret.
    QString message;
    /// Whatever a report may add: expected and actual values, a URL, an inner error.
    QJsonObject details = {};

    bool operator==(const Error &) const = default;
};

/// {"code", "message", "details"}; no "details" when there are none.
[[nodiscard]] QJsonObject toJson(const Error &error);

} // namespace McpAuth
