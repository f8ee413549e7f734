#include "jose/jwt.h"
#include "metadata/answer.h"
#include "oauth/tokenresponse_p.h"
#include "oauth/untrusted_p.h"

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace McpAuth::OAuth {

namespace {

std::unexpected<Error> invalid(const QString &reason, const QString &member = {})
{
    QJsonObject details;
    if (!member.isEmpty())
        details.insert(u"member"_s, member);
    return fail(u"invalid_token_response"_s, u"The token endpoint's answer cannot be used: "_s + reason, details);
}

bool isJson(const Http::ClientResponse &response)
{
    const QByteArray type = response.header("content-type").split(';').constFirst().trimmed().toLower();
    return type == "application/json";
}

/// A token as it may stand in a header field: visible ASCII (RFC 6749 appendix A.12, RFC 6750 §2.1), not too long.
Result<Secret> tokenMember(const QJsonObject &answer, const QString &member)
{
    const auto text = Json::optionalString(answer, member);
    if (!text)
        return invalid(text.error().message, member);
    if (!*text)
        return Secret();
    const bool isVisible =
        std::ranges::all_of(**text, [](QChar c) { return c.unicode() > 0x20 && c.unicode() < 0x7f; });
    if ((*text)->isEmpty() || !isVisible)
        return invalid(u"`%1` is empty, or holds characters that no token may have."_s.arg(member), member);
    if ((*text)->size() > Jose::maxTokenBytes)
        return invalid(u"`%1` is longer than %2 bytes."_s.arg(member).arg(Jose::maxTokenBytes), member);
    return Secret((*text)->toLatin1());
}

Result<QString> tokenType(const QJsonObject &answer)
{
    auto type = Json::requiredString(answer, u"token_type");
    if (!type)
        return invalid(type.error().message, u"token_type"_s);
    if (type->compare("Bearer"_L1, Qt::CaseInsensitive) != 0) {
        return invalid(u"`token_type` is \"%1\", and MCP uses Bearer tokens only."_s.arg(untrustedText(*type)),
                       u"token_type"_s);
    }
    return u"Bearer"_s;
}

Result<std::optional<TimePoint>> expiry(const QJsonObject &answer, TimePoint now)
{
    const QJsonValue value = answer.value(u"expires_in");
    if (value.isUndefined())
        return std::nullopt;
    bool isNumber = value.isDouble();
    const double seconds = value.isString() ? value.toString().toDouble(&isNumber) : value.toDouble();
    if (!isNumber)
        return invalid(u"`expires_in` must be a number, not %1."_s.arg(Json::typeName(value)), u"expires_in"_s);
    if (!std::isfinite(seconds) || seconds < 0)
        return invalid(u"`expires_in` must not be negative."_s, u"expires_in"_s);
    const double longest = std::chrono::duration<double>(longestTokenLifetime).count();
    const std::chrono::duration<double> lifetime(std::min(seconds, longest));
    return now + std::chrono::duration_cast<std::chrono::milliseconds>(lifetime);
}

Result<QStringList> scopes(const QJsonObject &answer, const QStringList &requested)
{
    const auto scope = Json::optionalString(answer, u"scope");
    if (!scope)
        return invalid(scope.error().message, u"scope"_s);
    return *scope ? (*scope)->split(u' ', Qt::SkipEmptyParts) : requested;
}

Result<Tokens> tokensIn(QJsonObject answer, const QStringList &requestedScopes, TimePoint now)
{
    QStringList remarks =
        dropNulls(answer, {u"access_token"_s, u"refresh_token"_s, u"id_token"_s, u"expires_in"_s, u"scope"_s});
    if (answer.value(u"expires_in").isString())
        remarks.append(u"`expires_in` is text, where RFC 6749 §5.1 has a number."_s);
    auto type = tokenType(answer);
    if (!type)
        return fail(type.error());
    auto access = tokenMember(answer, u"access_token"_s);
    if (access && access->isEmpty())
        return invalid(u"`access_token` is missing."_s, u"access_token"_s);
    auto refresh = tokenMember(answer, u"refresh_token"_s);
    auto identity = tokenMember(answer, u"id_token"_s);
    for (const auto *token : {&access, &refresh, &identity}) {
        if (!*token)
            return fail(token->error());
    }
    const auto expiresAt = expiry(answer, now);
    if (!expiresAt)
        return fail(expiresAt.error());
    auto granted = scopes(answer, requestedScopes);
    if (!granted)
        return fail(granted.error());
    return Tokens{.accessToken = *std::move(access),
                  .tokenType = *std::move(type),
                  .refreshToken = *std::move(refresh),
                  .idToken = *std::move(identity),
                  .expiresAt = *expiresAt,
                  .scopes = *std::move(granted),
                  .remarks = std::move(remarks)};
}

} // namespace

Error refusalFrom(const Http::ClientResponse &response, const QString &code, const QString &what,
                  const QList<Secret> &secrets)
{
    QJsonObject details;
    if (const auto answer = parseJsonObject(response.body))
        details = untrustedError(*answer, secrets);
    const QString words = errorInWords(details);
    details.insert(u"status"_s, response.status);
    return {code,
            words.isEmpty() ? u"%1 was answered with status %2."_s.arg(what).arg(response.status)
                            : u"%1 was refused with status %2: %3."_s.arg(what).arg(response.status).arg(words),
            details};
}

Result<Tokens> tokensFrom(const Http::ClientResponse &response, const QStringList &requestedScopes, TimePoint now,
                          const QList<Secret> &secrets)
{
    const Error refusal = refusalFrom(response, u"token_request_refused"_s, u"The token request"_s, secrets);
    if (response.status < 200 || response.status > 299)
        return fail(refusal);
    if (!isJson(response)) {
        return invalid(u"its Content-Type is \"%1\", not application/json."_s.arg(
            untrustedText(QString::fromLatin1(response.header("content-type")))));
    }
    const auto answer = Metadata::readObject(response);
    if (!answer)
        return invalid(answer.error().message);
    // Some providers refuse with 200.
    if (refusal.details.contains(u"error") && answer->value(u"access_token").toString().isEmpty())
        return fail(refusal);
    auto tokens = tokensIn(*answer, requestedScopes, now);
    if (tokens && response.status != 200)
        tokens->remarks.append(u"The answer is HTTP %1, where RFC 6749 §5.1 has 200."_s.arg(response.status));
    return tokens;
}

} // namespace McpAuth::OAuth
