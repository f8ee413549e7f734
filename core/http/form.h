// application/x-www-form-urlencoded, as OAuth sends it (URL Standard §5, RFC 6749 appendix B).
#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <optional>
#include <utility>

namespace McpAuth::Http {

/// Names and values, decoded, in their order.
using Form = QList<std::pair<QString, QString>>;

inline constexpr qsizetype maxFormFields = 100;

/// Everything but letters, digits and "*-._" becomes %XX of its UTF-8; a space becomes '+'.
[[nodiscard]] QByteArray toFormText(const Form &form);
/// The form appended to the URL's own query, which stays (RFC 6749 §3.1, 4.1.2).
[[nodiscard]] QString withQuery(const QString &url, const Form &form);
/// Strict. Errors: invalid_form (a broken %XX, ill-formed UTF-8, more than maxFormFields).
[[nodiscard]] Result<Form> parseForm(QByteArrayView text);

/// The one value of a field; nothing when it is absent. Errors: repeated_parameter (RFC 6749 §3.1: no parameter twice).
[[nodiscard]] Result<std::optional<QString>> formValue(const Form &form, QStringView name);

} // namespace McpAuth::Http
