// Which client this is, and whether it can prove that.
#include "demo/providerstate_p.h"
#include "jose/keyset.h"
#include "jose/verify.h"

#include <algorithm>

namespace McpAuth::Demo {

using namespace Qt::StringLiterals;

namespace {

constexpr auto assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"_L1;
constexpr qint64 maxAssertionLife = 3'600; // seconds for which its jti is kept

std::unexpected<Error> proofRefused(const QString &why)
{
    return fail(u"invalid_client"_s, why);
}

struct Proof
{
    QString clientId;
    QString method; ///< token_endpoint_auth_method's value
    QByteArray secret = {};
    QByteArray assertion = {};
};

/// Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
Result<QString> formDecoded(const QByteArray &text)
{
    const auto form = Http::parseForm("v=" + text);
    if (!form || form->size() != 1)
        return proofRefused(u"The Basic credentials are not encoded as forms are."_s);
    return form->first().second;
}

Result<Proof> basicProof(const QByteArray &header)
{
    const qsizetype space = header.indexOf(' ');
    if (header.first(std::max<qsizetype>(space, 0)).toLower() != "basic")
        return proofRefused(u"Authorization must be Basic here."_s);
    const auto decoded =
        QByteArray::fromBase64Encoding(header.sliced(space + 1).trimmed(), QByteArray::AbortOnBase64DecodingErrors);
    const QByteArray pair = decoded ? *decoded : QByteArray();
    const qsizetype colon = pair.indexOf(':');
    if (colon < 1)
        return proofRefused(u"The Basic credentials are not a name and a secret."_s);
    const auto id = formDecoded(pair.first(colon));
    const auto secret = formDecoded(pair.sliced(colon + 1));
    if (!id || !secret)
        return fail(!id ? id.error() : secret.error());
    return Proof{.clientId = *id, .method = u"client_secret_basic"_s, .secret = secret->toUtf8()};
}

/// An assertion names its client itself (RFC 7523 §3).
Result<Proof> assertionProof(const Http::Form &form)
{
    if (textOf(form, u"client_assertion_type") != assertionType)
        return proofRefused(u"client_assertion_type must be %1."_s.arg(assertionType));
    Proof proof{
        .clientId = {}, .method = u"private_key_jwt"_s, .assertion = textOf(form, u"client_assertion").toUtf8()};
    const auto jws = Jose::parseJws(proof.assertion);
    const auto claims = jws ? Jose::parseClaims(*jws) : Result<QJsonObject>(fail(jws.error()));
    if (!claims)
        return proofRefused(u"The client assertion is not a signed JWT."_s);
    proof.clientId = claims->value("sub"_L1).toString();
    return proof;
}

/// One way, and one name (RFC 6749 §2.3).
Result<Proof> readProof(const Http::Request &request, const Http::Form &form)
{
    const bool hasHeader = request.headers.contains(QHttpHeaders::WellKnownHeader::Authorization);
    const bool hasSecret = !textOf(form, u"client_secret").isEmpty();
    const bool hasAssertion =
        !textOf(form, u"client_assertion").isEmpty() || !textOf(form, u"client_assertion_type").isEmpty();
    if (int(hasHeader) + int(hasSecret) + int(hasAssertion) > 1)
        return fail(u"invalid_request"_s, u"The client authenticates itself in more than one way."_s);
    const QString named = textOf(form, u"client_id");
    Result<Proof> proof = Proof{.clientId = named,
                                .method = hasSecret ? u"client_secret_post"_s : u"none"_s,
                                .secret = textOf(form, u"client_secret").toUtf8()};
    if (hasHeader)
        proof = basicProof(request.header("Authorization"));
    else if (hasAssertion)
        proof = assertionProof(form);
    if (!proof)
        return proof;
    if (proof->clientId.isEmpty())
        return proofRefused(u"client_id is missing."_s);
    if (!named.isEmpty() && named != proof->clientId)
        return proofRefused(u"client_id is not the client that authenticates itself."_s);
    return proof;
}

bool isSigned(const Jose::Jws &jws, const QList<Jose::Key> &keys)
{
    const auto candidates = Jose::candidateKeys(keys, jws);
    return candidates && std::ranges::any_of(*candidates, [&](const Jose::Key &key) {
               return Jose::verifySignature(jws, key, Jose::asymmetricAlgorithmNames()).has_value();
           });
}

/// iss, aud, exp and jti (RFC 7523 §3; OpenID Connect Core 1.0 §9 requires jti).
Result<> checkAssertionClaims(const ProviderState &state, const QString &clientId, const Jose::Jws &jws,
                              const QJsonObject &claims)
{
    const Jose::ClaimRules rules{.issuers = {clientId}, .audiences = {state.signer.issuer, state.url("/token")}};
    for (const Check &check : Jose::checkClaims(jws.header, claims, rules, state.signer.clock())) {
        if (check.outcome == CheckOutcome::Fail)
            return proofRefused(u"The client assertion does not hold: %1."_s.arg(check.name));
    }
    if (!claims.value("exp"_L1).isDouble() || claims.value("exp"_L1).toInteger() > state.now() + maxAssertionLife)
        return proofRefused(u"The client assertion must expire, and within an hour."_s);
    if (claims.value("jti"_L1).toString().isEmpty())
        return proofRefused(u"The client assertion has no jti."_s);
    return {};
}

/// An assertion is good once. When the memory is full of live ones no more are taken, rather than any twice.
Result<> checkReplay(ProviderState &state, const QString &clientId, const QJsonObject &claims)
{
    constexpr qint64 leeway = 60; // for which checkClaims() takes an expired one
    const QByteArray name = clientId.toUtf8() + '\n' + claims.value("jti"_L1).toString().toUtf8();
    if (state.assertions.find(name) != nullptr)
        return proofRefused(u"The client assertion was used before."_s);
    if (state.assertions.isFull())
        state.assertions.removeIf([now = state.now()](qint64 expires) { return expires + leeway < now; });
    if (state.assertions.isFull())
        return proofRefused(u"Too many client assertions in a short time."_s);
    state.assertions.insert(name, claims.value("exp"_L1).toInteger());
    return {};
}

Result<> checkAssertion(ProviderState &state, const OAuthClient &client, const QByteArray &assertion)
{
    const auto jws = Jose::parseJws(assertion);
    if (!jws || !isSigned(*jws, client.keys))
        return proofRefused(u"The client assertion is not signed with a key of the client's."_s);
    const auto claims = Jose::parseClaims(*jws);
    if (!claims)
        return proofRefused(u"The client assertion is not a signed JWT."_s);
    if (auto good = checkAssertionClaims(state, client.id, *jws, *claims); !good)
        return good;
    return checkReplay(state, client.id, *claims);
}

Result<> checkProof(ProviderState &state, const OAuthClient &client, const Proof &proof)
{
    if (!client.authMethods.contains(proof.method))
        return proofRefused(u"This client authenticates itself by %1, not by %2."_s.arg(
            client.authMethods.join(u", "_s), proof.method));
    if (proof.method == "private_key_jwt"_L1)
        return checkAssertion(state, client, proof.assertion);
    if (proof.method != "none"_L1 && !equalInConstantTime(client.secret.reveal(), proof.secret))
        return proofRefused(u"The client secret is wrong."_s);
    return {};
}

OAuthClient knownClient(const AuthorizationServerOptions::KnownClient &known)
{
    OAuthClient client{.id = known.clientId, .name = known.name, .secret = known.clientSecret};
    client.redirectUris = known.redirectUris;
    client.grantTypes = known.grantTypes;
    if (!known.clientSecret.isEmpty())
        client.authMethods += {u"client_secret_basic"_s, u"client_secret_post"_s};
    if (!known.key.isNull()) {
        client.authMethods += u"private_key_jwt"_s;
        client.keys = {known.key};
    }
    if (client.authMethods.isEmpty())
        client.authMethods = {u"none"_s};
    return client;
}

} // namespace

QCoro::Task<Result<OAuthClient>> findClient(ProviderStatePtr state, QString clientId)
{
    const auto &known = state->options.clients;
    const auto found = std::ranges::find(known, clientId, &AuthorizationServerOptions::KnownClient::clientId);
    if (found != known.end())
        co_return knownClient(*found);
    if (const OAuthClient *registered = state->registered.find(clientId.toUtf8()))
        co_return *registered;
    if (state->documents && clientId.contains("://"_L1)) {
        auto client = co_await clientOfDocument(state, clientId);
        co_return client;
    }
    co_return proofRefused(u"There is no such client."_s);
}

QCoro::Task<Result<OAuthClient>> authenticatedClient(ProviderStatePtr state, Http::Request request, Http::Form form)
{
    const auto proof = readProof(request, form);
    if (!proof)
        co_return fail(proof.error());
    auto client = co_await findClient(state, proof->clientId);
    if (!client)
        co_return client;
    if (auto good = checkProof(*state, *client, *proof); !good)
        co_return fail(good.error());
    co_return client;
}

} // namespace McpAuth::Demo
