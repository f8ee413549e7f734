#include "http/url.h"
#include "metadata/reference.h"
#include "oauth/flow_p.h"
#include "oauth/refusal.h"
#include "oauth/untrusted_p.h"

#include <QCoreApplication>

#include <algorithm>

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

std::unexpected<Error> invalidOptions(const QString &why)
{
    return fail(u"invalid_options"_s, why);
}

Result<> checkOptions(Run &run)
{
    const FlowOptions &options = run.options;
    if (!Metadata::specificationRevisions().contains(options.revision))
        return invalidOptions(
            u"There is no revision %1 of the specification with an authorization chapter."_s.arg(options.revision));
    if (options.grant == GrantType::AuthorizationCode && !options.openBrowser && !options.followRedirect)
        return invalidOptions(u"The authorization code grant needs a browser: openBrowser or followRedirect."_s);
    if (!options.redirectUri.isEmpty() && !options.followRedirect)
        return invalidOptions(u"A redirect URI without a listener needs followRedirect."_s);
    auto usable = checkUrl(run, u"The MCP server's URL"_s, options.mcpUrl);
    return usable || usable.error().code != u"invalid_url" ? usable : invalidOptions(usable.error().message);
}

const QString lastRevisionWithSessions = QStringLiteral("2025-11-25");

bool isStateless(const QString &revision)
{
    return revision >= u"2026-07-28";
}

QJsonObject clientInfo(const FlowOptions &options)
{
    const QString version = QCoreApplication::applicationVersion();
    return {{u"name"_s, options.clientMetadata.clientName}, {u"version"_s, version.isEmpty() ? u"0"_s : version}};
}

QJsonObject probeParams(const FlowOptions &options, const QString &revision)
{
    if (!isStateless(revision)) {
        return {{u"protocolVersion"_s, revision},
                {u"capabilities"_s, QJsonObject()},
                {u"clientInfo"_s, clientInfo(options)}};
    }
    const QJsonObject meta{{u"io.modelcontextprotocol/protocolVersion"_s, revision},
                           {u"io.modelcontextprotocol/clientInfo"_s, clientInfo(options)},
                           {u"io.modelcontextprotocol/clientCapabilities"_s, QJsonObject()}};
    return {{u"_meta"_s, meta}};
}

/// The first request that a client of the revision would send, without credentials.
Http::ClientRequest probeRequest(const FlowOptions &options, const QString &revision)
{
    const QString method = isStateless(revision) ? u"tools/list"_s : u"initialize"_s;
    Http::ClientRequest request;
    request.method = "POST";
    request.url = options.mcpUrl;
    request.headers.append(QHttpHeaders::WellKnownHeader::ContentType, "application/json");
    request.headers.append(QHttpHeaders::WellKnownHeader::Accept, "application/json, text/event-stream");
    if (isStateless(revision)) {
        request.headers.append("MCP-Protocol-Version", revision);
        request.headers.append("Mcp-Method", method);
    }
    request.body = toJsonText(QJsonObject{
        {u"jsonrpc"_s, u"2.0"_s}, {u"id"_s, 1}, {u"method"_s, method}, {u"params"_s, probeParams(options, revision)}});
    return request;
}

/// What a server says to a stateless request that knows sessions only (2026-07-28 Streamable HTTP, Backward
/// Compatibility).
bool isOfEarlierEra(const Result<Http::ClientResponse> &response)
{
    return response && (response->status == 400 || response->status == 404 || response->status == 405);
}

Result<Refusal> refusalFrom(Run &run, const Http::ClientResponse &response)
{
    const QJsonObject details{{u"status"_s, response.status}, {u"url"_s, response.url}};
    if (response.status >= 200 && response.status < 300)
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

QCoro::Task<Result<Refusal>> probe(RunPointer run)
{
    const QString revision = run->options.revision;
    Result<Http::ClientResponse> response = co_await send(run, probeRequest(run->options, revision));
    if (isStateless(revision) && isOfEarlierEra(response)) {
        run->note(u"HTTP %1 to a stateless request: asked again as before 2026-07-28."_s.arg(response->status));
        response = co_await send(run, probeRequest(run->options, lastRevisionWithSessions));
    }
    if (!response)
        co_return fail(because(response.error(), u"mcp_unreachable"_s, u"The MCP server did not answer."_s));
    co_return refusalFrom(*run, *response);
}

void readChallenge(Run &run, const Http::Challenge &challenge)
{
    run.resourceMetadataUrl = QString::fromUtf8(challenge.parameter("resource_metadata"));
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
    if (run->options.refusal)
        co_return read(*run, *run->options.refusal);
    const Result<Refusal> refusal = co_await probe(run);
    if (!refusal)
        co_return fail(refusal.error());
    co_return read(*run, *refusal);
}

} // namespace McpAuth::OAuth
