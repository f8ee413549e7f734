#include "audit/provideraudit.h"

#include "audit/defaultendpoints_p.h"
#include "base/text.h"
#include "metadata/answer.h"
#include "metadata/endpoint.h"

#include <QJsonArray>
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

/// What to do about an answer that is no JSON object, by its error; empty where that tells no more than the error.
QString remedyFor(const Error &error)
{
    if (error.details.value("reason"_L1).toString() == u"byte_order_mark")
        return u"Save the document as UTF-8 without a byte order mark."_s;
    if (error.code == u"html_page")
        return u"Let this URL answer with JSON, not with the page of a website or a proxy in front."_s;
    if (error.code == u"compressed")
        return u"Compress only for clients whose Accept-Encoding allows it (RFC 9110 §12.5.3)."_s;
    if (error.code == u"duplicate_member")
        return u"Name each member once: readers differ in which of two they take."_s;
    if (error.code == u"json_too_deep")
        return u"Publish a flatter document."_s;
    return {};
}

Error causeOf(const Error &error)
{
    const QJsonObject cause = error.details.value("cause"_L1).toObject();
    return {cause.value("code"_L1).toString(), {}, cause.value("details"_L1).toObject()};
}

Finding unreadable(const Error &error, const QString &revision)
{
    const QString remedy = remedyFor(causeOf(error));
    return {.code = u"invalid_server_metadata"_s,
            .level = FindingLevel::Error,
            .title = u"Invalid metadata"_s,
            .detail = error.message,
            .reference = referenceUrl(Metadata::Rule::ServerMetadata, revision),
            .remedy = remedy.isEmpty() ? u"Let the provider answer with its metadata as one JSON object."_s : remedy};
}

