#include "demo/authorizationserver.h"

#include <algorithm>
#include <array>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

struct FaultWords
{
    Fault fault;
    QLatin1StringView name;
    QLatin1StringView description;
};

constexpr std::array faultWords{
    FaultWords{Fault::WrongIss, "wrong_iss"_L1, "The authorization response names another issuer in iss."_L1},
    FaultWords{Fault::MissingIss, "missing_iss"_L1,
               "The authorization response lacks iss, though the metadata promise it."_L1},
    FaultWords{Fault::WrongMetadataIssuer, "wrong_metadata_issuer"_L1, "The metadata are another issuer's."_L1},
    FaultWords{Fault::NoPkceMember, "no_pkce_member"_L1,
               "The metadata lack code_challenge_methods_supported, though PKCE works."_L1},
    FaultWords{Fault::Slow, "slow"_L1, "Every answer comes later than a client waits."_L1},
    FaultWords{Fault::TokenEndpointDown, "token_endpoint_down"_L1, "The token endpoint answers 500."_L1},
    FaultWords{Fault::OpaqueTokens, "opaque_tokens"_L1, "Access tokens are opaque, not JWTs."_L1},
    FaultWords{Fault::WrongAudience, "wrong_audience"_L1, "Access tokens are for another resource."_L1},
    FaultWords{Fault::ExpiredTokens, "expired_tokens"_L1, "Access tokens have expired when they come."_L1},
    FaultWords{Fault::RotatedKeys, "rotated_keys"_L1, "Tokens are signed with a key that is not published."_L1},
    FaultWords{Fault::ResourceRejected, "resource_rejected"_L1,
               "The parameter resource is answered with invalid_target."_L1},
};

} // namespace

QString toString(Fault fault)
{
    return std::ranges::find(faultWords, fault, &FaultWords::fault)->name;
}

std::optional<Fault> faultFrom(QStringView name)
{
    const auto *found =
        std::ranges::find_if(faultWords, [name](const FaultWords &entry) { return entry.name == name; });
    return found == faultWords.end() ? std::nullopt : std::optional(found->fault);
}

const QList<Fault> &faults()
{
    static const QList<Fault> all = [] {
        QList<Fault> list;
        std::ranges::transform(faultWords, std::back_inserter(list), &FaultWords::fault);
        return list;
    }();
    return all;
}

QString description(Fault fault)
{
    return std::ranges::find(faultWords, fault, &FaultWords::fault)->description;
}

} // namespace McpAuth::Demo
