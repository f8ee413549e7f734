#include "base/base64url.h"
#include "bearer/bearerauth.h"
#include "http/challenge.h"
#include "provider.h"
#include "support/result.h"

#include <QCoroFuture>
#include <QPromise>

#include <algorithm>

using namespace McpAuth;
using namespace McpAuth::Bearer;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

const QString issuer = u"https://login.example"_s;
const QString resource = u"https://mcp.example/mcp"_s;

using SourceResult = Result<std::shared_ptr<Jose::KeySource>>;

std::shared_ptr<Jose::KeySource> staticKeys(const QList<Jose::Key> &keys)
{
    return std::make_shared<Jose::StaticKeys>(keys);
}

CheckOutcome outcomeOf(const Verdict &verdict, const QString &name)
{
    const auto found = std::ranges::find(verdict.checks, name, &Check::name);
    EXPECT_NE(found, verdict.checks.end()) << name.toStdString();
    return found == verdict.checks.end() ? CheckOutcome::Skipped : found->outcome;
}

QStringList namesOf(const Verdict &verdict, CheckOutcome outcome)
{
    QStringList names;
    for (const Check &check : verdict.checks) {
        if (check.outcome == outcome)
            names.append(check.name);
    }
    return names;
}

QCoro::Task<Result<QJsonObject>> claimsTask(QJsonObject claims)
{
    co_return claims;
}

QCoro::Task<Result<QJsonObject>> throwing()
{
    throw std::runtime_error("the verifier broke");
    co_return QJsonObject();
}

QCoro::Task<SourceResult> counted(std::shared_ptr<int> count, std::shared_ptr<Jose::KeySource> source)
{
    ++*count;
    co_return source;
}

QCoro::Task<SourceResult> unreachable(std::shared_ptr<int> count)
{
    ++*count;
    co_return fail(u"jwks_unreachable"_s, u"The keys cannot be fetched."_s);
}

/// Offers every key for every token, and counts who asks for newer ones.
class ObtrusiveKeys : public Jose::KeySource
{
public:
    explicit ObtrusiveKeys(QList<Jose::Key> keys)
        : m_keys(std::move(keys))
    {
    }
    QCoro::Task<Result<QList<Jose::Key>>> candidates(Jose::Jws) override { co_return Result<QList<Jose::Key>>(m_keys); }
    std::optional<Result<QList<Jose::Key>>> candidatesNow(const Jose::Jws &) override { return m_keys; }
    QCoro::Task<bool> refresh(quint64) override
    {
        ++refreshes;
        co_return false;
    }
    [[nodiscard]] quint64 generation() const override { return 0; }

    int refreshes = 0;

private:
    QList<Jose::Key> m_keys;
};

QCoro::Task<SourceResult> later(QFuture<SourceResult> future)
{
    co_return co_await future;
}

class BearerAuthTest : public testing::Test
{
protected:
    [[nodiscard]] BearerAuthOptions options() const
    {
        return {.audience = QStringList{resource}, .resource = resource, .clock = clock.clock()};
    }

    [[nodiscard]] QJsonObject claims() const { return goodClaims(issuer, clock); }

    [[nodiscard]] BearerAuth auth(const BearerAuthOptions &rules) const
    {
        return {{trustedIssuer(issuer, staticKeys({key}))}, rules};
    }

    ManualClock clock;
    Jose::Key key = newKey();
};

} // namespace

TEST_F(BearerAuthTest, TellsWhoIsCalling)
{
    const Secret token = signedToken(claims(), key);
    const Verdict verdict = wait(auth(options()).authorize(requestWith(token)));
    ASSERT_TRUE(verdict.accepted) << verdict.cause.message.toStdString();
    EXPECT_EQ(verdict.status, 200);
    EXPECT_TRUE(verdict.challenge.isEmpty());
    EXPECT_TRUE(verdict.errorDescription.isEmpty());
    EXPECT_EQ(verdict.keyId, key.kid());
    EXPECT_EQ(verdict.keyJwk, key.publicJwk());
    ASSERT_TRUE(verdict.auth);
    EXPECT_EQ(verdict.auth->token, token);
    EXPECT_EQ(verdict.auth->issuer, issuer);
    EXPECT_EQ(verdict.auth->subject, u"alice"_s);
    EXPECT_EQ(verdict.auth->clientId, u"demo-client"_s);
    EXPECT_EQ(verdict.auth->scopes, (QStringList{u"read"_s, u"write"_s}));
    EXPECT_EQ(verdict.auth->audience, QStringList{resource});
    EXPECT_EQ(verdict.auth->expiresAt, clock.seconds() + 600);
    EXPECT_EQ(verdict.auth->claims, claims());
}

