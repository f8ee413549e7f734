#include "metadata/validation.h"

#include "base/text.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::Metadata {

using namespace Qt::StringLiterals;

namespace {

/// What a look at the metadata showed.
struct Seen
{
    bool holds;
    QString detail;
};

struct Requirement
{
    QLatin1StringView passCode;
    QLatin1StringView failCode;
    FindingLevel failLevel;
    QLatin1StringView passTitle;
    QLatin1StringView failTitle;
    Rule rule;
    QLatin1StringView remedy;
    /// Nothing where the question does not arise.
    std::optional<Seen> (*look)(const AuthorizationServerMetadata &);
};

/// Values for a sentence, cut where a hostile document would fill the screen.
QString listed(const QStringList &values)
{
    return values.isEmpty() ? u"nothing"_s : shortened(values.join(u", "_s), 200);
}

/// Without it the authorization code grant cannot begin, which one finding says already.
bool lacksAuthorizationEndpoint(const AuthorizationServerMetadata &metadata)
{
    return metadata.authorizationEndpoint.isEmpty() && !metadata.raw.value("authorization_endpoint"_L1).isString();
}

/// Nothing where a finding says already that the member, or what it is about, cannot be used.
bool canBeAsked(const AuthorizationServerMetadata &metadata, QStringView member)
{
    return !lacksAuthorizationEndpoint(metadata) && !memberFault(metadata, member);
}

std::optional<Seen> codeResponseType(const AuthorizationServerMetadata &metadata)
{
    if (!canBeAsked(metadata, u"response_types_supported") ||
        !metadata.raw.value("response_types_supported"_L1).isArray())
        return std::nullopt;
    const auto hasCode = [](const QString &type) { return type.split(u' ').contains(u"code"_s); };
    return Seen{std::ranges::any_of(metadata.responseTypesSupported, hasCode),
                u"response_types_supported lists %1."_s.arg(listed(metadata.responseTypesSupported))};
}

std::optional<Seen> authorizationCodeGrant(const AuthorizationServerMetadata &metadata)
{
    if (memberFault(metadata, u"grant_types_supported"))
        return std::nullopt;
    if (!metadata.grantTypesSupported && lacksAuthorizationEndpoint(metadata))
        return std::nullopt;
    if (!metadata.grantTypesSupported)
        return Seen{true, u"grant_types_supported is absent, which means authorization_code and implicit."_s};
    return Seen{metadata.grantTypesSupported->contains(u"authorization_code"_s),
                u"grant_types_supported lists %1."_s.arg(listed(*metadata.grantTypesSupported))};
}

std::optional<Seen> pkce(const AuthorizationServerMetadata &metadata)
{
    if (!canBeAsked(metadata, u"code_challenge_methods_supported"))
        return std::nullopt;
    if (!metadata.codeChallengeMethodsSupported)
        return Seen{false, u"code_challenge_methods_supported is absent, which means that there is no PKCE."_s};
    return Seen{true, u"code_challenge_methods_supported is present."_s};
}

std::optional<Seen> s256(const AuthorizationServerMetadata &metadata)
{
    if (!canBeAsked(metadata, u"code_challenge_methods_supported") || !metadata.codeChallengeMethodsSupported)
        return std::nullopt;
    return Seen{metadata.codeChallengeMethodsSupported->contains(u"S256"_s),
                u"code_challenge_methods_supported lists %1."_s.arg(listed(*metadata.codeChallengeMethodsSupported))};
}

std::optional<Seen> dynamicRegistration(const AuthorizationServerMetadata &metadata)
{
    if (!canBeAsked(metadata, u"registration_endpoint"))
        return std::nullopt;
    const QString endpoint = metadata.registrationEndpoint.value_or(QString());
    if (endpoint.isEmpty())
        return Seen{false, u"registration_endpoint is absent: an unknown client cannot register itself (RFC 7591)."_s};
    return Seen{true, u"registration_endpoint is %1."_s.arg(listed({endpoint}))};
}

constexpr Requirement requirements[] = {
    {"code_response_type_supported"_L1, "code_response_type_not_supported"_L1, FindingLevel::Error,
     "Response type code"_L1, "No response type code"_L1, Rule::ServerMetadata,
     "Turn on the authorization code flow at the provider, and list code in response_types_supported."_L1,
     codeResponseType},
    {"authorization_code_grant_supported"_L1, "authorization_code_grant_not_supported"_L1, FindingLevel::Error,
     "Authorization code grant"_L1, "No authorization code grant"_L1, Rule::ServerMetadata,
     "Turn on the authorization code grant at the provider, and list authorization_code in grant_types_supported."_L1,
     authorizationCodeGrant},
    {"pkce_supported"_L1, "pkce_not_supported"_L1, FindingLevel::Error, "PKCE is announced"_L1,
     "PKCE is not announced"_L1, Rule::Pkce,
     "Publish code_challenge_methods_supported with S256. Where the provider supports PKCE without announcing it, and "
     "its metadata cannot be changed, publish a corrected copy under an issuer of your own in front of it."_L1,
     pkce},
    {"s256_code_challenge_method_supported"_L1, "s256_code_challenge_method_not_supported"_L1, FindingLevel::Error,
     "PKCE with S256"_L1, "PKCE without S256"_L1, Rule::Pkce,
     "Turn on the S256 code challenge method at the provider: plain does not protect a code that is intercepted."_L1,
     s256},
    {"dynamic_registration_supported"_L1, "dynamic_registration_not_supported"_L1, FindingLevel::Warning,
     "Dynamic client registration"_L1, "No dynamic client registration"_L1, Rule::Registration,
     "Turn on dynamic client registration or client ID metadata documents, or register each MCP client yourself and "
     "give its client ID to its users."_L1,
     dynamicRegistration},
};

Finding findingOf(const Requirement &requirement, const Seen &seen, const QString &revision)
{
    return {
        .code = seen.holds ? requirement.passCode : requirement.failCode,
        .level = seen.holds ? FindingLevel::Pass : requirement.failLevel,
        .title = seen.holds ? requirement.passTitle : requirement.failTitle,
        .detail = seen.detail,
        .reference = referenceUrl(requirement.rule, revision),
        .remedy = seen.holds ? QString() : QString(requirement.remedy),
    };
}

Finding invalidMetadata(const QString &title, const QString &detail, const QString &reference, const QString &remedy)
{
    return {.code = u"invalid_server_metadata"_s,
            .level = FindingLevel::Error,
            .title = title,
            .detail = detail,
            .reference = reference,
            .remedy = remedy};
}

/// A member that is there but cannot be read, or the issuer that is not there.
Finding faultyMember(const AuthorizationServerMetadata &metadata, const Error &fault, const QString &reference)
{
    const QString member = fault.details.value("member"_L1).toString();
    if (fault.code == u"missing_member")
        return invalidMetadata(u"No %1"_s.arg(member), fault.message, reference,
                               u"Publish issuer: the https URL that stands in the iss of tokens, byte for byte."_s);
    const QString seen = shortened(QString::fromUtf8(toJsonText(metadata.raw.value(member))), 200);
    const QString remedy = u"Publish %1 as %2%3."_s.arg(member, fault.details.value("expected"_L1).toString(),
                                                        member == u"issuer" ? QString() : u", or leave it out"_s);
    return invalidMetadata(u"%1 has the wrong type"_s.arg(member), fault.message + u" It is "_s + seen + u'.',
                           reference, remedy);
}

/// What only some grants need (RFC 8414 §2).
std::optional<Finding> missingMember(const AuthorizationServerMetadata &metadata, const QString &member,
                                     const QString &reference)
{
    const bool servesMachines = !metadata.tokenEndpoint.isEmpty() && metadata.grantTypesSupported &&
                                metadata.grantTypesSupported->contains(u"client_credentials"_s);
    const QString machines =
        servesMachines ? u" Machines can get tokens with the client credentials grant."_s : QString();
    const QString keysOnly = u" To verify tokens of this provider, an MCP server needs only issuer and jwks_uri."_s;
    if (member == u"authorization_endpoint")
        return invalidMetadata(u"No authorization endpoint"_s,
                               u"authorization_endpoint is missing: the authorization code grant, with which users of "
                               u"MCP clients log in, cannot begin."_s +
                                   machines,
                               reference,
                               u"Publish authorization_endpoint, an https URL, if users log in here."_s + keysOnly);
    if (member == u"token_endpoint")
        return invalidMetadata(u"No token endpoint"_s,
                               u"token_endpoint is missing: neither the authorization code grant nor the client "
                               u"credentials grant can end with a token."_s,
                               reference,
                               u"Publish token_endpoint, an https URL, if clients get tokens here."_s + keysOnly);
    if (member == u"response_types_supported")
        return invalidMetadata(u"No response types"_s,
                               u"response_types_supported is missing, which every provider must publish."_s, reference,
                               u"Publish response_types_supported as an array of strings, with \"code\" in it for the "
                               u"authorization code grant."_s);
    return std::nullopt;
}

} // namespace

