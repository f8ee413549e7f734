#include "oauth/refusal.h"

#include "oauth/untrusted_p.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

constexpr qsizetype challengeLength = 4'096;
constexpr qsizetype longestBody = 16'384; // a longer one is no error
constexpr qsizetype shortestToken = 4;    // a shorter one occurs in any sentence

/// Nothing of a field that cannot be read, or that has no challenge of the kind.
std::optional<Http::Challenge> challengeIn(const Refusal &refusal)
{
    const auto challenges = Http::parseChallenges(refusal.challenge);
    const Http::Challenge *decisive = challenges ? decisiveChallenge(*challenges) : nullptr;
    return decisive ? std::optional(*decisive) : std::nullopt;
}

/// OAuth's error, or what JSON-RPC has in place of one.
QJsonObject bodyWords(const QByteArray &body)
{
    const QJsonObject answer =
        body.size() > longestBody ? QJsonObject() : parseJsonObject(body).value_or(QJsonObject());
    const QJsonValue error = answer.value(u"error");
    return error.isObject() ? QJsonObject{{u"error_description"_s, error[u"message"]}} : answer;
}

QJsonObject wordsIn(const Refusal &refusal, const Secret &sent)
{
    QJsonObject said;
    if (const auto challenge = challengeIn(refusal)) {
        for (const char *name : {"error", "error_description", "error_uri"})
            said.insert(QLatin1StringView(name), QString::fromUtf8(challenge->parameter(name)));
    }
    const QJsonObject words = untrustedError(said, {sent});
    return words.isEmpty() ? untrustedError(bodyWords(refusal.body), {sent}) : words;
}

QString shownChallenge(const Refusal &refusal, const Secret &sent)
{
    QString text = QString::fromUtf8(refusal.challenge);
    if (sent.reveal().size() >= shortestToken)
        text.replace(QString::fromUtf8(sent.reveal()), sent.redacted());
    return untrustedText(text, challengeLength);
}

} // namespace

const Http::Challenge *decisiveChallenge(const QList<Http::Challenge> &challenges)
{
    const auto rank = [](const Http::Challenge &challenge) {
        return (challenge.parameter("resource_metadata").isEmpty() ? 0 : 2) + (challenge.isBearer() ? 1 : 0);
    };
    const auto found = std::ranges::max_element(challenges, {}, rank);
    return found == challenges.end() || rank(*found) == 0 ? nullptr : &*found;
}

QJsonObject toJson(const Refusal &refusal, const Secret &sent)
{
    QJsonObject details = wordsIn(refusal, sent);
    details.insert(u"status"_s, refusal.status);
    details.insert(u"token_sent"_s, !sent.isEmpty());
    if (!refusal.challenge.isEmpty())
        details.insert(u"challenge"_s, shownChallenge(refusal, sent));
    return details;
}

std::optional<Refusal> refusalOf(const Error &error)
{
    const int status = error.details.value(u"status").toInt();
    if (status != 401 && status != 403)
        return std::nullopt;
    return Refusal{.status = status, .challenge = error.details.value(u"challenge").toString().toUtf8()};
}

QString reasonOf(const Refusal &refusal, const Secret &sent)
{
    const QJsonObject words = wordsIn(refusal, sent);
    if (words.contains(u"error"))
        return errorInWords(words);
    if (words.contains(u"error_description"))
        return words.value(u"error_description").toString();
    return Http::parseChallenges(refusal.challenge) ? QString() : shownChallenge(refusal, sent);
}

Error freshTokenRefused(const Refusal &refusal, const Secret &sent)
{
    const QString reason = reasonOf(refusal, sent);
    return {u"fresh_token_refused"_s,
            u"The MCP server refused the new token: %1. Another sign-in would end like this one: compare the token's "
            u"aud and iss with what the server expects."_s.arg(reason.isEmpty() ? u"it does not say why"_s : reason),
            toJson(refusal, sent)};
}

Error insufficientScope(const Refusal &refusal, const Secret &sent)
{
    const QStringList scopes = challengedScopes(refusal);
    QJsonObject details = toJson(refusal, sent);
    details.insert(u"scope"_s, scopes.join(u' '));
    const QString words = details.value(u"error_description").toString();
    const QString message = scopes.isEmpty()
                                ? u"The token's scopes are too few for this operation: sign in again for more."_s
                                : u"The operation needs %1: sign in again for more scopes."_s.arg(scopes.join(u", "_s));
    return {u"insufficient_scope"_s, words.isEmpty() ? message : u"%1 The server's words: %2."_s.arg(message, words),
            details};
}

bool isRefusalOfToken(const Error &error)
{
    return error.code == u"fresh_token_refused" || error.code == u"insufficient_scope";
}

QStringList challengedScopes(const Refusal &refusal)
{
    const auto challenge = challengeIn(refusal);
    return challenge ? QString::fromUtf8(challenge->parameter("scope")).split(u' ', Qt::SkipEmptyParts) : QStringList();
}

} // namespace McpAuth::OAuth