TEST_F(BearerAuthTest, RefusesAtTheHeaderWhatNeedsNoWaiting)
{
    BearerAuthOptions rules = options();
    rules.requiredScopes = {u"admin"_s};
    const BearerAuth judge = auth(rules);
    const auto refusal = [&](const Secret &token) {
        const auto verdict = judge.refusalNow(requestWith(token));
        return verdict ? std::optional(verdict->error) : std::nullopt;
    };
    EXPECT_EQ(judge.refusalNow({}).value_or(Verdict()).error, BearerError::MissingAuthHeader);
    EXPECT_EQ(refusal(Secret("opaque")), BearerError::InvalidToken);
    EXPECT_EQ(refusal(signedToken(with(claims(), u"iss"_s, u"https://evil.example"_s), key)),
              BearerError::InvalidIssuer);
    EXPECT_EQ(refusal(signedToken(with(claims(), u"exp"_s, clock.seconds() - 600), key)), BearerError::InvalidToken);
    EXPECT_EQ(refusal(signedToken(with(claims(), u"aud"_s, u"https://other.example"_s), key)),
              BearerError::InvalidAudience);
    EXPECT_EQ(refusal(signedToken(claims(), newKey())), BearerError::InvalidToken);
    EXPECT_EQ(refusal(signedToken(with(claims(), u"scope"_s, u"admin"_s), key)), std::nullopt);
    EXPECT_EQ(refusal(signedToken(claims(), key)), std::nullopt); // a tool may ask for more than admin
}

TEST_F(BearerAuthTest, WaitsForNothingAtTheHeader)
{
    QPromise<SourceResult> keys;
    keys.start();
    const BearerAuth slow({{.issuer = issuer, .keys = [future = keys.future()] { return later(future); }}}, options());
    EXPECT_FALSE(slow.refusalNow(requestWith(signedToken(claims(), newKey()))));
    EXPECT_TRUE(slow.refusalNow({}));

    int calls = 0;
    const BearerAuth asking(
        [&calls, this](const Secret &) {
            ++calls;
            return claimsTask(claims());
        },
        {issuer}, options());
    EXPECT_FALSE(asking.refusalNow(requestWith(Secret("opaque"))));
    EXPECT_TRUE(asking.refusalNow({}));
    EXPECT_EQ(calls, 0);
    keys.addResult(SourceResult(staticKeys({key})));
    keys.finish();
}

TEST_F(BearerAuthTest, TheClientIdMayBeMissing)
{
    const Verdict verdict = wait(auth(options()).judge(signedToken(without(claims(), u"client_id"_s), key)));
    ASSERT_TRUE(verdict.accepted);
    EXPECT_TRUE(verdict.auth->clientId.isEmpty());
}

TEST_F(BearerAuthTest, ListsEveryCheckWhateverTheOutcome)
{
    const QStringList all =
        u"format algorithm key signature type binding expiry not_before issued_at issuer subject audience scopes"_s
            .split(u' ');
    const BearerAuth guard = auth(options());
    const QList<Verdict> verdicts{
        wait(guard.judge(signedToken(claims(), key))),
        wait(guard.judge(signedToken(claims(), newKey()))),
        wait(guard.judge(signedToken(with(claims(), u"iss"_s, u"https://evil.example"_s), key))),
        wait(guard.judge(Secret("opaque"))),
        wait(guard.judge(Secret())),
        wait(guard.authorize(anonymousRequest()))};
    for (const Verdict &verdict : verdicts) {
        QStringList names;
        for (const Check &check : verdict.checks) {
            names.append(check.name);
            EXPECT_FALSE(check.detail.isEmpty()) << check.name.toStdString();
        }
        EXPECT_EQ(names, all);
    }
}

TEST_F(BearerAuthTest, NamesTheKeysThatATokenBrings)
{
    const Jose::Key own = newKey().withKid(key.kid());
    const QJsonObject header{{u"alg"_s, u"ES256"_s},
                             {u"kid"_s, key.kid()},
                             {u"jwk"_s, own.publicJwk()},
                             {u"x5u"_s, u"https://evil.example/chain"_s}};
    const auto told = [&](const Jose::Key &signer) {
        const auto token = Jose::signJws(header, toJsonText(claims()), signer);
        EXPECT_TRUE(token) << token.error().message.toStdString();
        return wait(auth(options()).judge(Secret(token.value_or(QByteArray()))));
    };
    const Verdict forged = told(own);
    EXPECT_EQ(forged.cause.code, u"signature_mismatch"_s);
    const Verdict good = told(key);
    EXPECT_TRUE(good.accepted);
    for (const Verdict &verdict : {forged, good}) {
        const auto check = std::ranges::find(verdict.checks, u"header_keys"_s, &Check::name);
        ASSERT_NE(check, verdict.checks.end());
        EXPECT_EQ(check->outcome, CheckOutcome::Skipped);
        EXPECT_EQ(check->detail, u"The token brings keys of its own (jwk, x5u); they are never used."_s);
    }
}

