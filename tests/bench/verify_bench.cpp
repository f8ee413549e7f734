// The signature check alone, by OpenSSL, beside all that one token costs here: parsing, key, signature and claims.
#include "base/json.h"
#include "jose/keyset.h"
#include "jose/sign.h"
#include "jose/verify.h"

#include <benchmark/benchmark.h>
#include <cjose/cjose.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace McpAuth::Jose {
namespace {

struct Case
{
    Key key; ///< public, with a kid
    QByteArray token;
};

constexpr qint64 issuedAt = 1'767'225'600;

QJsonObject claims()
{
    return {{QStringLiteral("iss"), QStringLiteral("https://login.example/realms/mcp")},
            {QStringLiteral("sub"), QStringLiteral("alice")},
            {QStringLiteral("aud"), QStringLiteral("https://mcp.example/mcp")},
            {QStringLiteral("client_id"), QStringLiteral("inspector")},
            {QStringLiteral("scope"), QStringLiteral("read:todos create:todos")},
            {QStringLiteral("jti"), QStringLiteral("9a1f0c3e5d7b4826")},
            {QStringLiteral("iat"), issuedAt},
            {QStringLiteral("exp"), issuedAt + 600}};
}

Case caseFor(const QByteArray &algorithm)
{
    static std::map<QByteArray, Case> cases;
    auto found = cases.find(algorithm);
    if (found == cases.end()) {
        const Key key = generateKey(*findAlgorithm(algorithm)).value();
        found = cases.emplace(algorithm, Case{keyFromJwk(key.publicJwk()).value(), signJwt({}, claims(), key).value()})
                    .first;
    }
    return found->second;
}

void wholeVerification(benchmark::State &state, const QByteArray &algorithm)
{
    const Case subject = caseFor(algorithm);
    const QList<Key> keys{subject.key};
    const ClaimRules rules{.issuers = {QStringLiteral("https://login.example/realms/mcp")},
                           .audiences = {QStringLiteral("https://mcp.example/mcp")}};
    const TimePoint now{std::chrono::seconds(issuedAt + 60)};
    for (auto _ : state) {
        const auto jws = parseJws(subject.token);
        const auto candidates = candidateKeys(keys, *jws);
        const auto signature = verifySignature(*jws, candidates->first(), asymmetricAlgorithmNames());
        const auto payload = parseClaims(*jws);
        auto checks = checkClaims(jws->header, *payload, rules, now);
        if (!signature || std::ranges::any_of(checks, [](const Check &c) { return c.outcome == CheckOutcome::Fail; }))
            state.SkipWithError("the token was refused");
        benchmark::DoNotOptimize(checks);
    }
}

void signatureOnly(benchmark::State &state, const QByteArray &algorithm)
{
    const Case subject = caseFor(algorithm);
    const QByteArray pem = subject.key.publicPem();
    BIO *bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    const Jws jws = parseJws(subject.token).value();
    QByteArray signature = jws.signature;
    if (algorithm.startsWith("ES")) {
        const auto half = static_cast<int>(signature.size() / 2);
        const auto *bytes = reinterpret_cast<const unsigned char *>(signature.constData());
        ECDSA_SIG *pair = ECDSA_SIG_new();
        ECDSA_SIG_set0(pair, BN_bin2bn(bytes, half, nullptr), BN_bin2bn(bytes + half, half, nullptr));
        unsigned char *der = nullptr;
        const int size = i2d_ECDSA_SIG(pair, &der);
        signature = QByteArray(reinterpret_cast<char *>(der), size);
        OPENSSL_free(der);
        ECDSA_SIG_free(pair);
    }
    const EVP_MD *digest = EVP_sha256();
    for (auto _ : state) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_DigestVerifyInit(context, nullptr, digest, nullptr, key);
        const int right = EVP_DigestVerify(context, reinterpret_cast<const unsigned char *>(signature.constData()),
                                           static_cast<size_t>(signature.size()),
                                           reinterpret_cast<const unsigned char *>(jws.signingInput.constData()),
                                           static_cast<size_t>(jws.signingInput.size()));
        EVP_MD_CTX_free(context);
        if (right != 1)
            state.SkipWithError("the signature was refused");
    }
    EVP_PKEY_free(key);
}

/// As a program would that uses the C library of mod_oauth2's family; it checks no claims.
void cjoseVerification(benchmark::State &state, const QByteArray &algorithm)
{
    const Case subject = caseFor(algorithm);
    const QByteArray jwk = toJsonText(subject.key.publicJwk());
    cjose_err error{};
    cjose_jwk_t *key = cjose_jwk_import(jwk.constData(), static_cast<size_t>(jwk.size()), &error);
    for (auto _ : state) {
        cjose_jws_t *jws =
            cjose_jws_import(subject.token.constData(), static_cast<size_t>(subject.token.size()), &error);
        if (!jws || !cjose_jws_verify(jws, key, &error))
            state.SkipWithError("the token was refused");
        cjose_jws_release(jws);
    }
    cjose_jwk_release(key);
}

/// What comes before and after the signature.
void parsingAndClaims(benchmark::State &state)
{
    const Case subject = caseFor("RS256");
    const ClaimRules rules{.issuers = {QStringLiteral("https://login.example/realms/mcp")},
                           .audiences = {QStringLiteral("https://mcp.example/mcp")}};
    const TimePoint now{std::chrono::seconds(issuedAt + 60)};
    for (auto _ : state) {
        const auto jws = parseJws(subject.token);
        const auto payload = parseClaims(*jws);
        auto checks = checkClaims(jws->header, *payload, rules, now);
        benchmark::DoNotOptimize(checks);
    }
}

/// The signature check alone, by this library.
void signatureHere(benchmark::State &state, const QByteArray &algorithm)
{
    const Case subject = caseFor(algorithm);
    const Jws jws = parseJws(subject.token).value();
    for (auto _ : state)
        if (!verifySignature(jws, subject.key, asymmetricAlgorithmNames()))
            state.SkipWithError("the signature was refused");
}

BENCHMARK_CAPTURE(signatureOnly, RS256_OpenSSL, "RS256");
BENCHMARK_CAPTURE(signatureHere, RS256, "RS256");
BENCHMARK_CAPTURE(wholeVerification, RS256, "RS256");
BENCHMARK_CAPTURE(cjoseVerification, RS256, "RS256");
BENCHMARK_CAPTURE(signatureOnly, ES256_OpenSSL, "ES256");
BENCHMARK_CAPTURE(signatureHere, ES256, "ES256");
BENCHMARK_CAPTURE(wholeVerification, ES256, "ES256");
BENCHMARK_CAPTURE(cjoseVerification, ES256, "ES256");
BENCHMARK(parsingAndClaims);

} // namespace
} // namespace McpAuth::Jose

BENCHMARK_MAIN();
