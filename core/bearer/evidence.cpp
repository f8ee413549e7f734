#include "bearer/evidence_p.h"
#include "jose/nearmiss.h"
#include "jose/quoted.h"
#include "jose/verify.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <cmath>

namespace McpAuth::Bearer {

namespace {

using namespace Qt::StringLiterals;

// As a verdict lists them; the scopes follow.
constexpr std::array checkOrder{"format"_L1,    "algorithm"_L1, "key"_L1,     "signature"_L1,
                                "type"_L1,      "binding"_L1,   "expiry"_L1,  "not_before"_L1,
                                "issued_at"_L1, "issuer"_L1,    "subject"_L1, "audience"_L1};

// Which failure speaks for the token: whom it claims to come from is settled before any key is looked for.
constexpr std::array precedence{"format"_L1,    "issuer"_L1,  "algorithm"_L1,  "key"_L1,
                                "signature"_L1, "expiry"_L1,  "not_before"_L1, "issued_at"_L1,
                                "type"_L1,      "binding"_L1, "subject"_L1,    "audience"_L1};

Item passed(const QString &name, const QString &detail)
{
    return {Check{name, CheckOutcome::Pass, detail}, {}};
}

Item skipped(const QString &name, const QString &why)
{
    return {Check{name, CheckOutcome::Skipped, why}, {}};
}

Item failed(const QString &name, const QString &detail, BearerError error, const Error &cause)
{
    return {Check{name, CheckOutcome::Fail, detail}, Refusal{error, cause}};
}

Item failed(const QString &name, BearerError error, const Error &cause)
{
    return failed(name, cause.message, error, cause);
}

/// Whoever forges a token can put a key beside it (RFC 7515 §4.1.2, §4.1.3, §4.1.5, §4.1.6).
QStringList keysInHeader(const QJsonObject &header)
{
    QStringList names;
    for (const auto name : {"jwk"_L1, "jku"_L1, "x5u"_L1, "x5c"_L1})
        if (header.contains(name))
            names.append(name);
    return names;
}

template<size_t N>
auto rank(const std::array<QLatin1StringView, N> &order, const QString &name)
{
    return std::ranges::find(order, name) - order.begin();
}

void settle(Evidence &evidence, QList<Item> items)
{
    // header_keys, which few tokens cause, follows the others.
    std::ranges::stable_sort(items, {}, [](const Item &item) { return rank(checkOrder, item.check.name); });
    for (const Item &item : items)
        evidence.checks.append(item.check);
    items.removeIf([](const Item &item) { return item.refusal.error == BearerError::None; });
    // A token that is refused for what it says itself is refused, whatever this server could not find out.
    const auto first = std::ranges::min_element(items, {}, [](const Item &item) {
        return std::pair(item.refusal.error == BearerError::ServerError, rank(precedence, item.check.name));
    });
    if (first != items.end())
        evidence.refusal = first->refusal;
}

std::optional<qint64> expiryOf(const QJsonObject &claims)
{
    const double seconds = claims.value("exp"_L1).toDouble(std::nan(""));
    constexpr double limit = 9e15; // whole numbers are exact up to here
    if (!std::isfinite(seconds) || std::abs(seconds) > limit)
        return std::nullopt;
    return static_cast<qint64>(std::floor(seconds));
}

AuthInfo authInfo(const QJsonObject &claims)
{
    return {.token = {},
            .issuer = claims.value("iss"_L1).toString(),
            .subject = claims.value("sub"_L1).toString(),
            .clientId = Jose::clientIdOf(claims),
            .scopes = Jose::scopesOf(claims),
            .audience = Jose::audiencesOf(claims),
            .expiresAt = expiryOf(claims),
            .claims = claims};
}

Item examineSubject(const QJsonObject &claims)
{
    const QString name = u"subject"_s;
    const QString subject = claims.value("sub"_L1).toString();
    if (!subject.isEmpty())
        return passed(name, u"The token speaks for %1."_s.arg(Jose::quoted(subject)));
    return failed(
        name, BearerError::InvalidToken,
        Error{u"missing_subject"_s, u"The token names no subject: sub must be a string that is not empty."_s});
}

Item itemOfClaimCheck(const Check &check, const QJsonObject &claims, const BearerAuthOptions &options)
{
    if (check.outcome != CheckOutcome::Fail)
        return {check, {}};
    if (check.name != "audience"_L1)
        return {check, Refusal{BearerError::InvalidToken, Error{u"%1_check_failed"_s.arg(check.name), check.detail}}};
    const QJsonObject details{{u"expected"_s, QJsonArray::fromStringList(*options.audience)},
                              {u"actual"_s, claims.value("aud"_L1)}};
    return {check, Refusal{BearerError::InvalidAudience, Error{u"audience_mismatch"_s, check.detail, details}}};
}

Item withoutAudience()
{
    return failed(u"audience"_s, BearerError::ServerError,
                  Error{u"invalid_server_config"_s,
                        u"This server names neither its resource nor an audience, so no token can be meant for it."_s});
}

/// `header` is null where only a verifier has seen it.
QList<Item> examineClaims(const QJsonObject *header, const QJsonObject &claims, const BearerAuthOptions &options)
{
    const Jose::ClaimRules rules{.audiences = options.audience.value_or(QStringList()),
                                 .leeway = options.leeway,
                                 .kinds = options.kinds,
                                 .headerIsKnown = header != nullptr,
                                 .ignoreBinding = options.ignoreBinding};
    QList<Item> items;
    for (const Check &check : Jose::checkClaims(header ? *header : QJsonObject(), claims, rules, options.clock())) {
        // The issuer has been examined already, against this endpoint's own list.
        if (check.name == "issuer"_L1)
            continue;
        if (check.name == "audience"_L1 && !options.audience)
            items.append(withoutAudience());
        else
            items.append(itemOfClaimCheck(check, claims, options));
    }
    items.append(examineSubject(claims));
    return items;
}

QString keyName(const Jose::Key &key)
{
    // A secret's thumbprint would be a hash of the secret.
    if (key.type() == Jose::KeyType::Oct && key.kid().isEmpty())
        return u"(shared secret)"_s;
    return key.kid().isEmpty() ? QString::fromLatin1(key.thumbprint()) : key.kid();
}

QString keyWords(const QList<Jose::Key> &keys)
{
    if (keys.size() > 1)
        return u"The token names no single key; %1 may have signed it."_s.arg(keys.size());
    const Jose::Key &key = keys.first();
    const QString kind = key.curve() == Jose::Curve::None ? u"%1 bits"_s.arg(key.bits()) : Jose::toString(key.curve());
    return u"Key %1 (%2, %3)."_s.arg(Jose::quoted(keyName(key)), Jose::toString(key.type()), kind);
}

} // namespace

BearerError blameFor(const Error &error)
{
    constexpr std::array tokensFault{
        "invalid_token"_L1,         "token_too_large"_L1,        "encrypted_token"_L1,    "opaque_token"_L1,
        "invalid_jws"_L1,           "invalid_claims"_L1,         "unsupported_crit"_L1,   "unsupported_b64"_L1,
        "no_matching_key"_L1,       "algorithm_key_mismatch"_L1, "signature_mismatch"_L1, "unsupported_algorithm"_L1,
        "algorithm_not_allowed"_L1, "key_not_for_signatures"_L1, "key_too_small"_L1,      "unusable_key"_L1};
    if (error.code == "token_verification_failed"_L1)
        return BearerError::TokenVerificationFailed;
    return std::ranges::contains(tokensFault, error.code) ? BearerError::InvalidToken : BearerError::ServerError;
}

std::expected<ReadToken, Evidence> readToken(const Secret &token)
{
    const QString why = u"The token could not be read."_s;
    auto jws = Jose::parseJws(token.reveal());
    if (!jws)
        return std::unexpected(nothingKnown(u"format"_s, {BearerError::InvalidToken, jws.error()}, why));
    auto claims = Jose::parseClaims(*jws);
    if (!claims) {
        Evidence evidence = nothingKnown(u"format"_s, {BearerError::InvalidToken, claims.error()}, why);
        evidence.header = jws->header;
        return std::unexpected(evidence);
    }
    return ReadToken{std::move(*jws), std::move(*claims)};
}

Item examineIssuer(const QJsonObject &claims, const QStringList &trusted, bool any)
{
    const QString name = u"issuer"_s;
    const QString issuer = claims.value("iss"_L1).toString();
    if (issuer.isEmpty())
        return failed(
            name, BearerError::InvalidToken,
            Error{u"missing_issuer"_s, u"The token names no issuer: iss must be a string that is not empty."_s});
    if (any)
        return passed(name, u"%1; any issuer is taken here."_s.arg(Jose::quoted(issuer)));
    if (trusted.contains(issuer))
        return passed(name, u"%1 is trusted."_s.arg(Jose::quoted(issuer)));
    const QString near = Jose::nearMiss(issuer, trusted);
    return failed(name,
                  u"%1 is not trusted here; trusted: %2."_s.arg(Jose::quoted(issuer), trusted.join(", "_L1)) + near,
                  BearerError::InvalidIssuer,
                  Error{u"untrusted_issuer"_s,
                        u"The token's issuer is none of those that are trusted."_s + near,
                        {{u"expected"_s, QJsonArray::fromStringList(trusted)}, {u"actual"_s, issuer}}});
}

QList<Item> examineClaims(const ReadToken &token, const BearerAuthOptions &options)
{
    return examineClaims(&token.jws.header, token.claims, options);
}

Item examineAlgorithm(const Jose::Jws &jws, const QList<QByteArray> &allowed)
{
    const QString name = u"algorithm"_s;
    const auto algorithm = Jose::allowedAlgorithm(jws.alg, allowed);
    if (!algorithm)
        return failed(name, BearerError::InvalidToken, algorithm.error());
    return passed(name, u"%1 is allowed."_s.arg(QLatin1StringView((*algorithm)->name)));
}

SignatureItems withoutKeys(Item algorithm, Item key)
{
    return {std::move(algorithm), std::move(key), skipped(u"signature"_s, u"There is no key to check it with."_s)};
}

SignatureItems withoutKeys(Item algorithm, const QString &whyNot)
{
    return withoutKeys(std::move(algorithm), skipped(u"key"_s, whyNot));
}

SignatureItems examineSignature(const Jose::Jws &jws, Item algorithm, const QList<Jose::Key> &keys,
                                const QList<QByteArray> &allowed)
{
    if (keys.isEmpty())
        return withoutKeys(std::move(algorithm),
                           failed(u"key"_s, BearerError::InvalidToken,
                                  Error{u"no_matching_key"_s, u"There is no key for this token."_s}));
    const Item found = passed(u"key"_s, keyWords(keys));
    Error reason;
    bool mismatched = false;
    for (const Jose::Key &key : keys) {
        const Result<> right = Jose::verifySignature(jws, key, allowed);
        if (right)
            return {std::move(algorithm), found,
                    passed(u"signature"_s, u"The signature is that of key %1."_s.arg(Jose::quoted(keyName(key)))),
                    keyName(key), key.publicJwk()};
        mismatched = mismatched || right.error().code == "signature_mismatch"_L1;
        // A key that could not be tried may be the right one, which no other key's answer makes up for.
        if (reason.code.isEmpty() || blameFor(reason) != BearerError::ServerError)
            reason = right.error();
    }
    return {.algorithm = std::move(algorithm),
            .key = found,
            .signature = failed(u"signature"_s, blameFor(reason), reason),
            .mismatched = mismatched};
}

Item keyFailure(const Error &error)
{
    return failed(u"key"_s, blameFor(error), error);
}

bool refuseToken(const QList<Item> &items)
{
    return std::ranges::any_of(items, [](const Item &item) {
        return item.refusal.error != BearerError::None && item.refusal.error != BearerError::ServerError;
    });
}

Evidence gather(const ReadToken &token, const Item &issuer, const SignatureItems &signature,
                const QList<Item> &claimItems)
{
    Evidence evidence{.readable = true,
                      .header = token.jws.header,
                      .keyId = signature.keyId,
                      .keyJwk = signature.keyJwk,
                      .auth = authInfo(token.claims)};
    QList<Item> items{passed(u"format"_s, u"A signed JWT."_s), signature.algorithm, signature.key, signature.signature,
                      issuer};
    if (const QStringList brought = keysInHeader(token.jws.header); !brought.isEmpty())
        items.append(skipped(u"header_keys"_s, u"The token brings keys of its own (%1); they are never used."_s.arg(
                                                   brought.join(u", "_s))));
    items += claimItems;
    settle(evidence, std::move(items));
    return evidence;
}

Evidence gatherVerified(const QJsonObject &claims, const Item &issuer, const BearerAuthOptions &options)
{
    const QString why = u"The server's own verifier sees to it."_s;
    Evidence evidence{.readable = true, .auth = authInfo(claims)};
    QList<Item> items{skipped(u"format"_s, why), skipped(u"algorithm"_s, why), skipped(u"key"_s, why),
                      passed(u"signature"_s, u"The server's own verifier found the token good."_s), issuer};
    items += examineClaims(nullptr, claims, options);
    settle(evidence, std::move(items));
    return evidence;
}

Evidence nothingKnown(const QString &failedCheck, const Refusal &refusal, const QString &whySkipped)
{
    QList<Item> items;
    for (const QLatin1StringView name : checkOrder) {
        items.append(name == failedCheck ? failed(name, refusal.error, refusal.cause) : skipped(name, whySkipped));
    }
    Evidence evidence;
    settle(evidence, std::move(items));
    return evidence;
}

} // namespace McpAuth::Bearer