TEST_F(BearerAuthTest, NamesASlashAtTheIssuersEnd)
{
    const Verdict verdict = wait(auth(options()).judge(signedToken(with(claims(), u"iss"_s, issuer + u'/'), key)));
    EXPECT_EQ(verdict.error, BearerError::InvalidIssuer);
    const QString sentence = u" It differs from \"https://login.example\" only by a slash at its end."_s;
    EXPECT_TRUE(verdict.cause.message.endsWith(sentence)) << verdict.cause.message.toStdString();
    const auto check = std::ranges::find(verdict.checks, u"issuer"_s, &Check::name);
    ASSERT_NE(check, verdict.checks.end());
    EXPECT_TRUE(check->detail.endsWith(sentence)) << check->detail.toStdString();
}

TEST_F(BearerAuthTest, ShowsEveryProblemAtOnce)
{
    BearerAuthOptions rules = options();
    rules.requiredScopes = {u"admin"_s};
    QJsonObject bad = with(claims(), u"exp"_s, clock.seconds() - 3600);
    bad = with(without(bad, u"sub"_s), u"aud"_s, u"https://other.example"_s);
    const Verdict verdict = wait(auth(rules).judge(signedToken(bad, newKey().withKid(key.kid()))));
    EXPECT_EQ(verdict.error, BearerError::InvalidToken);
    EXPECT_EQ(verdict.cause.code, u"signature_mismatch"_s);
    EXPECT_EQ(namesOf(verdict, CheckOutcome::Fail),
              (QStringList{u"signature"_s, u"expiry"_s, u"subject"_s, u"audience"_s, u"scopes"_s}));
    EXPECT_EQ(verdict.missingScopes, QStringList{u"admin"_s});
    EXPECT_EQ(verdict.claims, bad);
    EXPECT_TRUE(verdict.keyId.isEmpty());
}

TEST_F(BearerAuthTest, AskNoKeysForATokenOfAnUntrustedIssuer)
{
    const auto asked = std::make_shared<int>(0);
    const auto source = staticKeys({key});
    const BearerAuth guard({{.issuer = issuer, .keys = [asked, source] { return counted(asked, source); }}}, options());
    QJsonObject foreign = with(claims(), u"iss"_s, u"https://login.example/"_s);
    foreign = with(foreign, u"exp"_s, 1);
    const Verdict refused = wait(guard.judge(signedToken(foreign, key)));
    EXPECT_EQ(refused.error, BearerError::InvalidIssuer);
    EXPECT_EQ(outcomeOf(refused, u"expiry"_s), CheckOutcome::Fail);
    EXPECT_EQ(outcomeOf(refused, u"signature"_s), CheckOutcome::Skipped);
    EXPECT_EQ(*asked, 0);
    EXPECT_TRUE(wait(guard.judge(signedToken(claims(), key))).accepted);
    EXPECT_EQ(*asked, 1);
}

TEST_F(BearerAuthTest, AskNoKeysForAnAlgorithmThatIsNotAllowed) // RFC 8725 §3.1
{
    const auto asked = std::make_shared<int>(0);
    const auto source = staticKeys({key});
    BearerAuthOptions rules = options();
    rules.algorithms = {"RS256"};
    const BearerAuth guard({{.issuer = issuer, .keys = [asked, source] { return counted(asked, source); }}}, rules);
    const Verdict verdict = wait(guard.judge(signedToken(claims(), key)));
    EXPECT_EQ(verdict.error, BearerError::InvalidToken);
    EXPECT_EQ(verdict.cause.code, u"algorithm_not_allowed"_s);
    EXPECT_EQ(*asked, 0);
}

TEST_F(BearerAuthTest, RefusesUnsignedTokens) // RFC 8725 §2.1
{
    const auto part = [](const QJsonObject &object) { return encodeBase64Url(toJsonText(object)); };
    const BearerAuth guard = auth(options());
    for (const QString &alg : {u"none"_s, u"None"_s, u"NONE"_s, u"nOnE"_s, u""_s}) {
        const Secret token(part({{u"alg"_s, alg}}) + '.' + part(claims()) + '.');
        EXPECT_EQ(wait(guard.judge(token)).error, BearerError::InvalidToken) << alg.toStdString();
        EXPECT_EQ(wait(guard.judge(token)).cause.code, u"unsupported_algorithm"_s) << alg.toStdString();
    }
}

TEST_F(BearerAuthTest, TellsInFewWordsWhateverATokenSays)
{
    const QString endless(3000, u'x');
    const QList<Secret> tokens{signedToken(with(claims(), u"iss"_s, endless), key),
                               signedToken(with(claims(), u"sub"_s, endless), key),
                               signedToken(with(claims(), u"aud"_s, endless), key),
                               signedToken(claims(), key, {{u"kid"_s, endless}}),
                               signedToken(claims(), key, {{u"typ"_s, endless}}),
                               Secret(encodeBase64Url(toJsonText(QJsonObject{{u"alg"_s, endless}})) + '.' +
                                      encodeBase64Url(toJsonText(claims())) + '.')};
    const BearerAuth anyIssuer({trustedIssuer(QString(), staticKeys({key.withKid(endless)}))}, options());
    for (const Secret &token : tokens) {
        for (const Verdict &verdict : {wait(auth(options()).judge(token)), wait(anyIssuer.judge(token))}) {
            for (const Check &check : verdict.checks)
                EXPECT_LT(check.detail.size(), 500) << check.name.toStdString();
        }
    }
}

