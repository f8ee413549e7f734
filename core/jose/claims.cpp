#include "base/json.h"
#include "jose/nearmiss.h"
#include "jose/quoted.h"
#include "jose/verify.h"

#include <QStringBuilder>
#include <QVarLengthArray>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace McpAuth::Jose {

namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono;

Check pass(const QString &name, QString detail)
{
    return {name, CheckOutcome::Pass, std::move(detail)};
}

Check failed(const QString &name, QString detail)
{
    return {name, CheckOutcome::Fail, std::move(detail)};
}

Check skipped(const QString &name, QString detail)
{
    return {name, CheckOutcome::Skipped, std::move(detail)};
}

/// A point in time in a sentence: "2026-01-01T00:00:00Z".
struct Instant
{
    double unixSeconds;
};

/// A length of time in a sentence: "3 minutes". Its sign does not matter.
struct Span
{
    double seconds;
};

/// What somebody else wrote, in quotation marks.
struct Quoted
{
    const QString &text;
};

/// A sentence in the making, which usually fits without allocation.
using Draft = QVarLengthArray<char16_t, 256>;

void add(Draft &draft, QStringView words)
{
    draft.append(words.utf16(), words.size());
}

void add(Draft &draft, Quoted words)
{
    add(draft, u"\"");
    if (words.text.size() <= longestQuoted)
        add(draft, words.text);
    else
        add(draft, shortened(words.text, longestQuoted));
    add(draft, u"\"");
}

void writePadded(char16_t *to, int digits, int value)
{
    for (; digits > 0; value /= 10)
        to[--digits] = static_cast<char16_t>(u'0' + value % 10);
}

/// Written by hand: QDateTime would take longer than the check.
void add(Draft &draft, Instant instant)
{
    constexpr double lastSecond = 253'402'300'799; // of the year 9999
    if (instant.unixSeconds < 0)
        return add(draft, u"before 1970");
    if (instant.unixSeconds > lastSecond)
        return add(draft, u"after the year 9999");
    const sys_seconds time{seconds(static_cast<qint64>(instant.unixSeconds))};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    char16_t written[] = u"0000-00-00T00:00:00Z";
    writePadded(written, 4, static_cast<int>(date.year()));
    writePadded(written + 5, 2, static_cast<int>(static_cast<unsigned>(date.month())));
    writePadded(written + 8, 2, static_cast<int>(static_cast<unsigned>(date.day())));
    writePadded(written + 11, 2, static_cast<int>(clock.hours().count()));
    writePadded(written + 14, 2, static_cast<int>(clock.minutes().count()));
    writePadded(written + 17, 2, static_cast<int>(clock.seconds().count()));
    add(draft, QStringView(written));
}

struct Unit
{
    double seconds;
    QStringView name;
};

/// Rounded down to the largest unit that gives at least two, or one of the smallest.
void add(Draft &draft, Span span)
{
    constexpr Unit units[]{{86'400, u"day"}, {3'600, u"hour"}, {60, u"minute"}, {1, u"second"}};
    constexpr double longest = 1e15;
    const double length = std::min(std::abs(span.seconds), longest);
    const auto *unit = std::ranges::find_if(units, [&](const Unit &u) { return length >= 2 * u.seconds; });
    if (unit == std::end(units))
        unit = std::prev(unit);
    const auto count = static_cast<qint64>(length / unit->seconds);
    std::array<char, 20> digits;
    const char *const end = std::to_chars(digits.data(), digits.data() + digits.size(), count).ptr;
    for (const char digit : std::string_view(digits.data(), end))
        draft.append(static_cast<char16_t>(digit));
    add(draft, u" ");
    add(draft, unit->name);
    if (count != 1)
        add(draft, u"s");
}

/// With one allocation: every verdict tells several times, spans and names, and building them piece by piece would take
/// as long as reading the token.
template<typename... Parts>
QString sentence(const Parts &...parts)
{
    Draft draft;
    (add(draft, parts), ...);
    return QStringView(draft).toString();
}

/// The present moment against one time claim, all in seconds.
struct Moment
{
    double now;
    double leeway;
};

