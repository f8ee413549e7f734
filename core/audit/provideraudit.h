// Everything `check` and the Provider page say about one provider.
#pragma once

#include "audit/checks.h"
#include "jose/keyset.h"
#include "metadata/discovery.h"

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
    QByteArray document;  ///< the bytes that came, also where they are no JSON
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

/// Discovers, checks, fetches the keys. A document that was found but cannot be read, or has the wrong issuer, is a
/// finding (invalid_server_metadata, issuer_mismatch); nothing found or nobody there is a failure. Beside the findings
/// of checkDocument: issuer_matches or issuer_mismatch; jwks_reachable (skipped when the metadata or the URL cannot be
/// used), jwks_unreachable (an error: not to be had, or without a usable key), keys_not_usable, keys_read_leniently
/// (see Jose::KeySet::remarks), too_many_keys and missing_jwks_uri (warnings); metadata_at_oidc_place_only (an error:
/// clients until 2025-06-18 do not look there). For 2025-03-26 a provider without metadata is judged by its default
/// endpoints: default_endpoints (a warning), default_endpoint_missing (an error, of /register a warning).
[[nodiscard]] QCoro::Task<ProviderAudit> auditProvider(Http::Client *client, QString issuer, AuditOptions options = {});

/// The same without a network, for a document that was pasted: findings only.
[[nodiscard]] ProviderAudit auditDocument(const QJsonObject &document, const QString &revision);

} // namespace McpAuth::Audit