TEST_F(BearerAuthTest, KeysOfOneIssuerNeverVerifyTokensOfAnother)
{
    const QString other = u"https://other.example"_s;
    const Jose::Key otherKey = newKey();
    const BearerAuth guard({trustedIssuer(issuer, staticKeys({key})), trustedIssuer(other, staticKeys({otherKey}))},
                           options());
    EXPECT_EQ(guard.issuers(), (QStringList{issuer, other}));
    EXPECT_TRUE(wait(guard.judge(signedToken(claims(), key))).accepted);
    const QJsonObject otherClaims = goodClaims(other, clock);
    EXPECT_TRUE(wait(guard.judge(signedToken(otherClaims, otherKey))).accepted);
    const Verdict crossed = wait(guard.judge(signedToken(otherClaims, key)));
    EXPECT_EQ(crossed.error, BearerError::InvalidToken);
    EXPECT_EQ(crossed.cause.code, u"no_matching_key"_s);
    // Not even under the other's kid.
    EXPECT_FALSE(wait(guard.judge(signedToken(otherClaims, key.withKid(otherKey.kid())))).accepted);
}

TEST_F(BearerAuthTest, KeysWithoutANameAreTriedInTurn)
{
    const Jose::Key first = newKey().withKid(QString());
    const Jose::Key second = key.withKid(QString());
    const BearerAuth guard({trustedIssuer(issuer, staticKeys({first, second}))}, options());
    const Verdict verdict = wait(guard.judge(signedToken(claims(), second)));
    ASSERT_TRUE(verdict.accepted) << verdict.cause.message.toStdString();
    EXPECT_EQ(verdict.keyId.toLatin1(), second.thumbprint());
    EXPECT_FALSE(wait(guard.judge(signedToken(claims(), newKey().withKid(QString())))).accepted);
}

TEST_F(BearerAuthTest, WithNoIssuerTrustedEveryTokenIsRefused)
{
    const BearerAuth guard(QList<TrustedIssuer>(), options());
    EXPECT_EQ(wait(guard.judge(signedToken(claims(), key))).error, BearerError::InvalidIssuer);
}

TEST_F(BearerAuthTest, AnEmptyIssuerNameTakesAnyIssuerButNotNone)
{
    const BearerAuth guard({trustedIssuer(QString(), staticKeys({key}))}, options());
    EXPECT_TRUE(wait(guard.judge(signedToken(claims(), key))).accepted);
    EXPECT_TRUE(wait(guard.judge(signedToken(with(claims(), u"iss"_s, u"me"_s), key))).accepted);
    EXPECT_EQ(wait(guard.judge(signedToken(without(claims(), u"iss"_s), key))).error, BearerError::InvalidToken);
}

TEST_F(BearerAuthTest, HmacIsForSecretsGivenByHandOnly)
{
    const Jose::Key secret = newKey("HS256");
    const Secret token = signedToken(claims(), secret);
    const BearerAuth byHand({trustedIssuer(issuer, staticKeys({secret}))}, options());
    EXPECT_TRUE(wait(byHand.judge(token)).accepted);

    const auto source = staticKeys({secret});
    const BearerAuth fetched(
        {{.issuer = issuer, .keys = [source] { return counted(std::make_shared<int>(0), source); }}}, options());
    EXPECT_EQ(wait(fetched.judge(token)).cause.code, u"algorithm_not_allowed"_s);
}

TEST_F(BearerAuthTest, LeewayIsForBothEndsOfATokensLife)
{
    BearerAuthOptions rules = options();
    rules.leeway = std::chrono::seconds{10};
    const BearerAuth guard = auth(rules);
    EXPECT_TRUE(wait(guard.judge(signedToken(with(claims(), u"exp"_s, clock.seconds() - 9), key))).accepted);
    EXPECT_FALSE(wait(guard.judge(signedToken(with(claims(), u"exp"_s, clock.seconds() - 11), key))).accepted);
    EXPECT_TRUE(wait(guard.judge(signedToken(with(claims(), u"nbf"_s, clock.seconds() + 10), key))).accepted);
    EXPECT_FALSE(wait(guard.judge(signedToken(with(claims(), u"nbf"_s, clock.seconds() + 11), key))).accepted);
}

