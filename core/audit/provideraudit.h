// Everything `check` and the Provider page say about one provider.
#pragma once

#include "jose/keyset.h"
#include "metadata/discovery.h"
#include "metadata/validation.h"

namespace McpAuth::Audit {

/// MCP revisions whose rules can be asked for, newest first.
[[nodiscard]] const QStringList &revisions();

struct ProviderAudit
{
    QString issuer;                           ///< as asked
    std::optional<Metadata::ServerType> type; ///< of the document that was used
    QString revision;
    QList<Metadata::Probe> probes;
    QList<Metadata::Finding> findings;
    QJsonObject metadata; ///< as it came; empty when none did
    QByteArray document;  ///< its bytes
    QList<Jose::Key> keys;
    QList<Error> rejectedKeys;
    std::optional<Error> failure; ///< the provider could not be read: exit status 2

    [[nodiscard]] bool isCompatible() const; ///< no failure and no finding is an error
    [[nodiscard]] int count(Metadata::FindingLevel level) const;
};

struct AuditOptions
{
    std::optional<Metadata::ServerType> type = {};
    QString revision = QStringLiteral("2026-07-28");
    std::stop_token stop = {};
};

/// Discovers, validates, fetches the keys. A document that was found but is invalid, or has the wrong issuer, is a
/// finding (invalid_server_metadata, issuer_mismatch); nothing found or nobody there is a failure. Beside the findings
/// of validateServerConfig: issuer_matches or issuer_mismatch; jwks_reachable (skipped when the metadata cannot be
/// believed), jwks_unreachable (an error: not to be had, or without a usable key) or missing_jwks_uri (a warning).
[[nodiscard]] QCoro::Task<ProviderAudit> auditProvider(Http::Client *client, QString issuer, AuditOptions options = {});

/// The same without a network, for a document that was pasted: findings only.
[[nodiscard]] ProviderAudit auditDocument(const QJsonObject &document, const QString &revision);

} // namespace McpAuth::Audit
