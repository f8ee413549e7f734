// What was found out about one token, whatever is asked of it: the part of a verdict that may be kept. Pure functions.
#pragma once

#include "bearer/bearerauth.h"
#include "bearer/credentials_p.h"
#include "jose/jwt.h"

namespace McpAuth::Bearer {

/// One check, and what a failed one means for the request.
struct Item
{
    Check check;
    Refusal refusal = {};
};

struct Evidence
{
    QList<Check> checks = {}; ///< all but scopes
    Refusal refusal = {};     ///< the first in the order of precedence; None when everything but the scopes holds
    bool readable = false;    ///< there are claims
    QJsonObject header = {};
    QString keyId = {};
    QJsonObject keyJwk = {};
    AuthInfo auth = {}; ///< as the claims say, believed or not; without the token
};

struct ReadToken
{
    Jose::Jws jws;
    QJsonObject claims;
};

/// A token taken apart. On failure the evidence says all there is to say.
[[nodiscard]] std::expected<ReadToken, Evidence> readToken(const Secret &token);

/// The issuer of the claims, byte for byte one of `trusted`; with `any`, every issuer is taken, but there must be one.
/// InvalidToken when there is none, InvalidIssuer when it is another.
[[nodiscard]] Item examineIssuer(const QJsonObject &claims, const QStringList &trusted, bool any);

/// type, binding, expiry, not_before, issued_at, subject and audience.
[[nodiscard]] QList<Item> examineClaims(const ReadToken &token, const BearerAuthOptions &options);
/// One of them is the token's fault: no key can make it good.
[[nodiscard]] bool refuseToken(const QList<Item> &items);

/// Whether the token's algorithm is known and one of `allowed`.
[[nodiscard]] Item examineAlgorithm(const Jose::Jws &jws, const QList<QByteArray> &allowed);

/// algorithm, key and signature, and which key it was.
struct SignatureItems
{
    Item algorithm;
    Item key;
    Item signature;
    QString keyId = {};
    QJsonObject keyJwk = {};
    bool mismatched = false; ///< a key that fits did not make the signature: there may be a newer one of its name
};

/// No key was looked for, or none came.
[[nodiscard]] SignatureItems withoutKeys(Item algorithm, Item key);
[[nodiscard]] SignatureItems withoutKeys(Item algorithm, const QString &whyNot);
/// One of the keys must have made the signature. Where none did, a failure of our own (ServerError) goes before a
/// mismatch with another key.
[[nodiscard]] SignatureItems examineSignature(const Jose::Jws &jws, Item algorithm, const QList<Jose::Key> &keys,
                                              const QList<QByteArray> &allowed);
/// Whatever an error of a key source means: see blameFor().
[[nodiscard]] Item keyFailure(const Error &error);

/// Everything together. Checks of the claims need no trust, so they are made in any case.
[[nodiscard]] Evidence gather(const ReadToken &token, const Item &issuer, const SignatureItems &signature,
                              const QList<Item> &claimItems);

/// The same for claims that a verifier of the server's own returned; of options.kinds all but typ is asked for.
[[nodiscard]] Evidence gatherVerified(const QJsonObject &claims, const Item &issuer, const BearerAuthOptions &options);
/// For a refusal before there were claims: `failedCheck` names the check that it belongs to, the others are skipped.
[[nodiscard]] Evidence nothingKnown(const QString &failedCheck, const Refusal &refusal, const QString &whySkipped);

} // namespace McpAuth::Bearer
