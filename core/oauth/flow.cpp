#include "oauth/flow.h"

#include "metadata/reference.h"
#include "oauth/flow_p.h"
#include "oauth/race_p.h"

#include <array>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

/// Why a step has no place in this flow; empty when it has.
QString neverSkipped(const Run & /*run*/)
{
    return {};
}

QString skippedWithoutResources(const Run &run)
{
    if (run.isSince(u"2025-06-18"))
        return {};
    return u"2025-03-26 has no resource metadata: the provider is the MCP server's origin."_s;
}

QString skippedForMachines(const Run &run)
{
    if (run.options.grant == GrantType::AuthorizationCode)
        return {};
    return u"The client credentials grant needs no user, and so no browser."_s;
}

QString skippedOnWish(const Run &run)
{
    if (run.options.tryToken)
        return {};
    return u"The caller's own request comes next."_s;
}

struct Stage
{
    StepKind kind;
    Actor asked;
    QString (*skipped)(const Run &run);
    QCoro::Task<Result<>> (*take)(RunPointer run);
    QStringView rule;
    QLatin1StringView reference; ///< empty: the step says
};

constexpr std::array stages{
    Stage{StepKind::Challenge, Actor::McpServer, neverSkipped, askServer, u"RFC 9728 §5.1",
          "https://www.rfc-editor.org/rfc/rfc9728#section-5.1"_L1},
    Stage{StepKind::ResourceMetadata, Actor::McpServer, skippedWithoutResources, findResourceMetadata, u"RFC 9728 §3",
          "https://www.rfc-editor.org/rfc/rfc9728#section-3"_L1},
    Stage{StepKind::ProviderMetadata, Actor::AuthorizationServer, neverSkipped, findProviderMetadata, u"RFC 8414 §3",
          "https://www.rfc-editor.org/rfc/rfc8414#section-3"_L1},
    Stage{StepKind::Registration, Actor::AuthorizationServer, neverSkipped, findClient, u"MCP client registration", {}},
    Stage{StepKind::Authorization, Actor::AuthorizationServer, skippedForMachines, requestAuthorization,
          u"RFC 7636 §4.3, RFC 8707 §2", "https://www.rfc-editor.org/rfc/rfc7636#section-4.3"_L1},
    Stage{StepKind::AuthorizationResponse, Actor::AuthorizationServer, skippedForMachines, awaitResponse,
          u"RFC 9207 §2.4", "https://www.rfc-editor.org/rfc/rfc9207#section-2.4"_L1},
    Stage{StepKind::Token, Actor::AuthorizationServer, neverSkipped, requestToken, u"RFC 6749 §4.1.3",
          "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3"_L1},
    Stage{StepKind::Call, Actor::McpServer, skippedOnWish, callServer, u"RFC 6750 §2.1",
          "https://www.rfc-editor.org/rfc/rfc6750#section-2.1"_L1},
};

QCoro::Task<Result<>> passGate(RunPointer run, StepKind next)
{
    if (run->isStopped())
        co_return fail(cancelledError());
    if (!run->options.gate)
        co_return Result<>();
    QCoro::Task<Result<>> opened = withResult(run->options.gate(next));
    const Result<> passed = co_await raced(std::move(opened), run->stop());
    if (passed && run->isStopped())
        co_return fail(cancelledError());
    co_return passed;
}

void begin(Run &run, const Stage &stage)
{
    run.begin(stage.kind, stage.asked);
    const QString registration = Metadata::referenceUrl(Metadata::Rule::Registration, run.options.revision);
    run.cite(stage.rule.toString(), stage.reference.isEmpty() ? registration : QString(stage.reference));
}

QCoro::Task<Result<>> perform(RunPointer run, Stage stage)
{
    if (const QString reason = stage.skipped(*run); !reason.isEmpty()) {
        begin(*run, stage);
        run->step.decision = reason;
        run->end(StepState::Skipped);
        co_return Result<>();
    }
    Result<> outcome = co_await passGate(run, stage.kind);
    begin(*run, stage);
    if (outcome) {
        run->changed();
        outcome = co_await stage.take(run);
    }
    if (!outcome && mayBeForgotten(*run, outcome.error())) {
        outcome.error().details.insert(u"stored_client"_s, run->client.clientId);
        outcome.error().message +=
            u" The provider may have forgotten the stored registration %1: register again."_s.arg(run->client.clientId);
    }
    if (!outcome) {
        run->step.error = outcome.error();
        run->step.decision = outcome.error().message;
    }
    run->end(outcome ? StepState::Done : StepState::Failed);
    co_return outcome;
}

Authorization authorizationOf(const Run &run)
{
    return {.mcpUrl = run.options.mcpUrl,
            .resource = run.resource,
            .server = run.server,
            .client = run.client,
            .requestedScopes = run.scopes,
            .tokens = run.tokens};
}

} // namespace

QCoro::Task<Result<Authorization>> authorize(Http::Client *client, FlowOptions options)
{
    if (!client)
        co_return fail(u"invalid_options"_s, u"The flow needs an HTTP client."_s);
    const auto run = std::make_shared<Run>(client, std::move(options));
    Result<> outcome;
    for (const Stage &stage : stages) {
        outcome = co_await perform(run, stage);
        const bool keepsTokens = stage.kind == StepKind::Call && !run->isStopped();
        if (!outcome && !keepsTokens)
            co_return fail(outcome.error());
    }
    Authorization authorization = authorizationOf(*run);
    if (!outcome)
        authorization.callError = outcome.error();
    co_return authorization;
}

} // namespace McpAuth::OAuth
