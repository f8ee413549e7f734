// Flows as values: what the diagram, the list and the page are shown in tests.
#pragma once

#include "oauth/step.h"

#include <QTimeZone>

namespace McpAuth::Test {

struct Said
{
    OAuth::Actor from;
    OAuth::Actor to;
    QByteArray method;
    QString url;
    int status = 0;
    double ms = 0;
    QString failure = {};
    QByteArray answer = {};
};

inline OAuth::Message message(const Said &said)
{
    OAuth::Message message{said.from, said.to, {}, said.failure};
    Http::Exchange &exchange = message.exchange;
    exchange.method = said.method;
    exchange.url = said.url;
    exchange.status = said.status;
    exchange.durationMs = said.ms;
    exchange.started = QDateTime({2026, 11, 22}, {12, 1, 7, 412}, QTimeZone::UTC);
    exchange.requestHeaders.append("Accept", "application/json");
    if (said.status != 0) {
        exchange.responseHeaders.append("Content-Type", "application/json");
        exchange.responseBody = said.answer.isEmpty() ? QByteArray("{}") : said.answer;
        exchange.responseBodySize = exchange.responseBody.size();
    }
    return message;
}

struct Told
{
    OAuth::StepKind kind;
    QString decision;
    QString rule;
    QList<Said> messages;
    QStringList notes = {};
};

inline OAuth::Step done(const Told &told)
{
    OAuth::Step step;
    step.kind = told.kind;
    step.state = OAuth::StepState::Done;
    step.decision = told.decision;
    step.rule = told.rule;
    step.reference = QStringLiteral("https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization");
    step.notes = told.notes;
    for (const Said &said : told.messages)
        step.messages.append(message(said));
    return step;
}

/// All seven steps, done, at a server and a provider on loopback.
inline QList<OAuth::Step> wholeFlow()
{
    using namespace Qt::StringLiterals;
    using enum OAuth::Actor;
    using enum OAuth::StepKind;
    const auto mcp = u"http://127.0.0.1:45049"_s;
    const auto provider = u"http://127.0.0.1:39769"_s;
    const auto redirect = u"http://127.0.0.1:51717/callback"_s;
    return {
        done({Challenge,
              u"The server refused with 401 and names its metadata: %1/.well-known/oauth-protected-resource/mcp."_s.arg(
                  mcp),
              u"RFC 9728 §5.1"_s,
              {{Client, McpServer, "POST", mcp + u"/mcp"_s, 401, 3.1}}}),
        done({ResourceMetadata,
              u"The resource is %1/mcp, byte for byte the server's URL; its authorization server is %2."_s.arg(
                  mcp, provider),
              u"RFC 9728 §3.3"_s,
              {{Client, McpServer, "GET", mcp + u"/.well-known/oauth-protected-resource/mcp"_s, 200, 1.4}}}),
        done({ProviderMetadata,
              u"The issuer is the one that was asked for, and PKCE with S256 is offered."_s,
              u"RFC 8414 §3.3"_s,
              {{Client, AuthorizationServer, "GET", provider + u"/.well-known/oauth-authorization-server"_s, 404, 6.7,
                u"Not here; the next place is asked."_s},
               {Client, AuthorizationServer, "GET", provider + u"/.well-known/openid-configuration"_s, 200, 4.2}}}),
        done({Registration,
              u"Registered dynamically as client_7f3a: nothing was known before, and the provider takes no metadata "
              "documents."_s,
              u"RFC 7591 §3.1"_s,
              {{Client, AuthorizationServer, "POST", provider + u"/register"_s, 201, 11.8}}}),
        done({Authorization,
              u"Asked for create:todos read:todos with PKCE (S256), state, and the resource %1/mcp."_s.arg(mcp),
              u"2026-07-28, Scope Selection Strategy"_s,
              {{Browser, AuthorizationServer, "GET",
                provider + u"/authorize?response_type=code&client_id=client_7f3a&code_challenge_method=S256"_s}}}),
        done({AuthorizationResponse,
              u"state is the one sent, and iss is the issuer."_s,
              u"RFC 9207 §2.4"_s,
              {{Browser, Client, "GET", redirect + u"?code=…&state=…&iss=…"_s, 200, 0.6}}}),
        done({Token,
              u"An access token for 900 seconds with create:todos read:todos, and a refresh token."_s,
              u"RFC 6749 §5.1"_s,
              {{Client, AuthorizationServer, "POST", provider + u"/token"_s, 200, 9.3}}}),
    };
}

/// The provider's metadata lacks S256: the third step failed, the others wait.
inline QList<OAuth::Step> failedFlow()
{
    using namespace Qt::StringLiterals;
    QList<OAuth::Step> steps = wholeFlow();
    OAuth::Step &failed = steps[2];
    failed.state = OAuth::StepState::Failed;
    failed.decision.clear();
    failed.error = {u"pkce_not_supported"_s,
                    u"The metadata has no code_challenge_methods_supported: since 2025-11-25 a client must refuse."_s,
                    {}};
    failed.messages.last().failure = failed.error.message;
    for (qsizetype i = 3; i < steps.size(); ++i) {
        steps[i].state = OAuth::StepState::Waiting;
        steps[i].messages.clear();
        steps[i].decision.clear();
    }
    return steps;
}

/// The fourth step runs.
inline QList<OAuth::Step> runningFlow()
{
    QList<OAuth::Step> steps = failedFlow();
    steps[2] = wholeFlow().at(2);
    steps[3].state = OAuth::StepState::Running;
    return steps;
}

} // namespace McpAuth::Test
