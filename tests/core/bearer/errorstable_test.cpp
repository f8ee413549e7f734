// Every row of the table of errors, with real tokens, as it goes over the wire.
#include "bearer/bearerauth.h"
#include "bearer/mcpauth.h"
#include "http/challenge.h"
#include "provider.h"
#include "support/result.h"

using namespace McpAuth;
using namespace McpAuth::Bearer;
using namespace McpAuth::Test;
using namespace Qt::StringLiterals;

namespace {

const QString resource = u"https://mcp.example/mcp"_s;
const QByteArray metadataUrl = "https://mcp.example/.well-known/oauth-protected-resource/mcp";

ProtectedResource protectedResource(const QString &name, const QList<AuthServer> &servers)
{
    ProtectedResource described;
    described.metadata.resource = name;
    described.authServers = servers;
    return described;
}

QCoro::Task<Result<QJsonObject>> refuseWith(QString code)
{
    co_return fail(code, u"The introspection endpoint said no."_s);
}

class ErrorsTable : public testing::TestWithParam<bool>
{
protected:
    [[nodiscard]] BearerAuthOptions options() const
    {
        return {.requiredScopes = {u"read"_s, u"write"_s},
                .audience = QStringList{resource},
                .resource = resource,
                .showErrorDetails = GetParam(),
                .clock = clock.clock()};
    }

    [[nodiscard]] QJsonObject claims() const { return goodClaims(issuer, clock); }

    Verdict judge(const Secret &token) const
    {
        const BearerAuth auth({trustedIssuer(issuer, keys)}, options());
        return wait(auth.authorize(requestWith(token)));
    }

    Verdict judge(const Http::Request &request) const
    {
        const BearerAuth auth({trustedIssuer(issuer, keys)}, options());
        return wait(auth.authorize(request));
    }

    Verdict judgeWithProvider(const Secret &token)
    {
        auto mcpAuth =
            Bearer::McpAuth::forResources(&client, {protectedResource(resource, {{.issuer = provider.issuer()}})});
        const auto auth = mcpAuth.value()->bearerAuth(options());
        return wait(auth.value()->authorize(requestWith(token)));
    }

    void expectRefusal(const Verdict &verdict, BearerError error, const QString &causeCode) const
    {
        const BearerErrorInfo &row = info(error);
        EXPECT_FALSE(verdict.accepted);
        EXPECT_FALSE(verdict.auth);
        EXPECT_EQ(verdict.error, error) << verdict.cause.message.toStdString();
        EXPECT_EQ(verdict.cause.code, causeCode);

        const Http::Response response = toResponse(verdict);
        EXPECT_EQ(response.status, row.status);
        EXPECT_EQ(response.headers.value("Cache-Control").toByteArray(), QByteArray("no-store"));
        EXPECT_TRUE(response.headers.value("Content-Type").startsWith("application/json"));
        const QJsonObject body = parseJsonObject(response.body).value();
        EXPECT_EQ(body["error"_L1].toString(), row.code);
        EXPECT_EQ(body["error_description"_L1].toString(), row.description);
        EXPECT_EQ(body.contains("missing_scopes"_L1), error == BearerError::MissingRequiredScopes);
        EXPECT_EQ(body.contains("cause"_L1), GetParam());
        if (GetParam()) {
            EXPECT_EQ(body["cause"_L1]["code"_L1].toString(), causeCode);
        }
    }

    static void expectChallenge(const Http::Response &response, const BearerErrorInfo &row)
    {
        const QByteArray value = response.headers.value("WWW-Authenticate").toByteArray();
        if (row.status == 500) {
            EXPECT_TRUE(value.isEmpty());
            return;
        }
        const auto challenges = Http::parseChallenges(value);
        ASSERT_TRUE(challenges) << value.constData();
        ASSERT_EQ(challenges->size(), 1);
        const Http::Challenge &challenge = challenges->first();
        EXPECT_TRUE(challenge.isBearer());
        EXPECT_EQ(challenge.parameter("error"), row.registered);
        EXPECT_EQ(challenge.parameter("error_description").isEmpty(), row.registered.isEmpty());
        EXPECT_EQ(challenge.parameter("scope"), QByteArray("read write"));
        EXPECT_EQ(challenge.parameter("resource_metadata"), metadataUrl);
        EXPECT_TRUE(challenge.parameter("realm").isNull());
    }

