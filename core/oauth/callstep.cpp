#include "http/url.h"
#include "oauth/firstrequest_p.h"
#include "oauth/refusal.h"
#include "oauth/untrusted_p.h"

namespace McpAuth::OAuth {

using namespace Qt::StringLiterals;

namespace {

QString shownAnswer(const FirstAnswer &answer)
{
    return u"HTTP %1 to %2"_s.arg(QString::number(answer.response.status), answer.method);
}

Error refusalError(const FirstAnswer &answer, const Secret &token)
{
    const Http::ClientResponse &response = answer.response;
    const Refusal refusal{
        .status = response.status, .challenge = response.header("WWW-Authenticate"), .body = response.body};
    const bool lacksScopes = toJson(refusal, token).value(u"error") == u"insufficient_scope"_s;
    return lacksScopes ? insufficientScope(refusal, token) : freshTokenRefused(refusal, token);
}

/// A JSON-RPC error speaks of the request, not of the token: who refuses a token says 401 or 403 (RFC 6750 §3.1).
Result<> judge(Run &run, const FirstAnswer &answer)
{
    const Http::ClientResponse &response = answer.response;
    run.step.details = {{u"status"_s, response.status}, {u"method"_s, answer.method}};
    if (response.status == 401 || response.status == 403)
        return std::unexpected(refusalError(answer, run.tokens.accessToken));
    const std::optional<QJsonObject> message = rpcMessageIn(response.headers, response.body);
    const bool isSuccess = response.status >= 200 && response.status < 300;
    if (isSuccess && !message)
        return std::unexpected(notAnMcpServer(response));
    const bool isRpcError = message && message->value("error"_L1).isObject();
    if (!isSuccess && (!isRpcError || response.status >= 500))
        return fail(u"mcp_unreachable"_s,
                    u"The MCP server answered %1, which says nothing about the token."_s.arg(shownAnswer(answer)),
                    {{u"status"_s, response.status}, {u"url"_s, Http::shownUrl(response.url)}});
    if (isRpcError)
        run.note(u"The server took the token, and refused the request itself: %1"_s.arg(
            untrustedText(message->value("error"_L1)["message"_L1].toString())));
    run.step.decision = u"The MCP server accepted the token: %1."_s.arg(shownAnswer(answer));
    return {};
}

} // namespace

QCoro::Task<Result<>> callServer(RunPointer run)
{
    const Result<FirstAnswer> answer = co_await sendFirstRequest(run, run->tokens.accessToken);
    if (!answer)
        co_return fail(answer.error());
    Result<> judged = judge(*run, *answer);
    if (!judged)
        run->failMessage(answer->response.url, judged.error().message);
    co_return judged;
}

} // namespace McpAuth::OAuth
