// Words that a provider wrote, before a person reads them.
#pragma once

#include "base/secret.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace McpAuth::OAuth {

inline constexpr qsizetype untrustedTextLength = 300;

/// Without control, formatting (bidirectional overrides…) and unpaired surrogate characters; a long one is cut.
[[nodiscard]] QString untrustedText(const QString &text, qsizetype longest = untrustedTextLength);

/// error, error_description and error_uri of an OAuth answer (RFC 6749 §4.1.2.1 and §5.2) as untrustedText(); what is
/// absent, no string, or no http(s) URL in error_uri, is left out. `secrets` that a careless provider repeats become
/// redacted().
[[nodiscard]] QJsonObject untrustedError(const QJsonObject &answer, const QList<Secret> &secrets = {});

/// Takes the members that are null out of an answer: they read as absent (some servers write what they do not have). A
/// remark for each of `members`.
[[nodiscard]] QStringList dropNulls(QJsonObject &answer, const QStringList &members);

/// "access_denied (The user said no)": of what untrustedError() gave; empty when there is no error in it.
[[nodiscard]] QString errorInWords(const QJsonObject &error);

} // namespace McpAuth::OAuth
