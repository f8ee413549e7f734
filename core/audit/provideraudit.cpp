#include "audit/provideraudit.h"

#include <QPointer>

#include <algorithm>

namespace McpAuth::Audit {

using namespace Qt::StringLiterals;
using Metadata::Finding;
using Metadata::FindingLevel;

namespace {

Finding issuerMatches(const QString &issuer, const QString &revision)
{
    return {.code = u"issuer_matches"_s,
            .level = FindingLevel::Pass,
            .title = u"The issuer is the one asked for"_s,
            .detail = u"The document names %1."_s.arg(issuer),
            .reference = referenceUrl(Metadata::Rule::IssuerIdentity, revision),
            .remedy = {}};
}

Finding issuerMismatch(const Error &error, const QString &revision)
{
    return {.code = u"issuer_mismatch"_s,
            .level = FindingLevel::Error,
            .title = u"Another issuer"_s,
            .detail = error.message,
            .reference = referenceUrl(Metadata::Rule::IssuerIdentity, revision),
            .remedy =
                u"Let the provider publish the issuer that clients are told, or tell clients (in the MCP server's "
                u"authorization_servers) the issuer that the provider publishes."_s};
}

Finding unreadable(const Error &error, const QString &revision)
{
    return {.code = u"invalid_server_metadata"_s,
            .level = FindingLevel::Error,
            .title = u"Invalid metadata"_s,
            .detail = error.message,
            .reference = referenceUrl(Metadata::Rule::ServerMetadata, revision),
            .remedy = u"Let the provider answer with its metadata as one JSON object; nothing else was checked."_s};
}

Finding keysFinding(const QString &code, FindingLevel level, const QString &title, const QString &detail,
                    const QString &remedy, const QString &revision)
{
    return {.code = code,
            .level = level,
            .title = title,
            .detail = detail,
            .reference = referenceUrl(Metadata::Rule::Keys, revision),
            .remedy = remedy};
}

Finding keysUnusable(const QString &detail, const QString &revision)
{
    return keysFinding(
        u"jwks_unreachable"_s, FindingLevel::Error, u"No usable keys"_s, detail,
        u"Let jwks_uri answer with a JSON Web Key Set that holds the public keys which sign tokens: without "
        u"them no MCP server can verify a token by itself."_s,
        revision);
}

Finding keysMissing(const QString &revision)
{
    return keysFinding(u"missing_jwks_uri"_s, FindingLevel::Warning, u"No key set"_s,
                       u"jwks_uri is absent: tokens of this provider cannot be verified by signature."_s,
                       u"Publish jwks_uri, or give the MCP server the keys, or a verifier that asks the provider."_s,
                       revision);
}

Finding keysSkipped(const QString &revision)
{
    return keysFinding(u"jwks_reachable"_s, FindingLevel::Skipped, u"Key set not fetched"_s,
                       u"Keys are fetched only for metadata of the right issuer."_s,
                       u"Mend the issuer first, then check again."_s, revision);
}

/// Status 200 and a key set, or why not.
Result<Jose::KeySet> readKeySet(const Result<Http::ClientResponse> &response)
{
    if (!response)
        return fail(response.error());
    if (response->status != 200)
        return fail(u"jwks_unreachable"_s, u"The answer was HTTP %1."_s.arg(response->status));
    return parseJsonObject(response->body).and_then(Jose::parseKeySet);
}

QString keyCount(qsizetype count)
{
    return count == 1 ? u"1 usable key"_s : u"%1 usable keys"_s.arg(count);
}

void takeKeys(ProviderAudit &audit, const QString &url, Result<Jose::KeySet> set)
{
    if (!set) {
        audit.findings.append(keysUnusable(u"%1: %2"_s.arg(url, set.error().message), audit.revision));
        return;
    }
    audit.keys = std::move(set->keys);
    audit.rejectedKeys = std::move(set->rejected);
    QString detail = u"%1 has %2."_s.arg(url, keyCount(audit.keys.size()));
    if (!audit.rejectedKeys.isEmpty())
        detail += u" %1 more cannot be used: %2"_s.arg(QString::number(audit.rejectedKeys.size()),
                                                       audit.rejectedKeys.first().message);
    if (audit.keys.isEmpty())
        audit.findings.append(keysUnusable(detail, audit.revision));
    else
        audit.findings.append(
            keysFinding(u"jwks_reachable"_s, FindingLevel::Pass, u"Keys are published"_s, detail, {}, audit.revision));
}

/// What discovery brought, as findings or as a failure.
void takeDiscovery(ProviderAudit &audit, const Metadata::Discovery &discovery)
{
    audit.probes = discovery.probes;
    audit.metadata = discovery.document.value_or(QJsonObject());
    if (discovery.config) {
        audit.type = discovery.config->type;
        audit.document = discovery.config->document;
        audit.findings = Metadata::validateServerConfig(audit.metadata, audit.revision);
        audit.findings.append(issuerMatches(discovery.config->metadata.issuer, audit.revision));
        return;
    }
    const Error &error = discovery.config.error();
    if (error.code == u"issuer_mismatch") {
        audit.document = toJsonText(audit.metadata);
        audit.findings = Metadata::validateServerConfig(audit.metadata, audit.revision);
        audit.findings.append(issuerMismatch(error, audit.revision));
        audit.findings.append(keysSkipped(audit.revision));
    } else if (error.code == u"invalid_server_metadata") {
        audit.document = discovery.document ? toJsonText(audit.metadata) : QByteArray();
        audit.findings = {unreadable(error, audit.revision)};
    } else {
        audit.failure = error;
    }
}

} // namespace

const QStringList &revisions()
{
    return Metadata::specificationRevisions();
}

bool ProviderAudit::isCompatible() const
{
    return !failure && Metadata::isCompatible(findings);
}

int ProviderAudit::count(FindingLevel level) const
{
    return static_cast<int>(std::ranges::count(findings, level, &Finding::level));
}

QCoro::Task<ProviderAudit> auditProvider(Http::Client *client, QString issuer, AuditOptions options)
{
    ProviderAudit audit;
    audit.issuer = issuer;
    audit.revision = options.revision;

    const QPointer<Http::Client> guard(client);
    const auto discovery = co_await Metadata::discover(client, issuer, {.type = options.type, .stop = options.stop});
    takeDiscovery(audit, discovery);
    if (!discovery.config)
        co_return audit;

    const QString jwksUri = discovery.config->metadata.jwksUri.value_or(QString());
    if (jwksUri.isEmpty()) {
        audit.findings.append(keysMissing(audit.revision));
        co_return audit;
    }
    if (!guard) {
        audit.failure = Error{u"cancelled"_s, u"The HTTP client is gone."_s, {}};
        co_return audit;
    }
    const auto response = co_await guard->get(jwksUri, options.stop);
    if (!response && response.error().code == u"cancelled")
        audit.failure = response.error();
    else
        takeKeys(audit, jwksUri, readKeySet(response));
    co_return audit;
}

ProviderAudit auditDocument(const QJsonObject &document, const QString &revision)
{
    ProviderAudit audit;
    audit.issuer = document.value(u"issuer"_s).toString();
    audit.revision = revision;
    audit.metadata = document;
    audit.document = toJsonText(document);
    audit.findings = Metadata::validateServerConfig(document, revision);
    return audit;
}

} // namespace McpAuth::Audit
