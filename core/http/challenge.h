// WWW-Authenticate: challenges, built and parsed (RFC 9110 §11.6.1).
#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QList>

#include <utility>

namespace McpAuth::Http {

struct Challenge
{
    QByteArray scheme;                                   ///< as sent; compared without case
    QByteArray token68;                                  ///< instead of parameters
    QList<std::pair<QByteArray, QByteArray>> parameters; ///< names in lower case, values unquoted, in their order

    /// Of the first parameter with this name (without case); null QByteArray when there is none.
    [[nodiscard]] QByteArray parameter(QByteArrayView name) const;
    [[nodiscard]] bool isBearer() const;

    bool operator==(const Challenge &) const = default;
};

/// One field value. Parameters are always quoted; `"` and `\` are escaped; bytes that no quoted-string may hold
/// (control characters, anything over 0x7e) become spaces, so that no value can end its string or the field.
[[nodiscard]] QByteArray toFieldValue(const Challenge &challenge);

/// All challenges of one field value, or of several joined by commas. Several challenges, token68, quoted pairs, commas
/// inside quotes, empty list elements and bad whitespace around `=` are understood; a parameter that occurs twice in
/// one challenge is refused. At most 16 KiB and 32 challenges. Errors: invalid_challenge with details.offset.
[[nodiscard]] Result<QList<Challenge>> parseChallenges(QByteArrayView fieldValue);

} // namespace McpAuth::Http
