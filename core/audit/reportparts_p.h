// What the report formats share. Everything a provider wrote is hostile until it went through visible().
#pragma once

#include "audit/provideraudit.h"

namespace McpAuth::Audit {

/// One line without anything a terminal, an XML parser or a reader's eye could trip over: control, format
/// (bidirectional overrides, zero-width) and line-separating characters, lone surrogates and noncharacters become
/// \u{hex}; longer than 2,000 characters is cut.
[[nodiscard]] QString visible(const QString &text);

/// How a level is shown to people.
struct LevelWords
{
    Metadata::FindingLevel level;
    QString heading; ///< "Errors"
    QString sign;    ///< "✖"
};

/// Worst first: the order of every report.
[[nodiscard]] const QList<LevelWords> &levelWords();

[[nodiscard]] QList<Metadata::Finding> findingsOf(const ProviderAudit &audit, Metadata::FindingLevel level);

/// "✔ Compatible with MCP 2026-07-28", "✖ Not compatible with…", "✖ Could not be read"
[[nodiscard]] QString verdictOf(const ProviderAudit &audit);

/// "oidc", "2 warnings", "3 keys": what stands beside the verdict; visible() already.
[[nodiscard]] QStringList summaryOf(const ProviderAudit &audit);

/// "200", or "–" when nothing came.
[[nodiscard]] QString statusOf(const Metadata::Probe &probe);

} // namespace McpAuth::Audit
