#include "http/url.h"
#include "metadata/reference.h"
#include "oauth/firstrequest_p.h"
#include "oauth/refusal.h"
#include "oauth/untrusted_p.h"

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> invalidOptions(const QString &why)
{
    return fail(u"invalid_options"_s, why);
}

/// What the flow itself puts into the authorization request.
bool isOwnParameter(const std::pair<QString, QString> &parameter)
{
    static const QStringList own{u"response_type"_s, u"client_id"_s,      u"redirect_uri"_s,          u"scope"_s,
                                 u"state"_s,         u"code_challenge"_s, u"code_challenge_method"_s, u"resource"_s,
                                 u"prompt"_s};
    return own.contains(parameter.first);
}

Result<> checkOptions(Run &run)
{
    const FlowOptions &options = run.options;
    if (!Metadata::specificationRevisions().contains(options.revision))
        return invalidOptions(
            u"There is no revision %1 of the specification with an authorization chapter."_s.arg(options.revision));
    if (options.grant == GrantType::AuthorizationCode && !options.browser)
        return invalidOptions(u"The authorization code grant needs a browser."_s);
    const auto taken = std::ranges::find_if(options.authorizationParameters, isOwnParameter);
    if (taken != options.authorizationParameters.end())
        return invalidOptions(u"The authorization parameter %1 is the flow's own."_s.arg(taken->first));
    auto usable = checkUrl(run, u"The MCP server's URL"_s, options.mcpUrl);
    return usable || usable.error().code != u"invalid_url" ? usable : invalidOptions(usable.error().message);
}

Result<Refusal> refusalFrom(Run &run, const Http::ClientResponse &response)
{
    const QJsonObject details{{u"status"_s, response.status}, {u"url"_s, Http::shownUrl(response.url)}};
    const bool isSuccess = response.status >= 200 && response.status < 300;
    if (isSuccess && !rpcMessageIn(response.headers, response.body)) {
        run.failMessage(response.url, u"No JSON-RPC message."_s);
        return std::unexpected(notAnMcpServer(response));
    }
    if (isSuccess)
        return fail(u"no_authorization_needed"_s,
                    u"The MCP server answered HTTP %1 without asking who is calling."_s.arg(response.status), details);
    Refusal refusal{.status = response.status, .challenge = response.header("WWW-Authenticate")};
    if (response.status == 401)
        return refusal;
    const QString answer = u"The MCP server answered HTTP %1"_s.arg(response.status);
    if (response.status != 403 || refusal.challenge.isEmpty()) {
        run.failMessage(response.url, u"Neither a 401 nor a success."_s);
        return fail(u"mcp_unreachable"_s, answer + u", where a 401 or a success is expected: is this its endpoint?"_s,
                    details);
    }
    run.note(answer + u" to a request without a token: it must be 401."_s);
    return refusal;
}

void readChallenge(Run &run, const Http::Challenge &challenge)
{
    const QString named = QString::fromUtf8(challenge.parameter("resource_metadata"));
    if (named.contains("://"_L1))
        run.resourceMetadataUrl = named;
    else if (!named.isEmpty()) // a client goes on to the well-known places, as where there is none
        run.note(
            u"The challenge's resource_metadata must be an absolute URL (RFC 9728 §5.1), and is not used: %1"_s.arg(
                untrustedText(named)));
    run.challengedScopes = QString::fromUtf8(challenge.parameter("scope")).split(u' ', Qt::SkipEmptyParts);
    const std::pair<QLatin1StringView, QByteArray> parameters[] = {
        {"scheme"_L1, challenge.scheme},
        {"resource_metadata"_L1, challenge.parameter("resource_metadata")},
        {"scope"_L1, challenge.parameter("scope")},
        {"error"_L1, challenge.parameter("error")}};
    for (const auto &[name, value] : parameters) {
        if (!value.isEmpty())
            run.step.details.insert(name, QString::fromUtf8(value));
    }
}

/// What follows from the challenge, in words.
QString challengeDecision(const Run &run)
{
    const QString status = u"HTTP %1"_s.arg(run.refusedWith);
    const QString scopes =
        run.challengedScopes.isEmpty() ? QString() : u" It asks for %1."_s.arg(run.challengedScopes.join(u", "_s));
    if (!run.isSince(u"2025-06-18"))
        return status + u": authorization is needed, and the MCP server's origin has the way to it."_s + scopes;
    if (run.resourceMetadataUrl.isEmpty())
        return status + u" without resource_metadata: the well-known places are next."_s + scopes;
    return status + u" names the resource metadata: %1."_s.arg(run.resourceMetadataUrl) + scopes;
}

/// The server's fault, which is told; a client goes on to the well-known places (MCP 2025-11-25 and 2026-07-28,
/// Protected Resource Metadata Discovery Requirements).
void noteUnreadable(Run &run, const Refusal &refusal, const Error &why)
{
    const QString said = untrustedText(QString::fromUtf8(refusal.challenge));
    run.step.details.insert(u"www_authenticate"_s, said);
    run.note(
        u"The server's WWW-Authenticate is malformed (RFC 9110 §11.6.1), and nothing in it is used: %1 It reads: %2"_s
            .arg(why.message, said));
    run.step.decision = challengeDecision(run);
}

Result<> read(Run &run, const Refusal &refusal)
{
    run.refusedWith = refusal.status;
    run.step.details.insert(u"status"_s, refusal.status);
    const auto challenges = Http::parseChallenges(refusal.challenge);
    if (!challenges) {
        noteUnreadable(run, refusal, challenges.error());
        return {};
    }
    if (const Http::Challenge *challenge = decisiveChallenge(*challenges))
        readChallenge(run, *challenge);
    else if (run.isSince(u"2025-06-18"))
        run.note(u"There is no WWW-Authenticate with a Bearer challenge, which RFC 6750 §3 asks for."_s);
    run.step.decision = challengeDecision(run);
    return {};
}

} // namespace

QCoro::Task<Result<>> askServer(RunPointer run)
{
    if (auto usable = checkOptions(*run); !usable)
        co_return usable;
    co_await Run::lookUpServer(run);
    if (run->options.refusal)
        co_return read(*run, *run->options.refusal);
    const Result<FirstAnswer> answer = co_await sendFirstRequest(run, {});
    if (!answer)
        co_return fail(answer.error());
    const Result<Refusal> refusal = refusalFrom(*run, answer->response);
    if (!refusal)
        co_return fail(refusal.error());
    co_return read(*run, *refusal);
}

} // namespace McpAuth::OAuth
