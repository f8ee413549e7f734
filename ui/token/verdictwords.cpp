#include "ui/token/verdictwords.h"

#include "jose/verify.h"
#include "ui/token/judgement.h"
#include "ui/token/verdictmodels.h"

#include <QCoreApplication>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::Ui {

namespace {

constexpr char verdictContext[] = "McpAuth::Ui::VerdictWords";

struct VerdictWordsTexts
{
    Q_DECLARE_TR_FUNCTIONS(McpAuth::Ui::VerdictWords)
};

struct FailureTitle
{
    QLatin1StringView check;
    const char *title;
};

constexpr FailureTitle failureTitles[] = {
    {"format"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Not a signed JWT")},
    {"header"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Header refused")},
    {"algorithm"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Algorithm refused")},
    {"key"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "No key for its signature")},
    {"signature"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Wrong signature")},
    {"expiry"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Expired")},
    {"not_before"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Not valid yet")},
    {"issued_at"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Issued in the future")},
    {"issuer"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Issuer not trusted")},
    {"audience"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Wrong audience")},
    {"subject"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "No subject")},
    {"type"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Wrong type of token")},
    {"binding"_L1, QT_TRANSLATE_NOOP("McpAuth::Ui::VerdictWords", "Bound to a key")},
};

QStringList failedChecks(const Bearer::Verdict &verdict)
{
    QStringList names;
    for (const Check &check : verdict.checks) {
        if (check.outcome == CheckOutcome::Fail)
            names.append(check.name);
    }
    return names;
}

QString titleOfFailure(const QString &check)
{
    const auto found = std::ranges::find(failureTitles, check, &FailureTitle::check);
    return found == std::end(failureTitles) ? checkTitle(check)
                                            : QCoreApplication::translate(verdictContext, found->title);
}

QString refusalTitle(const Bearer::Verdict &verdict, const QString &tool)
{
    if (verdict.error == Bearer::BearerError::ServerError)
        return VerdictWordsTexts::tr("The token could not be judged");
    const QStringList failed = failedChecks(verdict);
    if (failed.size() > 1) {
        QStringList titles;
        for (const QString &name : failed)
            titles.append(QString(name).replace(u'_', u' '));
        return VerdictWordsTexts::tr("%1 checks fail: %2").arg(failed.size()).arg(titles.join(u", "_s));
    }
    if (!verdict.missingScopes.isEmpty()) {
        const QString scopes = verdict.missingScopes.join(u' ');
        return tool.isEmpty() ? VerdictWordsTexts::tr("Missing scope: %1").arg(scopes)
                              : VerdictWordsTexts::tr("%1 is refused, missing scope: %2").arg(tool, scopes);
    }
    return failed.isEmpty() ? VerdictWordsTexts::tr("Refused") : titleOfFailure(failed.first());
}

QString refusalDetail(const Bearer::Verdict &verdict)
{
    const QString status =
        QString::number(verdict.status) + u' ' + QString::fromLatin1(Http::reasonPhrase(verdict.status));
    // The title has the scopes already.
    const bool hasCause = !verdict.cause.message.isEmpty() && verdict.cause.message != verdict.errorDescription &&
                          verdict.missingScopes.isEmpty();
    // The general sentence says "or its configuration"; the cause says which.
    if (verdict.error == Bearer::BearerError::ServerError && hasCause)
        return verdict.cause.message;
    QStringList sentences{status + u':', verdict.errorDescription};
    if (hasCause)
        sentences.append(verdict.cause.message);
    return sentences.join(u' ');
}

VerdictWords acceptedWords(const Bearer::Verdict &verdict, const VerdictContext &context)
{
    const QString who = verdict.auth ? verdict.auth->subject : verdict.claims.value("sub"_L1).toString();
    const QString granted = verdict.grantedScopes.isEmpty()
                                ? VerdictWordsTexts::tr("It grants no scopes.")
                                : VerdictWordsTexts::tr("It grants: %1.").arg(verdict.grantedScopes.join(u' '));
    if (!context.embedded)
        return {Level::Ok, VerdictWordsTexts::tr("Accepted: a token of %1").arg(who), granted};
    if (!context.tool.isEmpty())
        return {Level::Ok, VerdictWordsTexts::tr("Accepted: %1 may call %2").arg(who, context.tool), granted};
    if (context.refusedTools.isEmpty())
        return {Level::Ok, VerdictWordsTexts::tr("Accepted: %1 may call the server").arg(who), granted};
    return {Level::Ok,
            VerdictWordsTexts::tr("Accepted: %1 may call the server, but not %2 of its %3 tools")
                .arg(who)
                .arg(context.refusedTools.size())
                .arg(context.tools),
            VerdictWordsTexts::tr("%1 Refused: %2.").arg(granted, context.refusedTools.join(u", "_s))};
}

Check notApplicable(const QList<Check> &skipped)
{
    QStringList lines;
    for (const Check &check : skipped)
        lines.append(u"%1: %2"_s.arg(checkTitle(check.name), check.detail));
    return {notApplicableCheck, CheckOutcome::Skipped, lines.join(u'\n')};
}

} // namespace

VerdictWords bannerWords(const Bearer::Verdict &verdict, const VerdictContext &context)
{
    if (verdict.accepted)
        return acceptedWords(verdict, context);
    const bool unjudged = verdict.error == Bearer::BearerError::ServerError;
    return {unjudged ? Level::Warning : Level::Error, refusalTitle(verdict, context.tool), refusalDetail(verdict)};
}

QList<Check> arrangedChecks(const Bearer::Verdict &verdict, const QStringList &issuers, const QStringList &audience)
{
    QList<Check> failed;
    QList<Check> passed;
    QList<Check> skipped;
    for (Check check : verdict.checks) {
        QString hint;
        if (check.name == "issuer"_L1)
            hint = nearMiss({verdict.claims.value("iss"_L1).toString()}, issuers);
        else if (check.name == "audience"_L1)
            hint = nearMiss(Jose::audiencesOf(verdict.claims), audience);
        if (check.outcome == CheckOutcome::Fail && !hint.isEmpty())
            check.detail = u"%1\n%2"_s.arg(hint, check.detail);
        (check.outcome == CheckOutcome::Fail   ? failed
         : check.outcome == CheckOutcome::Pass ? passed
                                               : skipped)
            .append(check);
    }
    if (skipped.size() > 1)
        skipped = {notApplicable(skipped)};
    return failed + passed + skipped;
}

} // namespace McpAuth::Ui