/// Absent: empty. Errors: the sentence.
std::expected<std::optional<double>, QString> timeClaim(const QJsonObject &claims, QLatin1StringView name)
{
    const QJsonValue value = claims.value(name);
    if (value.isUndefined())
        return std::nullopt;
    if (!value.isDouble())
        return std::unexpected(u'`' % name % u"` must be a number of seconds, not " % Json::typeName(value) % u'.');
    if (!std::isfinite(value.toDouble()))
        return std::unexpected(u'`' % name % u"` must be a finite number.");
    return value.toDouble();
}

bool isOneOf(const QString &type, std::initializer_list<QLatin1StringView> known)
{
    return std::ranges::any_of(
        known, [&](QLatin1StringView name) { return type.compare(name, Qt::CaseInsensitive) == 0; }); // media types
}

/// Claims of a sign-in (OpenID Connect Core 1.0 §2), without any that says what the holder or its client may do.
bool describesASignInOnly(const QJsonObject &claims)
{
    const auto has = [&](QLatin1StringView member) { return claims.contains(member); };
    constexpr std::array ofSignIns{"nonce"_L1, "auth_time"_L1};
    constexpr std::array ofAccess{"scope"_L1,     "scp"_L1, "scopes"_L1, "roles"_L1,
                                  "client_id"_L1, "azp"_L1, "appid"_L1,  "cid"_L1};
    return std::ranges::any_of(ofSignIns, has) && std::ranges::none_of(ofAccess, has);
}

/// What the claims show a JWT to be other than an access token; empty where they do not. Most tokens have none of these
/// members, and asking whether one is there is the cheaper question.
QString otherKind(const QJsonObject &claims)
{
    if (claims.contains("events"_L1) &&
        claims.value("events"_L1).toObject().contains("http://schemas.openid.net/event/backchannel-logout"_L1))
        return QStringLiteral("This is a logout token: it has the event of a back-channel logout.");
    for (const auto member : {"at_hash"_L1, "c_hash"_L1})
        if (claims.contains(member))
            return u"This is an ID token: it has " % member % u". Send the access token.";
    if (claims.contains("token_use"_L1) && claims.value("token_use"_L1) == "id"_L1)
        return QStringLiteral("This is an ID token: its token_use is \"id\". Send the access token.");
    if (describesASignInOnly(claims))
        return QStringLiteral("This is an ID token: it tells of a sign-in (nonce, auth_time) and names neither scopes "
                              "nor a client. Send the access token.");
    if (!claims.contains("typ"_L1))
        return {};
    const QString kind = claims.value("typ"_L1).toString();
    if (isOneOf(kind, {"ID"_L1, "Refresh"_L1, "Offline"_L1, "Logout"_L1}))
        return u"This is no access token: its claim typ is " % quoted(kind) % u'.';
    return {};
}

/// RFC 9068 §2.2; the issuer, exp, the subject and the audience have checks of their own.
QStringList missingOfAccessToken(const QJsonObject &claims)
{
    QStringList missing;
    for (const auto member : {"aud"_L1, "client_id"_L1, "iat"_L1, "jti"_L1})
        if (!claims.contains(member))
            missing.append(member);
    return missing;
}

Check checkAccessTokenClaims(const QJsonObject &claims, const QString &found)
{
    const QString name = QStringLiteral("type");
    const QStringList missing = missingOfAccessToken(claims);
    if (!missing.isEmpty())
        return failed(name, u"An access token must have " % missing.join(u", ") % u" too (RFC 9068).");
    return pass(name, found);
}

Check checkAccessTokenType(const QJsonValue &typ, const QJsonObject &claims, const ClaimRules &rules)
{
    const QString name = QStringLiteral("type");
    if (!rules.headerIsKnown)
        return checkAccessTokenClaims(
            claims, QStringLiteral("The token has the claims of an access token (RFC 9068); its typ is not known."));
    if (typ.isUndefined())
        return failed(name, QStringLiteral("The token has no typ; at+jwt is required (RFC 9068)."));
    const QString type = typ.toString();
    if (!isOneOf(type, {"at+jwt"_L1, "application/at+jwt"_L1}))
        return failed(name, u"The token's type is " % quoted(type) % u", not at+jwt (RFC 9068).");
    return checkAccessTokenClaims(claims, u"The token's type is " % type % u'.');
}

