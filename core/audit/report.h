// An audit as text for people, JSON for scripts, JUnit for CI, Markdown and HTML for issues and pages.
#pragma once

#include "audit/provideraudit.h"

#include <QJsonArray>

namespace McpAuth::Audit {

[[nodiscard]] QJsonObject toJson(const ProviderAudit &audit); ///< the object of docs: one element of `check --format json`
[[nodiscard]] QJsonArray toJson(const QList<ProviderAudit> &audits);
[[nodiscard]] QString toText(const QList<ProviderAudit> &audits, bool colour);
[[nodiscard]] QString toJunit(const QList<ProviderAudit> &audits);
[[nodiscard]] QString toMarkdown(const QList<ProviderAudit> &audits);
[[nodiscard]] QString toHtml(const QList<ProviderAudit> &audits); ///< one self-contained page

} // namespace McpAuth::Audit