/// Until 2025-06-18 clients know RFC 8414 only.
Finding atOidcPlaceOnly(const QString &revision)
{
    return {.code = u"metadata_at_oidc_place_only"_s,
            .level = FindingLevel::Error,
            .title = u"Metadata only for OpenID Connect"_s,
            .detail =
                u"The document is at /.well-known/openid-configuration, where clients of MCP %1 do not look."_s.arg(
                    revision),
            .reference = referenceUrl(Metadata::Rule::Discovery, revision),
            .remedy = u"Publish the same document at /.well-known/oauth-authorization-server (RFC 8414 §3.1) too."_s};
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

Finding keysUnusable(const QString &detail, const QString &remedy, const QString &revision)
{
    static const QString otherwise =
        u"Publish at jwks_uri a JSON Web Key Set with the public keys of the tokens: without them an MCP server cannot "
        u"verify a token itself."_s;
    return keysFinding(u"jwks_unreachable"_s, FindingLevel::Error, u"No usable keys"_s, detail,
                       remedy.isEmpty() ? otherwise : remedy, revision);
}

Finding keysMissing(const QString &revision)
{
    return keysFinding(u"missing_jwks_uri"_s, FindingLevel::Warning, u"No key set"_s,
                       u"jwks_uri is absent: tokens of this provider cannot be verified by signature."_s,
                       u"Publish jwks_uri, or give the MCP server the keys, or a verifier that asks the provider."_s,
                       revision);
}

Finding keysSkipped(const QString &detail, const QString &remedy, const QString &revision)
{
    return keysFinding(u"jwks_reachable"_s, FindingLevel::Skipped, u"Key set not fetched"_s, detail, remedy, revision);
}

/// Status 200 and a key set, or why not.
Result<Jose::KeySet> readKeySet(const Result<Http::ClientResponse> &response)
{
    if (!response)
        return fail(response.error());
    if (response->status != 200)
        return fail(u"jwks_unreachable"_s, response->status >= 500
                                               ? u"The provider answers %1: it is down."_s.arg(response->status)
                                               : u"The answer was HTTP %1."_s.arg(response->status));
    return Metadata::readObject(*response).and_then(Jose::parseKeySet);
}

QString keyCount(qsizetype count)
{
    return count == 1 ? u"1 usable key"_s : u"%1 usable keys"_s.arg(count);
}

/// How a key set's entry is called: by its name, else by its place.
QString nameOf(const Error &rejected)
{
    const QString kid = rejected.details.value("kid"_L1).toString();
    return kid.isEmpty() ? u"key %1"_s.arg(rejected.details.value("index"_L1).toInt() + 1)
                         : u"key \"%1\""_s.arg(shortened(kid, 60));
}

/// What is wrong with the first of a set's keys, in sentences.
QString told(const QString &url, const QList<Error> &errors)
{
    constexpr qsizetype most = 5;
    QStringList reasons;
    for (const Error &error : errors.first(std::min(most, errors.size())))
        reasons.append(u"%1: %2"_s.arg(nameOf(error), error.message));
    if (errors.size() > most)
        reasons.append(u"and %1 more"_s.arg(errors.size() - most));
    return u"%1: %2"_s.arg(url, reasons.join(u' '));
}

Finding keysLeftOut(const QString &url, const QList<Error> &rejected, const QString &revision)
{
    return keysFinding(u"keys_not_usable"_s, FindingLevel::Warning, u"Keys that cannot be used"_s, told(url, rejected),
                       u"Correct or remove these keys: tokens that they sign are refused."_s, revision);
}

Finding keysReadLeniently(const QString &url, const QList<Error> &remarks, const QString &revision)
{
    return keysFinding(u"keys_read_leniently"_s, FindingLevel::Warning, u"Keys that other readers may refuse"_s,
                       told(url, remarks), u"Publish these keys as RFC 7517 and RFC 7518 have them."_s, revision);
}

Finding tooManyKeys(const QString &url, qsizetype published, const QString &revision)
{
    return keysFinding(u"too_many_keys"_s, FindingLevel::Warning, u"Too many keys"_s,
                       u"%1 has %2 keys; only the first %3 are read."_s.arg(url, QString::number(published),
                                                                            QString::number(Jose::maxKeysInSet)),
                       u"Publish only keys that still sign tokens."_s, revision);
}

void takeKeys(ProviderAudit &audit, const QString &url, Result<Jose::KeySet> set)
{
    if (!set) {
        audit.findings.append(
            keysUnusable(u"%1: %2"_s.arg(url, set.error().message), remedyFor(set.error()), audit.revision));
        return;
    }
    audit.keys = std::move(set->keys);
    audit.rejectedKeys = std::move(set->rejected);
    const QString detail = u"%1 has %2."_s.arg(url, keyCount(audit.keys.size()));
    if (audit.keys.isEmpty())
        audit.findings.append(keysUnusable(detail, {}, audit.revision));
    else
        audit.findings.append(
            keysFinding(u"jwks_reachable"_s, FindingLevel::Pass, u"Keys are published"_s, detail, {}, audit.revision));
    if (!audit.rejectedKeys.isEmpty())
        audit.findings.append(keysLeftOut(url, audit.rejectedKeys, audit.revision));
    if (!set->remarks.isEmpty())
        audit.findings.append(keysReadLeniently(url, set->remarks, audit.revision));
    if (set->leftOut > 0)
        audit.findings.append(tooManyKeys(url, Jose::maxKeysInSet + set->leftOut, audit.revision));
}

CheckOptions checksOf(const ProviderAudit &audit, bool allowHttp)
{
    return {.revision = audit.revision, .allowHttp = allowHttp};
}

/// What discovery brought, as findings or as a failure.
void takeDiscovery(ProviderAudit &audit, const Metadata::Discovery &discovery, bool allowHttp)
{
    audit.probes = discovery.probes;
    audit.metadata = discovery.document.value_or(QJsonObject());
    if (discovery.config) {
        audit.type = discovery.config->type;
        audit.document = discovery.config->document;
        audit.findings = checkDocument(audit.metadata, checksOf(audit, allowHttp));
        audit.findings.append(issuerMatches(discovery.config->metadata.issuer, audit.revision));
        return;
    }
    const Error &error = discovery.config.error();
    if (error.code == u"issuer_mismatch") {
        audit.document = discovery.body;
        audit.findings = checkDocument(audit.metadata, checksOf(audit, allowHttp));
        audit.findings.append(issuerMismatch(error, audit.revision));
        audit.findings.append(keysSkipped(u"Keys are fetched only for metadata of the right issuer."_s,
                                          u"Correct the issuer first, then check again."_s, audit.revision));
    } else if (error.code == u"invalid_server_metadata") {
        audit.document = discovery.body;
        audit.findings = discovery.document ? checkDocument(audit.metadata, checksOf(audit, allowHttp))
                                            : QList{unreadable(error, audit.revision)};
    } else {
        audit.failure = error;
    }
}

/// The key set that the metadata names, as findings.
QCoro::Task<ProviderAudit> withKeys(QPointer<Http::Client> client, ProviderAudit audit, bool allowHttp,
                                    std::stop_token stop)
{
    const auto metadata = Metadata::readAuthorizationServerMetadata(audit.metadata);
    const QString jwksUri = metadata.jwksUri.value_or(QString());
    if (memberFault(metadata, u"jwks_uri") ||
        (!jwksUri.isEmpty() && !Metadata::checkEndpointUrl(u"jwks_uri"_s, jwksUri, allowHttp))) {
        audit.findings.append(keysSkipped(u"jwks_uri is not a URL that clients may use."_s,
                                          u"Correct jwks_uri first, then check again."_s, audit.revision));
        co_return audit;
    }
    if (jwksUri.isEmpty()) {
        audit.findings.append(keysMissing(audit.revision));
        co_return audit;
    }
    if (!client) {
        audit.failure = Error{u"cancelled"_s, u"The HTTP client is gone."_s, {}};
        co_return audit;
    }
    const auto response = co_await client->get(jwksUri, stop);
    if (!response && response.error().code == u"cancelled")
        audit.failure = response.error();
    else
        takeKeys(audit, jwksUri, readKeySet(response));
    co_return audit;
}

/// Clients of the first revision go on without metadata.
bool hasDefaultEndpoints(const ProviderAudit &audit, const AuditOptions &options)
{
    return audit.revision < u"2025-06-18" && audit.failure && audit.failure->code == u"metadata_not_found" &&
           options.type != Metadata::ServerType::Oidc;
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

    const bool allowHttp = client->options().allowHttp;
    const QPointer<Http::Client> guard(client);
    const auto discovery = co_await Metadata::discover(client, issuer, {.type = options.type, .stop = options.stop});
    takeDiscovery(audit, discovery, allowHttp);
    if (hasDefaultEndpoints(audit, options))
        co_return co_await auditDefaultEndpoints(guard, std::move(audit), options.stop);
    if (!discovery.config)
        co_return audit;
    const bool wasAskedElsewhere = audit.probes.size() > 1;
    if (audit.revision < u"2025-11-25" && wasAskedElsewhere && audit.type == Metadata::ServerType::Oidc)
        audit.findings.append(atOidcPlaceOnly(audit.revision));
    co_return co_await withKeys(guard, std::move(audit), allowHttp, options.stop);
}

ProviderAudit auditDocument(const QJsonObject &document, const QString &revision)
{
    ProviderAudit audit;
    audit.issuer = document.value(u"issuer"_s).toString();
    audit.revision = revision;
    audit.metadata = document;
    audit.document = toJsonText(document);
    audit.findings = checkDocument(document, {.revision = revision});
    return audit;
}

} // namespace McpAuth::Audit