TEST_F(BearerAuthTest, MayAskForRfc9068Whole)
{
    BearerAuthOptions rules = options();
    rules.kinds = Jose::TokenKinds::AccessToken;
    const BearerAuth guard = auth(rules);
    const QJsonObject whole = with(with(claims(), u"jti"_s, u"1"_s), u"client_id"_s, u"app"_s);
    EXPECT_TRUE(wait(guard.judge(signedToken(whole, key, {{u"typ"_s, u"at+jwt"_s}}))).accepted);
    const Verdict verdict = wait(guard.judge(signedToken(claims(), key, {{u"typ"_s, u"logout+jwt"_s}})));
    EXPECT_EQ(verdict.error, BearerError::InvalidToken);
    EXPECT_EQ(verdict.cause.code, u"type_check_failed"_s);
}

TEST_F(BearerAuthTest, AnyOfSeveralAudiencesWillDo)
{
    BearerAuthOptions rules = options();
    rules.audience = QStringList{u"https://a.example"_s, resource};
    const QJsonObject several = with(claims(), u"aud"_s, QJsonArray{u"https://b.example"_s, resource});
    EXPECT_TRUE(wait(auth(rules).judge(signedToken(several, key))).accepted);
    rules.audience = QStringList();
    const Verdict unchecked = wait(auth(rules).judge(signedToken(without(claims(), u"aud"_s), key)));
    EXPECT_TRUE(unchecked.accepted);
    EXPECT_EQ(outcomeOf(unchecked, u"audience"_s), CheckOutcome::Skipped);
}

TEST_F(BearerAuthTest, ItsAudienceIsTheResourceWhereNothingElseIsSaid) // MCP basic/authorization, Token Handling
{
    BearerAuthOptions rules = options();
    rules.audience.reset();
    EXPECT_TRUE(wait(auth(rules).judge(signedToken(claims(), key))).accepted);
    const QJsonObject forAnother = with(claims(), u"aud"_s, u"https://other.example/mcp"_s);
    EXPECT_EQ(wait(auth(rules).judge(signedToken(forAnother, key))).error, BearerError::InvalidAudience);
    EXPECT_EQ(wait(auth(rules).judge(signedToken(without(claims(), u"aud"_s), key))).error,
              BearerError::InvalidAudience);
}

TEST_F(BearerAuthTest, WithoutResourceAndAudienceTheServerIsAtFault)
{
    BearerAuthOptions rules = options();
    rules.audience.reset();
    rules.resource.clear();
    const Verdict verdict = wait(auth(rules).judge(signedToken(claims(), key)));
    EXPECT_EQ(verdict.error, BearerError::ServerError);
    EXPECT_EQ(verdict.cause.code, u"invalid_server_config"_s);
}

TEST_F(BearerAuthTest, AWiderScopeGrantsWhatItIncludes) // MCP 2026-07-28, Step-Up Authorization Flow
{
    BearerAuthOptions rules = options();
    rules.requiredScopes = {u"read"_s};
    rules.impliedScopes = {{u"admin"_s, {u"write"_s}}, {u"write"_s, {u"read"_s, u"admin"_s}}};
    const BearerAuth guard = auth(rules);
    const auto granted = [&](const QString &scope) {
        return wait(guard.judge(signedToken(with(claims(), u"scope"_s, scope), key)));
    };
    const Verdict accepted = granted(u"admin"_s);
    EXPECT_TRUE(accepted.accepted);
    EXPECT_EQ(accepted.grantedScopes, QStringList{u"admin"_s}); // as the token says
    EXPECT_TRUE(guard.requireScopes(accepted, {u"write"_s}).accepted);
    EXPECT_EQ(guard.requireScopes(accepted, {u"delete"_s}).missingScopes, QStringList{u"delete"_s});
    EXPECT_EQ(granted(u"reader"_s).missingScopes, QStringList{u"read"_s});
}

TEST_F(BearerAuthTest, NamesEncryptedAndOpaqueTokensForWhatTheyAre)
{
    const BearerAuth guard = auth(options());
    EXPECT_EQ(wait(guard.judge(Secret("opaque"))).cause.code, u"opaque_token"_s);
    EXPECT_EQ(wait(guard.judge(Secret("eyJhbGciOiJkaXIifQ.a.b.c.d"))).cause.code, u"encrypted_token"_s);
    EXPECT_EQ(wait(guard.judge(Secret(QByteArray(Jose::maxTokenBytes + 1, 'a')))).cause.code, u"token_too_large"_s);
    EXPECT_EQ(wait(guard.judge(Secret())).error, BearerError::MissingBearerToken);
}

TEST_F(BearerAuthTest, ShowsTheHeaderOfATokenWhoseClaimsCannotBeRead)
{
    const Secret token(Jose::signJws({}, "no claims", key).value());
    const Verdict verdict = wait(auth(options()).judge(token));
    EXPECT_EQ(verdict.error, BearerError::InvalidToken);
    EXPECT_EQ(verdict.header["alg"_L1].toString(), u"ES256"_s);
    EXPECT_EQ(namesOf(verdict, CheckOutcome::Fail), QStringList{u"format"_s});
}