    ManualClock clock;
    Provider provider;
    Http::Client client;
    QString issuer = u"https://login.example"_s;
    Jose::Key key = newKey();
    std::shared_ptr<Jose::KeySource> keys = std::make_shared<Jose::StaticKeys>(QList{key});
};

} // namespace

TEST_P(ErrorsTable, MissingAuthHeader)
{
    expectRefusal(judge(anonymousRequest()), BearerError::MissingAuthHeader, u"missing_auth_header"_s);
}

TEST_P(ErrorsTable, InvalidAuthHeaderFormat)
{
    expectRefusal(judge(requestWithHeader("Basic YWxpY2U6c2VjcmV0")), BearerError::InvalidAuthHeaderFormat,
                  u"unsupported_scheme"_s);
    const Http::Response toBasic = toResponse(judge(requestWithHeader("Basic YWxpY2U6c2VjcmV0")));
    EXPECT_FALSE(toBasic.headers.value("WWW-Authenticate").contains("error")); // RFC 6750 §3.1
    expectRefusal(judge(requestWithHeader("Bearer a b")), BearerError::InvalidAuthHeaderFormat,
                  u"invalid_auth_header_format"_s);
}

TEST_P(ErrorsTable, MissingBearerToken)
{
    expectRefusal(judge(requestWithHeader("Bearer")), BearerError::MissingBearerToken, u"missing_bearer_token"_s);
}

TEST_P(ErrorsTable, InvalidIssuer)
{
    const Secret token = signedToken(with(claims(), u"iss"_s, u"https://login.example/"_s), key);
    expectRefusal(judge(token), BearerError::InvalidIssuer, u"untrusted_issuer"_s);
}

TEST_P(ErrorsTable, InvalidAudience)
{
    const Secret token = signedToken(with(claims(), u"aud"_s, u"https://mcp.example/mcp/"_s), key);
    expectRefusal(judge(token), BearerError::InvalidAudience, u"audience_mismatch"_s);
}

TEST_P(ErrorsTable, MissingRequiredScopesListsThem)
{
    const Verdict verdict = judge(signedToken(with(claims(), u"scope"_s, u"write other"_s), key));
    expectRefusal(verdict, BearerError::MissingRequiredScopes, u"missing_scopes"_s);
    EXPECT_EQ(errorBody(verdict)["missing_scopes"_L1].toArray(), QJsonArray{u"read"_s});
}

TEST_P(ErrorsTable, InvalidTokenWhenItHasExpired)
{
    const Secret token = signedToken(with(claims(), u"exp"_s, clock.seconds() - 61), key);
    expectRefusal(judge(token), BearerError::InvalidToken, u"expiry_check_failed"_s);
}

TEST_P(ErrorsTable, InvalidTokenWhenItIsNotYetValid)
{
    const Secret token = signedToken(with(claims(), u"nbf"_s, clock.seconds() + 61), key);
    expectRefusal(judge(token), BearerError::InvalidToken, u"not_before_check_failed"_s);
}

TEST_P(ErrorsTable, InvalidTokenWhenTheSignatureIsWrong)
{
    const Secret token = signedToken(claims(), newKey().withKid(key.kid()));
    expectRefusal(judge(token), BearerError::InvalidToken, u"signature_mismatch"_s);
}

TEST_P(ErrorsTable, InvalidTokenWhenNoKeyHasItsKid)
{
    expectRefusal(judge(signedToken(claims(), newKey())), BearerError::InvalidToken, u"no_matching_key"_s);
}