QString toString(FindingLevel level)
{
    switch (level) {
    case FindingLevel::Pass:
        return u"pass"_s;
    case FindingLevel::Warning:
        return u"warning"_s;
    case FindingLevel::Error:
        return u"error"_s;
    case FindingLevel::Skipped:
        break;
    }
    return u"skipped"_s;
}

QJsonObject toJson(const Finding &finding)
{
    return {{u"code"_s, finding.code},     {u"level"_s, toString(finding.level)}, {u"title"_s, finding.title},
            {u"detail"_s, finding.detail}, {u"reference"_s, finding.reference},   {u"remedy"_s, finding.remedy}};
}

QList<Finding> validateServerConfig(const QJsonObject &document, const QString &revision)
{
    const AuthorizationServerMetadata metadata = readAuthorizationServerMetadata(document);
    const QString reference = referenceUrl(Rule::ServerMetadata, revision);
    QList<Finding> findings;
    for (const Error &fault : metadata.faults) {
        if (fault.code != u"null_member")
            findings.append(faultyMember(metadata, fault, reference));
    }
    for (const QString &member : missingMembers(metadata)) {
        if (const auto missing = missingMember(metadata, member, reference))
            findings.append(*missing);
    }
    if (findings.isEmpty())
        findings.append({.code = u"server_metadata_valid"_s,
                         .level = FindingLevel::Pass,
                         .title = u"Valid metadata"_s,
                         .detail = u"All required members are there, and every known member has its type."_s,
                         .reference = reference,
                         .remedy = {}});
    for (const Requirement &requirement : requirements) {
        if (const auto seen = requirement.look(metadata))
            findings.append(findingOf(requirement, *seen, revision));
    }
    return findings;
}

bool isCompatible(const QList<Finding> &findings)
{
    return std::ranges::none_of(findings, [](const Finding &finding) { return finding.level == FindingLevel::Error; });
}

} // namespace McpAuth::Metadata
