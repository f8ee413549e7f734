// Two identifiers that are not equal and look it: they are compared byte for byte.
#pragma once

#include <QStringList>

namespace McpAuth::Jose {

/// A sentence with a blank before it, when `actual` differs from one of `expected` in a slash at its end only, in upper
/// and lower case, or in the port: ` It differs from "https://a.example" only by a slash at its end.` Empty otherwise.
[[nodiscard]] QString nearMiss(const QString &actual, const QStringList &expected);

} // namespace McpAuth::Jose
