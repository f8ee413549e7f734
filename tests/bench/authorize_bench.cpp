// What a request pays for its token: with the cache of verified tokens, and without.
#include "bearer/bearerauth.h"
#include "jose/sign.h"

#include <QDateTime>

#include <benchmark/benchmark.h>

namespace McpAuth::Bearer {
namespace {

using namespace Qt::StringLiterals;

QByteArray tokenFor(const Jose::Key &key)
{
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    const QJsonObject claims{{u"iss"_s, u"https://login.example"_s},
                             {u"sub"_s, u"alice"_s},
                             {u"aud"_s, u"https://mcp.example/mcp"_s},
                             {u"client_id"_s, u"inspector"_s},
                             {u"scope"_s, u"read:todos create:todos"_s},
                             {u"iat"_s, now},
                             {u"exp"_s, now + 3600}};
    return Jose::signJwt({}, claims, key).value();
}

void authorize(benchmark::State &state, bool cache)
{
    const Jose::Key key = Jose::generateKey(*Jose::findAlgorithm("RS256")).value();
    const BearerAuth auth(
        {trustedIssuer(u"https://login.example"_s, std::make_shared<Jose::StaticKeys>(QList{key}))},
        {.requiredScopes = {u"read:todos"_s}, .audience = QStringList{u"https://mcp.example/mcp"_s}, .cache = cache});
    Http::Request request{.method = "POST", .target = "/mcp", .headers = {}, .body = {}, .peer = {}};
    request.headers.append(QHttpHeaders::WellKnownHeader::Authorization, "Bearer " + tokenFor(key));
    for (auto _ : state) {
        QCoro::Task<Verdict> task = auth.authorize(request);
        if (!task.isReady() || !task.operator co_await().await_resume().accepted)
            state.SkipWithError("the token was refused");
    }
}

BENCHMARK_CAPTURE(authorize, RS256_cached, true);
BENCHMARK_CAPTURE(authorize, RS256, false);

} // namespace
} // namespace McpAuth::Bearer

BENCHMARK_MAIN();