Check checkType(const QJsonObject &header, const QJsonObject &claims, const ClaimRules &rules)
{
    const QString name = QStringLiteral("type");
    const QJsonValue typ = header.value("typ"_L1);
    if (!typ.isUndefined() && !typ.isString())
        return failed(name, QStringLiteral("typ must be a string, not %1.").arg(Json::typeName(typ)));
    if (const QString other = otherKind(claims); !other.isEmpty())
        return failed(name, other);
    if (rules.kinds == TokenKinds::AccessToken)
        return checkAccessTokenType(typ, claims, rules);
    if (typ.isUndefined())
        return skipped(name, QStringLiteral("The token has no typ."));
    const QString type = typ.toString();
    if (isOneOf(type, {"at+jwt"_L1, "application/at+jwt"_L1, "JWT"_L1}))
        return pass(name, u"The token's type is " % type % u'.');
    if (type.contains(u'+')) // of a kind of its own: dpop+jwt, logout+jwt, dc+sd-jwt
        return failed(name, u"This is no access token: its type is " % quoted(type) % u'.');
    return skipped(name, u"The token's type is " % quoted(type) % u"; only strict checking refuses it.");
}

Check checkBinding(const QJsonObject &claims, const ClaimRules &rules)
{
    const QString name = QStringLiteral("binding");
    if (!claims.contains("cnf"_L1))
        return pass(name, QStringLiteral("The token is bound to no key (cnf)."));
    if (rules.ignoreBinding)
        return skipped(name, QStringLiteral("The token is bound to a key (cnf), which is not looked at here."));
    return failed(name, QStringLiteral("The token is bound to a key (cnf), and this server does not check proofs "
                                       "of possession: it cannot tell the owner from a thief."));
}

Check checkExpiry(const QJsonObject &claims, const ClaimRules &rules, Moment moment)
{
    const QString name = QStringLiteral("expiry");
    const auto exp = timeClaim(claims, "exp"_L1);
    if (!exp)
        return failed(name, exp.error());
    if (!*exp)
        return rules.kinds == TokenKinds::AccessToken
                   ? failed(name, QStringLiteral("The token has no exp, which is required."))
                   : skipped(name, QStringLiteral("The token has no exp: it never expires."));
    const Instant at{**exp};
    const double left = **exp - moment.now;
    if (left > 0)
        return pass(name, sentence(u"The token expires in ", Span{left}, u" (", at, u")."));
    // On or after exp it is too late (RFC 7519 §4.1.4).
    if (left + moment.leeway > 0)
        return pass(name, sentence(u"The token expired ", Span{left}, u" ago (", at, u"), within the leeway of ",
                                   Span{moment.leeway}, u"."));
    return failed(name, sentence(u"The token expired ", Span{left}, u" ago (", at, u")."));
}

/// nbf and iat: neither may lie in the future.
struct PastClaim
{
    QString check;
    QLatin1StringView claim;
    QStringView before; ///< the span in a sentence about the future: "is not valid for another 3 minutes"
    QStringView after;
    QStringView beforePast; ///< and about the past: "was issued 3 minutes ago"
    QStringView afterPast;
};

Check checkPast(const QJsonObject &claims, const PastClaim &rule, Moment moment)
{
    const auto time = timeClaim(claims, rule.claim);
    if (!time)
        return failed(rule.check, time.error());
    if (!*time)
        return skipped(rule.check, u"The token has no " % rule.claim % u'.');
    const Instant at{**time};
    const double ahead = **time - moment.now;
    if (ahead <= 0)
        return pass(rule.check,
                    sentence(u"The token ", rule.beforePast, Span{ahead}, rule.afterPast, u" (", at, u")."));
    if (ahead > moment.leeway)
        return failed(rule.check, sentence(u"The token ", rule.before, Span{ahead}, rule.after, u" (", at, u")."));
    return pass(rule.check, sentence(u"The token ", rule.before, Span{ahead}, rule.after, u" (", at,
                                     u"), within the leeway of ", Span{moment.leeway}, u"."));
}

