// Words that several pages use.
#pragma once

#include "metadata/serverconfig.h"

#include <QString>

namespace McpAuth::Ui {

/// "OpenID Connect", "OAuth 2.0"
[[nodiscard]] QString typeName(Metadata::ServerType type);

/// What a cell shows: a dash for nothing.
[[nodiscard]] QString orDash(const QString &text);

/// Path and query as they stand in the URL, which QUrl would normalise; "/" without a path.
[[nodiscard]] QString requestTarget(const QString &url);

} // namespace McpAuth::Ui