// Scopes

TEST_F(BearerAuthTest,
       EveryScopeOfTheOperationIsRequiredAndNamedInOneChallenge) // MCP 2026-07-28, Scope Challenge Handling
{
    BearerAuthOptions rules = options();
    rules.requiredScopes = {u"read"_s, u"mcp"_s};
    const BearerAuth guard = auth(rules);
    const Verdict verdict = wait(guard.judge(signedToken(claims(), key), {u"create:todos"_s, u"read"_s}));
    EXPECT_EQ(verdict.status, 403);
    EXPECT_EQ(verdict.grantedScopes, (QStringList{u"read"_s, u"write"_s}));
    EXPECT_EQ(verdict.requiredScopes, (QStringList{u"read"_s, u"mcp"_s, u"create:todos"_s}));
    EXPECT_EQ(verdict.missingScopes, (QStringList{u"mcp"_s, u"create:todos"_s}));
    const auto challenge = Http::parseChallenges(verdict.challenge).value().first();
    EXPECT_EQ(challenge.parameter("error"), QByteArray("insufficient_scope"));
    EXPECT_EQ(challenge.parameter("scope"), QByteArray("read mcp create:todos"));
}

TEST_F(BearerAuthTest, AToolMayAskForMoreOfAnAcceptedCaller)
{
    BearerAuthOptions rules = options();
    rules.requiredScopes = {u"read"_s};
    const BearerAuth guard = auth(rules);
    const Verdict accepted = wait(guard.judge(signedToken(claims(), key)));
    ASSERT_TRUE(accepted.accepted);

    const Verdict again = guard.requireScopes(accepted, {u"write"_s});
    EXPECT_TRUE(again.accepted);
    EXPECT_TRUE(again.auth);
    EXPECT_EQ(outcomeOf(again, u"scopes"_s), CheckOutcome::Pass);

    const Verdict stepUp = guard.requireScopes(accepted, {u"delete:todos"_s});
    EXPECT_FALSE(stepUp.accepted);
    EXPECT_FALSE(stepUp.auth);
    EXPECT_EQ(stepUp.status, 403);
    EXPECT_EQ(stepUp.missingScopes, QStringList{u"delete:todos"_s});
    EXPECT_EQ(stepUp.checks.size(), accepted.checks.size());
    EXPECT_EQ(outcomeOf(stepUp, u"scopes"_s), CheckOutcome::Fail);
    const auto challenge = Http::parseChallenges(stepUp.challenge).value().first();
    EXPECT_EQ(challenge.parameter("scope"), QByteArray("read delete:todos"));
    EXPECT_EQ(challenge.parameter("resource_metadata"),
              QByteArray("https://mcp.example/.well-known/oauth-protected-resource/mcp"));

    EXPECT_EQ(toJson(guard.requireScopes(stepUp, {u"read"_s})), toJson(stepUp));
}

// What a token says must not reach the response's header fields.

TEST_F(BearerAuthTest, NothingOfATokenReachesAHeaderField)
{
    const QString hostile = u"x\", error=\"none\"\r\nSet-Cookie: a=b\r\n\r\n, Basic realm=\"\\"_s;
    BearerAuthOptions rules = options();
    rules.requiredScopes = {u"admin"_s};
    rules.showErrorDetails = true;
    const BearerAuth guard = auth(rules);
    for (const QString &claim : {u"iss"_s, u"aud"_s, u"scope"_s, u"exp"_s, u"sub"_s}) {
        const Verdict verdict = wait(guard.judge(signedToken(with(claims(), claim, hostile), key)));
        ASSERT_FALSE(verdict.accepted) << claim.toStdString();
        const Http::Response response = toResponse(verdict);
        ASSERT_EQ(response.headers.size(), 3) << claim.toStdString();
        EXPECT_FALSE(verdict.challenge.contains("Set-Cookie")) << claim.toStdString();
        EXPECT_EQ(Http::parseChallenges(verdict.challenge).value().size(), 1);
        EXPECT_TRUE(parseJsonObject(response.body)); // the body quotes it as JSON does
    }
    const Verdict kid = wait(guard.judge(signedToken(claims(), key, {{u"kid"_s, hostile}})));
    EXPECT_FALSE(kid.challenge.contains("Set-Cookie"));
}

TEST_F(BearerAuthTest, AScopeOfTheConfigurationCannotBreakOutOfItsString)
{
    BearerAuthOptions rules = options();
    rules.requiredScopes = {u"a\", error=\"b\r\nX-Injected: 1"_s};
    const Verdict verdict = wait(auth(rules).judge(signedToken(claims(), key)));
    EXPECT_FALSE(verdict.challenge.contains('\r'));
    EXPECT_FALSE(verdict.challenge.contains('\n'));
    const auto challenges = Http::parseChallenges(verdict.challenge).value();
    ASSERT_EQ(challenges.size(), 1);
    EXPECT_EQ(challenges.first().parameter("error"), QByteArray("insufficient_scope"));
    EXPECT_TRUE(challenges.first().parameter("x-injected").isNull());
}

