#include "oauth/authorizationresponse.h"

#include "oauth/untrusted_p.h"

#include <array>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

struct RefusalInWords
{
    QLatin1StringView error;
    QLatin1StringView sentence;
};

/// RFC 6749 §4.1.2.1, RFC 8707 §2, OpenID Connect Core 1.0 §3.1.2.6.
constexpr std::array refusals{
    RefusalInWords{QLatin1StringView("access_denied"), QLatin1StringView("The user, or a rule there, said no")},
    RefusalInWords{QLatin1StringView("invalid_scope"),
                   QLatin1StringView("It does not know a scope asked for, or does not let this client ask for it")},
    RefusalInWords{QLatin1StringView("invalid_target"), QLatin1StringView("It does not know the resource asked for")},
    RefusalInWords{QLatin1StringView("unauthorized_client"),
                   QLatin1StringView("This client may not ask for codes: look at its registration")},
    RefusalInWords{QLatin1StringView("invalid_request"), QLatin1StringView("It did not understand the request")},
    RefusalInWords{QLatin1StringView("login_required"), QLatin1StringView("The user must sign in")},
    RefusalInWords{QLatin1StringView("consent_required"), QLatin1StringView("The user must consent")},
    RefusalInWords{QLatin1StringView("temporarily_unavailable"), QLatin1StringView("It is busy: try again later")},
};

Error authorizationRefused(const QJsonObject &details)
{
    const QString code = details.value(u"error").toString();
    const auto *known = std::ranges::find(refusals, code, &RefusalInWords::error);
    const QString words = errorInWords(details);
    return {u"authorization_refused"_s,
            known == refusals.end()
                ? u"The authorization server refused: %1."_s.arg(words)
                : u"The authorization server refused. %1: %2."_s.arg(QString(known->sentence), words),
            details};
}

Result<> checkState(const ResponseParameters &response, const ExpectedResponse &expected)
{
    const auto state = Http::formValue(response, u"state");
    if (!state)
        return fail(state.error());
    if (expected.state.isEmpty() || !(Secret(state->value_or(QString()).toUtf8()) == expected.state)) {
        return fail(u"state_mismatch"_s,
                    u"The response does not carry the `state` of this authorization: it answers another one, or is "
                    u"forged."_s);
    }
    return {};
}

/// 2026-07-28, Authorization Response Validation; RFC 9207 §2.4.
Result<> checkIssuer(const ResponseParameters &response, const ExpectedResponse &expected)
{
    const auto issuer = Http::formValue(response, u"iss");
    if (!issuer)
        return fail(issuer.error());
    if (*issuer && **issuer != expected.issuer) {
        return fail(u"issuer_mismatch"_s,
                    u"The response names another issuer in `iss` than the one that was asked: it is not believed, and "
                    u"its code goes nowhere."_s,
                    {{u"expected"_s, expected.issuer}, {u"actual"_s, untrustedText(**issuer)}});
    }
    if (!*issuer && expected.checkIssuer && expected.issuerPromised) {
        return fail(u"missing_issuer"_s,
                    u"The response has no `iss`, though the metadata promises one "
                    u"(authorization_response_iss_parameter_supported)."_s,
                    {{u"expected"_s, expected.issuer}});
    }
    return {};
}

} // namespace

Result<Secret> acceptedCode(const ResponseParameters &response, const ExpectedResponse &expected)
{
    if (const auto state = checkState(response, expected); !state)
        return fail(state.error());
    if (const auto issuer = checkIssuer(response, expected); !issuer)
        return fail(issuer.error());
    QJsonObject answer;
    for (const auto &name : {u"error"_s, u"error_description"_s, u"error_uri"_s, u"code"_s}) {
        const auto value = Http::formValue(response, name);
        if (!value)
            return fail(value.error());
        if (*value)
            answer.insert(name, **value);
    }
    if (answer.contains(u"error"))
        return fail(authorizationRefused(untrustedError(answer)));
    const QByteArray code = answer.value(u"code").toString().toUtf8();
    if (code.isEmpty())
        return fail(u"missing_code"_s, u"The response has neither a `code` nor an `error`."_s);
    return Secret(code);
}

} // namespace McpAuth::OAuth
