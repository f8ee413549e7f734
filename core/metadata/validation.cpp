#include "metadata/validation.h"

#include "base/text.h"

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

std::optional<Seen> codeResponseType(const AuthorizationServerMetadata &metadata)
{
    const auto hasCode = [](const QString &type) { return type.split(u' ').contains(u"code"_s); };
    return Seen{std::ranges::any_of(metadata.responseTypesSupported, hasCode),
                u"response_types_supported lists %1."_s.arg(listed(metadata.responseTypesSupported))};
}

std::optional<Seen> authorizationCodeGrant(const AuthorizationServerMetadata &metadata)
{
    if (!metadata.grantTypesSupported)
        return Seen{true, u"grant_types_supported is absent, which means authorization_code and implicit."_s};
    return Seen{metadata.grantTypesSupported->contains(u"authorization_code"_s),
                u"grant_types_supported lists %1."_s.arg(listed(*metadata.grantTypesSupported))};
}

std::optional<Seen> pkce(const AuthorizationServerMetadata &metadata)
{
    if (!metadata.codeChallengeMethodsSupported)
        return Seen{false,
                    u"code_challenge_methods_supported is absent: clients must take it that there is no PKCE."_s};
    return Seen{true, u"code_challenge_methods_supported is present."_s};
}

std::optional<Seen> s256(const AuthorizationServerMetadata &metadata)
{
    if (!metadata.codeChallengeMethodsSupported)
        return std::nullopt;
    return Seen{metadata.codeChallengeMethodsSupported->contains(u"S256"_s),
                u"code_challenge_methods_supported lists %1."_s.arg(listed(*metadata.codeChallengeMethodsSupported))};
}

std::optional<Seen> dynamicRegistration(const AuthorizationServerMetadata &metadata)
{
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
     "Publish code_challenge_methods_supported with S256. Where the provider does PKCE without saying so, and its "
     "metadata cannot be changed, serve a mended copy from an issuer of your own in front of it."_L1,
     pkce},
    {"s256_code_challenge_method_supported"_L1, "s256_code_challenge_method_not_supported"_L1, FindingLevel::Error,
     "PKCE with S256"_L1, "PKCE without S256"_L1, Rule::Pkce,
     "Turn on the S256 code challenge method at the provider: plain protects nothing that is overheard."_L1, s256},
    {"dynamic_registration_supported"_L1, "dynamic_registration_not_supported"_L1, FindingLevel::Warning,
     "Dynamic client registration"_L1, "No dynamic client registration"_L1, Rule::Registration,
     "Turn on dynamic client registration or client ID metadata documents, or register each MCP client by hand and "
     "give "
     "its client ID to its users."_L1,
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
    const QString reference = referenceUrl(Rule::ServerMetadata, revision);
    const auto metadata = parseAuthorizationServerMetadata(document);
    if (!metadata)
        return {{.code = metadata.error().code,
                 .level = FindingLevel::Error,
                 .title = u"Invalid metadata"_s,
                 .detail = metadata.error().message,
                 .reference = reference,
                 .remedy = u"Mend the named members at the provider; nothing else was checked."_s}};

    QList<Finding> findings{{.code = u"server_metadata_valid"_s,
                             .level = FindingLevel::Pass,
                             .title = u"Valid metadata"_s,
                             .detail = u"All required members are there, and every known member has its type."_s,
                             .reference = reference,
                             .remedy = {}}};
    for (const Requirement &requirement : requirements) {
        if (const auto seen = requirement.look(*metadata))
            findings.append(findingOf(requirement, *seen, revision));
    }
    return findings;
}

bool isCompatible(const QList<Finding> &findings)
{
    return std::ranges::none_of(findings, [](const Finding &finding) { return finding.level == FindingLevel::Error; });
}

} // namespace McpAuth::Metadata