TEST_F(BearerAuthTest, WithoutAResourceAndScopesTheChallengeIsBare)
{
    const BearerAuth guard = auth({.clock = clock.clock()});
    EXPECT_EQ(wait(guard.authorize(anonymousRequest())).challenge, QByteArray("Bearer"));
}

// A verifier of the server's own

TEST_F(BearerAuthTest, AVerifiersClaimsAreCheckedAllTheSame)
{
    BearerAuthOptions rules = options();
    rules.requiredScopes = {u"read"_s};
    const auto verdictFor = [&](const QJsonObject &found) {
        const BearerAuth guard([found](const Secret &) { return claimsTask(found); }, {issuer}, rules);
        return wait(guard.judge(Secret("opaque")));
    };
    const Verdict accepted = verdictFor(claims());
    ASSERT_TRUE(accepted.accepted) << accepted.cause.message.toStdString();
    EXPECT_EQ(accepted.auth->subject, u"alice"_s);
    EXPECT_EQ(accepted.auth->token, Secret("opaque"));
    EXPECT_EQ(outcomeOf(accepted, u"format"_s), CheckOutcome::Skipped);
    EXPECT_EQ(verdictFor(with(claims(), u"iss"_s, u"https://evil.example"_s)).error, BearerError::InvalidIssuer);
    EXPECT_EQ(verdictFor(with(claims(), u"aud"_s, u"https://evil.example"_s)).error, BearerError::InvalidAudience);
    EXPECT_EQ(verdictFor(with(claims(), u"scope"_s, u"write"_s)).error, BearerError::MissingRequiredScopes);
    EXPECT_EQ(verdictFor(with(claims(), u"exp"_s, clock.seconds() - 61)).error, BearerError::InvalidToken);
    EXPECT_EQ(verdictFor(without(claims(), u"sub"_s)).error, BearerError::InvalidToken);
    EXPECT_EQ(verdictFor({}).error, BearerError::InvalidToken);
}

TEST_F(BearerAuthTest, AVerifierThatThrowsOrIsMissingIsAFault)
{
    const BearerAuth thrower([](const Secret &) { return throwing(); }, {issuer}, options());
    const Verdict thrown = wait(thrower.judge(Secret("opaque")));
    EXPECT_EQ(thrown.error, BearerError::ServerError);
    EXPECT_EQ(thrown.cause.code, u"verifier_failed"_s);
    const BearerAuth missing(TokenVerifier(), {issuer}, options());
    EXPECT_EQ(wait(missing.judge(Secret("opaque"))).error, BearerError::ServerError);
}

TEST_F(BearerAuthTest, OfAVerifiersClaimsRfc9068IsAskedForToo)
{
    BearerAuthOptions rules = options();
    rules.kinds = Jose::TokenKinds::AccessToken;
    const QJsonObject whole = with(with(claims(), u"jti"_s, u"1"_s), u"client_id"_s, u"app"_s);
    const auto errorFor = [&](const QJsonObject &found) {
        const BearerAuth guard([found](const Secret &) { return claimsTask(found); }, {issuer}, rules);
        return wait(guard.judge(Secret("opaque"))).error;
    };
    EXPECT_EQ(errorFor(whole), BearerError::None) << "typ is in a header that only the verifier has seen";
    EXPECT_EQ(errorFor(without(whole, u"jti"_s)), BearerError::InvalidToken);
    EXPECT_EQ(errorFor(without(whole, u"exp"_s)), BearerError::InvalidToken);
}

TEST_F(BearerAuthTest, AVerifierIsAskedEachTimeForItMayKnowOfRevocation)
{
    const auto asked = std::make_shared<int>(0);
    const BearerAuth guard(
        [asked, found = claims()](const Secret &) {
            ++*asked;
            return claimsTask(found);
        },
        {issuer}, options());
    EXPECT_TRUE(wait(guard.judge(Secret("opaque"))).accepted);
    EXPECT_TRUE(wait(guard.judge(Secret("opaque"))).accepted);
    EXPECT_EQ(*asked, 2);
    EXPECT_EQ(guard.cachedTokens(), 0);
}

TEST_F(BearerAuthTest, AVerifierIsNotBotheredWithEndlessTokens)
{
    const auto asked = std::make_shared<int>(0);
    const BearerAuth guard(
        [asked, found = claims()](const Secret &) {
            ++*asked;
            return claimsTask(found);
        },
        {issuer}, options());
    EXPECT_EQ(wait(guard.judge(Secret(QByteArray(Jose::maxTokenBytes + 1, 'a')))).cause.code, u"token_too_large"_s);
    EXPECT_EQ(*asked, 0);
}

// Keys that cannot be had

