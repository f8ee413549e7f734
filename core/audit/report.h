// An audit as text for people, JSON for scripts, JUnit for CI, Markdown and HTML for issues and pages.
// Whatever a provider wrote is escaped as the format needs it; in all but JSON control characters are shown as \u{hex}.
#pragma once

#include "audit/provideraudit.h"

#include <QJsonArray>

namespace McpAuth::Audit {

/// One element of `check --format json`. `type` is null when no document was used; `failure` is there when the provider
/// could not be read.
[[nodiscard]] QJsonObject toJson(const ProviderAudit &audit);
[[nodiscard]] QJsonArray toJson(const QList<ProviderAudit> &audits);
[[nodiscard]] QString toText(const QList<ProviderAudit> &audits, bool colour);
[[nodiscard]] QString toJunit(const QList<ProviderAudit> &audits);
[[nodiscard]] QString toMarkdown(const QList<ProviderAudit> &audits);
[[nodiscard]] QString toHtml(const QList<ProviderAudit> &audits); ///< one self-contained page

} // namespace McpAuth::Audit