Check checkIssuer(const QJsonObject &claims, const ClaimRules &rules)
{
    const QString name = QStringLiteral("issuer");
    if (rules.issuers.isEmpty())
        return skipped(name, QStringLiteral("No issuer is expected."));
    const QJsonValue iss = claims.value("iss"_L1);
    if (iss.isUndefined())
        return failed(name, QStringLiteral("The token has no iss."));
    if (!iss.isString())
        return failed(name, QStringLiteral("`iss` must be a string, not %1.").arg(Json::typeName(iss)));
    const QString issuer = iss.toString();
    if (rules.issuers.contains(issuer))
        return pass(name, sentence(u"The token was issued by ", Quoted{issuer}, u"."));
    return failed(name, u"The token was issued by " % quoted(issuer) % u"; expected is \"" %
                            rules.issuers.join(QStringLiteral("\" or \"")) % u"\"." % nearMiss(issuer, rules.issuers));
}

QStringList audiencesIn(const QJsonValue &aud)
{
    return aud.isString() ? QStringList{aud.toString()} : Json::strings(aud).value_or(QStringList());
}

QString nearMissOfOne(const QStringList &audiences, const QStringList &expected)
{
    for (const QString &audience : audiences)
        if (const QString near = nearMiss(audience, expected); !near.isEmpty())
            return near;
    return {};
}

Check checkAudience(const QJsonObject &claims, const ClaimRules &rules)
{
    const QString name = QStringLiteral("audience");
    if (rules.audiences.isEmpty())
        return skipped(name, QStringLiteral("No audience is expected."));
    const QJsonValue aud = claims.value("aud"_L1);
    if (aud.isUndefined())
        return failed(name, QStringLiteral("The token has no aud."));
    const QStringList audiences = audiencesIn(aud);
    if (audiences.isEmpty())
        return failed(name, QStringLiteral("`aud` must be a string or a list of strings."));
    for (const QString &audience : audiences)
        if (rules.audiences.contains(audience))
            return pass(name, sentence(u"The token is meant for ", Quoted{audience}, u"."));
    return failed(name, u"The token is meant for " % quoted(audiences.join(QStringLiteral("\", \""))) %
                            u"; expected is \"" % rules.audiences.join(QStringLiteral("\" or \"")) % u"\"." %
                            nearMissOfOne(audiences, rules.audiences));
}

} // namespace

QList<Check> checkClaims(const QJsonObject &header, const QJsonObject &claims, const ClaimRules &rules, TimePoint now)
{
    static const PastClaim notBefore{QStringLiteral("not_before"), "nbf"_L1, u"is not valid for another ", u"",
                                     u"has been valid for ",       u""};
    static const PastClaim issuedAt{QStringLiteral("issued_at"), "iat"_L1,       u"was issued ",
                                    u" in the future",           u"was issued ", u" ago"};
    const Moment moment{duration<double>(now.time_since_epoch()).count(), duration<double>(rules.leeway).count()};
    QList<Check> checks;
    checks.reserve(7); // an initializer list would be copied
    checks.append(checkType(header, claims, rules));
    checks.append(checkBinding(claims, rules));
    checks.append(checkExpiry(claims, rules, moment));
    checks.append(checkPast(claims, notBefore, moment));
    checks.append(checkPast(claims, issuedAt, moment));
    checks.append(checkIssuer(claims, rules));
    checks.append(checkAudience(claims, rules));
    return checks;
}

QStringList scopesOf(const QJsonObject &claims)
{
    for (const auto name : {"scope"_L1, "scopes"_L1, "scp"_L1}) {
        const QJsonValue value = claims.value(name);
        if (value.isString())
            return value.toString().split(u' ', Qt::SkipEmptyParts);
        if (const auto list = Json::strings(value))
            return *list;
    }
    return {};
}

QString clientIdOf(const QJsonObject &claims)
{
    for (const auto name : {"client_id"_L1, "azp"_L1, "appid"_L1, "cid"_L1})
        if (const QJsonValue value = claims.value(name); value.isString())
            return value.toString();
    return {};
}

QStringList audiencesOf(const QJsonObject &claims)
{
    return audiencesIn(claims.value("aud"_L1));
}

} // namespace McpAuth::Jose
