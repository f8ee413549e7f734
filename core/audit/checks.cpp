#include "audit/checks.h"

#include "base/text.h"
#include "http/client.h"
#include "http/url.h"
#include "metadata/endpoint.h"
#include "metadata/wellknown.h"

#include <algorithm>
#include <array>

namespace McpAuth::Audit {

using namespace Qt::StringLiterals;
using Metadata::AuthorizationServerMetadata;
using Metadata::Finding;
using Metadata::FindingLevel;
using Metadata::Rule;

namespace {

/// What a check looks at.
struct Subject
{
    AuthorizationServerMetadata metadata;
    CheckOptions options;

    [[nodiscard]] bool isSince(QStringView revision) const { return options.revision >= revision; }
    [[nodiscard]] bool letsUsersLogIn() const { return !metadata.authorizationEndpoint.isEmpty(); }
    [[nodiscard]] bool takesMetadataDocuments() const
    {
        return isSince(u"2025-11-25") && metadata.clientIdMetadataDocumentSupported.value_or(false);
    }
    [[nodiscard]] bool registersClients() const { return !metadata.registrationEndpoint.value_or(QString()).isEmpty(); }
    [[nodiscard]] Finding finding(const QString &code, FindingLevel level, const QString &title, const QString &detail,
                                  Rule rule, const QString &remedy = {}) const
    {
        return {.code = code,
                .level = level,
                .title = title,
                .detail = detail,
                .reference = referenceUrl(rule, options.revision),
                .remedy = remedy};
    }
};

/// For the revisions from `since` to `until`, both included.
struct DocumentCheck
{
    QLatin1StringView since;
    QLatin1StringView until;
    /// Findings of validateServerConfig whose code begins so are left out, for this check says it better; may be empty.
    QLatin1StringView replaces;
    QList<Finding> (*look)(const Subject &subject);
};

QString namesOf(const QStringList &values)
{
    return values.isEmpty() ? u"nothing"_s : shortened(values.join(u", "_s), 200);
}

// ---- Endpoints

QString purposeOf(const Metadata::Endpoint &endpoint)
{
    switch (endpoint.use) {
    case Metadata::EndpointUse::Client:
        return u"MCP clients refuse it."_s;
    case Metadata::EndpointUse::ResourceServer:
        return u"MCP servers cannot fetch the keys there."_s;
    case Metadata::EndpointUse::None:
        break;
    }
    return u"No MCP client uses it."_s;
}

/// "token_endpoint is TODO. It is not a usable URL: …"
QString seenAt(const Metadata::Endpoint &endpoint, const Error &error)
{
    if (endpoint.url.isEmpty())
        return u"%1 is empty."_s.arg(endpoint.member);
    const QString why =
        error.message.endsWith(u'.') || error.message.endsWith(u'…') ? error.message : error.message + u'.';
    return u"%1 is %2. %3"_s.arg(endpoint.member, namesOf({Http::shownUrl(endpoint.url)}), why);
}

Finding insecureEndpoint(const Subject &subject, const Metadata::Endpoint &endpoint, const Error &error)
{
    return subject.finding(
        u"insecure_endpoint"_s, subject.options.allowHttp ? FindingLevel::Warning : FindingLevel::Error,
        u"%1 is on plain http"_s.arg(endpoint.member), seenAt(endpoint, error) + u" An https URL is required."_s,
        Rule::Communication,
        u"Publish %1 as an https URL. In a network of your own, --allow-http accepts plain http."_s.arg(
            endpoint.member));
}

Finding unusableEndpoint(const Subject &subject, const Metadata::Endpoint &endpoint, const Error &error)
{
    static const QStringList needed{u"issuer"_s, u"authorization_endpoint"_s, u"token_endpoint"_s};
    const bool isUsed = endpoint.use != Metadata::EndpointUse::None;
    const bool isAbsent = endpoint.url.isEmpty() && !needed.contains(endpoint.member); // reads as absent
    return subject.finding(u"invalid_endpoint_url"_s, isUsed && !isAbsent ? FindingLevel::Error : FindingLevel::Warning,
                           u"%1 is not a usable URL"_s.arg(endpoint.member),
                           u"%1 An absolute https URL without a fragment is required. %2"_s.arg(seenAt(endpoint, error),
                                                                                                purposeOf(endpoint)),
                           Rule::ServerMetadata,
                           u"Publish %1 as an absolute URL, such as https://login.example.com/path%2."_s.arg(
                               endpoint.member, isAbsent ? u", or leave it out"_s : QString()));
}

/// Behind a proxy, providers publish the address that they have for themselves: a client would reach its own computer.
bool isElsewheresLoopback(const Subject &subject, const Metadata::Endpoint &endpoint)
{
    return Http::isLoopbackUrl(endpoint.url) && !Http::isLoopbackUrl(subject.metadata.issuer);
}

Finding loopbackEndpoint(const Subject &subject, const Metadata::Endpoint &endpoint)
{
    const bool isUsed = endpoint.use != Metadata::EndpointUse::None;
    return subject.finding(
        u"loopback_endpoint"_s, isUsed ? FindingLevel::Error : FindingLevel::Warning,
        u"%1 is on the client's own computer"_s.arg(endpoint.member),
        u"%1 is %2, although the issuer is %3: each client would reach itself there."_s.arg(
            endpoint.member, namesOf({Http::shownUrl(endpoint.url)}),
            namesOf({Http::shownUrl(subject.metadata.issuer)})),
        Rule::Communication,
        u"Publish the address at which clients reach the provider, such as the host name of the proxy "
        u"in front of it."_s);
}

/// An issuer is a URL too, and what follows its path would be lost in the URLs made from it (RFC 8414 §3.1).
Result<> checkPublishedUrl(const Metadata::Endpoint &endpoint)
{
    auto usable = Metadata::checkEndpointUrl(u"It"_s, endpoint.url, false);
    if (!usable || endpoint.member != "issuer"_L1)
        return usable;
    return Metadata::oauthWellKnownUrl(endpoint.url).transform([](const QString &) {});
}

QList<Finding> endpoints(const Subject &subject)
{
    QList<Finding> findings;
    QStringList names;
    auto published = endpointsOf(subject.metadata);
    if (!memberFault(subject.metadata, u"issuer"))
        published.prepend({"issuer"_L1, subject.metadata.issuer, Metadata::EndpointUse::Client});
    for (const Metadata::Endpoint &endpoint : std::as_const(published)) {
        names.append(endpoint.member);
        const auto usable = checkPublishedUrl(endpoint);
        if (!usable && usable.error().code == u"insecure_url")
            findings.append(insecureEndpoint(subject, endpoint, usable.error()));
        else if (!usable)
            findings.append(unusableEndpoint(subject, endpoint, usable.error()));
        else if (isElsewheresLoopback(subject, endpoint))
            findings.append(loopbackEndpoint(subject, endpoint));
    }
    if (findings.isEmpty() && !names.isEmpty())
        findings.append(subject.finding(u"endpoints_valid"_s, FindingLevel::Pass, u"Endpoints can be used"_s,
                                        u"%1: absolute URLs, on https or on this computer."_s.arg(namesOf(names)),
                                        Rule::Communication));
    return findings;
}

QList<Finding> nullMembers(const Subject &subject)
{
    QList<Finding> findings;
    for (const Error &fault : subject.metadata.faults) {
        if (fault.code != u"null_member")
            continue;
        const QString member = fault.details.value("member"_L1).toString();
        findings.append(subject.finding(u"null_member"_s, FindingLevel::Warning, u"%1 is null"_s.arg(member),
                                        fault.message + u" Stricter readers refuse the document."_s,
                                        Rule::ServerMetadata, u"Leave %1 out where it has no value."_s.arg(member)));
    }
    return findings;
}

// ---- The authorization code grant

/// "code" alone: a hybrid response type brings the token through the browser, which MCP clients do not ask for.
QList<Finding> codeResponseType(const Subject &subject)
{
    const auto &types = subject.metadata.responseTypesSupported;
    if (!subject.letsUsersLogIn() || !subject.metadata.raw.value("response_types_supported"_L1).isArray() ||
        memberFault(subject.metadata, u"response_types_supported"))
        return {};
    const QString listed = u"response_types_supported lists %1."_s.arg(namesOf(types));
    if (types.contains(u"code"))
        return {subject.finding(u"code_response_type_supported"_s, FindingLevel::Pass, u"Response type code"_s, listed,
                                Rule::ResponseTypes)};
    return {subject.finding(u"code_response_type_not_supported"_s, FindingLevel::Error, u"No response type code"_s,
                            listed + u" MCP clients ask for \"code\" alone."_s, Rule::ResponseTypes,
                            u"Turn on the authorization code flow at the provider, and list \"code\" in "
                            u"response_types_supported."_s)};
}

QList<Finding> pushedRequests(const Subject &subject)
{
    if (!subject.metadata.requirePushedAuthorizationRequests.value_or(false))
        return {};
    return {subject.finding(
        u"pushed_authorization_required"_s, FindingLevel::Error, u"Pushed authorization requests are required"_s,
        u"require_pushed_authorization_requests is true: the provider takes no other authorization requests, and MCP "
        u"clients do not send pushed ones."_s,
        Rule::PushedRequests,
        u"Turn the requirement off at the provider, or leave pushed requests optional: "
        u"require_pushed_authorization_requests false or absent."_s)};
}

QList<Finding> issParameter(const Subject &subject)
{
    if (!subject.letsUsersLogIn() || memberFault(subject.metadata, u"authorization_response_iss_parameter_supported"))
        return {};
    if (subject.metadata.authorizationResponseIssParameterSupported.value_or(false))
        return {subject.finding(
            u"iss_parameter_supported"_s, FindingLevel::Pass, u"Authorization responses name the issuer"_s,
            u"authorization_response_iss_parameter_supported is true."_s, Rule::AuthorizationResponse)};
    return {subject.finding(
        u"iss_parameter_not_supported"_s, FindingLevel::Warning, u"Authorization responses do not name the issuer"_s,
        u"authorization_response_iss_parameter_supported is not true: clients cannot tell by `iss` whether a response "
        u"comes from this provider (mix-up attacks, RFC 9207)."_s,
        Rule::AuthorizationResponse,
        u"Turn on the iss parameter of RFC 9207 at the provider. One that sends it must also publish "
        u"authorization_response_iss_parameter_supported: true."_s)};
}

// ---- How clients become known

QList<Finding> metadataDocuments(const Subject &subject)
{
    if (!subject.letsUsersLogIn() || memberFault(subject.metadata, u"client_id_metadata_document_supported"))
        return {};
    QList<Finding> findings;
    if (subject.registersClients())
        findings.append(subject.finding(
            u"dynamic_registration_supported"_s, FindingLevel::Pass, u"Dynamic client registration"_s,
            u"registration_endpoint is %1."_s.arg(namesOf({subject.metadata.registrationEndpoint.value_or(QString())})),
            Rule::Registration));
    if (subject.takesMetadataDocuments()) {
        findings.append(subject.finding(u"client_id_metadata_documents_supported"_s, FindingLevel::Pass,
                                        u"Client ID metadata documents"_s,
                                        u"client_id_metadata_document_supported is true."_s, Rule::MetadataDocuments));
        return findings;
    }
    const QString otherwise =
        !subject.registersClients() ? u"there is no registration_endpoint either: an unknown client cannot register."_s
        : subject.isSince(u"2026-07-28") ? u"unknown clients need dynamic registration, which is deprecated."_s
                                         : u"unknown clients need dynamic registration."_s;
    findings.append(subject.finding(
        u"client_id_metadata_documents_not_supported"_s, FindingLevel::Warning, u"No client ID metadata documents"_s,
        u"client_id_metadata_document_supported is not true, and "_s + otherwise, Rule::MetadataDocuments,
        subject.registersClients()
            ? u"Turn on client ID metadata documents at the provider where it has them."_s
            : u"Turn on client ID metadata documents at the provider where it has them, or register each MCP client "
              u"yourself and give its client ID to its users."_s));
    return findings;
}

/// A client on a user's computer has no secret; one with a metadata document can have none (CIMD draft §4.1).
QList<Finding> publicClients(const Subject &subject)
{
    const QString member = u"token_endpoint_auth_methods_supported"_s;
    const auto &published = subject.metadata.tokenEndpointAuthMethodsSupported;
    if (!subject.letsUsersLogIn() || memberFault(subject.metadata, member))
        return {};
    const QStringList methods = published.value_or(QStringList{u"client_secret_basic"_s}); // RFC 8414 §2
    const QString listed = published ? u"%1 lists %2"_s.arg(member, namesOf(methods))
                                     : u"%1 is absent, which means client_secret_basic"_s.arg(member);
    if (methods.contains(u"none"))
        return {subject.finding(u"public_clients_supported"_s, FindingLevel::Pass, u"Public clients"_s, listed + u'.',
                                Rule::ServerMetadata)};
    const bool forDocuments = subject.takesMetadataDocuments() && !methods.contains(u"private_key_jwt");
    const QString why =
        forDocuments ? u", not none: a client with a metadata document has no secret, so it cannot authenticate."_s
                     : u", not none: clients without a secret, such as desktop applications, are not announced."_s;
    return {subject.finding(u"public_clients_not_supported"_s, FindingLevel::Warning, u"No public clients"_s,
                            listed + why, Rule::ServerMetadata,
                            u"Allow public clients, which use PKCE, at the provider, and list none in "
                            u"token_endpoint_auth_methods_supported."_s)};
}

constexpr auto firstRevision = "2025-03-26"_L1;
constexpr auto noRevisionYet = "9999-12-31"_L1;

constexpr DocumentCheck documentChecks[] = {
    {firstRevision, noRevisionYet, ""_L1, nullMembers},
    {firstRevision, noRevisionYet, ""_L1, endpoints},
    {firstRevision, noRevisionYet, "code_response_type_"_L1, codeResponseType},
    {firstRevision, noRevisionYet, ""_L1, pushedRequests},
    {"2025-11-25"_L1, noRevisionYet, "dynamic_registration_"_L1, metadataDocuments},
    {"2026-07-28"_L1, noRevisionYet, ""_L1, issParameter},
    {firstRevision, noRevisionYet, ""_L1, publicClients},
};

/// What validateServerConfig calls an error, and revisions until this one do not.
struct Relief
{
    QLatin1StringView code;
    QLatin1StringView until;
    QLatin1StringView reason;
};

constexpr Relief reliefs[] = {
    {"pkce_not_supported"_L1, "2025-06-18"_L1, " Clients must refuse this only from 2025-11-25 on."_L1},
    {"s256_code_challenge_method_not_supported"_L1, "2025-06-18"_L1,
     " Clients must refuse this only from 2025-11-25 on."_L1},
};

bool isAsked(const DocumentCheck &check, const QString &revision)
{
    return revision >= check.since && revision <= check.until;
}

Finding weighed(Finding finding, const QString &revision)
{
    for (const Relief &relief : reliefs) {
        if (finding.code == relief.code && revision <= relief.until) {
            finding.level = FindingLevel::Warning;
            finding.detail += relief.reason;
        }
    }
    return finding;
}

} // namespace

QList<Finding> checkDocument(const QJsonObject &document, const CheckOptions &options)
{
    const auto isReplaced = [&](const Finding &finding) {
        return std::ranges::any_of(documentChecks, [&](const DocumentCheck &check) {
            return !check.replaces.isEmpty() && isAsked(check, options.revision) &&
                   finding.code.startsWith(check.replaces);
        });
    };
    QList<Finding> findings;
    for (const Finding &finding : Metadata::validateServerConfig(document, options.revision)) {
        if (!isReplaced(finding))
            findings.append(weighed(finding, options.revision));
    }
    const Subject subject{Metadata::readAuthorizationServerMetadata(document), options};
    for (const DocumentCheck &check : documentChecks) {
        if (isAsked(check, options.revision))
            findings.append(check.look(subject));
    }
    return findings;
}

} // namespace McpAuth::Audit
