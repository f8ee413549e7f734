#include "bearer/bearerauth.h"

#include "bearer/decision_p.h"
#include "bearer/tokencache_p.h"
#include "jose/verify.h"

#include <algorithm>
#include <exception>

namespace McpAuth::Bearer {

namespace {

using namespace Qt::StringLiterals;

// Held by every coroutine in flight, so that a BearerAuth may go while one waits for keys.
struct State
{
    QList<TrustedIssuer> issuers;
    QStringList issuerNames;
    bool anyIssuer = false;
    TokenVerifier verifier;
    bool hasVerifier = false;
    Rules rules;
    TokenCache cache;

    [[nodiscard]] const BearerAuthOptions &options() const { return rules.options; }
};

std::shared_ptr<State> makeState(QStringList issuerNames, BearerAuthOptions options)
{
    auto state = std::make_shared<State>();
    state->anyIssuer = issuerNames.size() == 1 && issuerNames.first().isEmpty();
    state->issuerNames = std::move(issuerNames);
    state->rules = rulesFor(std::move(options));
    return state;
}

const TrustedIssuer *issuerFor(const State &state, const QJsonObject &claims)
{
    if (state.anyIssuer)
        return state.issuers.data();
    const auto found = std::ranges::find(state.issuers, claims.value("iss"_L1).toString(), &TrustedIssuer::issuer);
    return found == state.issuers.end() ? nullptr : &*found;
}

// HMAC is for secrets that the user gave: a key set that anyone can read holds none.
QList<QByteArray> allowedAlgorithms(const BearerAuthOptions &options, Jose::KeySource *knownSource)
{
    if (!options.algorithms.isEmpty())
        return options.algorithms;
    QList<QByteArray> names = Jose::asymmetricAlgorithmNames();
    if (dynamic_cast<Jose::StaticKeys *>(knownSource) != nullptr) {
        for (const Jose::Algorithm &algorithm : Jose::algorithms()) {
            if (algorithm.family == Jose::Family::Hmac)
                names.append(algorithm.name);
        }
    }
    return names;
}

std::shared_ptr<Jose::KeySource> knownKeys(const TrustedIssuer *issuer)
{
    return issuer != nullptr && issuer->keysNow ? issuer->keysNow() : nullptr;
}

QCoro::Task<Result<std::shared_ptr<Jose::KeySource>>> sourceOf(TrustedIssuer issuer)
{
    const auto known = knownKeys(&issuer);
    if (known || !issuer.keys) {
        if (known)
            co_return known;
        co_return fail(u"invalid_server_config"_s, u"There are no keys for the issuer %1."_s.arg(issuer.issuer));
    }
    auto fetched = co_await issuer.keys();
    if (fetched && *fetched == nullptr)
        co_return fail(u"invalid_server_config"_s, u"There are no keys for the issuer %1."_s.arg(issuer.issuer));
    co_return fetched;
}

QCoro::Task<Result<QList<Jose::Key>>> candidates(std::shared_ptr<Jose::KeySource> source, Jose::Jws jws)
{
    if (auto now = source->candidatesNow(jws))
        co_return *std::move(now);
    co_return co_await source->candidates(std::move(jws));
}

struct Signed
{
    SignatureItems items;
    std::shared_ptr<Jose::KeySource> source = {};
    quint64 generation = 0;
};

/// Whether keys that are not at hand are worth waiting for.
enum class Patience { Wait, AtHandOnly };

/// With the keys at hand, if there are any.
Signed examineSignatureNow(const std::shared_ptr<Jose::KeySource> &known, const Jose::Jws &jws, const Item &algorithm,
                           const QList<QByteArray> &allowed)
{
    const auto keys = known ? known->candidatesNow(jws) : std::nullopt;
    if (!keys)
        return {withoutKeys(algorithm, u"No key is waited for: the token is refused for what it says itself."_s)};
    if (!*keys)
        return {withoutKeys(algorithm, keyFailure(keys->error())), known, known->generation()};
    return {examineSignature(jws, algorithm, **keys, allowed), known, known->generation()};
}

// No key is asked for before the token's issuer and algorithm are found good.
QCoro::Task<Signed> examineSignatureOf(std::shared_ptr<State> state, ReadToken token, bool trusted, Patience patience)
{
    const Jose::Jws &jws = token.jws;
    const TrustedIssuer *issuer = trusted ? issuerFor(*state, token.claims) : nullptr;
    const auto known = knownKeys(issuer);
    const QList<QByteArray> allowed = allowedAlgorithms(state->options(), known.get());
    const Item algorithm = examineAlgorithm(jws, allowed);
    if (issuer == nullptr)
        co_return Signed{withoutKeys(algorithm, u"No key is looked for: the issuer is not trusted."_s)};
    if (algorithm.refusal.error != BearerError::None)
        co_return Signed{withoutKeys(algorithm, u"No key is looked for: the algorithm is not allowed."_s)};

    if (patience == Patience::AtHandOnly)
        co_return examineSignatureNow(known, jws, algorithm, allowed);
    const auto source = co_await sourceOf(*issuer);
    if (!source)
        co_return Signed{withoutKeys(algorithm, keyFailure(source.error()))};
    const auto keys = co_await candidates(*source, jws);
    // Read without a pause after the keys: what is concluded from them belongs to this generation.
    const quint64 generation = (*source)->generation();
    if (!keys)
        co_return Signed{withoutKeys(algorithm, keyFailure(keys.error())), *source, generation};
    const SignatureItems items = examineSignature(jws, algorithm, *keys, allowed);
    if (!items.mismatched || !co_await (*source)->refresh(generation))
        co_return Signed{items, *source, generation};
    // The provider has other keys now, perhaps under the same names.
    const auto newer = co_await candidates(*source, jws);
    const quint64 newGeneration = (*source)->generation();
    if (!newer)
        co_return Signed{withoutKeys(algorithm, keyFailure(newer.error())), *source, newGeneration};
    co_return Signed{examineSignature(jws, algorithm, *newer, allowed), *source, newGeneration};
}

QCoro::Task<Result<QJsonObject>> askVerifier(TokenVerifier verifier, Secret token)
{
    QString thrown;
    try {
        co_return co_await verifier(std::move(token));
    } catch (const std::exception &exception) {
        thrown = QString::fromUtf8(exception.what());
    } catch (...) {
        thrown = u"an unknown exception"_s;
    }
    co_return fail(u"verifier_failed"_s, u"The token verifier failed: %1."_s.arg(thrown));
}

QCoro::Task<Evidence> evidenceFromVerifier(std::shared_ptr<State> state, Secret token)
{
    if (token.reveal().size() > Jose::maxTokenBytes) {
        const Error error{u"token_too_large"_s, u"The token is over %1 bytes."_s.arg(Jose::maxTokenBytes)};
        co_return nothingKnown(u"format"_s, {BearerError::InvalidToken, error}, u"The token was not looked at."_s);
    }
    const Result<QJsonObject> claims = co_await askVerifier(state->verifier, std::move(token));
    if (!claims) {
        co_return nothingKnown(u"signature"_s, {blameFor(claims.error()), claims.error()},
                               u"The server's own verifier did not accept the token."_s);
    }
    co_return gatherVerified(*claims, examineIssuer(*claims, state->issuerNames, state->anyIssuer), state->options());
}

QCoro::Task<Verdict> judgeByVerifier(std::shared_ptr<State> state, Secret token, QStringList extraScopes)
{
    const Evidence evidence = co_await evidenceFromVerifier(state, token);
    co_return decide(evidence, state->rules, token, extraScopes);
}

/// Null when the token is not in the cache.
std::shared_ptr<const Verdict> keptVerdict(State &state, const Secret &token)
{
    return state.options().cache ? state.cache.find(token, state.options().clock()) : nullptr;
}

void keep(State &state, const Evidence &evidence, const Signed &found, const Secret &token,
          std::shared_ptr<const Verdict> verdict)
{
    if (!state.options().cache)
        return;
    const TimePoint now = state.options().clock();
    state.cache.insert(
        {token, std::move(verdict), found.source, found.generation, now, cachedUntil(evidence, now),
         entryBytes(token.reveal().size(), evidence.auth.scopes.size() + evidence.auth.audience.size())});
}

QCoro::Task<Verdict> judgeJwt(std::shared_ptr<State> state, Secret token, QStringList extraScopes, Patience patience)
{
    if (const auto kept = keptVerdict(*state, token))
        co_return decideAgain(*kept, state->rules, extraScopes);
    const auto read = readToken(token);
    if (!read)
        co_return decide(read.error(), state->rules, token, extraScopes);

    const Item issuer = examineIssuer(read->claims, state->issuerNames, state->anyIssuer);
    const bool trusted = issuer.refusal.error == BearerError::None;
    const QList<Item> claims = examineClaims(*read, state->options());
    if (!refuseToken(claims))
        patience = Patience::Wait;
    const Signed found = co_await examineSignatureOf(state, *read, trusted, patience);
    const Evidence evidence = gather(*read, issuer, found.items, claims);
    if (evidence.refusal.error != BearerError::None)
        co_return decide(evidence, state->rules, token, extraScopes);
    const auto verdict = std::make_shared<const Verdict>(decide(evidence, state->rules, token, {}));
    keep(*state, evidence, found, token, verdict);
    co_return decideAgain(*verdict, state->rules, extraScopes);
}

QCoro::Task<Result<std::shared_ptr<Jose::KeySource>>> ready(std::shared_ptr<Jose::KeySource> source)
{
    co_return source;
}

QCoro::Task<Verdict> refused(Verdict verdict)
{
    co_return verdict;
}

/// `patience` is for tokens that their claims refuse; for others keys are waited for.
QCoro::Task<Verdict> judgeToken(const std::shared_ptr<State> &state, Secret token, QStringList extraScopes,
                                Patience patience)
{
    if (token.isEmpty()) {
        const Error error{info(BearerError::MissingBearerToken).code, u"There is no token."_s};
        const Evidence nothing =
            nothingKnown(u"format"_s, {BearerError::MissingBearerToken, error}, u"There is no token."_s);
        return refused(decide(nothing, state->rules, token, extraScopes));
    }
    if (state->hasVerifier)
        return judgeByVerifier(state, std::move(token), std::move(extraScopes));
    return judgeJwt(state, std::move(token), std::move(extraScopes), patience);
}

} // namespace

TrustedIssuer trustedIssuer(QString issuer, std::shared_ptr<Jose::KeySource> keys)
{
    return {.issuer = std::move(issuer), .keys = [keys] { return ready(keys); }, .keysNow = [keys] { return keys; }};
}

struct BearerAuth::Private
{
    std::shared_ptr<State> state;
};

BearerAuth::BearerAuth(QList<TrustedIssuer> issuers, BearerAuthOptions options)
    : d(std::make_unique<Private>())
{
    QStringList names;
    std::ranges::transform(issuers, std::back_inserter(names), &TrustedIssuer::issuer);
    d->state = makeState(std::move(names), std::move(options));
    d->state->issuers = std::move(issuers);
}

BearerAuth::BearerAuth(TokenVerifier verifier, QStringList issuers, BearerAuthOptions options)
    : d(std::make_unique<Private>())
{
    d->state = makeState(std::move(issuers), std::move(options));
    d->state->verifier = std::move(verifier);
    d->state->hasVerifier = true;
}

BearerAuth::~BearerAuth() = default;
BearerAuth::BearerAuth(BearerAuth &&) noexcept = default;
BearerAuth &BearerAuth::operator=(BearerAuth &&) noexcept = default;

QCoro::Task<Verdict> BearerAuth::authorize(Http::Request request, QStringList extraScopes) const
{
    auto token = bearerToken(request);
    if (token)
        return judgeToken(d->state, std::move(*token), std::move(extraScopes), Patience::AtHandOnly);
    const Evidence nothing = nothingKnown(u"format"_s, token.error(), u"There is no token to look at."_s);
    return refused(decide(nothing, d->state->rules, Secret(), extraScopes));
}

std::optional<Verdict> BearerAuth::refusalNow(const Http::Request &head) const
{
    if (authorizeNow(head) || (d->state->hasVerifier && bearerToken(head)))
        return {};
    QCoro::Task<Verdict> task = authorize(head);
    if (!task.isReady()) // it fetches keys, which authorize() will ask for once more
        return {};
    Verdict verdict = task.operator co_await().await_resume();
    if (verdict.accepted || verdict.error == BearerError::MissingRequiredScopes)
        return {};
    return verdict;
}

std::shared_ptr<const Verdict> BearerAuth::authorizeNow(const Http::Request &request) const
{
    const auto token = sentToken(request); // what the cache holds needs no look at its characters
    return token ? keptVerdict(*d->state, *token) : nullptr;
}

QCoro::Task<Verdict> BearerAuth::judge(Secret token, QStringList extraScopes) const
{
    return judgeToken(d->state, std::move(token), std::move(extraScopes), Patience::Wait);
}

Verdict BearerAuth::requireScopes(const Verdict &accepted, const QStringList &scopes) const
{
    return decideAgain(accepted, d->state->rules, scopes);
}

const BearerAuthOptions &BearerAuth::options() const
{
    return d->state->options();
}

QStringList BearerAuth::issuers() const
{
    return d->state->issuerNames;
}

void BearerAuth::clearCache()
{
    d->state->cache.clear();
}

qsizetype BearerAuth::cachedTokens() const
{
    return d->state->cache.size();
}

} // namespace McpAuth::Bearer