TEST_P(ErrorsTable, InvalidTokenWithoutAnIssuer)
{
    expectRefusal(judge(signedToken(without(claims(), u"iss"_s), key)), BearerError::InvalidToken, u"missing_issuer"_s);
}

TEST_P(ErrorsTable, InvalidTokenWithoutASubject)
{
    expectRefusal(judge(signedToken(without(claims(), u"sub"_s), key)), BearerError::InvalidToken,
                  u"missing_subject"_s);
}

TEST_P(ErrorsTable, InvalidTokenWhenItIsNoJwt)
{
    expectRefusal(judge(Secret("opaque-token-of-some-provider")), BearerError::InvalidToken, u"opaque_token"_s);
}

TEST_P(ErrorsTable, TokenVerificationFailedWhenTheVerifierSaysSo)
{
    const QString code = u"token_verification_failed"_s;
    const BearerAuth auth([code](const Secret &) { return refuseWith(code); }, {issuer}, options());
    expectRefusal(wait(auth.judge(Secret("abc"))), BearerError::TokenVerificationFailed, code);
}

TEST_P(ErrorsTable, ServerErrorWhenTheVerifierCouldNotDoItsWork)
{
    for (const QString &code : {u"server_error"_s, u"timeout"_s, u"connection_refused"_s, u"jwks_unreachable"_s,
                                u"redirect_refused"_s, u"issuer_mismatch"_s, u"html_page"_s, u"introspection_down"_s}) {
        const BearerAuth auth([code](const Secret &) { return refuseWith(code); }, {issuer}, options());
        expectRefusal(wait(auth.judge(Secret("abc"))), BearerError::ServerError, code);
    }
}

TEST_P(ErrorsTable, InvalidTokenWhenTheVerifierSaysSo)
{
    for (const QString &code : {u"invalid_token"_s, u"signature_mismatch"_s, u"invalid_jws"_s}) {
        const BearerAuth auth([code](const Secret &) { return refuseWith(code); }, {issuer}, options());
        expectRefusal(wait(auth.judge(Secret("abc"))), BearerError::InvalidToken, code);
    }
}

TEST_P(ErrorsTable, ServerErrorWhenTheMetadataCannotBeFetched)
{
    provider.metadataStatus = 404;
    expectRefusal(judgeWithProvider(signedToken(goodClaims(provider.issuer(), clock), provider.key)),
                  BearerError::ServerError, u"fetch_server_config_error"_s);
}

TEST_P(ErrorsTable, ServerErrorWhenTheMetadataAreInvalid)
{
    provider.metadata = "{}";
    expectRefusal(judgeWithProvider(signedToken(goodClaims(provider.issuer(), clock), provider.key)),
                  BearerError::ServerError, u"invalid_server_metadata"_s);
}

TEST_P(ErrorsTable, ServerErrorWhenThereIsNoJwksUri)
{
    provider.metadata.replace("\"jwks_uri\"", "\"other_uri\"");
    expectRefusal(judgeWithProvider(signedToken(goodClaims(provider.issuer(), clock), provider.key)),
                  BearerError::ServerError, u"missing_jwks_uri"_s);
}

TEST_P(ErrorsTable, ServerErrorWhenTheKeysAreUnreachable)
{
    provider.keysStatus = 503;
    expectRefusal(judgeWithProvider(signedToken(goodClaims(provider.issuer(), clock), provider.key)),
                  BearerError::ServerError, u"jwks_unreachable"_s);
}

TEST_P(ErrorsTable, ServerErrorWhenThereIsNoWayToKeys)
{
    const BearerAuth auth(QList<TrustedIssuer>{{.issuer = issuer, .keys = {}}}, options());
    expectRefusal(wait(auth.judge(signedToken(claims(), key))), BearerError::ServerError, u"invalid_server_config"_s);
}

INSTANTIATE_TEST_SUITE_P(Details, ErrorsTable, testing::Bool(),
                         [](const auto &parameter) { return parameter.param ? "Shown" : "Hidden"; });