TEST_F(BearerAuthTest, AnExpiredTokenIsRefusedThoughItsKeysCannotBeHad)
{
    const auto asked = std::make_shared<int>(0);
    const BearerAuth guard({{.issuer = issuer, .keys = [asked] { return unreachable(asked); }}}, options());
    const Secret expired = signedToken(with(claims(), u"exp"_s, clock.seconds() - 61), key);
    EXPECT_EQ(wait(guard.authorize(requestWith(expired))).cause.code, u"expiry_check_failed"_s);
    EXPECT_EQ(*asked, 0) << "no request waits for keys that cannot help it";
    const Verdict judged = wait(guard.judge(expired));
    EXPECT_EQ(judged.error, BearerError::InvalidToken);
    EXPECT_EQ(judged.cause.code, u"expiry_check_failed"_s);
    EXPECT_EQ(outcomeOf(judged, u"key"_s), CheckOutcome::Fail) << "whoever looks at a token sees every check";
    EXPECT_EQ(*asked, 1);
    EXPECT_EQ(wait(guard.authorize(requestWith(signedToken(claims(), key)))).error, BearerError::ServerError);
}

TEST_F(BearerAuthTest, NewerKeysAreLookedForWhereAnyKeyMismatched)
{
    const Jose::Key unfit = Jose::generateKey(*Jose::findAlgorithm("ES384")).value();
    for (const QList<Jose::Key> &keys : {QList{newKey(), unfit}, QList{unfit, newKey()}}) {
        const auto source = std::make_shared<ObtrusiveKeys>(keys);
        const BearerAuth guard({trustedIssuer(issuer, source)}, options());
        EXPECT_EQ(wait(guard.judge(signedToken(claims(), key))).error, BearerError::InvalidToken);
        EXPECT_EQ(source->refreshes, 1);
    }
    const auto source = std::make_shared<ObtrusiveKeys>(QList{unfit});
    const BearerAuth guard({trustedIssuer(issuer, source)}, options());
    EXPECT_EQ(wait(guard.judge(signedToken(claims(), key))).cause.code, u"algorithm_key_mismatch"_s);
    EXPECT_EQ(source->refreshes, 0);
}

TEST_F(BearerAuthTest, KeysAtHandAreTriedOnAnExpiredTokenToo)
{
    const Secret expired = signedToken(with(claims(), u"exp"_s, clock.seconds() - 61), key);
    const Verdict verdict = wait(auth(options()).authorize(requestWith(expired)));
    EXPECT_EQ(verdict.cause.code, u"expiry_check_failed"_s);
    EXPECT_EQ(outcomeOf(verdict, u"signature"_s), CheckOutcome::Pass);
}

// Lifetime

TEST_F(BearerAuthTest, MayBeDestroyedWhileAVerdictWaitsForKeys)
{
    QPromise<SourceResult> promise;
    promise.start();
    const QFuture<SourceResult> future = promise.future();
    auto guard = std::make_unique<BearerAuth>(
        QList<TrustedIssuer>{{.issuer = issuer, .keys = [future] { return later(future); }}}, options());
    auto task = guard->judge(signedToken(claims(), key));
    EXPECT_FALSE(task.isReady());
    guard.reset();
    promise.addResult(staticKeys({key}));
    promise.finish();
    EXPECT_TRUE(wait(std::move(task)).accepted);
}

TEST_F(BearerAuthTest, MayBeMoved)
{
    BearerAuth first = auth(options());
    const BearerAuth second = std::move(first);
    EXPECT_EQ(second.options().resource, resource);
    EXPECT_TRUE(wait(second.judge(signedToken(claims(), key))).accepted);
}

// The JSON of `verify`

TEST_F(BearerAuthTest, AVerdictAsJson)
{
    const BearerAuth guard = auth(options());
    const QJsonObject accepted = toJson(wait(guard.judge(signedToken(claims(), key))));
    EXPECT_EQ(accepted["accepted"_L1].toBool(), true);
    EXPECT_EQ(accepted["status"_L1].toInt(), 200);
    EXPECT_TRUE(accepted["error"_L1].isNull());
    EXPECT_TRUE(accepted["challenge"_L1].isNull());
    EXPECT_EQ(accepted["checks"_L1].toArray().size(), 13);
    EXPECT_EQ(accepted["scopes"_L1]["granted"_L1].toArray(), (QJsonArray{u"read"_s, u"write"_s}));
    EXPECT_EQ(accepted["claims"_L1].toObject(), claims());
    const QJsonObject refused = toJson(wait(guard.judge(signedToken(claims(), newKey()))));
    EXPECT_EQ(refused["accepted"_L1].toBool(), false);
    EXPECT_EQ(refused["error"_L1].toString(), u"invalid_token"_s);
    EXPECT_FALSE(refused["error_description"_L1].toString().isEmpty());
    EXPECT_TRUE(refused["challenge"_L1].toString().startsWith(u"Bearer error=\"invalid_token\""_s));
}
