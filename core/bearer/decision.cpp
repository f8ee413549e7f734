#include "bearer/decision_p.h"
#include "http/challenge.h"
#include "metadata/wellknown.h"

#include <QJsonArray>

#include <algorithm>

namespace McpAuth::Bearer {

namespace {

using namespace Qt::StringLiterals;

QStringList together(QStringList scopes, const QStringList &more)
{
    scopes.append(more);
    scopes.removeDuplicates();
    return scopes;
}

Check scopesCheck(const Verdict &verdict, bool readable)
{
    const QString name = u"scopes"_s;
    if (!readable)
        return {name, CheckOutcome::Skipped, u"The token's scopes are not known."_s};
    if (verdict.requiredScopes.isEmpty())
        return {name, CheckOutcome::Skipped, u"No scopes are required."_s};
    if (verdict.missingScopes.isEmpty())
        return {name, CheckOutcome::Pass,
                u"All that are required are there: "_s + verdict.requiredScopes.join(u' ') + u'.'};
    return {name, CheckOutcome::Fail, u"Missing: %1."_s.arg(verdict.missingScopes.join(u' '))};
}

/// The granted scopes with all that they include; each is looked at once, whatever circles the hierarchy has.
QStringList included(QStringList scopes, const QHash<QString, QStringList> &implied)
{
    for (qsizetype next = 0; next < scopes.size(); ++next) {
        for (const QString &narrower : implied.value(scopes.at(next))) {
            if (!scopes.contains(narrower))
                scopes.append(narrower);
        }
    }
    return scopes;
}

void compareScopes(Verdict &verdict, const Rules &rules)
{
    const auto &implied = rules.options.impliedScopes;
    const QStringList held = implied.isEmpty() ? verdict.grantedScopes : included(verdict.grantedScopes, implied);
    verdict.missingScopes = verdict.requiredScopes;
    verdict.missingScopes.removeIf([&](const QString &scope) { return held.contains(scope); });
}

Refusal scopesRefusal(const Verdict &verdict)
{
    return {BearerError::MissingRequiredScopes,
            Error{u"missing_scopes"_s,
                  u"The token lacks: %1."_s.arg(verdict.missingScopes.join(u' ')),
                  {{u"required"_s, QJsonArray::fromStringList(verdict.requiredScopes)},
                   {u"granted"_s, QJsonArray::fromStringList(verdict.grantedScopes)},
                   {u"missing"_s, QJsonArray::fromStringList(verdict.missingScopes)}}}};
}

// The scopes are those of the whole operation in one challenge; adding up over operations is the client's part
// (MCP 2026-07-28, basic/authorization, Scope Challenge Handling).
QByteArray challengeFor(const BearerErrorInfo &info, const Verdict &verdict, const Rules &rules)
{
    Http::Challenge challenge{.scheme = "Bearer", .token68 = {}, .parameters = {}};
    const auto add = [&](const char *name, const QString &value) {
        if (!value.isEmpty())
            challenge.parameters.append({QByteArray(name), value.toUtf8()});
    };
    // No code for a client that tried another way of authentication (RFC 6750 §3.1).
    const bool hasCode = !info.registered.isEmpty() && verdict.cause.code != u"unsupported_scheme";
    if (hasCode)
        add("error", QString::fromLatin1(info.registered));
    add("scope", verdict.requiredScopes.join(u' '));
    add("resource_metadata", rules.resourceMetadataUrl);
    if (hasCode)
        add("error_description", info.description);
    return Http::toFieldValue(challenge);
}

void refuse(Verdict &verdict, const Refusal &refusal, const Rules &rules)
{
    const BearerErrorInfo &entry = info(refusal.error);
    verdict.accepted = false;
    verdict.auth.reset();
    verdict.status = entry.status;
    verdict.error = refusal.error;
    verdict.errorDescription = entry.description;
    verdict.cause = refusal.cause;
    if (entry.status != 500)
        verdict.challenge = challengeFor(entry, verdict, rules);
}

} // namespace

Rules rulesFor(BearerAuthOptions options)
{
    options.requiredScopes.removeDuplicates();
    QString url;
    if (!options.audience && !options.resource.isEmpty())
        options.audience = QStringList{options.resource};
    if (!options.resource.isEmpty())
        url = Metadata::protectedResourceMetadataUrl(options.resource).value_or(QString());
    return {std::move(options), std::move(url)};
}

Verdict decide(const Evidence &evidence, const Rules &rules, const Secret &token, const QStringList &extraScopes)
{
    Verdict verdict{.checks = evidence.checks,
                    .grantedScopes = evidence.auth.scopes,
                    .requiredScopes = rules.options.requiredScopes,
                    .header = evidence.header,
                    .claims = evidence.auth.claims,
                    .keyId = evidence.keyId,
                    .keyJwk = evidence.keyJwk,
                    .showErrorDetails = rules.options.showErrorDetails};
    if (!extraScopes.isEmpty())
        verdict.requiredScopes = together(std::move(verdict.requiredScopes), extraScopes);
    compareScopes(verdict, rules);
    verdict.checks.append(scopesCheck(verdict, evidence.readable));

    if (evidence.refusal.error != BearerError::None) {
        refuse(verdict, evidence.refusal, rules);
    } else if (!verdict.missingScopes.isEmpty()) {
        refuse(verdict, scopesRefusal(verdict), rules);
    } else {
        verdict.accepted = true;
        verdict.auth = evidence.auth;
        verdict.auth->token = token;
    }
    return verdict;
}

Verdict decideAgain(Verdict verdict, const Rules &rules, const QStringList &scopes)
{
    if (scopes.isEmpty() || (!verdict.accepted && verdict.error != BearerError::MissingRequiredScopes))
        return verdict;
    verdict.requiredScopes = together(std::move(verdict.requiredScopes), scopes);
    compareScopes(verdict, rules);
    const auto old = std::ranges::find(verdict.checks, u"scopes"_s, &Check::name);
    if (old != verdict.checks.end())
        *old = scopesCheck(verdict, true);
    if (!verdict.missingScopes.isEmpty())
        refuse(verdict, scopesRefusal(verdict), rules);
    return verdict;
}

} // namespace McpAuth::Bearer
