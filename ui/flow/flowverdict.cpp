#include "ui/flow/flowverdict.h"

#include "oauth/refusal.h"
#include "ui/token/timewords.h"

#include <QCoreApplication>

#include <algorithm>

namespace McpAuth::Ui {

using namespace Qt::StringLiterals;
using OAuth::Step;

namespace {

struct FlowVerdictTexts
{
    Q_DECLARE_TR_FUNCTIONS(FlowVerdict)
};

/// "create:todos read:todos · for 15 minutes · with a refresh token"
QString summaryOf(const OAuth::Authorization &authorization, TimePoint now)
{
    const OAuth::Tokens &tokens = authorization.tokens;
    QStringList parts;
    if (!tokens.scopes.isEmpty())
        parts.append(tokens.scopes.join(u' '));
    if (tokens.expiresAt) {
        const auto left = std::chrono::round<std::chrono::seconds>(*tokens.expiresAt - now);
        parts.append(FlowVerdictTexts::tr("for %1").arg(durationInWords(left)));
    }
    parts.append(tokens.refreshToken.isEmpty() ? FlowVerdictTexts::tr("no refresh token")
                                               : FlowVerdictTexts::tr("with a refresh token"));
    return parts.join(u" · "_s);
}

/// `words` has %1 for the step's number and %2 for its title; `otherwise` when no step failed.
QString withStep(const QList<Step> &steps, const QString &words, const QString &otherwise)
{
    const auto failed = std::ranges::find(steps, OAuth::StepState::Failed, &Step::state);
    if (failed == steps.end())
        return otherwise;
    return words.arg(QString::number(int(failed->kind) + 1), OAuth::title(failed->kind));
}

FlowVerdict failureOf(const Error &error, const QList<Step> &steps)
{
    if (error.code == "cancelled"_L1)
        return {.level = Level::Skipped,
                .title = FlowVerdictTexts::tr("Cancelled"),
                .detail = withStep(steps, FlowVerdictTexts::tr("In step %1: %2"), {})};
    const QString detail = u"%1 %2"_s.arg(error.message, adviceInWindow(error)).trimmed();
    if (error.code == "no_authorization_needed"_L1)
        return {.level = Level::Info, .title = FlowVerdictTexts::tr("No authorization is needed"), .detail = detail};
    FlowVerdict verdict{
        .level = Level::Error,
        .title = withStep(steps, FlowVerdictTexts::tr("Step %1 failed: %2"), FlowVerdictTexts::tr("The flow failed")),
        .detail = detail,
        .override = OAuth::overrideFor(error)};
    if (verdict.override)
        verdict.action = FlowAction::UseOverride;
    else if (error.details.contains("stored_client"_L1))
        verdict.action = FlowAction::RegisterAnew;
    else if (OAuth::wantsClientId(error))
        verdict.action = FlowAction::EnterClientId;
    return verdict;
}

struct Place
{
    QLatin1StringView code;
    const char *words;
};

constexpr Place places[] = {
    {"browser_failed"_L1, QT_TRANSLATE_NOOP("FlowVerdict", "It is chosen under Options.")},
    {"fresh_token_refused"_L1, QT_TRANSLATE_NOOP("FlowVerdict", "“To the Token page” does that.")},
    {"insufficient_scope"_L1, QT_TRANSLATE_NOOP("FlowVerdict", "Enter them under Options, and run it again.")},
    {"invalid_server_metadata"_L1, QT_TRANSLATE_NOOP("FlowVerdict", "The Provider page does that.")},
    {"metadata_not_found"_L1, QT_TRANSLATE_NOOP("FlowVerdict", "The Provider page does that.")},
    {"private_address"_L1, QT_TRANSLATE_NOOP("FlowVerdict", "The override is under Options.")},
};

} // namespace

QString adviceInWindow(const Error &error)
{
    QString advice = OAuth::adviceFor(error);
    const auto *const place = std::ranges::find_if(places, [&](const Place &one) { return error.code == one.code; });
    if (place != std::end(places))
        advice += u' ' + FlowVerdictTexts::tr(place->words);
    return advice;
}

FlowVerdict verdictOf(const Result<OAuth::Authorization> &outcome, const QList<Step> &steps, TimePoint now)
{
    if (!outcome)
        return failureOf(outcome.error(), steps);
    if (outcome->callError) {
        const QString advice = adviceInWindow(*outcome->callError);
        const bool isRefused = OAuth::isRefusalOfToken(*outcome->callError);
        return {.level = isRefused ? Level::Error : Level::Warning,
                .title = isRefused ? FlowVerdictTexts::tr("A token was issued, but the server refuses it")
                                   : FlowVerdictTexts::tr("A token was issued, but it could not be tried"),
                .detail = u"%1 %2"_s.arg(outcome->callError->message, advice).trimmed()};
    }
    return {.level = Level::Ok,
            .title = FlowVerdictTexts::tr("Authorized: the server accepts the token"),
            .detail = summaryOf(*outcome, now)};
}

} // namespace McpAuth::Ui
